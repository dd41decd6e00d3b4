--- The raw log of a command as it grows.
---
--- There are two sources of truth, the status of the command and its stored log, and
--- both are asked for by plain requests.  A WebSocket makes it fast and decides
--- nothing: closed early, left open after the end, refused or never answered, it
--- costs time.  Looks at the status go on beside it, in pauses that grow.
---
--- Servers send a log from its beginning, over sockets as over HTTP, so what was had
--- already is passed over: positions count bytes of the log as it is stored.  All of
--- it has been read when a reading that began after the end was known has come to its
--- end; the end marks (see mark.lua) say when it is time to look.

local chunks = require "daytona.call.chunks"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local follow_socket = require "daytona.process.follow_socket"
local log_module = require "daytona.process.stored_log"
local lost_shell = require "daytona.process.lost_shell"
local poll = require "daytona.call.poll"
local status = require "daytona.process.follow_status"
local toolbox = require "daytona.call.toolbox"

local follow = {}

follow.SOCKET_AFTER = 0.3 -- seconds before a socket is opened for a command that nobody watches
follow.PROBE_AFTER = 30 -- seconds before the shell of a command is looked after that gives no hint that it ends it

local QUICK_LOOK, LONGEST_QUICK_LOOK = 0.001, 0.01 -- the first of them where no socket tells anything
local LOOK_LIMIT, LONGEST_LOOK = 5, 40 -- seconds that a look may take, the more the more looks failed
local FAREWELL = 2 -- the same for the look at the deadline, and for reading the rest then
local SMALL = 64 * 1024 -- bytes of a log that are read again and again beside a socket that is not there yet
local FIRST_PROBE, LAST_PROBE = 0.5, 60 -- seconds between two looks whether a shell is there that may have ended
local QUIET = 0.1 -- seconds of silence after the end, before the rest is read by a request

---@class daytona.LogSource
---@field position integer   bytes of the log that were given
---@field exit_code integer? once it is over
local Source = {}
local metatable = { __index = Source }

---@class daytona.FollowOptions
---@field position integer? bytes to pass over
---@field deadline number?
---@field retries integer?  max_retries of the single calls
---@field quiet boolean?    nobody watches: it is enough to have all of it at the end
---@field exit_code integer? where the end is known already
---@field just_begun number? the command has; seconds that its session took to be made, as long as the shortest may take
---@field may_end boolean?   whether the command seems to end its session's shell: some servers never tell of its end then; nil: it cannot
---@field ahead userdata?   from websocket.ahead
---@field awake daytona.Awake? keeps the sandbox awake

---@param command daytona.Command
---@param options daytona.FollowOptions
---@return daytona.LogSource
function follow.new(command, options)
  local client, now = core.sandbox_owner(command._sandbox), core.now()
  local quick = math.min(math.max(options.just_begun or 0, QUICK_LOOK), LONGEST_QUICK_LOOK)
  return setmetatable({
    position = options.position or 0, exit_code = options.exit_code,
    _command = command, _sandbox = command._sandbox, _client = client, _heard = now, _silence = QUIET,
    _host = client.host, _deadline = options.deadline, _retries = options.retries, _quiet = options.quiet,
    _may_end = options.may_end,
    _probe_at = options.may_end ~= nil and now + (options.may_end and FIRST_PROBE or follow.PROBE_AFTER) or nil,
    _awake = options.awake, _ahead = options.ahead, _started = now, _rounds = 0, _barren = 0, _empty = 0,
    _due = options.quiet and options.just_begun and now + quick or now,
    _socket_at = options.quiet and now + follow.SOCKET_AFTER or now,
    _poll = poll.new(client, {
      deadline = options.deadline, first = options.quiet and quick or status.FIRST, factor = 1.6, last = status.LAST,
    }),
  }, metatable)
end

local function new_reader(self, seconds)
  local _, arguments = self._command:_row "logs"
  arguments.chunk_size, arguments.max_retries = self.exit_code and chunks.SIZE or SMALL, self._retries
  arguments.timeout = seconds or deadlines.left(self._deadline)
  self._log_at = 0
  return log_module.reader(self._command, arguments)
end

--- Whether the stored log is read along with the status: where no socket brings it,
--- as long as that costs little.
local function is_log_wanted(self)
  if self._socket and self._socket:is_open() then
    return false
  elseif self._quiet then
    return false -- the log is read once the end is known
  end
  return self._no_socket or self._barren > 2 or self.position < SMALL
end

--- Looks at the status, and reads the log at the same time.
local function begin_round(self)
  local ok, err = toolbox.locate(self._sandbox, "command.follow", self._deadline)
  if not ok then
    return status.failed(self, err)
  end
  if is_log_wanted(self) then
    local log = new_reader(self)
    if log:send() then
      self._log, self._log_begun = log, core.now()
    end
  end
  self._rounds = self._rounds + 1
  local limit = math.min(LOOK_LIMIT * 2 ^ self._poll.failures, LONGEST_LOOK)
  return status.begin(self, math.min(limit, deadlines.left(self._deadline, limit)))
end

--- Counts bytes of the log that came from its place `at` on; gives how many of them
--- are new.
local function note(self, at, bytes)
  local fresh = math.max(at + bytes - math.max(self.position, at), 0)
  if fresh > 0 then
    self.position = self.position + fresh
    self._barren, self._empty, self._heard = 0, 0, core.now()
    self._poll:answered()
  end
  return fresh
end

--- Whether a command that had ended at the first look may yet have something to print:
--- some servers write a log a moment after the end.
local function may_just_have_ended(self)
  return self._was_over and self.position < SMALL and core.now() < self._heard + QUIET
end

--- Reads on in the log; the last reading of all is the end.
local function from_log(self, splitter)
  local log, is_rest = self._log, self._is_rest
  local bytes, err = log:read()
  if self._is_closed then
    return false
  elseif bytes then
    local fresh = note(self, self._log_at, #bytes)
    self._log_at = self._log_at + #bytes
    if fresh > 0 then
      splitter:feed(bytes:sub(-fresh))
    end
    local total = is_rest and log:total()
    if total == self.position and not may_just_have_ended(self) then
      log:close()
      return false
    elseif total and total >= SMALL and self._was_over and self._socket then -- which is faster
      log:close()
      self._log, self._is_rest, self._was_over, self._total = nil, nil, false, total
    elseif is_rest and self._socket then
      self._socket:close()
      self._socket = nil
    elseif self._log_at >= SMALL and not is_rest and self._socket then -- the socket brings it
      log:close()
      self._log = nil
    end
    return true
  end
  self._log, self._is_rest = nil, nil
  if self._is_late then
    return nil, self._is_late
  elseif err and (is_rest or err.kind == "cancelled") then
    return status.failed(self, err)
  elseif is_rest and may_just_have_ended(self) then -- once more, as after a socket
    self._was_over = false
    return self._host.sleep(self._heard + QUIET - core.now()) ~= false or nil,
      status.failure(self, "cancelled", "cancelled")
  elseif is_rest then
    return false
  end
  if self._log_begun then -- a large log is not read all the time
    self._due = math.max(self._due, core.now() + (core.now() - self._log_begun))
  end
  return true -- an error there is the look's to judge
end

--- When to stop waiting for the socket.
local function next_event(self, now)
  local at
  if self.exit_code then
    at = self._heard + self._silence
  elseif self._look then -- there is no way to wait for both
    at = now + math.min(math.max((now - self._look.begun) / 8, 0.0005), 0.05)
  else
    at = self._due
  end
  if self._deadline and not self.exit_code then
    at = math.min(at, self._deadline)
  end
  return self._awake and math.min(at, self._awake.due) or at
end

local function from_socket(self, splitter, now)
  local socket = self._socket
  local count, bytes = socket:demultiplex(splitter.demultiplexer, splitter.chunks,
    math.max(self.position - self._socket_seen, 0), next_event(self, now))
  if self._is_closed then -- by another task, meanwhile
    return false
  elseif count then
    note(self, self._socket_seen, bytes)
    self._socket_seen = self._socket_seen + bytes
    splitter.count, splitter.index = count, 0
    return true
  elseif count == false then
    return true
  end
  self._socket = nil
  socket:close()
  return follow_socket.ended(self, bytes)
end

--- Whether a large log need not be read again to be sure: the socket has brought as much
--- as a reading told after the end, or the end marks, and then nothing for long, or was
--- closed as at the end.
local function is_all_there(self, splitter, now)
  if self._total and self.position >= self._total then
    return true
  elseif self.position < SMALL or not splitter:is_complete() then
    return false
  end
  return self._socket == nil and self._empty > 0 or self._socket ~= nil and now >= self._heard + self._silence
end

--- The command has ended: the rest of its log.  What it left in the background may
--- have printed after its mark, so that tells nothing here.
local function read_rest(self, splitter, now)
  self._silence = self.position >= SMALL and splitter:is_complete() and 10 * QUIET or QUIET
  if is_all_there(self, splitter, now) then
    return false
  elseif self._socket and not self._was_over and now < self._heard + self._silence then
    return from_socket(self, splitter, now)
  elseif self._socket and not self._was_over then
    self._socket:close()
    self._socket = nil
  elseif now < self._due and self._poll.failures > 0 then -- it was tried
    return self._host.sleep(self._due - now) ~= false or nil, status.failure(self, "cancelled", "cancelled")
  end
  self._log, self._is_rest = new_reader(self), true
  return true
end

--- The time is over; perhaps the command is, too.
local function at_deadline(self)
  if not self._has_looked then
    self._has_looked = true
    if self._look then
      self._look:cancel()
    end
    status.begin(self, FAREWELL)
    local give_up = core.now() + FAREWELL
    while self._look and core.now() < give_up and not self._look:is_done() do
      self._host.wait(self._look.request)
    end
    local _, err = nil, nil
    if self._look and self._look:is_done() then
      _, err = status.judge(self)
    end
    if self.exit_code then
      self._deadline = core.now() + FAREWELL
      return true
    elseif err and err.kind ~= "timeout" and not poll.is_transient(err) then
      return nil, err
    end
  end
  self._is_late = status.failure(self, "timeout", "the command did not end in time; it runs on")
  if not self._quiet or self._socket then
    return nil, self._is_late
  end
  self._log = new_reader(self, FAREWELL) -- what was printed until now
  return true
end

--- Whether the session takes no more commands, for its shell has ended.  Asked seldom
--- where nothing hints at that: what can be asked leaves a command that does nothing in
--- its list.
local function has_lost_shell(self, now)
  self._probe_at = now + math.min(math.max(now - self._started, FIRST_PROBE), self._may_end and LAST_PROBE or math.huge)
  local ok, err = toolbox.run(self._sandbox, "session.exec",
    { session_id = self._command.session_id, command = ":", async = true, max_retries = 0 }, now + LOOK_LIMIT)
  if ok then
    return false
  end
  return lost_shell.is_told(err)
end

--- The shell is gone, and the command with it: what it had printed, then the error.
local function report_lost_shell(self)
  self._is_late = status.failure(self, "gone", "the command ended the shell of its session, as exit, exec and set -e "
    .. "do, and this server does not tell with what exit code")
  self._probe_at = nil
  if self._socket then
    self._socket:close()
    self._socket = nil
  end
  self._log = new_reader(self)
  return true
end

--- One step: true; false: that was all; nil and an error.
local function step(self, splitter)
  local now = core.now()
  if self._awake then
    self._awake:beat(now)
  end
  if self._log then
    return from_log(self, splitter)
  elseif self._look and self._look:is_done() then
    return status.judge(self)
  elseif self.exit_code then
    return read_rest(self, splitter, now)
  elseif self._deadline and now >= self._deadline then
    return at_deadline(self)
  end
  if self._probe_at and now >= self._probe_at and self._rounds > 0 and not self._look then
    local is_lost = has_lost_shell(self, now)
    if is_lost and self._is_probed then
      return report_lost_shell(self)
    end
    self._is_probed, self._due = is_lost, is_lost and now or self._due -- the status is read once more
    self._probe_at = is_lost and now or self._probe_at
    return is_lost and begin_round(self) or true
  end
  if not self._was_complete and splitter:is_complete() then
    self._was_complete, self._due = true, now
    self._poll:news()
  end
  if not self._socket and not self._no_socket and now >= self._socket_at then
    return follow_socket.open(self)
  elseif not self._look and now >= self._due then
    return begin_round(self)
  elseif self._socket then
    return from_socket(self, splitter, now)
  elseif self._look then
    self._host.wait(self._look.request)
    return true
  end
  local at = next_event(self, now)
  if not self._no_socket then
    at = math.min(at, self._socket_at)
  end
  return self._host.sleep(math.max(at - now, 0)) ~= false or nil, status.failure(self, "cancelled", "cancelled")
end

--- Lets the splitter have the next bytes.
---@param splitter table see stream.lua
---@return boolean? more nil at the end of the log, or with an error
---@return daytona.Error? err
function Source:read(splitter)
  repeat
    local more, err = step(self, splitter)
    if more == false or self._is_closed then
      self:close()
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
  if self._log then
    self._log:close()
  end
  if self._look then
    self._look:cancel()
  end
  if self._ahead then
    self._ahead:close()
  end
  self._socket, self._log, self._look, self._ahead, self._is_closed = nil, nil, nil, nil, true
end

return follow
