-- What is waited for after a sandbox's operation, and what a client says before it has any.

local daytona = require "daytona"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

-- What a real server does only when it is unwell.
describe("a sandbox that does not start", function()
  local server, client
  local function sandbox(state, more)
    return { body = ([[{"id": "sb-9", "name": "sb-9", "state": %q, "desiredState": "started",
      "labels": {} %s}]]):format(state, more or "") }
  end

  support.serve_faults(function(...)
    server, client = ...
  end, {})

  before_each(function()
    server:reset()
  end)

  local function then_answers(answer)
    answer.times = 0
    server:script({ method = "GET", path = "/api/sandbox/sb-9" }, { answer })
  end

  it("in time gives an error with its id", function()
    server:script({ method = "POST" }, { sandbox "creating" })
    then_answers(sandbox "creating")
    local seconds, created, err = support.timed(client.create, client, { timeout = 0.3 })
    err = fails({ kind = "timeout", sandbox_id = "sb-9", state = "creating", outcome = "unknown" }, created, err)
    assert.truthy(tostring(err):find("sb-9", 1, true))
    assert.is_true(seconds > 0.25 and seconds < 10, seconds)
  end)

  it("at all gives an error with its id and the reason", function()
    for _, state in ipairs { "error", "build_failed", "destroyed" } do
      server:reset()
      server:script({ method = "POST" }, { sandbox "creating" })
      then_answers(sandbox(state, [[, "errorReason": "no disk"]]))
      fails({ kind = "state", sandbox_id = "sb-9", state = state, outcome = "failed", message = "no disk" },
        client:create())
    end
  end)

  it("because no runner was free in time says so", function()
    server:script({ method = "POST" }, { sandbox("pulling_snapshot", [[, "queueTimeout": 5]]) })
    then_answers(sandbox("destroyed", [[, "queueTimeout": 5, "queueTimedOutAt": "2026-01-01T00:05:00.000Z"]]))
    fails({ kind = "state", sandbox_id = "sb-9", state = "destroyed", message = "destroyed: it had no runner in time" },
      client:create { queue_timeout = 5 })
    local body = support.json.decode(server:requests()[1].body)
    assert.equal(5, body.queueTimeout)
    local found = check(client:get "sb-9")
    assert.equal("5", tostring(found.queue_timeout))
    assert.equal("2026-01-01T00:05:00.000Z", found.queue_timed_out_at)
  end)

  it("because the server breaks down gives an error with its id", function()
    server:script({ method = "POST" }, { sandbox "creating" })
    then_answers { status = 500, body = [[{"message": "oops"}]] }
    fails({ kind = "timeout", sandbox_id = "sb-9", message = "the last look failed: " },
      client:create { timeout = 0.5 })
  end)

  it("is not waited for for ever when it is gone", function()
    server:script({ method = "POST" }, { sandbox "creating" })
    then_answers { status = 404, body = [[{"message": "not there"}]] }
    fails({ kind = "not_found", sandbox_id = "sb-9" }, client:create())
  end)

  it("before it does is waited for", function()
    server:script({ method = "POST" }, { sandbox "creating" })
    server:script({ method = "GET" }, { sandbox "creating", sandbox "stopped", sandbox "starting", sandbox "started" })
    assert.equal("started", check(client:create()).state)
    assert.equal(5, #server:requests())
  end)
end)

describe("an answer that says it is done", function()
  local server, client

  support.serve_faults(function(...)
    server, client = ...
  end, {})

  it("is not asked about again", function()
    for method, state in pairs { create = "started", start = "started", recover = "started", stop = "stopped",
      delete = "destroyed" } do
      server:reset()
      server:script({}, { { body = ([[{"id": "sb-9", "name": "sb-9", "state": %q}]]):format(state), times = 0 } })
      local sandbox = method == "create" and check(client:create()) or client:sandbox "sb-9"
      if method ~= "create" then
        check(sandbox[method](sandbox))
      end
      assert.equal(state, sandbox.state)
      assert.equal(1, #server:requests(), method)
    end
  end)

  it("not yet is waited for, and a handle of before is read first", function()
    server:reset()
    server:script({ method = "POST" }, { { body = [[{"id": "sb-9", "name": "sb-9", "state": "stopping"}]] } })
    server:script({ method = "GET" }, { { body = [[{"id": "sb-9", "name": "sb-9", "state": "stopped"}]], times = 0 } })
    local sandbox = check(client:stop "sb-9")
    assert.equal("stopped", sandbox.state)
    assert.equal(2, #server:requests())
    check(sandbox:wait_until_stopped())
    assert.equal(3, #server:requests())
  end)
end)

describe("a client without credentials", function()
  it("names the variables", function()
    local code = [[
      local client, err = require("daytona").new()
      assert(client == nil)
      print(err.kind, err.operation, err.message)
    ]]
    local output, status = support.run(support.lua_command(code, {
      DAYTONA_API_KEY = false, DAYTONA_JWT_TOKEN = false, DAYTONA_ORGANIZATION_ID = false,
    }))
    assert.equal(0, status, output)
    assert.truthy(output:find "^unauthorized\tdaytona.new\t")
    assert.truthy(output:find("DAYTONA_API_KEY", 1, true))
    assert.truthy(output:find("DAYTONA_JWT_TOKEN", 1, true))
  end)

  it("says which server cannot be reached, and why", function()
    local client = check(daytona.new { api_key = "k", api_url = "http://127.0.0.1:1/api", max_retries = 0 })
    fails({ kind = "connection", outcome = "failed", message = "http://127.0.0.1:1" }, client:get "x")
    client:close()
  end)
end)
