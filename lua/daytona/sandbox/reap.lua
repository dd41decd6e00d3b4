--- Removing sandboxes that were left behind.

local deadlines = require "daytona.call.deadline"
local pages = require "daytona.sandbox.pages"
local poll = require "daytona.call.poll"

--- Seconds since 1970 of "2026-01-31T12:00:00.000Z"; nil for anything else.
local function epoch(text)
  if type(text) ~= "string" then
    return nil
  end
  local year, month, day, hour, minute, second =
    text:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)T(%d%d):(%d%d):(%d%d)[%d.]*Z$"
  if not year then
    return nil
  end
  -- Days of the civil calendar, counted from March.
  local y, m = tonumber(year), tonumber(month)
  if m <= 2 then
    y, m = y - 1, m + 12
  end
  local days = 365 * y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400)
    + math.floor((153 * (m - 3) + 2) / 5) + tonumber(day) - 719469
  return ((days * 24 + tonumber(hour)) * 60 + tonumber(minute)) * 60 + tonumber(second)
end

--- Whether the sandbox is one of those to reap.  What does not say its labels
--- or its age is none: nothing is deleted by a guess.
local function is_due(sandbox, params, now)
  for name, value in pairs(params.labels) do
    if not sandbox.labels or sandbox.labels[name] ~= value then
      return false
    end
  end
  local made = epoch(sandbox.created_at)
  return params.older_than == nil or (made ~= nil and now - made >= params.older_than)
end

--- All sandboxes to reap.
local function find(client, params, deadline)
  local due, now = {}, nil
  local next_page = pages(client, { labels = params.labels, max_retries = params.max_retries }, function()
    return deadlines.left(deadline)
  end)
  local page, err = next_page()
  while page do
    -- The clock that created_at was taken from, where the server tells it.
    now = now or client._core:server_time() or os.time()
    for _, sandbox in ipairs(page.items) do
      if is_due(sandbox, params, now) then
        due[#due + 1] = sandbox
      end
    end
    page, err = next_page()
  end
  if err then
    return nil, err
  end
  return due
end

--- See client:reap.
---@param client daytona.Client
---@param params table
---@param deadline number?
---@return { deleted: daytona.Sandbox[], errors: daytona.Error[] }? result
---@return daytona.Error? err
return function(client, params, deadline)
  local due, problem = find(client, params, deadline)
  if not due then
    return nil, problem
  elseif params.dry_run then
    return { deleted = due, errors = {} }
  end
  local result = { deleted = {}, errors = {} }
  for _, sandbox in ipairs(due) do
    local ok, err = sandbox:delete { max_retries = params.max_retries, timeout = deadlines.left(deadline) }
    if ok or poll.is_gone(err) then
      result.deleted[#result.deleted + 1] = sandbox
    else
      result.errors[#result.errors + 1] = err
    end
  end
  return result
end
