--- Requests that go on while their caller does something else: looks beside another
--- wait, and what a call leaves behind for the server to do.
---
--- Whoever waits for anything of the client moves them, too.  What is left behind is
--- on its way before `leave` comes back; it is repeated while it fails, finished
--- before the client is closed, and before the Lua state is.

local closing = require "daytona.call.closing"
local core = require "daytona.core"

local detached = {}

local FAREWELL = 2 -- seconds that what was left behind may take at the end
local LIMIT = 30 -- seconds for each of its attempts
local MOST_ATTEMPTS = 4

---@class daytona.Detached
---@field request userdata what hosts can wait for
---@field begun number
local Detached = {}
local metatable = { __index = Detached }

--- Sends a request, or begins to connect, and comes back.  The sandbox's toolbox has
--- to be known.
---@param sandbox daytona.Sandbox
---@param operation string
---@param params table of the row
---@param seconds number? none: no limit
---@param connects boolean|userdata|nil the row is a WebSocket; from websocket.ahead: its connection
---@param is_api boolean? the row is the API's, not the toolbox's
---@param former daytona.Detached? the call that this one repeats
---@return daytona.Detached? call
---@return daytona.Error? err
function detached.begin(sandbox, operation, params, seconds, connects, is_api, former)
  local client = core.sandbox_owner(sandbox)
  local closed = client._closed and closing.problem(operation)
  if closed then
    return nil, closed
  end
  local core_client, hooks = client._core, client._hooks
  local request, err = (connects and core_client.connect or core_client.send)(core_client, operation, params,
    not is_api and sandbox or nil, seconds or 0, connects)
  if not request then
    return nil, err
  end
  local trace = hooks and hooks:begin(operation, params)
  if trace then
    trace.attempt = 1
    if former and former._told then
      trace.attempt, trace.event, trace.delay = former._told.attempt + 1, former._told.event, 0
    end
    hooks:sent(trace, request)
  end
  return setmetatable({
    request = request, begun = core.now(), operation = operation, _trace = trace, _hooks = hooks,
    _sandbox = sandbox, _params = params,
  }, metatable)
end

--- Whether there is a result.
---@return boolean
function Detached:is_done()
  return self.request:done()
end

--- Tells the hooks that a connection was made, or what became of the request.
function Detached:tell(err)
  local trace = self._trace
  self._trace, self._told = nil, trace
  if trace then
    self._hooks:result(trace, err)
    self._hooks:finish(trace, trace.attempt, err)
  end
end

--- The result, once it is done; a hook may raise.
---@return any? value
---@return daytona.Error? err
function Detached:result()
  local request = self.request
  if self._trace then
    self._hooks:answered(self._trace, request)
  end
  local value, err = request:result()
  if err then
    err.attempts, err.elapsed, err.sandbox_id = 1, core.now() - self.begun, self._sandbox.id
    require("daytona.call.redaction").apply(err, self.operation, self._params)
  end
  self:tell(err)
  return value, err
end

--- Gives it up.
function Detached:cancel()
  self.request:close()
end

--- Has fn() called before what is pending is collected, even at the end of the state.
local function at_end(fn)
  local meta = { __gc = fn }
  if newproxy then -- luacheck: ignore
    local guard = newproxy(true) -- luacheck: ignore
    getmetatable(guard).__gc = fn
    return guard
  end
  return setmetatable({}, meta)
end

--- Lets it go out: most often the connection is there.
local function push(call)
  for _ = 1, 3 do
    if call.request:step(0) then
      return
    end
  end
end

--- Turns the driver until it is done, whatever the host.
local function finish(call, seconds)
  local deadline = core.now() + seconds
  while core.now() < deadline and not call.request:step(0.05) do -- luacheck: ignore
  end
  return call.request:done()
end

local function send(entry, former)
  local call = detached.begin(entry.sandbox, entry.operation, entry.params, LIMIT, nil, nil, former)
  entry.call = call
  if call then
    push(call)
    -- Made after the request, so that it is collected before.
    entry.guard = at_end(function()
      if entry.call then
        pcall(finish, entry.call, FAREWELL)
      end
    end)
  end
end

--- Takes the result of what is done; true: nothing is left to do.
local function settle(entry)
  local call = entry.call
  if not call then
    return true
  elseif not call:is_done() then
    return false
  end
  entry.call = nil
  local ok, _, err = pcall(call.result, call)
  if not ok or not err or err.kind == "not_found" or err.kind == "cancelled" then
    return true
  end
  entry.attempts = entry.attempts + 1
  if require("daytona.call.poll").is_transient(err) and entry.attempts < MOST_ATTEMPTS then
    send(entry, call)
    return entry.call == nil
  end
  entry.client._left.problem = err
  return true
end

--- Leaves something for the server to do; nobody waits for it.  It fails without a
--- word only where there is nothing to do any more; else client:close tells, and the
--- hooks do.
---@param sandbox daytona.Sandbox
---@param operation string
---@param params table
function detached.leave(sandbox, operation, params)
  local client = core.sandbox_owner(sandbox)
  detached.collect(client)
  client._left = client._left or {}
  local entry = { client = client, sandbox = sandbox, operation = operation, params = params, attempts = 0 }
  send(entry)
  if entry.call and not settle(entry) then
    table.insert(client._left, entry)
  end
end

--- Looks after what was left behind.
---@param client daytona.Client
function detached.collect(client)
  local left = client._left
  for index = left and #left or 0, 1, -1 do
    if settle(left[index]) then
      table.remove(left, index)
    end
  end
end

--- Waits until nothing is left to do in a sandbox.
---@param sandbox daytona.Sandbox
function detached.wait(sandbox)
  local client = core.sandbox_owner(sandbox)
  local left = client._left
  for index = left and #left or 0, 1, -1 do
    local entry = left[index]
    while entry and entry.call and entry.sandbox.id == sandbox.id and not settle(entry) do
      if client.host.cancelled and client.host.cancelled() then
        return
      end
      client.host.wait(entry.call.request)
    end
  end
  detached.collect(client)
end

--- The client is about to be closed.
---@param client daytona.Client
---@return boolean? ok
---@return daytona.Error? err the last one of what was left behind
function detached.close(client)
  local left = client._left or {}
  local deadline = core.now() + FAREWELL
  while left[1] and core.now() < deadline do
    if left[1].call then
      finish(left[1].call, deadline - core.now())
    end
    detached.collect(client)
  end
  client._left = nil
  if left.problem then
    return nil, left.problem
  end
  return true
end

return detached
