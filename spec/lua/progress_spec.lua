-- daytona.progress: a bar for terminals, nothing elsewhere.

local daytona = require "daytona"
local support = require "spec.support"

describe("daytona.progress", function()
  local function screen()
    local drawn = {}
    return {
      write = function(_, ...) drawn[#drawn + 1] = table.concat { ... } end,
      flush = function() end,
    }, drawn
  end

  it("draws how far it is", function()
    local stream, drawn = screen()
    local on_progress = daytona.progress { stream = stream, terminal = true, label = "data.csv" }
    assert.is_nil(on_progress(512, 2048))
    assert.is_nil(on_progress(2048, 2048))
    assert.equal(2, #drawn)
    assert.truthy(drawn[1]:match("^\rdata.csv %[######" .. ("%-"):rep(18) .. "%]  25%% 512 B  .*/s  %d+:%d%d left$"),
      drawn[1])
    assert.truthy(drawn[2]:match "^\rdata.csv %[########################%] 100%% 2.0 KiB  .*/s +\n$", drawn[2])
  end)

  it("does without a total", function()
    local stream, drawn = screen()
    local on_progress = daytona.progress { stream = stream, terminal = true }
    on_progress(3 * 2 ^ 30)
    assert.truthy(drawn[1]:match "^\r3.0 GiB  .*/s$", drawn[1])
  end)

  it("draws an empty file", function()
    local stream, drawn = screen()
    daytona.progress { stream = stream, terminal = true } (0, 0)
    assert.same({ "\r0 B\n" }, drawn)
  end)

  it("ends once, and begins anew with another attempt", function()
    local stream, drawn = screen()
    local on_progress = daytona.progress { stream = stream, terminal = true }
    for _, done in ipairs { 10, 10, 2, 10, 10 } do
      on_progress(done, 10)
    end
    local _, ends = table.concat(drawn):gsub("\n", "")
    assert.equal(2, ends)
  end)

  it("does not draw more often than can be seen", function()
    local stream, drawn = screen()
    local on_progress = daytona.progress { stream = stream, terminal = true }
    for done = 1, 1000 do
      on_progress(done, 100000)
    end
    assert.is_true(#drawn < 100)
  end)

  it("is silent where there is no terminal", function()
    local stream, drawn = screen()
    daytona.progress { stream = stream } (1, 1)
    assert.same({}, drawn)
    local code = 'require("daytona").progress()(1, 1)'
    assert.equal("", (support.run(support.lua_command(code))))
    local file = assert(io.open("/dev/null", "w"))
    file:close()
    daytona.progress { stream = file } (1, 1)
  end)

  it("speaks to a terminal", function()
    local code = 'require("daytona").progress()(1, 1)'
    local output = support.run("python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' sh -c "
      .. support.quote(support.lua_command(code)) .. " < /dev/null")
    assert.truthy(output:find("100% 1 B", 1, true), output)
  end)

  it("names what is wrong with its options", function()
    local function raises(message, options)
      assert.equal("daytona.progress: " .. message, support.raised(daytona.progress, options))
    end
    raises("options: table expected, got number", 1)
    raises("unknown option 'lable' (did you mean 'label'?)", { lable = "" })
    raises("field 'terminal': boolean expected, got string", { terminal = "yes" })
  end)
end)
