--- The status of a command that is followed: looks at it, when the next is due, and what
--- one that failed means.  `self` is the source of follow.lua.

local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local detached = require "daytona.call.detached"
local error_object = require "daytona.call.error"
local toolbox = require "daytona.call.toolbox"
local websocket = require "daytona.call.websocket"

local status = { FIRST = 0.02, LAST = 1 } -- seconds between two looks, in the first ten seconds; then up to a ping's

--- An error of the following.
function status.failure(self, kind, message)
  return error_object.new {
    kind = kind, operation = "command.follow", message = message,
    sandbox_id = self._sandbox.id, state = self._sandbox.state, elapsed = core.now() - self._started,
  }
end

--- Why nothing more will come where the sandbox does not run.
local function why_sandbox_ended(self)
  local limit = self._deadline or deadlines.after(self._client.timeout)
  local ok, err = toolbox.refresh(self._sandbox, limit, { max_retries = self._retries })
  if not ok then
    return err.kind == "not_found" and err or nil
  elseif self._sandbox.state ~= "started" then
    return status.failure(self, "state", ("the sandbox is in state %s, what the command printed after byte %d of its "
      .. "log is not known"):format(self._sandbox.state, self.position))
  end
end

--- Says when to look again: close together at first, then less often the longer it
--- runs.
local function schedule(self)
  local now = core.now()
  local longest = math.min((now - self._started) / 10, websocket.PING)
  self._due = now + math.max(self._poll:interval(), longest > status.LAST and longest or 0)
end

--- A look failed, or the reading of the rest.  Whether that is the end: true, or nil
--- and the error.
function status.failed(self, err)
  local again, failures = self._poll:failed(err), self._poll.failures
  if err.kind == "cancelled" then
    return nil, err
  elseif not again or failures == 2 or failures % 8 == 0 then
    local problem = why_sandbox_ended(self)
    if not again and not problem and err.kind == "not_found" then
      err.message = "the session was deleted while its command was followed: " .. err.message
    end
    if not again or problem then
      return nil, problem or err
    end
  end
  schedule(self)
  if err.retry_after then
    self._due = math.max(self._due, core.now() + err.retry_after)
  end
  return true
end

--- Takes the answer of a look.
function status.judge(self)
  local look = self._look
  self._look = nil
  local fields, err = look:result()
  if not fields then
    return status.failed(self, err)
  end
  self._poll:answered()
  self._command:_learn(fields)
  self.exit_code = self._command.exit_code
  self._was_over = self.exit_code ~= nil and self._rounds == 1 and self._socket ~= nil -- reading on there is not enough
  self._heard = core.now()
  schedule(self)
  return true
end

--- Begins a look at the status.
function status.begin(self, limit)
  local operation, arguments = self._command:_row "status"
  local err
  self._look, err = detached.begin(self._sandbox, operation, arguments, limit)
  if not self._look then
    return status.failed(self, err)
  end
  return true
end

return status
