-- The host of nginx, in a real one.

if _VERSION ~= "Lua 5.4" then
  return -- nginx is a Lua of its own, so once is enough
end

local nginx = require "spec.support.nginx"
local app = require "spec.support.ngx_app"
local support = require "spec.support"

-- What the locations of these specs call.  A scenario is one of the fault
-- server.
local APP, RUN, LOCATIONS, INIT = app.APP, app.RUN, app.LOCATIONS, app.INIT

local function with_run(text)
  return (text:gsub("@RUN@", function() return RUN end))
end

local PARALLEL = "--parallel --parallel-immediate --parallel-max 100 2>/dev/null"

describe("nginx", function()
  local fault, server

  local function start(options)
    options = options or {}
    return nginx.start {
      modules = { app = APP }, http = with_run(options.http or INIT), locations = with_run(LOCATIONS),
      workers = options.workers, connections = options.connections, main = options.main,
      env = { DAYTONA_API_URL = fault:url "/api", DAYTONA_API_KEY = support.api_key },
    }
  end

  setup(function()
    fault = support.fault_server()
    server = start()
  end)

  teardown(function()
    server:close()
    fault:close()
    support.cleanup()
  end)

  before_each(function()
    fault:reset()
  end)

  local function slow(milliseconds)
    fault:script({ path_prefix = "/api/slow" }, { { body = '{"a": 1}', delay_ms = milliseconds, times = 0 } })
  end

  local function arrived(count)
    support.eventually(function()
      return #fault:requests() == count
    end)
  end

  it("waits in the rewrite, access, content and timer phases", function()
    server:get "/phases"
    support.eventually(function() return server:json("/notes").timer end)
    local notes = server:json "/notes"
    for _, phase in ipairs { "rewrite", "access", "content", "timer" } do
      assert.equal("x", notes[phase], phase)
    end
    assert.equal("cancelled", notes.cancelled)
  end)

  it("says in other phases where a call can wait, and sends nothing", function()
    server:get "/wrong"
    support.eventually(function() return server:json("/notes").log end)
    local notes = server:json "/notes"
    for _, phase in ipairs { "init", "init_worker", "set", "header_filter", "body_filter", "log" } do
      local message = ("daytona.host.ngx: a call cannot wait in the phase '%s', only in rewrite, access, content "
        .. "and timer (ngx.timer.at(0, function() ... end) leads there)"):format(phase)
      assert.truthy(notes[phase]:match "^.-app.lua:%d+: ", notes[phase])
      assert.equal(message, support.strip_position(notes[phase]))
    end
    assert.equal(0, #fault:requests())
  end)

  it("says so inside a function that C calls; coroutines may wait", function()
    local answer = server:json "/inside"
    assert.equal("daytona.host.ngx: a call cannot wait inside sort", support.strip_position(answer.message))
    assert.equal("x", answer.other)
    assert.equal(1, #fault:requests())
  end)

  it("passes the log of a build on", function()
    local path = "/api/sandbox/sb-1"
    fault:script({ method = "POST" }, { { body = { id = "sb-1", state = "pending_build" } } })
    fault:script({ path = path .. "/build-logs-url" }, { { body = {
      url = fault:url(("/fault/log;size=60;pieces=3;drops=0,30;path=%s;looks=3"):format(path:gsub("/", "%%2F"))),
    } } })
    fault:script({ path = path }, { { body = { id = "sb-1", state = "building_snapshot" }, times = 3 },
      { body = { id = "sb-1", state = "started" }, times = 0 } })
    local body = server:get "/build"
    assert.equal(60 + #"started", #body)
    assert.equal("789:;started", body:sub(-12))
  end)

  it("gives errors as they are elsewhere", function()
    local list = server:json "/errors"
    local kinds = { "not_found", "connection", "protocol", "bad_gateway", "timeout" }
    for i, err in ipairs(list) do
      assert.equal(kinds[i], err.kind, err.text)
    end
    assert.equal(5, #list)
    assert.equal(404, list[1].status)
    assert.equal("daytona.error", list[1].name)
    assert.is_true(list[1].nothing)
    assert.equal("unknown", list[2].outcome)
    assert.equal("fs.list_files", list[5].operation)
    assert.is_nil(list[1].text:find(support.api_key, 1, true))
  end)

  it("serves others while calls wait, many at a time", function()
    slow(1000)
    local count = 40
    local all = server:begin(("/slow?[1-%d]"):format(count), PARALLEL)
    arrived(count)
    assert.equal("pong", (server:get "/ping"))
    local seconds, text = support.timed(all)
    assert.equal(('{"a":1}'):rep(count), text)
    assert.is_true(seconds < count / 4, seconds)
  end)

  it("costs the worker next to nothing while calls wait", function()
    slow(2000)
    local all = server:begin("/slow?[1-100]", PARALLEL)
    arrived(100)
    local before = nginx.cpu(server:workers()[1])
    local requests = #fault:requests()
    assert.equal(('{"a":1}'):rep(100), all())
    assert.equal(requests, #fault:requests())
    local spent = nginx.cpu(server:workers()[1]) - before
    -- A loop that looks every millisecond needs ten times as much.
    assert.is_true(spent < (support.is_sanitized() and 1 or 0.2), spent)
  end)

  it("moves files in chunks and tells how far it is", function()
    local answer = server:json "/chunks"
    assert.equal(3000000, answer.bytes)
    assert.equal(3000000, answer.content)
    assert.equal(3000000, answer.seen)
    assert.is_true(answer.calls >= 1)
    assert.equal(2000000, answer.sent)
  end)

  it("breaks a call off when the client of nginx goes away", function()
    local gone = server:begin("/abort", "--max-time 0.5")
    arrived(1)
    local open = fault:stats().open_connections
    assert.truthy(gone():find("timed out", 1, true))
    support.eventually(function() return fault:stats().open_connections < open end)
    assert.equal("x", server:json("/exec?s=" .. RUN:gsub("%%", "%%25"))[1].result)
  end)

  it("breaks a call off when its light thread is killed", function()
    local answer = server:begin "/kill"
    arrived(1)
    local open = fault:stats().open_connections
    server:get "/may_kill"
    assert.equal('{"killed":1}', answer())
    support.eventually(function() return fault:stats().open_connections < open end)
  end)

  it("has tasks that can be cancelled", function()
    local answer = server:json "/tasks"
    support.eq({ "cancelled", "cancelled", "x" }, answer.call)
    support.eq({ false }, answer.sleep)
    support.eq({ true, false }, answer.short)
    assert.equal("cancelled", answer.killed)
    assert.is_false(answer.broken[1])
    assert.truthy(answer.broken[2]:find("on purpose", 1, true))
    support.eq({ true, false }, answer.alone)
    assert.truthy(answer.wrong[2]:find("daytona.host.ngx: function expected, got number", 1, true))
  end)

  it("ends the calls of a client that is closed", function()
    slow(20000)
    local seconds, answer = support.timed(server.json, server, "/close")
    assert.equal("cancelled", answer.kind)
    assert.truthy(answer.message:find("client is closed", 1, true), answer.message)
    assert.is_true(seconds < 15, seconds)
  end)

  it("reloads with calls under way: the old worker ends with them", function()
    slow(1000)
    local old = server:workers()[1]
    local answer = server:begin "/slow"
    arrived(1)
    server:signal "HUP"
    support.eventually(function()
      local now = server:workers()
      return #now == 2 or now[1] and now[1] ~= old
    end)
    assert.equal('{"a":1}', answer())
    local seconds = support.timed(support.eventually, function()
      local now = server:workers()
      return #now == 1 and now[1] ~= old
    end)
    assert.is_true(seconds < 2, seconds)
    slow(0)
    assert.equal(1, server:json("/slow").a)
  end)

  it("quits with calls under way, and with none", function()
    for _, milliseconds in ipairs { 700, 0 } do
      local mine = start()
      slow(milliseconds)
      local answer = mine:begin "/slow"
      if milliseconds > 0 then
        support.eventually(function() return nginx.threads(mine:workers()[1]) == 1 end)
        arrived(1)
      else
        assert.equal('{"a":1}', answer())
      end
      mine:signal "QUIT"
      local seconds, status = support.timed(mine.finish, mine)
      assert.equal(0, status)
      assert.is_true(seconds < 3, seconds)
      if milliseconds > 0 then
        assert.equal('{"a":1}', answer())
      end
      assert.equal("", mine:errors())
      fault:reset()
    end
  end)

  it("ends calls at worker_shutdown_timeout", function()
    local mine = start { main = "worker_shutdown_timeout 1s;" }
    local answer = mine:begin "/exec?s=stall"
    support.eventually(function() return fault:count "stall" == 1 end)
    mine:signal "QUIT"
    local seconds, status = support.timed(mine.finish, mine)
    assert.equal(0, status)
    assert.is_true(seconds < 4, seconds)
    assert.truthy(answer():find("curl", 1, true)) -- it got no answer
  end)

  it("stops at once in the middle of calls", function()
    local before = fault:stats().open_connections
    local mine = start()
    local answers = {}
    for i = 1, 3 do
      answers[i] = mine:begin "/exec?s=stall"
    end
    support.eventually(function() return fault:count "stall" == 3 end)
    mine:signal "TERM"
    local seconds, status = support.timed(mine.finish, mine)
    assert.equal(0, status)
    assert.is_true(seconds < 2, seconds)
    assert.equal("", mine:errors())
    for i = 1, 3 do
      answers[i]()
    end
    support.eventually(function() return fault:stats().open_connections <= before end)
  end)

  it("has a thread in each worker, and none in the master that made the client", function()
    local mine = start { workers = 2 }
    slow(300)
    -- Until the second worker has got one as well.
    support.eventually(function()
      local all = mine:begin("/slow?[1-20]", PARALLEL)
      assert.equal(('{"a":1}'):rep(20), all())
      local workers = mine:workers()
      return nginx.threads(workers[1]) == 1 and nginx.threads(workers[2]) == 1
    end, 20)
    assert.equal(0, nginx.threads(mine.pid))
    mine:signal "QUIT"
    assert.equal(0, mine:finish())
    assert.equal("", mine:errors())
  end)

  it("refuses a client that the master has used", function()
    slow(0)
    local mine = start { http = [[init_by_lua_block {
      app = require "app"
      app.client.host = require "daytona.host.plain"
      assert(app.client:request("GET", "/slow"))
      app.client.host = app.host
    }]] }
    local _, status = mine:get "/slow"
    assert.equal(500, status)
    assert.truthy(mine:errors():find("client was made in another process", 1, true), mine:errors())
    assert.equal(1, #fault:requests())
    mine:close()
  end)

  it("waits even if the worker has no connection to spare", function()
    slow(100)
    local mine = start { connections = 4 }
    assert.equal('{"a":1}', (mine:get "/slow"))
    assert.truthy(mine:errors():find("worker_connections are not enough", 1, true))
    mine:close()
  end)

  it("has no error in its log but the one on purpose", function()
    local others = server:errors():gsub("[^\n]*on purpose[^\n]*\n?", "")
    assert.equal("", others)
  end)
end)
