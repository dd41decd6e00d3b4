-- Commands, code and files on a server of version 0.190: what it does in its own way
-- comes out the same.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("on a server of version 0.190", function()
  local server, sandbox, process

  e2e.serve(function(made, _, its_server)
    sandbox, server = made, its_server
    process = sandbox.process
  end, { arguments = { "--as", "v0.190" } })

  it("run gives the bytes that were printed, newline or not", function()
    local result = check(process:run "printf 'no newline'; printf 'a\\nb' >&2; exit 3")
    assert.same({ exit_code = 3, stdout = "no newline", stderr = "a\nb", truncated = false }, result)
    assert.equal("\n\n", check(process:run "echo; echo").stdout)
    local text = ""
    check(process:run("printf x; sleep 0.1; printf y", { on_stdout = function(chunk) text = text .. chunk end }))
    assert.equal("xy", text)
    local job = check(process:start "printf end")
    assert.equal("end", check(job:wait()).stdout)
    assert.equal("end", check(job:logs()).stdout)
    check(job:kill())
  end)

  it("run does not wait for the end of the followed log", function()
    local execs = support.timed(function()
      for _ = 1, 5 do check(process:exec "true") end
    end)
    local runs = support.timed(function()
      for _ = 1, 5 do check(process:run "true") end
    end)
    local slack = support.is_sanitized() and 10 or 2
    assert.is_true(runs < 5 * execs + slack, ("%g s against %g s"):format(runs, execs))
  end)

  it("run reads the log once, and of a short command nothing else but how it is", function()
    local counts = {}
    local counting = check(server:client { on_request = function(request)
      counts[request.operation] = (counts[request.operation] or 0) + 1
    end })
    local found = check(counting:get(sandbox.id))
    assert.equal("x\n", check(found.process:run "echo x").stdout)
    counts["sandbox.get"], counts["command.status"] = nil, nil
    assert.same({ ["process.create_session"] = 1, ["session.exec"] = 1, ["command.logs"] = 1,
      ["process.delete_session"] = 1, ["command.follow"] = counts["command.follow"] }, counts)
    counting:close()
  end)

  it("a timeout kills what has left its process group", function()
    local mark = e2e.unique "7979"
    fails({ kind = "timeout", message = "was killed" },
      process:run(("setsid sh -c 'sleep 60; : %s' & wait"):format(mark), { timeout = 0.5 }))
    assert.equal("0\n", check(process:exec("ps ax | grep -c '[s]leep 60; : " .. mark .. "'")).result)
  end)

  it("input waits until there is a pipe for it", function()
    local job = check(process:start("read x; echo got $x", { stdin = true }))
    check(job:input "hello")
    assert.equal("got hello\n", check(job:wait()).stdout)
    fails({ kind = "gone" }, job:input "late")
    check(job:kill())
  end)

  it("a command of a session has its own exit code, and a newline at the end of each stream", function()
    local session = check(process:create_session "lines")
    for _, command in ipairs {
      check(session:exec "printf out; printf err >&2; (exit 7)"),
      check(session:exec("sleep 1.3; printf out; printf err >&2; (exit 7)", { keep_awake = true })), -- is followed
    } do
      assert.same({ 7, "out\n", "err\n" }, { command.exit_code, command.stdout, command.stderr })
    end
    assert.same({ 1, "" }, { check(session:exec "false").exit_code, check(session:exec "true").stdout })
  end)

  it("exit in a session comes back", function()
    local session = check(process:create_session "exits")
    local err = fails({ kind = "gone", operation = "session.exec", message = "ended the shell" },
      session:exec "echo bye; exit 4")
    assert.equal("bye\n", err.result.stdout)
    local other = check(process:create_session "goes-on")
    local slow = check(other:exec "(exit 3); echo $?; sleep 1.2; echo exit >&2")
    assert.same({ 0, "3\n", "exit\n" }, { slow.exit_code, slow.stdout, slow.stderr })
  end)

  it("a shell that ends without a hint comes back, too", function()
    local follow, sessions = require "daytona.process.follow", require "daytona.process.session"
    local session = check(process:create_session "no-hint")
    check(sandbox.fs:upload_file({ content = "echo in it; exit 3" }, "ends.sh"))
    local after, held = follow.PROBE_AFTER, sessions.LONGEST_HELD_OPEN
    follow.PROBE_AFTER, sessions.LONGEST_HELD_OPEN = 0.5, 0.5
    local value, err = session:exec(". ./ends.sh", { timeout = 30 })
    follow.PROBE_AFTER, sessions.LONGEST_HELD_OPEN = after, held
    fails({ kind = "gone", message = "ended the shell" }, value, err)
    assert.equal("in it\n", err.result.stdout)
    session = check(process:create_session "unset")
    fails({ kind = "gone", message = "ended the shell" }, session:exec("set -u; echo $NO_SUCH", { timeout = 30 }))
  end)

  it("arguments of code are no shell text", function()
    local argv = { "it is", "x; echo INJECTED", "it's", "", "$HOME", "`id`", "*" }
    local result = check(process:code_run("import sys; print('|'.join(sys.argv[1:]))", { argv = argv }))
    assert.equal(table.concat(argv, "|") .. "\n", result.result)
  end)

  it("paths may end with white space", function()
    check(sandbox.fs:upload_file({ content = "one" }, "/tmp/white "))
    local sent = false
    check(sandbox.fs:upload_file(function()
      local chunk = not sent and "two" or nil
      sent = true
      return chunk
    end, " white"))
    assert.same({ "one", "two" }, { check(sandbox.fs:download_file "/tmp/white "),
      check(sandbox.fs:download_file " white") })
    assert.equal("", check(process:exec "ls -A | grep upload-").result)
  end)
end)

describe("keep_awake", function()
  it("keeps a sandbox from stopping while a call waits", function()
    local server = e2e.start { DAYTONA_LOCAL_MINUTE_SECONDS = 1 }
    local loop = require "daytona.host.loop"
    local client = check(server:client { host = loop })
    loop.run(function()
      check(loop.map({ "exec", "run" }, function(method)
        local sandbox = check(client:create { auto_stop_interval = 2 })
        local result = check(sandbox.process[method](sandbox.process, "sleep 3.5; echo done", { keep_awake = true }))
        assert.equal("done\n", result.result or result.stdout)
        return true
      end))
    end)
    client:close()
    client = check(server:client())
    local sandbox = check(client:create { auto_stop_interval = 2 })
    assert.equal("done\n", check(sandbox.process:exec("sleep 3.5; echo done", { keep_awake = true })).result)
    client:close()
    server:stop()
  end)
end)

describe("the end of a run's session", function()
  local server

  setup(function() server = e2e.start() end)
  teardown(function()
    server:stop()
    support.cleanup()
  end)

  it("is not lost when the client is closed, or the state", function()
    for _, ending in ipairs { "client:close()", "" } do
      local sandbox = check(check(server:client()):create())
      local text, status = support.run(support.lua_command(([[
        local client = require "daytona".new { api_url = %q, api_key = %q }
        local process = client:sandbox(%q).process
        for _ = 1, 5 do assert(process:run "true") end
        %s
      ]]):format(server.api_url, server.api_key, sandbox.id, ending)))
      assert.equal(0, status, text)
      support.eventually(function() return #check(sandbox.process:list_sessions()) == 0 end)
    end
  end)

  it("does not come when what it started is to run on", function()
    local sandbox = check(check(server:client()):create())
    local result = check(sandbox.process:run("sleep 60 >/dev/null 2>&1 </dev/null & echo $!", { leave_running = true }))
    local alive = "kill -0 " .. result.stdout
    assert.equal(0, check(sandbox.process:exec(alive)).exit_code)
    check(sandbox.process:delete_session(result.session_id))
    assert.not_equal(0, check(sandbox.process:exec(alive)).exit_code)
  end)
end)
