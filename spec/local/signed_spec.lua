-- What lets others in without the API key: signed URLs of files.

local control = require "spec.local.control_support"
local support = require "spec.support"

local quote = support.quote

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

-- One request without any credential: the body and the status. `more` is text
-- for curl.
local function ask(url, more)
  local output = support.run(("curl -s -w '\\n%%{http_code}' %s %s"):format(more or "", quote(url)))
  local body, status = output:match "^(.*)\n(%d+)$"
  return body, tonumber(status)
end

local function refused(status, message, url, more)
  local body, got = ask(url, more)
  local answer = support.json.decode(body)
  support.eq({ status, message }, { got, answer.message })
  support.eq({ status, status == 404 and "DAYTONA_DAEMON" or "DAYTONA_PROXY" }, { answer.statusCode, answer.source })
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
      local body, status = ask(upload(path), "--data-binary 'by body'")
      assert.equal(200, status, body)
      support.eq({ name = path:match "[^/]*$", path = support.any_string, type = "file" }, support.json.decode(body))
      support.eq({ "by body", 200 }, { ask(download(path)) })
      assert.equal(200, select(2, ask(upload(path, 0), "-F 'file=by form;filename=x'")))
      support.eq({ "by form", 200 }, { ask(download(path, 0)) })
      assert.equal(404, select(2, ask(download(path), "-I"))) -- the toolbox's, as with the key
    end
    support.eq({ "orm", 206 }, { ask(download "/tmp/plain.txt", "-r 4-6") })
    refused(404, "file not found: /tmp/none", download "/tmp/none")
  end)

  it("end when they say so", function()
    ask(upload "ends", "-d 1")
    refused(401, "unauthorized: signature is expired", download("ends", later(-1)))
    local url = download("ends", later(1))
    support.eventually(function()
      return select(2, ask(url)) == 401
    end)
    refused(401, "unauthorized: signature is expired", url)
    refused(401, "unauthorized: signature is expired", upload("ends", later(-1)), "-d 2")
    support.eq({ "1", 200 }, { ask(download "ends") })
  end)

  it("let in to nothing else", function()
    local invalid, credentials = "unauthorized: invalid signature", "unauthorized: invalid credentials"
    ask(upload "mine", "-d mine")
    ask(upload "other", "-d other")
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
    refused(401, invalid, writing:gsub("%?.*", reading:match "%?.*"), "-d gone")
    -- what comes behind the path that was signed does not go in
    support.eq({ "mine", 200 }, { ask(reading .. "&path=other") })
    for _, route in ipairs {
      "/files/info", "/files", "/files/download/x", "/files/upload", "/process/execute", "/proxy/80/files/download",
    } do
      refused(401, credentials, (reading:gsub("/files/download", route)))
    end
    refused(401, credentials, reading, "-X DELETE")
    refused(401, credentials, reading, "-X POST -d 1")
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
    local with_key = "-H " .. quote("Authorization: Bearer " .. server.api_key)
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
    ask(upload "kept", "-d kept")
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
