--- What a server says to an operation that it does not know: an older one.

local core = require "daytona.core"

--- Makes the error say so, where the server speaks of a page or a route.
---@param err daytona.Error of status 404
return function(err)
  if not (err.message:find "^404 page not found" or err.message:find "^Cannot %u+ /") then
    return
  end
  for _, row in ipairs((core.operations())) do
    if row.name == err.operation and row.since then
      err.message = ("%s (the server does not know this operation, which came with version %s)"):format(
        err.message:gsub("%s+$", ""), row.since)
    end
  end
end
