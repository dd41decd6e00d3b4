--- Deadlines: points in time, as core.now() counts, at which something has to end.
--- nil is the deadline of what may take for ever; there is no other word for it.
--- Options say it as seconds, `timeout`, of which 0 is none.

local core = require "daytona.core"

local now = core.now

local deadline = {}

--- Seconds for a transfer, as the official SDKs have it; one that stalls ends sooner.
deadline.TRANSFER = 1800

local SHORTEST = 0.001 -- seconds that an inner call gets in any case: 0 would be for ever

--- The deadline of what begins now and may take `seconds`.
---
--- nil or 0 seconds: for ever; what is no number is refused with the other options.
--- `grace`: seconds that come on top of it.
---@type fun(seconds: number?, grace: number?): number? deadline
deadline.after = core.deadline

--- The deadline that the options of a call ask for.
---@param options table? with `timeout`, as the user gave them
---@param seconds number? by default
---@return number? deadline
function deadline.of(options, seconds)
  local timeout = type(options) == "table" and options.timeout
  return deadline.after(type(timeout) == "number" and timeout or seconds)
end

--- Seconds until the deadline, as the `timeout` of an inner call.
---@param at number?
---@param when_none number? what to give without a deadline; 0: the inner call has none either; nil: it has its own default
---@return number? seconds
function deadline.left(at, when_none)
  if at == nil then
    return when_none
  end
  local seconds = at - now()
  return seconds > SHORTEST and seconds or SHORTEST
end

--- Whether the deadline passes within so many seconds.
---@param at number?
---@param seconds number? default 0
---@return boolean
function deadline.is_over(at, seconds)
  return at ~= nil and now() + (seconds or 0) >= at
end

--- The deadline of a part that may take `seconds` at most.
---@param at number? of the whole
---@param seconds number
---@return number
function deadline.within(at, seconds)
  local limit = now() + seconds
  return at and at < limit and at or limit
end

return deadline
