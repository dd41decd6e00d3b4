-- Connections that are made ahead of the WebSocket that will want them.

local core = require "daytona.core"
local socket = require "socket"
local support = require "spec.support"
local each_mode = require "spec.support.websocket_modes"

local ECHO = support.scenario("ws", { ["do"] = "accept,echo" })
local QUICK = support.scenario("json", { body = '{"exitCode": 0, "result": "x"}' })

each_mode({
  describe = describe, setup = setup, teardown = teardown,
  before_each = before_each, after_each = after_each,
}, function(t)
  local function sandbox(url)
    return core.sandbox({ id = "sb-1", toolbox_proxy_url = url }, t.owner)
  end

  local function server_url(scenario)
    return t.server:url("/fault/" .. (scenario or ECHO))
  end

  -- A WebSocket, open, with what was connected ahead.
  local function connect(url, ahead)
    local ws = t.client:connect("client.connect", { path = "/x" }, sandbox(url), 10, ahead)
    t.wait(ws)
    assert.is_true(ws:is_open())
    return ws
  end

  local function echoes(ws)
    ws:send("hello", "text")
    assert.equal("hello", t.receive(ws))
    ws:close()
  end

  -- One whole call, so that the driver turns; it keeps its connection.
  local function call(url)
    local request = t.client:send("process.exec", { command = "true" },
      sandbox(url or server_url(QUICK)), 10)
    while not request:step(0.05) do end -- luacheck: ignore
    return assert(request:result())
  end

  -- Calls until it is so; `state` is what it is instead.
  local function until_so(condition, level, state)
    for _ = 1, 400 do
      if condition() then
        return
      end
      call()
      socket.sleep(0.005)
    end
    error("it does not come to be: " .. (state and state() or "?"), level or 2)
  end

  -- Waits until the server has so many connections open.
  local function open_connections(count)
    local open
    until_so(function()
      open = t.server:stats().open_connections
      return open == count
    end, 3, function() return ("%d connections, not %d"):format(open, count) end)
  end

  local function connections()
    return t.server:stats().connections
  end

  it("is closed in its time, also where no call is under way", function()
    local ahead = t.client:preconnect(sandbox(server_url()), 0.1)
    for _ = 1, 400 do
      if not ahead:is_open() then
        return
      end
      t.client:step(0.01)
      socket.sleep(0.005)
    end
    error "it stays open"
  end)

  it("is made while a call waits, sends nothing, and becomes that of a WebSocket", function()
    call()
    local ahead = t.client:preconnect(sandbox(server_url()))
    open_connections(2)
    for _, request in ipairs(t.server:requests()) do
      assert.equal("json", request.scenario)
    end
    assert.is_true(ahead:is_open())
    local ws = connect(server_url(), ahead)
    assert.is_false(ahead:is_open())
    ahead:close()
    echoes(ws)
    assert.equal(2, connections())
    open_connections(1)
  end)

  it("is taken over while it connects, and carries what was sent early", function()
    local ahead = t.client:preconnect(sandbox(server_url()))
    local ws = t.client:connect("client.connect", { path = "/x" }, sandbox(server_url()), 10, ahead)
    ws:send("early", "text")
    assert.equal("early", t.receive(ws))
    ws:close()
    assert.equal(1, connections())
  end)

  it("serves one WebSocket only", function()
    local ahead = t.client:preconnect(sandbox(server_url()))
    local first, second = connect(server_url(), ahead), connect(server_url(), ahead)
    assert.equal(2, connections())
    echoes(first)
    echoes(second)
  end)

  it("serves no other server, and no other client", function()
    local there = ("http://127.0.0.1:%d/x"):format(t.server.mute_port)
    local ahead = t.client:preconnect(sandbox(there))
    echoes(connect(server_url(), ahead))
    assert.is_true(ahead:is_open())
    local other, client = t.new_client(), t.client
    t.client = other
    local mine = client:preconnect(sandbox(server_url()))
    echoes(connect(server_url(), mine))
    other:close()
    t.client = client
    assert.is_true(mine:is_open())
    mine:close()
    ahead:close()
  end)

  it("leaves nothing when it is not wanted: closed, collected, with its client, after its time", function()
    call()
    local ahead = t.client:preconnect(sandbox(server_url()))
    open_connections(2)
    ahead:close()
    ahead:close()
    assert.is_false(ahead:is_open())
    open_connections(1)
    t.client:preconnect(sandbox(server_url()))
    open_connections(2)
    collectgarbage()
    collectgarbage()
    open_connections(1)
    ahead = t.client:preconnect(sandbox(server_url()), 0.05)
    until_so(function() return not ahead:is_open() end)
    open_connections(1)
    ahead = t.client:preconnect(sandbox(server_url()))
    open_connections(2)
    t.client:close()
    t.client = t.new_client()
    ahead:close()
    open_connections(1) -- that of the new client
  end)

  it("that failed costs nothing, and the WebSocket tells the truth", function()
    local url = ("http://127.0.0.1:%d/x"):format(t.server.refused_port)
    local ahead = t.client:preconnect(sandbox(url))
    until_so(function() return not ahead:is_open() end)
    local err = t.failure(t.client:connect("client.connect", { path = "/x" }, sandbox(url), 10, ahead))
    assert.equal("connection", err.kind)
    assert.truthy(err.message:find("refused", 1, true), err.message)
    ahead = t.client:preconnect(sandbox(url)) -- and taken over before it fails
    err = t.failure(t.client:connect("client.connect", { path = "/x" }, sandbox(url), 10, ahead))
    assert.truthy(err.message:find("refused", 1, true), err.message)
    assert.is_true(err.retryable)
  end)

  it("that the server has ended, or spoken on, is left alone", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    listener:settimeout(5)
    local _, port = listener:getsockname()
    local url = ("http://127.0.0.1:%s/x"):format(port)
    for _, say in ipairs { "", "HTTP/1.1 408 Request Timeout\r\n\r\n" } do
      local ahead = t.client:preconnect(sandbox(url))
      call()
      local accepted = assert(listener:accept())
      accepted:send(say)
      if say == "" then
        accepted:close()
      end
      local ws
      repeat -- the word may be on its way
        call()
        ws = t.client:connect("client.connect", { path = "/x" }, sandbox(url), 10, ahead)
        listener:settimeout(0.2)
        local again = listener:accept()
        ws:close()
      until again or not ahead:is_open()
      accepted:close()
      assert.is_false(ahead:is_open())
    end
    listener:close()
  end)

  it("is not made where the toolbox is not known, or the credential must not go", function()
    assert.is_nil(t.client:preconnect(core.sandbox({ id = "sb-1" }, t.owner)))
    assert.is_nil(t.client:preconnect(sandbox "http://192.0.2.1/x"))
    assert.has_error(function() t.client:preconnect {} end)
  end)

  describe("over TLS", function()
    local function secure_url(scenario)
      return t.server:tls_url("tls", "/fault/" .. (scenario or ECHO))
    end

    before_each(function()
      t.client:close()
      t.client = t.new_client { ca_file = t.server.ca_file }
    end)

    local function resumed()
      return t.server:stats().resumed
    end

    it("every WebSocket after the first connection is resumed", function()
      echoes(connect(secure_url()))
      assert.equal(0, resumed())
      echoes(connect(secure_url()))
      assert.equal(1, resumed())
      local ahead = t.client:preconnect(sandbox(secure_url()))
      until_so(function() return resumed() == 2 end)
      echoes(connect(secure_url(), ahead))
      assert.equal(2, resumed())
      call(secure_url(QUICK))
      assert.equal(3, resumed())
    end)

    it("a server of toolboxes is connected to by a request that carries nothing", function()
      call()
      assert.is_true(t.client:warm_up(sandbox(secure_url())))
      assert.is_false(t.client:warm_up(sandbox(secure_url())))
      local head
      until_so(function()
        for _, request in ipairs(t.server:requests()) do
          head = request.method == "HEAD" and request or head
        end
        return head
      end)
      assert.equal("/", head.target)
      assert.equal("spec/1", head.headers["user-agent"])
      assert.is_nil(head.headers.authorization)
      assert.equal(0, t.client:live())
      call()
      call(secure_url(QUICK))
      assert.equal(2, connections())
      assert.is_false(t.client:warm_up(sandbox(secure_url())))
    end)

    it("one that makes no difference is given up when it is not done", function()
      call()
      local port = t.server.mute_port
      assert.is_true(t.client:warm_up(sandbox(("https://127.0.0.1:%d/x"):format(port))))
      assert.is_false(t.client:warm_up(sandbox(secure_url()))) -- one at a time
      t.client:cool_down()
      t.client:cool_down()
      assert.is_true(t.client:warm_up(sandbox(secure_url())))
      t.client:close()
      t.client = t.new_client()
    end)

    it("nothing is connected to where it is not known, free of cost, or connected", function()
      assert.is_false(t.client:warm_up(core.sandbox({ id = "sb-1" }, t.owner)))
      assert.is_false(t.client:warm_up(sandbox(server_url())))
      t.client:close()
      t.client = t.new_client { ca_file = t.server.ca_file, api_url = t.server:tls_url("tls", "/api") }
      assert.is_false(t.client:warm_up(sandbox(secure_url())))
    end)

    it("a WebSocket resumes what a request began", function()
      call(secure_url(QUICK))
      echoes(connect(secure_url()))
      assert.equal(1, resumed())
    end)
  end)
end)
