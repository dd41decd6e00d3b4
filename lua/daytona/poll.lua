--- Asking again until it is known: no decision rests on one answer or one signal.
---
--- A look that failed (no connection, a time-out, 5xx, 429, a page of a proxy) says
--- nothing of what was asked for: it is waited out.  An answer that would end the
--- matter badly ("not found", "forbidden" ...) has to come twice in a row, with a
--- pause between.  What is hoped for is believed at once.
---
---     local value, err, why = poll.ask(client, { deadline = deadline }, function()
---       local ok, err = sandbox:_refresh(deadline)
---       if not ok then
---         return nil, err                -- a look that failed
---       end
---       return sandbox.state == "started" -- a value: decided; false: not yet
---     end)
---
--- `why` is "late" when the deadline has passed: `err` is then the error of the last
--- look if that failed, else nil, and the caller says what did not come to pass.  The
--- last look begins after the last pause, so that the deadline is never met by an old
--- answer.  "cancelled": the task was; `err` then is nil or an error of that kind.
--- Otherwise `err` was confirmed, or without a deadline nothing has answered for
--- `patience` seconds.
---
--- Who waits in another way, beside a socket for example, uses an object of poll.new
--- and its methods: `answered`, `news`, `failed`, `interval`, `pause`.

local core = require "daytona.core"

local poll = {}

local FIRST, FACTOR, LAST = 0.02, 1.5, 1 -- seconds between two looks, and how they grow
local CONFIRMED = 2 -- bad answers in a row

---@class daytona.PollOptions
---@field deadline number?  as call.deadline gives it; none: until it is known
---@field first number?     seconds until the second look, 0.02
---@field factor number?    by which the pauses grow, 1.5
---@field last number?      the longest pause, 1
---@field confirm integer?  how often a bad answer has to come, 2
---@field patience number?  seconds without any answer after which a wait without a deadline ends; default the client's timeout

---@class daytona.Poll
---@field failures integer  looks in a row that failed
local Poll = {}
local metatable = { __index = Poll }

local TRANSIENT = {
  connection = true, timeout = true, unavailable = true, bad_gateway = true, server = true, rate_limited = true,
  protocol = true,
}

--- Whether a failed look says nothing of what was asked for.  A page in the place of
--- an answer is a proxy's, whatever its status.
---@param err daytona.Error
---@return boolean
function poll.is_transient(err)
  return TRANSIENT[err.kind] or (type(err.body) == "string" and err.body:find "^%s*<" ~= nil)
end

---@param client daytona.Client
---@param options daytona.PollOptions?
---@return daytona.Poll
function poll.new(client, options)
  options = options or {}
  local first = options.first or FIRST
  return setmetatable({
    failures = 0, deadline = options.deadline,
    _host = client.host, _first = first, _interval = first, _factor = options.factor or FACTOR,
    _last = math.max(options.last or LAST, first), _confirm = options.confirm or CONFIRMED,
    _patience = options.patience or client.timeout or 60, _bad = 0, _heard = core.now(),
  }, metatable)
end

--- A look was answered: it was no failure, whatever it said.
function Poll:answered()
  self.failures, self._bad, self._heard = 0, 0, core.now()
end

--- Something has happened: the next looks come close together again.
function Poll:news()
  self._interval = self._first
  self:answered()
end

--- Seconds to wait before the next look; grows with each call.
---@return number
function Poll:interval()
  local seconds = self._interval
  self._interval = math.min(seconds * self._factor, self._last)
  return seconds
end

--- Whether the deadline passes within so many seconds.
---@param seconds number?
---@return boolean
function Poll:is_late(seconds)
  return self.deadline ~= nil and core.now() + (seconds or 0) >= self.deadline
end

--- A look failed.
---@param err daytona.Error
---@return boolean again false: this is the end
function Poll:failed(err)
  self.failures = self.failures + 1
  if err.kind == "cancelled" then
    return false
  elseif poll.is_transient(err) then
    self._bad = 0
    return self.deadline ~= nil or core.now() - self._heard < self._patience
  end
  self._bad, self._heard = self._bad + 1, core.now()
  return self._bad < self._confirm
end

--- Waits until the next look is due; a pause that would go beyond the deadline ends
--- at it.
---@return boolean ok
---@return "late"|"cancelled"|nil why
function Poll:pause()
  if self:is_late() then
    return false, "late"
  end
  local seconds = self:interval()
  if self.deadline then
    seconds = math.max(0, math.min(seconds, self.deadline - core.now()))
  end
  if self._host.sleep(seconds) == false then
    return false, "cancelled"
  end
  return true
end

--- Looks until it is known; see above.
---@param client daytona.Client
---@param options daytona.PollOptions?
---@param look fun(): any, daytona.Error? a value: decided; false: not yet; nil and an error: it failed
---@return any? value
---@return daytona.Error? err
---@return "late"|"cancelled"|nil why
function poll.ask(client, options, look)
  local self = poll.new(client, options)
  while true do
    local value, err = look()
    if value then
      return value
    elseif value == false or not err then
      err = nil
      self:answered()
    elseif not self:failed(err) then
      return nil, err, err.kind == "cancelled" and "cancelled" or nil
    end
    local ok, why = self:pause()
    if not ok then
      return nil, err, why
    end
  end
end

return poll
