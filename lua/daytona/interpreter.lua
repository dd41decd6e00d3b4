--- Python that keeps its variables from run to run: sandbox.code_interpreter.

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local cleanup = require "daytona.call.cleanup"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local output = require "daytona.process.output"
local redaction = require "daytona.call.redaction"
local toolbox = require "daytona.call.toolbox"
local websocket = require "daytona.call.websocket"

local SERVER_LIMIT = 600 -- seconds, the server's default
local GRACE = 10 -- seconds that the server may need to stop the code and say so
local REFUSED, UNREADABLE, TIMED_OUT, ENDED = 1008, 1002, 4008, 1001 -- close codes

---@class daytona.CodeInterpreter
local CodeInterpreter = {}
local metatable = { __index = CodeInterpreter, __name = "daytona.code_interpreter" }

local interpreter = {}

interpreter.PATIENCE = 5 -- seconds in which a context has to show that it goes on after its worker ended

---@param sandbox daytona.Sandbox
---@return daytona.CodeInterpreter
function interpreter.new(sandbox)
  return setmetatable({ _sandbox = sandbox }, metatable)
end

---@class daytona.CodeError
---@field name string      class of the exception
---@field value string     what it says
---@field traceback string where it was raised

---@class daytona.CodeResult
---@field stdout string
---@field stderr string
---@field truncated boolean        true: there was more than max_output
---@field error daytona.CodeError? the exception that ended the code

local OPERATION = "code_interpreter.run_code"

-- The sandboxes of contexts that were got from one, by id.
local homes = setmetatable({}, { __mode = "k" })

local function note_home(sandbox, context)
  if type(context) == "table" then
    homes[context] = sandbox.id
  end
  return context
end

--- The id of a context, from itself or its id; nil for none.  Raises for what is
--- no context, also that of another sandbox.
local function context_id(operation, sandbox, context)
  local function refuse(problem, ...)
    core.misuse(("%s: field 'context': " .. problem):format(operation, ...))
  end
  local id, metatable_of = context, getmetatable(context)
  if type(context) == "table" then
    if type(metatable_of) == "table" and metatable_of.__name then
      refuse("context or its id expected, got a %s", metatable_of.__name)
    end
    id = rawget(context, "id")
    if type(id) ~= "string" then
      refuse "context or its id expected, got a table without an id"
    elseif homes[context] and homes[context] ~= sandbox.id then
      refuse("it is of sandbox %s, not of %s", homes[context], sandbox.id)
    end
  elseif context ~= nil and type(context) ~= "string" then
    refuse("context or its id expected, got %s", type(context))
  end
  if id and not id:find "%S" then
    refuse "must not be blank"
  end
  return id
end

--- Takes one message of the server in.
local function take(message, kept, callbacks)
  local kind = message.type
  if (kind == "stdout" or kind == "stderr") and type(message.text) == "string" then
    kept:add(kind, message.text)
    if callbacks[kind] then
      callbacks[kind](message.text)
    end
  elseif kind == "control" and (message.text == "completed" or message.text == "interrupted") then
    kept.ending = message.text
  elseif kind == "error" then
    kept.error = {
      name = tostring(message.name or ""), value = tostring(message.value or ""),
      traceback = tostring(message.traceback or ""),
    }
    if callbacks.error then
      callbacks.error(kept.error)
    end
  end
end

local function failure(kind, message)
  return error_object.new { kind = kind, operation = OPERATION, message = message, outcome = "unknown" }
end

--- Reads messages until the server says how the code ended: "completed" or
--- "interrupted", or nil and an error.  How the connection ends says nothing.
local function converse(socket, kept, callbacks, deadline)
  while not kept.ending do
    local data, err = socket:receive(deadline)
    if not data and err then
      return nil, err
    elseif not data then
      return nil, failure("connection", "the server closed the connection and did not say that the code has ended")
    end
    local message = core.decode(data)
    if type(message) ~= "table" then
      return nil, failure("protocol", "the server sent a message that is no JSON object")
    end
    take(message, kept, callbacks)
  end
  return kept.ending
end

--- The error of code that was stopped, or of a connection that ended otherwise.
local function explain(err, socket, params, elapsed, was_interrupted)
  if socket.code == REFUSED and socket.reason:find "^context not found" then
    err.kind, err.outcome = "not_found", "failed"
  elseif socket.code ~= REFUSED and socket.code ~= UNREADABLE then
    err.outcome = "unknown" -- the code may run on
  end
  if socket.code ~= TIMED_OUT and not was_interrupted then
    return err
  end
  local limit = params.timeout or SERVER_LIMIT
  err.kind = "timeout"
  err.message = elapsed < limit and "the code was interrupted"
    or ("the code did not end within %d s and was interrupted"):format(limit)
  return err
end

--- Sends code over a connection of its own and takes what comes back.
---@return "completed"|"interrupted"|nil ending
---@return daytona.Error? err
---@return table? socket nil: it could not be had
local function execute(self, request, kept, callbacks, deadline, retries)
  local socket, err = websocket.open(self._sandbox, "code_interpreter.execute", {}, deadline, retries)
  if not socket then
    return nil, err
  end
  socket:ping_every(websocket.PING)
  local ok, ending
  ok, err = socket:send(core.encode(OPERATION, request), "text", deadline)
  if ok then
    ending, err = socket:guard(converse, socket, kept, callbacks, deadline)
  end
  socket:close()
  if ending == "interrupted" then
    err = failure("timeout", "interrupted")
  end
  return ending, err, socket
end

--- Where a context whose worker has ended is noted, and under what key.
local function fallen_contexts(self, id)
  local client = core.sandbox_owner(self._sandbox)
  client._fallen_contexts = client._fallen_contexts or {}
  return client._fallen_contexts, self._sandbox.id .. " " .. (id or "")
end

--- On older servers a context whose worker has ended stands still until the time of
--- the code that ended it is over.  Whether this one goes on is seen with code that
--- does nothing, lest the caller's waits there and runs much later.
---@return true? ok
---@return daytona.Error? err
local function goes_on(self, id, deadline, retries)
  local fallen, key = fallen_contexts(self, id)
  if not fallen[key] or core.now() >= fallen[key] then
    fallen[key] = nil
    return true
  end
  local limit = core.now() + interpreter.PATIENCE
  local ending, err = execute(self, { code = "pass", contextId = id }, output.new(), {},
    math.min(limit, deadline or limit), retries)
  if ending then
    fallen[key] = nil
    return true
  elseif err.kind == "timeout" and core.now() >= limit then
    local seconds = fallen[key] < math.huge and (" for %d s more"):format(math.ceil(fallen[key] - core.now())) or ""
    err = failure("unavailable", ("the context's worker has ended, and this server lets the context stand still%s: "
      .. "use another one"):format(seconds))
    err.outcome = "failed" -- nothing of the caller's was sent
  end
  return nil, err
end

--- Runs Python and waits for its end.  Without a context it runs in the
--- sandbox's own; runs in one context follow one another.
---
--- An exception in the code is no failure of the call: it is `error` in the
--- result.  What the code prints comes to the callbacks as it does so.
---@param code string
---@param options { context: daytona.CodeContext|string|nil, on_stdout: fun(text: string)?, on_stderr: fun(text: string)?, on_error: fun(err: daytona.CodeError)?, env: table<string, string>?, max_output: integer?, timeout: integer?, max_retries: integer? }? timeout: whole seconds, then the server interrupts the code, 600 by default, 0: none; max_output: bytes of each stream to keep, 64 MiB
---@return daytona.CodeResult? result
---@return daytona.Error? err of kind "timeout" if the code was interrupted; has as `result` what came until then
function CodeInterpreter:run_code(code, options)
  local params = call.params(OPERATION, options, { code = code })
  core.check(OPERATION, params)
  local callbacks = { stdout = params.on_stdout, stderr = params.on_stderr, error = params.on_error }
  local id = context_id(OPERATION, self._sandbox, params.context)
  local request = {
    code = code, contextId = id, timeout = params.timeout,
    envs = params.env and next(params.env) ~= nil and params.env or nil,
  }
  core.encode(OPERATION, request) -- what JSON cannot say
  local deadline
  if params.timeout and params.timeout > 0 then
    deadline = deadlines.after(params.timeout + GRACE)
  end
  local ok, err = goes_on(self, id, deadline, params.max_retries)
  if not ok then
    err.operation, err.sandbox_id = OPERATION, self._sandbox.id
    return nil, err
  end
  local started = core.now()
  local kept = output.new(params.max_output)
  local ending, problem, socket = execute(self, request, kept, callbacks, deadline, params.max_retries)
  if not socket then
    problem.operation = OPERATION
    return nil, redaction.apply(problem, OPERATION, params)
  end
  local result = kept:result()
  result.error = kept.error
  if ending ~= "completed" then
    if socket.code == ENDED and socket.reason:find "^worker process ended" then
      local fallen, key = fallen_contexts(self, id)
      fallen[key] = params.timeout == 0 and math.huge or started + (params.timeout or SERVER_LIMIT)
    end
    problem.sandbox_id = self._sandbox.id
    problem.operation, problem.result = OPERATION, result
    redaction.apply(problem, OPERATION, params)
    return nil, explain(problem, socket, params, core.now() - started, ending == "interrupted")
  end
  return result
end

---@class daytona.CodeContext
---@field id string
---@field cwd string
---@field language string
---@field active boolean
---@field created_at string

--- Makes a context: variables and imports of its own.
---@param options { cwd: string?, language: string?, timeout: number?, max_retries: integer? }? cwd: default the working directory
---@return daytona.CodeContext? context
---@return daytona.Error? err
function CodeInterpreter:create_context(options)
  local operation = "code_interpreter.create_context"
  local params = call.params(operation, options, {})
  core.check(operation, params)
  local context, err = cleanup.make(self._sandbox, operation, params, toolbox.deadline(self._sandbox, params), {
    what = "the context", removal = "code_interpreter.delete_context", key = "context_id",
  })
  return note_home(self._sandbox, context), err
end

--- Lists the contexts that were made; the sandbox's own is not among them.
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.CodeContext[]? contexts
---@return daytona.Error? err
function CodeInterpreter:list_contexts(options)
  local answer, err = toolbox.ask(self._sandbox, "code_interpreter.list_contexts", options, {})
  if not answer then
    return nil, err
  end
  for _, context in ipairs(answer.contexts) do
    note_home(self._sandbox, context)
  end
  return answer.contexts
end

--- Ends a context, and what runs in it.
---@param context daytona.CodeContext|string
---@param options { timeout: number?, max_retries: integer? }?
---@return boolean? ok
---@return daytona.Error? err
function CodeInterpreter:delete_context(context, options)
  local operation = "code_interpreter.delete_context"
  return toolbox.ask(self._sandbox, operation, options, { context_id = context_id(operation, self._sandbox, context) })
end

class.define("sandbox.code_interpreter", CodeInterpreter, metatable)

return interpreter
