--- Commands that were started: handles that can be written down and found again.

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local command = require "daytona.process.command"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local ending = require "daytona.process.ending"
local error_object = require "daytona.call.error"
local input_end = require "daytona.process.input_end"
local mark = require "daytona.process.end_mark"
local output = require "daytona.process.output"
local stream = require "daytona.process.stream"

local KILL = 30 -- seconds that kill may take by default
local KEPT = 64 * 1024 -- bytes of each stream that are not read again

local SIGNALS = {
  "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1",
  "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP",
  "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR",
  "SIGSYS",
}

---@class daytona.Job
---@field session_id string
---@field command_id string
local Job = {}
local metatable = {
  __index = Job,
  __name = "daytona.job",
  __tostring = function(job)
    return core.printable(("daytona.job (%s)"):format(job.session_id))
  end,
}

local job = {}

---@param sandbox daytona.Sandbox
---@param session_id string
---@param command_id string
---@param exit_code integer? where it is known
---@return daytona.Job
function job.new(sandbox, session_id, command_id, exit_code)
  return setmetatable({
    session_id = session_id, command_id = command_id, _sandbox = sandbox, _exit_code = exit_code,
    _command = command.new(sandbox, session_id, { id = command_id }),
  }, metatable)
end

---@class daytona.Result
---@field exit_code integer
---@field signal string?    like "SIGKILL": what ended it, as shells tell by an exit code above 128
---@field stdout string
---@field stderr string
---@field truncated boolean true: there was more than max_output

--- Makes a result of what was kept.
---@param kept table of daytona.output
---@param exit_code integer?
---@return daytona.Result
function job.result(kept, exit_code)
  local result = kept:result()
  result.exit_code = exit_code
  result.signal = exit_code and exit_code > 128 and SIGNALS[exit_code - 128] or nil
  return result
end

--- The error of a command that did not succeed, where that was asked for.
local function unsuccessful(operation, result, sandbox, started)
  local last = result.stderr:match "([^\n]+)%s*$"
  return error_object.new {
    kind = "exit", operation = operation, sandbox_id = sandbox.id, elapsed = core.now() - started,
    message = ("the command ended with exit code %d%s"):format(result.exit_code,
      last and ": " .. last:sub(1, 200) or ""),
    result = result,
  }
end

--- The result, or the error that it is by the options.
---@param operation string
---@param params table
---@param result daytona.Result
---@param sandbox daytona.Sandbox
---@param started number
---@return daytona.Result? result
---@return daytona.Error? err
function job.judge(operation, params, result, sandbox, started)
  if params.check and result.exit_code ~= 0 then
    return nil, unsuccessful(operation, result, sandbox, started)
  end
  return result
end

--- Reads everything to the end.
---@param operation string
---@param params table checked options
---@param deadline number?
---@param ahead userdata? from websocket.ahead
---@param just_begun number? see follow.lua
---@return daytona.Result? result
---@return daytona.Error? err with what was read until then as `result`
function Job:_finish(operation, params, deadline, ahead, just_begun)
  local callbacks = stream.callbacks(params)
  local kept, started = output.new(params.max_output), core.now()
  local following = stream.new(self._command, {
    utf8 = params.utf8, max_retries = params.max_retries, quiet = next(callbacks) == nil,
    timeout = deadlines.left(deadline), exit_code = self._exit_code,
    ahead = ahead, keep_awake = params.keep_awake, just_begun = just_begun,
  })
  self:_remember(following)
  local exit_code, err = following:deliver(callbacks, kept)
  if not exit_code then
    err.operation, err.result = operation, job.result(kept, exit_code)
    return nil, err
  end
  return job.judge(operation, params, job.result(kept, exit_code), self._sandbox, started)
end

--- Has what a stream reads remembered, so that it need not be read again.
function Job:_remember(following)
  following:keep(KEPT, function(kept, exit_code)
    self._exit_code, self._kept = exit_code, kept or self._kept
  end)
end

--- The result from what was read before.
local function recall(self, operation, params)
  local callbacks, kept, started = stream.callbacks(params), output.new(params.max_output), core.now()
  local read = self._kept:result()
  for _, name in ipairs { "stdout", "stderr" } do
    kept:add(name, read[name])
    if callbacks[name] and read[name] ~= "" then
      callbacks[name](read[name])
    end
  end
  return job.judge(operation, params, job.result(kept, self._exit_code), self._sandbox, started)
end

--- Waits for the end of the command and gives all that it printed, from its
--- beginning.  The command and what is known of it stay until `kill`.
---@param options { on_stdout: fun(chunk: string)?, on_stderr: fun(chunk: string)?, utf8: boolean?, check: boolean?, max_output: integer?, keep_awake: boolean?, timeout: number?, max_retries: integer? }? keep_awake: the sandbox does not stop by itself meanwhile; timeout: seconds to wait, none by default; the command runs on
---@return daytona.Result? result
---@return daytona.Error? err
function Job:wait(options)
  local params = call.params("job.wait", options, {})
  core.check("job.wait", params)
  if self._kept then
    return recall(self, "job.wait", params)
  end
  return self:_finish("job.wait", params, deadlines.after(params.timeout))
end

--- Ends the command and everything it started, and forgets what is known of it.
--- One that is gone already is ended.
---@param options { timeout: number?, max_retries: integer? }? timeout: 30 s
---@return boolean? ok
---@return daytona.Error? err
function Job:kill(options)
  local params = call.params("process.delete_session", options, { session_id = self.session_id })
  core.check("process.delete_session", params)
  return ending.session(self._sandbox, params, self.session_id, params.timeout or KILL)
end

--- What the command has printed, from its beginning or since a cursor.
---@param cursor string? what an earlier call gave
---@param options { max_output: integer?, timeout: number?, max_retries: integer? }? max_output: bytes to read at most, 64 MiB
---@return { stdout: string, stderr: string, cursor: string, truncated: boolean, exit_code: integer? }? logs truncated: max_output ended it; exit_code: the command had ended before this was read
---@return daytona.Error? err
function Job:logs(cursor, options)
  local params = call.params("command.logs", options, { cursor = cursor })
  local ok, err = self._command:status { timeout = params.timeout, max_retries = params.max_retries }
  if not ok then
    return nil, err
  end
  local logs
  logs, err = self._command:logs(params)
  if not logs then
    return nil, err
  end
  logs.exit_code = self._command.exit_code
  return logs
end

--- Follows what the command prints; see command:follow.
---@param options { on_stdout: fun(chunk: string)?, on_stderr: fun(chunk: string)?, utf8: boolean?, cursor: string?, keep_awake: boolean?, timeout: number?, max_retries: integer? }?
---@return daytona.Stream|integer|nil stream with a callback: the exit code
---@return daytona.Error? err
---@return nil
---@return daytona.Stream? closing
function Job:follow(options)
  return command.follow(self._command, options, function(following)
    self:_remember(following)
  end)
end

--- Writes to the standard input of a command that was started with
--- `stdin = true`; see command:input.
---@param data string
---@param options { timeout: number?, max_retries: integer? }?
---@return boolean? ok
---@return daytona.Error? err
function Job:input(data, options)
  if self._is_input_closed then
    call.params("command.input", options, { data = data })
    return nil, error_object.new {
      kind = "gone", operation = "command.input", sandbox_id = self._sandbox.id, outcome = "failed", retryable = false,
      message = "the standard input was closed",
    }
  end
  return self._command:input(data, options)
end

--- Ends the standard input of a command that was started with `stdin = true`: it reads
--- what was sent before, then the end of its input.  One that has ended, or has no
--- open input any more, is no error.
---@param options { timeout: number?, max_retries: integer? }?
---@return boolean? ok
---@return daytona.Error? err
function Job:close_stdin(options)
  if not mark.of(self.session_id) then
    core.misuse "job.close_stdin: a job of process:start expected"
  end
  local ok, err = self._command:input(input_end.line(self.session_id), options)
  if not ok and err.kind ~= "gone" then
    err.operation = "job.close_stdin"
    return nil, err
  end
  self._is_input_closed = true
  return true
end

--- The handle as a plain table: process:attach makes a handle of it again, in
--- another program, too.
---@return { session_id: string, command_id: string }
function Job:to_table()
  return { session_id = self.session_id, command_id = self.command_id }
end

class.define("job", Job, metatable)

return job
