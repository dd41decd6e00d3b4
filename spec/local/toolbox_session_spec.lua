-- Sessions, as the toolbox answers them on the wire. The requests are written
-- by hand here: much depends on what a client says it is.

local socket = require "socket"
local support = require "spec.support"
local toolbox = require "spec.local.toolbox_support"

local MODERN = { ["X-Daytona-SDK-Version"] = "0.205.1" }

describe("toolbox session", function()
  local box

  setup(function()
    box = toolbox.start()
  end)

  teardown(function()
    box:stop()
    support.cleanup()
  end)

  -- Sends a request; the function that is returned waits for the answer and
  -- gives { status, body, json }.
  local function ask_later(method, path, body, headers)
    local host, port, prefix = box.sandbox.toolbox_proxy_url:match "^http://([^:/]+):(%d+)(.*)$"
    local text = body and (type(body) == "string" and body or support.json.encode(body)) or ""
    local lines = {
      ("%s %s/%s%s HTTP/1.0"):format(method, prefix, box.sandbox.id, path),
      "Authorization: Bearer " .. box.server.api_key,
      "Content-Length: " .. #text,
    }
    for name, value in pairs(headers or MODERN) do
      lines[#lines + 1] = name .. ": " .. value
    end
    local tcp = assert(socket.tcp())
    tcp:settimeout(20)
    assert(tcp:connect(host, tonumber(port)))
    assert(tcp:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. text))
    return function()
      local all = assert(tcp:receive "*a")
      tcp:close()
      local head, rest = all:match "^(.-)\r\n\r\n(.*)$"
      local answer = { status = tonumber(head:match "^HTTP/1.%d (%d+)"), body = rest }
      if head:find "[Cc]ontent%-[Tt]ype: application/json" then
        answer.json = support.json.decode(rest)
      end
      return answer
    end
  end

  local function ask(...)
    return ask_later(...)()
  end

  local names = 0
  local function new_session()
    names = names + 1
    local id = "s" .. names
    assert.equal(201, ask("POST", "/process/session", { sessionId = id }).status)
    return id
  end

  local function exec_later(id, command, more, headers)
    local body = { command = command }
    for name, value in pairs(more or {}) do
      body[name] = value
    end
    return ask_later("POST", "/process/session/" .. id .. "/exec", body, headers)
  end

  -- Runs a command to its end: what it answers.
  local function exec(...)
    local answer = exec_later(...)()
    assert.equal(200, answer.status, answer.body)
    return answer.json
  end

  -- Starts a command: its path.
  local function start(id, command, more)
    local body = { runAsync = true }
    for name, value in pairs(more or {}) do
      body[name] = value
    end
    local answer = exec_later(id, command, body)()
    assert.equal(202, answer.status, answer.body)
    return ("/process/session/%s/command/%s"):format(id, answer.json.cmdId)
  end

  local function exit_code(path)
    return ask("GET", path).json.exitCode
  end

  local function wait(path)
    support.eventually(function()
      return exit_code(path) ~= nil
    end)
    return exit_code(path)
  end

  local function logs(path)
    return ask("GET", path .. "/logs").json
  end

  local function follow(path, options)
    options = options or { headers = MODERN }
    return box:websocket(path .. "/logs?follow=true", options)
  end

  -- The two streams of a log, read at once from the left.
  local function split(text)
    local streams, at, current = { {}, {} }, 1, nil
    while at <= #text do
      local marker = text:find("\1\1\1", at, true)
      local other = text:find("\2\2\2", at, true)
      local to = math.min(marker or #text + 1, other or #text + 1)
      if to > at then
        assert.is_number(current)
        table.insert(streams[current], text:sub(at, to - 1))
      end
      current = text:byte(to)
      at = to + 3
    end
    return table.concat(streams[1]), table.concat(streams[2])
  end

  local function refuses(status, code, message, method, path, body)
    local answer = ask(method, path, body)
    support.eq({
      statusCode = status, code = code, message = message, method = method,
      path = path, timestamp = support.any_string, source = "DAYTONA_DAEMON",
    }, answer.json)
    assert.equal(status, answer.status)
  end

  local function processes(pattern)
    return box:sh("ps -e -o args= | grep -c '" .. pattern .. "$'"):gsub("%s", "")
  end

  describe("life", function()
    it("is created, shown, listed and deleted", function()
      local id = new_session()
      local path = "/process/session/" .. id
      support.eq({ sessionId = id, commands = {} }, ask("GET", path).json)
      local command = exec(id, "true").cmdId
      local view = { sessionId = id, commands = { { id = command, command = "true", exitCode = 0 } } }
      support.eq(view, ask("GET", path).json)
      local listed
      for _, session in ipairs(ask("GET", "/process/session").json) do
        listed = session.sessionId == id and session or listed
      end
      support.eq(view, listed)
      refuses(409, "CONFLICT", "conflict: session already exists", "POST", "/process/session",
        { sessionId = id })
      local gone = ask("DELETE", path)
      support.eq({ 204, "" }, { gone.status, gone.body })
      refuses(404, "NOT_FOUND", "not found: session not found", "GET", path)
      refuses(404, "NOT_FOUND", "not found: session not found", "DELETE", path)
      assert.equal("", box:sh("ls .daytona/sessions | grep -x " .. id))
    end)

    it("takes any id", function()
      for escaped, id in pairs { ["%2e%2e"] = "..", ["it's%20%22%24x"] = "it's \"$x",
        [("y"):rep(300)] = ("y"):rep(300), ["%C3%A9"] = "é" } do
        assert.equal(201, ask("POST", "/process/session", { sessionId = id }).status)
        assert.equal("hi\n", exec(escaped, "echo hi").stdout)
        assert.equal(204, ask("DELETE", "/process/session/" .. escaped).status)
      end
      assert.equal("sessions\n", box:sh "ls .daytona")
    end)

    it("refuses what makes no sense", function()
      local id = new_session()
      local path = "/process/session/" .. id
      local prefix = "invalid body request: "
      local required = "Key: '%s' Error:Field validation for '%s' failed on the 'required' tag"
      refuses(400, "INVALID_REQUEST_BODY",
        prefix .. required:format("CreateSessionRequest.SessionId", "SessionId"),
        "POST", "/process/session", {})
      refuses(400, "BAD_REQUEST",
        "bad request: provided session ID is reserved and cannot be created/overridden",
        "POST", "/process/session", { sessionId = "entrypoint" })
      refuses(400, "INVALID_REQUEST_BODY",
        prefix .. required:format("SessionExecuteRequest.Command", "Command"),
        "POST", path .. "/exec", { command = "" })
      refuses(400, "BAD_REQUEST", "bad request: command cannot be empty or whitespace-only",
        "POST", path .. "/exec", { command = " \n" })
      refuses(400, "INVALID_REQUEST_BODY", prefix .. "json: cannot unmarshal string into Go "
        .. "struct field SessionExecuteRequest.runAsync of type bool",
        "POST", path .. "/exec", { command = "true", runAsync = "yes" })
      refuses(404, "NOT_FOUND", "not found: session not found",
        "POST", "/process/session/none/exec", { command = "true" })
      refuses(404, "NOT_FOUND", "not found: command not found", "GET", path .. "/command/none")
      refuses(404, "NOT_FOUND", "not found: command not found", "GET", path .. "/command/none/logs")
      refuses(400, "INVALID_REQUEST_BODY",
        prefix .. required:format("SessionSendInputRequest.Data", "Data"),
        "POST", path .. "/command/none/input", { data = "" })
    end)

    it("has no entrypoint where there is none", function()
      refuses(404, "NOT_FOUND", "not found: session not found", "GET", "/process/session/entrypoint")
      refuses(404, "NOT_FOUND", "not found: session not found",
        "GET", "/process/session/entrypoint/logs")
    end)
  end)

  describe("exec", function()
    it("keeps the shell's state", function()
      local id = new_session()
      exec(id, "cd /tmp; X=1; export Y=2; f() { echo f$1; }")
      support.eq({
        cmdId = support.any_string, exitCode = 0,
        output = "\1\1\1/tmp\n1 2\nf3\n\2\2\2e\n", stdout = "/tmp\n1 2\nf3\n", stderr = "e\n",
      }, exec(id, "pwd; echo $X $Y; f 3; sleep 0.1; echo e >&2"))
      assert.equal(5, exec(id, "(exit 5)").exitCode)
      assert.equal(7, exec(id, "return 7").exitCode)
      local got = exec(id, "nosuch")
      assert.equal(127, got.exitCode)
      assert.truthy(got.stderr:find("^/home/daytona/%.daytona/sessions/" .. id
        .. "/[%x-]+/cmd%.sh: line 1: nosuch: command not found\n$"))
    end)

    it("gives nothing to read", function()
      support.eq({ "[]\n", 0 }, (function()
        local got = exec(new_session(), 'cat; read -r x; echo "[$x]"')
        return { got.stdout, got.exitCode }
      end)())
    end)

    it("answers an asynchronous one at once, with all keys", function()
      local id = new_session()
      local answer = exec_later(id, "sleep 60", { runAsync = true })()
      assert.equal(202, answer.status)
      for _, name in ipairs { "output", "stdout", "stderr", "exitCode" } do
        assert.truthy(answer.body:find(('"%s":null'):format(name), 1, true))
      end
      assert.equal(202, exec_later(id, "true", { async = true })().status)
      assert.equal(204, ask("DELETE", "/process/session/" .. id).status)
    end)

    it("runs one after another", function()
      local id = new_session()
      local first = start(id, "read x; echo first")
      local second = start(id, "echo second")
      local third = exec_later(id, "echo third")
      assert.equal("", logs(second).output)
      assert.is_nil(exit_code(second))
      assert.equal(204, ask("POST", first .. "/input", { data = "go" }).status)
      assert.equal("third\n", third().json.stdout)
      assert.equal(0, exit_code(first))
      assert.equal("second\n", logs(second).stdout)
    end)

    it("is complete when nobody can write any more", function()
      local id = new_session()
      assert.equal("go\nlate\n", exec(id, "{ sleep 0.3; echo late; } & echo go").stdout)
      local seconds = support.timed(exec, id, "sleep 50 >/dev/null 2>&1 &")
      assert.is_true(seconds < 5)
      ask("DELETE", "/process/session/" .. id)
    end)

    it("loses and adds no byte", function()
      local id = new_session()
      local got = exec(id, [[printf 'a\0b\1\1\1c\2\2\2d\1\1\1\1'; printf '\2\2\2\1\1\1' >&2]])
      support.eq({ "a\0b\1\1\1c\2\2\2d\1\1\1\1", "\2\2\2\1\1\1" }, { got.stdout, got.stderr })
      support.eq({ got.stdout, got.stderr }, { split(got.output) })
      assert.equal("\239\191\189é\239\191\189", exec(id, [[printf '\377\303\251\303']]).stdout)
    end)

    it("holds two floods", function()
      local id = new_session()
      local command = "head -c 3000000 /dev/urandom | tee a >&2 & head -c 3000000 /dev/urandom "
        .. "| base64 -w 0 | tee b; wait"
      local path = start(id, command)
      local ws = follow(path)
      local raw, _, close = ws:rest()
      ws:drop()
      support.eq({ code = 1000, reason = "" }, close)
      local out, err = split(raw)
      assert.equal(box.client:request("GET", "/files/download",
        { sandbox = box.sandbox, query = { path = "a" }, raw = true }), err)
      assert.equal(4000000, #out)
      local whole = logs(path)
      assert.is_true(whole.stdout == out)
      assert.equal(box:sh "cat b", out)
    end)

    it("suits every class of clients", function()
      local id = new_session()
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
        local got = exec(id, command, nil, case[1])
        local path = ("/process/session/%s/command/%s"):format(id, got.cmdId)
        local text = ask("GET", path .. "/logs", nil, case[1])
        local ws = assert(follow(path, { headers = case[1] }))
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
        local id = new_session()
        local got = exec(id, command)
        support.eq({ code, "bye\n" }, { got.exitCode, got.stdout })
        refuses(410, "SESSION_ENDED",
          "gone: session has ended: its shell exited with code " .. code,
          "POST", "/process/session/" .. id .. "/exec", { command = "true" })
        assert.equal(code, ask("GET", "/process/session/" .. id).json.commands[1].exitCode)
        assert.equal(204, ask("DELETE", "/process/session/" .. id).status)
      end
    end)

    it("ends what waited with a reason", function()
      local id = new_session()
      local first = start(id, "read x; exit 3")
      local second = start(id, "echo never")
      local third = exec_later(id, "echo never")
      support.eventually(function()
        return #ask("GET", "/process/session/" .. id).json.commands == 3
      end)
      ask("POST", first .. "/input", { data = "go" })
      assert.equal("SESSION_ENDED", third().json.code)
      support.eq({ 3, -1 }, { wait(first), wait(second) })
      assert.equal("daytona: the command was not run: its session had ended\n",
        logs(second).stderr)
    end)

    it("is noticed between commands", function()
      local id = new_session()
      local pid = exec(id, "echo $$").stdout
      box:sh("kill -9 " .. pid)
      support.eventually(function()
        return exec_later(id, "true")().status == 410
      end)
    end)
  end)

  describe("input", function()
    it("is one line, shown before what comes of it", function()
      local id = new_session()
      local path = start(id, 'printf "name? "; read -r n; echo "hello $n"; read -r m; echo "$m"')
      local ws = follow(path)
      ws:expect "name%? $"
      assert.equal(204, ask("POST", path .. "/input", { data = "you" }).status)
      ws:expect "hello you\n$"
      assert.equal(204, ask("POST", path .. "/input", { data = "end\n" }).status)
      ws:rest()
      ws:drop()
      assert.equal("name? you\nhello you\nend\nend\n", logs(path).stdout)
      refuses(410, "COMMAND_ALREADY_COMPLETED",
        "gone: command has already completed with exit code 0",
        "POST", path .. "/input", { data = "more" })
    end)

    it("is not shown where that is not wanted", function()
      local id = new_session()
      local path = start(id, "read -r n; echo ${#n}", { suppressInputEcho = true })
      ask("POST", path .. "/input", { data = "secret" })
      assert.equal(0, wait(path))
      assert.equal("6\n", logs(path).stdout)
    end)

    it("waits for a command that has not begun", function()
      local id = new_session()
      local first = start(id, "read -r x")
      local second = start(id, "read -r x; echo $x")
      assert.equal(204, ask("POST", second .. "/input", { data = "early" }).status)
      assert.equal(204, ask("POST", first .. "/input", { data = "go" }).status)
      assert.equal(0, wait(second))
      assert.equal("early\nearly\n", logs(second).stdout)
    end)

    it("may be long, and does not outlive its command", function()
      local id = new_session()
      local lines = ("%s\n"):format(("x"):rep(999)):rep(300)
      local path = start(id, "head -c 300000 | cksum", { suppressInputEcho = true })
      assert.equal(204, ask("POST", path .. "/input", { data = lines }).status)
      assert.equal(0, wait(path))
      assert.equal(box:sh("head -c 999 /dev/zero | tr '\\0' x > l; echo >> l; "
        .. "for i in $(seq 300); do cat l; done | cksum"), logs(path).stdout)
      local other = start(id, "sleep 0.3", { suppressInputEcho = true })
      refuses(410, "COMMAND_ALREADY_COMPLETED",
        "gone: command has already completed with exit code 0",
        "POST", other .. "/input", { data = lines })
    end)

    it("is refused by a command that was not started for it", function()
      local id = new_session()
      local done = exec_later(id, "sleep 0.5")
      local command
      support.eventually(function()
        command = ask("GET", "/process/session/" .. id).json.commands[1]
        return command
      end)
      refuses(409, "CONFLICT", "conflict: command takes no input: it was not started asynchronously",
        "POST", ("/process/session/%s/command/%s/input"):format(id, command.id), { data = "x" })
      assert.equal(0, done().json.exitCode)
    end)
  end)

  describe("follow", function()
    it("sends bytes as they come, not lines", function()
      local id = new_session()
      local path = start(id, "printf '$ '; read -r x; printf end")
      local ws = follow(path, { protocols = { "X-Daytona-SDK-Version~0.205.1" } })
      assert.equal("\1\1\1$ ", ws:expect "%$ $")
      ask("POST", path .. "/input", { data = "x" })
      local rest, _, close = ws:rest()
      ws:drop()
      support.eq({ "x\nend", { code = 1000, reason = "" } }, { rest, close })
    end)

    it("ends no message with a marker", function()
      local id = new_session()
      local path = start(id, "for i in $(seq 500); do echo $i; echo $i >&2; done")
      local ws = follow(path)
      local raw = ""
      while true do
        local data = ws:message()
        if not data then
          break
        end
        assert.falsy(data:find "\1\1\1$" or data:find "\2\2\2$")
        raw = raw .. data
      end
      ws:drop()
      local out, err = split(raw)
      local numbers = box:sh "seq 500"
      support.eq({ numbers, numbers }, { out, err })
    end)

    it("gives what there is when not asked to follow", function()
      local id = new_session()
      local path = start(id, "echo one; read -r x")
      support.eventually(function()
        return logs(path).stdout == "one\n"
      end)
      local ws = box:websocket(path .. "/logs", { headers = MODERN })
      local raw, _, close = ws:rest()
      ws:drop()
      support.eq({ "\1\1\1one\n", 1000 }, { raw, close.code })
      ask("DELETE", "/process/session/" .. id)
    end)

    it("refuses before it begins", function()
      local ws, answer = follow "/process/session/none/command/none"
      assert.is_nil(ws)
      support.eq({ 404, "not found: session not found" },
        { answer.status, support.json.decode(answer.body).message })
    end)

    it("ends when the client goes, and hears nothing", function()
      local id = new_session()
      local path = start(id, "echo one; read -r x; echo two")
      local ws = follow(path)
      ws:send("ignored", "text")
      ws:expect "one\n"
      ws:frame("ping", "p")
      assert.equal("pong", ws:receive().kind)
      assert.equal(1000, ws:close(1000))
      ask("POST", path .. "/input", { data = "x" })
      assert.equal(0, wait(path))
    end)

    it("holds up nothing but itself", function()
      local id = new_session()
      local path = start(id, "head -c 20000000 /dev/zero")
      local slow = follow(path)
      assert.equal(0, wait(path))
      assert.equal(20000000, #slow:rest():gsub("^\1\1\1", ""))
      slow:drop()
    end)
  end)

  describe("delete", function()
    it("ends every process, followers and who waits", function()
      local id = new_session()
      exec(id, "(sleep 771 >/dev/null 2>&1 &); setsid sleep 772 >/dev/null 2>&1 &")
      local path = start(id, "echo on; sleep 773")
      local waiting = exec_later(id, "true")
      local ws = follow(path)
      ws:expect "on\n"
      local seconds = support.timed(function()
        assert.equal(204, ask("DELETE", "/process/session/" .. id).status)
      end)
      assert.is_true(seconds < 4)
      local _, _, close = ws:rest()
      ws:drop()
      assert.equal(1000, close.code)
      local answer = waiting()
      support.eq({ 410, "SESSION_ENDED", "gone: session has been deleted" },
        { answer.status, answer.json.code, answer.json.message })
      assert.equal("0", processes "sleep 77[123]")
      assert.equal("0", (box:sh "ps -e -o stat= | grep -c ^Z":gsub("%s", "")))
    end)

    it("kills what does not listen", function()
      local id = new_session()
      local path = start(id, "trap '' TERM; echo on; while :; do sleep 1; done")
      local ws = follow(path)
      ws:expect "on\n"
      local waiting = ask_later("DELETE", "/process/session/" .. id)
      refuses(409, "CONFLICT", "conflict: session already exists", "POST", "/process/session",
        { sessionId = id })
      assert.equal("SESSION_ENDED", exec_later(id, "true")().json.code)
      assert.equal(204, waiting().status)
      ws:drop()
      assert.equal(404, ask("GET", path).status)
    end)

    it("leaves nothing open", function()
      local function open_files()
        return box:sh "ls /proc/$PPID/fd | wc -l"
      end
      local function cycle()
        local id = new_session()
        local path = start(id, "read -r x")
        follow(path):drop()
        exec_later(id, "true", { runAsync = true })()
        ask("POST", path .. "/input", { data = "x" })
        ask("DELETE", "/process/session/" .. id)
      end
      cycle()
      local before = open_files()
      for _ = 1, 5 do
        cycle()
      end
      support.eventually(function()
        return open_files() == before
      end)
    end)
  end)
end)

describe("toolbox session of a sandbox", function()
  after_each(support.cleanup)

  it("that stops is left with 1001", function()
    local box = toolbox.start()
    local sandbox = box.sandbox
    box:ask("POST", "/process/session", { body = { sessionId = "s" } })
    local command = box:ask("POST", "/process/session/s/exec",
      { body = { command = "echo on; sleep 60", runAsync = true } })
    local ws = box:websocket(("/process/session/s/command/%s/logs?follow=true"):format(
      command.cmdId), { headers = MODERN })
    ws:expect "on\n"
    assert(sandbox:stop())
    local _, _, close = ws:rest()
    ws:drop()
    assert.equal(1001, close.code)
    assert(sandbox:start())
    support.eq({}, box:ask("GET", "/process/session"))
    assert.equal("", box:sh "ls .daytona/sessions 2>/dev/null")
    box:stop()
  end)

  it("with an entrypoint shows it", function()
    local box = toolbox.start(nil, { "--entrypoint", "echo \"it's\"; echo up >&2; read x" })
    local path = "/process/session/entrypoint"
    support.eventually(function()
      return box:ask("GET", path .. "/logs").stderr == "up\n"
    end)
    support.eq({ output = support.any_string, stdout = "it's\n", stderr = "up\n" },
      box:ask("GET", path .. "/logs"))
    support.eq({ sessionId = "entrypoint", commands = { { id = "entrypoint_command",
      command = [['sh' '-c' 'echo "it'\''s"; echo up >&2; read x']] } } }, box:ask("GET", path))
    support.eq({}, box:ask("GET", "/process/session"))
    local ws = box:websocket(path .. "/logs?follow=true")
    assert.equal("\1\1\1", ws:expect("it's\n"):sub(1, 3))
    ws:drop()
    for message, request in pairs {
      ["bad request: can't delete entrypoint session"] = { "DELETE", path },
      ["bad request: can't execute command in entrypoint session"] =
        { "POST", path .. "/exec", { body = { command = "true" } } },
      ["bad request: can't send input to entrypoint session"] =
        { "POST", path .. "/command/entrypoint_command/input", { body = { data = "x" } } },
    } do
      assert.equal(message, box:refuses(400, "BAD_REQUEST", request[1], request[2], request[3]))
    end
    box:stop()
  end)
end)
