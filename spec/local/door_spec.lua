-- The server's one address, which also carries what is asked of the sandboxes.

local socket = require "socket"
local control = require "spec.local.control_support"
local raw_http = require "spec.support.raw_http"
local support = require "spec.support"
local websocket = require "spec.support.websocket"

local STOPPED = "bad request: failed to resolve container IP after 3 attempts: no IP address found. "
  .. "Is the Sandbox started?"

-- A program that answers on a port of the sandbox: says which headers came,
-- echoes a body, and turns into an echo of bytes when it is asked to.
local ECHO = [[
import base64, hashlib, http.server, sys
class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def do_GET(self):
        if self.headers.get("Upgrade"):
            self.send_response(101)
            key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
            self.end_headers()
            while True:
                data = self.rfile.read1(65536)
                if not data: break
                self.wfile.write(data)
            self.close_connection = True
            return
        self.answer("\n".join("%s: %s" % h for h in sorted(self.headers.items())).encode())
    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"])))
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Echo).serve_forever()
]]

describe("the door", function()
  local server, id, base, host, port

  setup(function()
    server = control.serve()
    id = server:create().id
    host, port = server.api_url:match "^http://([^:/]+):(%d+)/api$"
    base = "/toolbox/" .. id
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function connect()
    return raw_http.connect(server.api_url)
  end

  -- Sends a request over a connection, with the API key unless `headers` has
  -- something in its place (false: nothing).
  local function ask(tcp, method, path, headers, body)
    local all, lines = { Host = "x", Authorization = "Bearer " .. server.api_key }, {}
    for name, value in pairs(headers or {}) do
      all[name] = value
    end
    for name, value in pairs(all) do
      if value then
        lines[#lines + 1] = name .. ": " .. value
      end
    end
    raw_http.ask(tcp, method .. " " .. path, lines, body)
  end

  -- An answer's status, body and headers.
  local function read(tcp)
    local answer = raw_http.read(tcp)
    return answer.status, answer.body, answer.headers
  end

  local function once(...)
    local tcp = connect()
    ask(tcp, ...)
    local status, body, headers = read(tcp)
    tcp:close()
    return status, body, headers
  end

  local function refused(status, code, message, ...)
    local got, body = once(...)
    assert.equal(status, got)
    local envelope = support.json.decode(body)
    support.eq({
      statusCode = status, code = code, message = message, path = support.any_string,
      method = support.any_string, timestamp = support.any_string, source = "DAYTONA_PROXY",
    }, envelope)
  end

  local function sh(command)
    return server:sh(id, command)
  end

  local function serve_echo(at)
    assert.equal(200, (once("POST", base .. "/files/upload-v2?path=echo.py", nil, ECHO)))
    sh(("setsid python3 echo.py %d >/dev/null 2>&1 &"):format(at))
    support.eventually(function()
      return sh(("python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", %d))' 2>&1"):format(at)) == ""
    end, 20, "a server at the port")
  end

  -- Sockets that the toolbox listens on or has accepted, one for each request.
  local function open()
    local file = assert(io.open "/proc/net/unix")
    local _, count = file:read("*a"):gsub("/run/" .. id:gsub("%-", "%%-") .. "\n", "")
    file:close()
    return count
  end

  it("is what the configuration and every sandbox name", function()
    local url = ("http://%s:%s/toolbox"):format(host, port)
    assert.equal(url, server:get("/config").proxyToolboxUrl)
    assert.equal(url, server:get("/sandbox/" .. id).toolboxProxyUrl)
    assert.equal(url, server:get("/sandbox/" .. id .. "/toolbox-proxy-url").url)
  end)

  -- What the command prints, asked for once, over a connection of its own.
  local function print_of(command)
    local status, body = once("POST", base .. "/process/execute", nil, support.json.encode { command = command })
    return status == 200 and support.json.decode(body).result or status
  end

  it("asks a sandbox again over the connection that it has", function()
    assert.equal("0\n", print_of "echo 0")
    local before = open()
    assert.is_true(before >= 2)
    for i = 1, 20 do
      assert.equal(i .. "\n", print_of("echo " .. i))
    end
    assert.equal(before, open())
  end)

  it("does not ask again over one whose answer was not taken to its end", function()
    for _ = 1, 5 do
      local tcp = connect()
      ask(tcp, "POST", base .. "/process/execute", nil,
        support.json.encode { command = "head -c 3000000 /dev/zero | tr '\\0' x" })
      assert.truthy(tcp:receive(100))
      tcp:close()
      assert.equal("whole\n", print_of "echo whole")
    end
    local tcp = connect()
    ask(tcp, "HEAD", base .. "/files/info?path=.")
    tcp:receive(12)
    tcp:close()
    assert.equal("whole\n", print_of "echo whole")
  end)

  it("knows no connection of a life before", function()
    for _, force in ipairs { "", "?force=true" } do
      assert.equal("one\n", print_of "echo one")
      assert(server:call("POST", "/sandbox/" .. id .. "/stop" .. force))
      server:await(id, "stopped")
      assert.equal(400, print_of "echo none")
      assert(server:call("POST", "/sandbox/" .. id .. "/start"))
      server:await(id, "started")
      assert.equal("two\n", print_of "echo two")
    end
  end)

  it("serves many requests to both sides over one connection", function()
    local tcp = connect()
    for _ = 1, 3 do
      ask(tcp, "GET", base .. "/user-home-dir")
      assert.equal(200, (read(tcp)))
      ask(tcp, "GET", "/api/sandbox/" .. id)
      assert.equal(200, (read(tcp)))
      ask(tcp, "POST", base .. "/process/execute", nil, '{"command":"echo one"}')
      assert.truthy(select(2, read(tcp)):find("one\\n", 1, true))
      ask(tcp, "GET", base .. "/files/download?path=nothing")
      assert.equal(404, (read(tcp)))
    end
    tcp:close()
  end)

  it("passes bodies on in either framing", function()
    local tcp = connect()
    ask(tcp, "POST", base .. "/files/upload-v2?path=pieces",
      { ["Transfer-Encoding"] = "chunked", ["Content-Length"] = false })
    local whole = {}
    for i = 1, 40 do
      whole[i] = (("%05d"):format(i)):rep(i * 37)
      assert(tcp:send(("%x\r\n%s\r\n"):format(#whole[i], whole[i])))
    end
    assert(tcp:send "0\r\n\r\n")
    assert.equal(200, (read(tcp)))
    ask(tcp, "GET", base .. "/files/download?path=pieces")
    local status, body = read(tcp)
    assert.equal(200, status)
    assert.is_true(body == table.concat(whole))
    tcp:close()
  end)

  it("tells whoever asks first whether its body is wanted", function()
    local tcp = connect()
    ask(tcp, "POST", base .. "/nowhere", { Expect = "100-continue", ["Content-Length"] = 1000000 })
    assert.equal(404, (read(tcp)))
    tcp:close()
    tcp = connect()
    ask(tcp, "POST", base .. "/files/upload-v2?path=asked", { Expect = "100-continue", ["Content-Length"] = 5 })
    assert.equal(100, (read(tcp)))
    assert(tcp:send "wants")
    assert.equal(200, (read(tcp)))
    assert.equal("wants", sh "cat asked")
    tcp:close()
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
    assert.equal(401, (once("GET", base, { Authorization = false })))
  end)

  it("keeps the key, and gives an application what is its own", function()
    serve_echo(3191)
    local link = server:get("/sandbox/" .. id .. "/ports/3191/preview-url")
    local status, body = once("GET", base .. "/proxy/3191/", { ["X-Custom"] = "kept" })
    assert.equal(200, status)
    assert.truthy(body:find("X-Custom: kept", 1, true))
    assert.is_nil(body:find("Authorization", 1, true))
    body = select(2, once("GET", base .. "/proxy/3191/",
      { Authorization = "Bearer its-own", ["X-Daytona-Preview-Token"] = link.token }))
    assert.truthy(body:find("Authorization: Bearer its-own", 1, true))
    assert.is_nil(body:lower():find("preview-token", 1, true))
    -- of two credentials neither counts, and none passes
    assert.equal(400, raw_http.once(server.api_url, "GET " .. base .. "/proxy/3191/", {
      "Host: x", "X-Daytona-Preview-Token: " .. link.token, "Authorization: Bearer its-own",
      "Authorization: Bearer " .. server.api_key,
    }).status)
    local sent = ("bytes"):rep(200000)
    body = select(2, once("POST", base .. "/proxy/3191/", nil, sent))
    assert.is_true(body == sent)
  end)

  it("opens one port of one sandbox to a preview token", function()
    serve_echo(3192)
    local other = server:create().id
    local link = server:get("/sandbox/" .. id .. "/ports/3192/preview-url")
    local token = { Authorization = false, ["X-Daytona-Preview-Token"] = link.token }
    assert.equal(200, (once("GET", base .. "/proxy/3192/", token)))
    for _, path in ipairs {
      base .. "/proxy/3193/", base .. "/proxy/031920/", base .. "/files", base .. "/process/execute",
      base .. "/proxy/3192%2f..%2f..%2ffiles", "/toolbox/" .. other .. "/proxy/3192/",
    } do
      refused(401, "UNAUTHORIZED", "unauthorized: invalid credentials", "GET", path, token)
    end
    assert.equal(401, (once("GET", "/api/sandbox", token)))
    assert(server:call("DELETE", "/sandbox/" .. other))
  end)

  it("takes WebSockets to an application", function()
    serve_echo(3194)
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
    sh "mkfifo wait; dd if=/dev/zero of=big bs=1M count=64 status=none"
    support.eventually(function() return open() == 1 end, 20, "the request that made it is open")
    local before = open()
    local left = {}
    for i = 1, 5 do
      left[i] = connect()
      ask(left[i], "GET", base .. "/files/download?path=big")
      assert(left[i]:receive(1000))
    end
    assert.equal(before + 5, open())
    for i = 1, 5 do
      left[i]:close()
    end
    support.eventually(function() return open() == before end, 20, "no request left")
  end)

  it("holds nothing for a client that has left an application which never reads", function()
    sh([[setsid python3 -c 'import socket, time
s = socket.create_server(("127.0.0.1", 3195))
time.sleep(999)' >/dev/null 2>&1 &]])
    support.eventually(function()
      return sh "grep -ci ':0C7B 00000000:0000 0A' /proc/net/tcp" == "1\n"
    end, 20, "a server at the port")
    support.eventually(function() return open() == 1 end, 20, "the requests before are over")
    local left = connect()
    left:settimeout(0)
    assert(left:send(("POST %s/proxy/3195/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
      .. "Content-Length: 1000000000\r\n\r\n"):format(base, server.api_key)))
    local block = ("x"):rep(1000000)
    while #select(2, socket.select(nil, { left }, 1)) > 0 do
      left:send(block)
    end
    assert.equal(2, open())
    assert(left:setoption("linger", { on = true, timeout = 0 })) -- its end overtakes what was not read
    left:close()
    support.eventually(function() return open() == 1 end, 20, "the request is over")
  end)

  it("breaks an answer off where the toolbox is lost, and an answer not begun is none", function()
    local box = server:create().id
    server:sh(box, "dd if=/dev/zero of=big bs=1M count=64 status=none")
    local body, none = connect(), connect()
    ask(body, "GET", "/toolbox/" .. box .. "/files/download?path=big")
    local got = #assert(body:receive(1000))
    ask(none, "POST", "/toolbox/" .. box .. "/process/execute", nil, '{"command":"touch begun; sleep 86399"}')
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

  it("stays open, and says how it is with the sandbox", function()
    local box = server:create().id
    local tcp, path = connect(), "/toolbox/" .. box .. "/version"
    ask(tcp, "GET", path)
    assert.equal(200, (read(tcp)))
    assert(server:call("POST", "/sandbox/" .. box .. "/stop"))
    server:await(box, "stopped")
    refused(400, "BAD_REQUEST", STOPPED, "GET", path)
    refused(400, "BAD_REQUEST", STOPPED, "POST", "/toolbox/" .. box .. "/process/execute", nil, '{"command":"true"}')
    ask(tcp, "GET", path)
    assert.equal(400, (read(tcp)))
    assert(server:call("POST", "/sandbox/" .. box .. "/start"))
    ask(tcp, "GET", path)
    assert.equal(200, (read(tcp)))
    assert(server:call("DELETE", "/sandbox/" .. box))
    server:await(box, "gone")
    refused(404, "NOT_FOUND", "not found: sandbox container not found", "GET", path)
    tcp:close()
  end)

  describe("keeps from a sandbox", function()
    it("every socket but its own, and any port of a toolbox", function()
      local other = server:create().id
      assert.equal("0\n", sh("ls -d " .. support.quote(server.data) .. "/run 2>/dev/null | wc -l"))
      -- the paths of unix sockets are those of the network namespace, but no way leads there
      assert.equal("refused\n", sh(([[
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
      assert.equal(200, (once("POST", base .. "/files/upload-v2?path=look.py", nil, script)))
      assert.equal("keys: 0\n", sh "python3 look.py")
    end)
  end)
end)
