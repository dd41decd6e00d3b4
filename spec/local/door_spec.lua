-- The server's one address: who may ask through it, for which sandbox, and what
-- neither a sandbox nor an application is told.

local door_support = require "spec.local.door_support"
local mime = require "mime"
local raw_http = require "spec.support.raw_http"
local support = require "spec.support"

local STOPPED = "bad request: failed to resolve container IP after 3 attempts: no IP address found. "
  .. "Is the Sandbox started?"

describe("the door", function()
  local door, server, base, id, host, port

  setup(function()
    door = door_support.open()
    server, base, id, host, port = door.server, door.base, door.id, door.host, door.port
  end)

  teardown(function()
    door:close()
  end)

  local function refused(status, code, message, ...)
    local got, body = door:once(...)
    assert.equal(status, got)
    local envelope = support.json.decode(body)
    support.eq({
      statusCode = status, code = code, message = message, path = support.any_string,
      method = support.any_string, timestamp = support.any_string, source = "DAYTONA_PROXY",
    }, envelope)
  end

  it("is what the configuration and every sandbox name", function()
    local url = ("http://%s:%s/toolbox"):format(host, port)
    assert.equal(url, server:get("/config").proxyToolboxUrl)
    assert.equal(url, server:get("/sandbox/" .. id).toolboxProxyUrl)
    assert.equal(url, server:get("/sandbox/" .. id .. "/toolbox-proxy-url").url)
  end)

  it("asks for the key, whatever the path", function()
    for _, headers in ipairs {
      { Authorization = false }, { Authorization = "Bearer wrong" }, { Authorization = "Basic eDp5" },
      { Authorization = false, ["X-Daytona-Preview-Token"] = "x" },
    } do
      for _, path in ipairs { base .. "/version", base .. "/proxy/3000/", "/toolbox/nobody/version" } do
        refused(401, "UNAUTHORIZED", "unauthorized: invalid credentials", "GET", path, headers)
      end
    end
    assert.equal(401, (door:once("GET", base, { Authorization = false })))
  end)

  it("keeps the key, and gives an application what is its own", function()
    door:serve_echo(3191)
    local link = server:get("/sandbox/" .. id .. "/ports/3191/preview-url")
    local status, body = door:once("GET", base .. "/proxy/3191/", { ["X-Custom"] = "kept" })
    assert.equal(200, status)
    assert.truthy(body:find("X-Custom: kept", 1, true))
    assert.is_nil(body:find("Authorization", 1, true))
    body = select(2, door:once("GET", base .. "/proxy/3191/",
      { Authorization = "Bearer its-own", ["X-Daytona-Preview-Token"] = link.token }))
    assert.truthy(body:find("Authorization: Bearer its-own", 1, true))
    assert.is_nil(body:lower():find("preview-token", 1, true))
    -- of two credentials neither counts, and none passes
    assert.equal(400, raw_http.once(server.api_url, "GET " .. base .. "/proxy/3191/", {
      "Host: x", "X-Daytona-Preview-Token: " .. link.token, "Authorization: Bearer its-own",
      "Authorization: Bearer " .. server.api_key,
    }).status)
    local sent = ("bytes"):rep(200000)
    body = select(2, door:once("POST", base .. "/proxy/3191/", nil, sent))
    assert.is_true(body == sent)
  end)

  it("keeps the key in whatever header and form it is shown", function()
    door:serve_echo(3195)
    local link = server:get("/sandbox/" .. id .. "/ports/3195/preview-url")
    local key = server.api_key
    local basic = mime.b64("x:" .. key)
    for _, shown in ipairs {
      "Authorization: Bearer\t" .. key, "Authorization: " .. key, "Authorization: Token token=\"" .. key .. "\"",
      "Authorization: Bearer " .. key .. ", a", "Authorization: Basic " .. basic, "X-Api-Key: " .. key,
      "X-Forwarded-Authorization: Bearer " .. key, "Cookie: a=b; key=" .. key, "Origin: " .. key,
      "X-Forwarded-Host: " .. key, "X-Forwarded-For: " .. key,
    } do
      local answer = raw_http.once(server.api_url, "GET " .. base .. "/proxy/3195/", {
        "Host: x", "X-Daytona-Preview-Token: " .. link.token, "X-Mine: kept", shown,
      })
      assert.equal(200, answer.status)
      assert.truthy(answer.body:find("X-Mine: kept", 1, true))
      assert.is_nil(answer.body:find(key, 1, true), shown)
      assert.is_nil(answer.body:find(basic, 1, true), shown)
    end
    local answer = raw_http.once(server.api_url, "GET " .. base .. "/proxy/3195/", {
      "Host: x", "X-Daytona-Preview-Token: " .. link.token, "Authorization: Basic " .. mime.b64 "its:own",
      "Cookie: a=b",
    })
    assert.truthy(answer.body:find("Authorization: Basic aXRzOm93bg==", 1, true))
    assert.truthy(answer.body:find("Cookie: a=b", 1, true))
  end)

  it("opens one port of one sandbox to a preview token", function()
    door:serve_echo(3192)
    local other = server:create().id
    local link = server:get("/sandbox/" .. id .. "/ports/3192/preview-url")
    local token = { Authorization = false, ["X-Daytona-Preview-Token"] = link.token }
    assert.equal(200, (door:once("GET", base .. "/proxy/3192/", token)))
    for _, path in ipairs {
      base .. "/proxy/3193/", base .. "/proxy/031920/", base .. "/files", base .. "/process/execute",
      base .. "/proxy/3192%2f..%2f..%2ffiles", "/toolbox/" .. other .. "/proxy/3192/",
    } do
      refused(401, "UNAUTHORIZED", "unauthorized: invalid credentials", "GET", path, token)
    end
    assert.equal(401, (door:once("GET", "/api/sandbox", token)))
    assert(server:call("DELETE", "/sandbox/" .. other))
  end)

  it("stays open, and says how it is with the sandbox", function()
    local box = server:create().id
    local tcp, path = door:connect(), "/toolbox/" .. box .. "/version"
    door:ask(tcp, "GET", path)
    assert.equal(200, (door:read(tcp)))
    assert(server:call("POST", "/sandbox/" .. box .. "/stop"))
    server:await(box, "stopped")
    refused(400, "BAD_REQUEST", STOPPED, "GET", path)
    refused(400, "BAD_REQUEST", STOPPED, "POST", "/toolbox/" .. box .. "/process/execute", nil, '{"command":"true"}')
    door:ask(tcp, "GET", path)
    assert.equal(400, (door:read(tcp)))
    assert(server:call("POST", "/sandbox/" .. box .. "/start"))
    door:ask(tcp, "GET", path)
    assert.equal(200, (door:read(tcp)))
    assert(server:call("DELETE", "/sandbox/" .. box))
    server:await(box, "gone")
    refused(404, "NOT_FOUND", "not found: sandbox container not found", "GET", path)
    tcp:close()
  end)

  describe("keeps from a sandbox", function()
    it("every socket but its own, and any port of a toolbox", function()
      local other = server:create().id
      assert.equal("0\n", door:sh("ls -d " .. support.quote(server.data) .. "/run 2>/dev/null | wc -l"))
      -- the paths of unix sockets are those of the network namespace, but no way leads there
      assert.equal("refused\n", door:sh(([[
        python3 -c '
import socket
try: socket.socket(socket.AF_UNIX).connect("%s/run/%s"); print("connected")
except OSError: print("refused")']]):format(server.data, other)))
      assert(server:call("DELETE", "/sandbox/" .. other))
    end)

    it("the key, whose digest is not even there", function()
      -- the toolbox's memory, while it serves requests that came with the key
      local script = [[
import glob, re
found = 0
for path in glob.glob("/proc/[0-9]*/maps"):
    if path == "/proc/self/maps": continue
    try:
        memory = open(path[:-4] + "mem", "rb", 0)
        for line in open(path):
            a = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
            if not a or int(a[2], 16) - int(a[1], 16) >= 1 << 28: continue # a sanitizer's
            try:
                memory.seek(int(a[1], 16))
                data = memory.read(int(a[2], 16) - int(a[1], 16))
            except (OSError, ValueError, OverflowError): continue
            found += len(re.findall(rb"dtn_[0-9a-f]{60}|Bearer [\x21-\x7e]{20}", data))
    except OSError: pass
print("keys:", found)
]]
      assert.equal(200, (door:once("POST", base .. "/files/upload-v2?path=look.py", nil, script)))
      assert.equal("keys: 0\n", door:sh "python3 look.py")
    end)
  end)
end)
