--- Streams that a loop has left by `break`.
---
--- Lua 5.4 closes them then.  Other Luas say nothing: what was left keeps its
--- connection until the collector comes by.  So that it does, it is called when
--- there are more open streams than were found in use the last time.

local leftovers = {}

local FEW = 1 -- streams that may be left

local is_told = _VERSION ~= "Lua 5.1" and _VERSION ~= "Lua 5.2" and _VERSION ~= "Lua 5.3"

local open = setmetatable({}, { __mode = "k" }) -- by stream: what says whether it has a connection
local added, most = 0, FEW

--- Those that are in use.
local function count()
  local found = 0
  for stream, is_open in pairs(open) do
    if is_open(stream) then
      found = found + 1
    else
      open[stream] = nil
    end
  end
  return found
end

--- A stream is about to connect.
---@param stream table
---@param is_open fun(stream: table): boolean?
function leftovers.add(stream, is_open)
  if is_told then
    return
  end
  open[stream] = is_open
  added = added + 1
  if added > most then
    if count() > most then
      collectgarbage()
    end
    added = count()
    most = math.max(FEW, 2 * added)
  end
end

return leftovers
