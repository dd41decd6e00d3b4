-- Sessions and their commands, on a real server.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("sessions", function()
  local server, sandbox, process

  e2e.serve(function(made, _, its_server)
    sandbox, server = made, its_server
    process = sandbox.process
  end)

  local session
  before_each(function()
    session = check(process:create_session(e2e.unique "spec"))
  end)

  after_each(function()
    session:delete()
  end)

  it("are made, listed, read and deleted", function()
    assert.equal("daytona.session (" .. session.id .. ")", tostring(session))
    local found
    for _, other in ipairs(check(process:list_sessions())) do
      found = found or other.id == session.id
    end
    assert.is_true(found)
    assert.same({}, check(process:get_session(session.id)).commands)
    check(session:exec "echo one")
    local read = check(process:get_session(session.id))
    assert.equal("echo one", read.commands[1].command)
    assert.equal(0, read.commands[1].exit_code)
    assert.is_true(check(session:delete()))
    fails({ kind = "not_found", operation = "process.get_session" }, process:get_session(session.id))
    fails({ kind = "not_found", operation = "process.delete_session" }, session:delete())
  end)

  it("get an id of their own where none is given", function()
    local first, second = check(process:create_session()), check(process:create_session())
    assert.not_equal(first.id, second.id)
    check(process:delete_session(first.id))
    check(process:delete_session(second.id))
  end)

  it("refuse an id that is taken", function()
    fails({ kind = "conflict", status = 409, operation = "process.create_session" },
      process:create_session(session.id))
  end)

  it("keep both streams apart", function()
    local command = check(session:exec "echo out; echo err >&2; printf more")
    assert.equal(e2e.kept "out\nmore", command.stdout)
    assert.equal("err\n", command.stderr)
    assert.equal(0, command.exit_code)
    assert.equal(3, check(session:exec "(exit 3)").exit_code)
  end)

  it("keep their state from command to command", function()
    check(session:exec "cd /tmp; export A=1; f() { echo \"f $1\"; }")
    assert.equal("/tmp\n1\nf x\n", check(session:exec "pwd; echo $A; f x").stdout)
  end)

  it("give bytes as they were printed", function()
    local bytes = e2e.all_bytes()
    check(sandbox.fs:upload_file({ content = bytes }, "bytes"))
    local command = check(session:exec("cat bytes; cat bytes >&2", { async = true }))
    check(command:follow { on_stdout = function() end })
    local logs = check(command:logs())
    assert.equal(e2e.kept(bytes), logs.stdout)
    assert.equal(e2e.kept(bytes), logs.stderr)
  end)

  it("tell whether a command runs, and take its input", function()
    local command = check(session:exec("read a; echo got $a; read b; echo and $b",
      { async = true, suppress_input_echo = true }))
    assert.is_nil(command.exit_code)
    assert.is_nil(check(command:status()).exit_code)
    check(command:input "one")
    check(command:input "two\n")
    support.eventually(function()
      return check(command:status()).exit_code
    end)
    assert.equal("got one\nand two\n", check(command:logs()).stdout)
    fails({ kind = "gone", status = 410, operation = "command.input" }, command:input "late")
  end)

  it("show what is typed unless told otherwise", function()
    local command = check(session:exec("read a", { async = true }))
    check(command:input "typed")
    check(command:follow { on_stdout = function() end })
    assert.equal("typed\n", check(command:logs()).stdout)
  end)

  it("run commands one after another", function()
    local first = check(session:exec("read x; echo first", { async = true, suppress_input_echo = true }))
    local second = check(session:exec("echo second", { async = true }))
    assert.same({ "", "" }, { check(second:logs()).stdout, check(second:logs()).stderr })
    assert.is_nil(check(second:status()).exit_code)
    check(first:input "go")
    local lines = {}
    for _, chunk in second:follow() do
      lines[#lines + 1] = chunk
    end
    assert.equal("second\n", table.concat(lines))
    assert.equal(0, second.exit_code)
    assert.equal(0, check(first:status()).exit_code)
  end)

  it("read a log from where they were", function()
    local command = check(session:exec("echo one; echo two >&2; read x; echo three",
      { async = true, suppress_input_echo = true }))
    local logs
    support.eventually(function()
      logs = check(command:logs())
      return logs.stdout == "one\n" and logs.stderr == "two\n"
    end)
    assert.equal("", check(command:logs { cursor = logs.cursor }).stdout)
    check(command:input "go")
    support.eventually(function()
      return check(command:status()).exit_code
    end)
    local rest = check(command:logs { cursor = logs.cursor })
    assert.same({ "three\n", "" }, { rest.stdout, rest.stderr })
    local piece = check(command:logs { max_output = 5 })
    assert.same({ "on", "", true }, { piece.stdout, piece.stderr, piece.truncated })
    assert.is_false(rest.truncated)
    local followed = {}
    for name, chunk in command:follow { cursor = logs.cursor } do
      followed[#followed + 1] = name .. " " .. chunk
    end
    assert.same({ "stdout three\n" }, followed)
    assert.equal("command.follow: field 'cursor': one that logs gave expected, got '1:x'",
      support.raised(command.follow, command, { cursor = "1:x" }))
    piece = check(command:logs { max_output = 1, cursor = piece.cursor })
    assert.same({ "e", "" }, { piece.stdout, piece.stderr })
    assert.equal("command.logs: field 'cursor': one that logs gave expected, got 'x'",
      support.raised(command.logs, command, { cursor = "x" }))
  end)

  it("end with exit, and say so", function()
    if support.as then
      local err = fails({ kind = "gone", message = "does not tell with what exit code" },
        session:exec "echo bye; exit 3")
      assert.equal("bye\n", err.result.stdout)
    else
      local command = check(session:exec "echo bye; exit 3")
      assert.same({ 3, "bye\n" }, { command.exit_code, command.stdout })
    end
    local message = support.as and "ended" or "exited"
    fails({ kind = "gone", code = "SESSION_ENDED", message = message, outcome = "failed" }, session:exec "echo more")
    fails({ kind = "gone", outcome = "failed" }, session:exec("echo more", { async = true }))
  end)

  it("give up waiting after the timeout; the command runs on", function()
    fails({ kind = "timeout", operation = "session.exec", outcome = "unknown" },
      session:exec("sleep 1.5; echo done", { timeout = 0.3 }))
    local command = check(process:get_session(session.id)).commands[1]
    assert.equal("sleep 1.5; echo done", command.command)
    assert.is_nil(command.exit_code)
  end)

  it("wake who waits when they are deleted", function()
    local command = check(session:exec("sleep 60", { async = true }))
    local stream = command:follow()
    local other = check(server:client()):sandbox(sandbox.id)
    check(other.process:delete_session(session.id))
    fails({ kind = "not_found", operation = "command.status", message = "deleted while its command was followed" },
      stream:read())
    assert.is_nil((stream:read()))
  end)

  it("check arguments before anything is sent", function()
    for message, call in pairs {
      ["session.exec: field 'command': must not be blank"] = function() session:exec " " end,
      ["session.exec: field 'command': string expected, got table"] = function() session:exec {} end,
      ["session.exec: unknown option 'asynk' (did you mean 'async'?)"] = function()
        session:exec("x", { asynk = true })
      end,
      ["process.create_session: field 'session_id': must not be blank"] = function() process:create_session "" end,
      ["process.create_session: field 'session_id': '..' cannot be an id"] = function() process:create_session ".." end,
      ["process.create_session: field 'session_id': 'x/y' cannot be an id"] = function()
        process:create_session "x/y"
      end,
      ["process.get_session: field 'session_id': required"] = function() process:get_session() end,
      ["command.follow: field 'on_stdout': function expected, got string"] = function()
        check(session:exec "true"):follow { on_stdout = "x" }
      end,
    } do
      assert.equal(message, support.raised(call))
    end
  end)

  it("have none for the sandbox's own program where there is none", function()
    fails({ kind = "not_found", operation = "process.get_entrypoint_session" }, process:get_entrypoint_session())
  end)

  it("begin in their directory, with their variables", function()
    check(sandbox.process:exec "mkdir -p 'it is/here'")
    local set = check(sandbox.process:create_session(nil, {
      cwd = "it is/here", env = { A = "it's $B\n", C = "" },
    }))
    local command = check(set:exec "pwd; printf '%s|' \"$A\" \"${C-unset}\"; sh -c 'echo ${A+exported}'")
    assert.truthy(command.stdout:find("/it is/here\nit's $B\n||exported\n", 1, true), command.stdout)
    check(set:delete())
    local before = #check(sandbox.process:list_sessions())
    fails({ kind = "not_found", operation = "process.create_session", message = "no such" },
      sandbox.process:create_session(nil, { cwd = "no such" }))
    assert.equal(before, #check(sandbox.process:list_sessions()))
    assert.truthy(support.raised(sandbox.process.create_session, sandbox.process, "x", { env = { ["a b"] = "c" } })
      :find("cannot be the name of a variable", 1, true))
  end)
end)
