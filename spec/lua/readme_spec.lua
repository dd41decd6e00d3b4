-- The Lua of the README and of the guide runs as it stands there, but for the
-- server, which is a local one.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local function blocks(path)
  local list = {}
  for text in support.read_file(path):gmatch "```lua\n(.-)```" do
    list[#list + 1] = text
  end
  return list
end

--- The block of the guide that has this text.
local function block_with(part)
  for _, text in ipairs(blocks "doc/guide.md") do
    if text:find(part, 1, true) then
      return text
    end
  end
  error("no example has " .. part)
end

describe("the README", function()
  local daytona = require "daytona"
  local server, client

  setup(function()
    server = e2e.start()
    client = e2e.check(server:client())
  end)

  teardown(function()
    client:close()
    server:stop()
  end)

  -- Runs a block with `globals`; what it prints is the result.
  local function run(text, globals)
    local printed = {}
    local environment = setmetatable({
      -- Lua 5.1's assert takes only strings.
      assert = e2e.check,
      print = function(...)
        local line = {}
        for index = 1, select("#", ...) do
          line[index] = tostring((select(index, ...)))
        end
        printed[#printed + 1] = table.concat(line, "\t")
      end,
      require = function(name)
        if name ~= "daytona" then
          return require(name)
        end
        return setmetatable({
          new = function()
            return server:client()
          end,
        }, { __index = daytona })
      end,
    }, { __index = _G })
    for name, value in pairs(globals or {}) do
      environment[name] = value
    end
    local chunk
    if setfenv then
      chunk = assert(loadstring(text))
      setfenv(chunk, environment)
    else
      chunk = assert(load(text, "=README", "t", environment))
    end
    chunk()
    return table.concat(printed, "\n")
  end

  it("has fifteen lines that work, and leave nothing behind", function()
    local text = blocks("README.md")[1]
    local printed = run(text, { require = require })
    assert.truthy(printed:find("(started)\n42\n", 1, true), printed)
    assert.truthy(printed:find('stdout = "2 data.csv\\n"', 1, true), printed)
    assert.truthy(printed:find("data.csv\t8\t0644", 1, true))
    assert.truthy(printed:find("not_found 404", 1, true))
    local _, lines = text:gsub("[^\n]+", "")
    assert.equal(15, lines)
    local example = support.read_file "examples/first.lua"
    assert.equal(text, example:sub(-#text)) -- which is what people are told to run
  end)

  it("makes a client, leads a sandbox and moves files", function()
    local directory = support.temp_dir()
    support.write_file(directory .. "/data.csv", "a,b\n1,2\n")
    run(block_with "daytona.new()")
    run(block_with "sandbox:stop()", { client = client })
    local sandbox = e2e.check(client:create())
    local text = block_with('"copy.csv"'):gsub('"data.csv"', ("%q"):format(directory .. "/data.csv"))
      :gsub('"copy.csv"', ("%q"):format(directory .. "/copy.csv"))
    local written = {}
    run(text, { sandbox = sandbox, io = { write = function(chunk)
      written[#written + 1] = chunk
    end } })
    assert.equal("a,b\n1,2\n", table.concat(written))
    assert.equal("a,b\n1,2\n", support.read_file(directory .. "/copy.csv"))
    e2e.check(sandbox:delete())
    support.remove_tree(directory)
  end)

  it("shows an error as it is", function()
    local sandbox = e2e.check(client:create())
    local printed = run(block_with "get_file_info", { sandbox = sandbox })
    assert.truthy(printed:find(e2e.due("^fs.get_file_info failed: file not found: nowhere %(not_found 404%), sandbox",
      "^fs.get_file_info failed: Not Found %(not_found 404%), path 'nowhere', sandbox")), printed)
    assert.truthy(printed:find "\nnot_found$")
    e2e.check(sandbox:delete())
  end)

  it("runs commands and what lives on", function()
    local written = {}
    local file = { write = function(_, chunk) written[#written + 1] = chunk end }
    local printed = run(block_with "process:start", { client = client, io = { stdout = file, stderr = file } })
    assert.truthy(printed:find("^3\thello it's me\n\nexit\t2\n0\n/tmp\n1\n\n7\n42\n$"), printed)
    assert.equal("1\n2\n3\n", table.concat(written))
  end)

  it("calls an agent action", function()
    local sandbox = e2e.check(client:create())
    local text = block_with("actions.bind"):gsub("apiKey = key,", "apiKey = key, apiUrl = url,")
    local replied
    run(text, { daytona = daytona, key = server.api_key, url = server.api_url, call = {
      name = "daytona_execute_command", arguments = { sandboxId = sandbox.id, command = "echo hello", timeout = "10" },
    }, reply = function(reply)
      replied = reply
    end })
    assert.same({ exitCode = 0, result = "hello\n" }, support.json.decode(replied))
    e2e.check(sandbox:delete())
  end)

  it("has a test that works", function()
    local failure
    local function at_once(_, fn)
      fn()
    end
    local steps = {}
    local globals = {
      require = require, describe = at_once, it = at_once, teardown = function(fn)
        steps.teardown = fn
      end, setup = function(fn)
        fn()
      end,
      assert = setmetatable({ equal = function(expected, got)
        failure = expected ~= got and ("%s is not %s"):format(got, expected) or nil
      end }, { __call = function(_, ...)
        return e2e.check(...)
      end }),
    }
    run(block_with "counts lines", globals)
    steps.teardown()
    assert.is_nil(failure)
  end)
end)
