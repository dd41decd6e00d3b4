--- The pages of a list, each after the other.

local error_object = require "daytona.call.error"

local MOST_EMPTY = 1000 -- pages in a row with nothing on them

--- Whether the page leads on; an error if it leads in a circle, or nowhere.
local function check(self, page)
  self.empty = #page.items == 0 and self.empty + 1 or 0
  local cursor, what = page.next_cursor, nil
  if cursor and self.seen[cursor] then
    what = "the cursor of the next page has come before"
  elseif cursor and self.empty >= MOST_EMPTY then
    what = ("%d pages in a row were empty"):format(self.empty)
  end
  if what then
    return nil, error_object.new { kind = "protocol", operation = "sandbox.list", message = what }
  end
  self.seen[cursor or false] = true
  return page
end

--- Gives page after page; nil and an error end it.
---@param client daytona.Client
---@param query table of client:list_page; its cursor changes
---@param timeout (fun(): number?)? seconds for the next page
---@return fun(): table?, daytona.Error?
return function(client, query, timeout)
  if query.sort == nil and query.cursor == nil then
    query.sort = "createdAt" -- the server's default moves while sandboxes are used, and pages would miss some
  end
  local self = { seen = { [query.cursor or false] = true }, empty = 0 }
  local has_ended = false
  return function()
    if has_ended then
      return nil
    end
    if timeout then
      query.timeout = timeout()
    end
    local page, err = client:list_page(query)
    if page then
      page, err = check(self, page)
    end
    has_ended = not page or not page.next_cursor
    query.cursor = page and page.next_cursor
    return page, err
  end
end
