--- Ending a command with everything that it started.
---
--- Deleting its session ends the processes of the shell's group.  What has left the
--- group since is found by a variable that all processes of a run inherit.

local cleanup = require "daytona.call.cleanup"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local detached = require "daytona.call.detached"
local input_end = require "daytona.process.input_end"
local mark = require "daytona.process.end_mark"
local toolbox = require "daytona.call.toolbox"

local ending = {}

local VARIABLE = "DAYTONA_RUN_ID"
local GRACE = 2 -- seconds between SIGTERM and SIGKILL

--- Shell text that marks what comes after it.
---@param session_id string
---@return string
function ending.export(session_id)
  return ("export %s=%s"):format(VARIABLE, session_id)
end

--- Shell text that ends all processes that are marked: those that do not take
--- SIGTERM after a while by SIGKILL, and those that were started meanwhile.  A pipe
--- that was never opened goes with them.
local function sweep(session_id)
  return ([[m=%s=%s; n=0
marked() { p=$(grep -lF "$m" /proc/[0-9]*/environ 2>/dev/null | tr -dc '0-9\n'); [ -n "$p" ]; }
marked && kill -TERM $p 2>/dev/null
while [ $n -lt %d ] && marked; do n=$((n+1)); sleep 0.05 || sleep 1; done
n=0; while [ $n -lt 20 ] && marked; do n=$((n+1)); kill -KILL $p 2>/dev/null; sleep 0.02; done; rm -f %s]])
    :format(VARIABLE, session_id, GRACE / 0.05, input_end.pipe(session_id))
end

--- Ends everything of a session.  One that is gone already is ended.
---@param sandbox daytona.Sandbox
---@param params table common options
---@param session_id string
---@param seconds number that it may take
---@return boolean? ok
---@return daytona.Error? err
function ending.session(sandbox, params, session_id, seconds)
  local deadline = deadlines.after(seconds)
  local found, problem = toolbox.locate(sandbox, "process.delete_session", deadline)
  if not found then
    return nil, problem
  end
  local sweeping
  if mark.of(session_id) then
    sweeping = detached.begin(sandbox, "process.exec",
      { command = sweep(session_id), timeout = math.max(math.floor(seconds), 1) }, seconds)
  end
  params.session_id = session_id
  local ok, err = toolbox.run(sandbox, "process.delete_session", params, deadline)
  local host = core.sandbox_owner(sandbox).host
  while sweeping and not sweeping:is_done() do
    if host.cancelled and host.cancelled() then
      sweeping:cancel()
      break
    end
    host.wait(sweeping.request)
  end
  if sweeping and sweeping:is_done() then
    sweeping:result() -- the deletion tells whether it worked
  end
  if not ok and err.kind ~= "not_found" then
    return nil, err
  end
  return true
end

--- The same in a task that was cancelled, too; what could not be done in time goes on
--- without the caller.
---@param sandbox daytona.Sandbox
---@param session_id string
---@param seconds number
---@return boolean? ok
---@return daytona.Error? err
function ending.always(sandbox, session_id, seconds)
  local client = core.sandbox_owner(sandbox)
  local ok, err = cleanup.shielded(client, ending.session, sandbox, {}, session_id, seconds)
  local _, located = core.sandbox_owner(sandbox)
  if not ok and located and require("daytona.call.poll").is_transient(err) then
    detached.leave(sandbox, "process.delete_session", { session_id = session_id })
  end
  return ok, err
end

return ending
