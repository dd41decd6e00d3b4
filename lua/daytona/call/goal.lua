--- Methods that rows make which lead to a goal: client.volume:create waits until the
--- volume is ready.

local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local rows = require "daytona.call.rows"
local wait = require "daytona.call.wait"

local goal = {}

-- How a thing is read, by area; its goals by name.
local THINGS = {
  snapshot = {
    what = "the snapshot", read = "snapshot.get", key = "snapshot_id",
    active = {
      reached = wait.states { "active" },
      final = wait.states { "error", "build_failed", "removing", "inactive" },
    },
  },
  volume = {
    what = "the volume", read = "volume.get_by_id", key = "volume_id",
    ready = {
      reached = wait.states { "ready" },
      final = wait.states { "error", "pending_delete", "deleting", "deleted" },
    },
  },
}

--- The goal of a row, as call/wait.lua has it.
local function goal_of(client, operation, name)
  local thing = THINGS[operation:match "^[^.]*"]
  return {
    operation = operation, what = thing.what, name = name,
    reached = thing[name].reached, final = thing[name].final,
    read = function(known, limit, options)
      return call.run(client, thing.read, { [thing.key] = known.id, max_retries = options.max_retries }, nil, limit)
    end,
  }
end

--- The method that a row with a goal makes.
---@param operation string
---@param row table of core.method
---@return function
function goal.method(operation, row)
  return function(self, ...)
    local params = rows.params(self, operation, row, ...)
    core.check(operation, params)
    local deadline = deadlines.of(params, wait.LIMIT)
    local thing, err = rows.ask(self, operation, row, params, deadline)
    if not thing then
      return nil, err
    end
    local aim = goal_of(self._client, operation, row.goal)
    if params.wait == false or wait.is_reached(thing, aim) then
      return thing
    end
    return wait.reach(self._client, thing, aim, deadline, params)
  end
end

return goal
