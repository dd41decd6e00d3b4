-- Ports of a sandbox by host names of their own: what goes in and comes out.

local preview = require "spec.local.preview_support"
local raw_http = require "spec.support.raw_http"
local support = require "spec.support"
local websocket = require "spec.support.websocket"

local PARAMETER = preview.PARAMETER

describe("a preview", function()
  local server, id, link
  local ask, with_token, host_of = preview.ask, preview.with_token, preview.host_of
  local said, refused, unauthorized = preview.said, preview.refused, preview.unauthorized

  setup(function()
    server, id, link = preview.start()
  end)

  teardown(preview.stop)

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
      preview.start_app(id, 3006, "::1")
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
      assert.equal(200, ask("GET /toolbox/" .. id .. "/proxy/2280/files?path=.", token, nil, "localhost").status)
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

    it("is what the official SDK reaches from a browser, by a WebSocket and the token of port 1", function()
      local token = server:get("/sandbox/" .. id .. "/ports/1/preview-url").token
      local path = "/toolbox/" .. id .. "/files?path=.&" .. PARAMETER .. "=" .. token
      unauthorized(ask("GET " .. path, nil, nil, "localhost"))
      unauthorized(ask("GET /files?" .. PARAMETER .. "=" .. token, nil, nil, host_of(nil, 2280)))
      local at = "/toolbox/" .. id .. "/process/pty/by-preview/connect?" .. PARAMETER .. "=" .. token
      local ws = assert(websocket.connect((server.api_url:gsub("/api$", at)), {}))
      ws:send("echo by-$((40 + 2))\n", "text")
      ws:expect "by%-42"
      ws:drop()
    end)
  end)
end)
