--- Waiting for a state by reading the sandbox again and again.

local core = require "daytona.core"
local error_object = require "daytona.error"

local wait = {}

local function set(list)
  local members = {}
  for _, name in ipairs(list) do
    members[name] = true
  end
  return members
end

--- For each goal the states that reach it and those that never will.
--- "stopped" is no failure of a start while the server still wants it started.
local goals = {
  started = {
    reached = set { "started" },
    failed = set { "error", "build_failed", "destroyed", "destroying", "archived", "stopped", "paused" },
    desired = "started",
  },
  stopped = {
    reached = set { "stopped", "destroyed", "archived" },
    failed = set { "error", "build_failed" },
    desired = "stopped",
  },
  deleted = {
    reached = set { "destroyed" },
    failed = set { "error", "build_failed" },
    desired = "destroyed",
  },
}

--- Seconds between two looks: close together at first, because a local server
--- is quick, then as the official SDKs do (0.1 s for 5 s, then up to 1 s).
local function next_delay(delay, elapsed)
  if elapsed < 5 then
    return math.min(delay * 2, 0.1)
  end
  return math.min(delay * 1.1, 1)
end

local function failure(sandbox, goal, kind, message, started)
  return error_object.new {
    kind = kind,
    message = message,
    operation = "sandbox.wait_until_" .. goal,
    sandbox_id = sandbox.id,
    state = sandbox.state,
    elapsed = core.now() - started,
    outcome = kind == "timeout" and "unknown" or "failed",
    retryable = false,
  }
end

local function timed_out(sandbox, goal, started)
  return failure(sandbox, goal, "timeout",
    ("the sandbox is not %s after %.1f s, it is %s"):format(
      goal, core.now() - started, tostring(sandbox.state)), started)
end

--- What the sandbox's state means for the goal: true, an error, or nil (not yet).
local function judge(sandbox, goal, started)
  local state, rule = sandbox.state, goals[goal]
  if rule.reached[state] then
    return true
  end
  local on_its_way = (state == "stopped" or state == "archived")
    and (sandbox.desired_state == nil or sandbox.desired_state == rule.desired)
  if rule.failed[state] and not on_its_way then
    local reason = sandbox.error_reason and ": " .. sandbox.error_reason or ""
    return nil, failure(sandbox, goal, "state",
      ("the sandbox is in state %s%s and will not be %s"):format(state, reason, goal), started)
  end
end

--- Whether the handle's state is the goal.  What the server has just answered
--- need not be asked for again; a handle that is older is to be read first.
---@param sandbox daytona.Sandbox
---@param goal "started"|"stopped"|"deleted"
---@return boolean
function wait.is_reached(sandbox, goal)
  return goals[goal].reached[sandbox.state] or false
end

--- Waits until the sandbox is "started", "stopped" or "deleted" and keeps the
--- handle fresh.  A sandbox that is not found is deleted.
---@param sandbox daytona.Sandbox
---@param goal "started"|"stopped"|"deleted"
---@param deadline number? from call.deadline
---@param options table? common options for the single calls
---@return boolean? reached
---@return daytona.Error? err
function wait.reach(sandbox, goal, deadline, options)
  local started, delay = core.now(), 0.01
  local host = core.sandbox_owner(sandbox).host
  while true do
    local ok, err = sandbox:_refresh(deadline, options)
    if not ok then
      if err.kind == "not_found" and goal ~= "started" then
        sandbox:_update { state = "destroyed" }
        return true
      end
      if err.kind == "timeout" and err.status == nil and deadline and core.now() >= deadline then
        err = timed_out(sandbox, goal, started)
      end
      return nil, err
    end
    local reached, problem = judge(sandbox, goal, started)
    if reached or problem then
      return reached, problem
    end
    if deadline and core.now() >= deadline then
      return nil, timed_out(sandbox, goal, started)
    end
    delay = next_delay(delay, core.now() - started)
    if deadline then
      delay = math.max(0, math.min(delay, deadline - core.now()))
    end
    if host.sleep(delay) == false then
      return nil, failure(sandbox, goal, "cancelled", "cancelled", started)
    end
  end
end

return wait
