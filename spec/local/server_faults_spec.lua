-- What a server owes its clients where something goes wrong around it.

local socket = require "socket"
local sessions = require "spec.local.session_support"
local support = require "spec.support"

describe("daytona-local", function()
  local box

  before_each(function()
    box = sessions.start()
  end)

  after_each(function()
    box:stop()
  end)

  teardown(support.cleanup)

  local function raw(method, path, body)
    local sandbox = box.box.sandbox
    local host, port, prefix = sandbox.toolbox_proxy_url:match "^http://([^:/]+):(%d+)(.*)$"
    local tcp = assert(socket.tcp())
    tcp:settimeout(20)
    assert(tcp:connect(host, tonumber(port)))
    body = body and support.json.encode(body) or ""
    local form = "%s %s/%s%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s"
    assert(tcp:send(form:format(method, prefix, sandbox.id, path, box.box.server.api_key, #body, body)))
    return tcp
  end

  it("breaks off a download whose file becomes shorter", function()
    local size = 64 * 1024 * 1024
    box.box:sh("truncate -s " .. size .. " big")
    local tcp = raw("GET", "/files/download?path=big")
    local got = #assert(tcp:receive(4096))
    box.box:sh "truncate -s 0 big"
    while true do
      local data, why, rest = tcp:receive(65536)
      got = got + #(data or rest)
      if not data then
        assert.equal("closed", why)
        break
      end
    end
    tcp:close()
    assert.is_true(got < size)
  end)

  it("answers nothing where a command is cut off by a stop", function()
    local path = box:start(box:new(), "true")
    box:wait(path)
    local id = box:new()
    local calls = {
      raw("POST", "/process/execute", { command = "touch one; sleep 86397; echo after" }),
      raw("POST", "/process/code-run", {
        language = "python", code = "import time; open('two', 'w'); time.sleep(86397)",
      }),
      raw("POST", "/process/session/" .. id .. "/exec", { command = "touch three; sleep 86397" }),
    }
    support.eventually(function()
      return box.box:sh "ls one two three 2>/dev/null | wc -l" == "3\n"
    end)
    assert(box.box.sandbox:stop())
    for index, tcp in ipairs(calls) do
      local data, why, part = tcp:receive "*a"
      support.eq({ index, "", false }, { index, data or part, why == "timeout" })
      tcp:close()
    end
  end)

  it("holds more than five hundred sessions that have done their work", function()
    for batch = 1, 13 do
      local answers = {}
      for index = 1, 40 do
        answers[index] = box:ask_later("POST", "/process/session", { sessionId = batch .. "-" .. index })
      end
      for index = 1, 40 do
        support.eq(201, answers[index]().status)
        answers[index] = box:exec_later(batch .. "-" .. index, "true", { runAsync = true })
      end
      for index = 1, 40 do
        support.eq(202, answers[index]().status)
      end
    end
    support.eq("last\n", box:exec(box:new(), "echo last").stdout)
    support.eq("also\n", box.box:sh "echo also")
  end)
end)
