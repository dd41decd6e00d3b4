--- Asking again until it is known: no decision rests on one answer or one signal.
---
--- A look that failed (no connection, a time-out, 5xx, 429, a page of a proxy) says
--- nothing of what was asked for: it is waited out.  An answer that would end the
--- matter badly ("not found", "forbidden" ...) has to come twice in a row, with a
--- pause between.  What is hoped for is believed at once.
---
---     local value, err, why = poll.ask(client, { deadline = deadline }, function()
---       local ok, err = toolbox.refresh(sandbox, deadline)
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
--- and its methods: `answered`, `news`, `failed`, `interval`, `pause`, and for looks of
--- which each has its own deadline `limit` and `again`.

local backoff = require "daytona.call.backoff"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"

local poll = {}

local FIRST, FACTOR, LAST = 0.02, 1.5, 1 -- seconds between two looks, and how they grow
local CONFIRMED = 2 -- bad answers in a row
local LIMIT = 5 -- seconds for a look, for one that is never answered must not take all the time
local LONGEST_ASKED = 10 -- seconds that the server may ask to wait
local TOO_LATE = 0.02 -- seconds before the deadline, too few for another look

poll.FIRST_AFTER_FAILURE = 0.1 -- the first of them after a look that failed, for `again`

---@class daytona.PollOptions
---@field deadline number?  none: until it is known
---@field first number?     seconds until the second look, 0.02
---@field factor number?    by which the pauses grow, 1.5
---@field last number?      the longest pause, 1
---@field slower table?     how they grow after a while, see backoff.new
---@field confirm integer?  how often a bad answer has to come, 2
---@field most_silent integer? how many looks in a row that nobody answers are the end, for `again`
---@field limit number?     seconds for each look, 5, for `limit`
---@field patience number?  seconds without any answer after which a wait without a deadline ends; default the client's timeout

---@class daytona.Poll
---@field failures integer  looks in a row that failed
---@field last daytona.Error? why the last look failed, for `again`
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

--- Who it is that says "not found" of a sandbox: the API says so as a JSON object with
--- a status; a page is of something on the way, and says nothing of the sandbox.
---@param err daytona.Error
---@return "api"|"unclear"|"page"|nil who nil: that is not what it says
function poll.not_found_by(err)
  if err.kind ~= "not_found" then
    return nil
  end
  local body = err.body or ""
  if err.code or err.source or body:find '^%s*{.*"statusCode"' then
    return "api"
  end
  return (body == "" or body:find "^%s*{") and "unclear" or "page"
end

--- Whether a sandbox is not there, by what the API or something like it says.
---@param err daytona.Error
---@return boolean
function poll.is_gone(err)
  local who = poll.not_found_by(err)
  return who == "api" or who == "unclear"
end

--- Whether an answer about a sandbox says nothing of it.
---@param err daytona.Error
---@return boolean
function poll.may_pass(err)
  return err.status ~= 501 and poll.is_transient(err) or poll.not_found_by(err) == "page"
end

---@param client daytona.Client
---@param options daytona.PollOptions?
---@return daytona.Poll
function poll.new(client, options)
  options = options or {}
  return setmetatable({
    failures = 0, deadline = options.deadline, _host = client.host,
    _pauses = backoff.new(options.first or FIRST, options.factor or FACTOR, options.last or LAST, options.slower),
    _after_failure = backoff.new(poll.FIRST_AFTER_FAILURE, FACTOR, LAST), _confirm = options.confirm or CONFIRMED,
    _patience = options.patience or client.timeout or 60, _bad = 0, _heard = core.now(),
    _limit = options.limit or LIMIT,
    _longest = math.max(client.timeout or 0, LIMIT), _silent = 0, _most_silent = options.most_silent,
  }, metatable)
end

--- For looks of which each has a deadline of its own: see `limit`, `pause` and `again`.
---@param client daytona.Client
---@param deadline number?
---@param most_silent integer? how many looks in a row that nobody answers are the end
---@param limit number? seconds for each, 5
---@return daytona.Poll
function poll.looks(client, deadline, most_silent, limit)
  return poll.new(client, { deadline = deadline, most_silent = most_silent, limit = limit })
end

--- A look was answered: it was no failure, whatever it said.
function Poll:answered()
  self.failures, self._bad, self._silent, self._heard, self.last = 0, 0, 0, core.now(), nil
end

--- Something has happened: the next looks come close together again.
function Poll:news()
  self._pauses:reset()
  self:answered()
end

--- Seconds to wait before the next look; grows with each call.
---@return number
function Poll:interval()
  return self._pauses:next()
end

--- Whether the deadline passes within so many seconds.
---@param seconds number?
---@return boolean
function Poll:is_late(seconds)
  return deadlines.is_over(self.deadline, seconds)
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
---@param seconds number? not those of the growing pauses
---@return boolean ok
---@return "late"|"cancelled"|nil why
function Poll:pause(seconds)
  if self:is_late() then
    return false, "late"
  end
  seconds = seconds or self:interval()
  if self.deadline then
    seconds = math.max(0, math.min(seconds, self.deadline - core.now()))
  end
  if self._host.sleep(seconds) == false then
    return false, "cancelled"
  end
  return true
end

--- The deadline of the next look.
---@return number
function Poll:limit()
  return deadlines.within(self.deadline, self._limit)
end

--- Counts a look that nobody answered; the next has more time.  true: that was the
--- last one.
local function is_silence(self, err)
  if err.kind ~= "timeout" or err.status then
    self._silent = 0
    return false
  end
  self._silent = self._silent + 1
  if not self._most_silent then
    self._limit = math.min(self._limit * 2, self._longest)
  end
  return self._silent == self._most_silent
end

--- After a look at a sandbox that failed: waits until the next.
---@param err daytona.Error
---@param in_any_case boolean? also after an answer, which is to be heard twice
---@return boolean again false: it makes no sense, there is no time, or the task was cancelled
---@return "late"|"cancelled"|nil why
function Poll:again(err, in_any_case)
  self.last, self.failures = err, self.failures + 1
  if is_silence(self, err) then
    return false, "late"
  elseif err.kind == "cancelled" then
    return false, "cancelled"
  elseif not in_any_case and not poll.may_pass(err) and not poll.is_gone(err) then
    return false
  elseif self:is_late(TOO_LATE) or not self.deadline and core.now() - self._heard >= self._patience then
    return false, "late"
  end
  local seconds = math.max(self._after_failure:next() * (0.5 + core.random() / 2),
    math.min(err.retry_after or 0, LONGEST_ASKED))
  if self.deadline then
    seconds = math.min(seconds, math.max((self.deadline - core.now()) / 2, TOO_LATE))
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
