-- Ports of a sandbox by host names of their own: {port}-{id}.localhost.

local control = require "spec.local.control_support"
local raw_http = require "spec.support.raw_http"
local support = require "spec.support"
local websocket = require "spec.support.websocket"

local STOPPED = "bad request: failed to resolve container IP after 3 attempts: no IP address found. "
  .. "Is the Sandbox started?"
local PARAMETER = "DAYTONA_SANDBOX_AUTH_KEY"
local PORT = 3000

describe("a preview", function()
  local server, id, port_of_server, link

  local function start_app(sandbox, port, host)
    server:upload(sandbox, "app.py", support.read_file "spec/support/preview_app.py")
    server:sh(sandbox, ("setsid python3 app.py %d %s >/dev/null 2>&1 &"):format(port, host or ""))
    support.eventually(function()
      return server:sh(sandbox, ("python3 -c 'import socket; socket.create_connection((\"%s\", %d))' 2>&1")
        :format(host or "127.0.0.1", port)) == ""
    end, 20, "an application at the port")
  end

  setup(function()
    server = control.serve()
    id = server:create().id
    port_of_server = server.api_url:match ":(%d+)/"
    link = server:get(("/sandbox/%s/ports/%d/preview-url"):format(id, PORT))
    start_app(id, PORT)
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function host_of(sandbox, port)
    return ("%s-%s.localhost:%s"):format(port or PORT, sandbox or id, port_of_server)
  end

  -- Asks the preview of PORT, or that of another host, with these header lines.
  local function ask(line, headers, body, host)
    local lines = { "Host: " .. (host or host_of()) }
    for _, header in ipairs(headers or {}) do
      lines[#lines + 1] = header
    end
    return raw_http.once(server.api_url, line, lines, body)
  end

  local function with_token(line, headers, body, host)
    local lines = { "X-Daytona-Preview-Token: " .. link.token }
    for _, header in ipairs(headers or {}) do
      lines[#lines + 1] = header
    end
    return ask(line, lines, body, host)
  end

  -- What the application was sent: the request line, and its headers as a
  -- table, each with the list of its values.
  local function said(answer)
    assert.equal(200, answer.status)
    local told = support.json.decode(answer.body)
    local headers = {}
    for _, pair in ipairs(told.headers) do
      headers[pair[1]] = headers[pair[1]] or {}
      table.insert(headers[pair[1]], pair[2])
    end
    return told.line, headers, answer.body
  end

  local function refused(status, code, message, answer)
    assert.equal(status, answer.status)
    support.eq({
      statusCode = status, code = code, message = message, path = support.any_string,
      method = support.any_string, timestamp = support.any_string, source = "DAYTONA_PROXY",
    }, support.json.decode(answer.body))
  end

  local function unauthorized(answer)
    refused(401, "UNAUTHORIZED", "unauthorized: invalid credentials", answer)
  end

  describe("has an address", function()
    it("of its own, which the configuration says, too", function()
      support.eq({ sandboxId = id, url = "http://" .. host_of(), token = support.any_string }, link)
      assert.equal(("http://{{PORT}}-{{sandboxId}}.localhost:%s"):format(port_of_server),
        server:get("/config").proxyTemplateUrl)
    end)

    it("below the name that is advertised; without a name it is a path", function()
      for advertised, expected in pairs {
        ["box.example"] = "http://81-%s.box.example:%s",
        ["127.0.0.2"] = "http://81-%s.localhost:%s",
        ["10.1.2.3"] = "http://10.1.2.3:%2$s/toolbox/%1$s/proxy/81",
      } do
        local other = control.serve { arguments = "--advertise " .. advertised }
        local port = other.api_url:match ":(%d+)/"
        other.client = assert(require "daytona".new {
          api_key = other.api_key, api_url = ("http://127.0.0.1:%s/api"):format(port),
        })
        local box = other:create().id
        local url = expected:gsub("%%1%$s", box):gsub("%%2%$s", port)
        assert.equal(url:format(box, port), other:get("/sandbox/" .. box .. "/ports/81/preview-url").url)
        local answer = raw_http.once(("http://127.0.0.1:%s"):format(port), "GET /",
          { ("Host: 81-%s.box.EXAMPLE"):format(box), "Authorization: Bearer " .. other.api_key })
        assert.equal(advertised == "box.example" and 502 or 404, answer.status)
        other:stop()
      end
    end)

    it("in any case, with a port or without", function()
      for _, host in ipairs {
        host_of(), host_of():upper(), ("%d-%s.localhost"):format(PORT, id), ("%d-%s.LocalHost."):format(PORT, id),
        ("%d-%s.localhost:1"):format(PORT, id),
      } do
        assert.equal(200, with_token("GET /x", nil, nil, host).status)
      end
    end)

    it("whose path is the application's, also where the API has the same", function()
      for _, path in ipairs {
        "/", "/api/sandbox", "/toolbox/" .. id .. "/files", "/a/../b", "/%2e%2e/x%20y", "//x", "/x/",
        "/x?", "/x?a=b&&c=%20&a=d&", "/" .. ("x"):rep(4000),
      } do
        local answer = with_token("DELETE " .. path)
        if path ~= "/" then
          assert.equal("DELETE " .. (path == "/x?" and "/x" or path) .. " HTTP/1.1", (said(answer)))
        end
        assert.equal(200, answer.status)
      end
    end)

    it("and others stay ordinary", function()
      local key = { "Authorization: Bearer " .. server.api_key }
      for _, host in ipairs {
        "localhost", "x", id .. ".localhost", "3000.localhost", "-3000-x.localhost", "a3000-x.localhost",
        host_of():gsub("localhost", "localhost.example"), host_of():gsub("localhost", "example"), "",
      } do
        assert.equal(200, ask("GET /api/sandbox", key, nil, host).status)
      end
    end)
  end)

  describe("opens", function()
    it("to nobody without a credential", function()
      for _, headers in ipairs {
        {}, { "X-Daytona-Preview-Token: wrong" }, { "X-Daytona-Preview-Token:" }, { "Authorization: Bearer wrong" },
        { "Authorization: Bearer " .. link.token }, { "Authorization: Basic eDp5" },
        { "X-Daytona-Preview-Token: " .. link.token:sub(1, -2) },
        { "X-Daytona-Preview-Token: " .. link.token .. "0" }, { "Cookie: daytona-sandbox-auth-" .. id .. "=wrong" },
        { "Cookie: daytona-sandbox-auth-x=" .. link.token }, { "Cookie: x=" .. link.token },
        { "Cookie: xdaytona-sandbox-auth-" .. id .. "=" .. link.token },
      } do
        unauthorized(ask("GET /", headers))
        unauthorized(ask("GET /toolbox/" .. id .. "/files", headers))
      end
      unauthorized(ask("GET /?" .. PARAMETER .. "=wrong"))
      unauthorized(ask("GET /?" .. PARAMETER))
      unauthorized(ask("GET /?x=" .. link.token))
    end)

    it("to the API key and to its token, which stay outside", function()
      local cookie = ("daytona-sandbox-auth-%s=%s"):format(id, link.token)
      for _, case in ipairs {
        { "GET /x?a=1", { "Authorization: Bearer " .. server.api_key } },
        { "GET /x?a=1", { "x-daytona-preview-token: " .. link.token } },
        { "GET /x?a=1&" .. PARAMETER .. "=" .. link.token },
        { "GET /x?" .. PARAMETER .. "=" .. link.token .. "&a=1" },
        { "GET /x?" .. PARAMETER:gsub("_", "%%5f") .. "=" .. link.token .. "&a=1&" .. PARAMETER .. "=2" },
        { "GET /x?" .. PARAMETER .. "[]=" .. link.token .. "&a=1" },
        { "GET /x?a=1", { "Cookie: " .. cookie } },
        { "GET /x?a=1&" .. PARAMETER .. "=" .. link.token, {
          "Authorization: Bearer " .. server.api_key, "X-Daytona-Preview-Token: " .. link.token, "Cookie: " .. cookie,
          ("Referer: http://%s/?%s=%s"):format(host_of(), PARAMETER, link.token),
        } },
      } do
        local line, headers, body = said(ask(case[1], case[2]))
        assert.equal("GET /x?a=1 HTTP/1.1", line)
        assert.is_nil(headers.authorization)
        assert.is_nil(headers.cookie)
        assert.is_nil(body:lower():find("auth", 1, true))
        assert.is_nil(body:find(link.token, 1, true))
        assert.is_nil(body:find(server.api_key, 1, true))
      end
    end)

    it("one port of one sandbox", function()
      local other = server:create().id
      for _, host in ipairs { host_of(nil, 3001), host_of(nil, 2280), host_of(other) } do
        local cookie = "Cookie: daytona-sandbox-auth-%s=" .. link.token
        unauthorized(with_token("GET /", nil, nil, host))
        unauthorized(ask("GET /?" .. PARAMETER .. "=" .. link.token, nil, nil, host))
        unauthorized(ask("GET /", { cookie:format(id), cookie:format(other) }, nil, host))
      end
      local key = { "X-Daytona-Preview-Token: " .. link.token }
      unauthorized(ask("GET /toolbox/" .. id .. "/files", key, nil, "localhost"))
      assert.equal(401, ask("GET /api/sandbox", key, nil, "localhost").status)
      assert(server:call("DELETE", "/sandbox/" .. other))
    end)

    it("to a browser by a cookie of this host", function()
      local answer = ask("GET /x?a=1&" .. PARAMETER .. "=" .. link.token)
      assert.equal(1, #answer.cookies)
      local name, value, attributes = answer.cookies[1]:match "^([^=]+)=(%x+); (.*)$"
      assert.equal("daytona-sandbox-auth-" .. id, name)
      assert.equal("Path=/; Max-Age=3600; HttpOnly; SameSite=Lax", attributes)
      local _, headers = said(ask("GET /x", {
        "Cookie: a=b; " .. name .. "=" .. value .. "; c=d", "Cookie: daytona-sandbox-auth-other=x; e=\"f; g\"",
      }))
      support.eq({ "a=b; c=d", "e=\"f; g\"" }, headers.cookie)
      support.eq({}, with_token("GET /x").cookies)
    end)

    it("to a browser that goes to a page, which then has an address without the token", function()
      local going = { "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document" }
      local path = "/new%20one?a=1&" .. PARAMETER .. "=" .. link.token .. "&b"
      local answer = ask("GET " .. path, going)
      assert.equal(302, answer.status)
      assert.equal("/new%20one?a=1&b", answer.headers.location)
      assert.equal("no-store", answer.headers["cache-control"])
      assert.equal(1, #answer.cookies)
      assert.equal("/", ask("GET /?" .. PARAMETER .. "=" .. link.token, going).headers.location)
      -- what is no page's address, or would lead to another host, is answered at once
      going[2] = "Sec-Fetch-Dest: iframe"
      assert.equal(200, ask("GET " .. path, going).status)
      going[2] = "Sec-Fetch-Dest: document"
      assert.equal(200, ask("POST " .. path, going, "x").status)
      assert.equal(200, ask("GET //other.example" .. path, going).status)
      unauthorized(ask("GET /?" .. PARAMETER .. "=wrong", going))
    end)

    it("to all if the sandbox is public, but for the toolbox's own ports", function()
      assert(server:call("POST", "/sandbox/" .. id .. "/public/true"))
      local line = said(ask("GET /x?a=1&" .. PARAMETER .. "=wrong", { "Cookie: daytona-sandbox-auth-x=y" }))
      assert.equal("GET /x?a=1 HTTP/1.1", line)
      for _, port in ipairs { 2280, 22222, 33333 } do
        unauthorized(ask("GET /files", nil, nil, host_of(nil, port)))
      end
      unauthorized(ask("GET /toolbox/" .. id .. "/proxy/3000/", nil, nil, "localhost"))
      local _, headers = said(ask("GET /x", { "Authorization: Bearer " .. server.api_key }))
      assert.is_nil(headers.authorization)
      assert(server:call("POST", "/sandbox/" .. id .. "/public/false"))
      unauthorized(ask("GET /x"))
    end)

    it("by another token after a start", function()
      local box = server:create().id
      local before = server:get("/sandbox/" .. box .. "/ports/3000/preview-url")
      assert(server:call("POST", "/sandbox/" .. box .. "/stop"))
      server:await(box, "stopped")
      local key = { "Authorization: Bearer " .. server.api_key }
      refused(400, "BAD_REQUEST", STOPPED, ask("GET /", key, nil, host_of(box)))
      unauthorized(ask("GET /", nil, nil, host_of(box)))
      assert(server:call("POST", "/sandbox/" .. box .. "/start"))
      unauthorized(ask("GET /", { "X-Daytona-Preview-Token: " .. before.token }, nil, host_of(box)))
      assert(server:call("DELETE", "/sandbox/" .. box))
      server:await(box, "gone")
      refused(404, "NOT_FOUND", "not found: sandbox container not found", ask("GET /", nil, nil, host_of(box)))
    end)
  end)

  describe("answers", function()
    it("404 of a sandbox that is none, 400 of a port that is none", function()
      local key = { "Authorization: Bearer " .. server.api_key }
      for _, headers in ipairs { {}, key } do
        for _, name in ipairs { "nobody", "", ("x"):rep(58), ("x"):rep(200), id .. "x" } do
          refused(404, "NOT_FOUND", "not found: sandbox container not found",
            ask("GET /", headers, nil, "3000-" .. name .. ".localhost"))
        end
        for _, port in ipairs { "0", "65536", "99999999999999999999", "03000" } do
          refused(400, "BAD_REQUEST", "bad request: invalid port", ask("GET /", headers, nil, host_of(nil, port)))
        end
      end
    end)

    it("502 of a port where nothing listens, or no HTTP is spoken", function()
      local key = { "Authorization: Bearer " .. server.api_key }
      local answer = ask("GET /", key, nil, host_of(nil, 3999))
      assert.equal(502, answer.status)
      assert.equal("", answer.body)
      answer = with_token "GET /garbage"
      assert.equal(502, answer.status)
      assert.equal("", answer.body)
    end)

    it("for an application that listens on IPv6 only", function()
      start_app(id, 3006, "::1")
      assert.equal(200, ask("GET /x", { "Authorization: Bearer " .. server.api_key }, nil, host_of(nil, 3006)).status)
    end)

    it("with what the application answers", function()
      local answer = with_token "GET /missing"
      assert.equal(404, answer.status)
      assert.equal("nothing here", answer.body)
      support.eq({ "one=1; Path=/", "two=2; Path=/" }, with_token("GET /cookies").cookies)
      assert.equal(204, with_token("OPTIONS /cookies").status)
    end)

    it("with redirects that lead back to it", function()
      assert.equal("/new", with_token("GET /old").headers.location)
      assert.equal("http://" .. host_of() .. "/new?a=b", with_token("GET /old-by-host").headers.location)
      assert.equal("https://" .. host_of() .. "/new?a=b",
        with_token("GET /old-by-host", { "X-Forwarded-Proto: https" }).headers.location)
      assert.equal("http://localhost:30001/", with_token("GET /elsewhere").headers.location)
    end)
  end)

  describe("passes on", function()
    it("who asked and by which host, unless somebody has said so before", function()
      local _, headers = said(with_token "GET /x")
      support.eq({ "localhost:3000" }, headers.host)
      support.eq({ host_of() }, headers["x-forwarded-host"])
      support.eq({ "http" }, headers["x-forwarded-proto"])
      support.eq({ "127.0.0.1, 127.0.0.1" }, headers["x-forwarded-for"])
      _, headers = said(with_token("GET /x", {
        "X-Forwarded-Host: app.example", "X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.1",
        "X-Forwarded-For: 192.0.2.2", "Authorization: Bearer its-own", "Referer: http://a.example/?b=c#d",
        "Origin: http://" .. host_of(), "X-Daytona-Skip-Last-Activity-Update: true",
      }))
      support.eq({ "app.example" }, headers["x-forwarded-host"])
      support.eq({ "https" }, headers["x-forwarded-proto"])
      support.eq({ "192.0.2.1, 192.0.2.2, 127.0.0.1, 127.0.0.1" }, headers["x-forwarded-for"])
      support.eq({ "Bearer its-own" }, headers.authorization)
      support.eq({ "http://a.example/?b=c#d" }, headers.referer)
      support.eq({ "http://" .. host_of() }, headers.origin)
      assert.is_nil(headers["x-daytona-skip-last-activity-update"])
    end)

    it("bodies of any size and framing, over one connection", function()
      local tcp = raw_http.connect(server.api_url)
      local headers = { "Host: " .. host_of(), "X-Daytona-Preview-Token: " .. link.token }
      for _ = 1, 3 do
        local sent = ("bytes"):rep(400000)
        raw_http.ask(tcp, "POST /echo", headers, sent)
        assert.is_true(raw_http.read(tcp).body == sent)
        raw_http.ask(tcp, "PUT /echo",
          { headers[1], headers[2], "Transfer-Encoding: chunked" })
        local whole = {}
        for i = 1, 40 do
          whole[i] = ("%05d"):format(i):rep(i * 37)
          assert(tcp:send(("%x\r\n%s\r\n"):format(#whole[i], whole[i])))
        end
        assert(tcp:send "0\r\n\r\n")
        assert.is_true(raw_http.read(tcp).body == table.concat(whole))
        raw_http.ask(tcp, "GET /pieces", headers)
        assert.equal(1050000, #raw_http.read(tcp).body)
        raw_http.ask(tcp, "GET /api/health", { "Host: localhost" })
        assert.equal(200, raw_http.read(tcp).status)
      end
      tcp:close()
    end)

    it("a HEAD, whose answer has no body, also where its length is unknown", function()
      local tcp = raw_http.connect(server.api_url)
      local headers = { "Host: " .. host_of(), "X-Daytona-Preview-Token: " .. link.token }
      for _ = 1, 2 do
        raw_http.ask(tcp, "HEAD /missing", headers)
        local answer = raw_http.read(tcp, true)
        assert.equal(404, answer.status)
        assert.equal("12", answer.headers["content-length"])
      end
      raw_http.ask(tcp, "HEAD /pieces", headers)
      local answer = raw_http.read(tcp, true)
      assert.equal(200, answer.status)
      assert.equal("close", answer.headers.connection)
      support.eq({ nil, "closed", "" }, { tcp:receive "*l" })
      tcp:close()
    end)

    it("WebSockets, with any credential", function()
      local url = server.api_url:gsub("/api$", "/socket")
      for query, headers in pairs {
        [""] = { ["X-Daytona-Preview-Token"] = link.token },
        ["?a=b"] = { Cookie = "daytona-sandbox-auth-" .. id .. "=" .. link.token },
        ["?" .. PARAMETER .. "=" .. link.token] = {},
      } do
        headers.Host = host_of()
        local ws = assert(websocket.connect(url .. query, { headers = headers }))
        for _, text in ipairs { "one", ("two"):rep(9000) } do
          ws:send(text, "text")
          assert.equal(text, (ws:message()))
        end
        ws:drop()
      end
      local ws, answer = websocket.connect(url, { headers = { Host = host_of() } })
      assert.is_nil(ws)
      assert.equal(401, answer.status)
    end)
  end)

  describe("of port 2280", function()
    local toolbox

    setup(function()
      toolbox = server:get("/sandbox/" .. id .. "/ports/2280/preview-url")
    end)

    it("is the toolbox of that sandbox", function()
      local other = server:create().id
      local token = { "X-Daytona-Preview-Token: " .. toolbox.token }
      local host = host_of(nil, 2280)
      assert.equal("http://" .. host, toolbox.url)
      assert.equal(200, ask("GET /files?path=.", token, nil, host).status)
      assert.equal(200, ask("GET /files?path=.&" .. PARAMETER .. "=" .. toolbox.token, nil, nil, host).status)
      local answer = ask("POST /process/execute", token, '{"command":"echo inside"}', host)
      assert.equal("inside\n", support.json.decode(answer.body).result)
      assert.equal(200, ask("GET /proxy/3000/x", token, nil, host).status)
      for _, path in ipairs { "/../" .. other .. "/files", "/toolbox/" .. other .. "/files", "/api/sandbox" } do
        assert.equal(404, ask("GET " .. path, token, nil, host).status)
      end
      unauthorized(ask("GET /files", token, nil, host_of(other, 2280)))
      unauthorized(ask("GET /files", token, nil, host_of(nil, 3000)))
      -- by the path of the toolbox it opens the same
      assert.equal(200, ask("GET /toolbox/" .. id .. "/files", token, nil, "localhost").status)
      assert.equal(200, ask("GET /toolbox/" .. id .. "/proxy/3000/x", token, nil, "localhost").status)
      unauthorized(ask("GET /toolbox/" .. other .. "/files", token, nil, "localhost"))
      assert.equal(401, ask("GET /api/sandbox", token, nil, "localhost").status)
      assert(server:call("DELETE", "/sandbox/" .. other))
    end)

    it("carries terminals", function()
      local host = host_of(nil, 2280)
      local answer = ask("POST /process/pty",
        { "X-Daytona-Preview-Token: " .. toolbox.token, "Content-Type: application/json" },
        '{"id":"by-preview","cols":80,"rows":24}', host)
      assert.equal(201, answer.status)
      local ws = assert(websocket.connect(server.api_url:gsub("/api$", "/process/pty/by-preview/connect"), {
        headers = { Host = host, ["X-Daytona-Preview-Token"] = toolbox.token },
      }))
      ws:send("echo in-$((40 + 2))\n", "text")
      ws:expect "in%-42"
      ws:drop()
    end)

    it("is what the official SDK reaches from a browser, by the path and the token of port 1", function()
      local token = server:get("/sandbox/" .. id .. "/ports/1/preview-url").token
      local path = "/toolbox/" .. id .. "/files?path=.&" .. PARAMETER .. "=" .. token
      assert.equal(200, ask("GET " .. path, nil, nil, "localhost").status)
      support.eq({}, ask("GET " .. path, nil, nil, "localhost").cookies)
      unauthorized(ask("GET /files?" .. PARAMETER .. "=" .. token, nil, nil, host_of(nil, 2280)))
    end)
  end)

  describe("refuses", function()
    local function raw(text)
      local tcp = raw_http.connect(server.api_url)
      assert(tcp:send(text))
      local answer = raw_http.read(tcp)
      assert.equal(400, answer.status)
      -- nothing that follows is taken for a request
      assert.is_nil((tcp:receive "*l"))
      tcp:close()
      return answer
    end

    it("what two servers would read in two ways", function()
      local head = ("GET /x HTTP/1.1\r\nHost: %s\r\nX-Daytona-Preview-Token: %s\r\n"):format(host_of(), link.token)
      local post = head:gsub("^GET", "POST")
      local second = "GET /second HTTP/1.1\r\nHost: x\r\n\r\n"
      for _, text in ipairs {
        head .. "Authorization: Bearer its-own\r\nAuthorization: Bearer " .. server.api_key .. "\r\n\r\n",
        head .. "Host: localhost\r\n\r\n",
        head .. "Authorization : Bearer " .. server.api_key .. "\r\n\r\n",
        post .. "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" .. second,
        post .. "Content-Length: 3\r\nContent-Length: 0\r\n\r\nabc" .. second,
        post .. "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" .. second,
        post .. "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" .. second,
        post .. "Transfer-Encoding: gzip\r\n\r\nabc" .. second,
        (head:gsub("/x", "/x y")) .. "\r\n",
        (head:gsub("/x", "/x\127")) .. "\r\n",
      } do
        raw(text)
      end
    end)

    it("targets that are no path", function()
      for _, target in ipairs { "http://localhost/x", "http://" .. host_of() .. "/x", "*", "x" } do
        refused(400, "BAD_REQUEST", "bad request: the path begins with no '/'", with_token("GET " .. target))
      end
    end)
  end)
end)
