--- Lists that people give: a hole or a named key would drop the rest of them
--- without a word.

local core = require "daytona.core"

local list = {}

--- The number of items of a list; raises for anything else.
---@param operation string for the message
---@param field string
---@param value any
---@return integer
function list.count(operation, field, value)
  if type(value) ~= "table" then
    core.misuse(("%s: field '%s': list expected, got %s"):format(operation, field, type(value)))
  end
  local metatable = getmetatable(value)
  if type(metatable) == "table" and (metatable.__index ~= nil or metatable.__pairs ~= nil) then
    core.misuse(("%s: field '%s': plain list expected, got one with a metatable"):format(operation, field))
  end
  local keys, size = 0, #value
  for key, item in next, value do
    if key == "n" and item == size then -- as table.pack and loop.map give
      keys = keys - 1
    elseif type(key) ~= "number" then
      core.misuse(("%s: field '%s': list expected, got a table with the key '%s'"):format(operation, field,
        tostring(key)))
    end
    keys = keys + 1
  end
  if keys ~= size then
    core.misuse(("%s: field '%s': list expected, got one with a hole (nil is no item)"):format(operation, field))
  end
  return size
end

return list
