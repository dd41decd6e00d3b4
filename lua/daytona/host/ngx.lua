--- The host of nginx with the Lua module, and of OpenResty.
---
---     local host = require "daytona.host.ngx"
---     local client = assert(daytona.new { host = host })   -- in a module: one for each worker
---
--- Calls can be made in the rewrite, access, content and timer phases.  The
--- worker goes on while a thread of the client does the transfer.  A handler
--- that is killed, because its client went away (lua_check_client_abort) or by
--- ngx.thread.kill, cancels the call it waits for.

local core = require "daytona.load"
local expected = require "daytona.host.expected"
local protect = require "daytona.call.protected"
local tasks_module = require "daytona.host.task"

local ngx = rawget(_G, "ngx")
if type(ngx) ~= "table" or not ngx.get_phase then
  core.misuse "daytona.host.ngx: only inside nginx with its Lua module"
end

local host = {}

local FOREVER = 0x7fffffff -- ms; the request has a deadline of its own
local IDLE = 10 * 1000     -- ms that a connection to the client's thread is kept
local MOST_IDLE = 256      -- of these connections
local LONGEST_PAUSE = 0.1  -- seconds between two looks, where there is no connection
local LOOK, STEP = 0.5, 400 -- seconds between two looks for killed handlers; how much is collected for them
local SHORTEST_SLEEP = 0.001 -- seconds; nginx looks at no socket before it ends shorter ones

local phases = { rewrite = true, server_rewrite = true, access = true, content = true, timer = true }

-- By the core's client: where its thread is asked, see src/core/flow/notifier.h.
local notifiers = setmetatable({}, { __mode = "k" })
local count = 0

-- By coroutine.  nginx uses a coroutine again for other handlers when it has
-- ended, so an entry counts only in the handler that made it.
local tasks = setmetatable({}, { __mode = "kv" })

local function running_task()
  local task = tasks[coroutine.running() or false]
  return task and task.handler == ngx.ctx and task or nil
end

local function notifier_of(client)
  local notifier = notifiers[client]
  if not notifier then
    count = count + 1
    notifier = {
      address = client:start_background "notifier",
      -- An address comes again when a client is gone, its connections must not.
      options = { pool = "daytona " .. count, pool_size = MOST_IDLE },
    }
    notifiers[client] = notifier
  end
  return notifier
end

--- Raises unless the caller can be made to wait; call.lua asks before it sends.
---@param client daytona.Client?
function host.check(client)
  local phase = ngx.get_phase()
  if not phases[phase] then
    core.misuse(("daytona.host.ngx: a call cannot wait in the phase '%s', only in rewrite, access, content "
      .. "and timer (ngx.timer.at(0, function() ... end) leads there)"):format(phase))
  end
  local inside = protect.obstacle()
  if inside then
    core.misuse(("daytona.host.ngx: a call cannot wait inside %s"):format(inside))
  end
  if client then
    notifier_of(client._core)
  end
end

local function is_ready(request)
  return request:done() or request:hungry()
end

--- Waits at the client's thread, at most so many seconds, which it counts: nginx would
--- log that a read took too long.  nil: there is no connection to it.
local function ask(notifier, request, seconds)
  local socket = ngx.socket.tcp()
  socket:settimeouts(FOREVER, FOREVER, FOREVER)
  if not socket:connect(notifier.address, notifier.options) then
    return nil
  end
  local limit = seconds and ("t%015.0f"):format(math.min(math.max(seconds * 1000, 1), FOREVER)) or ""
  local answer = is_ready(request)
    or socket:send(limit .. ("%016.0f"):format(request:number())) and socket:receive(1)
  if not answer then
    socket:close()
    return nil
  end
  socket:setkeepalive(IDLE, MOST_IDLE)
  return true
end

--- Yields until the request is done or wants to be fed, or for that long.
local function wait(request, seconds)
  local task = running_task()
  if task then
    task.request = request
  end
  local notifier, pause, deadline = notifier_of(request:client()), 0.001, seconds and core.now() + seconds
  while not is_ready(request) and not (seconds and seconds <= 0) do
    if not ask(notifier, request, seconds) and not is_ready(request) then
      ngx.sleep(pause) -- the worker has no connection to spare
      pause = math.min(pause * 2, LONGEST_PAUSE)
    end
    seconds = deadline and deadline - core.now()
  end
  if task then
    task.request = nil
  end
end

--- Yields until the request is done or wants to be fed.
function host.wait(request)
  wait(request)
end

--- The same, and not longer than that.
---@param request userdata
---@param seconds number
function host.wait_for(request, seconds)
  wait(request, seconds)
end

--- What wakes a task.
local function alarm_of(task)
  local alarm = task.alarm or require("ngx.semaphore").new()
  task.alarm = alarm
  return alarm
end

--- Yields for that long.
---@param seconds number
---@return boolean completed false: the task was cancelled
function host.sleep(seconds)
  expected.seconds("daytona.host.ngx", host, seconds)
  host.check()
  local task = running_task()
  if host.cancelled() then
    return false
  elseif not task or seconds <= 0 then
    ngx.sleep(math.max(SHORTEST_SLEEP, seconds))
    return not host.cancelled()
  end
  local alarm = alarm_of(task)
  local deadline, left = core.now() + seconds, seconds
  while left > 0 and not host.cancelled() do
    alarm:wait(left)
    left = deadline - core.now()
  end
  return not host.cancelled()
end

--- Whether the running task was cancelled.
---@return boolean
function host.cancelled()
  local task = running_task()
  return task ~= nil and tasks_module.is_refused(task)
end

--- Calls fn(...) so that the running task is not cancelled in it: for calls
--- that clean up.
---@param fn function
---@return ... what fn returned
function host.shield(fn, ...)
  expected.fn("daytona.host.ngx", host, fn)
  return tasks_module.shield(running_task(), fn, ...)
end

-- What calls of handlers may have made: { ticket, client, own }, where the ticket
-- is weak.  nginx tells nobody when it kills a handler; its ticket is collected.
local kept, is_watched = {}, false

--- Removes what killed handlers have left, as long as there is anything to watch.
local function watch_kept()
  while next(kept) do
    ngx.sleep(LOOK)
    collectgarbage("step", STEP)
    for entry in pairs(kept) do
      if not entry.ref[1] then
        kept[entry] = nil
        if entry.own.is_ours then
          pcall(entry.own.undo, require("daytona.call.cleanup").quiet(entry.client))
        end
      end
    end
  end
  is_watched = false
end

local Ticket = {}
Ticket.__index = Ticket

function Ticket:release()
  kept[self._entry] = nil
end

--- Notes what a call may have made, for when its handler is killed.
function host.keep(client, own)
  local entry = { client = client, own = own }
  local ticket = setmetatable({ _entry = entry }, Ticket)
  entry.ref = setmetatable({ ticket }, { __mode = "v" })
  kept[entry] = true
  is_watched = is_watched or ngx.timer.at(0, watch_kept) and true or false
  return ticket
end

-- What the host lends its tasks, see task.lua.
local lent = {}

function lent.waiting()
  host.check()
  return running_task()
end

--- nginx tells nobody when a thread is killed, so that is looked at now and then.
function lent.await(waiting, task)
  local alarm = alarm_of(waiting or {})
  task.alarms[alarm] = true
  while not task.has_ended and not (waiting and tasks_module.is_refused(waiting)) do
    if task.thread and coroutine.status(task.thread) == "dead" then
      tasks_module.record(task, true, nil, tasks_module.cancelled "task.wait")
      task.has_ended = true
    else
      alarm:wait(LOOK)
    end
  end
  task.alarms[alarm] = nil
  return task.has_ended
end

function lent.cancel(task)
  tasks_module.cancel(task, function()
    if task.request then
      task.request:cancel()
    elseif task.alarm then
      task.alarm:post()
    end
  end)
end

local function tell(task)
  for alarm in pairs(task.alarms) do
    alarm:post()
  end
end

--- Starts a function as a light thread of the running handler, and returns when
--- it first waits.  Its error goes to whoever waits for it; if nobody does, to the
--- log of nginx.
---@param fn fun(...)
---@return daytona.Task task with the field `thread`, as ngx.thread.kill wants it
function host.spawn(fn, ...)
  expected.fn("daytona.host.ngx", host, fn)
  host.check()
  local task = tasks_module.new(lent)
  task.handler, task.alarms = ngx.ctx, {} -- alarms: of those who wait for it
  local n, arguments = select("#", ...), { ... }
  task.thread = ngx.thread.spawn(function()
    tasks[coroutine.running()] = task
    tasks_module.run(task, function()
      return fn(unpack(arguments, 1, n))
    end, tell)
  end)
  return task
end

return host
