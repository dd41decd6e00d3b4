--- Pauses that grow, for whoever tries or looks again.

local now = require("daytona.core").now

---@class daytona.Backoff
local Backoff = {}
local metatable = { __index = Backoff }

local backoff = {}

--- Makes pauses of `first` seconds, then each `factor` times as long as the one before,
--- up to `last`.
---@param first number
---@param factor number
---@param last number
---@param slower { after: number, factor: number, last: number }? what holds when it has gone on for `after` seconds
---@return daytona.Backoff
function backoff.new(first, factor, last, slower)
  return setmetatable({
    _first = first, _seconds = first, _factor = factor, _last = math.max(first, last), _slower = slower,
    _since = slower and now(),
  }, metatable)
end

--- The next pause.
---@return number seconds
function Backoff:next()
  local seconds, slower = self._seconds, self._slower
  if slower and now() - self._since >= slower.after then
    self._factor, self._last, self._slower = slower.factor, slower.last, nil
  end
  self._seconds = math.min(seconds * self._factor, self._last)
  return seconds
end

--- Begins with the first pause again.
function Backoff:reset()
  self._seconds = self._first
end

return backoff
