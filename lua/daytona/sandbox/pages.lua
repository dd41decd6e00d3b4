--- The pages of all sandboxes that match, each after the other.

local pager = require "daytona.call.pager"

---@param client daytona.Client
---@param query table of client:list_page; its cursor changes
---@param timeout (fun(): number?)? seconds for the next page
---@return fun(): table?, daytona.Error?
return function(client, query, timeout)
  if query.sort == nil and query.cursor == nil then
    query.sort = "createdAt" -- the server's default moves while sandboxes are used, and pages would miss some
  end
  return pager.pages("sandbox.list", "cursor", function(asked)
    return client:list_page(asked)
  end, query, timeout)
end
