-- A server with one sandbox, and requests to its one address over connections that
-- a spec holds itself.

local control = require "spec.local.control_support"
local raw_http = require "spec.support.raw_http"
local assert = require "luassert"
local support = require "spec.support"

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

local Door = {}
Door.__index = Door

-- `base` is the path of the sandbox's toolbox.
local function open()
  local server = control.serve()
  local id = server:create().id
  local host, port = server.api_url:match "^http://([^:/]+):(%d+)/api$"
  return setmetatable({ server = server, id = id, base = "/toolbox/" .. id, host = host, port = port }, Door)
end

function Door:close()
  self.server:stop()
  support.cleanup()
end

function Door:connect()
  return raw_http.connect(self.server.api_url)
end

-- Sends a request over a connection, with the API key unless `headers` has
-- something in its place (false: nothing).
function Door:ask(tcp, method, path, headers, body)
  local all, lines = { Host = "x", Authorization = "Bearer " .. self.server.api_key }, {}
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
function Door.read(_, tcp)
  local answer = raw_http.read(tcp)
  return answer.status, answer.body, answer.headers
end

-- Asks over a connection of its own; gives status, body and headers.
function Door:once(...)
  local tcp = self:connect()
  self:ask(tcp, ...)
  local status, body, headers = self:read(tcp)
  tcp:close()
  return status, body, headers
end

function Door:sh(command)
  return self.server:sh(self.id, command)
end

-- What the command prints, asked for once, over a connection of its own.
function Door:print_of(command)
  local status, body =
    self:once("POST", self.base .. "/process/execute", nil, support.json.encode { command = command })
  return status == 200 and support.json.decode(body).result or status
end

-- Starts ECHO on a port of the sandbox.
function Door:serve_echo(at)
  assert.equal(200, (self:once("POST", self.base .. "/files/upload-v2?path=echo.py", nil, ECHO)))
  self:sh(("setsid python3 echo.py %d >/dev/null 2>&1 &"):format(at))
  support.eventually(function()
    local try = "python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", %d))' 2>&1"
    return self:sh(try:format(at)) == ""
  end, 20, "a server at the port")
end

-- Sockets that the toolbox listens on or has accepted, one for each request.
function Door:sockets()
  local file = assert(io.open "/proc/net/unix")
  local _, count = file:read("*a"):gsub("/run/" .. self.id:gsub("%-", "%%-") .. "\n", "")
  file:close()
  return count
end

return { open = open }
