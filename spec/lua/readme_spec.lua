-- The Lua of the README runs as it stands there, but for the server and the
-- repository, which are local.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local function blocks()
  local list = {}
  for text in support.read_file "README.md":gmatch "```lua\n(.-)```" do
    list[#list + 1] = text
  end
  return list
end

describe("the README", function()
  local daytona = require "daytona"
  local server, git, client

  setup(function()
    git = support.git_server()
    server = e2e.start(nil, nil, { git })
    client = e2e.check(server:client())
  end)

  teardown(function()
    client:close()
    server:stop()
    git:close()
  end)

  -- Runs a block with `globals`; what it prints is the result.
  local function run(text, globals)
    local printed = {}
    text = text:gsub("https://github.com/lua/lua", git:url "/public/demo.git")
      :gsub('branch = "master"', 'branch = "main"')
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

  it("has fifteen lines that work", function()
    local directory = support.temp_dir()
    support.write_file(directory .. "/data.csv", "a,b\n1,2\n")
    local text = blocks()[1]:gsub('"data.csv", "work/"', ('%q, "work/"'):format(directory .. "/data.csv"))
      :gsub('"copy.csv"', ("%q"):format(directory .. "/copy.csv"))
    local printed = run(text)
    assert.truthy(printed:find("^42\n"))
    assert.truthy(printed:find("0\t2 data.csv", 1, true))
    assert.truthy(printed:find("data.csv\t8\t0644", 1, true))
    assert.equal("a,b\n1,2\n", support.read_file(directory .. "/copy.csv"))
    support.remove_tree(directory)
  end)

  it("starts a server of its own", function()
    run(blocks()[2] .. "\nassert(client:get_config()) client:close() server:stop()")
  end)

  it("shows an error as it is", function()
    local sandbox = e2e.check(client:create())
    local printed = run(blocks()[3], { sandbox = sandbox })
    assert.truthy(printed:find(e2e.due("^fs.get_file_info failed: file not found: nowhere %(not_found 404%), sandbox",
      "^fs.get_file_info failed: Not Found %(not_found 404%), path 'nowhere', sandbox")), printed)
    assert.truthy(printed:find "\nnot_found$")
    e2e.check(sandbox:delete())
  end)

  it("runs commands and what lives on", function()
    local written = {}
    local file = { write = function(_, chunk) written[#written + 1] = chunk end }
    local printed = run(blocks()[4], { client = client, io = { stdout = file, stderr = file } })
    assert.truthy(printed:find("^3\thello it's me\n\nexit\t2\n0\n/tmp\n1\n\n7\n42\n$"), printed)
    assert.equal("1\n2\n3\n", table.concat(written))
  end)

  it("calls an agent action", function()
    local sandbox = e2e.check(client:create())
    local text = blocks()[5]:gsub("apiKey = key,", "apiKey = key, apiUrl = url,")
    local replied
    run(text, { daytona = daytona, key = server.api_key, url = server.api_url, call = {
      name = "daytona_execute_command", arguments = { sandboxId = sandbox.id, command = "echo hello", timeout = "10" },
    }, reply = function(reply)
      replied = reply
    end })
    assert.same({ exitCode = 0, result = "hello\n" }, support.json.decode(replied))
    e2e.check(sandbox:delete())
  end)
end)
