--- Commands and code in a sandbox: sandbox.process.

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local LANGUAGE = require "daytona.sandbox.language"
local toolbox = require "daytona.call.toolbox"

-- The server enforces the timeout of a command; the answer may take this much
-- longer.
local GRACE = 5 -- seconds

---@class daytona.Process
local Process = {}
local metatable = { __index = Process, __name = "daytona.process" }

-- What lives on after the call is loaded with its first use.
local LATER = {
  attach = "daytona.process.run",
  connect_pty = "daytona.terminal.list",
  create_pty = "daytona.terminal.list",
  create_pty_session = "daytona.terminal.list",
  create_session = "daytona.process.session",
  get_entrypoint_session = "daytona.process.session",
  get_session = "daytona.process.session",
  list_sessions = "daytona.process.session",
  run = "daytona.process.run",
  start = "daytona.process.run",
}

local process = {}

---@param sandbox daytona.Sandbox
---@return daytona.Process
function process.new(sandbox)
  return setmetatable({ _sandbox = sandbox }, metatable)
end

--- Runs a row whose timeout is the server's: nil or 0 is no limit.
local function run(sandbox, operation, params)
  local deadline = deadlines.after(params.timeout, GRACE)
  local manner = params.keep_awake and require("daytona.call.keep_awake").manner(sandbox) or nil
  local result, err = toolbox.run(sandbox, operation, params, deadline, manner)
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
---@param options { cwd: string?, env: table<string, string>?, keep_awake: boolean?, timeout: integer?, max_retries: integer? }? keep_awake: the sandbox does not stop by itself meanwhile; timeout: whole seconds, then the server kills the command; none: no limit
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
    local ok, err = toolbox.refresh(sandbox, toolbox.deadline(sandbox))
    if not ok then
      return nil, err
    end
  end
  return sandbox.labels or {}
end

local PROBES = {
  python = "import sys; print(sys.argv[1])",
  javascript = "console.log(process.argv[process.argv.length - 1])",
}
PROBES.typescript = PROBES.javascript

--- The arguments as they have to be sent.  Older servers hand them to a shell as they
--- stand: whether this one does is asked where it makes a difference.
local function safe_arguments(sandbox, params)
  local is_plain = true
  for _, item in ipairs(params.argv) do
    is_plain = is_plain and item:find "^[%w._/=:,@%%+%-]+$" ~= nil
  end
  if is_plain then
    return params.argv
  end
  local client = core.sandbox_owner(sandbox)
  client._argv_shells = client._argv_shells or {}
  local id = sandbox.id
  if client._argv_shells[id] == nil then
    local said, err = run(sandbox, "process.code_run", {
      code = PROBES[params.language], language = params.language, argv = { "'a b'" }, timeout = params.timeout,
      max_retries = params.max_retries,
    })
    if not said then
      return nil, err
    elseif said.exit_code ~= 0 then
      return nil, nil, said -- what is to run it does not
    end
    client._argv_shells[id] = said.result:find("'a b'", 1, true) == nil
  end
  if not client._argv_shells[id] then
    return params.argv
  end
  local quoted = {}
  for index, item in ipairs(params.argv) do
    quoted[index] = require("daytona.process.shell").quote(item)
  end
  return quoted
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
    params.language = labels[LANGUAGE] or "python"
    core.check("process.code_run", params) -- anybody may have written the label
  end
  if params.argv then
    local argv, err, failed = safe_arguments(sandbox, params)
    if not argv then
      return failed, err
    end
    params.argv = argv
  end
  return run(sandbox, "process.code_run", params)
end

--- Runs a program in the sandbox's language (or another) and waits for its end.
---@param code string
---@param options { language: string?, argv: string[]?, env: table<string, string>?, keep_awake: boolean?, timeout: integer?, max_retries: integer? }? keep_awake: the sandbox does not stop by itself meanwhile; timeout: whole seconds, then the server kills the program; none: no limit
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

class.define("sandbox.process", Process, metatable, function(name)
  return LATER[name] and require(LATER[name]).process[name]
end)

return process
