--- The raw log of a command as it grows, over whatever connections it takes.
---
--- Servers send a log from its beginning, so after a drop what was had already
--- is passed over: the position counts bytes of the log as it is stored.

local call = require "daytona.call"
local core = require "daytona.core"
local error_object = require "daytona.error"
local reader = require "daytona.reader"
local websocket = require "daytona.websocket"

local follow = {}

local CHUNK = 256 * 1024
local MOST_FAILURES = 10 -- in a row, without a new byte
local PING = 20 -- seconds between signs of life on a quiet connection
local FIRST_LOOK, LAST_LOOK = 0.05, 1 -- seconds between two polls

---@class daytona.LogSource
---@field position integer   bytes of the log that were given
---@field exit_code integer? once it is over
local Source = {}
local metatable = { __index = Source }

local from_socket, from_polls

---@param command daytona.Command
---@param position integer bytes to pass over
---@param deadline number?
---@param retries integer? max_retries of the single calls
---@return daytona.LogSource
function follow.new(command, position, deadline, retries)
  return setmetatable({
    position = position, _command = command, _sandbox = command._sandbox, _deadline = deadline,
    _retries = retries, _next = from_socket, _skip = 0, _failures = 0, _look = FIRST_LOOK,
    _started = core.now(),
  }, metatable)
end

local function failure(self, kind, message)
  return error_object.new {
    kind = kind, operation = "command.follow", message = message,
    sandbox_id = self._sandbox.id, state = self._sandbox.state, elapsed = core.now() - self._started,
  }
end

--- Why nothing more will come where the sandbox does not run.
local function obituary(self)
  local limit = self._deadline or call.deadline(core.sandbox_owner(self._sandbox).timeout)
  local ok, err = self._sandbox:_refresh(limit, { max_retries = self._retries })
  if not ok then
    return err.kind == "not_found" and err or nil
  elseif self._sandbox.state ~= "started" then
    return failure(self, "state", ("the sandbox is in state %s, what the command printed after byte %d of its log "
      .. "is not known"):format(self._sandbox.state, self.position))
  end
end

local RECOVERABLE = {
  connection = true, timeout = true, unavailable = true, bad_gateway = true, server = true, rate_limited = true,
  protocol = true,
}

--- The error if the deadline passes within so many seconds.
local function is_late(self, seconds)
  if self._deadline and core.now() + seconds >= self._deadline then
    return failure(self, "timeout", "the command did not end in time; it runs on")
  end
end

local function sleep(self, seconds)
  local err = is_late(self, seconds)
  if err then
    return nil, err
  elseif core.sandbox_owner(self._sandbox).host.sleep(seconds) == false then
    return nil, failure(self, "cancelled", "cancelled")
  end
  return true
end

--- Gets over a drop, or says why not: true, or nil and the error to give.
local function recover(self, err)
  local late = is_late(self, 0)
  if err.kind == "cancelled" or late then
    return nil, late or err
  end
  self._failures = self._failures + 1
  local is_hopeless = not RECOVERABLE[err.kind] or self._failures > MOST_FAILURES
  if self._failures == 1 and not is_hopeless then
    return true
  end
  local problem = obituary(self)
  if problem or is_hopeless then
    return nil, problem or err
  end
  local pause = math.min(0.02 * 2 ^ self._failures, 2)
  return sleep(self, pause * (0.5 + core.random() / 2))
end

--- Whether the command has ended; updates exit_code.
local function look(self)
  local command = self._command
  local ok, err = command:status {
    max_retries = self._retries, timeout = self._deadline and math.max(self._deadline - core.now(), 0.001),
  }
  if not ok then
    if err.kind == "not_found" then
      err.message = "the session was deleted while its command was followed: " .. err.message
    end
    return nil, err
  end
  self.exit_code = command.exit_code
  return true
end

--- The connection was closed as the end of a log is told.
local function conclude(self)
  local ok, err = look(self)
  if not ok then
    return nil, err
  elseif self.exit_code == nil then
    return nil, failure(self, "connection", "the server ended the log of a command that has not ended")
  end
  return false
end

--- Whether the server, or something on the way, does not do WebSockets.
local function cannot_be_had(err)
  local status = err.status
  return err.kind == "protocol" or (status ~= nil and status < 500 and status ~= 429 and status ~= 408)
    or status == 501
end

--- Counts bytes of the log that have come, those to pass over first; gives how
--- many of them are new.
local function note(self, bytes)
  local passed = math.min(self._skip, bytes)
  self._skip = self._skip - passed
  if bytes > passed then
    self.position = self.position + bytes - passed
    self._failures, self._look = 0, FIRST_LOOK
  end
  return bytes - passed
end

--- Each lets the splitter have the next bytes, if there are any, and gives true;
--- false: that was all; nil and an error.
function from_socket(self, splitter)
  if not self._socket then
    local operation, arguments = self._command:_follow_row()
    local socket, err = websocket.open(self._sandbox, operation, arguments, self._deadline, self._retries)
    if socket then
      socket:ping_every(PING)
      self._socket, self._skip = socket, self.position
    elseif cannot_be_had(err) then
      self._next = from_polls
      return true
    else
      return recover(self, err)
    end
  end
  local count, err = self._socket:demultiplex(splitter.demultiplexer, splitter.chunks, self._skip, self._deadline)
  if count then
    note(self, err)
    splitter.count, splitter.index = count, 0
    return true
  elseif self._is_closed then -- by another task, meanwhile
    return false
  end
  self._socket:close()
  self._socket = nil
  if not err then
    local over
    over, err = conclude(self)
    if over == false then
      return false
    end
  end
  return recover(self, err)
end

--- The status is read first: what was printed before the end is in the log then.
function from_polls(self, splitter)
  if self._reader then
    local bytes, err = self._reader:read()
    if bytes then
      local fresh = note(self, #bytes)
      if fresh > 0 then
        splitter:feed(bytes:sub(-fresh))
      end
      return true
    end
    self._reader = nil
    if err then
      return recover(self, err)
    elseif self.exit_code then
      return false
    end
    local pause = self._look
    self._look = math.min(pause * 1.5, LAST_LOOK)
    return sleep(self, pause)
  end
  local ok, err = look(self)
  if not ok then
    return recover(self, err)
  end
  local operation, arguments = self._command:_log_row()
  arguments.chunk_size, arguments.max_retries = CHUNK, self._retries
  if self._deadline then
    arguments.timeout = math.max(self._deadline - core.now(), 0.001)
  end
  self._reader, self._skip = reader.of(self._sandbox, operation, arguments), self.position
  return true
end

--- Lets the splitter have the next bytes.
---@param splitter table see stream.lua
---@return boolean? more nil at the end of the log, or with an error
---@return daytona.Error? err
function Source:read(splitter)
  repeat
    local more, err = self._next(self, splitter)
    if more == false or self._is_closed then
      return nil
    elseif not more then
      self:close()
      return nil, err
    end
  until splitter.index < splitter.count
  return true
end

--- Ends the connection; harmless after the end.
function Source:close()
  if self._socket then
    self._socket:close()
  end
  if self._reader then
    self._reader:close()
  end
  self._socket, self._reader, self._is_closed = nil, nil, true
end

return follow
