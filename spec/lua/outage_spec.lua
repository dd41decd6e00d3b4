-- Waits over an outage: a look that fails says nothing, a proxy's page deletes
-- nothing, and what is the end is seen twice.

local e2e = require "spec.support.e2e"
local poll = require "daytona.call.poll"
local raw_http = require "spec.support.raw_http"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails
local usual = poll.FIRST_AFTER_FAILURE

local PAGE = { status = 404, body = "404 page not found", headers = { ["Content-Type"] = "text/plain" } }
local HTML = { status = 404, body = "<html><h1>404 Not Found</h1></html>" }
local DOWN = { status = 503, body = "<html>back soon</html>" }
local BAD_GATEWAY = { status = 502, body = "" }
local RESET = { scenario = "reset-before-headers" }
local ALL = { DOWN, BAD_GATEWAY, RESET, PAGE, HTML, { status = 200, body = "<html>hello</html>" } }

describe("while the server cannot be reached for a moment,", function()
  local server, client

  support.serve_faults(function(...)
    server, client = ...
  end, { max_retries = 0 })

  before_each(function()
    server:reset()
    poll.FIRST_AFTER_FAILURE = 0.01
  end)

  after_each(function()
    poll.FIRST_AFTER_FAILURE = usual
  end)

  local function state(name, more)
    return { body = ('{"id": "sb-1", "state": "%s"%s}'):format(name, more or "") }
  end

  -- Answers to GET: the list, and the last one for ever.
  local function reads(list)
    local answers = {}
    for index, answer in ipairs(list) do
      answers[index] = { status = answer.status, body = answer.body, headers = answer.headers,
        scenario = answer.scenario, times = index == #list and 0 or 1 }
    end
    server:script({ method = "GET", path = "/api/sandbox/sb-1" }, answers)
  end

  local function outage(first, last)
    local list = { first }
    for _, answer in ipairs(ALL) do
      list[#list + 1] = answer
    end
    list[#list + 1] = last
    reads(list)
  end

  local function accepts(method, path, answer)
    server:script({ method = method, path = path }, { answer })
  end

  local function deletions()
    local count = 0
    for _, request in ipairs(server:requests()) do
      count = count + (request.method == "DELETE" and 1 or 0)
    end
    return count
  end

  it("this server counts nothing after a reset that a call had given up before", function()
    local function signal(name)
      assert(os.execute(("kill -%s %d"):format(name, server.pid)))
    end
    local open = server:stats().open_connections
    for _ = 1, 20 do
      signal "STOP"
      local connection = raw_http.connect(server:url())
      raw_http.ask(connection, "DELETE /api/sandbox/sb-1", {})
      connection:close()
      signal "CONT"
      server:reset()
      accepts("DELETE", "/api/sandbox/sb-1", state "destroying")
      support.eventually(function() return server:stats().open_connections == open end)
      assert.equal(0, deletions())
    end
  end)

  it("create, start, stop and delete go on", function()
    local handle = client:sandbox "sb-1"
    local cases = {
      { "POST", "/api/sandbox", "creating", "started", function() return client:create() end },
      { "POST", "/api/sandbox/sb-1/start", "starting", "started", function() return handle:start() end },
      { "POST", "/api/sandbox/sb-1/stop", "stopping", "stopped", function() return handle:stop() end },
      { "DELETE", "/api/sandbox/sb-1", "destroying", "destroyed", function() return handle:delete() end },
    }
    for _, case in ipairs(cases) do
      server:reset()
      accepts(case[1], case[2], state(case[3]))
      outage(state(case[3]), state(case[4]))
      assert.equal(case[4], check(case[5]()).state)
    end
  end)

  it("waits, ensure_started and get_or_create go on", function()
    outage(DOWN, state "started")
    check(client:sandbox "sb-1":wait_until_started())
    server:reset()
    outage(DOWN, state "started")
    check(client:sandbox "sb-1":ensure_started())
    server:reset()
    outage(DOWN, state "started")
    check(client:get_or_create { name = "sb-1" })
    for _, request in ipairs(server:requests()) do
      assert.equal("GET", request.method)
    end
  end)

  it("the operation that is waited for is sent again, where nothing shows of it", function()
    server:script({ method = "POST", path = "/api/sandbox/sb-1/start" }, { DOWN, RESET, state "starting" })
    reads { state "stopped", state("starting", ', "desiredState": "started"'), state "started" }
    assert.equal("started", check(client:sandbox "sb-1":start()).state)
    local sent = 0
    for _, request in ipairs(server:requests()) do
      sent = sent + (request.method == "POST" and 1 or 0)
    end
    assert.equal(2, sent) -- the second was lost on the way back
  end)

  it("the deadline ends a wait, and says what was the matter", function()
    accepts("POST", "/api/sandbox", state "creating")
    reads { state "creating", DOWN }
    local err = fails({ kind = "timeout", state = "creating", outcome = "unknown", sandbox_id = "sb-1",
      message = "the last look failed" }, client:create { timeout = 0.5 })
    assert.truthy(err.message:find("it was creating", 1, true), err.message)
  end)

  it("what is final is looked at twice", function()
    reads { state "error", state "creating", state "error", state "error" }
    fails({ kind = "state" }, client:sandbox "sb-1":wait_until_started())
    assert.equal(4, #server:requests())
    server:reset()
    local gone = { status = 404, body = '{"statusCode": 404, "message": "no such sandbox"}' }
    reads { gone, state "creating", gone, gone }
    fails({ kind = "not_found" }, client:sandbox "sb-1":wait_until_started())
    assert.equal(4, #server:requests())
  end)

  it("a page in the place of the API deletes nothing", function()
    for _, page in ipairs { PAGE, HTML } do
      server:reset()
      server:script({ method = "DELETE" }, { page, page, state "destroying" })
      reads { page, state "destroying", page, state "destroyed" }
      check(client:sandbox "sb-1":delete())
      assert.equal(3, deletions())
      server:reset()
      server:script({ method = "DELETE" }, { { status = 404, body = page.body, times = 0 } })
      reads { state "started" }
      fails({ kind = "protocol", outcome = "unknown" }, client:sandbox "sb-1":delete { timeout = 0.4 })
    end
  end)

  it("a bare 404 is believed when the sandbox is not there either", function()
    server:script({ method = "DELETE" }, { { status = 404, body = "" }, state "destroying" })
    reads { state "started", state "destroyed" }
    check(client:sandbox "sb-1":delete())
    assert.equal(2, deletions())
    server:reset()
    server:script({ method = "DELETE" }, { { status = 404, body = "" } })
    reads { { status = 404, body = "" } }
    fails({ kind = "not_found" }, client:sandbox "sb-1":delete())
  end)

  it("what a create has made is removed all the same", function()
    accepts("POST", "/api/sandbox", state "creating")
    server:script({ method = "DELETE" }, { DOWN, BAD_GATEWAY, HTML, RESET, state "destroying" })
    outage(state "creating", state "destroyed")
    fails({ kind = "timeout", state = "destroyed", message = "it was deleted" },
      client:create { timeout = 0.05, on_timeout = "delete" })
    assert.equal(5, deletions())
  end)

  it("a clean-up that nobody answers comes to an end", function()
    accepts("POST", "/api/sandbox", state "creating")
    reads { state "creating" }
    server:script({ method = "DELETE" }, { { scenario = "stall", times = 0 } })
    local cleanup = require "daytona.call.cleanup"
    local limit = cleanup.SECONDS
    cleanup.SECONDS = 0.3
    local err = fails({ kind = "timeout", sandbox_id = "sb-1", outcome = "unknown" },
      client:create { timeout = 0.05, on_timeout = "delete" })
    cleanup.SECONDS = limit
    assert.truthy(err.message:find("it was not deleted", 1, true), err.message)
  end)
end)

describe("a list", function()
  local server, client

  support.serve_faults(function(...)
    server, client = ...
  end, { max_retries = 0 })

  before_each(function()
    server:reset()
  end)

  local function pages(...)
    local answers = {}
    for index, cursor in ipairs { ... } do
      answers[index] = { body = { items = { { id = "s" .. index, labels = { a = "b" } } }, nextCursor = cursor },
        times = index == select("#", ...) and 0 or 1 }
    end
    server:script({ method = "GET", path = "/api/sandbox" }, answers)
  end

  it("does not go in circles", function()
    for _, cursors in ipairs { { "same" }, { "a", "b", "a" } } do
      server:reset()
      pages((table.unpack or unpack)(cursors)) -- luacheck: ignore
      local seen = 0
      local ok, err = pcall(function()
        for _ in client:list() do
          seen = seen + 1
        end
      end)
      assert.is_false(ok)
      assert.equal("protocol", err.kind)
      assert.truthy(err.message:find("come before", 1, true))
      assert.equal(#cursors == 1 and 1 or 2, seen)
    end
    server:reset()
    pages "same"
    fails({ kind = "protocol" }, client:reap { labels = { a = "b" }, dry_run = true })
  end)

  it("that is reaped is as old as the server's clock says", function()
    local function stamp(format, age)
      return os.date("!" .. format, os.time() - 7200 - age)
    end
    server:script({ method = "GET", path = "/api/sandbox" }, { {
      headers = { Date = stamp("%a, %d %b %Y %H:%M:%S GMT", 0) },
      body = { items = {
        { id = "young", labels = { a = "b" }, createdAt = stamp("%Y-%m-%dT%H:%M:%SZ", 1000) },
        { id = "old", labels = { a = "b" }, createdAt = stamp("%Y-%m-%dT%H:%M:%SZ", 4000) },
      } },
    } })
    local result = check(client:reap { labels = { a = "b" }, older_than = 3600, dry_run = true })
    assert.equal(1, #result.deleted)
    assert.equal("old", result.deleted[1].id)
  end)
end)
