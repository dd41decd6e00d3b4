--- A command of a session whose answer comes at its end, or never: some servers do not
--- answer one that ends its shell, and a way between may cut off what is silent for long.

local beside = require "daytona.beside"
local core = require "daytona.core"
local detached = require "daytona.detached"

local held = {}

local NEXT_LOOK = 1 -- seconds between two looks; they say no more than that it has begun
local LOOK_LIMIT = 10 -- seconds that one may take
local LOOK_STEP = 0.02 -- seconds until an answer to one is looked for

---@class daytona.Held
---@field due number when the next step is
---@field request userdata? what is held open
---@field found table? the command, as the server lists it
local Held = {}
local metatable = { __index = Held }

--- Looks whether the server has the command; then its answer is not waited for.
function Held:step(now)
  if self.found or not self.request then
    return now + LOOK_STEP
  elseif now < self.due then
    return self.due
  elseif not self.look then
    self.look = detached.begin(self.sandbox, "process.get_session", { session_id = self.id }, LOOK_LIMIT)
    self.due = now + (self.look and LOOK_STEP or NEXT_LOOK)
  elseif not self.look:is_done() then
    self.due = now + LOOK_STEP
  else
    local fields = self.look:result()
    self.look, self.due = nil, now + NEXT_LOOK
    self.found = fields and self.pick(fields.commands or {}) or nil
    if self.found then
      self.request:cancel()
    end
  end
  return self.due
end

--- Sends a command to its session and waits for the answer.  After `patience` seconds
--- the command is looked for beside that, and once the server has it, the answer is not
--- waited for any more: it was not lost on its way, and can be followed.
---@param sandbox daytona.Sandbox whose toolbox is known
---@param params table of session.exec
---@param deadline number?
---@param patience number seconds
---@param pick fun(commands: table[]): table? finds the command among those of the session
---@return table? answer
---@return daytona.Error? err
---@return table? found the command, where there is no answer
function held.exec(sandbox, params, deadline, patience, pick)
  local host = core.sandbox_owner(sandbox).host
  local self = setmetatable({
    sandbox = sandbox, id = params.session_id, pick = pick, due = core.now() + patience,
  }, metatable)
  local answer, err = beside(host, function(now)
    return self:step(now)
  end, sandbox._toolbox, sandbox, "session.exec", params, deadline, {
    serve = function(request)
      self.request = request
      host.wait(request)
    end,
  })
  if self.look then
    self.look:cancel()
  end
  if answer then
    return answer
  end
  return nil, err, self.found
end

return held
