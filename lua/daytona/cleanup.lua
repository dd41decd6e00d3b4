--- What a call makes is its own from the moment it may exist until it is handed
--- over: whatever ends the call before, an error of a hook or a callback, Ctrl-C,
--- a cancelled task, the end of the host, takes it along.

local poll = require "daytona.poll"
local protect = require "daytona.protect"

local cleanup = {}

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
  return setmetatable({ host = host or client.host, _watch = false }, { __index = client })
end

--- The client for a call that makes something: what on_response raises is kept as
--- `own.raised` until the answer, which says what was made, is there.
---@param client daytona.Client
---@param own table
---@return daytona.Client
function cleanup.deferring(client, own)
  local watch = client._watch
  if not watch then
    return client
  end
  local patient = {}
  function patient.result(_, trace, err)
    local ok, problem = protect.pcall(watch.result, watch, trace, err)
    if not ok and err then
      error(problem, 0)
    elseif not ok then
      own.raised = own.raised or { problem }
    end
  end
  return setmetatable({ _watch = setmetatable(patient, { __index = watch }) }, { __index = client })
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

local function finish(client, own, ticket, ok, ...)
  local done, err, raised
  own.has_raised = not ok
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

return cleanup
