--- Names that nothing else has.

local core = require "daytona.core"

---@param prefix string
---@return string
return function(prefix)
  return ("%s-%08x%08x"):format(prefix, math.floor(core.random() * 2 ^ 32), math.floor(core.random() * 2 ^ 32))
end
