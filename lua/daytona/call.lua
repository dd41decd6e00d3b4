--- One call: as many requests as are safe within one deadline.

local core = require "daytona.core"
local error_object = require "daytona.error"

local call = {}

local FIRST_DELAY = 0.25 -- seconds; doubles with each retry
local LONGEST_DELAY = 60 -- a server that asks for more is not waited for

--- The point in time at which a call that may take `seconds` has to end.
---@param seconds number? nil or 0: never; what is no number is refused with the other options
---@return number?
function call.deadline(seconds)
  if type(seconds) == "number" and seconds > 0 then
    return core.now() + seconds
  end
end

--- Seconds until the deadline as core.send wants them: 0 is no limit, a
--- negative number says that it has passed.
local function left(deadline)
  if not deadline then
    return 0
  end
  local seconds = deadline - core.now()
  return seconds > 0 and seconds or -1
end

--- How long to wait before the next attempt; nil: do not try again.
local function delay_before_retry(err, attempts, deadline)
  local delay = err.retry_after
  if delay then
    delay = delay + core.random() * FIRST_DELAY
  else
    delay = core.random() * FIRST_DELAY * 2 ^ attempts
  end
  if delay > LONGEST_DELAY or (deadline and core.now() + delay >= deadline) then
    return nil
  end
  return delay
end

--- The error of a call in a task that was cancelled before it sent anything.
local function cancelled(operation)
  return error_object.new { kind = "cancelled", operation = operation, message = "cancelled" }
end

local function attempt(client, operation, params, sandbox, deadline, feed)
  local is_cancelled = client.host.cancelled
  if is_cancelled and is_cancelled() then
    return nil, cancelled(operation)
  end
  local request, err = client._core:send(operation, params, sandbox, left(deadline))
  if not request then
    return nil, err
  end
  local wait = client.host.wait
  wait(request)
  while feed and not request:done() do
    feed(request)
    wait(request)
  end
  return request:result()
end

--- Runs an operation to its end.
---@param client daytona.Client
---@param operation string name of a row of the operations table
---@param params table the row's params and the common options
---@param sandbox daytona.Sandbox? whose toolbox is asked
---@param deadline number? from call.deadline
---@param feed fun(request: userdata)? brings the next chunk of an upload; such a call is tried once
---@return any? value
---@return daytona.Error? err
function call.run(client, operation, params, sandbox, deadline, feed)
  if not client._core then
    core.misuse(("%s: not a client (call methods with a colon)"):format(operation))
  end
  if client.host.check then -- whether it can wait here
    client.host.check()
  end
  local started = core.now()
  local retries = params.max_retries or client.max_retries
  local attempts = 0
  while true do
    attempts = attempts + 1
    local value, err = attempt(client, operation, params, sandbox, deadline, feed)
    if value ~= nil then
      return value
    end
    local delay = err.retryable and not feed and attempts <= retries
      and delay_before_retry(err, attempts, deadline)
    if delay and client.host.sleep(delay) == false then
      delay, err = nil, cancelled(operation)
    end
    if not delay then
      err.attempts = attempts
      err.elapsed = core.now() - started
      if sandbox then
        err.sandbox_id = sandbox.id
      else
        err.sandbox_id = params.sandbox_id
      end
      return nil, err
    end
  end
end

--- The parameters of a call: `arguments`, a fresh table of the positional ones,
--- with the caller's options added.  Raises if an option says again what an
--- argument said.
---@param operation string for the message
---@param options table?
---@param arguments table<string, any>
---@return table arguments
function call.params(operation, options, arguments)
  if options == nil then
    return arguments
  elseif type(options) ~= "table" then
    core.misuse(("%s: options: table expected, got %s"):format(operation, type(options)))
  end
  for name, value in pairs(options) do
    if arguments[name] ~= nil then
      core.misuse(("%s: unknown option '%s' (it is an argument)"):format(operation, name))
    end
    arguments[name] = value
  end
  return arguments
end

return call
