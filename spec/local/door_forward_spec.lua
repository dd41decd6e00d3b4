-- The server's one address forwards requests, bodies and WebSockets to the sandboxes
-- over connections that it keeps.

local socket = require "socket"
local door_support = require "spec.local.door_support"
local support = require "spec.support"
local websocket = require "spec.support.websocket"

describe("the door", function()
  local door, server, base, id, host, port

  setup(function()
    door = door_support.open()
    server, base, id, host, port = door.server, door.base, door.id, door.host, door.port
  end)

  teardown(function()
    door:close()
  end)

  it("asks a sandbox again over the connection that it has", function()
    assert.equal("0\n", door:print_of "echo 0")
    local before = door:sockets()
    assert.is_true(before >= 2)
    for i = 1, 20 do
      assert.equal(i .. "\n", door:print_of("echo " .. i))
    end
    assert.equal(before, door:sockets())
  end)

  it("does not ask again over one whose answer was not taken to its end", function()
    for _ = 1, 5 do
      local tcp = door:connect()
      door:ask(tcp, "POST", base .. "/process/execute", nil,
        support.json.encode { command = "head -c 3000000 /dev/zero | tr '\\0' x" })
      assert.truthy(tcp:receive(100))
      tcp:close()
      assert.equal("whole\n", door:print_of "echo whole")
    end
    local tcp = door:connect()
    door:ask(tcp, "HEAD", base .. "/files/info?path=.")
    tcp:receive(12)
    tcp:close()
    assert.equal("whole\n", door:print_of "echo whole")
  end)

  it("knows no connection of a life before", function()
    for _, force in ipairs { "", "?force=true" } do
      assert.equal("one\n", door:print_of "echo one")
      assert(server:call("POST", "/sandbox/" .. id .. "/stop" .. force))
      server:await(id, "stopped")
      assert.equal(400, door:print_of "echo none")
      assert(server:call("POST", "/sandbox/" .. id .. "/start"))
      server:await(id, "started")
      assert.equal("two\n", door:print_of "echo two")
    end
  end)

  it("serves many requests to both sides over one connection", function()
    local tcp = door:connect()
    for _ = 1, 3 do
      door:ask(tcp, "GET", base .. "/user-home-dir")
      assert.equal(200, (door:read(tcp)))
      door:ask(tcp, "GET", "/api/sandbox/" .. id)
      assert.equal(200, (door:read(tcp)))
      door:ask(tcp, "POST", base .. "/process/execute", nil, '{"command":"echo one"}')
      assert.truthy(select(2, door:read(tcp)):find("one\\n", 1, true))
      door:ask(tcp, "GET", base .. "/files/download?path=nothing")
      assert.equal(404, (door:read(tcp)))
    end
    tcp:close()
  end)

  it("passes bodies on in either framing", function()
    local tcp = door:connect()
    door:ask(tcp, "POST", base .. "/files/upload-v2?path=pieces",
      { ["Transfer-Encoding"] = "chunked", ["Content-Length"] = false })
    local whole = {}
    for i = 1, 40 do
      whole[i] = (("%05d"):format(i)):rep(i * 37)
      assert(tcp:send(("%x\r\n%s\r\n"):format(#whole[i], whole[i])))
    end
    assert(tcp:send "0\r\n\r\n")
    assert.equal(200, (door:read(tcp)))
    door:ask(tcp, "GET", base .. "/files/download?path=pieces")
    local status, body = door:read(tcp)
    assert.equal(200, status)
    assert.is_true(body == table.concat(whole))
    tcp:close()
  end)

  it("tells whoever asks first whether its body is wanted", function()
    local tcp = door:connect()
    door:ask(tcp, "POST", base .. "/nowhere", { Expect = "100-continue", ["Content-Length"] = 1000000 })
    assert.equal(404, (door:read(tcp)))
    tcp:close()
    tcp = door:connect()
    door:ask(tcp, "POST", base .. "/files/upload-v2?path=asked", { Expect = "100-continue", ["Content-Length"] = 5 })
    assert.equal(100, (door:read(tcp)))
    assert(tcp:send "wants")
    assert.equal(200, (door:read(tcp)))
    assert.equal("wants", door:sh "cat asked")
    tcp:close()
  end)

  it("takes WebSockets to an application", function()
    door:serve_echo(3194)
    local link = server:get("/sandbox/" .. id .. "/ports/3194/preview-url")
    local ws = assert(websocket.connect(("http://%s:%s%s/proxy/3194/"):format(host, port, base), {
      headers = { ["X-Daytona-Preview-Token"] = link.token }, early = "first",
    }))
    -- bare bytes, for the program echoes these
    ws.tcp:settimeout(20)
    assert.equal("first", ws.tcp:receive(5))
    local block = ("x"):rep(300000)
    local sent, got = 0, 0
    while got < #block do
      if sent < #block then
        sent = assert(ws.tcp:send(block, sent + 1, math.min(sent + 30000, #block)))
      end
      got = got + #assert(ws.tcp:receive(math.min(30000, #block - got)))
    end
    ws:drop()
  end)

  it("ends in the sandbox what a client has left", function()
    door:sh "mkfifo wait; dd if=/dev/zero of=big bs=1M count=64 status=none"
    support.eventually(function() return door:sockets() == 1 end, 20, "the request that made it is open")
    local before = door:sockets()
    local left = {}
    for i = 1, 5 do
      left[i] = door:connect()
      door:ask(left[i], "GET", base .. "/files/download?path=big")
      assert(left[i]:receive(1000))
    end
    assert.equal(before + 5, door:sockets())
    for i = 1, 5 do
      left[i]:close()
    end
    support.eventually(function() return door:sockets() == before end, 20, "no request left")
  end)

  it("holds nothing for a client that has left an application which never reads", function()
    door:sh([[setsid python3 -c 'import socket, time
s = socket.create_server(("127.0.0.1", 3195))
time.sleep(999)' >/dev/null 2>&1 &]])
    support.eventually(function()
      return door:sh "grep -ci ':0C7B 00000000:0000 0A' /proc/net/tcp" == "1\n"
    end, 20, "a server at the port")
    support.eventually(function() return door:sockets() == 1 end, 20, "the requests before are over")
    local left = door:connect()
    left:settimeout(0)
    assert(left:send(("POST %s/proxy/3195/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
      .. "Content-Length: 1000000000\r\n\r\n"):format(base, server.api_key)))
    local block = ("x"):rep(1000000)
    while #select(2, socket.select(nil, { left }, 1)) > 0 do
      left:send(block)
    end
    assert.equal(2, door:sockets())
    assert(left:setoption("linger", { on = true, timeout = 0 })) -- its end overtakes what was not read
    left:close()
    support.eventually(function() return door:sockets() == 1 end, 20, "the request is over")
  end)

  it("breaks an answer off where the toolbox is lost, and an answer not begun is none", function()
    local box = server:create().id
    server:sh(box, "dd if=/dev/zero of=big bs=1M count=64 status=none")
    local body, none = door:connect(), door:connect()
    door:ask(body, "GET", "/toolbox/" .. box .. "/files/download?path=big")
    local got = #assert(body:receive(1000))
    door:ask(none, "POST", "/toolbox/" .. box .. "/process/execute", nil, '{"command":"touch begun; sleep 86399"}')
    support.eventually(function() return server:sh(box, "ls"):find "begun" end)
    assert(server:call("POST", "/sandbox/" .. box .. "/stop?force=true"))
    while true do
      local data, why, rest = body:receive(65536)
      got = got + #(data or rest)
      if not data then
        assert.is_true(why ~= "timeout")
        break
      end
    end
    assert.is_true(got < 64 * 1048576)
    local line, why = none:receive "*l"
    assert.is_nil(line)
    assert.is_true(why ~= "timeout")
    body:close()
    none:close()
    server:await(box, "stopped")
    assert(server:call("DELETE", "/sandbox/" .. box))
  end)
end)
