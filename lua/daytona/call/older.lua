--- What a server says to an operation that it does not know: an older one.

local core = require "daytona.core"

local since -- by operation, which came later; made when it is first wanted, for some servers answer so often

--- Makes the error say so, where the server speaks of a page or a route.
---@param err daytona.Error of status 404
return function(err)
  if not (err.message:find "^404 page not found" or err.message:find "^Cannot %u+ /") then
    return
  end
  if not since then
    since = {}
    for _, row in ipairs((core.operations())) do
      since[row.name] = row.since or since[row.name]
    end
  end
  if since[err.operation or ""] then
    err.message = ("%s (the server does not know this operation, which came with version %s)"):format(
      err.message:gsub("%s+$", ""), since[err.operation])
  end
end
