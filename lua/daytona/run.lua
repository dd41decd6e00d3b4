--- Commands as people mean them: process:run and process:start.

local call = require "daytona.call"
local core = require "daytona.core"
local job = require "daytona.job"
local protect = require "daytona.protect"
local session = require "daytona.session"
local shell = require "daytona.shell"
local stream = require "daytona.stream"

local LARGE = 64 * 1024 -- bytes of standard input that go by a file

---@class daytona.Process
local Process = {}

local run = { process = Process }

--- Seconds until the deadline as the options of a call want them.
local function left(deadline)
  return deadline and math.max(deadline - core.now(), 0.001) or nil
end

local function check_stdin(operation, stdin, may_stay_open)
  if stdin ~= nil and type(stdin) ~= "string" and not (may_stay_open and stdin == true) then
    core.misuse(("%s: field 'stdin': string%s expected, got %s"):format(operation,
      may_stay_open and " or true" or "", type(stdin)))
  end
end

--- Puts a large standard input into a file, which the command's shell removes.
local function upload_stdin(self, id, stdin, params, deadline)
  local path = ("/tmp/%s.stdin"):format(id)
  local ok, err = self._sandbox.fs:upload_file({ content = stdin }, path, {
    timeout = left(deadline), max_retries = params.max_retries,
  })
  return ok and path, err
end

--- Starts a command in a session of its own.  What was made of it is ended when
--- this fails.
local function start(self, operation, command, params, deadline)
  local id = session.unique_id "run"
  local stdin = params.stdin
  local is_large = type(stdin) == "string" and #stdin > LARGE
  local text = shell.script(operation, command, {
    cwd = params.cwd, env = params.env, stdin = not is_large and stdin or nil,
  })
  core.check("session.exec", { session_id = id, command = text }) -- what JSON cannot say
  local stdin_file, err
  if is_large then
    stdin_file, err = upload_stdin(self, id, stdin, params, deadline)
    if not stdin_file then
      err.operation = operation
      return nil, err
    end
    text = shell.script(operation, command, { cwd = params.cwd, env = params.env, stdin_file = stdin_file })
  end
  local home
  home, err = self:create_session(id, { timeout = left(deadline), max_retries = params.max_retries })
  local started
  if home then
    started, err = home:exec(text, {
      async = true, suppress_input_echo = true, timeout = left(deadline), max_retries = params.max_retries,
    })
  end
  local handle = job.new(self._sandbox, id, started and started.id or "-")
  if not started then
    if home or err.outcome == "unknown" then
      handle:_clean_up()
    end
    if stdin_file then
      self._sandbox.fs:delete_file(stdin_file)
    end
    err.operation = operation
    return nil, err
  end
  return handle
end

--- Completes the error of a command that was ended with its call.
local function complete(err, params, started)
  err.elapsed = core.now() - started
  if err.kind == "timeout" and params.timeout and err.elapsed >= params.timeout then
    err.message = ("the command did not end within %g s and was killed"):format(params.timeout)
  end
  return err
end

--- Runs a command and waits for its end.
---
--- A string is shell text; a list is one program with its arguments, which no
--- shell looks at.  The command and all it started are ended when the time is
--- over, when the call is cancelled, and when a callback raises an error.
---@param command string|string[]
---@param options { cwd: string?, env: table<string, string>?, stdin: string?, on_stdout: fun(chunk: string)?, on_stderr: fun(chunk: string)?, utf8: boolean?, check: boolean?, max_output: integer?, timeout: number?, max_retries: integer? }? check: an exit code other than 0 is an error of kind "exit"; max_output: bytes of each stream to keep, 64 MiB; timeout: none by default
---@return daytona.Result? result
---@return daytona.Error? err has as `result` what was printed until then
function Process:run(command, options)
  local operation = "process.run"
  local params = call.params(operation, options, {})
  core.check(operation, params)
  check_stdin(operation, params.stdin)
  stream.callbacks(operation, params)
  local started, deadline = core.now(), call.deadline(params.timeout)
  local handle, err = start(self, operation, command, params, deadline)
  if not handle then
    return nil, err
  end
  local ok, result, problem = protect.pcall(handle._finish, handle, operation, params, deadline)
  local ended, trouble = handle:_clean_up()
  if not ok then
    error(result, 0)
  elseif not result then
    complete(problem, params, started)
    if not ended and problem.kind ~= "state" then
      problem.message = ("%s; it was not ended: %s"):format(problem.message, trouble.message)
    end
    return nil, problem
  elseif not ended then
    trouble.operation, trouble.result = operation, result
    return nil, trouble
  end
  return result
end

--- Starts a command and comes back at once, with a handle that lives as long as
--- the command: it can wait, read, write, kill, and be written down.
---@param command string|string[] as in process:run
---@param options { cwd: string?, env: table<string, string>?, stdin: string|true|nil, timeout: number?, max_retries: integer? }? stdin: true: it stays open for job:input; timeout: of the start
---@return daytona.Job? job
---@return daytona.Error? err
function Process:start(command, options)
  local operation = "process.start"
  local params = call.params(operation, options, {})
  core.check(operation, params)
  check_stdin(operation, params.stdin, true)
  local seconds = params.timeout or core.sandbox_owner(self._sandbox).timeout
  return start(self, operation, command, params, call.deadline(seconds))
end

--- The handle of a command that was started before, from job:to_table.  Asks
--- nobody.
---@param what { session_id: string, command_id: string }
---@return daytona.Job
function Process:attach(what)
  if type(what) ~= "table" then
    core.misuse(("process.attach: table expected, got %s"):format(type(what)))
  end
  core.check("command.status", { session_id = what.session_id, command_id = what.command_id })
  return job.new(self._sandbox, what.session_id, what.command_id)
end

return run
