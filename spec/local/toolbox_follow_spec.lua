-- Following the logs of sessions, and what ends them, on the wire.

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

  local function processes(pattern)
    return box.box:sh("ps -e -o args= | grep -c '" .. pattern .. "$'"):gsub("%s", "")
  end

  describe("follow", function()
    it("sends bytes as they come, not lines", function()
      local id = box:new()
      local path = box:start(id, "printf '$ '; read -r x; printf end")
      local ws = box:follow(path, { protocols = { "X-Daytona-SDK-Version~0.205.1" } })
      assert.equal("\1\1\1$ ", ws:expect "%$ $")
      box:input(path, "x")
      local rest, _, close = ws:rest()
      ws:drop()
      support.eq({ "x\nend", { code = 1000, reason = "" } }, { rest, close })
    end)

    it("ends no message with a marker", function()
      local id = box:new()
      local path = box:start(id, "for i in $(seq 500); do echo $i; echo $i >&2; done")
      local ws = box:follow(path)
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
      local out, err = sessions.split(raw)
      local numbers = box.box:sh "seq 500"
      support.eq({ numbers, numbers }, { out, err })
    end)

    it("gives what there is when not asked to follow", function()
      local id = box:new()
      local path = box:start(id, "echo one; read -r x")
      support.eventually(function()
        return box:logs(path).stdout == "one\n"
      end)
      local ws = box.box:websocket(path .. "/logs", { headers = sessions.MODERN })
      local raw, _, close = ws:rest()
      ws:drop()
      support.eq({ "\1\1\1one\n", 1000 }, { raw, close.code })
      box:delete(id)
    end)

    it("refuses before it begins", function()
      local ws, answer = box:follow "/process/session/none/command/none"
      assert.is_nil(ws)
      support.eq({ 404, "session not found" },
        { answer.status, support.json.decode(answer.body).message })
    end)

    it("ends when the client goes, and hears nothing", function()
      local id = box:new()
      local path = box:start(id, "echo one; read -r x; echo two")
      local ws = box:follow(path)
      ws:send("ignored", "text")
      ws:expect "one\n"
      ws:frame("ping", "p")
      assert.equal("pong", ws:receive().kind)
      assert.equal(1000, ws:close(1000))
      box:input(path, "x")
      assert.equal(0, box:wait(path))
    end)

    it("says when the log is not complete", function()
      local id = box:new()
      local path = box:start(id, "read -r x; echo one", { suppressInputEcho = true })
      local ws = box:follow(path)
      box.box:sh("rm -r .daytona/sessions/" .. id)
      box:input(path, "x")
      local raw, _, close = ws:rest()
      ws:drop()
      local why = "the log is not complete: no such file or directory"
      support.eq({ "", { code = 1011, reason = why } }, { raw, close })
      box:refuses(500, "INTERNAL_SERVER_ERROR", "internal server error: " .. why,
        "GET", path .. "/logs")
    end)

    it("holds up nothing but itself", function()
      local id = box:new()
      local path = box:start(id, "head -c 20000000 /dev/zero")
      local slow = box:follow(path)
      assert.equal(0, box:wait(path))
      assert.equal(20000000, #slow:rest():gsub("^\1\1\1", ""))
      slow:drop()
    end)
  end)

  describe("delete", function()
    it("ends every process, followers and who waits", function()
      local id = box:new()
      box:exec(id, "(sleep 771 >/dev/null 2>&1 &); setsid sleep 772 >/dev/null 2>&1 &")
      local path = box:start(id, "echo on; sleep 773")
      local waiting = box:exec_later(id, "true")
      local ws = box:follow(path)
      ws:expect "on\n"
      local seconds = support.timed(function()
        assert.equal(204, box:delete(id).status)
      end)
      assert.is_true(seconds < 4)
      local _, _, close = ws:rest()
      ws:drop()
      assert.equal(1000, close.code)
      local answer = waiting()
      support.eq({ 410, "SESSION_ENDED", "session has been deleted" },
        { answer.status, answer.json.code, answer.json.message })
      assert.equal("0", processes "sleep 77[123]")
      assert.equal("0", (box.box:sh "ps -e -o stat= | grep -c ^Z":gsub("%s", "")))
    end)

    it("kills what does not listen", function()
      local id = box:new()
      local path = box:start(id, "trap '' TERM; echo on; while :; do sleep 1; done")
      local ws = box:follow(path)
      ws:expect "on\n"
      local waiting = box:ask_later("DELETE", "/process/session/" .. id)
      box:refuses(409, "CONFLICT", "conflict: session already exists", "POST", "/process/session",
        { sessionId = id })
      assert.equal("SESSION_ENDED", box:exec_later(id, "true")().json.code)
      assert.equal(204, waiting().status)
      ws:drop()
      assert.equal(404, box:ask("GET", path).status)
    end)

    it("leaves nothing open", function()
      local function open_files()
        return box.box:descriptors()
      end
      local function cycle()
        local id = box:new()
        local path = box:start(id, "read -r x")
        box:follow(path):drop()
        box:exec_later(id, "true", { runAsync = true })()
        box:input(path, "x")
        box:delete(id)
      end
      cycle()
      local before = open_files() -- some of the first cycle may be about to be closed
      for _ = 1, 10 do
        cycle()
      end
      support.eventually(function()
        return open_files() <= before
      end)
    end)
  end)
end)

describe("toolbox session of a sandbox", function()
  local box

  after_each(function()
    box:stop()
    support.cleanup()
  end)

  it("that stops is left with 1001", function()
    box = sessions.start()
    local id = box:new()
    local path = box:start(id, "echo on; sleep 60")
    local ws = box:follow(path)
    ws:expect "on\n"
    local waiting = box:exec_later(id, "true")
    support.eventually(function() return #box:ask("GET", "/process/session/" .. id).json.commands == 2 end)
    assert(box.box.sandbox:stop())
    local _, _, close = ws:rest()
    ws:drop()
    assert.equal(1001, close.code)
    support.eq({ 503, "the sandbox is stopping" },
      { waiting().status, waiting().json.message })
    assert(box.box.sandbox:start())
    support.eq({}, box:ask("GET", "/process/session").json)
    assert.equal("", box.box:sh "ls .daytona/sessions 2>/dev/null")
  end)

  it("with an entrypoint shows it", function()
    box = sessions.start(nil, { "--entrypoint", "echo \"it's\"; echo up >&2; read x" })
    local path = "/process/session/entrypoint"
    support.eventually(function()
      return box:logs(path).stderr == "up\n"
    end)
    local logs = box:logs(path)
    support.eq({ output = logs.output, stdout = "it's\n", stderr = "up\n" }, logs)
    assert.equal(logs.output, box:ask("GET", path .. "/logs", nil, {}).body)
    support.eq({ sessionId = "entrypoint", commands = { { id = "entrypoint_command",
      command = [['sh' '-c' 'echo "it'\''s"; echo up >&2; read x']] } } }, box:ask("GET", path).json)
    support.eq({}, box:ask("GET", "/process/session").json)
    local ws = box:follow(path)
    assert.equal(logs.output, ws:expect "up\n")
    ws:drop()
    box:refuses(400, "BAD_REQUEST", "bad request: can't delete entrypoint session", "DELETE", path)
    box:refuses(400, "BAD_REQUEST", "bad request: can't execute command in entrypoint session",
      "POST", path .. "/exec", { command = "true" })
    box:refuses(400, "BAD_REQUEST", "bad request: can't send input to entrypoint session",
      "POST", path .. "/command/entrypoint_command/input", { data = "x" })
  end)
end)
