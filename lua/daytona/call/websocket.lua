--- A WebSocket to the toolbox of a sandbox: waiting, deadlines, the end.

local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local protect = require "daytona.call.protected"
local toolbox = require "daytona.call.toolbox"
local turn = require "daytona.call.fairness"

local FAREWELL = 2 -- seconds in which what was sent last has to go
local SHARED = 0.01 -- seconds between two looks of a task that is not the first

---@class daytona.WebSocket
---@field code integer?  close code of the server, once it is over
---@field reason string? that goes with it
local Socket = {}
local metatable = { __index = Socket }

local websocket = {}

websocket.PING = 20 -- seconds between signs of life on a quiet connection

--- Begins to connect to the sandbox's toolbox, TCP and TLS, proxies included,
--- for a WebSocket that will be wanted after the calls that come before it.  It
--- is made while those wait, and sends nothing.
---
--- Hand it to `websocket.open`, which takes it over in whatever state it is, and
--- makes a new connection where it has failed or was ended meanwhile.  One that
--- is not wanted after all is to be closed, `ahead:close()`, which is harmless
--- after the hand-over; otherwise the collector does that, the end of the
--- client, or a minute.
---@param sandbox daytona.Sandbox
---@return userdata? ahead nil: it is not known yet where the toolbox is
function websocket.ahead(sandbox)
  local client, located = core.sandbox_owner(sandbox)
  if not located or client._closed then
    return nil
  end
  if client.host.check then
    client.host.check(client)
  end
  return client._core:preconnect(sandbox)
end

local function wrap(sandbox, operation, socket)
  return setmetatable({
    _socket = socket, _host = core.sandbox_owner(sandbox).host, _operation = operation, _sandbox = sandbox,
    _started = core.now(), _alarms = {}, _waits = {},
  }, metatable)
end

--- Connects; tries again as calls do.
---@param sandbox daytona.Sandbox
---@param operation string a row of kind "websocket"
---@param params table of the row
---@param deadline number? of connecting; none: the client's plain timeout
---@param retries integer? max_retries
---@param ahead userdata? from websocket.ahead
---@return daytona.WebSocket? socket
---@return daytona.Error? err
function websocket.open(sandbox, operation, params, deadline, retries, ahead)
  local client = core.sandbox_owner(sandbox)
  params.max_retries = retries
  local limit = deadline or deadlines.after(client.timeout)
  local socket, err = toolbox.run(sandbox, operation, params, limit, { connects = ahead or true })
  if not socket then
    return nil, err
  end
  return wrap(sandbox, operation, socket)
end

--- Connects to where the params say, in the place of a toolbox.
---@param sandbox daytona.Sandbox
---@param operation string a row of kind "websocket"
---@param params table of the row
---@param deadline number? of connecting
---@return daytona.WebSocket? socket
---@return daytona.Error? err
function websocket.open_elsewhere(sandbox, operation, params, deadline)
  local socket, err = call.run(core.sandbox_owner(sandbox), operation, params, nil, deadline, { connects = true })
  if not socket then
    return nil, err
  end
  return wrap(sandbox, operation, socket)
end

--- Begins to connect and comes back: reading waits until it has opened.  Tried once;
--- how it failed is the error of reading.
---@param sandbox daytona.Sandbox whose toolbox is known
---@param operation string a row of kind "websocket"
---@param params table of the row
---@param seconds number that connecting may take
---@param ahead userdata? from websocket.ahead
---@return daytona.WebSocket? socket
---@return daytona.Error? err
function websocket.begin(sandbox, operation, params, seconds, ahead)
  local sent, err = require("daytona.call.detached").begin(sandbox, operation, params, seconds, ahead or true)
  if not sent then
    return nil, err
  end
  local self = wrap(sandbox, operation, sent.request)
  self._call = sent
  return self
end

local function failure(self, kind, message)
  return error_object.new {
    kind = kind, operation = self._operation, message = message, sandbox_id = self._sandbox.id,
    elapsed = core.now() - self._started,
  }
end

--- Notes how it ended: nil, or nil and an error.
local function finish(self)
  if self._is_closed then -- by another task, while this one waited
    return nil, failure(self, "cancelled", "the connection was closed")
  end
  local ending, err
  if self._call then -- it may be that it never opened
    ending, err = self._call:result()
  else
    ending, err = self._socket:result()
  end
  if ending then
    self.code, self.reason = ending.code, ending.reason
    if ending.kind then
      err = failure(self, ending.kind, ("the server closed the connection with code %d%s"):format(ending.code,
        ending.reason ~= "" and ": " .. ending.reason or ""))
    end
  else
    err.sandbox_id, err.attempts = self._sandbox.id, 1
    err.elapsed = core.now() - self._started
  end
  return nil, err
end

--- Lets the wait of a side end at the deadline; true: it has passed.
local function set_alarm(self, side, deadline)
  local left = deadline and deadline - core.now()
  if left and left <= 0 then
    return true
  elseif self._alarms[side] ~= deadline then
    side:alarm(left)
    self._alarms[side] = deadline
  end
end

--- Waits for `side`, the socket or its writer, until `ready(side, ...)` gives
--- something.  nil and true: the time is over.
local function await(self, side, deadline, ready, ...)
  local host, waits = self._host, self._waits
  local value, more, last = ready(side, ...)
  while value == nil and not side:done() do
    if host.cancelled and host.cancelled() then
      self._socket:cancel()
    elseif set_alarm(self, side, deadline) then
      return nil, true
    elseif waits[side] then -- another task; only one can be told of news
      host.sleep(SHARED)
    else
      waits[side] = true
      host.wait(side)
      waits[side] = nil
      turn.taken(self)
    end
    value, more, last = ready(side, ...)
  end
  return value, more, last
end

local function receive(socket)
  return socket:receive()
end

--- The next message, or part of a binary one.
---@param deadline number?
---@return string? data nil when the connection is over, or with an error
---@return string|daytona.Error|nil kind "text" or "binary"
---@return boolean? is_last whether the message ends with it
function Socket:receive(deadline)
  local data, kind, is_last = await(self, self._socket, deadline, receive)
  if data then
    if not turn.give(self, self._host) then
      self._socket:cancel() -- the next call tells
    end
    return data, kind, is_last
  elseif kind == true then
    return nil, failure(self, "timeout", "nothing came in time")
  end
  return finish(self)
end

local function demultiplex(socket, demultiplexer, list, skip)
  return socket:demultiplex(demultiplexer, list, skip)
end

--- Takes what has come apart, as the demultiplexer does, but for the first
--- `skip` bytes.
---@param demultiplexer userdata
---@param list table
---@param skip integer
---@param deadline number?
---@return integer|false|nil count of values in the list; nil when the connection is over, or with an error; false: nothing came in time
---@return integer|daytona.Error|nil bytes that came
function Socket:demultiplex(demultiplexer, list, skip, deadline)
  local count, bytes = await(self, self._socket, deadline, demultiplex, demultiplexer, list, skip)
  if count then
    if not turn.give(self, self._host) then
      self._socket:cancel() -- the next call tells
    end
    return count, bytes
  elseif bytes == true then
    return false
  end
  return finish(self)
end

local function send(_, socket, data, kind)
  return socket:send(data, kind) or nil
end

--- Hands a message over to be sent; waits while there is no room.
---@param data string
---@param kind "text"|"binary"
---@param deadline number?
---@return boolean? ok
---@return daytona.Error? err
function Socket:send(data, kind, deadline)
  local socket = self._socket
  if send(nil, socket, data, kind) then
    return true
  end
  local ok, late = await(self, socket:writer(), deadline, send, socket, data, kind)
  if ok then
    return true
  elseif late then
    return nil, failure(self, "timeout", "there was no room in time for what is to be sent")
  end
  local err
  if socket:done() then
    err = select(2, finish(self))
  end
  return nil, err or failure(self, "connection", "the connection is over")
end

--- Asks for a sign of life that often, so that a server that is gone is noticed.
---@param seconds number
function Socket:ping_every(seconds)
  self._socket:ping_every(seconds)
end

--- Whether messages can be sent.
---@return boolean
function Socket:is_open()
  return self._socket:is_open()
end

--- What the server chose of the subprotocols that were offered, or of others; nil: nothing.
---@return string?
function Socket:subprotocol()
  local chosen = self._socket:subprotocol()
  return chosen ~= "" and chosen or nil
end

--- Calls fn(...); an error in it ends the connection and is raised again.
---@param fn function
---@return ... what fn gave
function Socket:guard(fn, ...)
  local function pass(ok, ...)
    if not ok then
      self:close()
      error((...), 0)
    end
    return ...
  end
  return pass(protect.pcall(fn, ...))
end

local function is_flushed(writer)
  return writer:hungry() or nil
end

--- Ends the connection when what was sent has gone.
function Socket:leave()
  local socket = self._socket
  if socket:is_open() then
    socket:shutdown()
    await(self, socket:writer(), core.now() + FAREWELL, is_flushed)
  end
  self:close()
end

--- Ends the connection at once.
function Socket:close()
  self._is_closed = true
  if next(self._waits) then -- other tasks: they are told
    self._socket:cancel()
  else
    self._socket:close()
  end
end

return websocket
