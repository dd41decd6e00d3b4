--- A command of a session whose answer comes at its end, or never: some servers do not
--- answer one that ends its shell, and a way between may cut off what is silent for long.

local beside = require "daytona.call.beside"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local detached = require "daytona.call.detached"
local error_object = require "daytona.call.error"
local toolbox = require "daytona.call.toolbox"

local held = {}

local FIRST_PAUSE, LONGEST_PAUSE = 0.25, 4 -- seconds between two looks
local LOOK_LIMIT = 10 -- seconds that one may take
local LOOK_STEP, LONGEST_STEP = 0.02, 0.25 -- seconds until an answer to one is looked for, which grow

---@class daytona.Held
---@field due number when the next step is
---@field deadline number? of the whole
---@field is_unclear boolean? what is found may be another one of the same text
---@field request userdata? what is held open
---@field found table? the command, as the server lists it
---@field problem daytona.Error? the session is not there, which two looks in a row have said
local Held = {}
local metatable = { __index = Held }

--- Takes the result of a look: whether the server has the command.
function Held:judge(fields, err)
  self.found = fields and self.pick(fields.commands or {}) or nil
  local is_missing = err ~= nil and err.kind == "not_found"
  self.problem = is_missing and self.was_missing and err or nil
  self.was_missing = is_missing
  if self.request and (self.found or self.problem) then
    self.request:cancel()
  end
end

local function new(sandbox, params, deadline, patience, pick, is_unclear)
  return setmetatable({
    sandbox = sandbox, id = params.session_id, pick = pick, due = core.now() + patience, pause = FIRST_PAUSE,
    deadline = deadline, is_unclear = is_unclear,
  }, metatable)
end

--- Begins a look.
function Held:begin()
  self.look = detached.begin(self.sandbox, "process.get_session", { session_id = self.id },
    math.min(LOOK_LIMIT, deadlines.left(self.deadline, LOOK_LIMIT)))
end

--- Takes the result of the look that is done.
function Held:take(now)
  local look = self.look
  self.look, self.due = nil, now + self.pause
  self.pause = math.min(2 * self.pause, LONGEST_PAUSE)
  self:judge(look:result())
end

--- Looks again if it is time.
function Held:step(now)
  if self.found or self.problem then
    return now + LONGEST_PAUSE -- there is nothing to look for any more
  elseif now < self.due then
    return self.due
  elseif not self.look then
    self:begin()
    self.look_step = LOOK_STEP
    self.due = now + (self.look and LOOK_STEP or self.pause)
  elseif not self.look:is_done() then
    self.look_step = math.min(self.look_step * 1.5, LONGEST_STEP)
    self.due = now + self.look_step
  else
    self:take(now)
  end
  return self.due
end

--- Whether the command need not be sent again, or cannot be: the server has it, or the
--- session is not there.  It is looked for where something on the way may have refused
--- what had reached the server.
function Held:is_settled(err)
  if not self.look and not self.found and not self.is_unclear and err.status == 503 then
    self:begin()
  end
  local host = core.sandbox_owner(self.sandbox).host
  while self.look and not self.look:is_done() do
    host.wait(self.look.request)
  end
  if self.look then
    self:take(core.now())
  end
  return self.found or self.problem
end

--- Starts a command in its session, and does not wait for its end.  It is not sent again
--- where the server has it.
---@param sandbox daytona.Sandbox
---@param params table of session.exec
---@param deadline number?
---@param pick fun(commands: table[]): table? finds the command among those of the session
---@param is_unclear boolean? that may be another one, which is no reason not to send it again
---@return table? answer
---@return daytona.Error? err
---@return table? found the command, where there is no answer
function held.start(sandbox, params, deadline, pick, is_unclear)
  local self = new(sandbox, params, deadline, 0, pick, is_unclear)
  local answer, err = toolbox.run(sandbox, "session.exec", params, deadline, {
    is_over = function(problem)
      return self:is_settled(problem)
    end,
  })
  return answer, err, self.found
end

--- Sends a command to its session and waits for the answer.  After `patience` seconds
--- the command is looked for beside that, and once the server has it, the answer is not
--- waited for any more: it was not lost on its way, and can be followed.  Nor is it sent
--- again then, where the answer was a refusal.
---@param sandbox daytona.Sandbox whose toolbox is known
---@param params table of session.exec
---@param deadline number?
---@param patience number seconds
---@param pick fun(commands: table[]): table? finds the command among those of the session
---@param is_unclear boolean? that may be another one, which is no reason not to send it again
---@return table? answer
---@return daytona.Error? err
---@return table? found the command, where there is no answer
function held.exec(sandbox, params, deadline, patience, pick, is_unclear)
  local host = core.sandbox_owner(sandbox).host
  local self = new(sandbox, params, deadline, patience, pick, is_unclear)
  local manner = beside.manner(host, function(now)
    return self:step(now)
  end)
  local serve = manner.serve
  function manner.serve(request)
    self.request = request
    serve(request)
  end
  function manner.is_over(problem)
    return self:is_settled(problem)
  end
  local answer, err = toolbox.run(sandbox, "session.exec", params, deadline, manner)
  if self.look then
    self.look:cancel()
  end
  if answer then
    return answer
  elseif self.problem then -- tells more than that the request was given up
    err = self.problem
    error_object.note_subject(err, params)
    err.operation, err.outcome, err.retryable = "session.exec", "unknown", false
  end
  return nil, err, self.found
end

return held
