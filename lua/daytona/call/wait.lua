--- Waiting until a thing of the server's (a sandbox, a snapshot, a volume ...) has come
--- to a goal, by reading it again and again.
---
--- A goal is data, so that every kind of thing waits the same way:
---
---     local active = {
---       operation = "snapshot.wait_until_active", what = "the snapshot", name = "active",
---       reached = wait.states { "active" },
---       final = wait.states { "error", "build_failed", "removing" },
---       read = function(snapshot, limit, options)  -- gives it as it is now, or nil and an error
---         return call.run(client, "snapshot.get",
---           { snapshot_id = snapshot.id, max_retries = options.max_retries }, nil, limit)
---       end,
---     }
---     local snapshot, err = wait.reach(client, made, active, deadline, params)
---
--- A look that fails is waited out; what ends the matter badly (a final state, "not
--- found") has to be seen twice.  What is hoped for is believed at once.

local core = require "daytona.core"
local decimal = require "daytona.text.decimal"
local error_object = require "daytona.call.error"
local poll = require "daytona.call.poll"

local wait = {}

wait.LIMIT = 60 -- seconds that a wait may take by default

local DOUBT = 0.1 -- seconds until it is looked again at what would be the end

-- Seconds between two looks: close together at first, because a local server is quick,
-- then as the official SDKs do (0.1 s for 5 s, then up to 1 s).
local FIRST, FACTOR, LAST, SLOWER = 0.02, 2, 0.1, { after = 5, factor = 1.1, last = 1 }

---@class daytona.Goal
---@field operation string   for errors: "sandbox.wait_until_started"
---@field what string        the thing in messages: "the sandbox"
---@field name string        the goal in messages: "started"
---@field reached table<string, boolean> states of a thing that is there
---@field final table<string, boolean> states that never lead there
---@field read fun(thing: any, limit: number, options: table): any?, daytona.Error? gives the thing, the same or a new one, as it is now; `limit`: deadline of the look
---@field gone (fun(thing: any): any)? for a goal that a thing which is not found has reached: gives it; without it, that is an error
---@field goes_on (fun(thing: any): boolean)? whether a thing in a final state leaves it after all
---@field id_field string?   the field of errors that has the thing's id: "sandbox_id"

--- A set of states.
---@param list string[]
---@return table<string, boolean>
function wait.states(list)
  local members = {}
  for _, name in ipairs(list) do
    members[name] = true
  end
  return members
end

--- Whether the thing, as it is known, has come to the goal.
---@param thing any
---@param goal daytona.Goal
---@return boolean
function wait.is_reached(thing, goal)
  return goal.reached[thing.state] or false
end

local function failure(self, kind, message)
  local thing, goal = self.thing, self.goal
  local err = error_object.new {
    kind = kind, message = message, operation = goal.operation, state = thing.state,
    elapsed = core.now() - self.started, retryable = false,
    outcome = kind == "state" and "failed" or "unknown", -- it may get there yet
  }
  if goal.id_field then
    err[goal.id_field] = thing.id
  else
    error_object.note_subject(err, { id = thing.id })
  end
  return err
end

--- `last`: why the last look failed, if it did.  That there was no time left for one
--- need not be said again, but why the one before it failed.
local function timed_out(self, last)
  local failed = last and self.failed
  local why = failed and ("; the last look failed: %s (%s)"):format(failed.message, failed.kind)
  return failure(self, "timeout", ("%s is not %s after %s s, it %s %s%s"):format(
    self.goal.what, self.goal.name, decimal("%.1f", core.now() - self.started), last and "was" or "is",
    tostring(self.thing.state), why or ""))
end

--- Why there is no other look.
local function ending(self, why, last)
  if why == "cancelled" then
    return failure(self, "cancelled", "cancelled")
  end
  return timed_out(self, last)
end

--- What the thing's state means: true, nil and an error, or nil (not yet).
local function judge(self)
  local thing, goal = self.thing, self.goal
  if goal.reached[thing.state] then
    return true
  elseif goal.final[thing.state] and not (goal.goes_on and goal.goes_on(thing)) then
    local reason = thing.error_reason and ": " .. thing.error_reason
      or thing.queue_timed_out_at and ": it had no runner in time" or ""
    return nil, failure(self, "state", ("%s is in state %s%s and will not be %s"):format(goal.what,
      tostring(thing.state), reason, goal.name))
  end
end

--- What a look that failed means.  What is not there is gone, if the API says so, or
--- something says so twice that could be it.
local function judge_failure(self, err)
  local gone = self.goal.gone
  if poll.may_pass(err) then
    return nil
  elseif gone and (self.is_in_doubt and poll.is_gone(err) or poll.not_found_by(err) == "api") then
    self.thing = gone(self.thing)
    return true
  end
  return nil, err
end

--- One look, and the pause after it: true; nil and an error; or nil: look again.
local function look(self)
  local fresh, err = self.goal.read(self.thing, self.looks:limit(), self.options)
  local reached, problem
  if fresh then
    self.thing, self.failed = fresh, nil
    self.looks:answered()
    reached, problem = judge(self)
  elseif err.kind == "cancelled" then
    return nil, failure(self, "cancelled", "cancelled")
  else
    if not err.message:find "the deadline has passed$" then
      self.failed = err
    end
    reached, problem = judge_failure(self, err)
  end
  if reached or problem and self.is_in_doubt then
    return reached, problem
  end
  self.is_in_doubt = problem ~= nil or not fresh and poll.is_gone(err)
  local again, why
  if fresh or self.is_in_doubt then
    again, why = self.looks:pause(self.is_in_doubt and DOUBT or nil)
    err = nil
  else
    again, why = self.looks:again(err)
  end
  if again then
    return nil
  elseif why == "late" and problem then
    return nil, problem
  end
  return nil, why and ending(self, why, err) or err
end

--- Waits until the thing has come to the goal.
---@param client daytona.Client
---@param thing any as it is known, with `id` and `state`
---@param goal daytona.Goal
---@param deadline number?
---@param options table? for goal.read, like max_retries
---@return any? thing as it was read last
---@return daytona.Error? err kind "state": it will not come there; "timeout"; "cancelled"; or the error of a look
function wait.reach(client, thing, goal, deadline, options)
  local self = {
    thing = thing, goal = goal, options = options or {}, started = core.now(), is_in_doubt = false,
    looks = poll.new(client, { deadline = deadline, first = FIRST, factor = FACTOR, last = LAST, slower = SLOWER }),
  }
  while true do
    local reached, err = look(self)
    if reached then
      return self.thing
    elseif err then
      return nil, err
    end
  end
end

return wait
