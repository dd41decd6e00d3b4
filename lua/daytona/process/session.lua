--- Sessions: shells in a sandbox that keep their state (directory, variables,
--- functions) from command to command.

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local cleanup = require "daytona.call.cleanup"
local command = require "daytona.process.command"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local detached = require "daytona.call.detached"
local error_object = require "daytona.call.error"
local held = require "daytona.process.held"
local lost_shell = require "daytona.process.lost_shell"
local output = require "daytona.process.output"
local poll = require "daytona.call.poll"
local redaction = require "daytona.call.redaction"
local shell = require "daytona.process.shell"
local stream = require "daytona.process.stream"
local toolbox = require "daytona.call.toolbox"
local unclear = require "daytona.process.unclear"
local unique_name = require "daytona.text.unique_name"

-- Seconds that an answer is waited for before its command is looked for, where it seems
-- to end its shell: such a one is never answered by some servers.
local HELD_OPEN = 1
local LOOK_LIMIT = 10 -- seconds for a look at the session's commands

---@class daytona.Session
---@field id string
---@field commands daytona.Command[]? what was run in it, where the server was asked
local Session = {}
local metatable = {
  __index = Session,
  __name = "daytona.session",
  __tostring = function(session)
    return core.printable(("daytona.session (%s)"):format(session.id))
  end,
}

---@class daytona.Process
local Process = {}

local session = { process = Process }

session.LONGEST_HELD_OPEN = 30 -- seconds for any other, for the way may cut off what is silent for longer

--- A handle; asks nobody.
---@param sandbox daytona.Sandbox
---@param id string
---@param commands table[]? as the server lists them
---@return daytona.Session
function session.new(sandbox, id, commands)
  -- _known: ids of its commands
  local self = setmetatable({ id = id, _sandbox = sandbox, _known = {}, _unclear = unclear() }, metatable)
  if commands then
    self.commands = {}
    for index, fields in ipairs(commands) do
      self.commands[index] = command.new(sandbox, id, fields)
      self._known[fields.id] = true
    end
  end
  return self
end

--- Gives a new session its directory and variables, by a first command of its own: no
--- server takes them with the session.  The session is removed if that fails.
local function settle(self, text, params, deadline)
  local sandbox = self._sandbox
  local own = { what = "the session" }
  function own.undo(by)
    return cleanup.remove(by, sandbox, "process.delete_session", { session_id = self.id })
  end
  local undone, done, err = cleanup.guard(core.sandbox_owner(sandbox), own, function()
    local answer, problem = toolbox.run(sandbox, "session.exec",
      { session_id = self.id, command = text, suppress_input_echo = true }, deadline)
    if answer and answer.exit_code ~= 0 then
      problem = error_object.new {
        kind = "not_found", message = ("the session has no directory '%s': %s"):format(params.cwd or "",
          answer.stderr or answer.output or ""), outcome = "failed", sandbox_id = sandbox.id,
      }
    end
    own.is_ours = problem ~= nil
    return not problem and self or nil, problem
  end)
  if err then
    err.operation = "process.create_session"
    redaction.apply(err, err.operation, params) -- the command was given what the row was
  end
  return done, cleanup.complete(err, "the session was not removed", undone)
end

--- Starts a session.
---@param id string? its name; default one that no other has
---@param options { cwd: string?, env: table<string, string>?, timeout: number?, max_retries: integer? }? cwd and env: set by a first command in it
---@return daytona.Session? session
---@return daytona.Error? err of kind "conflict" if there is one with that id, "not_found" if there is no such directory
function Process:create_session(id, options)
  local operation, own_id = "process.create_session", id == nil and unique_name "lua" or nil
  local params = call.params(operation, options, { session_id = own_id or id })
  core.check(operation, params)
  local setting = shell.setting(operation, params.cwd, params.env)
  local deadline = toolbox.deadline(self._sandbox, params)
  local ok, err = cleanup.make(self._sandbox, operation, params, deadline, {
    what = "the session", removal = "process.delete_session", key = "session_id", own_id = own_id, given_id = id,
  })
  id = own_id or id
  if not ok then
    return nil, err
  end
  local made = session.new(self._sandbox, id)
  if setting then
    return settle(made, setting, params, deadline)
  end
  return made
end

local function from_fields(sandbox, fields, err)
  return fields and session.new(sandbox, fields.session_id, fields.commands), err
end

--- Reads a session with its commands.
---@param id string
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.Session? session
---@return daytona.Error? err
function Process:get_session(id, options)
  return from_fields(self._sandbox, toolbox.ask(self._sandbox, "process.get_session", options, { session_id = id }))
end

--- The session in which the sandbox's own program runs.  Its command can be
--- read and followed.
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.Session? session
---@return daytona.Error? err of kind "not_found" if the sandbox has no such program
function Process:get_entrypoint_session(options)
  return from_fields(self._sandbox, toolbox.ask(self._sandbox, "process.get_entrypoint_session", options, {}))
end

--- Lists the sessions, without that of the sandbox's own program.
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.Session[]? sessions
---@return daytona.Error? err
function Process:list_sessions(options)
  detached.wait(self._sandbox)
  local list, err = toolbox.ask(self._sandbox, "process.list_sessions", options, {})
  if not list then
    return nil, err
  end
  for index, fields in ipairs(list) do
    list[index] = from_fields(self._sandbox, fields)
  end
  return list
end

--- Finds, among the commands of the session, the one with this text that is not known
--- yet; servers list them in any order.
local function finder(text, known)
  return function(commands)
    local found
    for _, candidate in ipairs(commands) do
      if candidate.command == text and not known[candidate.id] then
        found = candidate
      end
    end
    return found
  end
end

--- Looks for a command whose request was lost: on a slow way it may come after the first
--- look.  nil and an error: the task was cancelled, or the session is not there.
local function look_for(self, find, deadline)
  local client, last_look = core.sandbox_owner(self._sandbox), core.now() + session.LONGEST_HELD_OPEN
  local found, err, why = poll.ask(client, { deadline = math.min(last_look, deadline or last_look) }, function()
    local fields, problem = toolbox.run(self._sandbox, "process.get_session", { session_id = self.id },
      deadlines.after(client.timeout))
    return fields and (find(fields.commands or {}) or false), problem
  end)
  if why == "cancelled" then
    return nil, err or error_object.cancelled("session.exec", "unknown")
  elseif err and err.kind == "not_found" then -- tells more than that our own limit has passed
    err.operation, err.outcome, err.retryable = "session.exec", "unknown", false
    return nil, err
  end
  return found
end

--- What it means for a command that its session has ended: it may have run until then,
--- or was refused.  One that the session does not list, though it is there, never began.
local function judge_ended(self, err, find, retries, deadline)
  if err.status ~= 410 or err.outcome ~= "unknown" then
    return
  end
  local fields = toolbox.run(self._sandbox, "process.get_session", { session_id = self.id, max_retries = retries },
    deadlines.within(deadline, LOOK_LIMIT))
  if fields and fields.commands and not find(fields.commands) then
    err.outcome = "failed"
  end
end

--- Follows a command that was not answered for so long.
local function take_over(self, found, deadline, retries, keep_awake)
  self._known[found.id] = true
  local handle, kept = command.new(self._sandbox, self.id, found), output.new()
  local following = stream.new(handle, {
    quiet = true, max_retries = retries, keep_awake = keep_awake, exit_code = found.exit_code,
    timeout = deadlines.left(deadline),
  })
  local exit_code, problem = following:deliver({}, kept)
  local result = kept:result()
  handle.stdout, handle.stderr = result.stdout, result.stderr
  if not exit_code then
    problem.operation, problem.result = "session.exec", { stdout = result.stdout, stderr = result.stderr }
    problem.outcome, problem.retryable = "unknown", false -- it has begun
    return nil, problem
  end
  handle.exit_code = exit_code
  return handle
end

--- Runs a command in the session, after those before it, and waits for its end.
---
--- What it changes of the shell (cd, export, functions) lasts.  `exit` ends the
--- session with the command; older servers do not tell its exit code then, and the
--- error is of kind "gone", with what was printed as `result`.  With `async = true`
--- the call comes back at once, and the command has an open standard input.  Servers
--- give stdout and stderr as text: output that is not UTF-8 is whole in command:logs
--- and follow only.  Servers that keep lines (v0.190) add a newline to a last line that
--- has none; process:run gives what was printed.
---@param text string shell commands
---@param options { async: boolean?, suppress_input_echo: boolean?, keep_awake: boolean?, timeout: number?, max_retries: integer? }? keep_awake: the sandbox does not stop by itself meanwhile; timeout: seconds to wait, none by default; the command runs on. suppress_input_echo: what is sent to it does not show in its output
---@return daytona.Command? command with stdout, stderr and exit_code, unless it runs on
---@return daytona.Error? err
function Session:exec(text, options)
  local params = call.params("session.exec", options, { session_id = self.id, command = text })
  core.check("session.exec", params)
  local deadline = deadlines.after(params.timeout)
  params.timeout = nil
  local find = finder(text, self._known)
  local answer, err, found
  local is_unclear, ticket = self._unclear:begin(text)
  if params.async then
    answer, err, found = held.start(self._sandbox, params, deadline, find, is_unclear)
    answer = answer or found and { command_id = found.id, exit_code = found.exit_code }
  else
    self._may_end = self._may_end or shell.may_end(text)
    local longest = session.LONGEST_HELD_OPEN
    local patience = (self._may_end or params.keep_awake) and math.min(HELD_OPEN, longest) or longest
    local most = core.now() + patience + longest
    answer, err, found = held.exec(self._sandbox, params, math.min(most, deadline or most), patience, find,
      is_unclear)
  end
  if answer then
    self._unclear:settle(ticket)
    local started = command.started(self._sandbox, self.id, text, answer, params.async)
    self._known[started.id] = true
    return started
  elseif not params.async and err.kind == "timeout" and core.now() < (deadline or math.huge) then
    local cause
    found, cause = look_for(self, find, deadline)
    err = cause or err
  end
  if found then
    self._unclear:settle(ticket)
    return take_over(self, found, deadline, params.max_retries, params.keep_awake)
  end
  judge_ended(self, err, find, params.max_retries, deadline)
  if err.outcome == "failed" then
    self._unclear:settle(ticket)
  end
  lost_shell.explain(err)
  return nil, err
end

--- Ends the session and everything that runs in it, and removes its logs.
---@param options { timeout: number?, max_retries: integer? }?
---@return boolean? ok
---@return daytona.Error? err
function Session:delete(options)
  return toolbox.ask(self._sandbox, "process.delete_session", options, { session_id = self.id })
end

class.define("session", Session, metatable)

return session
