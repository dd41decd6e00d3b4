--- What a sandbox is waited for: its goals, see call/wait.lua.

local core = require "daytona.core"
local toolbox = require "daytona.call.toolbox"
local wait_module = require "daytona.call.wait"

local wait = { LIMIT = wait_module.LIMIT }

local states = wait_module.states

local function read(sandbox, limit, options)
  local ok, err = toolbox.refresh(sandbox, limit, options)
  return ok and sandbox, err
end

--- What is not found is deleted.
local function gone(sandbox)
  toolbox.update(sandbox, { state = "destroyed" })
  return sandbox
end

--- `desired` is the state that the server wants while it works at the goal: a sandbox
--- that is stopped is no failure of a start then.
local function goal(name, fields)
  fields.operation, fields.name = "sandbox.wait_until_" .. name, name
  fields.what, fields.id_field, fields.read = "the sandbox", "sandbox_id", read
  function fields.goes_on(sandbox)
    return (sandbox.state == "stopped" or sandbox.state == "archived")
      and (sandbox.desired_state == nil or sandbox.desired_state == fields.desired)
  end
  return fields
end

local goals = {
  started = goal("started", {
    reached = states { "started" },
    final = states { "error", "build_failed", "destroyed", "destroying", "archived", "stopped", "paused" },
    desired = "started",
  }),
  stopped = goal("stopped", {
    reached = states { "stopped", "destroyed", "archived" },
    final = states { "error", "build_failed" },
    desired = "stopped", gone = gone,
  }),
  deleted = goal("deleted", {
    reached = states { "destroyed" },
    final = states { "error", "build_failed" },
    desired = "destroyed", gone = gone,
  }),
  paused = goal("paused", {
    reached = states { "paused" },
    final = states { "error", "destroyed", "destroying", "stopped", "archived" },
    desired = "paused",
  }),
  resized = goal("resized", {
    reached = states { "started", "stopped", "paused", "archived" },
    final = states { "error", "destroyed", "destroying" },
    desired = "resized",
  }),
  snapshotted = goal("snapshotted", {
    reached = states { "started", "stopped", "paused" },
    final = states { "error", "destroyed", "destroying" },
    desired = "snapshotted",
  }),
}

--- Any state as a goal, by the name that servers give it.
---@param name string
---@return daytona.Goal
function wait.goal(name)
  if name == "destroyed" then
    name = "deleted"
  end
  local rule = { operation = "sandbox.wait_for" }
  if goals[name] then
    return setmetatable(rule, { __index = goals[name] })
  end
  rule.reached, rule.final = states { name }, states { "error", "build_failed", "destroyed" }
  goal(name, rule).operation = "sandbox.wait_for"
  return rule
end

--- Whether the handle's state is the goal.  What the server has just answered
--- need not be asked for again; a handle that is older is to be read first.
---@param sandbox daytona.Sandbox
---@param name "started"|"stopped"|"deleted"
---@return boolean
function wait.is_reached(sandbox, name)
  return wait_module.is_reached(sandbox, goals[name])
end

--- Whether the sandbox is at the goal, or the server wants it there.
---@param sandbox daytona.Sandbox
---@param name "started"|"stopped"|"deleted"
---@return boolean
function wait.is_on_its_way(sandbox, name)
  local rule, state = goals[name], sandbox.state
  return rule.reached[state] or sandbox.desired_state == rule.desired and not rule.final[state]
end

local function cooled(client, ...)
  if not client._closed then
    client._core:cool_down()
  end
  return ...
end

--- Calls fn(...), which takes until the sandbox has come to the goal.  If that is
--- "started", it is connected meanwhile to the server of the toolbox, where that
--- pays, for what comes next is a call to it.
---@param sandbox daytona.Sandbox
---@param name string?
---@param fn function
---@return ... what fn gives
function wait.connecting(sandbox, name, fn, ...)
  local client = core.sandbox_owner(sandbox)
  if client.host.check then
    client.host.check(client)
  end
  if name == "started" and client._core:warm_up(sandbox) then
    return cooled(client, fn(...))
  end
  return fn(...)
end

--- Waits until the sandbox is "started", "stopped" or "deleted" and keeps the
--- handle fresh.
---@param sandbox daytona.Sandbox
---@param name "started"|"stopped"|"deleted"|daytona.Goal
---@param deadline number?
---@param options table? common options for the single calls
---@return daytona.Sandbox? reached
---@return daytona.Error? err
function wait.reach(sandbox, name, deadline, options)
  local to = goals[name] or name
  return wait.connecting(sandbox, to.name, wait_module.reach, core.sandbox_owner(sandbox), sandbox, to, deadline,
    options)
end

return wait
