--- Terminals in a sandbox: what sandbox.process does with them.

local call = require "daytona.call.call"
local cleanup = require "daytona.call.cleanup"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local pty = require "daytona.terminal.connection"
local redaction = require "daytona.call.redaction"
local toolbox = require "daytona.call.toolbox"
local unique_name = require "daytona.text.unique_name"

---@class daytona.Process
local Process = {}

local ptys = { process = Process }

--- Whether the server does not know how to create and connect at once.
local function is_older(err)
  return err.status == 404 or err.status == 400 or err.status == 405
end

--- A terminal before it is made.  One whose id came from somebody else may be
--- theirs, until the server has said that it is new.
local function belonging(sandbox, id, is_new)
  local own = { what = "the terminal", is_new = is_new }
  function own.undo(client)
    if not own.is_new then
      return true
    end
    return cleanup.remove(client, sandbox, "process.kill_pty_session", { session_id = id }, not own.is_made)
  end
  return own
end

--- Makes it and connects to it, in one step or, on older servers, in two.  There its
--- shell starts with the connection, for what it prints before nobody would get.
local function create(sandbox, id, own, params, deadline)
  local retries, cols, rows = params.max_retries, params.cols or 80, params.rows or 24
  local handle, err = pty.connect(sandbox, "process.create_pty", id, {
    id = id, cols = cols, rows = rows, cwd = params.cwd, subprotocols = pty.offers(params.env),
  }, deadline, retries, own)
  if handle or not is_older(err) then
    return handle, err
  end
  local created
  created, err = cleanup.shielded(core.sandbox_owner(sandbox), toolbox.run, sandbox, "process.create_pty_session",
    { id = id, cols = cols, rows = rows, cwd = params.cwd, env = params.env, lazy_start = true, max_retries = retries },
    deadline)
  if created then
    own.is_new, own.is_made = true, true
    handle, err = pty.connect(sandbox, "process.connect_pty", id, { session_id = id, subprotocols = pty.offers() },
      deadline, retries)
  end
  if not handle then
    err.operation = "process.create_pty"
  end
  return handle, err
end

--- Makes a terminal with a shell in it and connects to it.
---@param id string? its name; default one that no other has
---@param options { cols: integer?, rows: integer?, cwd: string?, env: table<string, string>?, timeout: number?, max_retries: integer? }? cols, rows: 80 and 24; timeout: 60 s
---@return daytona.Pty? pty
---@return daytona.Error? err of kind "conflict" if there is one with that id
function Process:create_pty(id, options)
  local operation = "process.create_pty"
  local is_new = id == nil
  id = is_new and unique_name "pty" or id
  local params = call.params(operation, options, { id = id })
  core.check(operation, params)
  local sandbox = self._sandbox
  local client = core.sandbox_owner(sandbox)
  local deadline = deadlines.of(params, client.timeout)
  local undone, handle, err = cleanup.guard(client, belonging(sandbox, id, is_new), function(own)
    local made, problem = create(sandbox, id, own, params, deadline)
    -- What was refused was not made.
    own.is_ours = not made and (own.is_made or problem.outcome == "unknown" or problem.kind == "cancelled")
    if problem then
      redaction.apply(problem, operation, params)
    end
    return made, problem
  end)
  return handle, cleanup.complete(err, "it was not ended", undone)
end

--- Makes a terminal without connecting to it.
---@param id string? its name; default one that no other has
---@param options { cols: integer?, rows: integer?, cwd: string?, env: table<string, string>?, lazy_start: boolean?, timeout: number?, max_retries: integer? }? lazy_start: its shell starts with the first connection
---@return string? id
---@return daytona.Error? err
function Process:create_pty_session(id, options)
  local operation, own_id = "process.create_pty_session", id == nil and unique_name "pty" or nil
  local params = call.params(operation, options, { id = own_id or id })
  core.check(operation, params)
  local created, err = cleanup.make(self._sandbox, operation, params, toolbox.deadline(self._sandbox, params), {
    what = "the terminal", removal = "process.kill_pty_session", key = "session_id", own_id = own_id, given_id = id,
  })
  if not created then
    return nil, err
  end
  return created.session_id
end

--- Connects to a terminal that is there; several may be connected.  Output from
--- before is not repeated.
---@param id string
---@param options { timeout: number?, max_retries: integer? }? timeout: 60 s
---@return daytona.Pty? pty
---@return daytona.Error? err of kind "not_found" if there is none, or its shell has ended
function Process:connect_pty(id, options)
  local operation = "process.connect_pty"
  local params = call.params(operation, options, { session_id = id })
  params.subprotocols = pty.offers()
  core.check(operation, params)
  return pty.connect(self._sandbox, operation, id, params, toolbox.deadline(self._sandbox, params), params.max_retries)
end

return ptys
