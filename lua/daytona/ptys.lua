--- Terminals in a sandbox: what sandbox.process does with them.

local call = require "daytona.call"
local core = require "daytona.core"
local pty = require "daytona.pty"
local session = require "daytona.session"

---@class daytona.Process
local Process = {}

local ptys = { process = Process }

--- Ends a terminal that nobody else knows of, also in a cancelled task.
local function abandon(sandbox, id)
  local shield = core.sandbox_owner(sandbox).host.shield
  if shield then
    shield(sandbox._ask, sandbox, "process.kill_pty_session", nil, { session_id = id })
  else
    sandbox:_ask("process.kill_pty_session", nil, { session_id = id })
  end
end

--- Whether the server does not know how to create and connect at once.
local function is_older(err)
  return err.status == 404 or err.status == 400 or err.status == 405
end

--- Makes a terminal with a shell in it and connects to it.
---@param id string? its name; default one that no other has
---@param options { cols: integer?, rows: integer?, cwd: string?, env: table<string, string>?, timeout: number?, max_retries: integer? }? cols, rows: 80 and 24; timeout: 60 s
---@return daytona.Pty? pty
---@return daytona.Error? err of kind "conflict" if there is one with that id
function Process:create_pty(id, options)
  local operation = "process.create_pty"
  local is_ours = id == nil
  id = is_ours and session.unique_id "pty" or id
  local params = call.params(operation, options, { id = id })
  core.check(operation, params)
  local sandbox, env, retries = self._sandbox, params.env, params.max_retries
  local deadline = call.deadline(params.timeout or core.sandbox_owner(sandbox).timeout)
  local handle, err = pty.connect(sandbox, operation, id, {
    id = id, cols = params.cols or 80, rows = params.rows or 24, cwd = params.cwd, subprotocols = pty.offers(env),
  }, deadline, retries)
  if handle or not is_older(err) then
    if err and is_ours and err.outcome == "unknown" then
      abandon(sandbox, id)
    end
    return handle, err
  end
  local created
  created, err = sandbox:_toolbox("process.create_pty_session", {
    id = id, cols = params.cols or 80, rows = params.rows or 24, cwd = params.cwd, env = env, max_retries = retries,
  }, deadline)
  if not created then
    return nil, err
  end
  handle, err = pty.connect(sandbox, "process.connect_pty", id, { session_id = id, subprotocols = pty.offers() },
    deadline, retries)
  if not handle then
    abandon(sandbox, id)
  end
  return handle, err
end

--- Makes a terminal without connecting to it.
---@param id string? its name; default one that no other has
---@param options { cols: integer?, rows: integer?, cwd: string?, env: table<string, string>?, lazy_start: boolean?, timeout: number?, max_retries: integer? }? lazy_start: its shell starts with the first connection
---@return string? id
---@return daytona.Error? err
function Process:create_pty_session(id, options)
  local created, err = self._sandbox:_ask("process.create_pty_session", options,
    { id = id == nil and session.unique_id "pty" or id })
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
  return pty.connect(self._sandbox, operation, id, params,
    call.deadline(params.timeout or core.sandbox_owner(self._sandbox).timeout), params.max_retries)
end

--- Lists the terminals whose shells run.
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.pty_info[]? terminals
---@return daytona.Error? err
function Process:list_pty_sessions(options)
  local answer, err = self._sandbox:_ask("process.list_pty_sessions", options, {})
  if not answer then
    return nil, err
  end
  return answer.sessions
end

--- Reads what is known of a terminal.
---@param id string
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.pty_info? info
---@return daytona.Error? err
function Process:get_pty_session_info(id, options)
  return self._sandbox:_ask("process.get_pty_session_info", options, { session_id = id })
end

--- Changes the size of a terminal.
---@param id string
---@param cols integer 1 to 1000
---@param rows integer 1 to 1000
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.pty_info? info
---@return daytona.Error? err
function Process:resize_pty_session(id, cols, rows, options)
  return self._sandbox:_ask("process.resize_pty_session", options, { session_id = id, cols = cols, rows = rows })
end

--- Ends the shell of a terminal and everything it started.
---@param id string
---@param options { timeout: number?, max_retries: integer? }?
---@return boolean? ok
---@return daytona.Error? err
function Process:kill_pty_session(id, options)
  return self._sandbox:_ask("process.kill_pty_session", options, { session_id = id })
end

return ptys
