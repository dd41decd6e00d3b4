-- WebSockets of the toolbox as such: handshake, frames, closing. A terminal
-- that runs `cat` without echo gives back what it gets.

local support = require "spec.support"
local toolbox = require "spec.local.toolbox_support"
local websocket = require "spec.support.websocket"

describe("toolbox websocket", function()
  local box, count = nil, 0

  setup(function()
    box = toolbox.start()
  end)

  teardown(function()
    box:stop()
    support.cleanup()
  end)

  local function new_path()
    count = count + 1
    return "/process/pty/create-connect?id=w" .. count
  end

  -- A socket whose other end says back every byte, and its terminal's id.
  local function echo(options)
    local ws = assert(box:websocket(new_path(), options))
    assert.equal('{"status":"connected","type":"control"}', (ws:message()))
    ws:send "stty raw -echo; echo re''ady; exec cat\n"
    ws:expect "ready\r?\n"
    return ws, "w" .. count
  end

  local function says_back(ws, text)
    local got = ""
    while #got < #text do
      got = got .. assert(ws:message())
    end
    assert.equal(text, got)
  end

  local function refused(status, options)
    local ws, answer = box:websocket(options.path or new_path(), options)
    assert.is_nil(ws)
    assert.equal(status, answer.status)
    return answer
  end

  it("refuses a handshake that is none", function()
    local path = new_path()
    for _, headers in ipairs {
      { Upgrade = false }, { Upgrade = "h2c" }, { Connection = "keep-alive" },
      { ["Sec-WebSocket-Version"] = "12" }, { ["Sec-WebSocket-Version"] = false },
      { ["Sec-WebSocket-Key"] = false }, { ["Sec-WebSocket-Key"] = "c2hvcnQ=" },
    } do
      local answer = refused(400, { path = path, headers = headers })
      assert.equal("13", answer.headers["sec-websocket-version"])
      assert.equal("Bad Request\n", answer.body)
    end
    -- Nothing was left behind under that id.
    assert(box:websocket(path)):drop()
  end)

  it("asks for the credential", function()
    refused(401, { headers = { Authorization = false } })
    refused(401, { headers = { Authorization = "Bearer wrong" } })
  end)

  it("is found where it is", function()
    refused(404, { path = "/process/nothing" })
  end)

  it("echoes one offered subprotocol", function()
    local function chosen(...)
      local ws, answer = box:websocket(new_path(), { protocols = { ... } })
      assert(ws):drop()
      return answer.headers["sec-websocket-protocol"]
    end
    assert.is_nil(chosen())
    assert.equal("X-Daytona-Pty-Exit-Control", chosen "X-Daytona-Pty-Exit-Control")
    assert.equal("X-Daytona-SDK-Version~0.205.1",
      chosen("X-Daytona-Pty-Exit-Control", "X-Daytona-SDK-Version~0.205.1"))
    assert.equal("else", chosen("X-Daytona-Pty-Envs~e30", "else"))
    assert.equal("X-Daytona-Pty-Envs~e30", chosen "X-Daytona-Pty-Envs~e30")
  end)

  it("has no request id and no extension", function()
    local ws, answer = box:websocket(new_path(), {
      headers = { ["Sec-WebSocket-Extensions"] = "permessage-deflate" },
    })
    ws:drop()
    assert.is_nil(answer.headers["x-request-id"])
    assert.is_nil(answer.headers["sec-websocket-extensions"])
    assert.equal("websocket", answer.headers.upgrade)
  end)

  it("takes frames that came with the handshake", function()
    local ws = assert(box:websocket(new_path(), {
      early = websocket.frame("binary", "echo ear''ly\n"),
    }))
    ws:expect "early\r?\n"
    ws:drop()
  end)

  it("takes masked, fragmented and large messages, and pings between", function()
    local ws = echo()
    ws:frame("binary", "masked", { mask = "\1\254\128\7" })
    says_back(ws, "masked")
    ws:frame("text", "one ", { more = true })
    ws:frame("ping", "are you there")
    ws:frame("continuation", "", { more = true })
    ws:frame("continuation", "message")
    support.eq({ kind = "pong", payload = "are you there", final = true }, ws:receive())
    says_back(ws, "one message")
    local large = ("0123456789abcdef"):rep(4096)
    for _, kind in ipairs { "binary", "text" } do
      ws:send(large, kind)
      says_back(ws, large)
    end
    for i = 1, #"byte" do
      ws:raw(websocket.frame("binary", "byte"):sub(i, i))
    end
    ws:raw(websocket.frame("binary", "byte"):sub(#"byte" + 1))
    says_back(ws, "byte")
    assert.equal(1000, ws:close(1000))
  end)

  it("closes with the code that tells what was wrong", function()
    local function ends(code, ...)
      local ws = assert(box:websocket(new_path()))
      ws:raw(table.concat { ... })
      local _, _, close = ws:rest()
      ws:drop()
      assert.equal(code, close.code)
    end
    local frame = websocket.frame
    ends(1002, frame("binary", "not masked", { mask = false }))
    ends(1002, frame("binary", "", { reserved = 4 }))
    ends(1002, frame(3, ""))
    ends(1002, frame("continuation", "of nothing"))
    ends(1002, frame("binary", "a", { more = true }), frame("binary", "b"))
    ends(1002, frame("ping", ("x"):rep(126)))
    ends(1002, frame("ping", "", { more = true }))
    ends(1002, frame("close", "\3"))
    ends(1007, frame("text", "\255"))
    ends(1009, frame("binary", ("x"):rep(65537)))
    ends(1009, frame("text", ("x"):rep(40000), { more = true }),
      frame("continuation", ("x"):rep(40000)))
  end)

  it("answers a close, and lives on without a goodbye", function()
    local ws, id = echo()
    local seconds, code = support.timed(ws.close, ws, 4321, "enough")
    assert.equal(4321, code)
    assert.is_true(seconds < 5)
    for _, leave in ipairs { "close", "drop" } do
      ws = assert(box:websocket("/process/pty/" .. id .. "/connect"))
      ws:message()
      ws[leave](ws)
    end
    ws = assert(box:websocket("/process/pty/" .. id .. "/connect"))
    ws:message()
    ws:send "still here"
    says_back(ws, "still here")
    ws:drop()
  end)

  it("cuts a client off that takes nothing, and only that one", function()
    local slow, id = echo()
    local quick = assert(box:websocket("/process/pty/" .. id .. "/connect"))
    quick:message()
    local block, sent, received = ("x"):rep(32768), 0, 0
    -- More than its queue and all buffers of the kernel hold.
    while received < 16 * 1048576 do
      if sent - received < 262144 then
        quick:send(block)
        sent = sent + #block
      end
      received = received + #assert(quick:message())
    end
    local binary, _, close = slow:rest()
    assert.is_true(#binary < received)
    support.eq({ code = 1008, reason = "slow consumer" }, close)
    slow:drop()
    quick:drop()
  end)

  it("serves hundreds at once within the memory of a sandbox", function()
    local ws, id = echo()
    local sockets = { ws }
    for i = 2, 250 do
      sockets[i] = assert(box:websocket("/process/pty/" .. id .. "/connect"))
      sockets[i]:message()
    end
    ws:send "to all"
    for _, each in ipairs(sockets) do
      says_back(each, "to all")
      each:drop()
    end
  end)

  it("holds nothing when all is over", function()
    local function threads()
      return tonumber(box:sh("ls /proc/2/task | wc -l"))
    end
    for _, pty in ipairs(box:ask("GET", "/process/pty").sessions) do
      box:ask("DELETE", "/process/pty/" .. pty.id)
    end
    support.eventually(function() return threads() <= 5 end)
    local before = box:descriptors()
    for i = 1, 20 do
      local ws = assert(box:websocket(new_path()))
      if i % 2 == 0 then
        ws:frame("close", "")
      end
      ws:drop()
      box:ask("DELETE", "/process/pty/w" .. count)
    end
    support.eventually(function() return threads() <= 5 end)
    -- Fewer, where one of the tests before was still leaving.
    support.eventually(function() return box:descriptors() <= before end)
  end)

  it("is told when the sandbox stops", function()
    local other = toolbox.start()
    -- What a stop takes with nothing open, on this machine as busy as it is.
    local usual = support.timed(other.sandbox.stop, other.sandbox)
    other.sandbox:start()
    local ws = assert(other:websocket("/process/pty/create-connect?id=x"))
    ws:message()
    local stopping = support.now()
    other.sandbox:stop { wait = false }
    local _, _, close = ws:rest()
    assert.equal(1001, close.code)
    ws:drop()
    support.eventually(function()
      other.sandbox:refresh()
      return other.sandbox.state == "stopped"
    end)
    -- Without the grace that processes get which do not end when asked.
    assert.is_true(support.now() - stopping < usual + 1.9)
    other:stop()
  end)
end)
