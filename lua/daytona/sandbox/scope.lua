--- Sandboxes that are not left behind: deletion whatever happens, and what
--- finds, starts and removes those that are there already.

local call = require "daytona.call.call"
local cleanup = require "daytona.call.cleanup"
local core = require "daytona.core"
local error_object = require "daytona.call.error"
local poll = require "daytona.call.poll"

local scope = {}

local CONFLICT = 0.1 -- seconds until a deletion that meets a change of state is sent again
local LOST_ANSWERS = 3 -- how often a deletion that waits for nothing is sent again

--- The error of a deletion that did not come through.
local function not_deleted(err, before)
  if before and err.kind == "timeout" and not err.status then
    err = before -- it says more
  end
  if err.kind == "not_found" then -- a page says so, not the API
    err.kind, err.outcome = "protocol", "unknown"
  end
  return nil, err
end

--- Whether a deletion that was answered with "not found" has nothing to do: where
--- it is not clear that the API says so, the sandbox is read.
local function is_missing(client, id, err, limit)
  if poll.not_found_by(err) ~= "unclear" then
    return poll.is_gone(err)
  end
  local _, problem = call.run(client, "sandbox.get", { sandbox_id = id }, nil, limit)
  return problem ~= nil and poll.is_gone(problem)
end

--- Sends the deletion until it is accepted.  A sandbox in transition refuses with
--- a conflict: that is waited out, for a sandbox that stays is billed.  A lost
--- answer is settled by asking again: "not found" then means deleted.
---@param client daytona.Client
---@param params table of sandbox.delete
---@param deadline number?
---@param most_silent integer? see poll.new
---@return daytona.Sandbox|true|nil sandbox as it is on its way; true: it is gone
---@return daytona.Error? err
function scope.send_delete(client, params, deadline, most_silent)
  local looks = poll.looks(client, deadline, most_silent)
  local waits, attempts, was_busy, before = params.wait ~= false, 0, false, nil
  while true do
    local fresh, err = call.run(client, "sandbox.delete", params, nil, most_silent and looks:limit() or deadline)
    if fresh == true then -- an empty answer does not say that it is gone
      return { id = params.sandbox_id }
    elseif fresh then
      return fresh
    elseif is_missing(client, params.sandbox_id, err, looks:limit()) then
      if was_busy then
        return true
      end
      return nil, err
    end
    attempts = attempts + 1
    was_busy = was_busy or err.kind == "conflict" or err.outcome == "unknown"
    if err.kind == "conflict" and waits then
      if looks:is_late(CONFLICT) or client.host.sleep(CONFLICT) == false then
        return nil, err
      end
    elseif not waits and (err.outcome ~= "unknown" or attempts > LOST_ANSWERS) or not looks:again(err) then
      return not_deleted(err, before)
    end
    before = err
  end
end

--- What reading a sandbox on its way out says: true: it is gone.
local function is_destroyed(found, problem)
  if found then
    return found.state == "destroyed"
  end
  return poll.is_gone(problem)
end

local function not_gone(id, state)
  return error_object.new {
    kind = "timeout", operation = "sandbox.delete", sandbox_id = id, state = state, outcome = "unknown",
    message = ("the sandbox is not gone in time, it is %s"):format(tostring(state)),
  }
end

--- Removes a sandbox that belongs to a call, and waits until it is gone.
---@param client daytona.Client
---@param id string
---@param deadline number
---@param patience number? seconds after which it is enough that the deletion was accepted
---@return "destroyed"|"destroying"|nil state
---@return daytona.Error? err
function scope.remove(client, id, deadline, patience)
  local fresh, err = scope.send_delete(client, { sandbox_id = id }, deadline, cleanup.MOST_SILENT)
  if not fresh then
    return poll.is_gone(err) and "destroyed" or nil, err
  elseif fresh == true or fresh.state == "destroyed" then
    return "destroyed"
  end
  local limit = patience and math.min(deadline, core.now() + patience) or deadline
  local looks, delay = cleanup.looks(client, limit), 0.01
  while true do
    local found, problem = call.run(client, "sandbox.get", { sandbox_id = id, max_retries = 0 }, nil, looks:limit())
    if is_destroyed(found, problem) then
      return "destroyed"
    elseif patience and found and found.state ~= "destroying" then
      return "destroying" -- it was accepted, and shows nothing of it yet
    elseif looks:is_late(delay) or problem and not looks:again(problem) or client.host.sleep(delay) == false then
      return patience and "destroying" or nil, problem or not_gone(id, found.state)
    elseif found then
      looks:answered()
    end
    delay = math.min(delay * 2, 0.2)
  end
end

--- Deletes a sandbox and waits until it is gone, whatever happens.  One that was
--- gone already is deleted.
---@param sandbox daytona.Sandbox
---@return boolean? deleted
---@return daytona.Error? err
function scope.delete(sandbox)
  local deleted, err, raised = cleanup.run(core.sandbox_owner(sandbox), function(client)
    return scope.remove(client, sandbox.id, core.now() + cleanup.SECONDS)
  end)
  if deleted then
    sandbox:_update { state = "destroyed" }
  end
  if raised then
    error(raised[1], 0)
  end
  return deleted and true, err
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

--- Reads the sandbox until that succeeds; "not found" has to be said twice.
local function look(sandbox, looks, options)
  local was_missing = false
  while true do
    local ok, err = sandbox:_refresh(looks:limit(), options)
    if ok then
      looks:answered()
      return true
    end
    local is_gone = poll.is_gone(err)
    if is_gone and was_missing or not looks:again(err, is_gone) then
      return nil, err
    end
    was_missing = is_gone
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
  local client = core.sandbox_owner(sandbox)
  local host, looks, is_final = client.host, poll.looks(client, deadline), false
  while true do
    local ok, err = look(sandbox, looks, options)
    if not ok then
      return nil, err
    elseif sandbox.state == "started" then
      return sandbox
    end
    local way = way_up(sandbox)
    local was_final = is_final
    is_final = not way and FINAL[sandbox.state]
    if way then
      ok, err = sandbox[way](sandbox, { timeout = left(deadline), max_retries = options.max_retries })
      if ok then
        return sandbox
      elseif err.kind ~= "conflict" then -- somebody else is at it
        return nil, err
      end
    elseif is_final and was_final then -- twice
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

--- The sandbox with that name: a look that fails is waited out.
local function find(client, name, looks, retries)
  while true do
    local sandbox, err = client:get(name, { timeout = left(looks:limit()), max_retries = retries })
    if sandbox or poll.is_gone(err) or not looks:again(err) then
      return sandbox, err
    end
  end
end

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
    sandbox, err = find(client, options.name, poll.looks(client, deadline), retries)
    if sandbox and sandbox.state ~= "destroyed" and sandbox.state ~= "destroying" then
      if options.wait == false then
        return sandbox, nil, false
      end
      sandbox, err = scope.ensure_started(sandbox, deadline, { max_retries = retries })
      return sandbox, err, sandbox and false
    elseif not sandbox and not poll.is_gone(err) then
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

return scope
