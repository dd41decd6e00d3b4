--- Names on both sides of the wire.

local naming = {}

--- "auto_stop_interval" -> "autoStopInterval"
---@param name string
---@return string
function naming.camel(name)
  return (name:gsub("_(%l)", string.upper))
end

--- "autoStopInterval" -> "auto_stop_interval"
---@param name string
---@return string
function naming.snake(name)
  return (name:gsub("%u", function(letter)
    return "_" .. letter:lower()
  end))
end

return naming
