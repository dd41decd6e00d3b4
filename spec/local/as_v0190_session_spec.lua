-- Sessions of `daytona-local serve --as v0.190`, as they were seen on that
-- version's own handlers.

local support = require "spec.support"
local sessions = require "spec.local.session_support"

describe("--as v0.190, sessions", function()
  local box

  setup(function()
    box = sessions.start(nil, { "--as", "v0.190" }, {
      DAYTONA_LOCAL_STUCK_ONE_IN = 2, DAYTONA_LOCAL_LOST_ONE_IN = 2,
    })
  end)

  teardown(function()
    box:stop()
    support.cleanup()
  end)

  local function raw(command)
    return box:exec(box:new(), command).output
  end

  local function running(pattern)
    return box.box:sh("pgrep -fc " .. support.quote(pattern)):match "%d+" ~= "0"
  end

  it("says which version it is", function()
    support.eq({ version = "v0.190.0" }, box.box:ask("GET", "/version"))
    assert.equal("v0.190.0", box.box.sandbox.daemon_version or box.box.client:get(box.box.sandbox.id).daemon_version)
  end)

  it("keeps lines", function()
    assert.equal("\1\1\1no end\n", raw "printf 'no end'")
    assert.equal("\1\1\1ab\n", raw "printf 'a\\0b\\n'")
    assert.equal("\1\1\1one\n\1\1\1\n\1\1\1two\n", raw "printf 'one\\n\\ntwo\\n'")
    assert.equal("\1\1\1a\1\1\1b\2\2\2c\n", raw "printf 'a\\1\\1\\1b\\2\\2\\2c\\n'")
    local answer = box:exec(box:new(), "printf out; printf err >&2")
    support.eq({ "out\n", "err\n" }, { answer.stdout, answer.stderr })
  end)

  it("shows a line when it has ended", function()
    local path = box:start(box:new(), "printf 'prompt> '; read -r x; echo got $x")
    support.eventually(function()
      return box:input(path, "first").status == 204
    end)
    box:wait(path)
    assert.equal("first\nprompt> got first\n", box:logs(path).stdout)
  end)

  it("looks every 50 ms whether a command is done", function()
    local id = box:new()
    local started = support.now()
    for _ = 1, 5 do
      box:exec(id, "true")
    end
    assert.is_true(support.now() - started >= 0.25)
  end)

  describe("input", function()
    local function refused(path, message)
      local answer = box:input(path, "x")
      local envelope = answer.json
      assert.equal(message, envelope.message:gsub("open /[^:]*/", "open .../"), nil)
      support.eq({ 500, "INTERNAL_SERVER_ERROR" }, { answer.status, envelope.code })
      assert.is_nil(envelope.source)
    end

    local NO_PIPE = "internal server error: failed to open input pipe: open .../input.pipe: no such file or directory"

    it("needs a pipe", function()
      local id = box:new()
      local path = box:start(id, "read -r x; echo got $x")
      refused(path, NO_PIPE)
      refused(box:start(id, "echo queued"), NO_PIPE)
      support.eventually(function()
        return box:input(path, "x").status == 204
      end)
    end)

    it("is refused by 500 after the end until somebody was told of it", function()
      local path = box:start(box:new(), "echo done")
      local ws = box:follow(path)
      ws:rest()
      ws:drop()
      refused(path, NO_PIPE)
      box:wait(path)
      local answer = box:input(path, "x")
      support.eq({ 410, "GONE", "gone: command has already completed with exit code 0" },
        { answer.status, answer.json.code, answer.json.message })
    end)
  end)

  describe("follow", function()
    it("ends a second after its command", function()
      local path = box:start(box:new(), "echo one")
      local started = support.now()
      local ws = box:follow(path)
      local log, _, close = ws:rest()
      support.eq({ "\1\1\1one\n", { code = 1000, reason = "" } }, { log, close })
      assert.is_true(support.now() - started >= 0.95)
      ws:drop()
    end)

    it("cuts messages anywhere, at most 1 KiB long", function()
      local path = box:start(box:new(), "for i in $(seq 800); do echo $i; done")
      box:wait(path)
      local ws = box:follow(path)
      local longest, all = 0, {}
      for data in function() return (ws:message()) end do
        longest = math.max(longest, #data)
        all[#all + 1] = data
      end
      ws:drop()
      assert.equal(1024, longest)
      assert.equal(box:logs(path).output, table.concat(all))
    end)

    it("may never end where nothing was printed, and answers no ping then", function()
      local path = box:start(box:new(), "true")
      box:wait(path)
      local codes = {}
      for index = 1, 2 do
        local ws = box:follow(path)
        if index == 1 then
          codes[index] = select(3, ws:rest()).code
        else
          local _, why = ws:receive(1.5)
          ws:frame("ping", "p")
          local _, still = ws:receive(0.2)
          codes[index] = { why, still }
          ws:frame("close", "\3\232")
          local frame = ws:receive()
          codes[3] = { frame.kind, frame.payload:byte(1) * 256 + frame.payload:byte(2) }
        end
        ws:drop()
      end
      support.eq({ 1000, { "timeout", "timeout" }, { "close", 1011 } }, codes)
    end)

    it("may send nothing when not asked to follow", function()
      local path = box:start(box:new(), "echo one")
      box:wait(path)
      local logs = {}
      for index = 1, 2 do
        local ws = box.box:websocket(path .. "/logs", { headers = sessions.MODERN })
        local log, _, close = ws:rest()
        ws:drop()
        logs[index] = { log, close.code }
      end
      support.eq({ { "\1\1\1one\n", 1000 }, { "", 1000 } }, logs)
    end)

    it("ends with its session", function()
      local id = box:new()
      local ws = box:follow(box:start(id, "sleep 100"))
      box:delete(id)
      support.eq(1000, select(3, ws:rest()).code)
      ws:drop()
    end)
  end)

  describe("exit", function()
    local FAILED = "failed to execute command: bad request: "

    it("leaves a command that waits until its session is deleted", function()
      local id = box:new()
      local later = box:exec_later(id, "echo bye; exit 4")
      local path
      support.eventually(function()
        local command = box:ask("GET", "/process/session/" .. id).json.commands[1]
        path = command and ("/process/session/%s/command/%s"):format(id, command.id)
        return path and box:logs(path).stdout == "bye\n"
      end)
      assert.is_nil(box:ask("GET", path).json.exitCode)
      local refused = support.eventually(function()
        local answer = box:exec_later(id, "echo later", { runAsync = true })()
        return answer.status == 500 and answer
      end)
      support.eq({
        statusCode = 500, message = FAILED .. "failed to write command: write |1: broken pipe",
        timestamp = "0001-01-01T00:00:00Z", path = "",
      }, refused.json)
      support.eq(204, box:delete(id).status)
      support.eq({ 500, FAILED .. "session cancelled" }, { later().status, later().json.message })
    end)

    it("is harmless in a subshell", function()
      support.eq(3, box:exec(box:new(), "(exit 3)").exitCode)
    end)
  end)

  it("misses what left the process group when a session is deleted", function()
    local id = box:new()
    box:start(id, "sleep 86399 & setsid sleep 86398; echo x")
    support.eventually(function()
      return running "^sleep 86398" and running "^sleep 86399"
    end)
    support.eq(204, box:delete(id).status)
    assert.is_false(running "^sleep 86399")
    assert.is_true(running "^sleep 86398")
    box.box:sh "pkill -f '^sleep 86398'"
  end)

  describe("errors of exec", function()
    it("are an object without a kind for an unknown session", function()
      local answer = box:exec_later("none", "true")()
      support.eq({
        statusCode = 500, message = "failed to execute command: not found: session not found",
        timestamp = "0001-01-01T00:00:00Z", path = "",
      }, answer.json)
      assert.truthy(answer.head:find "[Cc]ontent%-[Tt]ype: application/json\r?\n")
    end)

    it("are empty for a bad body", function()
      local answer = box:exec_later(box:new(), " ")()
      support.eq({ 400, "" }, { answer.status, answer.body })
    end)
  end)
end)
