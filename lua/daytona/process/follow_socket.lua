--- The WebSockets of a log that is followed: one after the other, as long as they bring
--- anything.  `self` is the source of follow.lua.

local core = require "daytona.core"
local status = require "daytona.process.follow_status"
local websocket = require "daytona.call.websocket"

local LIMIT = 20 -- seconds that connecting may take
local MOST_SOCKETS, MOST_EMPTY = 10, 2 -- in a row without a new byte: failed, closed as at the end

local follow_socket = {}

--- Whether the server, or something on the way, does not do WebSockets.
local function cannot_be_had(err)
  local code = err.status
  return err.kind == "protocol" or (code ~= nil and code < 500 and code ~= 429 and code ~= 408) or code == 501
end

--- Opens one, while there is none.
function follow_socket.open(self)
  local operation, arguments = self._command:_row "follow"
  local err
  self._socket, err = websocket.begin(self._sandbox, operation, arguments, LIMIT, self._ahead)
  self._socket_seen, self._ahead = 0, nil
  if self._socket then
    self._socket:ping_every(websocket.PING)
    return true
  end
  self._no_socket = true
  return err.kind ~= "cancelled" or nil, err
end

--- The socket is over, however: another one, or none any more.
function follow_socket.ended(self, err)
  if err and err.kind == "cancelled" then
    return nil, err
  elseif not err then
    self._empty = self._empty + 1
    self._no_socket = self._empty >= MOST_EMPTY
  else
    self._barren = self._barren + 1
    self._no_socket = cannot_be_had(err) or self._barren >= MOST_SOCKETS
  end
  local now, count = core.now(), self._barren + self._empty
  self._socket_at = err and count <= 1 and now or now + math.min(0.02 * 2 ^ count, 2)
  self._due = math.min(self._due, count <= 1 and now or now + status.FIRST)
  return true
end

return follow_socket
