-- Sessions, following, terminals and the interpreter in a real nginx.

if _VERSION ~= "Lua 5.4" then
  return -- nginx is a Lua of its own, so once is enough
end

local e2e = require "spec.support.e2e"
local nginx = require "spec.support.nginx"
local support = require "spec.support"

local check = e2e.check

local LOCATIONS = [[
location = /do { content_by_lua_block { app.respond() } }
location = /do_abort { lua_check_client_abort on; content_by_lua_block { app.respond() } }
location = /do_kill {
  content_by_lua_block {
    app.notes.begun = nil
    local thread = ngx.thread.spawn(app.run_long)
    while not app.notes.begun do ngx.sleep(0.005) end
    ngx.thread.kill(thread)
  }
}
]]

local PARALLEL = "--parallel --parallel-immediate --parallel-max 100 2>/dev/null"

describe("nginx live:", function()
  local daytona_local, client, sandbox, server

  local function start(options)
    options = options or {}
    return nginx.start {
      modules = { app = support.read_file(support.root .. "/spec/support/ngx_live.lua") },
      http = options.http or [[init_by_lua_block { app = require "app" }]],
      locations = LOCATIONS, workers = options.workers,
      main = "env LIVE_ID; env LIVE_TOOLBOX;" .. (options.main or ""),
      env = {
        DAYTONA_API_URL = daytona_local.api_url, DAYTONA_API_KEY = daytona_local.api_key,
        LIVE_ID = sandbox.id, LIVE_TOOLBOX = sandbox.toolbox_proxy_url,
      },
    }
  end

  setup(function()
    daytona_local = e2e.start()
    client = check(daytona_local:client())
    sandbox = check(client:create())
    server = start()
  end)

  teardown(function()
    server:close()
    client:close()
    daytona_local:stop()
    support.cleanup()
  end)

  local function path_of(name, job, more)
    return ("/do?name=%s%s%s"):format(name,
      job and ("&session=%s&command=%s"):format(job.session_id, job.command_id) or "", more or "")
  end

  local function ask(name, job, more)
    return server:json(path_of(name, job, more))
  end

  local function sessions()
    return check(sandbox.process:list_sessions())
  end

  local function following(mine, count)
    support.eventually(function()
      return mine:json(path_of "noted").following == count
    end)
  end

  -- A command that says what it is told, and ends with the line "end".
  local function start_echo()
    return check(sandbox.process:start('while read x; do echo "$x"; [ "$x" != end ] || exit 0; done',
      { stdin = true }))
  end

  it("the first call of a worker may be a WebSocket", function()
    local id = check(sandbox.process:create_pty_session())
    local mine = start { http = [[init_by_lua_block {
      app = require "app"
      function app.connect()
        local pty = assert(app.sandbox().process:connect_pty "]] .. id .. [[")
        assert(pty:write "exit 3\n")
        return pty:wait()
      end
    }]] }
    assert.equal(3, mine:json(path_of "connect").exit_code)
    assert.equal(1, nginx.threads(mine:workers()[1]))
    assert.equal(0, nginx.threads(mine.pid))
    mine:signal "QUIT"
    assert.equal(0, mine:finish())
    assert.equal("", mine:errors())
  end)

  it("a client that the master has used connects to nothing", function()
    local mine = start { http = [[init_by_lua_block {
      app = require "app"
      app.client.host = require "daytona.host.plain"
      assert(app.sandbox().process:list_pty_sessions())
      app.client.host = app.host
    }]] }
    local _, status = mine:get(path_of "shared_make")
    assert.equal(500, status)
    assert.truthy(mine:errors():find("client was made in another process", 1, true), mine:errors())
    mine:close()
    assert.same({}, check(sandbox.process:list_pty_sessions()))
  end)

  it("sessions keep their state, commands are fed and followed", function()
    local answer = ask "session"
    assert.equal("/tmp\none\n", answer.stdout)
    assert.equal("e\n", answer.stderr)
    assert.equal(3, answer.exit_code)
    support.eq({ stdout = "got this\n", stderr = "", exit_code = 0 }, answer.followed)
    assert.equal(0, answer.status)
    assert.equal("got this\n", answer.logged)
    assert.truthy(answer.gone.kind == "not_found" or answer.gone.kind == "gone", answer.gone.kind)
  end)

  it("commands are run: stdin, callbacks that wait, time, errors in callbacks", function()
    local answer = ask "run"
    support.eq({ stdout = "one\n", stderr = "two\n", exit_code = 5, truncated = false }, answer.result)
    support.eq({ "one\n", "two\n" }, answer.live)
    assert.equal("200000\n", answer.large)
    assert.equal("timeout", answer.late.kind)
    assert.equal("begun\n", answer.late.result.stdout)
    assert.is_true(answer.seconds < 10, answer.seconds)
    support.eq({ false, "mine" }, answer.raised)
    support.eq({}, answer.left)
  end)

  it("a command is followed by a for and by callbacks", function()
    local answer = ask "follow"
    support.eq({ stdout = "a\nc\n", stderr = "b\n", exit_code = 4 }, answer.iterated)
    assert.equal("a\nb\nc\n", answer.called)
    assert.equal(4, answer.exit_code)
    assert.equal(10000000, answer.sum)
  end)

  it("terminals: echo, size, writers that have to wait, exit, kill", function()
    local answer = ask "pty"
    assert.equal(100, answer.resized)
    assert.equal("timeout", answer.late.kind)
    for i = 1, 3 do
      assert.is_true(answer[tostring(i)], i)
    end
    assert.equal(7, answer.exit_code)
    assert.is_false(answer.connected)
    assert.equal("gone", answer.after.kind)
    assert.truthy(answer.killed.exit_code or answer.killed.kind)
    assert.equal(0, answer.left)
  end)

  it("the interpreter streams, keeps state and ends in time", function()
    local answer = ask "interpreter"
    assert.equal("6\n", answer.stdout)
    assert.equal("e\n", answer.stderr)
    assert.equal("ValueError", answer.name)
    support.eq({ "6\n", "e\n", "ValueError" }, answer.seen)
    assert.equal("timeout", answer.late.kind)
    assert.equal("begun\n", answer.late.result.stdout)
    assert.equal("the code did not end within 1 s and was interrupted", answer.late.message)
  end)

  it("a job outlives the request that started it", function()
    local job = ask "job_start"
    assert.is_true(ask("job_input", job, "&line=one").ok)
    support.eventually(function() return ask("job_logs", job).stdout == "got one\n" end)
    local waiting = server:begin(path_of("job_wait", job))
    assert.is_true(ask("job_input", job, "&line=two").ok)
    assert.equal("got one\ngot two\n", ask("job_follow", job, "&until=two").text)
    assert.is_true(ask("job_input", job, "&line=end").ok)
    support.eq({ stdout = "got one\ngot two\ngot end\n", stderr = "", exit_code = 4, truncated = false },
      require("cjson").decode(waiting()))
    assert.is_true(ask("job_kill", job).ok)
    assert.equal("not_found", ask("job_logs", job).kind)
  end)

  it("what tasks wait for can be cancelled, and cleans up", function()
    local answer = ask "cancel"
    support.eq({ "cancelled", "cancelled", "cancelled", "cancelled" }, answer.kinds)
    assert.equal(0, answer.left)
  end)

  it("a writer that is killed ends the connection, and its reader is told", function()
    assert.equal("cancelled", ask("kill_writer").kind)
    assert.equal(0, ask("live").count)
  end)

  it("commands are run in timers", function()
    ask "timer"
    support.eventually(function() return ask("noted").timer end)
    assert.equal("from a timer\n", ask("noted").timer.stdout)
  end)

  it("who waits is told when the client is closed", function()
    support.eq({ "cancelled", "cancelled" }, ask("close_client").kinds)
  end)

  it("a terminal of the worker is read by one request and written by another", function()
    ask "shared_make"
    local reader = server:begin(path_of "shared_read")
    ask "shared_write"
    assert.truthy(reader():find('"ok":true', 1, true))
    -- A reader that goes away ends the connection it waited for, not the shell.
    local reads = ask("noted").reads
    local leave = server:begin_to_leave((path_of("shared_read"):gsub("/do", "/do_abort")))
    support.eventually(function() return ask("noted").reads > reads end)
    leave()
    assert.equal(1, #check(sandbox.process:list_pty_sessions()))
    assert.is_false(ask("shared_read").ok)
    assert.equal(0, ask("live").count)
    ask "shared_end"
  end)

  it("what a handler has made that is killed is removed by the worker", function()
    for _, path in ipairs { "/do_kill", "/do_abort?name=run_long", "/do_abort?name=with_long" } do
      server:begin(path, "--max-time 0.7")()
      -- The connection it waited for is broken off.
      support.eventually(function() return ask("live").count == 0 end)
      support.eventually(function()
        return #sessions() == 0 and not client:list { labels = { of = "with_long" } }()
      end, 20)
    end
    assert.equal("", server:errors())
  end)

  it("what a killed handler did not wait for is left to the collector", function()
    local job = start_echo()
    check(job:input "one\n")
    local leave = server:begin_to_leave((path_of("follow_slowly", job):gsub("/do", "/do_abort")))
    support.eventually(function() return ask("noted").slow end)
    assert.equal(1, ask("live").count)
    leave()
    support.eventually(function()
      ask "collect"
      return ask("live").count == 0
    end)
    check(job:kill())
  end)

  it("a task that is cancelled by ngx.on_abort cleans up", function()
    local leave = server:begin_to_leave "/do_abort?name=run_long_cleanly"
    support.eventually(function() return #sessions() == 1 end)
    leave()
    support.eventually(function() return #sessions() == 0 end)
    support.eventually(function() return ask("noted").ended end)
    assert.equal("cancelled", ask("noted").ended.kind)
  end)

  it("fifty follow at once and the worker serves others quickly", function()
    local job = start_echo()
    local count = 50
    local all = server:begin(path_of("job_follow", job) .. "&n=[1-" .. count .. "]", PARALLEL)
    following(server, count)
    local before, slowest, lines = nginx.cpu(server:workers()[1]), 0, {}
    for i = 1, 20 do
      check(job:input(i .. "\n"))
      lines[i] = i .. "\n"
      local text = support.run(server:command("/ping?[1-5]", "-o /dev/null -w '%{time_total}\\n'"))
      for seconds in text:gmatch "[%d.]+" do
        slowest = math.max(slowest, tonumber(seconds))
      end
    end
    local spent = nginx.cpu(server:workers()[1]) - before
    assert.is_true(slowest < 0.5, slowest)
    assert.is_true(spent < (support.is_sanitized() and 8 or 2), spent)
    check(job:input "end\n")
    lines[#lines + 1] = "end\n"
    local whole = ('"text":"%s"'):format((table.concat(lines):gsub("\n", "\\n")))
    local _, answers = all():gsub(whole, "")
    assert.equal(count, answers)
    check(job:kill())
  end)

  it("a command that floods leaves the worker to others, and can be cancelled", function()
    local flood, slowest = server:begin(path_of "flood"), 0
    support.eventually(function() return ask("noted").flooded end)
    local text = support.run(server:command("/ping?[1-50]", "--max-time 3 -o /dev/null -w '%{time_total}\\n'"))
    for seconds in text:gmatch "[%d.]+" do
      slowest = math.max(slowest, tonumber(seconds))
    end
    ask "end_flood"
    assert.truthy(flood():find('"cancelled"', 1, true))
    assert.is_true(slowest < 1, slowest)
    assert.equal(0, ask("live").count)
  end)

  it("fifty that go away are broken off", function()
    local job = start_echo()
    local before = ask("noted").following or 0 -- those that were killed count on
    local leave = server:begin_to_leave(path_of("job_follow", job):gsub("/do", "/do_abort") .. "&n=[1-50]", PARALLEL)
    following(server, before + 50)
    leave()
    -- One that was killed as its answer came waits for nothing: it is left to the collector.
    support.eventually(function()
      ask "collect"
      return ask("live").count == 0
    end)
    check(job:kill())
  end)

  -- `count` followers of a command in an nginx of their own; what they answer
  -- comes by the function given back.
  local function follow_in(mine, count)
    local job = start_echo()
    local all = mine:begin(path_of("job_follow", job) .. "&n=[1-" .. count .. "]", PARALLEL)
    following(mine, count)
    return job, all
  end

  it("reloads with followers under way: the old worker ends with them", function()
    local mine = start()
    local job, all = follow_in(mine, 5)
    local old = mine:workers()[1]
    mine:signal "HUP"
    support.eventually(function() return #mine:workers() == 2 end)
    check(job:input "one\n")
    support.eventually(function() return not mine:json(path_of "noted").following end) -- the new one
    assert.equal(2, #mine:workers())
    check(job:input "end\n")
    local _, answers = all():gsub('"text":"one\\nend\\n"', "")
    assert.equal(5, answers)
    support.eventually(function()
      local now = mine:workers()
      return #now == 1 and now[1] ~= old
    end)
    assert.equal("", mine:errors())
    mine:close()
    check(job:kill())
  end)

  it("quits when its followers have come to the end", function()
    local mine = start()
    local job, all = follow_in(mine, 5)
    mine:signal "QUIT"
    check(job:input "one\n")
    check(job:input "end\n")
    assert.equal(0, mine:finish())
    local _, answers = all():gsub('"text":"one\\nend\\n"', "")
    assert.equal(5, answers)
    assert.equal("", mine:errors())
    check(job:kill())
  end)

  it("ends followers at worker_shutdown_timeout, and at once when it is stopped", function()
    for _, how in ipairs { "QUIT", "TERM" } do
      local mine = start { main = "worker_shutdown_timeout 1s;" }
      local job, all = follow_in(mine, 5)
      mine:signal(how)
      local seconds, status = support.timed(mine.finish, mine)
      assert.equal(0, status)
      assert.is_true(seconds < 4, seconds)
      all()
      if how == "TERM" then
        assert.equal("", mine:errors())
      end
      check(job:kill()) -- it ran on
    end
  end)

  it("has no error in its log", function()
    assert.equal("", server:errors())
  end)
end)
