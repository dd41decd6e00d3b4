-- Hooks, the log, the retry budget, and what an error says of the sandbox.

local support = require "spec.support"

local RUN = '{"exitCode": 0, "result": "done"}'

describe("a client that is watched", function()
  local server, client

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
  end)

  after_each(function()
    if client then
      client:close()
      client = nil
    end
  end)

  local function recorder()
    local seen = {}
    local function record(name)
      return function(event)
        local copy = { hook = name }
        for field, value in pairs(event) do
          copy[field] = value
        end
        seen[#seen + 1] = copy
      end
    end
    return seen, {
      on_request = record "request", on_response = record "response", on_retry = record "retry",
    }
  end

  it("tells every attempt, its outcome and every wait", function()
    local seen, options = recorder()
    client = support.client(server, options)
    server:script({ path = "/api/sandbox/x" }, {
      { status = 503, headers = { ["Retry-After"] = "0", ["X-Request-Id"] = "r-1" }, body = "{}" },
      { headers = { ["X-Request-Id"] = "r-2" }, body = '{"id": "x"}' },
    })
    assert(client:get "x")
    local number = support.any_number
    local function event(hook, attempt, more)
      local all = { hook = hook, operation = "sandbox.get", method = "GET", path = "/sandbox/x",
        attempt = attempt, elapsed = number }
      for name, value in pairs(more or {}) do
        all[name] = value
      end
      return all
    end
    local refused = { status = 503, kind = "unavailable", request_id = "r-1" }
    support.eq({
      event("request", 1),
      event("response", 1, refused),
      event("retry", 1, { status = 503, kind = "unavailable", request_id = "r-1", delay = number }),
      event("request", 2),
      event("response", 2, { status = 200, request_id = "r-2" }),
    }, seen)
  end)

  it("tells of a file in chunks when its answer begins", function()
    local seen, options = recorder()
    client = support.client(server, options)
    local reader = support.sandbox(client, server, "download;n=3000000").fs:read_file("x", { chunk_size = 1000 })
    assert.equal(1000, #assert(reader:read()))
    assert.equal(2, #seen)
    assert.equal("response", seen[2].hook)
    assert.equal(200, seen[2].status)
    assert.is_nil(seen[2].kind)
    reader:close()
    assert.equal(2, #seen)
  end)

  it("tells of a lost connection, too", function()
    local seen, options = recorder()
    client = support.client(server, options)
    local sandbox = support.sandbox(client, server, "reset-before-headers")
    assert.is_nil(sandbox.process:exec "true")
    assert.equal(2, #seen)
    assert.equal("connection", seen[2].kind)
    assert.is_nil(seen[2].status)
  end)

  it("shows no credential", function()
    local seen, options = recorder()
    client = support.client(server, options)
    client:request("GET", "/" .. support.api_key .. "/x?key=" .. support.api_key)
    local sandbox = support.sandbox(client, server, "echo-error")
    assert.is_nil(sandbox.process:exec "true")
    assert.equal("/***/x", seen[1].path)
    for _, event in ipairs(seen) do
      for _, value in pairs(event) do
        assert.is_nil(tostring(value):find(support.api_key, 1, true))
      end
    end
  end)

  it("raises what a hook raises, and breaks the request off", function()
    for _, hook in ipairs { "on_request", "on_response", "on_retry" } do
      local watched = support.client(server, { [hook] = function() error("my own " .. hook, 0) end })
      local sandbox = support.sandbox(watched, server, "retry", { body = RUN, key = hook })
      assert.equal("my own " .. hook, support.raised(sandbox.process.exec, sandbox.process, "true"))
      assert.equal(0, watched._core:live())
      watched:close()
    end
  end)

  -- What the hooks say of requests that were sent, and sent again.
  local function counter(more)
    local seen, options = recorder()
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    client = support.client(server, options)
    return function()
      local counts = { request = 0, retry = 0 }
      for _, event in ipairs(seen) do
        counts[event.hook] = (counts[event.hook] or 0) + 1
      end
      return counts
    end
  end

  -- As many requests came as the hooks tell; all but `first` of them were sent again.
  local function tells_truly(counts, first)
    local told, came = counts(), #server:requests()
    assert.equal(came, told.request)
    assert.equal(came - first, told.retry)
  end

  local LATER = { status = 503, headers = { ["Retry-After"] = "0" }, body = "{}" }

  it("tells of a repetition that a last look makes needless nothing", function()
    local counts = counter { max_retries = 3 }
    local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
    local path = "/box/sb-1/process/session"
    server:script({ method = "POST", path = path }, { { status = 201, body = "{}" } })
    server:script({ method = "POST", path = path .. "/s/exec" }, { LATER })
    server:script({ method = "GET", path = path .. "/s" },
      { { body = '{"sessionId": "s", "commands": [{"id": "c", "command": "true", "exitCode": 0}]}', times = 0 } })
    server:script({ method = "GET", path = path .. "/s/command/c" }, { { body = '{"id": "c", "exitCode": 0}' } })
    local session = assert(sandbox.process:create_session "s")
    assert.equal("c", assert(session:exec("true", { async = true })).id)
    tells_truly(counts, 3) -- the session, the command, the look
  end)

  it("tells of a repetition that is cancelled in the wait before it nothing", function()
    local loop = require "daytona.host.loop"
    local counts = counter { max_retries = 3, host = loop }
    server:script({ path = "/api/sandbox/x" }, { { status = 503, headers = { ["Retry-After"] = "20" }, body = "{}" } })
    loop.run(function()
      local task = loop.spawn(client.get, client, "x")
      while #server:requests() == 0 or counts().response ~= 1 do
        loop.sleep(0.01)
      end
      loop.sleep(0)
      task:cancel()
      local _, err = task:wait()
      assert.equal("cancelled", err.kind)
    end)
    tells_truly(counts, 1)
  end)

  it("tells of a repetition that the rate of calls holds back nothing", function()
    local counts = counter { max_retries = 3 }
    server:script({ path = "/api/sandbox/x" }, {
      { status = 429, headers = { ["Retry-After"] = "0" }, body = "{}" }, LATER,
      { status = 429, headers = { ["Retry-After"] = "30" }, body = "{}" } })
    local _, err = client:get("x", { timeout = 5 })
    assert.equal("rate_limited", err.kind)
    tells_truly(counts, 1)
  end)

  it("tells of what is left behind and sent again", function()
    local counts = counter()
    local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
    server:script({ path = "/box/sb-1/process/session/s" }, { LATER, LATER, { status = 204 } })
    local detached = require "daytona.call.detached"
    detached.leave(sandbox, "process.delete_session", { session_id = "s" })
    detached.wait(sandbox)
    assert.equal(3, #server:requests())
    tells_truly(counts, 1)
  end)

  it("wants functions", function()
    assert.equal("daytona.new: field 'on_retry': function expected, got table",
      support.raised(require("daytona").new, { api_key = "k", on_retry = {} }))
    assert.equal("daytona.new: unknown option 'on_respons' (did you mean 'on_response'?)",
      support.raised(require("daytona").new, { api_key = "k", on_respons = print }))
  end)

  -- What a script of one failing and one good call prints with that log level.
  local function log_of(level)
    local code = ([[
      local client = require "daytona".new { api_key = %q, api_url = %q }
      client:get "x"
      client:request("GET", "/none?secret=1")
    ]]):format(support.api_key, server:url "/api")
    server:reset()
    server:script({ path = "/api/sandbox/x" }, {
      { status = 503, headers = { ["Retry-After"] = "0", ["X-Request-Id"] = "r-1" }, body = "{}" },
      { body = '{"id": "x"}' },
    })
    local output, status = support.run(support.lua_command(code, { DAYTONA_LOG = level }))
    assert.is_nil(output:find(support.api_key, 1, true))
    assert.is_nil(output:find("secret", 1, true))
    local lines = {}
    for line in output:gmatch "[^\n]+" do
      lines[#lines + 1] = line:gsub("%d+%.%d+", "N")
    end
    return lines, status
  end

  it("logs a line for each call", function()
    local lines, status = log_of "info"
    assert.equal(0, status)
    assert.same({
      "daytona: sandbox.get GET /sandbox/x: 200 after N s, 2 attempts",
      "daytona: client.request GET /none: 404 not_found after N s, 1 attempt",
    }, lines)
  end)

  it("logs a line for each attempt", function()
    assert.same({
      "daytona: sandbox.get GET /sandbox/x: attempt 1",
      "daytona: sandbox.get GET /sandbox/x: attempt 1: 503 unavailable after N s, request r-1",
      "daytona: sandbox.get GET /sandbox/x: again in N s",
      "daytona: sandbox.get GET /sandbox/x: attempt 2",
      "daytona: sandbox.get GET /sandbox/x: attempt 2: 200 after N s",
      "daytona: sandbox.get GET /sandbox/x: 200 after N s, 2 attempts",
      "daytona: client.request GET /none: attempt 1",
      "daytona: client.request GET /none: attempt 1: 404 not_found after N s",
      "daytona: client.request GET /none: 404 not_found after N s, 1 attempt",
    }, (log_of "debug"))
  end)

  it("is silent by default, and knows its levels", function()
    assert.same({}, (log_of(false)))
    assert.same({}, (log_of ""))
    local lines, status = log_of "verbose"
    assert.equal(1, status)
    assert.truthy(lines[1]:find("DAYTONA_LOG: 'info' or 'debug' expected, got 'verbose'", 1, true))
  end)
end)

describe("the retry budget", function()
  local server, client

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
  end)

  after_each(function()
    client:close()
  end)

  it("keeps an outage from being made worse", function()
    client = support.client(server, { max_retries = 2, retry_budget = 4 })
    local sandbox = support.sandbox(client, server, "retry;n=20;retry_after=0", { body = '{"name": "x"}' })
    local attempts = {}
    for index = 1, 4 do
      local _, err = sandbox.fs:get_file_info "x"
      attempts[index] = support.sound_error(err).attempts
      assert.equal(index > 2 or nil, err.budget_exhausted)
    end
    assert.same({ 3, 3, 1, 1 }, attempts)
    assert.equal(8, server:count "retry")
  end)

  it("is earned back by successes", function()
    client = support.client(server, { max_retries = 1, retry_budget = 1 })
    local down = support.sandbox(client, server, "retry;n=1000;retry_after=0")
    local up = support.sandbox(client, server, "json", { body = RUN })
    local function attempts()
      local _, err = down.fs:get_file_info "x"
      return err.attempts
    end
    assert.equal(2, attempts())
    for _ = 1, 5 do
      assert(up.process:exec "true")
    end
    assert.equal(1, attempts())
    for _ = 1, 6 do
      assert(up.process:exec "true")
    end
    assert.equal(2, attempts())
  end)

  it("of nothing allows none", function()
    client = support.client(server, { retry_budget = 0 })
    local _, err = support.sandbox(client, server, "retry;n=1;retry_after=0").fs:get_file_info "x"
    assert.equal(1, support.sound_error(err).attempts)
    assert.is_true(err.budget_exhausted)
  end)
end)

describe("a proxy that answers in the place of a toolbox", function()
  local server, client

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    client = support.client(server)
  end)

  after_each(function()
    client:close()
  end)

  -- The error of a command when the sandbox reads as `answer`.
  local function failure(scenario, params, answer)
    server:reset()
    if answer then
      server:script({ path = "/api/sandbox/sb-1" }, { answer })
    end
    local sandbox = support.sandbox(client, server, scenario, params)
    local run, err = sandbox.process:exec "true"
    assert.is_nil(run)
    return support.sound_error(err), sandbox
  end

  it("makes the error say what is known of the sandbox", function()
    local stopped = { body = '{"id": "sb-1", "state": "error", "errorReason": "out of disk"}' }
    for _, status in ipairs { 502, 503, 504 } do
      for _, body in ipairs { "", "<html>Bad Gateway</html>", "upstream" } do
        local err, sandbox = failure("error", { status = status, body = body, type = "text/html" }, stopped)
        assert.equal(status, err.status)
        assert.equal("error", err.state)
        assert.equal("error", sandbox.state)
        assert.equal("process.exec", err.operation)
        assert.truthy(err.message:find("the sandbox is in state error: out of disk", 1, true), err.message)
        assert.equal(2, #server:requests())
      end
    end
  end)

  it("is told apart from the toolbox itself", function()
    local err = failure("error", { status = 502, body = '{"message": "its own"}' })
    assert.equal("its own", err.message)
    assert.is_nil(err.state)
    assert.equal(1, #server:requests())
  end)

  it("says when the sandbox is gone, or cannot be read", function()
    local err = failure("html-502", nil, { status = 404, body = '{"message": "not found"}' })
    assert.equal("destroyed", err.state)
    assert.truthy(err.message:find("the sandbox does not exist", 1, true))
    err = failure("html-502", nil, { status = 500, body = '{"message": "it is down"}' })
    assert.is_nil(err.state)
    assert.equal("bad_gateway", err.kind)
    assert.truthy(err.message:find("could not be read: it is down", 1, true))
    assert.equal(2, #server:requests())
  end)
end)
