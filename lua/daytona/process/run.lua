--- Commands as people mean them: process:run and process:start.

local call = require "daytona.call.call"
local cleanup = require "daytona.call.cleanup"
local command_module = require "daytona.process.command"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local decimal = require "daytona.text.decimal"
local detached = require "daytona.call.detached"
local ending = require "daytona.process.ending"
local error_object = require "daytona.call.error"
local held = require "daytona.process.held"
local input_end = require "daytona.process.input_end"
local job = require "daytona.process.job"
local mark = require "daytona.process.end_mark"
local output = require "daytona.process.output"
local poll = require "daytona.call.poll"
local redaction = require "daytona.call.redaction"
local session = require "daytona.process.session"
local shell = require "daytona.process.shell"
local toolbox = require "daytona.call.toolbox"
local unique_name = require "daytona.text.unique_name"
local websocket = require "daytona.call.websocket"

local LARGE = 64 * 1024 -- bytes of standard input that go by a file
local NEAR = 0.025 -- seconds: a round trip that is not worth saving
local HELD_OPEN = 1 -- seconds that the answer to a command is waited for
local FIND, FAREWELL = 10, 2 -- seconds to find a command whose start was not answered; the same at the deadline
local CLEAN_UP = 5 -- seconds to end what is left when the call's own time is over
local REPLACED = "\239\191\189" -- U+FFFD, for what JSON could not say

---@class daytona.Process
local Process = {}

local run = { process = Process }

local function check_stdin(operation, stdin, may_stay_open)
  if stdin ~= nil and type(stdin) ~= "string" and not (may_stay_open and stdin == true) then
    core.misuse(("%s: field 'stdin': string%s expected, got %s"):format(operation,
      may_stay_open and " or true" or "", type(stdin)))
  end
end

--- What is to be run, with all that was checked.  Nothing is sent.
local function prepare(self, operation, command, params, deadline)
  local id, stdin = unique_name "run", params.stdin
  local is_large = type(stdin) == "string" and #stdin > LARGE
  local stdin_file = is_large and ("/tmp/%s.stdin"):format(id) or nil
  local text = shell.script(operation, command, {
    cwd = params.cwd, env = params.env, stdin = not is_large and stdin ~= true and stdin or nil,
    stdin_file = stdin_file, first = stdin ~= true and ending.export(id) or nil,
    around = stdin == true and function(steps)
      return input_end.around(id, ending.export(id), steps)
    end or nil,
  }) .. mark.print(id)
  core.check("session.exec", { session_id = id, command = text }) -- what JSON cannot say
  return {
    id = id, text = text, stdin = stdin, stdin_file = stdin_file, deadline = deadline,
    process = self, sandbox = self._sandbox, retries = params.max_retries,
  }
end

--- Whether the toolbox is reached by TLS: plain HTTP is for what is near, however long
--- it takes to answer.
local function speaks_tls(sandbox)
  return tostring(sandbox.toolbox_proxy_url):find "^https:" ~= nil
end

--- The shortest round trip that was seen: a busy machine makes single ones longer.
local function note_round_trip(sandbox, seconds)
  local client = core.sandbox_owner(sandbox)
  client._round_trip = math.min(seconds, (client._round_trip or seconds) * 1.05)
  return client._round_trip
end

--- One step of the start: it is not broken off by cancelling, for what it makes
--- can only be removed once it is there.
local function step(launch, fn, ...)
  local client = core.sandbox_owner(launch.sandbox)
  if cleanup.is_cancelled(client) then
    return nil, error_object.cancelled "process.start"
  end
  return cleanup.shielded(client, fn, ...)
end

--- Makes the session, and the file of a large standard input.
local function open(launch)
  if launch.stdin_file then
    launch.has_file, launch.is_file_unsure = true, true
    local fs = launch.sandbox.fs
    local ok, err = step(launch, fs.upload_file, fs, { content = launch.stdin }, launch.stdin_file,
      { timeout = deadlines.left(launch.deadline), max_retries = launch.retries })
    if not ok then
      launch.is_file_unsure = err.outcome == "unknown"
      return nil, err
    end
    launch.is_file_unsure = false
  end
  local begun = core.now()
  local params = { session_id = launch.id, timeout = deadlines.left(launch.deadline), max_retries = launch.retries }
  local made, err = cleanup.make(launch.sandbox, "process.create_session", params,
    toolbox.deadline(launch.sandbox, params),
    { what = "the session", removal = "process.delete_session", key = "session_id", own_id = launch.id })
  launch.round_trip = note_round_trip(launch.sandbox, core.now() - begun)
  launch.has_session = made ~= nil -- until then cleanup.make removes it
  return launch.has_session or nil, err
end

--- The session has no other command.
local function first_command(commands)
  return commands[1]
end

--- The command of a session whose start was not answered.
local function find_command(launch, limit)
  local found
  poll.ask(core.sandbox_owner(launch.sandbox), { deadline = limit, last = 0.2 }, function()
    local fields, err = toolbox.run(launch.sandbox, "process.get_session", { session_id = launch.id }, limit)
    if not fields then
      return nil, err
    end
    found = first_command(fields.commands)
    return found or false
  end)
  return found
end

--- Sends the command; waits for its end at most so long, once it has begun.
local function send(launch, seconds)
  local sandbox = launch.sandbox
  local params = {
    session_id = launch.id, command = launch.text, async = not seconds, suppress_input_echo = not seconds or nil,
    max_retries = launch.retries,
  }
  local answer, err, found
  if seconds then
    local most = core.now() + seconds + session.LONGEST_HELD_OPEN
    answer, err, found = step(launch, held.exec, sandbox, params, math.min(most, launch.deadline or most), seconds,
      first_command)
  else
    answer, err, found = step(launch, held.start, sandbox, params, launch.deadline, first_command)
  end
  if answer then
    return answer
  elseif found then
    return { command_id = found.id, exit_code = found.exit_code }
  elseif err.kind == "cancelled" or not (poll.is_transient(err) or err.outcome == "unknown") then
    return nil, err
  end
  local limit = core.now() + FIND
  found = find_command(launch, launch.deadline and math.min(limit, launch.deadline + FAREWELL) or limit)
  if not found then
    return nil, err
  end
  return { command_id = found.id, exit_code = found.exit_code }
end

--- What a command is made of: its session, and the file of a large standard input.
local function belongings(launch)
  local sandbox = launch.sandbox
  local client = core.sandbox_owner(sandbox)
  local own = { what = "the command" }
  function own.undo(by)
    local ok, err = true, nil
    if launch.has_session and by == client then
      ok, err = ending.always(sandbox, launch.id, CLEAN_UP)
    elseif launch.has_session then
      ok, err = cleanup.remove(by, sandbox, "process.delete_session", { session_id = launch.id })
    end
    if launch.has_file then
      cleanup.remove(by, sandbox, "fs.delete_file", { path = launch.stdin_file }, launch.is_file_unsure)
    end
    return ok, err
  end
  return own
end

--- The streams of an answer to a command that was waited for; nil where they are not
--- all of it, byte for byte: JSON cannot say what is no UTF-8.
local function exact_streams(launch, answer)
  local finished = command_module.started(launch.sandbox, launch.id, launch.text, answer)
  local filter = mark.filter(mark.of(launch.id))
  local streams = {}
  for _, name in ipairs { "stdout", "stderr" } do
    local text = finished[name]
    if not text or text:find(REPLACED, 1, true) then
      return nil
    end
    streams[name] = filter:pass(name, text)
  end
  return filter:is_complete() and streams or nil
end

--- Runs it, and reads everything to the end.
local function perform(launch, operation, params)
  local started = core.now()
  local is_watched = params.on_stdout ~= nil or params.on_stderr ~= nil
  local ahead = is_watched and websocket.ahead(launch.sandbox) or nil
  local ok, err = open(launch)
  if not ok then
    return nil, err
  end
  -- Far away one answer with all of it saves a round trip, for what ends soon.
  local is_far = not is_watched and launch.round_trip > NEAR and speaks_tls(launch.sandbox)
  local answer
  local sent = core.now()
  answer, err = send(launch, is_far and math.max(HELD_OPEN, 4 * launch.round_trip) or nil)
  if not answer then
    return nil, err
  end
  local streams = is_far and answer.exit_code and exact_streams(launch, answer)
  if streams then
    local kept = output.new(params.max_output)
    kept:add("stdout", streams.stdout)
    kept:add("stderr", streams.stderr)
    return job.judge(operation, params, job.result(kept, answer.exit_code), launch.sandbox, started)
  end
  launch.is_sent = true
  local handle = job.new(launch.sandbox, launch.id, answer.command_id, answer.exit_code)
  return handle:_finish(operation, params, launch.deadline, ahead, core.now() - sent)
end

--- Completes the error of a command that was ended with its call.
local function complete(err, params, started)
  err.elapsed = core.now() - started
  if err.kind == "timeout" and params.timeout and err.elapsed >= params.timeout then
    err.message = ("the command did not end within %s s and was killed"):format(decimal("%g", params.timeout))
  end
  return err
end

--- Runs a command and waits for its end.
---
--- A string is shell text; a list is one program with its arguments, which no
--- shell looks at.  The command and all it started are ended when the time is
--- over, when the call is cancelled, and when a callback raises an error.  What it
--- leaves in the background is ended when it has ended itself, too, but for what has
--- made itself a session of its own; with leave_running = true nothing is, and the
--- result has the `session_id` that process:delete_session ends it by.
---@param command string|string[]
---@param options { cwd: string?, env: table<string, string>?, stdin: string?, on_stdout: fun(chunk: string)?, on_stderr: fun(chunk: string)?, utf8: boolean?, check: boolean?, max_output: integer?, leave_running: boolean?, keep_awake: boolean?, timeout: number?, max_retries: integer? }? check: an exit code other than 0 is an error of kind "exit"; max_output: bytes of each stream to keep, 64 MiB; leave_running: what it started and left runs on; keep_awake: the sandbox does not stop by itself meanwhile; timeout: none by default
---@return daytona.Result? result
---@return daytona.Error? err has as `result` what was printed until then
function Process:run(command, options)
  local operation = "process.run"
  local params = call.params(operation, options, {})
  core.check(operation, params)
  check_stdin(operation, params.stdin)
  local started, deadline = core.now(), deadlines.after(params.timeout)
  local launch = prepare(self, operation, command, params, deadline)
  local own = belongings(launch)
  local undone, result, problem = cleanup.guard(core.sandbox_owner(self._sandbox), own, function()
    local done, err = perform(launch, operation, params)
    own.is_ours = not (done or err.kind == "exit" or err.kind == "state")
    return done, err
  end)
  if result or problem.kind == "exit" then
    if params.leave_running then
      (result or problem.result).session_id = launch.id
    else
      detached.leave(self._sandbox, "process.delete_session", { session_id = launch.id })
    end
    return result, problem
  end
  problem.operation = operation
  if launch.is_sent then -- it has begun, and ran until something happened
    problem.outcome, problem.retryable = "unknown", false
  end
  complete(problem, params, started)
  return nil, cleanup.complete(redaction.apply(problem, operation, params), "it was not ended", undone)
end

--- Starts a command and comes back at once, with a handle that lives as long as
--- the command: it can wait, read, write, kill, and be written down.
---@param command string|string[] as in process:run
---@param options { cwd: string?, env: table<string, string>?, stdin: string|true|nil, timeout: number?, max_retries: integer? }? stdin: true: it stays open for job:input, until job:close_stdin; timeout: of the start
---@return daytona.Job? job
---@return daytona.Error? err
function Process:start(command, options)
  local operation = "process.start"
  local params = call.params(operation, options, {})
  core.check(operation, params)
  check_stdin(operation, params.stdin, true)
  local seconds = params.timeout or core.sandbox_owner(self._sandbox).timeout
  local launch = prepare(self, operation, command, params, deadlines.after(seconds))
  local own = belongings(launch)
  local undone, answer, err = cleanup.guard(core.sandbox_owner(self._sandbox), own, function()
    local begun, problem = open(launch)
    if begun then
      begun, problem = send(launch)
    end
    own.is_ours = not begun
    return begun, problem
  end)
  if answer then
    return job.new(self._sandbox, launch.id, answer.command_id)
  end
  err.operation = operation
  return nil, cleanup.complete(redaction.apply(err, operation, params), "it was not ended", undone)
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
