--- One call: as many requests as are safe within one deadline.

local closing = require "daytona.call.closing"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local protect = require "daytona.call.protected"

local now = core.now

local call = {}

local FIRST_DELAY, LONGEST_BACKOFF = 0.25, 20 -- seconds; it doubles with each retry
local LONGEST_DELAY = 60 -- a server that asks for more is not waited for
local EARNED = 0.1 -- of a retry, by each success
local MOST_MISJUDGED = 10 -- refusals for the rate of calls that rate_limit let go, which cost no retry
local MOST_HANDSHAKES = 2 -- TLS handshakes that broke, which cost no retry: nothing was sent
local MOST_REFUSED = 10 -- the same of requests that the server says it did not process

--- How long to wait before the next attempt; nil: do not try again.
local function delay_before_retry(err, attempts, deadline)
  local delay = err.retry_after
  if delay then
    delay = delay + core.random() * FIRST_DELAY
  else
    delay = core.random() * math.min(FIRST_DELAY * 2 ^ attempts, LONGEST_BACKOFF)
  end
  if delay > LONGEST_DELAY or deadlines.is_over(deadline, delay) then
    return nil
  end
  return delay
end

--- Takes a retry from the client's budget.  An outage is not made worse by
--- everybody asking several times: with the budget gone every call fails at
--- its first attempt, until successes have earned retries again.
local function spend(client, err)
  if client._retries_left < 1 then
    err.budget_exhausted = true
    return false
  end
  client._retries_left = client._retries_left - 1
  return true
end

--- Seconds until the call is tried again; nil: it is not.  A refusal for the
--- rate (429) pauses the client, which bounds the load, and costs no budget.
local function next_attempt(client, operation, sandbox, err, hint, attempts, retries, deadline)
  local pause
  if err.status == 429 then
    pause = require("daytona.call.rate_limit").refused(client, operation, sandbox, err.retry_after)
  end
  if not err.retryable or attempts > retries then
    return nil
  elseif err.status == 429 then
    return pause and not deadlines.is_over(deadline, pause) and pause or nil
  end
  local delay = delay_before_retry(err, attempts, deadline)
  return delay and (hint == "refused" or spend(client, err)) and delay or nil
end

--- The error of a call that was not sent, because the client may not in time.
local function held_back(operation, seconds)
  if seconds == "cancelled" then
    return error_object.cancelled(operation, "failed")
  end
  return error_object.new {
    kind = "rate_limited", operation = operation, retryable = true, retry_after = seconds,
    outcome = "failed",
    message = ("not sent: the server limits the rate, and the next call may be sent in %s s, "
      .. "after the deadline of this one"):format(require("daytona.text.decimal")("%.1f", seconds)),
  }
end

--- Whether a sandbox was asked for by its id, which nobody can rename.
local function is_uuid(text)
  return #text == 36 and text:find "^%x+%-%x+%-%x+%-%x+%-%x+$" ~= nil
end

--- Whether an answer is about another sandbox than the one asked for, by id or
--- name: as when a connection is not what it seems.  What is deleted is renamed.
local function is_about_another(asked, value)
  if core.is_sandbox(value) then
    local name = value.name
    return value.id:lower() ~= asked:lower() and (is_uuid(asked) or name ~= asked)
      and not (type(name) == "string" and name:find("DESTROYED_" .. asked, 1, true) == 1)
  end
  local id = type(value) == "table" and value.sandbox_id
  return type(id) == "string" and is_uuid(asked) and id:lower() ~= asked:lower()
end

-- Rows that give another sandbox than the one that was asked for.
local OF_ANOTHER = { ["sandbox.fork"] = true, ["sandbox.get_parent"] = true }

--- What an operation of the API gave, unless it makes no sense.
local function trusted(operation, params, value, err, hint)
  local asked = params.sandbox_id
  if value == nil or not asked or OF_ANOTHER[operation] or not is_about_another(asked, value) then
    return value, err, hint
  end
  return nil, error_object.new {
    kind = "protocol", operation = operation,
    message = ("the server answered with the sandbox %s, not with %s"):format(value.sandbox_id or value.id, asked),
  }
end

--- Takes the result, and tells it to those who want to know.
local function take_result(client, request, ticket, trace)
  local hooks = client._hooks
  if trace then
    hooks:answered(trace, request)
  end
  local remaining, reset = request:rate_limit()
  local value, err, hint = request:result()
  if ticket then
    local is_refused = err ~= nil and err.status == 429
    local was_admitted = value ~= nil or (err.status ~= nil and not is_refused)
    require("daytona.call.rate_limit").leave(ticket, was_admitted, remaining, reset)
    if is_refused then
      hint = "misjudged"
    end
  end
  if trace then
    hooks:result(trace, err)
  end
  return value, err, hint
end

--- Runs a function of the user while a request is under way: an error in it
--- breaks the request off.  In a coroutine of plain 5.1 the collector does so,
--- for there the function could not yield otherwise.
local function guarded(request, fn, ...)
  if not protect.native and coroutine.running() then
    return fn(...)
  end
  local ok, result = pcall(fn, ...)
  if not ok then
    request:close()
    error(result, 0)
  end
  return result
end

--- Tells how far it is, unless that was `told` before; false: the user wants no
--- more of it.
local function report(request, on_progress, told)
  local done, total = request:moved()
  if (done == told.done and total == told.total) or (done == 0 and not total) then
    return
  end
  told.done, told.total = done, total
  if guarded(request, on_progress, done, total) == false then
    request:cancel()
    return false
  end
end

--- The same for a reader, which gets the request while it goes on: the answer
--- has begun, and that is all that hooks and rate_limit are told of it.
local function hand_over(client, request, ticket, trace)
  if ticket then
    require("daytona.call.rate_limit").leave(ticket, true, request:rate_limit())
  end
  if trace then
    client._hooks:answered(trace, request)
    guarded(request, client._hooks.result, client._hooks, trace)
  end
  return request
end

--- Serves a request that wants attention until it is done.
local function attend(host, request, feed, on_progress)
  local told = {}
  while not request:done() do
    if feed and request:starved() then
      guarded(request, feed, request)
    end
    if on_progress and report(request, on_progress, told) == false then
      return
    end
    if host.cancelled and host.cancelled() then
      request:cancel() -- while no wait could be broken off
    end
    host.wait(request)
  end
  if on_progress then
    report(request, on_progress, told)
  end
end

--- How a request is sent and waited for, where that is more than waiting.
---@class daytona.Manner
---@field connects boolean|userdata|nil the row is a WebSocket, which is the value when it has opened; from websocket.ahead: its connection
---@field feed fun(request: userdata)? brings the next chunk of an upload
---@field serve fun(request: userdata)? attends to the request until it is done, in the place of a wait
---@field sleep (fun(seconds: number): boolean)? waits before the next attempt, in the place of the host
---@field is_over (fun(err: daytona.Error): any)? whether there is nothing to send again after an attempt that failed
---@field is_tried_once boolean? what it was given cannot be given again
---@field is_unlimited boolean? it takes long, and asks for other things on the way

local PLAIN = {}

--- Waits for a request that is more than sent and answered, or that somebody wants to
--- know of; gives what an attempt gives.
local function finish(client, request, params, manner, ticket, trace)
  local on_progress, connects = params.on_progress, manner.connects
  if trace then
    client._hooks:sent(trace, request)
  end
  if on_progress then
    request:observe()
  end
  if manner.serve then
    guarded(request, manner.serve, request)
    return take_result(client, request, ticket, trace)
  end
  client.host.wait(request)
  if params.chunk_size and not request:done() or connects and (not request:done() or request:result()) then
    return hand_over(client, request, ticket, trace) -- the rest is the reader's
  elseif manner.feed or on_progress then
    attend(client.host, request, manner.feed, on_progress)
  end
  if ticket or trace then
    return take_result(client, request, ticket, trace)
  end
  return request:result()
end

--- How often a call may be tried again.
local function retries_of(client, params, manner)
  return manner.is_tried_once and 0 or params.max_retries or client.max_retries
end

--- One attempt: the value; or nil, an error and perhaps a hint, which is not for who
--- reads the error: "unsent", "misjudged" (the rate of calls was, not this call), or
--- what request:result gives.  `at`: the time, where it was just asked for; `spent`: the
--- retries that were.
local function attempt(client, operation, params, sandbox, deadline, manner, trace, at, spent)
  local host = client.host
  local ticket, problem
  if host.cancelled and host.cancelled() then
    return nil, error_object.cancelled(operation, "failed")
  end
  local closed = client._closed and closing.problem(operation)
  if closed then
    return nil, closed
  end
  if client._rate_limit and not manner.is_unlimited then
    local left = retries_of(client, params, manner) - spent
    ticket, problem = require("daytona.call.rate_limit").enter(client, operation, sandbox, deadline, left)
    if problem then
      return nil, held_back(operation, problem), problem ~= "cancelled" and "unsent" or nil
    end
    at = now()
  end
  local seconds = 0 -- no limit
  if deadline then
    seconds = deadline - at
    if seconds <= 0 then
      seconds = -1 -- it has passed
    end
  end
  local core_client, connects = client._core, manner.connects
  local request, err = (connects and core_client.connect or core_client.send)(core_client, operation,
    params, sandbox, seconds, connects)
  if not request then
    if ticket then
      ticket.in_flight = ticket.in_flight - 1
    end
    return nil, err
  end
  if ticket or trace or manner ~= PLAIN or params.chunk_size or params.on_progress then
    return finish(client, request, params, manner, ticket, trace)
  end
  host.wait(request)
  return request:result()
end

--- Completes the error of a call, and looks at the sandbox where a proxy
--- answered in the place of its toolbox.
local function complete(err, params, sandbox, attempts, started, deadline)
  err.attempts = attempts
  err.elapsed = now() - started
  error_object.note_subject(err, params)
  if err.status == 404 then
    require("daytona.call.older")(err)
  end
  if not sandbox then
    err.sandbox_id = params.sandbox_id
    return err
  end
  err.sandbox_id = sandbox.id
  local status = err.status
  if status == 502 or status == 503 or status == 504 then
    require("daytona.call.proxy_failure").silence(err, sandbox, deadline)
  end
  return err
end

--- The value of a call that succeeded, which earns a part of a retry.
local function succeed(client, trace, attempts, value)
  if client._retries_left < client.retry_budget then
    client._retries_left = math.min(client._retries_left + EARNED, client.retry_budget)
  end
  if trace then
    client._hooks:finish(trace, attempts)
  end
  return value
end

--- Goes on after an attempt that failed.
local function persist(client, operation, params, sandbox, deadline, manner, trace, started, err, hint)
  local retries = retries_of(client, params, manner)
  local attempts, misjudged, refused, broken = 1, 0, 0, 0
  local may_have_acted = false -- at any attempt
  while true do
    may_have_acted = may_have_acted or err.outcome == "unknown"
    if hint == "unsent" then
      attempts = attempts - 1
    elseif hint == "misjudged" then
      misjudged = retries > 0 and math.min(misjudged + 1, MOST_MISJUDGED) or 0
    elseif hint == "refused" then
      refused = retries > 0 and math.min(refused + 1, MOST_REFUSED) or 0
    elseif hint == "broken handshake" then
      broken = retries > 0 and math.min(broken + 1, MOST_HANDSHAKES) or 0
    end
    local delay = next_attempt(client, operation, sandbox, err, hint, attempts - misjudged - refused - broken,
      retries, deadline)
    if delay and trace then
      client._hooks:retry(trace, delay)
    end
    -- A paused client waits before the next attempt by itself.
    if delay and err.status ~= 429 and (manner.sleep or client.host.sleep)(delay) == false then
      delay, err = nil, error_object.cancelled(operation, "failed")
    end
    if not delay or manner.is_over and manner.is_over(err) then
      err.outcome = may_have_acted and "unknown" or err.outcome
      complete(err, params, sandbox, attempts, started, deadline)
      require("daytona.call.redaction").apply(err, operation, params)
      if trace then
        client._hooks:finish(trace, attempts, err)
      end
      return nil, err, type(hint) == "table" and hint or nil
    end
    attempts = attempts + 1
    if trace then
      trace.attempt = attempts
    end
    local value
    value, err, hint = attempt(client, operation, params, sandbox, deadline, manner, trace, now(),
      attempts - misjudged - 1)
    if not sandbox then
      value, err, hint = trusted(operation, params, value, err, hint)
    end
    if value ~= nil then
      return succeed(client, trace, attempts, value)
    end
  end
end

--- Runs an operation to its end.
---@param client daytona.Client
---@param operation string name of a row of the operations table
---@param params table the row's params and the common options
---@param sandbox daytona.Sandbox? whose toolbox is asked
---@param deadline number?
---@param manner daytona.Manner? by default the answer is waited for
---@return any? value
---@return daytona.Error? err
---@return table? answer of an upload that failed, where the server gave one
function call.run(client, operation, params, sandbox, deadline, manner)
  manner = manner or PLAIN
  if not client._core then
    core.misuse(("%s: not a client (call methods with a colon)"):format(operation))
  end
  if client.host.check then -- whether it can wait here
    client.host.check(client)
  end
  local started, trace = now(), nil
  if client._hooks then
    trace = client._hooks:begin(operation, params)
    trace.attempt = 1
  end
  local value, err, hint = attempt(client, operation, params, sandbox, deadline, manner, trace, started, 0)
  if not sandbox then
    value, err, hint = trusted(operation, params, value, err, hint)
  end
  if value ~= nil then
    return succeed(client, trace, 1, value)
  end
  return persist(client, operation, params, sandbox, deadline, manner, trace, started, err, hint)
end

--- The parameters of a call: `arguments`, a fresh table of the positional ones,
--- with the caller's options added.  Raises if an option says again what an
--- argument said.
---@type fun(operation: string, options: table?, arguments: table<string, any>): table
call.params = core.params

return call
