-- Ports of a sandbox by host names of their own, {port}-{id}.localhost: what
-- such a host is, and whom it lets in.

local control = require "spec.local.control_support"
local preview = require "spec.local.preview_support"
local raw_http = require "spec.support.raw_http"
local support = require "spec.support"

local PARAMETER, PORT = preview.PARAMETER, preview.PORT
local STOPPED = "bad request: failed to resolve container IP after 3 attempts: no IP address found. "
  .. "Is the Sandbox started?"

describe("a preview", function()
  local server, id, link
  local ask, with_token, host_of = preview.ask, preview.with_token, preview.host_of
  local said, refused, unauthorized = preview.said, preview.refused, preview.unauthorized

  setup(function()
    server, id, link = preview.start()
  end)

  teardown(preview.stop)

  describe("has an address", function()
    it("of its own, which the configuration says, too", function()
      support.eq({ sandboxId = id, url = "http://" .. host_of(), token = support.any_string }, link)
      assert.equal(("http://{{PORT}}-{{sandboxId}}.localhost:%s"):format(server.api_url:match ":(%d+)/"),
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
        "localhost", "x", "x" .. id .. ".localhost", "3000.localhost", "-3000-x.localhost", "a3000-x.localhost",
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
        { "GET /x?a=1", { "authorization: bearer   " .. server.api_key .. " \t" } },
        { "GET /x?a=1", {
          "X-Daytona-Preview-Token: " .. link.token, "Authorization: Bearer " .. server.api_key .. " ",
        } },
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
      answer = ask("GET /x?" .. PARAMETER .. "=" .. link.token, { "X-Forwarded-Proto: https" })
      assert.truthy(answer.cookies[1]:find("; Secure$"))
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

    it("targets that are no path, and hosts that are none", function()
      local key = "X-Daytona-Preview-Token: " .. link.token
      for _, target in ipairs { "http://localhost/x", "http://" .. host_of() .. "/x", "*", "x" } do
        raw(("GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n"):format(target, host_of(), key))
        raw(("GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n"):format(target, key))
      end
      for _, host in ipairs { host_of() .. "/", host_of() .. ", x", "x@" .. host_of(), host_of() .. "?x" } do
        raw(("GET /x HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n"):format(host, key))
      end
    end)
  end)
end)
