-- The code interpreter, as the toolbox answers on the wire.

local support = require "spec.support"
local toolbox = require "spec.local.toolbox_support"

local json = support.json

describe("toolbox interpreter", function()
  local box

  setup(function()
    box = toolbox.start()
    box:sh "mkfifo gate"
  end)

  teardown(function()
    box:stop()
    support.cleanup()
  end)

  -- Starts code; `more`: contextId, timeout, envs.
  local function start(code, more)
    local message = { code = code }
    for name, value in pairs(more or {}) do
      message[name] = value
    end
    local ws = assert(box:websocket "/process/interpreter/execute")
    ws:send(json.encode(message), "text")
    return ws
  end

  -- Waits until the code stands in the queue of its context. The first ping may
  -- be answered in one go with taking the message in; the second comes after.
  local function queued(ws)
    for _ = 1, 2 do
      ws:frame "ping"
      assert.equal("pong", ws:receive().kind)
    end
  end

  -- Code that starts so waits in front of a gate, which is opened once for each.
  local GATE = "open('gate').read(); "

  local function open_gate()
    box:sh "echo > gate"
  end

  -- What came: { stdout, stderr, errors, controls, close }; joined by stream.
  local function finish(ws)
    local _, texts, close = ws:rest(20)
    ws:drop()
    local got = { stdout = "", stderr = "", errors = {}, controls = {}, close = close }
    for _, text in ipairs(texts) do
      local message = json.decode(text)
      for _, name in ipairs { "type", "text", "name", "value", "traceback" } do
        assert.equal("string", type(message[name]), name .. " in " .. text)
      end
      if message.type == "error" then
        got.errors[#got.errors + 1] = message
      elseif message.type == "control" then
        got.controls[#got.controls + 1] = message.text
      else
        got[message.type] = got[message.type] .. message.text
      end
    end
    return got
  end

  local function run(code, more)
    return finish(start(code, more))
  end

  -- Runs code that has to complete without an error and gives its output.
  local function prints(code, more)
    local got = run(code, more)
    support.eq({ stdout = got.stdout, stderr = "", errors = {}, controls = { "completed" },
      close = { code = 1000, reason = "" } }, got)
    return got.stdout
  end

  local function new_context(cwd)
    return box:ask("POST", "/process/interpreter/context", { body = { cwd = cwd } }).id
  end

  local function delete(id)
    return box:ask("DELETE", "/process/interpreter/context/" .. id)
  end

  it("sends five keys each time", function()
    local ws = start "import sys\nprint('out')\nsys.stderr.write('err\\n')\n1 / 0"
    local _, texts, close = ws:rest()
    local function message(kind, fields)
      local all = { type = kind, text = "", name = "", value = "", traceback = "" }
      for name, value in pairs(fields) do
        all[name] = value
      end
      return all
    end
    for i, text in ipairs(texts) do
      texts[i] = json.decode(text)
    end
    support.eq({
      message("stdout", { text = "out\n" }), message("stderr", { text = "err\n" }),
      message("error", {
        name = "ZeroDivisionError", value = "division by zero",
        traceback = "Traceback (most recent call last):\n"
          .. '  File "<stdin>", line 4\nZeroDivisionError: division by zero\n',
      }),
      message("control", { text = "completed" }),
    }, texts)
    support.eq({ code = 1000, reason = "" }, close)
    ws:drop()
  end)

  it("keeps state, and contexts apart", function()
    assert.equal("", prints "kept = 41")
    assert.equal("42\n", prints "print(kept + 1)")
    assert.equal("41 __main__\n", prints("print(kept, __name__)", { contextId = "default" }))
    local id = new_context()
    assert.equal("NameError", run("kept", { contextId = id }).errors[1].name)
    prints("kept = 'other'", { contextId = id })
    assert.equal("41 other\n", (prints("print(kept)") .. prints("print(kept)", { contextId = id }))
      :gsub("\n", " ", 1))
    delete(id)
  end)

  it("makes, lists and deletes contexts", function()
    support.eq({ contexts = {} }, box:ask("GET", "/process/interpreter/context"))
    local made = box:ask("POST", "/process/interpreter/context",
      { body = { cwd = "/tmp", language = "python" } })
    support.eq({ id = support.any_string, cwd = "/tmp", createdAt = support.any_string,
      active = true, language = "python" }, made)
    support.eq({ contexts = { made } }, box:ask("GET", "/process/interpreter/context"))
    assert.equal("/tmp\n", prints("import os; print(os.getcwd())", { contextId = made.id }))
    support.eq({ message = "Context deleted successfully" }, delete(made.id))
    support.eq({ contexts = {} }, box:ask("GET", "/process/interpreter/context"))
    box:refuses(404, "NOT_FOUND", "DELETE", "/process/interpreter/context/" .. made.id)
    box:refuses(400, "BAD_REQUEST", "DELETE", "/process/interpreter/context/default")
    for _, language in ipairs { "", "Python", "ruby" } do
      box:refuses(400, "BAD_REQUEST", "POST", "/process/interpreter/context",
        { body = { language = language } })
    end
    box:refuses(400, "INVALID_REQUEST_BODY", "POST", "/process/interpreter/context", { body = "" })
    assert.truthy(box:refuses(500, "INTERNAL_SERVER_ERROR", "POST", "/process/interpreter/context",
      { body = { cwd = "/no/such" } }):find("no such file or directory", 1, true))
  end)

  it("refuses what it cannot run", function()
    local function refused(code, reason, message, kind)
      local ws = assert(box:websocket "/process/interpreter/execute")
      ws:send(message, kind or "text")
      local binary, texts, close = ws:rest()
      ws:drop()
      assert.equal("", binary)
      support.eq({}, texts)
      support.eq({ code = code, reason = reason }, close)
    end
    for _, message in ipairs { "", "{", "[]", "1", '{"code":1}', '{"code":"x","timeout":"1"}',
      '{"code":"x","envs":[]}', '{"code":"x","envs":{"A":1}}', '{"code":"x","envs":{"A=B":"1"}}',
      '{"code":"x","contextId":1}', ("["):rep(2040) .. ("]"):rep(2040) } do
      refused(1002, "invalid JSON payload", message)
    end
    refused(1008, "code is required", "{}")
    refused(1008, "code is required", '{"code":""}', "binary")
    refused(1008, "timeout must be greater than or equal to 0", '{"code":"1","timeout":-1}')
    refused(1008, "context not found: nowhere", '{"code":"1","contextId":"nowhere"}')
  end)

  it("describes errors", function()
    local got = run "def f():\n  raise ValueError('no')\n\nf()"
    support.eq({
      type = "error", text = "", name = "ValueError", value = "no",
      traceback = 'Traceback (most recent call last):\n  File "<stdin>", line 4\n'
        .. '  File "<stdin>", line 2\nValueError: no\n',
    }, got.errors[1])
    got = run "x = ("
    assert.equal("SyntaxError", got.errors[1].name)
    assert.equal("SyntaxError: '(' was never closed\n", got.errors[1].traceback)
    got = run "class Odd(Exception):\n  def __str__(self): raise TypeError\nraise Odd"
    assert.equal("Odd", got.errors[1].name)
    support.eq({ "completed" }, got.controls)
    got = run "raise Exception('\\ud800\\0' + 'x' * 3000000)"
    assert.equal("\\ud800\0xxx", got.errors[1].value:sub(1, 10))
    assert.is_true(#got.errors[1].value < 1100000)
    assert.equal("x\n", prints "import sys; print('x'); sys.exit(3)")
  end)

  it("passes on all that is printed, in order and in whole characters", function()
    assert.equal("one\ntwo\nthree\n", prints(
      "print('one')\nimport os\nos.system('echo two')\nprint('three')"))
    assert.equal("no newline", prints "print('no newline', end='')")
    assert.equal("ü€😀\239\191\189!", prints [[
import os, time
for byte in 'ü€😀'.encode() + b'\xff!':
    os.write(1, bytes([byte]))
    time.sleep(0.002)
]])
    assert.equal("cut\239\191\189\239\191\189", prints "os.write(1, b'cut' + '€'.encode()[:2])")
    assert.equal(("x"):rep(5000000) .. "\n", prints "print('x' * 5000000)")
    local got = run "for i in range(20000): print(i); print(i, file=sys.stderr)"
    assert.equal(got.stdout, got.stderr)
    assert.truthy(got.stdout:find "^0\n1\n.*\n19999\n$")
    assert.equal(#("#" .. ("x"):rep(2000000)) .. "\n",
      prints("code = '''" .. ("x"):rep(2000000) .. "'''\nprint(len(code) + 1)"))
  end)

  it("sends output while the code runs", function()
    local id = new_context()
    local ws = start("print('early'); " .. GATE .. "print('late')", { contextId = id })
    assert.equal("early\n", json.decode((ws:message())).text)
    assert.equal("timeout", select(2, ws:message(0.05)).lost)
    open_gate()
    assert.equal("late\n", finish(ws).stdout)
    delete(id)
  end)

  it("has no input and no way to harm the protocol", function()
    assert.equal("EOFError", run("input()").errors[1].name)
    prints "os.write(2, b'')"
    local got = run "os.write(3, b'{}\\n'); import time; time.sleep(60)"
    support.eq({ code = 1001, reason = "worker process ended" }, got.close)
    assert.equal("child parent\n", prints(
      "import os\nif os.fork() == 0: os.write(1, b'child ')\nelse: os.wait(); print('parent')"))
    assert.equal("1\n", prints "print(1)")
  end)

  it("costs nothing while code with closed outputs runs", function()
    local function ticks()
      local user, system = box:sh("cat /proc/2/stat"):match("%) %S" .. (" %S+"):rep(10)
        .. " (%d+) (%d+)")
      return tonumber(user) + tonumber(system)
    end
    local id = new_context()
    local before = ticks()
    local got = run("import os, time; os.close(1); os.close(2); time.sleep(1)", { contextId = id })
    assert.equal(1000, got.close.code)
    assert.is_true(ticks() - before < 30) -- hundredths of a second
    delete(id)
  end)

  it("sets an environment for one piece of code", function()
    prints "import os; os.environ['MINE'] = 'before'"
    assert.equal("now é\n", prints("print(os.environ['MINE'], os.environ['odd-name'])",
      { envs = { MINE = "now", ["odd-name"] = "é" } }))
    assert.equal("before None\n", prints "print(os.environ['MINE'], os.environ.get('odd-name'))")
  end)

  it("interrupts code at its timeout and keeps the state", function()
    local id = new_context()
    prints("import os, subprocess, time; kept = 1", { contextId = id })
    for code, control in pairs {
      ["time.sleep(60)"] = "interrupted", ["subprocess.run(['sleep', '60'])"] = "interrupted",
      -- Only what it waits for gets the signal.
      ["os.system('sleep 60')"] = "completed",
    } do
      local got = run("print('a'); " .. code, { contextId = id, timeout = 1 })
      support.eq({ control }, got.controls)
      support.eq({ code = 4008, reason = "execution timed out" }, got.close)
      assert.equal("a\n", got.stdout)
    end
    assert.equal("1\n", prints("print(kept)", { contextId = id }))
    assert.equal("0\n", box:sh "pgrep -c -x sleep")
    local got = run("raise KeyboardInterrupt", { contextId = id })
    support.eq({ "interrupted" }, got.controls)
    support.eq({ code = 4008, reason = "interrupted" }, got.close)
    delete(id)
  end)

  it("kills code that does not let itself be interrupted", function()
    local id = new_context()
    local got = run([[
import time
kept = 1
while True:
    try: time.sleep(60)
    except KeyboardInterrupt: print('never', flush=True)
]], { contextId = id, timeout = 1 })
    support.eq({}, got.controls)
    assert.equal("never\n", got.stdout)
    support.eq({ code = 4008, reason = "execution timed out" }, got.close)
    assert.equal("NameError", run("kept", { contextId = id }).errors[1].name)
    delete(id)
  end)

  it("starts anew after a worker that died", function()
    local id = new_context()
    local first = start(GATE .. "import os; print('last words'); os._exit(3)",
      { contextId = id })
    queued(first)
    local second = start("print('next')", { contextId = id })
    queued(second)
    open_gate()
    local got = finish(first)
    assert.equal("last words\n", got.stdout)
    support.eq({}, got.controls)
    support.eq({ code = 1001, reason = "worker process ended" }, got.close)
    assert.equal("next\n", finish(second).stdout)
    got = run("os.kill(os.getpid(), 9)", { contextId = id })
    assert.equal("NameError", got.errors[1].name)
    got = run("import os; os.kill(os.getpid(), 9)", { contextId = id })
    assert.equal(1001, got.close.code)
    delete(id)
  end)

  it("runs one at a time, in the order they came", function()
    local id = new_context()
    local sockets = { start(GATE .. "order = []", { contextId = id }) }
    queued(sockets[1])
    for i = 1, 8 do
      sockets[i + 1] = start(("order.append(%d); print(order)"):format(i), { contextId = id })
      queued(sockets[i + 1])
    end
    open_gate()
    finish(table.remove(sockets, 1))
    for i, ws in ipairs(sockets) do
      local list = {}
      for k = 1, i do
        list[k] = k
      end
      assert.equal("[" .. table.concat(list, ", ") .. "]\n", finish(ws).stdout)
    end
    delete(id)
  end)

  it("runs on when the client goes away", function()
    local ws = start(GATE .. "left = 'done'; print(left)")
    queued(ws)
    ws:drop()
    open_gate()
    assert.equal("done\n", prints "print(left)")
  end)

  it("is told when its context is deleted", function()
    local id = new_context()
    local running = start("import os, subprocess\nchild = subprocess.Popen(['sleep', '300'])\n"
      .. "print('runs', flush=True)\nchild.wait()", { contextId = id })
    assert.equal("runs\n", json.decode((running:message())).text)
    local waiting = start("print('never')", { contextId = id })
    queued(waiting)
    delete(id)
    for _, ws in ipairs { running, waiting } do
      local got = finish(ws)
      assert.equal("", got.stdout)
      support.eq({ code = 1001, reason = "context shutdown" }, got.close)
    end
    support.eventually(function() return box:sh "pgrep -c -x sleep" == "0\n" end)
  end)

  it("leaves nothing behind", function()
    local function workers()
      return box:sh "pgrep -c python3"
    end
    support.eventually(function() return workers() == "1\n" end)
    local before = box:descriptors()
    for _ = 1, 3 do
      local id = new_context()
      prints("print(1)", { contextId = id })
      delete(id)
    end
    support.eventually(function() return workers() == "1\n" end)
    support.eventually(function() return box:descriptors() == before end)
    assert.equal("0\n", box:sh "ps -e -o stat= | grep -c Z")
  end)
end)
