--- The pages of a list, each after the other: by a cursor that the server gives, or
--- by their numbers.

local core = require "daytona.core"
local error_object = require "daytona.call.error"

local MOST_EMPTY = 1000 -- pages in a row with nothing on them

local pager = {}

local function senseless(operation, what)
  return error_object.new { kind = "protocol", operation = operation, message = what }
end

--- A page as the server gave it, if it makes sense.
---@param operation string
---@param paging "cursor"|"pages"
---@param query table what was asked for
---@param page table?
---@param err daytona.Error?
---@return table? page
---@return daytona.Error? err
function pager.checked(operation, paging, query, page, err)
  if not page then
    return nil, err
  elseif paging == "pages" then
    if page.page ~= (query.page or page.page) then
      return nil, senseless(operation, ("page %d was asked for, the server gave page %d"):format(query.page, page.page))
    end
    return page
  end
  local cursor = page.next_cursor
  if cursor == "" then
    page.next_cursor = nil
  elseif cursor and cursor:find "[%z\r\n]" then
    return nil, senseless(operation, "the cursor of the next page makes no sense")
  end
  return page
end

--- Where the page leads on to, or nil.
local function following(paging, page)
  if paging == "cursor" then
    return page.next_cursor
  end
  return page.page < page.total_pages and page.page + 1 or nil
end

--- Whether the page leads on; an error if it leads in a circle, or nowhere.
local function check(self, page, cursor)
  self.empty = #page.items == 0 and self.empty + 1 or 0
  local what
  if cursor and self.seen[cursor] then
    what = "the cursor of the next page has come before"
  elseif cursor and self.empty >= MOST_EMPTY then
    what = ("%d pages in a row were empty"):format(self.empty)
  end
  if what then
    return nil, senseless(self.operation, what)
  end
  self.seen[cursor or false] = true
  return page
end

--- Seconds for the next page: empty ones share the time of the page that they are in
--- the place of.
local function remaining(self)
  if self.seconds and self.empty == 0 then
    self.deadline = core.now() + self.seconds
  end
  return self.seconds and math.max(self.deadline - core.now(), 0.001)
end

--- Gives page after page; nil and an error end it.
---@param operation string
---@param paging "cursor"|"pages"
---@param fetch fun(query: table): table?, daytona.Error?
---@param query table where it is, changes
---@param timeout (fun(): number?)? seconds for the next page
---@return fun(): table?, daytona.Error?
function pager.pages(operation, paging, fetch, query, timeout)
  local key = paging == "cursor" and "cursor" or "page"
  local self = {
    operation = operation, seen = { [query[key] or false] = true }, empty = 0, seconds = query.timeout,
  }
  local has_ended = false
  return function()
    if has_ended then
      return nil
    end
    if timeout then
      query.timeout = timeout()
    else
      query.timeout = remaining(self)
    end
    local page, err = fetch(query)
    local cursor = page and following(paging, page)
    if page then
      page, err = check(self, page, cursor)
    end
    has_ended = not page or not cursor
    query[key] = cursor
    return page, err
  end
end

--- Iterates over what is on the pages.  A failure in the middle raises.
---@param next_page fun(): table?, daytona.Error?
---@return fun(): any
function pager.items(next_page)
  local page, index
  return function()
    index = (index or 0) + 1
    while not page or index > #page.items do
      local err
      page, err = next_page()
      if err then
        error(err, 2)
      elseif not page then
        page, index = { items = {} }, 0
        return nil
      end
      index = 1
    end
    return page.items[index]
  end
end

return pager
