-- Misuse where something enters that is no parameter of a request: hosts,
-- contexts, environment variables, functions of modules.

local daytona = require "daytona"
local entries = require "spec.support.misuse_entries"
local loop = require "daytona.host.loop"
local support = require "spec.support"

describe("misuse", function()
  local server, client, kit

  support.serve_faults(function(...)
    server, client = ...
    local other = support.sandbox(client, server, "json", { body = '{"id": "c", "cwd": "/", "language": "python"}' })
    kit = { sandbox = client:sandbox {
      id = "sb-2", state = "started", toolbox_proxy_url = server:url "/fault/ok-json",
    } }
    kit.job = require("daytona.process.job").new(kit.sandbox, "s", "c")
    kit.context = assert(other.code_interpreter:create_context())
  end, {})

  local function check(cases)
    local before = #server:requests()
    for i, case in ipairs(cases) do
      local label = ("%s, case %d"):format(case[1], i)
      local ok, message = loop.pcall(function() -- in which a task can wait on plain 5.1
        local value = case[2](kit)
        return value
      end)
      assert.is_false(ok, label .. ": nothing was raised")
      assert.equal(case[3], support.strip_position(message), label)
      assert.truthy(message:find "misuse_entries[_spec]*%.lua:%d+: ", label .. ": " .. message)
    end
    assert.equal(before, #server:requests(), "something was sent")
  end

  it("of hosts, contexts, streams and modules is told to who did it", function()
    check(entries.outside)
  end)

  it("of the loop and its tasks is told to who did it", function()
    loop.run(check, entries.in_task)
  end)

  it("in the environment is told with the name of the variable", function()
    local getenv = os.getenv
    local function new(variables)
      os.getenv = function(name) -- luacheck: ignore
        return variables[name]
      end
      local ok, message = pcall(daytona.new)
      os.getenv = getenv -- luacheck: ignore
      return ok, message
    end
    for i, case in ipairs(entries.environment) do
      local ok, message = new(case[1])
      assert.is_false(ok, "case " .. i)
      assert.equal("daytona.new: " .. case[2], support.strip_position(message))
    end
  end)

  it("of a program that is not there names the variable that named it", function()
    local output = support.run(support.lua_command([[
      local server, err = require("daytona").testing.start()
      io.write(tostring(server), " ", tostring(err))
    ]], { DAYTONA_LOCAL = "/no/such/program" }))
    assert.truthy(output:find("^nil testing.start failed: daytona%-local did not start: "
      .. "DAYTONA_LOCAL %(/no/such/program%): .*not found %(connection%)$"), output)
    output = support.run(support.lua_command([[
      local server, err = require("daytona").testing.start()
      io.write(tostring(server), " ", tostring(err))
    ]], { TMPDIR = "/no/such/directory" }))
    assert.truthy(output:find("TMPDIR: .*/no/such/directory"), output)
    assert.falsy(output:find("may have acted", 1, true), output)
  end)
end)
