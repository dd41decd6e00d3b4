--- Waiting for a state by reading the sandbox again and again.

local core = require "daytona.core"
local decimal = require "daytona.text.decimal"
local error_object = require "daytona.call.error"
local poll = require "daytona.call.poll"
local toolbox = require "daytona.call.toolbox"

local wait = { LIMIT = 60 } -- seconds, by default

local DOUBT = 0.1 -- seconds until it is looked again at what would be the end

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
    outcome = kind == "state" and "failed" or "unknown", -- it may get there yet
    retryable = false,
  }
end

--- `last`: why the last look failed, if it did.
local function timed_out(sandbox, goal, started, last)
  return failure(sandbox, goal, "timeout", ("the sandbox is not %s after %s s, it %s %s%s"):format(
    goal, decimal("%.1f", core.now() - started), last and "was" or "is", tostring(sandbox.state),
    last and ("; the last look failed: %s (%s)"):format(last.message, last.kind) or ""), started)
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

--- What a look that failed means for the goal: true, an error, or nil (not yet).
--- What is not there is deleted, if the API says so, or something says so twice
--- that could be it.
local function judge_failure(sandbox, goal, err, before)
  if poll.may_pass(err) then
    return nil
  elseif goal ~= "started" and (before and poll.is_gone(err) or poll.not_found_by(err) == "api") then
    toolbox.update(sandbox, { state = "destroyed" })
    return true
  end
  return nil, err
end

--- Lets time pass until the next look; the error if there is none any more.
local function pause(sandbox, goal, started, delay, deadline)
  if deadline and core.now() >= deadline then
    return timed_out(sandbox, goal, started)
  elseif deadline then
    delay = math.max(0, math.min(delay, deadline - core.now()))
  end
  if core.sandbox_owner(sandbox).host.sleep(delay) == false then
    return failure(sandbox, goal, "cancelled", "cancelled", started)
  end
end

--- After a look that failed; the error if it was the last one.
local function look_again(looks, sandbox, goal, err, started)
  local again, why = looks:again(err)
  if again then
    return nil
  elseif why == "cancelled" then
    return failure(sandbox, goal, "cancelled", "cancelled", started)
  end
  return why == "late" and timed_out(sandbox, goal, started, looks.last) or err
end

--- Whether the sandbox is at the goal, or the server wants it there.
---@param sandbox daytona.Sandbox
---@param goal "started"|"stopped"|"deleted"
---@return boolean
function wait.is_on_its_way(sandbox, goal)
  local rule = goals[goal]
  return rule.reached[sandbox.state] or sandbox.desired_state == rule.desired and not rule.failed[sandbox.state]
end

local function reach(sandbox, goal, deadline, options)
  local started, delay = core.now(), 0.01
  local looks = poll.looks(core.sandbox_owner(sandbox), deadline)
  local in_doubt = false -- the look before said what is believed when it is said twice
  while true do
    local ok, err = toolbox.refresh(sandbox, looks:limit(), options)
    local reached, problem
    if ok then
      looks:answered()
      reached, problem = judge(sandbox, goal, started)
    elseif err.kind == "cancelled" then
      return nil, failure(sandbox, goal, "cancelled", "cancelled", started)
    else
      reached, problem = judge_failure(sandbox, goal, err, in_doubt)
    end
    if reached or problem and in_doubt then
      return reached, problem
    end
    local over
    in_doubt = problem ~= nil or not ok and poll.is_gone(err)
    if ok or in_doubt then
      delay = next_delay(delay, core.now() - started)
      over = pause(sandbox, goal, started, in_doubt and DOUBT or delay, deadline)
    else
      over = look_again(looks, sandbox, goal, err, started)
    end
    if over then
      return nil, over.kind == "timeout" and problem or over
    end
  end
end

local function cooled(client, ...)
  client._core:cool_down()
  return ...
end

--- Calls fn(...), which takes until the sandbox has come to the goal.  If that is
--- "started", it is connected meanwhile to the server of the toolbox, where that
--- pays, for what comes next is a call to it.
---@param sandbox daytona.Sandbox
---@param goal string?
---@param fn function
---@return ... what fn gives
function wait.connecting(sandbox, goal, fn, ...)
  local client = core.sandbox_owner(sandbox)
  if client.host.check then
    client.host.check(client)
  end
  if goal == "started" and client._core:warm_up(sandbox) then
    return cooled(client, fn(...))
  end
  return fn(...)
end

--- Waits until the sandbox is "started", "stopped" or "deleted" and keeps the
--- handle fresh.  A sandbox that is not found is deleted.  A look that fails is
--- waited out; a state that is the end is looked at twice.
---@param sandbox daytona.Sandbox
---@param goal "started"|"stopped"|"deleted"
---@param deadline number? from call.deadline
---@param options table? common options for the single calls
---@return boolean? reached
---@return daytona.Error? err
function wait.reach(sandbox, goal, deadline, options)
  return wait.connecting(sandbox, goal, reach, sandbox, goal, deadline, options)
end

return wait
