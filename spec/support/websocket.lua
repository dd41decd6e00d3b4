-- A raw WebSocket client: it does what it is told, right or wrong. Requests are
-- written by hand and frames are given as they came; only `message` knows what
-- a client does (fragments, pings, the closing handshake).

local socket = require "socket"

local websocket = {}

local Socket = {}
Socket.__index = Socket

-- The example of RFC 6455, section 1.3.
local KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

local SECONDS = 10 -- a wait of this length is a failure

local OPCODES = { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 }
local KINDS = {}
for kind, opcode in pairs(OPCODES) do
  KINDS[opcode] = kind
end

-- Reads `n` bytes, or as many as there are before the end or the deadline.
-- nil and "timeout" or "closed" if they do not come; they stay for later.
local function read(self, n, deadline)
  while #self.input < n do
    self.tcp:settimeout(math.max(0, deadline - socket.gettime()))
    local data, why, partial = self.tcp:receive(n - #self.input)
    self.input = self.input .. (data or partial or "")
    if not data and #self.input < n then
      return nil, why == "timeout" and why or "closed", why
    end
  end
  local data = self.input:sub(1, n)
  self.input = self.input:sub(n + 1)
  return data
end

local function read_head(self, deadline)
  local lines = {}
  while true do
    local line = ""
    repeat
      local c, _, why = read(self, 1, deadline)
      if not c then
        error(("the answer to the handshake is cut off (%s) after %d lines and %q"):format(why, #lines, line), 0)
      end
      line = line .. c
    until c == "\n"
    line = line:gsub("\r?\n$", "")
    if line == "" then
      return lines
    end
    lines[#lines + 1] = line
  end
end

-- Sends a handshake to `url` (http://...). `options`: headers (those of the
-- handshake can be replaced, false leaves one out), protocols (a list), early
-- (bytes sent with the handshake). Gives the socket and the answer
-- { status, headers (names in lower case) }; when the status is not 101, nil
-- and the answer with its body.
function websocket.connect(url, options)
  options = options or {}
  local host, port, path = url:match "^http://([^:/]+):(%d+)(.*)$"
  local headers = {
    Host = host .. ":" .. port,
    Upgrade = "websocket",
    Connection = "Upgrade",
    ["Sec-WebSocket-Key"] = KEY,
    ["Sec-WebSocket-Version"] = "13",
    ["Sec-WebSocket-Protocol"] = options.protocols and table.concat(options.protocols, ", "),
  }
  for name, value in pairs(options.headers or {}) do
    headers[name] = value
  end
  local lines = { ("GET %s HTTP/1.1"):format(path) }
  for name, value in pairs(headers) do
    if value then
      lines[#lines + 1] = name .. ": " .. value
    end
  end
  local tcp = assert(socket.tcp())
  tcp:settimeout(SECONDS)
  assert(tcp:connect(host, tonumber(port)))
  tcp:setoption("tcp-nodelay", true)
  local self = setmetatable({ tcp = tcp, input = "" }, Socket)
  self:raw(table.concat(lines, "\r\n") .. "\r\n\r\n" .. (options.early or ""))
  local deadline = socket.gettime() + SECONDS
  local head = read_head(self, deadline)
  local answer = { status = tonumber(head[1]:match "^HTTP/1%.1 (%d+)"), headers = {} }
  for i = 2, #head do
    local name, value = head[i]:match "^([^:]+):%s*(.*)$"
    answer.headers[name:lower()] = value
  end
  if answer.status ~= 101 then
    answer.body = read(self, tonumber(answer.headers["content-length"] or 0), deadline)
    self:drop()
    return nil, answer
  end
  if answer.headers["sec-websocket-accept"] ~= ACCEPT then
    error("wrong Sec-WebSocket-Accept", 2)
  end
  return self, answer
end

-- Sends bytes as they are.
function Socket:raw(bytes)
  self.tcp:settimeout(SECONDS)
  assert(self.tcp:send(bytes))
end

local function xor_byte(a, b)
  local result, bit = 0, 1
  while a > 0 or b > 0 do
    if a % 2 ~= b % 2 then
      result = result + bit
    end
    a, b, bit = math.floor(a / 2), math.floor(b / 2), bit * 2
  end
  return result
end

local function masked(payload, mask)
  if mask == "\0\0\0\0" then
    return payload
  end
  local at = 0
  return (payload:gsub(".", function(c)
    at = at + 1
    local i = (at - 1) % 4 + 1
    return string.char(xor_byte(c:byte(), mask:byte(i)))
  end))
end

local function big_endian(value, bytes)
  local text = ""
  for _ = 1, bytes do
    text = string.char(value % 256) .. text
    value = math.floor(value / 256)
  end
  return text
end

-- The bytes of a frame. `options`: more (not the last of its message), mask
-- (4 bytes; none of "\0\0\0\0" shows what it covers; false: not masked),
-- reserved (bits, 1 to 7).
function websocket.frame(kind, payload, options)
  options = options or {}
  payload = payload or ""
  local mask = options.mask
  if mask == nil then
    mask = "\0\0\0\0"
  end
  local first = (OPCODES[kind] or kind) + (options.reserved or 0) * 16
    + (options.more and 0 or 128)
  local size, more = #payload, ""
  if size > 65535 then
    size, more = 127, big_endian(size, 8)
  elseif size > 125 then
    size, more = 126, big_endian(size, 2)
  end
  return string.char(first, size + (mask and 128 or 0)) .. more
    .. (mask and mask .. masked(payload, mask) or payload)
end

-- Sends one frame; arguments as those of websocket.frame.
function Socket:frame(...)
  self:raw(websocket.frame(...))
end

-- Sends a message.
function Socket:send(payload, kind)
  self:frame(kind or "binary", payload)
end

-- The next frame { kind, payload, final }, or nil and "timeout" or "closed".
function Socket:receive(seconds)
  local deadline = socket.gettime() + (seconds or SECONDS)
  local head, why = read(self, 2, deadline)
  if not head then
    return nil, why
  end
  local first, length = head:byte(1, 2)
  local more = length == 126 and 2 or length == 127 and 8 or 0
  if more > 0 then
    local text = read(self, more, deadline) or ""
    length = 0
    for i = 1, #text do
      length = length * 256 + text:byte(i)
    end
  end
  local payload = read(self, length, deadline)
  if not payload then
    return nil, "cut off"
  end
  return { kind = KINDS[first % 16], payload = payload, final = first >= 128 }
end

-- The next message and its kind, pings answered. At the end nil and the close
-- { code, reason }, its handshake answered; or nil and { lost = why }.
function Socket:message(seconds)
  local text, kind = "", nil
  while true do
    local frame, why = self:receive(seconds)
    if not frame then
      return nil, { lost = why }
    elseif frame.kind == "ping" then
      self:frame("pong", frame.payload)
    elseif frame.kind == "close" then
      self:frame("close", frame.payload)
      local high, low = frame.payload:byte(1, 2)
      return nil, { code = high and high * 256 + low, reason = frame.payload:sub(3) }
    elseif frame.kind ~= "pong" then
      kind = kind or frame.kind
      text = text .. frame.payload
      if frame.final then
        return text, kind
      end
    end
  end
end

-- Every message up to the end: their payloads joined, by kind, and the close.
function Socket:rest(seconds)
  local all = { text = {}, binary = {} }
  while true do
    local data, kind = self:message(seconds)
    if not data then
      return table.concat(all.binary), all.text, kind
    end
    local list = all[kind]
    list[#list + 1] = data
  end
end

-- Reads binary messages until what came contains `pattern`; gives all of it.
-- Raises when that does not happen.
function Socket:expect(pattern, seconds)
  local got = ""
  while not got:find(pattern) do
    local data, kind = self:message(seconds)
    if not data then
      error(("%q did not come, but %q and then %s"):format(pattern, got,
        kind.lost or ("close " .. tostring(kind.code) .. " " .. kind.reason)), 2)
    elseif kind == "binary" then
      got = got .. data
    end
  end
  return got
end

-- Says goodbye and gives the answer's code.
function Socket:close(code, reason)
  self:frame("close", code and big_endian(code, 2) .. (reason or "") or "")
  local _, _, goodbye = self:rest()
  self:drop()
  return goodbye.code
end

-- Closes the connection without a word.
function Socket:drop()
  if self.tcp then
    self.tcp:close()
    self.tcp = nil
  end
end

return websocket
