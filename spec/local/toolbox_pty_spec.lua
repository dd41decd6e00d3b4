-- Terminals, as the toolbox answers on the wire.

local support = require "spec.support"
local toolbox = require "spec.local.toolbox_support"
local websocket = require "spec.support.websocket"

local EXIT_CONTROL = "X-Daytona-Pty-Exit-Control"

describe("toolbox pty", function()
  local box, count = nil, 0

  setup(function()
    box = toolbox.start()
  end)

  teardown(function()
    box:stop()
    support.cleanup()
  end)

  local function new_id()
    count = count + 1
    return "p" .. count
  end

  local CONNECTED = { status = "connected", type = "control" }

  -- Connects to a terminal that is there; `options` as for box:websocket.
  local function connect(id, options)
    local ws = assert(box:websocket("/process/pty/" .. id .. "/connect", options))
    local text, kind = ws:message()
    assert.equal("text", kind)
    support.eq(CONNECTED, support.json.decode(text))
    return ws
  end

  -- Makes a terminal and connects to it at once. Gives the socket and the id.
  local function open(query, options)
    local id = new_id()
    local ws = assert(box:websocket("/process/pty/create-connect?id=" .. id .. (query or ""),
      options))
    support.eq(CONNECTED, support.json.decode((ws:message())))
    return ws, id
  end

  -- What the shell says to a command. The mark is not what is typed.
  local function ask(ws, command)
    ws:send("echo beg''in; " .. command .. "; echo e''nd\n")
    return (ws:expect "[\r\n]end\r?\n":gsub("\r\n", "\n"):match "\r?begin\n(.*)end\n")
  end

  local function listed()
    local ids = {}
    for _, pty in ipairs(box:ask("GET", "/process/pty").sessions) do
      ids[pty.id] = pty
    end
    return ids
  end

  local function ends(ws, code, exit, seconds)
    local binary, texts, close = ws:rest(seconds)
    ws:drop()
    assert.equal(code, close.code)
    support.eq(exit, support.json.decode(close.reason))
    return binary, texts
  end

  it("is made, described, listed and deleted", function()
    local id = new_id()
    local before = listed()
    assert.is_nil(before[id])
    support.eq({ sessionId = id }, box:ask("POST", "/process/pty", { body = { id = id } }))
    local expected = {
      id = id, cwd = "/home/daytona", envs = { TERM = "xterm-256color" }, cols = 80, rows = 24,
      createdAt = support.any_string, active = true, lazyStart = false,
    }
    support.eq(expected, box:ask("GET", "/process/pty/" .. id))
    support.eq(expected, listed()[id])
    assert.equal("conflict: PTY session with ID '" .. id .. "' already exists",
      box:refuses(409, "CONFLICT", "POST", "/process/pty", { body = { id = id } }))
    support.eq({ message = "PTY session deleted" }, box:ask("DELETE", "/process/pty/" .. id))
    assert.is_nil(listed()[id])
    for _, method in ipairs { "GET", "DELETE" } do
      assert.equal("PTY session not found",
        box:refuses(404, "PROCESS_NOT_FOUND", method, "/process/pty/" .. id))
    end
  end)

  it("refuses what it cannot make", function()
    local function refused(status, code, body)
      return box:refuses(status, code, "POST", "/process/pty", { body = body })
    end
    assert.equal("bad request: session ID is required", refused(400, "BAD_REQUEST", "{}"))
    assert.equal("bad request: invalid value for cols - must be less than 1000",
      refused(400, "BAD_REQUEST", { id = "x", cols = 1001 }))
    assert.equal("bad request: invalid value for rows - must be less than 1000",
      refused(400, "BAD_REQUEST", { id = "x", rows = 1001 }))
    refused(400, "INVALID_REQUEST_BODY", { id = "x", cols = -1 })
    refused(400, "INVALID_REQUEST_BODY", { id = "x", envs = { A = 1 } })
    assert.equal("internal server error: failed to start PTY session: no such file or directory",
      refused(500, "INTERNAL_SERVER_ERROR", { id = "x", cwd = "/no/such" }))
    -- The id is free again.
    box:ask("POST", "/process/pty", { body = { id = "x" } })
    box:ask("DELETE", "/process/pty/x")
  end)

  it("refuses a create-connect by a status", function()
    local function refused(status, query, options)
      local ws, answer = box:websocket("/process/pty/create-connect" .. query, options)
      assert.is_nil(ws)
      assert.equal(status, answer.status)
      local envelope = support.json.decode(answer.body)
      assert.equal("DAYTONA_DAEMON", envelope.source)
      return envelope.message
    end
    local ws, id = open()
    assert.equal("conflict: PTY session with ID '" .. id .. "' already exists",
      refused(409, "?id=" .. id))
    ws:drop()
    assert.equal("bad request: session ID is required", refused(400, ""))
    refused(400, "?id=x&cols=1001")
    refused(400, "?id=x&rows=many")
    assert.truthy(refused(500, "?id=x&cwd=/no/such"):find("no such file or directory", 1, true))
    for _, envs in ipairs { "!", "e30x!", "W10" --[[ [] ]], "eyJBIjoxfQ" --[[ {"A":1} ]] } do
      refused(400, "?id=x", { protocols = { "X-Daytona-Pty-Envs~" .. envs } })
    end
    assert.is_nil(listed().x)
  end)

  it("is a login shell on a terminal of its own", function()
    local ws = open("&cols=100&rows=30&cwd=/tmp")
    local got = ask(ws, [[stty size; pwd; tty; echo "$-" $TERM; shopt login_shell; ]]
      .. [[test -w /dev/tty && echo controlling; ps -o tpgid= -p $$]])
    assert.truthy(got:find "30 100\n/tmp\n/dev/pts/%d+\n%w*i%w* xterm%-256color\n"
      and got:find "login_shell%s+on\ncontrolling\n%s*%d+\n$", got)
    ws:drop()
  end)

  it("takes an environment", function()
    local id = new_id()
    box:ask("POST", "/process/pty", {
      body = { id = id, envs = { ONE = "it's \"1\"", TERM = "dumb", ["odd.name"] = "x" } },
    })
    support.eq({ ONE = "it's \"1\"", TERM = "dumb", ["odd.name"] = "x" }, listed()[id].envs)
    local ws = connect(id)
    assert.truthy(ask(ws, [[echo "[$ONE]$TERM"; env | grep odd]]):find('[it\'s "1"]dumb\nodd.name=x',
      1, true))
    ws:drop()
    -- {"WORD":"\u00fc<>?"} in base64url.
    ws = open(nil, { protocols = { "X-Daytona-Pty-Envs~eyJXT1JEIjoiw7w8Pj8ifQ", EXIT_CONTROL } })
    assert.truthy(ask(ws, "echo [$WORD]"):find("[ü<>?]", 1, true))
    ws:drop()
  end)

  it("reports how the shell ended", function()
    for _, case in ipairs {
      { "exit 0", 1000, { exitCode = 0 } },
      { "exit 3", 1011, { exitCode = 3, exitReason = "non-zero exit" } },
      { "exit 130", 1011, { exitCode = 130, exitReason = "Ctrl+C" } },
      { "exit 137", 1011, { exitCode = 137, exitReason = "SIGKILL" } },
      { "exit 143", 1011, { exitCode = 143, exitReason = "SIGTERM" } },
      { "exit 129", 1011, { exitCode = 129, exitReason = "signal 1" } },
      { "kill -9 $$", 1011, { exitCode = -1, exitReason = "non-zero exit" } },
    } do
      local ws, id = open(nil, { protocols = { EXIT_CONTROL } })
      local plain = connect(id)
      ws:send(case[1] .. "\n")
      local _, texts = ends(ws, case[2], case[3])
      assert.equal(1, #texts)
      local control = { type = "control", status = "exited" }
      for name, value in pairs(case[3]) do
        control[name] = value
      end
      support.eq(control, support.json.decode(texts[1]))
      _, texts = ends(plain, case[2], case[3])
      support.eq({}, texts)
      assert.is_nil(listed()[id])
    end
  end)

  it("loses nothing of the last output", function()
    for round = 1, 10 do
      local ws = open()
      ws:expect "%$ "
      ws:send(("stty -onlcr; PS1=; exec 2>/dev/null; seq 20000; echo l''ast %d; exit\n"):format(round))
      local got = ends(ws, 1000, { exitCode = 0 })
      local numbers = got:match "[\r\n](1\n2\n.*)last"
      local expected = {}
      for i = 1, 20000 do
        expected[i] = i
      end
      assert.equal(table.concat(expected, "\n") .. "\n", numbers)
      assert.truthy(got:find("last " .. round .. "\n", 1, true))
    end
  end)

  it("does not wait for what runs on in the background", function()
    local ws = open()
    ws:send "sleep 300 & disown; exit\n"
    local seconds = support.timed(ends, ws, 1000, { exitCode = 0 })
    assert.is_true(seconds < 5)
    box:sh "pkill -x sleep"
  end)

  it("shows the same to all clients, from when they came", function()
    local one, id = open()
    ask(one, "echo bef''ore")
    local two = connect(id)
    two:send "echo fr''om two\n"
    one:expect "from two"
    local got = two:expect "from two"
    assert.is_nil(got:find "before")
    one:send("echo fr''om one\n", "text")
    two:expect "from one"
    two:close(1000)
    one:send "exit\n"
    ends(one, 1000, { exitCode = 0 })
  end)

  it("lives on alone", function()
    local ws, id = open()
    ask(ws, "KEPT=here")
    ws:close()
    assert.is_true(listed()[id].active)
    ws = connect(id)
    assert.truthy(ask(ws, "echo [$KEPT]"):find("[here]", 1, true))
    ws:drop()
  end)

  it("passes keys on", function()
    local ws = open()
    ws:expect "%$ "
    ws:send "sleep 300\n"
    support.eventually(function() return box:sh("pgrep -x sleep") ~= "" end)
    ws:send "\3"
    ws:send "echo st''atus $?\n"
    -- Only at its prompt does the shell take the key for the end.
    ws:expect "status 130\r\n.*%$ "
    ws:send "\4"
    ends(ws, 1000, { exitCode = 0 })
  end)

  it("lets a client wait whose input is not read", function()
    local ws = open()
    ask(ws, "mkfifo gate")
    ws:send "stty raw -echo; echo re''ady; read -r < gate; head -c 16000000 | md5sum; exit\n"
    ws:expect "ready"
    local frames = websocket.frame("binary", ("0123456789"):rep(5000)):rep(320)
    local sent, waited = 0, false
    ws.tcp:settimeout(0.2)
    while sent < #frames do
      local upto, why, partial = ws.tcp:send(frames, sent + 1)
      sent = upto or partial
      if why and not waited then
        assert.equal("timeout", why)
        waited = true
        box:sh "echo > gate"
        ws.tcp:settimeout(10)
      end
    end
    assert.is_true(waited)
    ws:expect "60139e903b3f4776823c56f87560e0d6"
    ends(ws, 1000, { exitCode = 0 })
  end)

  it("is resized", function()
    local ws, id = open()
    ws:send [[sh -c 'trap "echo sized \$(stty size)" WINCH; echo w""aits; ]]
    ws:send "while :; do sleep 0.05; done'\n"
    ws:expect "waits"
    local info = box:ask("POST", "/process/pty/" .. id .. "/resize", { body = { cols = 132, rows = 43 } })
    assert.equal(132, info.cols)
    assert.equal(43, info.rows)
    support.eq(info, listed()[id])
    ws:expect "sized 43 132"
    local path = "/process/pty/" .. id .. "/resize"
    assert.equal("bad request: cols must be less than 1000",
      box:refuses(400, "BAD_REQUEST", "POST", path, { body = { cols = 1001, rows = 1 } }))
    box:refuses(400, "INVALID_REQUEST_BODY", "POST", path, { body = { cols = "wide" } })
    assert.equal(132, listed()[id].cols)
    ws:send "\3"
    ws:send "exit 0\n"
    ends(ws, 1000, { exitCode = 0 })
    assert.equal("gone: PTY session " .. id .. " not found",
      box:refuses(410, "GONE", "POST", path, { body = { cols = 80, rows = 24 } }))
  end)

  it("starts with its first client if that is wished", function()
    local id = new_id()
    box:ask("POST", "/process/pty", { body = { id = id, lazyStart = true, cwd = "/tmp" } })
    local info = box:ask("GET", "/process/pty/" .. id)
    assert.is_true(info.lazyStart)
    assert.is_false(info.active)
    assert.equal("internal server error: cannot resize inactive PTY session",
      box:refuses(500, "INTERNAL_SERVER_ERROR", "POST", "/process/pty/" .. id .. "/resize",
        { body = { cols = 1, rows = 1 } }))
    local ws = connect(id)
    assert.is_true(listed()[id].active)
    assert.truthy(ask(ws, "pwd"):find("/tmp", 1, true))
    ws:drop()
    box:ask("DELETE", "/process/pty/" .. id)
    -- One that never started, and one that cannot.
    box:ask("POST", "/process/pty", { body = { id = id, lazyStart = true } })
    box:ask("DELETE", "/process/pty/" .. id)
    box:ask("POST", "/process/pty", { body = { id = id, lazyStart = true, cwd = "/no/such" } })
    ws = assert(box:websocket("/process/pty/" .. id .. "/connect"))
    support.eq({
      error = "Failed to connect to PTY session: failed to start PTY session: "
        .. "no such file or directory", status = "error", type = "control",
    }, support.json.decode((ws:message())))
    ws:drop()
    box:ask("DELETE", "/process/pty/" .. id)
  end)

  it("turns a client away from what is not there", function()
    local ws = assert(box:websocket("/process/pty/none/connect"))
    local text, kind = ws:message()
    assert.equal("text", kind)
    support.eq({ error = "Failed to connect to PTY session: PTY session none not found",
      status = "error", type = "control" }, support.json.decode(text))
    local seconds, _, close = support.timed(ws.message, ws)
    support.eq({ lost = "closed" }, close)
    assert.is_true(seconds < 5)
    ws:drop()
  end)

  it("is deleted with all that came of it", function()
    local ws, id = open()
    local plain = connect(id)
    ask(ws, "sleep 301 & (sleep 302 &); (setsid sleep 303; true) & trap '' HUP TERM")
    support.eventually(function() return box:sh "pgrep -c -x sleep" == "3\n" end)
    box:ask("DELETE", "/process/pty/" .. id)
    assert.equal("0\n", box:sh "pgrep -c -x sleep")
    for _, each in ipairs { ws, plain } do
      ends(each, 1011, { exitCode = 137, exitReason = "SIGKILL" })
    end
    support.eventually(function()
      return box:sh("ps -e -o stat= | grep -c Z") == "0\n"
    end)
  end)
end)
