--- Methods that rows make which lead to a goal: client.volume:create waits until the
--- volume is ready.

local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local made = require "daytona.call.made"
local poll = require "daytona.call.poll"
local rows = require "daytona.call.rows"
local wait = require "daytona.call.wait"

local goal = {}

-- How a thing is read and removed, by area; its goals by name.
local THINGS = {
  snapshot = {
    what = "the snapshot", read = "snapshot.get", key = "snapshot_id",
    remove = made.remover("snapshot.delete", "snapshot_id"),
    active = {
      reached = wait.states { "active" },
      final = wait.states { "error", "build_failed", "removing", "inactive" },
    },
  },
  volume = {
    what = "the volume", read = "volume.get_by_id", key = "volume_id",
    remove = made.remover("volume.delete", "volume_id"),
    ready = {
      reached = wait.states { "ready" },
      final = wait.states { "error", "pending_delete", "deleting", "deleted" },
    },
  },
}

--- The goal of a row, as call/wait.lua has it.
local function goal_of(client, operation, thing, name)
  return {
    operation = operation, what = thing.what, name = name,
    reached = thing[name].reached, final = thing[name].final,
    read = function(known, limit, options)
      local fresh, err = call.run(client, thing.read,
        { [thing.key] = known.id, max_retries = options.max_retries }, nil, limit)
      if fresh and fresh.id ~= known.id and fresh.name ~= known.id then
        return nil, error_object.new {
          kind = "protocol", operation = operation,
          message = ("the server answered with %s %s, not with %s"):format(thing.what, fresh.id, known.id),
        }
      end
      return fresh, err
    end,
  }
end

local function thing_of(operation)
  return THINGS[operation:match "^[^.]*"]
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
    local client, aim = self._client, goal_of(self._client, operation, thing_of(operation), row.goal)
    local function reach(thing)
      if params.wait == false or wait.is_reached(thing, aim) then
        return thing
      end
      return wait.reach(client, thing, aim, deadline, params)
    end
    if not operation:find "%.create$" then
      local thing, err = rows.ask(self, operation, row, params, deadline)
      if not thing then
        return nil, err
      end
      return reach(thing)
    end
    return made.run(client, {
      what = aim.what, operation = operation, reach = reach,
      ask = function(by)
        return call.run(by, operation, params, nil, deadline)
      end,
      remove = function(by, thing, limit)
        return thing_of(operation).remove(by, thing.id, limit)
      end,
    })
  end
end

--- Waits for the snapshot of that name.  A server that does not show it has made it.
---@param client daytona.Client
---@param operation string that makes it
---@param name string
---@param deadline number?
---@param options table? for the looks, like max_retries
---@return table? snapshot
---@return daytona.Error? err kind "state": it failed
function goal.await_snapshot(client, operation, name, deadline, options)
  local aim = goal_of(client, operation, THINGS.snapshot, "active")
  function aim.gone(thing)
    return thing
  end
  return wait.reach(client, { id = name, state = "snapshotting" }, aim, deadline, options)
end

--- Removes the snapshot of that name, if there is one.
---@param client daytona.Client
---@param name string
---@param deadline number
---@return boolean? removed
---@return daytona.Error? err
function goal.remove_snapshot(client, name, deadline)
  local snapshot, err = call.run(client, "snapshot.get", { snapshot_id = name }, nil, deadline)
  if not snapshot then
    return poll.is_gone(err) or nil, err
  end
  return THINGS.snapshot.remove(client, snapshot.id, deadline)
end

return goal
