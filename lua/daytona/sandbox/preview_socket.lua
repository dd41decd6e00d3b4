--- A WebSocket to a server in a sandbox: what preview:connect gives.

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local websocket = require "daytona.call.websocket"

---@class daytona.PreviewSocket
---@field subprotocol string? what the server chose of `subprotocols`; nil: none of them
---@field code integer? close code of the server, once it is over
---@field reason string? that goes with it
local PreviewSocket = {}
local metatable = { __index = PreviewSocket, __name = "daytona.preview_socket" }

local preview_socket = {}

--- Whether a list that may be nil has the value.
local function has(list, value)
  for _, one in ipairs(list or {}) do
    if one == value then
      return true
    end
  end
  return false
end

--- Connects.  A subprotocol that was not offered fails the connection (RFC 6455, 4.1);
--- toolboxes are not asked that strictly, some choose what was not offered.
---@param sandbox daytona.Sandbox
---@param operation string
---@param params table checked
---@param deadline number? of connecting
---@return daytona.PreviewSocket? socket
---@return daytona.Error? err
function preview_socket.open(sandbox, operation, params, deadline)
  local socket, err = websocket.open_elsewhere(sandbox, operation, params, deadline)
  if not socket then
    return nil, err
  end
  local chosen = socket:subprotocol()
  if chosen and not has(params.subprotocols, chosen) then
    socket:close()
    return nil, error_object.new {
      kind = "protocol", operation = operation, sandbox_id = sandbox.id,
      message = ("the server chose the subprotocol '%s', which was not offered"):format(chosen),
    }
  end
  socket:ping_every(websocket.PING)
  return setmetatable({ _sandbox = sandbox, _socket = socket, subprotocol = chosen }, metatable)
end

--- The options of a call, checked.
local function check(operation, options, arguments)
  local params = call.params(operation, options, arguments)
  core.check(operation, params)
  return params
end

--- Takes over how the connection ended.
local function ended(self, err)
  self.code, self.reason = self._socket.code, self._socket.reason
  return nil, err
end

--- The next message; nil when the server has ended the connection, with an error
--- unless it did so in good order.
---@param options { timeout: number? }? timeout: seconds to wait, none by default
---@return string? data
---@return "text"|"binary"|daytona.Error|nil kind or the error; one of kind "timeout" leaves the connection as it is
function PreviewSocket:receive(options)
  local deadline = deadlines.after(check("preview_socket.receive", options, {}).timeout)
  local most = core.sandbox_owner(self._sandbox).max_response
  while true do
    local data, kind, is_last = self._socket:receive(deadline)
    if not data then
      return ended(self, kind)
    end
    local parts = self._parts or { size = 0 }
    parts[#parts + 1], parts.size = data, parts.size + #data
    self._parts = parts
    if parts.size > most then
      self:close()
      return nil, error_object.new {
        kind = "protocol", operation = "preview.connect", sandbox_id = self._sandbox.id,
        message = ("a message is larger than max_response, %d bytes"):format(most),
      }
    elseif is_last then
      self._parts = nil
      return table.concat(parts), kind
    end
  end
end

--- Sends a message; waits while there is no room for it.
---@param data string
---@param options { kind: ("text"|"binary")?, timeout: number? }? kind: default "text" where data is UTF-8; timeout: none by default
---@return boolean? ok
---@return daytona.Error? err
function PreviewSocket:send(data, options)
  local params = check("preview_socket.send", options, { data = data })
  local kind = params.kind or core.is_utf8(data) and "text" or "binary"
  if kind == "text" and not core.is_utf8(data) then
    core.misuse "preview_socket.send: field 'data': text has to be UTF-8 (kind = \"binary\" takes any bytes)"
  end
  return self._socket:send(data, kind, deadlines.after(params.timeout))
end

--- Ends the connection when what was sent has gone.
function PreviewSocket:close()
  self._socket:leave()
end

metatable.__close = PreviewSocket.close

class.define("preview_socket", PreviewSocket, metatable)

return preview_socket
