--- Commands and code in a sandbox: sandbox.process.

local call = require "daytona.call"
local class = require "daytona.class"
local core = require "daytona.core"
local sandbox_module = require "daytona.sandbox"

-- The server enforces the timeout of a command; the answer may take this much
-- longer.
local GRACE = 5 -- seconds

---@class daytona.Process
local Process = {}
local metatable = { __index = Process, __name = "daytona.process" }

-- What lives on after the call is loaded with its first use.
local LATER = {
  attach = "daytona.run",
  connect_pty = "daytona.ptys",
  create_pty = "daytona.ptys",
  create_pty_session = "daytona.ptys",
  create_session = "daytona.session",
  delete_session = "daytona.session",
  get_entrypoint_session = "daytona.session",
  get_pty_session_info = "daytona.ptys",
  get_session = "daytona.session",
  kill_pty_session = "daytona.ptys",
  list_pty_sessions = "daytona.ptys",
  list_sessions = "daytona.session",
  resize_pty_session = "daytona.ptys",
  run = "daytona.run",
  start = "daytona.run",
}

local process = {}

---@param sandbox daytona.Sandbox
---@return daytona.Process
function process.new(sandbox)
  return setmetatable({ _sandbox = sandbox }, metatable)
end

--- Runs a row whose timeout is the server's: nil or 0 is no limit.
local function run(sandbox, operation, params)
  local deadline = call.deadline(params.timeout, GRACE)
  local result, err = sandbox_module.toolbox(sandbox, operation, params, deadline)
  if not result then
    return nil, err
  end
  -- Old servers say "code"; without either nobody knows.
  if result.code or not result.exit_code then
    result.exit_code = result.exit_code or result.code or -1
    result.code = nil
  end
  result.result = result.result or ""
  return result
end

--- Runs a shell command and waits for its end.
---@param command string
---@param options { cwd: string?, env: table<string, string>?, timeout: integer?, max_retries: integer? }? timeout: whole seconds, then the server kills the command; none: no limit
---@return { exit_code: integer, result: string }? result standard output and error, combined
---@return daytona.Error? err
function Process:exec(command, options)
  -- The nil makes room for an option that most calls have.
  local params = call.params("process.exec", options, { command = command, timeout = nil })
  return run(self._sandbox, "process.exec", params)
end

--- The labels of the sandbox, read first where the handle has none.
local function known_labels(sandbox)
  if not sandbox.labels then
    local ok, err = sandbox:_refresh(call.deadline(core.sandbox_owner(sandbox).timeout))
    if not ok then
      return nil, err
    end
  end
  return sandbox.labels or {}
end

--- Runs a program; the result has what the server calls artifacts.
---@param sandbox daytona.Sandbox
---@param code string
---@param options table? of process:code_run
---@return { exit_code: integer, result: string, artifacts: table? }? result
---@return daytona.Error? err
function process.run_code(sandbox, code, options)
  local params = call.params("process.code_run", options, { code = code })
  local given = params.language
  params.language = given or "python"
  core.check("process.code_run", params)
  if given == nil then
    local labels, err = known_labels(sandbox)
    if not labels then
      return nil, err
    end
    params.language = labels[sandbox_module.language_label] or "python"
  end
  sandbox_module.check_language("process.code_run", params.language)
  return run(sandbox, "process.code_run", params)
end

--- Runs a program in the sandbox's language (or another) and waits for its end.
---@param code string
---@param options { language: string?, argv: string[]?, env: table<string, string>?, timeout: integer?, max_retries: integer? }? timeout: whole seconds, then the server kills the program; none: no limit
---@return { exit_code: integer, result: string, charts: table[] }? result charts: what matplotlib showed
---@return daytona.Error? err
function Process:code_run(code, options)
  local result, err = process.run_code(self._sandbox, code, options)
  if not result then
    return nil, err
  end
  result.charts = result.artifacts and result.artifacts.charts or {}
  result.artifacts = nil
  return result
end

class.define("sandbox.process", Process, class.with "_sandbox", function(name)
  return require(LATER[name]).process[name]
end)

return process
