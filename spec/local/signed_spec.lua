-- What lets others in without the API key: signed URLs of files, and signed
-- previews of ports.

local control = require "spec.local.control_support"
local raw_http = require "spec.support.raw_http"
local support = require "spec.support"

local quote = support.quote
local unpack = table.unpack or unpack -- luacheck: ignore

local FORM = '--x\r\nContent-Disposition: form-data; name="file"; filename="y"\r\n\r\nby form\r\n--x--\r\n'

-- Signs as the official SDKs do.
local SIGN = [[
import base64, hashlib, hmac, sys, urllib.parse
key, method, path, expires = sys.argv[1:]
digest = hmac.new(key.encode(), f"v1:files:{method}:{path}:{expires}".encode(), hashlib.sha256).digest()
print(urllib.parse.urlencode({"path": path, "expires": expires,
  "signature": "v1_" + base64.urlsafe_b64encode(digest).decode().rstrip("=")}), end="")
]]

local function sign(key, method, path, expires)
  return (support.run(("%s -c %s %s %s %s %d"):format(
    quote(support.python), quote(SIGN), quote(key), method, quote(path), expires)))
end

-- One request without any credential: the body and the status. `more` has the
-- body, which makes it a POST, another method, and header lines. The host is
-- this machine, whatever its name.
local function ask(url, more)
  more = more or {}
  local host, path = url:match "^http://([^/]+)(.*)$"
  local answer = raw_http.once("http://127.0.0.1:" .. host:match "%d+$",
    ("%s %s"):format(more.method or more.body and "POST" or "GET", path == "" and "/" or path),
    { "Host: " .. host, unpack(more) }, more.body)
  return answer.body, answer.status
end

local function post(url, body)
  return ask(url, { body = body })
end

local function refused(status, message, url, more)
  local body, got = ask(url, more)
  local answer = support.json.decode(body)
  support.eq({ status, message }, { got, answer.message })
  support.eq({ status, answer.message:find "^file not found" and "DAYTONA_DAEMON" or "DAYTONA_PROXY" },
    { answer.statusCode, answer.source })
end

local function later(seconds)
  return os.time() + seconds
end

describe("signed URLs of files", function()
  local server, id, key, toolbox

  setup(function()
    server = control.serve()
    id = server:create({ name = "box" }).id
    key = server:get("/sandbox/" .. id .. "/signing-key")
    toolbox = server.api_url:gsub("/api$", "/toolbox/") .. id
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function download(path, expires, with)
    return toolbox .. "/files/download?" .. sign(with or key, "GET", path, expires or later(3600))
  end

  local function upload(path, expires)
    return toolbox .. "/files/upload-v2?" .. sign(key, "POST", path, expires or later(3600))
  end

  it("read and write one file", function()
    for _, path in ipairs { "/tmp/plain.txt", "in the home/ü +%26&#?=:;.txt" } do
      local body, status = post(upload(path), "by body")
      assert.equal(200, status, body)
      support.eq({ name = path:match "[^/]*$", path = support.any_string, type = "file" }, support.json.decode(body))
      support.eq({ "by body", 200 }, { ask(download(path)) })
      assert.equal(200, select(2, ask(upload(path, 0), {
        body = FORM, "Content-Type: multipart/form-data; boundary=x",
      })))
      support.eq({ "by form", 200 }, { ask(download(path, 0)) })
      assert.equal(404, select(2, ask(download(path), { method = "HEAD" }))) -- the toolbox's, as with the key
    end
    support.eq({ "for", 206 }, { ask(download "/tmp/plain.txt", { "Range: bytes=3-5" }) })
    refused(404, "file not found: /tmp/none", download "/tmp/none")
  end)

  it("end when they say so", function()
    post(upload "ends", "1")
    refused(401, "unauthorized: signature is expired", download("ends", later(-1)))
    local url = download("ends", later(1))
    support.eventually(function()
      return select(2, ask(url)) == 401
    end)
    refused(401, "unauthorized: signature is expired", url)
    refused(401, "unauthorized: signature is expired", upload("ends", later(-1)), { body = "2" })
    support.eq({ "1", 200 }, { ask(download "ends") })
  end)

  it("let in to nothing else", function()
    local invalid, credentials = "unauthorized: invalid signature", "unauthorized: invalid credentials"
    post(upload "mine", "mine")
    post(upload "other", "other")
    local reading, writing = download "mine", upload "mine"
    for name, url in pairs {
      path = reading:gsub("path=mine", "path=other"),
      again = reading:gsub("path=mine", "path=other&path=mine"),
      expires = reading:gsub("expires=1", "expires=2"),
      never = reading:gsub("expires=%d+", "expires=0"),
      method = reading:gsub("%?.*", writing:match "%?.*"),
      short = reading:sub(1, -2),
      long = reading .. "A",
      key = download("mine", nil, "another"),
    } do
      assert.equal(401, select(2, ask(url)), name)
      refused(401, invalid, url)
    end
    refused(401, invalid, writing:gsub("%?.*", reading:match "%?.*"), { body = "gone" })
    -- what comes behind the path that was signed does not go in
    support.eq({ "mine", 200 }, { ask(reading .. "&path=other") })
    for _, route in ipairs {
      "/files/info", "/files", "/files/download/x", "/files/upload", "/process/execute", "/proxy/80/files/download",
    } do
      refused(401, credentials, (reading:gsub("/files/download", route)))
    end
    refused(401, credentials, reading, { method = "DELETE" })
    refused(401, credentials, reading, { body = "1" })
    refused(401, credentials, writing)
    local other = server:create().id
    local elsewhere = reading:gsub("/toolbox/[^/]+", "/toolbox/" .. other)
    refused(401, "unauthorized: failed to resolve signing key", elsewhere)
    server:get("/sandbox/" .. other .. "/signing-key")
    refused(401, invalid, elsewhere)
    assert(server:call("DELETE", "/sandbox/" .. other))
  end)

  it("are refused where they are not whole, even beside the API key", function()
    local url = download "mine"
    local with_key = { "Authorization: Bearer " .. server.api_key }
    refused(400, "bad request: path query parameter is required", (url:gsub("path=mine", "path=")), with_key)
    refused(401, "unauthorized: expires query parameter is required", (url:gsub("expires=%d+", "expires=")), with_key)
    for _, text in ipairs { "x", "-1", "1x", "99999999999999999999", "%20" } do
      refused(401, "unauthorized: invalid expires query parameter",
        (url:gsub("expires=%d+", function() return "expires=" .. text end)))
    end
    refused(401, "unauthorized: unsupported signature scheme", (url:gsub("v1_", "v2_")), with_key)
    refused(401, "unauthorized: invalid signature", url .. "x", with_key)
    refused(401, "unauthorized: invalid credentials", (url:gsub("signature=.*", "signature=")))
    refused(404, "file not found: gone", toolbox .. "/files/download?path=gone", with_key)
  end)

  it("end with the key, which lasts until it is rotated", function()
    local path = "/sandbox/" .. id .. "/signing-key"
    assert.truthy(key:find "^[%w_-]+$")
    assert.equal(32, #key)
    post(upload "kept", "kept")
    local old = download("kept", 0)
    server:stop()
    server = control.serve { data = server.data }
    toolbox = server.api_url:gsub("/api$", "/toolbox/") .. id
    old = toolbox .. old:match "/files/.*"
    assert(server:call("POST", "/sandbox/" .. id .. "/start"))
    assert.equal(key, server:get(path))
    support.eq({ "kept", 200 }, { ask(old) })
    local new = assert(server:call("POST", path .. "/rotate"))
    assert.are_not.equal(key, new)
    assert.equal(32, #new)
    assert.equal(new, server:get(path))
    refused(401, "unauthorized: invalid signature", old)
    key = new
    support.eq({ "kept", 200 }, { ask(download "kept") })
  end)

  it("are those of a sandbox that runs", function()
    local url = download "kept"
    assert(server:call("POST", "/sandbox/" .. id .. "/stop"))
    server:await(id, "stopped")
    refused(400, "bad request: failed to resolve container IP after 3 attempts: no IP address found. "
      .. "Is the Sandbox started?", url)
    refused(401, "unauthorized: invalid signature", url .. "x")
    for method, path in pairs { GET = "/signing-key", POST = "/signing-key/rotate" } do
      server:refuses(404, "Sandbox with ID box not found", method, "/sandbox/box" .. path)
    end
    assert(server:call("DELETE", "/sandbox/" .. id))
    server:await(id, "gone")
    refused(401, "unauthorized: failed to resolve signing key", url)
    server:refuses(404, ("Sandbox with ID %s not found"):format(id), "GET", "/sandbox/" .. id .. "/signing-key")
  end)
end)

describe("signed previews", function()
  local server, id, other

  -- A server of files at these ports, one of which is served to whom it names.
  local function serve_files(sandbox, text, ...)
    server:sh(sandbox, ("mkdir -p www && printf %s > www/index.html"):format(text))
    for _, port in ipairs { ... } do
      server:sh(sandbox, ("cd www && (setsid python3 -m http.server %d >/dev/null 2>&1 &)"):format(port))
    end
  end

  setup(function()
    server = control.serve()
    id, other = server:create({ name = "box" }).id, server:create().id
    serve_files(id, "mine", 3000, 3001)
    serve_files(other, "other", 3002)
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function path_of(sandbox, port, seconds)
    return ("/sandbox/%s/ports/%s/signed-preview-url%s"):format(sandbox, port,
      seconds and "?expiresInSeconds=" .. seconds or "")
  end

  local function until_served(url)
    support.eventually(function()
      return (ask(url)) == "mine"
    end)
  end

  -- What SQL says of the database of a server that has ended.
  local function database(sql)
    local code = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
      .. "for sql in sys.argv[2].split(';'):\n  for row in db.execute(sql): print(*row)"
    return (support.run(("%s -c %s %s %s"):format(quote(support.python), quote(code), quote(server.data .. "/state.db"),
      quote(sql))))
  end

  local INVALID = "unauthorized: invalid or expired token"

  it("open a port by their host name", function()
    local link = server:get(path_of(id, 3000))
    support.eq({
      sandboxId = id, port = 3000, token = support.any_string,
      url = ("http://3000-%s.localhost:%s"):format(link.token, server.api_url:match ":(%d+)/"),
    }, link)
    assert.truthy(link.token:find "^%w+$")
    assert.equal(link.token:lower(), link.token)
    assert.equal(16, #link.token)
    until_served(link.url)
    assert.equal("mine", (ask(link.url:gsub("%-%w+%.", string.upper) .. "/")))
    assert.equal("mine", (ask(server:get(path_of("box", 3000)).url)))
    -- neither a good credential nor a bad one changes anything
    for _, more in ipairs { "X-Daytona-Preview-Token: x", "Authorization: Bearer " .. server.api_key } do
      assert.equal("mine", (ask(link.url .. "/?DAYTONA_SANDBOX_AUTH_KEY=x", { more })))
    end
    assert.are_not.equal(link.token, server:get(path_of(id, 3000)).token)
  end)

  it("open that port of that sandbox and nothing else", function()
    local link, third = server:get(path_of(id, 3000)), server:get(path_of(other, 3002))
    until_served(link.url)
    until_served((server:get(path_of(id, 3001)).url))
    refused(401, INVALID, (link.url:gsub("3000%-", "3001-")))
    refused(401, INVALID, (link.url:gsub("3000%-", "2280-")))
    refused(401, INVALID, (third.url:gsub(third.token, link.token)))
    refused(401, INVALID, (link.url:gsub(link.token, link.token:reverse())))
    refused(404, "not found: sandbox container not found", (link.url:gsub(link.token, "%0a")))
    refused(404, "not found: sandbox container not found", (link.url:gsub(link.token, link.token:sub(2))))
    -- as a token of the path of a toolbox, or as a key, it is none
    local toolbox = server.api_url:gsub("/api$", "/toolbox/")
    refused(401, "unauthorized: invalid credentials", toolbox .. link.token .. "/work-dir")
    refused(401, "unauthorized: invalid credentials", toolbox .. id .. "/proxy/3000/",
      { "X-Daytona-Preview-Token: " .. link.token })
    local key = server:get("/sandbox/" .. id .. "/signing-key")
    refused(404, "not found: sandbox container not found", (link.url:gsub(link.token, key:lower())))
  end)

  it("keep from the application what opens them", function()
    server:upload(id, "app.py", support.read_file "spec/support/preview_app.py")
    server:sh(id, "setsid python3 app.py 3003 >/dev/null 2>&1 &")
    local link = server:get(path_of(id, 3003))
    local host = link.url:match "^http://(.*)$"
    local body
    support.eventually(function()
      body = ask(link.url .. "/x", {
        "Origin: " .. link.url, "Referer: " .. link.url:upper():gsub("HTTP", "http") .. "/page?a=b",
      })
      return body and body:find "x%-forwarded%-host" or body and body:find "X%-Forwarded%-Host"
    end)
    assert.is_nil(body:lower():find(link.token, 1, true), body)
    local known = ("3003-%s.localhost:%s"):format(id, host:match ":(%d+)$")
    assert.is_truthy(body:find('"' .. known, 1, true), body)
    assert.is_truthy(body:find('"http://' .. known, 1, true), body)
    body = ask(link.url .. "/x", { "X-Forwarded-Host: " .. host })
    assert.is_nil(body:find(link.token, 1, true), body)
  end)

  it("end with their time, and when they are told to", function()
    local link, short = server:get(path_of(id, 3000)), server:get(path_of(id, 3000, 1))
    support.eventually(function()
      return select(2, ask(short.url)) == 401
    end)
    refused(401, INVALID, short.url)
    until_served(link.url)
    local expire = path_of(id, 3000) .. "/" .. link.token .. "/expire"
    for from, to in pairs { ["3000"] = "3001", [link.token] = "x", ["/sandbox/[^/]+"] = "/sandbox/" .. other } do
      assert(server:call("POST", (expire:gsub(from, to))))
      assert.equal("mine", (ask(link.url)))
    end
    local authorized = { body = "", "Authorization: Bearer " .. server.api_key }
    for _ = 1, 2 do
      support.eq({ "", 201 }, { ask(server.api_url .. expire, authorized) })
      refused(401, INVALID, link.url)
    end
  end)

  it("are asked for as the original has it", function()
    for _, port in ipairs { "0", "65536", "x" } do
      server:refuses(400, "Invalid port", "GET", path_of(id, port))
    end
    for _, seconds in ipairs { "0", "-1", "86401", "99999999999999999999" } do
      server:refuses(400, "expiresInSeconds must be between 1 second and 24 hours", "GET", path_of(id, 80, seconds))
    end
    for _, seconds in ipairs { "abc", "1.5" } do
      server:refuses(500, "An unexpected error occurred.", "GET", path_of(id, 80, seconds))
    end
    assert(server:call("GET", path_of(id, 80, 86400)))
    server:refuses(404, "Sandbox with ID or name none not found", "GET", path_of("none", 80))
    server:refuses(404, "Sandbox with ID or name none not found", "POST", path_of("none", 80) .. "/x/expire")
    server:refuses(400, "Invalid port", "POST", path_of(id, 0) .. "/x/expire")
  end)

  it("outlast the server, and end with their sandbox", function()
    local link = server:get(path_of(id, 3000, 86400))
    server:stop()
    server = control.serve { data = server.data }
    local url = link.url:gsub(":%d+$", server.api_url:match ":%d+/":sub(1, -2))
    refused(400, "bad request: failed to resolve container IP after 3 attempts: no IP address found. "
      .. "Is the Sandbox started?", url)
    assert(server:call("POST", "/sandbox/" .. id .. "/start"))
    serve_files(id, "mine", 3000)
    until_served(url)
    assert(server:call("DELETE", "/sandbox/" .. id))
    server:await(id, "gone")
    refused(401, INVALID, url)
    server:get("/sandbox/" .. other .. "/signing-key")
    server:stop()
    assert.equal("0 0 1\n", database(([[SELECT
      (SELECT count(*) FROM signed_previews WHERE sandbox_id = '%s'),
      (SELECT count(*) FROM signing_keys WHERE sandbox_id = '%s'),
      (SELECT count(*) FROM signing_keys)]]):format(id, id)))
  end)

  it("come to a data directory that an older program made", function()
    database "DROP TABLE signed_previews; DROP TABLE signing_keys; DROP TRIGGER signing_keys_end"
    server = control.serve { data = server.data }
    assert(server:call("POST", "/sandbox/" .. other .. "/start"))
    serve_files(other, "mine", 3002)
    until_served(server:get(path_of(other, 3002)).url)
    assert.equal(32, #server:get("/sandbox/" .. other .. "/signing-key"))
  end)

  it("need a server that has a name", function()
    local at_address = control.serve { arguments = "--advertise 192.0.2.1" }
    at_address.api_url = at_address.api_url:gsub("192.0.2.1", "127.0.0.1")
    local function authorized(method, path, body)
      return support.json.decode((ask(at_address.api_url .. path, {
        method = method, body = body, "Authorization: Bearer " .. at_address.api_key,
      })))
    end
    local sandbox = authorized("POST", "/sandbox", "{}")
    local answer = authorized("GET", path_of(sandbox.id, 80))
    support.eq({ 501, "Signed previews of a server that clients reach by its address, not by a name "
      .. "(--advertise), are not supported by daytona-local" }, { answer.statusCode, answer.message })
    at_address:stop()
  end)
end)

describe("the older server", function()
  it("knows no signatures", function()
    local server = control.serve { arguments = "--as v0.190" }
    local id = server:create().id
    local path = "/sandbox/" .. id .. "/signing-key"
    server:refuses(404, "Cannot GET /api" .. path, "GET", path)
    refused(401, "unauthorized: invalid credentials", server.api_url:gsub("/api$", "/toolbox/") .. id
      .. "/files/download?" .. sign("key", "GET", "x", 0))
    server:stop()
    support.cleanup()
  end)
end)
