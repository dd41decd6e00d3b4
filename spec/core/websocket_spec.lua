-- WebSockets of the core, against a server that speaks as a script says
-- (spec/support/fault_websocket.py), turned by the caller and by a thread.

local core = require "daytona.core"
local support = require "spec.support"
local loop = require "daytona.host.loop"

local PATTERN = {}
for i = 0, 250 do
  PATTERN[i + 1] = string.char(i)
end
PATTERN = table.concat(PATTERN)

-- The first `size` bytes of what the server's step "bytes" sends.
local function pattern(size)
  return PATTERN:rep(math.floor(size / 251) + 1):sub(1, size)
end

local function each_mode(run)
  for _, mode in ipairs { "direct", "background" } do
    describe("(" .. mode .. ")", function()
      run(mode)
    end)
  end
end

each_mode(function(mode)
  local server, client, owner

  setup(function()
    server = support.fault_server()
    require "daytona" -- gives handles their methods
  end)

  teardown(function()
    server:close()
    support.cleanup()
  end)

  local function new_client(options)
    local config = {
      api_url = server:url "/api", token = support.api_key, user_agent = "spec/1",
      source = "sdk-lua", sdk_version = "0.205.1", connect_timeout = 5, max_response = 1000000,
    }
    for name, value in pairs(options or {}) do
      config[name] = value
    end
    local made = core.client(config)
    owner = {}
    made:own(owner)
    if mode == "background" then
      made:start_background()
    end
    return made
  end

  before_each(function()
    server:reset()
    client = new_client()
  end)

  after_each(function()
    client:close()
  end)

  -- A WebSocket to a scenario of the server; `params` beside the path.
  local function connect_to(scenario, params, seconds)
    params = params or {}
    params.path = params.path or "/x"
    local sandbox = core.sandbox({
      id = "sb-1", toolbox_proxy_url = server:url("/fault/" .. scenario),
    }, owner)
    return client:connect("client.connect", params, sandbox, seconds or 10)
  end

  local function connect(steps, params, seconds)
    return connect_to(support.scenario("ws", { ["do"] = steps }), params, seconds)
  end

  -- What the plain host does, but not for ever.
  local function wait(waitable)
    local deadline = support.now() + 10
    while not waitable:step(0.25) do
      if waitable:hungry() then
        return
      end
      assert(support.now() < deadline, "nothing happens")
    end
  end

  local function open(...)
    local ws = connect(...)
    wait(ws)
    assert.is_true(ws:is_open(), not ws:is_open() and ws:done() and tostring(select(2, ws:result())))
    return ws
  end

  -- The next whole message and its kind; nil when the connection is over.
  local function receive(ws)
    local parts = {}
    while true do
      local data, kind, final = ws:receive()
      if data then
        parts[#parts + 1] = data
        if final then
          return table.concat(parts), kind
        end
      elseif ws:done() then
        return nil, #parts > 0 and table.concat(parts) or nil
      else
        wait(ws)
      end
    end
  end

  -- All messages until the end, and how it ended.
  local function drain(ws)
    local messages = {}
    for message in function() return (receive(ws)) end do
      messages[#messages + 1] = message
    end
    return messages, ws:result()
  end

  -- The error with which a connection to these steps ends.
  local function failure(ws)
    local _, value, err = drain(ws)
    assert.is_nil(value)
    assert.equal("daytona.error", getmetatable(err).__name or "daytona.error")
    for _, text in pairs(err) do
      assert.is_nil(tostring(text):find(support.api_key, 1, true))
    end
    return err
  end

  describe("a handshake", function()
    it("carries what every request does, and no credential in the URL", function()
      local ws = open("accept,echo", {
        path = "/x%20y", query = { a = "b c", list = { 1, 2 } }, subprotocols = { "one", "two~x" },
      })
      ws:close()
      local request = server:last()
      assert.equal("GET", request.method)
      assert.equal("a=b%20c&list=1&list=2",
        request.target:match "%?(.*)$":gsub("list=1&list=2&a=b%%20c", "a=b%%20c&list=1&list=2"))
      assert.truthy(request.path:find("/x%20y", 1, true))
      assert.is_nil(request.target:find(support.api_key, 1, true))
      support.eq({
        host = "127.0.0.1:" .. server.port,
        authorization = "Bearer " .. support.api_key,
        accept = "application/json",
        ["user-agent"] = "spec/1",
        ["x-daytona-source"] = "sdk-lua",
        ["x-daytona-sdk-version"] = "0.205.1",
        ["sec-websocket-protocol"] = "one, two~x",
        ["sec-websocket-version"] = "13",
        ["sec-websocket-key"] = function(key) return #key == 24 and key:sub(-2) == "==" end,
        upgrade = "websocket",
        connection = "Upgrade",
      }, request.headers)
    end)

    it("tells the subprotocol that the server chose, whichever", function()
      local _, result = drain(connect("accept:X-Other~1,close:1000", { subprotocols = { "one" } }))
      assert.equal("X-Other~1", result.subprotocol)
      _, result = drain(connect("accept,close:1000", { subprotocols = { "one" } }))
      assert.equal("", result.subprotocol)
    end)

    it("takes first frames that come with the answer, and an answer byte by byte", function()
      support.eq({ "a", "b" }, (drain(connect "split,accept,text:a,text:b,close:1000")))
    end)

    it("makes an error of an answer over HTTP", function()
      for status, kind in pairs { [401] = "unauthorized", [404] = "not_found", [409] = "conflict",
        [410] = "gone", [500] = "server", [503] = "unavailable" } do
        local err = failure(connect_to("error;status=" .. status))
        assert.equal(kind, err.kind)
        assert.equal(status, err.status)
        assert.equal("client.connect", err.operation)
        assert.equal("GET", err.method)
        assert.is_string(err.body)
      end
    end)

    it("reads the envelope of such an answer, in chunks as well", function()
      server:script({ path_prefix = "/script" }, { { status = 404, times = 0, headers = {
        ["X-Request-Id"] = "r-1", ["Retry-After"] = "3",
      }, body = { message = "no such PTY, " .. support.api_key, code = "PTY_NOT_FOUND", source = "toolbox" } } })
      local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = server:url "/script" }, owner)
      local err = failure(client:connect("client.connect", { path = "/" }, sandbox, 5))
      assert.equal("no such PTY, ***", err.message)
      assert.equal("PTY_NOT_FOUND", err.code)
      assert.equal("r-1", err.request_id)
      assert.equal(3, err.retry_after)
      local body = '{"message":"in chunks"}'
      local chunked = "HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" .. body:sub(1, 5)
        .. ("\r\n%x;x=y\r\n%s\r\n0\r\nTrailer: x\r\n\r\n"):format(#body - 5, body:sub(6))
      err = failure(connect("split,raw:" .. chunked:gsub(".", function(c)
        return ("%02x"):format(c:byte())
      end) .. ",hold"))
      assert.equal("in chunks", err.message)
      assert.equal("conflict", err.kind)
    end)

    it("says what else came instead of WebSocket", function()
      local function hex(text)
        return "raw:" .. text:gsub(".", function(c) return ("%02x"):format(c:byte()) end) .. ","
      end
      local cases = {
        { "badaccept,hold", "protocol", "Sec-WebSocket-Accept" },
        { hex "HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n" .. "hold", "protocol", "something else" },
        { hex "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" .. "hold", "protocol", "status 200" },
        { hex "HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n" .. "hold", "protocol", "/y" },
        { hex "SSH-2.0-x\r\n" .. "hold", "protocol", "HTTP/1.1" },
        { hex(("x"):rep(9000)) .. "hold", "protocol", "HTTP/1.1" },
        { hex "HTTP/1.1 101 Switching\r\nUpgr" .. "drop", "connection", "before the handshake" },
        { hex "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nhal" .. "drop", "not_found", "hal" },
        { "reset", "connection", "before the handshake" },
      }
      for _, case in ipairs(cases) do
        local err = failure(connect(case[1]))
        assert.equal(case[2], err.kind, case[1])
        assert.truthy(err.message:find(case[3], 1, true), err.message)
      end
    end)

    it("keeps no more of a body than an error needs", function()
      local err = failure(connect("raw:" .. ("HTTP/1.1 500 X\r\n\r\n"):gsub(".", function(c)
        return ("%02x"):format(c:byte())
      end) .. ",bytes:3000000,hold"))
      assert.equal("server", err.kind)
      assert.is_true(#err.body <= 4096)
    end)

    it("has a deadline", function()
      local seconds, err = support.timed(failure, connect("hold", nil, 0.2))
      assert.equal("timeout", err.kind)
      assert.is_true(seconds < 3)
      local late = connect("accept", nil, -1)
      assert.is_true(late:done())
      assert.equal("timeout", failure(late).kind)
    end)

    it("tells why there is no connection", function()
      local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = "http://127.0.0.1:1" }, owner)
      local err = failure(client:connect("client.connect", { path = "/" }, sandbox, 5))
      assert.equal("connection", err.kind)
      assert.truthy(err.message:find("Connection refused", 1, true), err.message)
      assert.is_true(err.retryable)
      assert.equal("failed", err.outcome)
    end)

    it("is not made where the credential would be seen", function()
      local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = "http://example.invalid" }, owner)
      local value, err = client:connect("client.connect", { path = "/" }, sandbox, 5)
      assert.is_nil(value)
      assert.equal("protocol", err.kind)
      assert.truthy(err.message:find("unencrypted", 1, true))
    end)

    it("is refused for options that are wrong", function()
      local function message(params)
        return support.raised(connect, "accept", params)
      end
      assert.equal("client.connect: unknown option 'subprotocol' (did you mean 'subprotocols'?)",
        message { subprotocol = "x" })
      assert.equal("client.connect: field 'subprotocols': item 2: 'a b' cannot be a subprotocol",
        message { subprotocols = { "a", "a b" } })
      assert.equal("client.connect: field 'path': must start with '/'", message { path = "x" })
      assert.truthy(support.raised(client.connect, client, "process.exec", {}):find("no such operation", 1, true))
      assert.truthy(support.raised(client.send, client, "client.connect", { path = "/" })
        :find("no such operation", 1, true))
      assert.equal(0, #server:requests())
    end)
  end)

  describe("messages", function()
    it("go both ways, of any size", function()
      local ws = open "accept,echo"
      for _, size in ipairs { 0, 1, 125, 126, 65535, 65536, 300000 } do
        for _, kind in ipairs { "binary", "text" } do
          local message = kind == "text" and ("h\195\169"):rep(math.floor(size / 3)) or pattern(size)
          assert.is_true(ws:send(message, kind))
          local answer, answer_kind = receive(ws)
          assert.is_true(message == answer, kind .. " of " .. size)
          assert.equal(kind, answer_kind)
        end
      end
      ws:shutdown()
      local _, result = drain(ws)
      support.eq({ code = 1000, reason = "", subprotocol = "", clean = true }, result)
      for _, frame in ipairs(server:last().frames) do
        assert.equal(1, frame.masked)
      end
    end)

    it("may be given before the connection is there", function()
      local ws = connect "accept,read:2,close:1000"
      assert.is_true(ws:send("first", "text"))
      assert.is_true(ws:send "second")
      drain(ws)
      local frames = server:last().frames
      assert.equal("6669727374", frames[1].hex)
      assert.equal("7365636f6e64", frames[2].hex)
    end)

    it("that wait for the connection cost no turns", function()
      local ws = connect "pause:300,accept,echo"
      ws:send "early"
      local turns, started = 0, os.clock()
      while not ws:step(0.25) and not ws:hungry() do
        turns = turns + 1
      end
      assert.is_true(turns < 50, turns)
      assert.is_true(os.clock() - started < 0.2)
      assert.equal("early", (receive(ws)))
    end)

    it("arrive whole when every byte comes by itself", function()
      local messages = drain(connect("split,accept,text:h\195\169llo,bytes:400,ping:p,"
        .. "frame:0/2/6162,frame:1/0/63,close:1000/r"))
      assert.equal("h\195\169llo", messages[1])
      assert.is_true(pattern(400) == messages[2])
      assert.equal("abc", messages[3])
    end)

    it("may be interrupted by pings, which are answered", function()
      local messages = drain(connect("accept,frame:0/1/61,ping:one,read:1,frame:0/0/,ping:,read:1,"
        .. "frame:1/0/62,close:1000"))
      support.eq({ "ab" }, messages)
      local frames = server:last().frames
      assert.equal(10, frames[1].opcode)
      assert.equal("6f6e65", frames[1].hex)
      assert.equal(10, frames[2].opcode)
      assert.equal(0, frames[2].size)
    end)

    it("of any size cost little memory and come in parts", function()
      local ws = open "accept,bytes:8000000/100000,bytes:8000000,close:1000"
      local parts, size, largest, count = {}, 0, 0, 0
      while true do
        local data, kind, final = ws:receive()
        if data then
          assert.equal("binary", kind)
          parts[#parts + 1] = data
          size, largest = size + #data, math.max(largest, #data)
          if final then
            count = count + 1
            assert.is_true(table.concat(parts) == pattern(8000000))
            parts = {}
          end
        elseif ws:done() then
          break
        else
          wait(ws)
        end
      end
      assert.equal(2, count)
      assert.equal(16000000, size)
      assert.is_true(largest <= 65536)
    end)

    it("are not read while nobody takes them", function()
      local ws = open "accept,bytes:20000000,close:1000"
      wait(ws)
      -- Whatever moves meanwhile, only so much is held.
      for _ = 1, 20 do
        client:step(0)
        ws:step(0.01)
      end
      local held = 0
      for _ = 1, 2 do -- what Lua has, and what comes meanwhile
        for data in function() return (ws:receive()) end do
          held = held + #data
        end
      end
      assert.is_true(held > 0)
      if mode == "direct" then
        assert.is_true(held <= 300 * 1024, held)
      end
      local messages = drain(ws)
      assert.equal(20000000 - held, #messages[1])
    end)

    it("are refused while too many wait to be sent, and then there is room", function()
      local ws = open "accept,pause:200,read:40,report,await"
      local chunk, sent, waits, writer = pattern(200000), 0, 0, ws:writer()
      while sent < 40 do
        if ws:send(chunk) then
          sent = sent + 1
        else
          assert.is_false(ws:send(chunk))
          waits = waits + 1
          wait(writer)
          assert.is_false(ws:done())
        end
      end
      assert.is_true(waits > 0)
      local report = receive(ws)
      local frames = support.json.decode(report)
      assert.equal(40, #frames)
      for _, frame in ipairs(frames) do
        assert.equal(200000, frame.size)
        assert.equal(frames[1].sha256, frame.sha256)
      end
      wait(writer) -- all has been sent
      assert.is_true(writer:hungry())
      ws:shutdown()
      drain(ws)
      assert.is_true(writer:done())
    end)

    it("move in both directions at once, in tasks of their own", function()
      if mode == "background" then
        return -- the loop turns the driver itself
      end
      local ws = connect "accept,echo"
      local message, received = pattern(100000), 0
      loop.run(function()
        local reader = loop.spawn(function()
          while received < 50 * #message do
            local data = ws:receive()
            if data then
              received = received + #data
            else
              loop.wait(ws)
            end
          end
          ws:shutdown()
        end)
        for _ = 1, 50 do
          while not ws:send(message) do
            loop.wait(ws:writer())
          end
        end
        reader:wait()
      end)
      assert.equal(50 * #message, received)
    end)

    it("of many connections and requests pass one driver", function()
      local list = {}
      for i = 1, 30 do
        list[i] = connect "accept,echo"
        list[i]:send("number " .. i, "text")
      end
      local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = server:url("/fault/" .. support.scenario(
        "json", { body = '{"exitCode": 0, "result": "x"}' })) }, owner)
      for i = 1, 30 do
        local request = client:send("process.exec", { command = "true" }, sandbox, 10)
        while not request:step(0.25) do end -- luacheck: ignore
        assert.equal("x", request:result().result)
        assert.equal("number " .. i, (receive(list[i])))
      end
      assert.equal(30, client:live())
      for _, ws in ipairs(list) do
        ws:close()
      end
      assert.equal(0, client:live())
    end)

    it("that break the rules end the connection", function()
      local cases = {
        ["masked"] = { "masked", 1002 },
        ["raw:c100"] = { "reserved bits", 1002 },
        ["raw:8300"] = { "unknown kind", 1002 },
        ["raw:8b00"] = { "unknown kind", 1002 },
        ["raw:8000"] = { "continuation of nothing", 1002 },
        ["raw:010161010161"] = { "message within a message", 1002 },
        ["raw:0900"] = { "impossible length", 1002 },
        ["raw:897e0080"] = { "impossible length", 1002 },
        ["raw:827e0005"] = { "impossible length", 1002 },
        ["raw:827fffffffffffffffff"] = { "impossible length", 1002 },
        ["raw:8101ff"] = { "not UTF-8", 1007 },
        ["raw:880103"] = { "code that is none", 1002 },
        ["raw:880203ed"] = { "code that is none", 1002 },
        ["raw:880403e8c328"] = { "not UTF-8", 1007 },
        ["raw:817f000000000010000061"] = { "too large", 1009 },
      }
      for steps, expected in pairs(cases) do
        local err = failure(connect("accept," .. steps .. ",read:1,hold"))
        assert.equal("protocol", err.kind, steps)
        assert.truthy(err.message:find(expected[1], 1, true), err.message)
        local frame = support.eventually(function() return server:last().frames[1] end)
        assert.equal(8, frame.opcode, steps)
        assert.equal(("%04x"):format(expected[2]), frame.hex, steps)
      end
    end)
  end)

  describe("the end", function()
    it("is told with code and reason, and what the code means by default", function()
      local kinds = {
        [1000] = false, [1001] = "unavailable", [1002] = "protocol", [1008] = "bad_request",
        [1009] = "bad_request", [1011] = "server", [4008] = "timeout", [4000] = "server",
      }
      for code, kind in pairs(kinds) do
        local _, result = drain(connect(("accept,close:%d/why"):format(code)))
        support.eq({ code = code, reason = "why", subprotocol = "", clean = true, kind = kind or nil }, result)
      end
      local _, result = drain(connect "accept,close")
      support.eq({ code = 1005, reason = "", subprotocol = "", clean = true }, result)
    end)

    it("answers the server's close frame", function()
      drain(connect "accept,close:4001/x,read:1,hold")
      local frame = support.eventually(function() return server:last().frames[1] end)
      assert.equal("0fa1", frame.hex)
    end)

    it("may come from here, and the server still says something", function()
      local ws = open "accept,read:1,text:last words,close:1000/bye"
      ws:shutdown(4321, "enough")
      assert.is_false(ws:is_open())
      assert.is_nil(ws:send "x")
      local messages, result = drain(ws)
      support.eq({ "last words" }, messages)
      assert.equal("bye", result.reason)
      assert.equal(("%04x"):format(4321) .. "656e6f756768", server:last().frames[1].hex)
    end)

    it("is not waited for longer than that", function()
      for _, steps in ipairs { "accept,hold", "accept,read:1,drop" } do
        local ws = open(steps)
        ws:shutdown(1000, "", 0.1)
        local _, result = drain(ws)
        support.eq({ code = 1006, reason = "", subprotocol = "", clean = false }, result)
      end
    end)

    it("without a close frame is a lost connection, and what came before is there", function()
      for _, ending in ipairs { "drop", "reset" } do
        local ws = open("accept,text:kept,pause:50," .. ending)
        assert.equal("kept", (receive(ws)))
        local err = failure(ws)
        assert.equal("connection", err.kind)
        assert.equal("unknown", err.outcome)
        assert.is_false(err.retryable)
        assert.truthy(err.message:find("without a close frame", 1, true))
      end
      local ws = connect "accept,text:kept,drop"
      support.eventually(function()
        return ws:step(0.01) or not ws:is_open() and ws:hungry()
      end)
      assert.is_false(ws:done())
      assert.equal("kept", (receive(ws)))
      assert.is_true(ws:done())
    end)

    it("comes when nobody answers pings", function()
      local ws = open "accept,deaf"
      ws:ping_every(0.1)
      local err = failure(ws)
      assert.equal("timeout", err.kind)
      assert.truthy(err.message:find("no sign of life", 1, true))
    end)

    it("does not come while somebody does", function()
      local ws = open "accept,echo"
      ws:ping_every(0.05)
      support.eventually(function()
        assert.is_false(ws:step(0.01))
        return #server:last().frames >= 5
      end)
      assert.is_true(ws:is_open())
    end)

    it("comes by cancel, close and the end of the client", function()
      local ws = open "accept,hold"
      local writer = ws:writer()
      ws:cancel()
      assert.is_true(ws:done())
      assert.is_true(writer:done())
      assert.equal("cancelled", failure(ws).kind)
      ws = connect "hold"
      ws:cancel()
      assert.equal("cancelled", failure(ws).kind)
      ws = open "accept,hold"
      ws:shutdown()
      ws:cancel()
      ws:close()
      ws:close()
      assert.truthy(support.raised(ws.result, ws):find("closed", 1, true))
      assert.is_nil(ws:receive())
      assert.is_nil(ws:send "x")
      ws = connect "accept,hold"
      client:close()
      assert.is_true(ws:done())
      local err = failure(ws)
      assert.equal("cancelled", err.kind)
      assert.equal("the client was closed", err.message)
    end)

    it("leaves nothing behind", function()
      collectgarbage()
      collectgarbage()
      local _, before = support.open_fds()
      for i = 1, 20 do
        local ws = i % 2 == 0 and open "accept,echo" or connect "hold"
        ws:writer()
        ws:send "x"
        if i % 3 == 0 then
          ws:close()
        end
      end
      collectgarbage()
      collectgarbage()
      assert.equal(0, client:live())
      local _, after = support.open_fds()
      assert.equal(before, after)
    end)

    it("raises for what cannot be", function()
      local ws = open "accept,echo"
      assert.truthy(support.raised(ws.send, ws, "\255", "text"):find("not UTF-8", 1, true))
      assert.truthy(support.raised(ws.send, ws, "x", "tekst"):find("invalid option", 1, true))
      assert.truthy(support.raised(ws.shutdown, ws, 1006):find("3000 to 4999", 1, true))
      assert.truthy(support.raised(ws.shutdown, ws, 1000, ("x"):rep(124)):find("too long", 1, true))
      assert.truthy(support.raised(ws.result, ws):find("not over", 1, true))
      assert.truthy(support.raised(ws.ping_every, ws, -1):find("seconds", 1, true))
      assert.truthy(tostring(ws):find("client.connect (under way)", 1, true))
    end)
  end)

  describe("on the way", function()
    it("TLS is verified", function()
      local function over_tls(ca_file)
        client:close()
        client = new_client { ca_file = ca_file }
        local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = server:tls_url("tls",
          "/fault/" .. support.scenario("ws", { ["do"] = "accept,bytes:3000000,echo" })) }, owner)
        return client:connect("client.connect", { path = "/x" }, sandbox, 10)
      end
      local ws = over_tls(server.ca_file)
      assert.is_true(receive(ws) == pattern(3000000))
      local message = pattern(500000)
      assert.is_true(ws:send(message))
      assert.is_true(receive(ws) == message)
      ws:shutdown()
      local _, result = drain(ws)
      assert.equal(1000, result.code)
      assert.equal("tls", failure(over_tls(nil)).kind)
    end)

    it("an HTTP proxy is asked for a tunnel, without the credential", function()
      local code = ([[
        local core = require "daytona.core"
        require "daytona"
        local client = core.client { api_url = "x", token = %q, connect_timeout = 5, max_response = 1000 }
        client:own {}
        if %q == "background" then client:start_background() end
        local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = %q }, {})
        local ws = client:connect("client.connect", { path = "/x" }, sandbox, 5)
        local message
        while not ws:step(0.25) do
          message = ws:receive() or message
        end
        io.write(tostring(message), " ", tostring((ws:result() or {}).code))
      ]]):format(support.api_key, mode, server:url("/fault/" .. support.scenario("ws", {
        ["do"] = "accept,text:through,close:1000" })))
      local output = support.run(support.lua_command(code, {
        http_proxy = server:url(), no_proxy = false, NO_PROXY = false,
      }))
      assert.equal("through 1000", output)
      local requests = server:requests()
      assert.equal("CONNECT", requests[1].method)
      assert.equal("127.0.0.1:" .. server.port, requests[1].target)
      assert.is_nil(requests[1].head:find(support.api_key, 1, true))
      assert.equal("GET", requests[2].method)
    end)
  end)
end)
