--- What a call makes is its own from the moment it may exist until it is handed
--- over: whatever ends the call before, an error of a hook or a callback, Ctrl-C,
--- a cancelled task, the end of the host, takes it along.

local call = require "daytona.call.call"
local core = require "daytona.core"
local error_object = require "daytona.call.error"
local poll = require "daytona.call.poll"
local protect = require "daytona.call.protected"
local toolbox = require "daytona.call.toolbox"

local cleanup = {}

local DELETION = 8 -- seconds for a deletion: servers give processes five to end by themselves
local AGAIN = { 0.1, 0.4, 1.5 } -- seconds until it is removed again what may have been made meanwhile

--- Seconds in which what a call has made is removed; its own deadline may have
--- passed.
cleanup.SECONDS = 30

--- How many attempts in a row that nobody answers end a clean-up.
cleanup.MOST_SILENT = 2

--- The looks of a clean-up.
---@param client daytona.Client
---@param deadline number
---@return daytona.Poll
function cleanup.looks(client, deadline)
  return poll.looks(client, deadline, cleanup.MOST_SILENT)
end

--- The client for calls of which nobody wants to see anything: a hook that raises
--- must not keep a clean-up from its end.
---@param client daytona.Client
---@param host table? another way to wait
---@return daytona.Client
function cleanup.quiet(client, host)
  return setmetatable({ host = host or client.host, _hooks = false }, { __index = client })
end

--- Keeps what on_response raises as `own.raised` until the answer was taken.
local function patient(hooks, own)
  local later = {}
  function later.result(_, trace, err)
    local ok, problem = protect.pcall(hooks.result, hooks, trace, err)
    if not ok and err then
      error(problem, 0)
    elseif not ok then
      own.raised = own.raised or { problem }
    end
  end
  return setmetatable(later, { __index = hooks })
end

--- The client for a call that makes something, of which only the answer says what:
--- it is not lost by an error of on_response, which becomes `own.raised`, nor by
--- one in the wait, see cleanup.answer.
---@param client daytona.Client
---@param own table
---@return daytona.Client
function cleanup.deferring(client, own)
  local host = client.host
  local view = { host = setmetatable({
    wait = function(request)
      own.request = request
      host.wait(request)
    end,
  }, { __index = host }) }
  view._hooks = client._hooks and patient(client._hooks, own)
  return setmetatable(view, { __index = client })
end

--- What a call has made whose wait was broken off.
---@param client daytona.Client
---@param own table of cleanup.deferring
---@return any? value
function cleanup.answer(client, own)
  local request = own.request
  own.request = nil
  if not request then
    return nil
  end
  local ok, value = protect.pcall(function()
    while not request:done() do
      client.host.wait(request)
    end
    return request:result()
  end)
  return ok and value or nil
end

--- Runs fn(...), also in a task that was cancelled.
---@param client daytona.Client
function cleanup.shielded(client, fn, ...)
  local shield = client.host.shield
  if shield then
    return shield(fn, ...)
  end
  return fn(...)
end

--- Whether a call is not to be begun.
---@param client daytona.Client
---@return boolean
function cleanup.is_cancelled(client)
  local cancelled = client.host.cancelled
  return cancelled ~= nil and cancelled()
end

--- What a refusal of a deletion says: true: there is nothing to remove (any more).
local function is_gone(err)
  if err.state and err.state ~= "started" then
    return true -- the sandbox is not there, nor what was in it
  end
  return (err.kind == "not_found" or err.kind == "gone") and not poll.is_transient(err)
end

--- Removes something of a sandbox's toolbox.  What is not there is removed.
---@param client daytona.Client
---@param sandbox daytona.Sandbox
---@param operation string
---@param params table
---@param is_unsure boolean? what makes it was not answered, and may be under way yet
---@return boolean? removed
---@return daytona.Error? err
function cleanup.remove(client, sandbox, operation, params, is_unsure)
  local _, located = core.sandbox_owner(sandbox)
  if not located then
    return true -- nothing was asked of it yet
  end
  local looks = poll.looks(client, core.now() + cleanup.SECONDS, cleanup.MOST_SILENT, DELETION)
  local unsure = is_unsure and 0 or #AGAIN -- a busy server or proxy may do the later request first
  while true do
    local ok, err = call.run(client, operation, params, sandbox, looks:limit())
    local is_over = ok or is_gone(err)
    if is_over and (ok or unsure == #AGAIN) then
      return true
    elseif is_over then
      unsure = unsure + 1
      client.host.sleep(AGAIN[unsure])
    elseif not looks:again(err) then
      return nil, err
    end
  end
end

--- Runs undo(client), and once more if it is broken off; what broke it off is the
--- third value.
---@param client daytona.Client
---@param undo fun(client: daytona.Client): boolean?, daytona.Error?
---@return boolean? done
---@return daytona.Error? err
---@return { [1]: any }? raised
function cleanup.run(client, undo)
  local ok, done, err = protect.pcall(cleanup.shielded, client, undo, client)
  if ok then
    return done, err
  end
  local raised = { done }
  ok, done, err = protect.pcall(cleanup.shielded, client, undo, cleanup.quiet(client))
  if not ok then
    error(done, 0)
  end
  return done, err, raised
end

--- An error that goes on although what belonged to the call is still there.
local function explained(problem, what, done, err)
  if not done and err and type(problem) == "string" then
    return ("%s\n(and %s was not removed: %s)"):format(problem, what, tostring(err))
  end
  return problem
end

--- Adds to the error of a call that what it made is still there, where that is so.
---@param err daytona.Error?
---@param what string like "the session was not removed"
---@param undone boolean|daytona.Error|nil of cleanup.guard
---@return daytona.Error? err the same
function cleanup.complete(err, what, undone)
  if err and undone and undone ~= true then
    err.message = ("%s; %s: %s"):format(err.message, what, undone.message)
  end
  return err
end

local function finish(client, own, ticket, ok, ...)
  local done, err, raised
  own.has_raised = not ok
  if not ok then
    collectgarbage() -- breaks off what is under way: it must not make anything any more
    collectgarbage()
  end
  if own.is_ours then
    done, err, raised = cleanup.run(client, own.undo)
  end
  if ticket then
    ticket:release()
  end
  if not ok then
    error(explained((...), own.what, done or not own.is_ours, err), 0)
  elseif raised then
    error(raised[1], 0)
  end
  return own.is_ours and (done or err) or nil, ...
end

--- Calls fn(own), and own.undo(client) after it unless fn has set own.is_ours to
--- false.  An error in fn goes on as it was raised.
---@param client daytona.Client
---@param own { what: string, undo: (fun(client: daytona.Client): boolean?, daytona.Error?) } undo: may be called twice, and when there is nothing to undo; has_raised: fn did
---@param fn fun(own: table): ...
---@return boolean|daytona.Error|nil undone true, or why it was not; nil: fn kept it
---@return ... what fn gave
function cleanup.guard(client, own, fn)
  own.is_ours = true
  local keep = client.host.keep
  local ticket = keep and keep(client, own)
  return finish(client, own, ticket, protect.pcall(fn, own))
end

--- Sends the row, and notes what it has made.  It is not broken off by cancelling,
--- for its answer alone says that.
local function make(sandbox, client, operation, params, deadline, own)
  if cleanup.is_cancelled(client) then
    return nil, error_object.cancelled(operation)
  end
  local value
  local ok, err = toolbox.locate(sandbox, operation, deadline)
  if ok then
    own.id = own.own_id
    local view = cleanup.deferring(client, own)
    value, err = cleanup.shielded(client, call.run, view, operation, params, sandbox, deadline)
    own.is_made, own.request = value ~= nil, nil
    own.id = value and (own.own_id or own.given_id or value.id) or err and err.outcome == "unknown" and own.id or nil
  end
  if own.raised then
    error(own.raised[1], 0)
  elseif value and cleanup.is_cancelled(client) then
    return nil, error_object.cancelled(operation)
  end
  own.is_ours = value == nil
  return value, err
end

--- Runs a row that makes something in a sandbox; it is removed unless the caller
--- gets it.
---@param sandbox daytona.Sandbox
---@param operation string
---@param params table checked
---@param deadline number?
---@param own { what: string, removal: string, key: string, own_id: string?, given_id: string? } removal: the row that removes it, whose parameter `key` is its id: one that nobody else has, one that somebody gave, or else in the answer
---@return any? value
---@return daytona.Error? err
function cleanup.make(sandbox, operation, params, deadline, own)
  local client = core.sandbox_owner(sandbox)
  function own.undo(by)
    local late = cleanup.answer(by, own)
    own.id = own.id or late and (own.given_id or late.id)
    own.is_made = own.is_made or late ~= nil
    if not own.id then
      return true
    end
    return cleanup.remove(by, sandbox, own.removal, { [own.key] = own.id }, not own.is_made)
  end
  local undone, value, err = cleanup.guard(client, own, function()
    return make(sandbox, client, operation, params, deadline, own)
  end)
  return value, cleanup.complete(err, own.what .. " was not removed", undone)
end

return cleanup
