--- Commands of a session of which nobody knows whether the server has them: those that
--- are under way, and those whose requests were lost.  One that is found later by its
--- text may be any of these.

local MOST, LONGEST = 64, 256 -- texts that are kept apart; bytes of each

---@class daytona.Unclear
local Unclear = {}
local metatable = { __index = Unclear }

--- The texts of a session, of which few are kept: with more of them none is clear.
---@return daytona.Unclear
local function new()
  return setmetatable({ _counts = {}, _size = 0, _others = 0 }, metatable)
end

--- A command is about to be sent.
---@param text string
---@return boolean is_unclear there is one of the same text, or may be
---@return string|false ticket for `settle`
function Unclear:begin(text)
  local key = #text <= LONGEST and text or ("%d %s"):format(#text, text:sub(1, LONGEST))
  local counts = self._counts
  local is_unclear = counts[key] ~= nil or self._others > 0
  if not counts[key] and self._size == MOST then
    self._others = self._others + 1
    return is_unclear, false
  end
  self._size = self._size + (counts[key] and 0 or 1)
  counts[key] = (counts[key] or 0) + 1
  return is_unclear, key
end

--- What became of a command is known.
---@param ticket string|false
function Unclear:settle(ticket)
  local counts = self._counts
  if not ticket then
    self._others = self._others - 1
  elseif counts[ticket] > 1 then
    counts[ticket] = counts[ticket] - 1
  else
    counts[ticket], self._size = nil, self._size - 1
  end
end

return new
