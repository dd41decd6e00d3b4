-- WebSockets of the core: the way there.

local core = require "daytona.core"
local support = require "spec.support"
local each_mode = require "spec.support.websocket_modes"

each_mode({
  describe = describe, setup = setup, teardown = teardown,
  before_each = before_each, after_each = after_each,
}, function(t)
  local connect, connect_to, open, receive, drain, failure, pattern, mode, new_client =
    t.connect, t.connect_to, t.open, t.receive, t.drain, t.failure, t.pattern, t.mode, t.new_client

  describe("a handshake", function()
    it("carries what every request does, and no credential in the URL", function()
      local ws = open("accept,echo", {
        path = "/x%20y", query = { a = "b c", list = { 1, 2 } }, subprotocols = { "one", "two~x" },
      })
      ws:close()
      local request = t.server:last()
      assert.equal("GET", request.method)
      assert.equal("a=b%20c&list=1&list=2",
        request.target:match "%?(.*)$":gsub("list=1&list=2&a=b%%20c", "a=b%%20c&list=1&list=2"))
      assert.truthy(request.path:find("/x%20y", 1, true))
      assert.is_nil(request.target:find(support.api_key, 1, true))
      support.eq({
        host = "127.0.0.1:" .. t.server.port,
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
      t.server:script({ path_prefix = "/script" }, { { status = 404, times = 0, headers = {
        ["X-Request-Id"] = "r-1", ["Retry-After"] = "3",
      }, body = { message = "no such PTY, " .. support.api_key, code = "PTY_NOT_FOUND", source = "toolbox" } } })
      local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = t.server:url "/script" }, t.owner)
      local err = failure(t.client:connect("client.connect", { path = "/" }, sandbox, 5))
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
      local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = "http://127.0.0.1:1" }, t.owner)
      local err = failure(t.client:connect("client.connect", { path = "/" }, sandbox, 5))
      assert.equal("connection", err.kind)
      assert.truthy(err.message:find("Connection refused", 1, true), err.message)
      assert.is_true(err.retryable)
      assert.equal("failed", err.outcome)
    end)

    it("is not made where the credential would be seen", function()
      local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = "http://example.invalid" }, t.owner)
      local value, err = t.client:connect("client.connect", { path = "/" }, sandbox, 5)
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
      assert.truthy(support.raised(t.client.connect, t.client, "process.exec", {}):find("no such operation", 1, true))
      assert.truthy(support.raised(t.client.send, t.client, "client.connect", { path = "/" })
        :find("no such operation", 1, true))
      assert.equal(0, #t.server:requests())
    end)
  end)

  describe("on the way", function()
    it("TLS is verified", function()
      local function over_tls(ca_file)
        t.client:close()
        t.client = new_client { ca_file = ca_file }
        local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = t.server:tls_url("tls",
          "/fault/" .. support.scenario("ws", { ["do"] = "accept,bytes:3000000,echo" })) }, t.owner)
        return t.client:connect("client.connect", { path = "/x" }, sandbox, 10)
      end
      local ws = over_tls(t.server.ca_file)
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
        local client = core.client { api_url = "x", token = %q, connect_timeout = 5, max_response = 1000,
          allow_http = true }
        client:own {}
        if %q == "background" then client:start_background() end
        local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = %q }, {})
        local ws = client:connect("client.connect", { path = "/x" }, sandbox, 5)
        local message
        while not ws:step(0.25) do
          message = ws:receive() or message
        end
        io.write(tostring(message), " ", tostring((ws:result() or {}).code))
      ]]):format(support.api_key, mode, "http://far.test/fault/" .. support.scenario("ws", {
        ["do"] = "accept,text:through,close:1000" }))
      local output = support.run(support.lua_command(code, {
        http_proxy = t.server:url(), no_proxy = false, NO_PROXY = false,
      }))
      assert.equal("through 1000", output)
      local requests = t.server:requests()
      assert.equal("CONNECT", requests[1].method)
      assert.equal("far.test:80", requests[1].target)
      assert.is_nil(requests[1].head:find(support.api_key, 1, true))
      assert.equal("GET", requests[2].method)
    end)
  end)
end)
