--- Tables made of others.

--- A fresh table with the fields of both; those of `second` win.
---@param first table?
---@param second table?
---@return table
return function(first, second)
  local fresh = {}
  for name, value in pairs(first or {}) do
    fresh[name] = value
  end
  for name, value in pairs(second or {}) do
    fresh[name] = value
  end
  return fresh
end
