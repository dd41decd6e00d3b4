--- Calls that make something which takes a while to be usable: a volume, a snapshot,
--- a fork.  Until the caller has it, it belongs to the call.

local call = require "daytona.call.call"
local cleanup = require "daytona.call.cleanup"
local core = require "daytona.core"
local error_object = require "daytona.call.error"
local poll = require "daytona.call.poll"

local made = {}

local BUSY = 0.1 -- seconds until it is removed again what cannot be removed yet

--- Gives what removes a thing by a row.  Servers refuse while they make it: that is
--- waited out.
---@param operation string
---@param key string parameter that has the id
---@return fun(client: daytona.Client, id: string, deadline: number): boolean?, daytona.Error?
function made.remover(operation, key)
  return function(client, id, deadline)
    local looks = cleanup.looks(client, deadline)
    while true do
      local ok, err = call.run(client, operation, { [key] = id }, nil, looks:limit())
      if ok or poll.is_gone(err) then
        return true
      elseif err.kind == "conflict" or err.kind == "bad_request" then
        looks:answered()
        if not looks:pause(BUSY) then
          return nil, err
        end
      elseif not looks:again(err) then
        return nil, err
      end
    end
  end
end

--- Sends it, notes what was made, and waits until it can be used.
local function make(client, own)
  if cleanup.is_cancelled(client) then
    return nil, error_object.cancelled(own.operation)
  end
  local thing, err = cleanup.shielded(client, own.ask, cleanup.deferring(client, own))
  own.thing, own.request = thing, nil
  if own.raised then
    error(own.raised[1], 0)
  elseif not thing then
    return nil, err
  elseif cleanup.is_cancelled(client) then
    return nil, error_object.cancelled(own.operation)
  end
  return own.reach(thing)
end

--- Makes a thing and waits for it.  A call that is broken off, by cancelling or by an
--- error of a hook, removes it again.  After a time-out it stays, for it may get there
--- yet: the error names it.
---@param client daytona.Client
---@param own { what: string, operation: string, ask: (fun(client: daytona.Client): any?, daytona.Error?), reach: (fun(thing: any): any?, daytona.Error?), remove: (fun(client: daytona.Client, thing: any, deadline: number): any?, daytona.Error?) } ask: sends what makes it; remove: gives nil and an error if it is still there
---@return any? thing
---@return daytona.Error? err
function made.run(client, own)
  function own.undo(by)
    own.thing = own.thing or cleanup.answer(by, own)
    if not own.thing then
      return true
    end
    local gone, err = own.remove(by, own.thing, core.now() + cleanup.SECONDS)
    return gone and true, err
  end
  local undone, thing, err = cleanup.guard(client, own, function()
    local value, problem = make(client, own)
    own.is_ours = problem ~= nil and problem.kind == "cancelled"
    return value, problem
  end)
  if err and own.thing and undone == true then
    err.message, err.outcome = err.message .. "; it was deleted", "failed"
  end
  return thing, cleanup.complete(err, own.what .. " was not deleted", undone)
end

return made
