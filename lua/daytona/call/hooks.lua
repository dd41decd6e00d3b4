--- Who wants to see what a client does: the hooks on_request, on_response and
--- on_retry, and the log that DAYTONA_LOG asks for.

local core = require "daytona.core"
local decimal = require "daytona.text.decimal"
local merged = require "daytona.call.merged"
local redaction = require "daytona.call.redaction"

local hooks = {}

local NAMES = { "on_request", "on_response", "on_retry" }

---@class daytona.Event
---@field operation string   like "process.exec"
---@field method string      HTTP method
---@field path string        path of the URL, without the query
---@field attempt integer    1 for the first
---@field elapsed number     seconds since the call began
---@field status integer?    HTTP status, if there was an answer
---@field kind string?       kind of the error, if it failed (see daytona.Error)
---@field request_id string? the server's id of the request
---@field delay number?      on_retry: seconds that were waited for

--- One line to standard error.  Parts of it come from the server.
local function log(format, ...)
  io.stderr:write("daytona: ", core.printable(format:format(...)), "\n")
end

local function describe(event)
  return ("%s %s %s"):format(event.operation, event.method or "-", event.path or "-")
end

local function outcome(status, kind)
  return ("%s%s"):format(status or "no answer", kind and " " .. kind or "")
end

local Hooks = {}
local metatable = { __index = Hooks }

--- What daytona.new keeps of the options: nil when nobody wants to see.
---@param options table of daytona.new
---@param level string? DAYTONA_LOG
---@return table? hooks
function hooks.new(options, level)
  if level and level ~= "info" and level ~= "debug" then
    core.misuse(("daytona.new: DAYTONA_LOG: 'info' or 'debug' expected, got '%s'"):format(level))
  end
  local self = { level = level }
  for _, name in ipairs(NAMES) do
    self[name] = options[name]
  end
  if next(self) then
    return setmetatable(self, metatable)
  end
end

--- The event of an attempt, as far as it is known.
local function event_of(request, trace)
  local method, path, status, request_id = request:info()
  return {
    operation = trace.operation, method = method, path = redaction.path(path, trace.operation, trace.params),
    attempt = trace.attempt,
    status = status, request_id = request_id, elapsed = core.now() - trace.started,
  }
end

--- The beginning of a call.
---@param operation string
---@param params table
---@return table trace of this call
function Hooks:begin(operation, params) -- luacheck: no self
  return { operation = operation, params = params, started = core.now() }
end

--- Calls a hook about a request that was handed to the driver.  One that raises ends
--- the call: the request is broken off, the error goes on.
local function announce(hook, event, request)
  local ok, problem = pcall(hook, event)
  if not ok then
    request:close()
    error(problem, 0)
  end
end

--- An attempt was handed to the driver: the first, or one that repeats what failed.
function Hooks:sent(trace, request)
  local former, event = trace.event, event_of(request, trace)
  trace.event = event
  if self.level == "debug" then
    log("%s: attempt %d", describe(event), event.attempt)
  end
  if trace.delay then
    local repeated = merged(former, { delay = trace.delay, elapsed = event.elapsed })
    trace.delay = nil
    if self.on_retry then
      announce(self.on_retry, repeated, request)
    end
  end
  if self.on_request then
    announce(self.on_request, event, request)
  end
end

--- An attempt is over; its result was not taken yet.
function Hooks:answered(trace, request) -- luacheck: no self
  trace.event = event_of(request, trace)
end

--- The result of the attempt.
function Hooks:result(trace, err)
  local event = trace.event
  event.kind = err and err.kind
  event.status = event.status or err and err.status
  if self.level == "debug" then
    log("%s: attempt %d: %s after %s s%s", describe(event), event.attempt,
      outcome(event.status, event.kind), decimal("%.3f", event.elapsed),
      event.request_id and ", request " .. event.request_id or "")
  end
  if self.on_response then
    self.on_response(event)
  end
end

--- The next attempt may come after `delay` seconds, unless it is needless or refused
--- then: that it was sent is told when it was.
function Hooks:retry(trace, delay)
  trace.delay = delay
  if self.level == "debug" then
    log("%s: again in %s s", describe(trace.event), decimal("%.3f", delay))
  end
end

--- Something that the caller should know of a call that succeeded.
function Hooks:warn(operation, message)
  if self.level then
    log("%s: %s", operation, message)
  end
end

--- The call is over.
function Hooks:finish(trace, attempts, err)
  if self.level then
    local event = trace.event or { operation = trace.operation }
    log("%s: %s after %s s, %d attempt%s", describe(event),
      outcome(event.status, err and err.kind), decimal("%.3f", core.now() - trace.started),
      attempts, attempts == 1 and "" or "s")
  end
end

return hooks
