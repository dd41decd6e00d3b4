--- Deletion of sandboxes, whatever happens.

local backoff = require "daytona.call.backoff"
local call = require "daytona.call.call"
local cleanup = require "daytona.call.cleanup"
local core = require "daytona.core"
local error_object = require "daytona.call.error"
local poll = require "daytona.call.poll"
local toolbox = require "daytona.call.toolbox"

local deletion = {}

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
function deletion.send(client, params, deadline, most_silent)
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
function deletion.remove(client, id, deadline, patience)
  local fresh, err = deletion.send(client, { sandbox_id = id }, deadline, cleanup.MOST_SILENT)
  if not fresh then
    return poll.is_gone(err) and "destroyed" or nil, err
  elseif fresh == true or fresh.state == "destroyed" then
    return "destroyed"
  end
  local limit = patience and math.min(deadline, core.now() + patience) or deadline
  local looks, pauses = cleanup.looks(client, limit), backoff.new(0.01, 2, 0.2)
  while true do
    local found, problem = call.run(client, "sandbox.get", { sandbox_id = id, max_retries = 0 }, nil, looks:limit())
    local delay = pauses:next()
    if is_destroyed(found, problem) then
      return "destroyed"
    elseif patience and found and found.state ~= "destroying" then
      return "destroying" -- it was accepted, and shows nothing of it yet
    elseif looks:is_late(delay) or problem and not looks:again(problem) or client.host.sleep(delay) == false then
      return patience and "destroying" or nil, problem or not_gone(id, found.state)
    elseif found then
      looks:answered()
    end
  end
end

--- Deletes a sandbox and waits until it is gone, whatever happens.  One that was
--- gone already is deleted.
---@param sandbox daytona.Sandbox
---@return boolean? deleted
---@return daytona.Error? err
function deletion.delete(sandbox)
  local deleted, err, raised = cleanup.run(core.sandbox_owner(sandbox), function(client)
    return deletion.remove(client, sandbox.id, core.now() + cleanup.SECONDS)
  end)
  if deleted then
    toolbox.update(sandbox, { state = "destroyed" })
  end
  if raised then
    error(raised[1], 0)
  end
  return deleted and true, err
end

return deletion
