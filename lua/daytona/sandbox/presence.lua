--- Sandboxes that are there already: what finds and starts them.

local backoff = require "daytona.call.backoff"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local merged = require "daytona.call.merged"
local poll = require "daytona.call.poll"
local toolbox = require "daytona.call.toolbox"

local presence = {}

local STARTABLE = { stopped = true, archived = true, paused = true }
local FINAL = { error = true, build_failed = true, destroyed = true, destroying = true }

local function failure(sandbox, kind, message, started)
  return error_object.new {
    kind = kind, operation = "sandbox.ensure_started", message = message,
    sandbox_id = sandbox.id, state = sandbox.state, elapsed = core.now() - started,
  }
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
    local ok, err = toolbox.refresh(sandbox, looks:limit(), options)
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
function presence.ensure_started(sandbox, deadline, options)
  local started, pauses = core.now(), backoff.new(0.02, 2, 0.5)
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
      ok, err = sandbox[way](sandbox, { timeout = deadlines.left(deadline, 0), max_retries = options.max_retries })
      if ok then
        return sandbox
      elseif err.kind ~= "conflict" then -- somebody else is at it
        return nil, err
      end
    elseif is_final and was_final then -- twice
      return nil, failure(sandbox, "state", ("the sandbox is in state %s%s"):format(sandbox.state,
        sandbox.error_reason and ": " .. sandbox.error_reason or ""), started)
    end
    local delay = pauses:next()
    if deadlines.is_over(deadline, delay) then
      return nil, failure(sandbox, "timeout",
        ("the sandbox is not started in time, it is %s"):format(tostring(sandbox.state)), started)
    end
    if host.sleep(delay) == false then
      return nil, failure(sandbox, "cancelled", "cancelled", started)
    end
  end
end

local RACES = 10 -- others may create and delete it in turns

--- The sandbox with that name: a look that fails is waited out.
local function find(client, name, looks, retries)
  while true do
    local sandbox, err = client:get(name, { timeout = deadlines.left(looks:limit()), max_retries = retries })
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
function presence.get_or_create(client, options, deadline)
  local retries = options.max_retries
  local sandbox, err
  for _ = 1, RACES do
    sandbox, err = find(client, options.name, poll.looks(client, deadline), retries)
    if sandbox and sandbox.state ~= "destroyed" and sandbox.state ~= "destroying" then
      if options.wait == false then
        return sandbox, nil, false
      end
      sandbox, err = presence.ensure_started(sandbox, deadline, { max_retries = retries })
      return sandbox, err, sandbox and false
    elseif not sandbox and not poll.is_gone(err) then
      return nil, err
    end
    sandbox, err = client:create(merged(options, { timeout = deadlines.left(deadline, 0) }))
    if sandbox then
      return sandbox, nil, true
    elseif err.kind ~= "conflict" or deadlines.is_over(deadline, 0.05) then
      return nil, err
    elseif client.host.sleep(0.05) == false then
      err.kind, err.message = "cancelled", "cancelled"
      return nil, err
    end
  end
  return nil, err
end

return presence
