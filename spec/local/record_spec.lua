-- What the server keeps of its exchanges for tests, when it is asked to.

local control = require "spec.local.control_support"
local support = require "spec.support"

local json = support.json

describe("DAYTONA_LOCAL_RECORD", function()
  local directory, server, id

  -- What is recorded of requests with this text in their path, once there are
  -- `count` lines of it.
  local function recorded(part, count)
    local found
    support.eventually(function()
      found = {}
      for line in support.read_file(("%s/%d.jsonl"):format(directory, server.pid)):gmatch "[^\n]+" do
        local exchange = json.decode(line)
        if exchange.path:find(part, 1, true) then
          found[#found + 1] = exchange
        end
      end
      return #found >= count
    end, nil, count .. " lines about " .. part)
    assert.equal(count, #found)
    return found
  end

  setup(function()
    directory = support.temp_dir()
    server = control.serve { env = "DAYTONA_LOCAL_RECORD=" .. support.quote(directory) }
    id = server:create({ name = "box", labels = { a = "1" } }).id
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  it("writes each exchange that differs, once", function()
    for _ = 1, 3 do
      server:call("GET", "/sandbox/nobody?verbose=" .. math.random(100))
    end
    assert(server:call("GET", "/snapshots/daytona-small"))
    server:call("GET", "/snapshots/daytona-smallest")
    assert.equal("small", recorded("/snapshots/", 2)[1].path:match "%-(%a+)$")
    local exchange = recorded("/nobody", 1)[1]
    support.eq({
      method = "GET", path = "/api/sandbox/nobody", query = support.any_string, status = 404,
      agent = support.any_string, request = { type = "", empty = true, cut = false },
      answer = { type = "application/json; charset=utf-8", empty = false, cut = false, json = {
        path = support.any_string, timestamp = support.any_string, statusCode = 404,
        error = "Not Found", message = "Sandbox with ID or name nobody not found",
      } },
    }, exchange)
  end)

  it("writes what a toolbox answers, small or large, and no credential", function()
    assert.equal("x\n", server:sh(id, "echo x"))
    server:sh(id, "yes | head -c 100000")
    local found = recorded("/process/execute", 2)
    local small, large = found[1], found[2]
    support.eq({ exitCode = 0, result = "x\n" }, small.answer.json)
    support.eq({ command = "echo x" }, small.request.json)
    assert.is_nil(large.answer.json)
    assert.is_true(large.answer.cut)
    local all = support.read_file(("%s/%d.jsonl"):format(directory, server.pid))
    assert.is_nil(all:find(server.api_key, 1, true))
  end)

  it("keeps what it wrote from others", function()
    assert.equal("600\n", (support.run(("stat -c %%a %s/*"):format(support.quote(directory)))))
  end)

  it("writes nothing as another server, nor where it cannot", function()
    local other = support.temp_dir()
    local older = control.serve {
      env = "DAYTONA_LOCAL_RECORD=" .. support.quote(other), arguments = "--as v0.190",
    }
    assert(older:call("GET", "/snapshots"))
    older:stop()
    assert.equal("", (support.run("ls " .. support.quote(other))))
    local said, status = support.run("DAYTONA_LOCAL_RECORD=/nowhere/at/all "
      .. support.quote(os.getenv "DAYTONA_LOCAL") .. " serve --while-read --data "
      .. support.quote(control.data()) .. " 2>&1")
    assert.truthy(said:find("DAYTONA_LOCAL_RECORD: /nowhere/at/all: No such file or directory", 1, true))
    assert.equal(1, status)
  end)
end)
