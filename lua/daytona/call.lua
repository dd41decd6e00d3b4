--- One call: as many requests as are safe within one deadline.

local core = require "daytona.core"

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

-- Whether coroutines may yield in a function that pcall runs; plain 5.1: no.
local pcall_yields = coroutine.wrap(function()
  return pcall(coroutine.yield, 1)
end)() == 1

--- Runs a function of the user while a request is under way: an error in it
--- breaks the request off.  In a coroutine of plain 5.1 the collector does so,
--- for there the function could not yield otherwise.
local function guarded(request, fn, ...)
  if not pcall_yields and coroutine.running() then
    return fn(...)
  end
  local ok, result = pcall(fn, ...)
  if not ok then
    request:close()
    error(result, 0)
  end
  return result
end

local function report(request, on_progress)
  local done, total = request:moved()
  if (done > 0 or total) and guarded(request, on_progress, done, total) == false then
    request:cancel()
  end
end

local function attempt(client, operation, params, sandbox, deadline, feed)
  local request, err = client._core:send(operation, params, sandbox, left(deadline))
  if not request then
    return nil, err
  end
  local wait = client.host.wait
  local on_progress = params.on_progress
  if on_progress then
    request:watch()
  end
  wait(request)
  if params.chunk_size and not request:done() then
    return request -- the rest is the reader's
  end
  while (feed or on_progress) and not request:done() do
    if feed and request:starved() then
      guarded(request, feed, request)
    end
    if on_progress then
      report(request, on_progress)
    end
    wait(request)
  end
  if on_progress then
    report(request, on_progress)
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
  if params.on_progress ~= nil and type(params.on_progress) ~= "function" then
    core.misuse(("%s: field 'on_progress': function expected, got %s"):format(operation, type(params.on_progress)))
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
    client.host.sleep(delay)
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
