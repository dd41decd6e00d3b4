--- Sandboxes that are not left behind: deletion whatever happens, and what
--- finds, starts and removes those that are there already.

local core = require "daytona.core"
local error_object = require "daytona.error"

local scope = {}

local CLEAN_UP = 30 -- seconds to delete what a call has made; its own deadline has passed
local MARK = "daytona-lua-create"
local LOOKS = 5 -- for a sandbox whose creation was not answered

--- Runs fn(...), also in a task that was cancelled.
local function shielded(client, fn, ...)
  local shield = client.host.shield
  if shield then
    return shield(fn, ...)
  end
  return fn(...)
end

--- Deletes a sandbox and waits until it is gone.  One that was gone already is
--- deleted.
---@param sandbox daytona.Sandbox
---@param options table? of sandbox:delete
---@return boolean? deleted
---@return daytona.Error? err
function scope.delete(sandbox, options)
  local ok, err = shielded(core.sandbox_owner(sandbox), sandbox.delete, sandbox, options)
  if ok or err.kind == "not_found" then
    return true
  end
  return nil, err
end

--- Adds what became of the sandbox to the error of a create.
local function settle(err, sandbox)
  local deleted, problem = scope.delete(sandbox, { timeout = CLEAN_UP })
  err.sandbox_id = sandbox.id
  if deleted then
    err.state, err.outcome = "destroyed", "failed"
    err.message = err.message .. "; it was deleted"
  else
    err.message = ("%s; it was not deleted: %s"):format(err.message, problem.message)
  end
  return err
end

--- Marks what a create is about to make, so that it can be found if there is no
--- answer.
---@param labels table<string, string> gets a label more
---@return table<string, string> mark
function scope.mark(labels)
  local digits = {}
  for index = 1, 4 do
    digits[index] = ("%08x"):format(math.floor(core.random() * 2 ^ 32))
  end
  local value = table.concat(digits)
  labels[MARK] = value
  return { [MARK] = value }
end

--- Deletes a sandbox that a create has made and gave up waiting for.  One that
--- ended in a state of its own, like "error", stays: it says why.
---@param sandbox daytona.Sandbox
---@param err daytona.Error of the wait
---@return daytona.Error err
function scope.abandon(sandbox, err)
  err.sandbox_id = sandbox.id
  if err.kind == "state" then
    return err
  end
  return settle(err, sandbox)
end

--- The sandbox with that mark; the server may still be busy making it.
local function find_marked(client, mark)
  local deadline, delay = core.now() + CLEAN_UP, 0.1
  for look = 1, LOOKS do
    local page, err = client:list_page { labels = mark, timeout = CLEAN_UP }
    if not page then
      return nil, err
    end
    for _, sandbox in ipairs(page.items) do
      if sandbox.labels and sandbox.labels[MARK] == mark[MARK] then
        return sandbox
      end
    end
    if look == LOOKS or core.now() + delay > deadline then
      return nil
    end
    client.host.sleep(delay)
    delay = delay * 2
  end
end

--- Deletes what a create may have made whose answer was lost.
---@param client daytona.Client
---@param mark table<string, string> from scope.mark
---@param err daytona.Error of the create
---@return daytona.Error err
function scope.abandon_unknown(client, mark, err)
  if err.outcome ~= "unknown" then
    return err
  end
  local sandbox, problem = shielded(client, find_marked, client, mark)
  if sandbox then
    return settle(err, sandbox)
  elseif problem then
    err.message = ("%s; what it made could not be looked for: %s"):format(err.message, problem.message)
  else
    err.message = err.message .. "; no sandbox of it was found"
  end
  return err
end

local STARTABLE = { stopped = true, archived = true, paused = true }
local FINAL = { error = true, build_failed = true, destroyed = true, destroying = true }

local function failure(sandbox, kind, message, started)
  return error_object.new {
    kind = kind, operation = "sandbox.ensure_started", message = message,
    sandbox_id = sandbox.id, state = sandbox.state, elapsed = core.now() - started,
  }
end

--- Seconds until the deadline as the options of a call want them.
local function left(deadline)
  return deadline and math.max(deadline - core.now(), 0.001) or 0
end

--- The operation that leads to "started" from the sandbox's state; nil where
--- waiting does.
local function way_up(sandbox)
  local state = sandbox.state
  if STARTABLE[state] and (sandbox.desired_state ~= "started" or sandbox.desired_state == nil) then
    return "start"
  elseif state == "error" and sandbox.recoverable then
    return "recover"
  end
end

--- See sandbox:ensure_started.
---@param sandbox daytona.Sandbox
---@param deadline number?
---@param options table common options for the single calls
---@return daytona.Sandbox? sandbox
---@return daytona.Error? err
function scope.ensure_started(sandbox, deadline, options)
  local started, delay = core.now(), 0.02
  local host = core.sandbox_owner(sandbox).host
  while true do
    local ok, err = sandbox:_refresh(deadline, options)
    if not ok then
      return nil, err
    elseif sandbox.state == "started" then
      return sandbox
    end
    local way = way_up(sandbox)
    if way then
      ok, err = sandbox[way](sandbox, { timeout = left(deadline), max_retries = options.max_retries })
      if ok then
        return sandbox
      elseif err.kind ~= "conflict" then -- somebody else is at it
        return nil, err
      end
    elseif FINAL[sandbox.state] then
      return nil, failure(sandbox, "state", ("the sandbox is in state %s%s"):format(sandbox.state,
        sandbox.error_reason and ": " .. sandbox.error_reason or ""), started)
    end
    if deadline and core.now() + delay >= deadline then
      return nil, failure(sandbox, "timeout",
        ("the sandbox is not started in time, it is %s"):format(tostring(sandbox.state)), started)
    end
    if host.sleep(delay) == false then
      return nil, failure(sandbox, "cancelled", "cancelled", started)
    end
    delay = math.min(delay * 2, 0.5)
  end
end

local RACES = 10 -- others may create and delete it in turns

--- See client:get_or_create.
---@param client daytona.Client
---@param options table of client:create
---@param deadline number?
---@return daytona.Sandbox? sandbox
---@return daytona.Error? err
---@return boolean? created
function scope.get_or_create(client, options, deadline)
  local retries = options.max_retries
  local sandbox, err
  for _ = 1, RACES do
    sandbox, err = client:get(options.name, { timeout = left(deadline), max_retries = retries })
    if sandbox and sandbox.state ~= "destroyed" and sandbox.state ~= "destroying" then
      if options.wait == false then
        return sandbox, nil, false
      end
      sandbox, err = scope.ensure_started(sandbox, deadline, { max_retries = retries })
      return sandbox, err, sandbox and false
    elseif not sandbox and err.kind ~= "not_found" then
      return nil, err
    end
    local copy = {}
    for name, value in pairs(options) do
      copy[name] = value
    end
    copy.timeout = left(deadline)
    sandbox, err = client:create(copy)
    if sandbox then
      return sandbox, nil, true
    elseif err.kind ~= "conflict" or (deadline and core.now() + 0.05 >= deadline) then
      return nil, err
    elseif client.host.sleep(0.05) == false then
      err.kind, err.message = "cancelled", "cancelled"
      return nil, err
    end
  end
  return nil, err
end

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

--- See client:reap.
---@param client daytona.Client
---@param params table
---@param deadline number?
---@return { deleted: daytona.Sandbox[], errors: daytona.Error[] }? result
---@return daytona.Error? err
function scope.reap(client, params, deadline)
  local due, now = {}, os.time()
  local query = { labels = params.labels, max_retries = params.max_retries }
  repeat
    query.timeout = deadline and left(deadline) or nil
    local page, err = client:list_page(query)
    if not page then
      return nil, err
    end
    for _, sandbox in ipairs(page.items) do
      if is_due(sandbox, params, now) then
        due[#due + 1] = sandbox
      end
    end
    query.cursor = page.next_cursor
  until not query.cursor
  if params.dry_run then
    return { deleted = due, errors = {} }
  end
  local result = { deleted = {}, errors = {} }
  for _, sandbox in ipairs(due) do
    local ok, err = sandbox:delete { max_retries = params.max_retries,
      timeout = deadline and left(deadline) or nil }
    if ok or err.kind == "not_found" then
      result.deleted[#result.deleted + 1] = sandbox
    else
      result.errors[#result.errors + 1] = err
    end
  end
  return result
end

return scope
