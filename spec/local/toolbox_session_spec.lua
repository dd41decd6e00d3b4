-- Sessions, as the toolbox answers them on the wire.

local support = require "spec.support"
local sessions = require "spec.local.session_support"

describe("toolbox session", function()
  local box

  setup(function()
    box = sessions.start()
  end)

  teardown(function()
    box:stop()
    support.cleanup()
  end)

  describe("life", function()
    it("is created, shown, listed and deleted", function()
      local id = box:new()
      local path = "/process/session/" .. id
      support.eq({ sessionId = id, commands = {} }, box:ask("GET", path).json)
      local command = box:exec(id, "true").cmdId
      local view = { sessionId = id, commands = { { id = command, command = "true", exitCode = 0 } } }
      support.eq(view, box:ask("GET", path).json)
      local listed
      for _, session in ipairs(box:ask("GET", "/process/session").json) do
        listed = session.sessionId == id and session or listed
      end
      support.eq(view, listed)
      box:refuses(409, "CONFLICT", "conflict: session already exists", "POST", "/process/session",
        { sessionId = id })
      local gone = box:ask("DELETE", path)
      support.eq({ 204, "" }, { gone.status, gone.body })
      box:refuses(404, "PROCESS_NOT_FOUND", "session not found", "GET", path)
      box:refuses(404, "PROCESS_NOT_FOUND", "session not found", "DELETE", path)
      assert.equal("", box.box:sh("ls .daytona/sessions | grep -x " .. id))
    end)

    it("takes any id", function()
      for escaped, id in pairs { ["%2e%2e"] = "..", ["it's%20%22%24x"] = "it's \"$x",
        [("y"):rep(300)] = ("y"):rep(300), ["%C3%A9"] = "é" } do
        assert.equal(201, box:ask("POST", "/process/session", { sessionId = id }).status)
        assert.equal("hi\n", box:exec(escaped, "echo hi").stdout)
        assert.equal(204, box:delete(escaped).status)
      end
      assert.equal("sessions\n", box.box:sh "ls .daytona")
    end)

    it("refuses what makes no sense", function()
      local id = box:new()
      local path = "/process/session/" .. id
      local prefix = "invalid body request: "
      local required = "Key: '%s' Error:Field validation for '%s' failed on the 'required' tag"
      box:refuses(400, "INVALID_REQUEST_BODY",
        prefix .. required:format("CreateSessionRequest.SessionId", "SessionId"),
        "POST", "/process/session", {})
      box:refuses(400, "BAD_REQUEST",
        "bad request: provided session ID is reserved and cannot be created/overridden",
        "POST", "/process/session", { sessionId = "entrypoint" })
      box:refuses(400, "INVALID_REQUEST_BODY",
        prefix .. required:format("SessionExecuteRequest.Command", "Command"),
        "POST", path .. "/exec", { command = "" })
      box:refuses(400, "BAD_REQUEST", "bad request: command cannot be empty or whitespace-only",
        "POST", path .. "/exec", { command = " \n" })
      box:refuses(400, "INVALID_REQUEST_BODY", prefix .. "json: cannot unmarshal string into Go "
        .. "struct field SessionExecuteRequest.runAsync of type bool",
        "POST", path .. "/exec", { command = "true", runAsync = "yes" })
      box:refuses(404, "PROCESS_NOT_FOUND", "session not found",
        "POST", "/process/session/none/exec", { command = "true" })
      box:refuses(404, "PROCESS_NOT_FOUND", "command not found", "GET", path .. "/command/none")
      box:refuses(404, "PROCESS_NOT_FOUND", "command not found", "GET", path .. "/command/none/logs")
      box:refuses(400, "INVALID_REQUEST_BODY",
        prefix .. required:format("SessionSendInputRequest.Data", "Data"),
        "POST", path .. "/command/none/input", { data = "" })
    end)

    it("has no entrypoint where there is none", function()
      box:refuses(404, "PROCESS_NOT_FOUND", "session not found", "GET", "/process/session/entrypoint")
      box:refuses(404, "PROCESS_NOT_FOUND", "session not found",
        "GET", "/process/session/entrypoint/logs")
    end)
  end)

  describe("exec", function()
    it("keeps the shell's state", function()
      local id = box:new()
      box:exec(id, "cd /tmp; X=1; export Y=2; f() { echo f$1; }")
      support.eq({
        cmdId = support.any_string, exitCode = 0,
        output = "\1\1\1/tmp\n1 2\nf3\n\2\2\2e\n", stdout = "/tmp\n1 2\nf3\n", stderr = "e\n",
      }, box:exec(id, "pwd; echo $X $Y; f 3; sleep 0.1; echo e >&2"))
      assert.equal(5, box:exec(id, "(exit 5)").exitCode)
      assert.equal(7, box:exec(id, "return 7").exitCode)
      local got = box:exec(id, "nosuch")
      assert.equal(127, got.exitCode)
      assert.truthy(got.stderr:find("^/home/daytona/%.daytona/sessions/" .. id
        .. "/[%x-]+/cmd%.sh: line 1: nosuch: command not found\n$"))
    end)

    it("gives nothing to read", function()
      support.eq({ "[]\n", 0 }, (function()
        local got = box:exec(box:new(), 'cat; read -r x; echo "[$x]"')
        return { got.stdout, got.exitCode }
      end)())
    end)

    it("answers an asynchronous one at once, with all keys", function()
      local id = box:new()
      local answer = box:exec_later(id, "sleep 60", { runAsync = true })()
      assert.equal(202, answer.status)
      for _, name in ipairs { "output", "stdout", "stderr", "exitCode" } do
        assert.truthy(answer.body:find(('"%s":null'):format(name), 1, true))
      end
      assert.equal(202, box:exec_later(id, "true", { async = true })().status)
      assert.equal(204, box:delete(id).status)
    end)

    it("runs one after another", function()
      local id = box:new()
      local first = box:start(id, "read x; echo first")
      local second = box:start(id, "echo second")
      local third = box:exec_later(id, "echo third")
      assert.equal("", box:logs(second).output)
      assert.is_nil(box:ask("GET", second).json.exitCode)
      assert.equal(204, box:input(first, "go").status)
      assert.equal("third\n", third().json.stdout)
      assert.equal(0, box:ask("GET", first).json.exitCode)
      assert.equal("second\n", box:logs(second).stdout)
    end)

    it("is complete when nobody can write any more", function()
      local id = box:new()
      assert.equal("go\nlate\n", box:exec(id, "{ sleep 0.3; echo late; } & echo go").stdout)
      local seconds = support.timed(box.exec, box, id, "sleep 50 >/dev/null 2>&1 &")
      assert.is_true(seconds < 5)
      box:delete(id)
    end)

    it("does not wait for what the shell itself keeps open", function()
      local id = box:new()
      assert.equal("on\n", box:exec(id, "exec 3>&1 4>&2; echo on").stdout)
      support.eq({ "ok\n", "" }, (function()
        local got = box:exec(id, "echo lost >&3; echo lost >&4; exec 3>&-; echo ok")
        return { got.stdout, got.stderr }
      end)())
      assert.equal("again\n", box:exec(id, "exec 3>&1; echo again").stdout)
    end)

    it("loses and adds no byte", function()
      local id = box:new()
      local got = box:exec(id, [[printf 'a\0b\1\1\1c\2\2\2d\1\1\1\1'; printf '\2\2\2\1\1\1' >&2]])
      support.eq({ "a\0b\1\1\1c\2\2\2d\1\1\1\1", "\2\2\2\1\1\1" }, { got.stdout, got.stderr })
      support.eq({ got.stdout, got.stderr }, { sessions.split(got.output) })
      assert.equal("\239\191\189é\239\191\189", box:exec(id, [[printf '\377\303\251\303']]).stdout)
    end)

    it("tells markers from output that looks like them", function()
      local id = box:new()
      local got = box:exec(id, [[python3 -uc '
import os, random
random.seed(7)
files = {1: open("out", "wb"), 2: open("err", "wb")}
for _ in range(3000):
    stream = random.choice((1, 2))
    chunk = bytes(random.choices((1, 2, 97), (9, 9, 1), k=random.randrange(1, 6)))
    os.write(stream, chunk)
    files[stream].write(chunk)
']])
      for name, text in pairs { out = got.stdout, err = got.stderr } do
        assert.equal(box:file(name), text)
      end
      support.eq({ got.stdout, got.stderr }, { sessions.split(got.output) })
    end)

    it("holds two floods", function()
      local id = box:new()
      local command = "head -c 3000000 /dev/urandom | tee a >&2 & head -c 3000000 /dev/urandom "
        .. "| base64 -w 0 | tee b; wait"
      local path = box:start(id, command)
      local ws = box:follow(path)
      local raw, _, close = ws:rest()
      ws:drop()
      support.eq({ code = 1000, reason = "" }, close)
      local out, err = sessions.split(raw)
      assert.is_true(box:file "a" == err)
      assert.equal(4000000, #out)
      local whole = box:logs(path)
      assert.is_true(whole.stdout == out)
      assert.equal(box.box:sh "cat b", out)
      local stored = box:ask("GET", path .. "/logs", nil, { ["X-Daytona-SDK-Version"] = "0.166.3" })
      assert.is_true(stored.body == raw)
    end)

    it("suits every class of clients", function()
      local id = box:new()
      local command = "echo out; sleep 0.1; echo err >&2"
      local raw, merged = "\1\1\1out\n\2\2\2err\n", "out\nerr\n"
      local modern = { output = raw, stdout = "out\n", stderr = "err\n" }
      local null = support.json.null
      local cases = {
        { {}, merged },
        { { ["X-Daytona-Split-Output"] = "true" }, raw },
        { { ["X-Daytona-SDK-Version"] = "0.26.9" }, merged },
        { { ["X-Daytona-SDK-Version"] = "v0.27.0" }, raw },
        { { ["X-Daytona-SDK-Version"] = "0.166.3" }, raw },
        { { ["X-Daytona-SDK-Version"] = "hello" }, raw },
        { { ["X-Daytona-SDK-Version"] = "0.167.0-alpha.1" }, modern },
        { { ["X-Daytona-SDK-Version"] = "1.2.3a1" }, modern },
        { { ["X-Daytona-SDK-Version"] = "v0.0.0-dev" }, modern },
      }
      for _, case in ipairs(cases) do
        local got = box:exec(id, command, nil, case[1])
        local path = ("/process/session/%s/command/%s"):format(id, got.cmdId)
        local text = box:ask("GET", path .. "/logs", nil, case[1])
        local ws = assert(box:follow(path, { headers = case[1] }))
        local stream, _, close = ws:rest()
        ws:drop()
        assert.equal(1000, close.code)
        got.cmdId, got.exitCode = nil, nil
        if type(case[2]) == "table" then
          support.eq(modern, got)
          support.eq(modern, text.json)
          assert.equal(raw, stream)
        else
          support.eq({ output = case[2], stdout = null, stderr = null }, got)
          support.eq({ case[2], case[2] }, { text.body, stream })
        end
      end
    end)
  end)

  describe("that ends", function()
    it("gives the command that ended it its exit code", function()
      for command, code in pairs { ["echo bye; exit 3"] = 3, ["echo bye; exec sh -c 'exit 4'"] = 4,
        ["set -e; echo bye; false"] = 1, ["echo bye; kill -9 $$"] = 137 } do
        local id = box:new()
        local got = box:exec(id, command)
        support.eq({ code, "bye\n" }, { got.exitCode, got.stdout })
        box:refuses(410, "SESSION_ENDED", "session process has exited",
          "POST", "/process/session/" .. id .. "/exec", { command = "true" })
        assert.equal(code, box:ask("GET", "/process/session/" .. id).json.commands[1].exitCode)
        assert.equal(204, box:delete(id).status)
      end
    end)

    it("takes no command from whoever has heard of its end", function()
      for _ = 1, 60 do
        local id = box:new()
        assert.equal(3, box:exec(id, "exit 3").exitCode)
        box:refuses(410, "SESSION_ENDED", "session process has exited",
          "POST", "/process/session/" .. id .. "/exec", { command = "true" })
        assert.equal(1, #box:ask("GET", "/process/session/" .. id).json.commands)
        assert.equal(204, box:delete(id).status)
      end
    end)

    it("ends what waited with a reason", function()
      local id = box:new()
      local first = box:start(id, "read x; exit 3")
      local second = box:start(id, "echo never")
      local third = box:exec_later(id, "echo never")
      support.eventually(function()
        return #box:ask("GET", "/process/session/" .. id).json.commands == 3
      end)
      box:input(first, "go")
      assert.equal("SESSION_ENDED", third().json.code)
      support.eq({ 3, -1 }, { box:wait(first), box:wait(second) })
      assert.equal("daytona: the command was not run: its session had ended\n",
        box:logs(second).stderr)
    end)

    it("is noticed between commands", function()
      local id = box:new()
      local pid = box:exec(id, "echo $$").stdout
      box.box:sh("kill -9 " .. pid)
      support.eventually(function()
        return box:exec_later(id, "true")().status == 410
      end)
    end)
  end)

  describe("input", function()
    it("is one line, shown before what comes of it", function()
      local id = box:new()
      local path = box:start(id, 'printf "name? "; read -r n; echo "hello $n"; read -r m; echo "$m"')
      local ws = box:follow(path)
      ws:expect "name%? $"
      assert.equal(204, box:input(path, "you").status)
      ws:expect "hello you\n$"
      assert.equal(204, box:input(path, "end\n").status)
      ws:rest()
      ws:drop()
      assert.equal("name? you\nhello you\nend\nend\n", box:logs(path).stdout)
      box:refuses(410, "COMMAND_ALREADY_COMPLETED",
        "command has already completed with exit code 0",
        "POST", path .. "/input", { data = "more" })
    end)

    it("is not shown where that is not wanted", function()
      local id = box:new()
      local path = box:start(id, "read -r n; echo ${#n}", { suppressInputEcho = true })
      box:input(path, "secret")
      assert.equal(0, box:wait(path))
      assert.equal("6\n", box:logs(path).stdout)
    end)

    it("waits for a command that has not begun", function()
      local id = box:new()
      local first = box:start(id, "read -r x")
      local second = box:start(id, "read -r x; echo $x")
      assert.equal(204, box:input(second, "early").status)
      assert.equal(204, box:input(first, "go").status)
      assert.equal(0, box:wait(second))
      assert.equal("early\nearly\n", box:logs(second).stdout)
    end)

    it("may be long, and does not outlive its command", function()
      local id = box:new()
      local lines = ("%s\n"):format(("x"):rep(999)):rep(300)
      local path = box:start(id, "head -c 300000 | cksum", { suppressInputEcho = true })
      assert.equal(204, box:input(path, lines).status)
      assert.equal(0, box:wait(path))
      assert.equal(box.box:sh("head -c 999 /dev/zero | tr '\\0' x > l; echo >> l; "
        .. "for i in $(seq 300); do cat l; done | cksum"), box:logs(path).stdout)
      local other = box:start(id, "sleep 0.3", { suppressInputEcho = true })
      box:refuses(410, "COMMAND_ALREADY_COMPLETED",
        "command has already completed with exit code 0",
        "POST", other .. "/input", { data = lines })
    end)

    it("is refused by a command that was not started for it", function()
      local id = box:new()
      local done = box:exec_later(id, "sleep 0.5")
      local command
      support.eventually(function()
        command = box:ask("GET", "/process/session/" .. id).json.commands[1]
        return command
      end)
      box:refuses(409, "CONFLICT", "conflict: command takes no input: it was not started asynchronously",
        "POST", ("/process/session/%s/command/%s/input"):format(id, command.id), { data = "x" })
      assert.equal(0, done().json.exitCode)
    end)
  end)
end)
