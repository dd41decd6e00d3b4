--- Hosts for event loops: all that does not differ from loop to loop.
---
--- A thread of each client does its transfers and makes one descriptor readable
--- when a request is done or wants to be fed.  A loop that can watch a
--- descriptor and park a coroutine becomes a host by four functions; see
--- doc/hosts.md, examples/hosts and daytona.host.uv.

local core = require "daytona.load"
local expected = require "daytona.host.expected"
local keeper = require "daytona.host.keeper"
local protect = require "daytona.call.protected"
local tasks_module = require "daytona.host.task"

local descriptor = {}

local unpack = table.unpack or unpack -- luacheck: ignore

--- Somebody who waits.  The loop may put fields of its own into it.
---@class daytona.Waiter
---@field coroutine thread who waits: the one that the loop resumes
---@field request userdata? what for
---@field parked boolean? between the begin and the end of `park`
---@field woken boolean? `wake` was called for it

--- What a loop can do.
---@class daytona.EventLoop
---@field name string of the host's module, for messages
---@field start fun(fn: function) runs fn() in a new coroutine of the loop, now or soon
---@field park fun(waiter: daytona.Waiter, seconds: number?) suspends the running coroutine until it is woken, or for that long; may come back early
---@field wake fun(waiters: daytona.Waiter[]) lets parked coroutines go on, now or soon
---@field watch fun(fd: integer, ready: function): function calls ready() whenever the descriptor is readable, until the function that it gives is called
---@field check (fun(co: thread): boolean)? whether the running coroutine, which is no task of the host, is one that the loop resumes; without it only tasks may make calls
---@field advice string? for those who cannot: what to do

--- The coroutine that the loop resumes when the caller is to go on.
local function running()
  local co, is_main = coroutine.running()
  return co and not is_main and protect.base(co) or nil
end

--- What between the caller and the bottom of its coroutine cannot be waited
--- across; nil: nothing.
local function find_obstacle()
  if coroutine.isyieldable then
    return not coroutine.isyieldable() and "a function that C calls (a sort or gsub, say)" or nil
  end
  local inside = protect.obstacle()
  return inside and ("%s in Lua 5.1"):format(inside)
end

--- Raises unless the table has what a loop needs.
local function check_loop(loop)
  if type(loop) ~= "table" then
    core.misuse(("descriptor.host: table expected, got %s"):format(type(loop)))
  elseif loop == descriptor then
    core.misuse "descriptor.host: call it with a dot, descriptor.host{...}"
  elseif type(loop.name) ~= "string" then
    core.misuse(("descriptor.host: field 'name': string expected, got %s"):format(type(loop.name)))
  end
  for _, name in ipairs { "start", "park", "wake", "watch" } do
    expected.member("descriptor.host", loop, name)
  end
  expected.member("descriptor.host", loop, "check", true)
  if loop.advice ~= nil and type(loop.advice) ~= "string" then
    core.misuse(("descriptor.host: field 'advice': string expected, got %s"):format(type(loop.advice)))
  end
end

--- Wakes those who are parked, and keeps others from being parked.
local function wake(loop, waiters)
  local parked = {}
  for _, waiter in ipairs(waiters) do
    waiter.woken = true
    if waiter.parked then
      parked[#parked + 1] = waiter
    end
  end
  if parked[1] then
    loop.wake(parked)
  end
end

local function is_refused(task)
  return task ~= nil and tasks_module.is_refused(task)
end

local function park(loop, waiter, seconds)
  if not waiter.woken then
    waiter.parked = true
    loop.park(waiter, seconds)
    waiter.parked = false
  end
end

--- Watchers, by the core's client, are there while somebody waits: { stop, count,
--- waiting }, where `waiting` has the waiters by the numbers of their requests.

local function acquire(loop, watchers, client)
  local watcher = watchers[client]
  if not watcher then
    watcher = { waiting = {}, count = 0 }
    watcher.stop = loop.watch(client:start_background(), function()
      if not watcher.stop then
        return -- a late call; what is announced is the next watcher's
      end
      local list = {}
      for number in client.announced, client do
        list[#list + 1] = watcher.waiting[number]
      end
      wake(loop, list)
    end)
    watchers[client] = watcher
  end
  watcher.count = watcher.count + 1
  return watcher
end

local function stop(watchers, client, watcher)
  local unwatch = watcher.stop
  watchers[client], watcher.stop = nil, nil
  if unwatch then
    unwatch()
  end
end

local function release(watchers, client, watcher)
  watcher.count = watcher.count - 1
  if watcher.count == 0 then
    stop(watchers, client, watcher)
  end
end

--- What a host lends its tasks, see task.lua.
---@param loop daytona.EventLoop
---@param waiting fun(): daytona.Task?, thread the running task and coroutine; raises where it cannot wait
local function lend(loop, waiting)
  local lent = { waiting = waiting }

  function lent.await(task, other)
    local _, co = waiting()
    while not other.has_ended do
      if is_refused(task) then
        return false
      end
      local waiter = { coroutine = co }
      other.parked[waiter] = true
      if task then
        task.parked_at = waiter
      end
      park(loop, waiter)
      other.parked[waiter] = nil
    end
    if task then
      task.parked_at = nil
    end
    return true
  end

  function lent.cancel(task)
    tasks_module.cancel(task, function()
      if task.request then
        task.request:cancel() -- the descriptor tells who waits
      elseif task.parked_at then
        wake(loop, { task.parked_at })
      end
    end)
  end

  return lent
end

--- Makes what lets those go on who wait for a task that has ended.  A loop may resume
--- them inside, and they may end inside, too: those who wait for them come after, so
--- that a chain of tasks is not a chain of resumes.
local function teller(loop)
  local ended, is_telling = {}, false
  return function(task)
    ended[#ended + 1] = task
    if is_telling then
      return
    end
    is_telling = true
    local good, problem = true, nil
    while ended[1] do
      local waiters = {}
      for waiter in pairs(table.remove(ended, 1).parked) do
        waiters[#waiters + 1] = waiter
      end
      local ok, why = pcall(wake, loop, waiters)
      good, problem = good and ok, good and why or problem
    end
    is_telling = false
    if not good then
      error(problem, 0)
    end
  end
end

--- Makes a host of a loop.
---@param loop daytona.EventLoop
---@return table host for daytona.new{ host = ... }
function descriptor.host(loop)
  check_loop(loop)
  local host = {}
  local watchers, kept = {}, keeper.new()
  local tasks = setmetatable({}, { __mode = "k" }) -- by coroutine
  local clients = setmetatable({}, { __mode = "k" }) -- that have a thread
  local accepted = setmetatable({}, { __mode = "k" }) -- coroutines that the loop said are its own

  --- Whether the loop, and nobody else, resumes a coroutine.
  local function is_of_loop(co)
    if tasks[co] or accepted[co] then
      return true
    elseif not loop.check or co ~= coroutine.running() then -- in a protected call of plain 5.1
      return false
    end
    accepted[co] = loop.check(co) and true or nil
    return accepted[co]
  end

  --- Raises unless the caller can be made to wait; asked before a call is sent.
  --- In a coroutine that somebody else resumes (a generator, a task of another
  --- library) it would be that one who gets what the host yields.
  ---@return thread
  function host.check()
    local co = running()
    if not co or not is_of_loop(co) then
      core.misuse(("%s: a call has to be made in %s%s"):format(loop.name,
        co and "a task, not in a coroutine that something else resumes" or "a coroutine",
        loop.advice and ": " .. loop.advice or " of the loop"))
    end
    local inside = find_obstacle()
    if inside then
      core.misuse(("%s: a call cannot wait inside %s"):format(loop.name, inside))
    end
    return co
  end

  local lent = lend(loop, function()
    local co = host.check()
    return tasks[co], co
  end)
  local tell = teller(loop)

  --- Waits until the request is done or wants to be fed, or for that long.
  local function wait(request, seconds)
    local co = host.check()
    if request:done() or request:hungry() then
      return
    end
    local task = tasks[co] or {}
    local client, number = request:client(), request:number()
    local watcher = acquire(loop, watchers, client)
    clients[client] = true
    local deadline = seconds and core.now() + seconds
    task.request = request
    repeat
      local waiter = { coroutine = co, request = request }
      watcher.waiting[number] = waiter
      park(loop, waiter, seconds and math.max(seconds, 0))
      seconds = deadline and deadline - core.now()
    until request:done() or request:hungry() or seconds and seconds <= 0
    watcher.waiting[number] = nil
    task.request = nil
    release(watchers, client, watcher)
  end

  --- Waits until the request is done or wants to be fed.
  function host.wait(request)
    wait(request)
  end

  --- The same, and not longer than that.
  ---@param request userdata
  ---@param seconds number
  function host.wait_for(request, seconds)
    wait(request, seconds)
  end

  --- Waits for that long.
  ---@param seconds number
  ---@return boolean completed false: the task was cancelled
  function host.sleep(seconds)
    expected.seconds(loop.name, host, seconds)
    local co = host.check()
    local task = tasks[co] or {}
    local deadline = core.now() + seconds
    local left = seconds
    while not is_refused(task) do
      task.parked_at = { coroutine = co }
      park(loop, task.parked_at, math.max(left, 0))
      left = deadline - core.now()
      if left <= 0 then
        break
      end
    end
    task.parked_at = nil
    return not is_refused(task)
  end

  --- Starts fn(...) as a task of its own.  Its error goes to whoever waits for it; if
  --- nobody does, to where the loop brings errors.
  ---@param fn fun(...)
  ---@return daytona.Task task
  function host.spawn(fn, ...)
    expected.fn(loop.name, host, fn)
    local task = tasks_module.new(lent)
    task.parked = {} -- who waits for it
    local n, arguments = select("#", ...), { ... }
    loop.start(function()
      tasks[running()] = task
      tasks_module.run(task, function()
        return fn(unpack(arguments, 1, n))
      end, tell)
    end)
    return task
  end

  --- Whether the running task was cancelled.
  ---@return boolean
  function host.cancelled()
    return is_refused(tasks[running() or host])
  end

  --- Calls fn(...) so that the running task is not cancelled in it: for calls
  --- that clean up.
  ---@param fn function
  ---@return ... what fn returned
  function host.shield(fn, ...)
    expected.fn(loop.name, host, fn)
    return tasks_module.shield(tasks[running() or host], fn, ...)
  end

  --- Notes what a call may have made, for host.close.
  function host.keep(client, own)
    return kept:add(client, own)
  end

  --- For when the loop ends: removes what calls have made and not handed over,
  --- breaks off every call, which removes half-written files, and closes every
  --- client that has a thread.  Whoever still waits is not resumed.
  function host.close()
    local wanted = kept:requests()
    for client, watcher in pairs(watchers) do
      stop(watchers, client, watcher)
      for _, waiter in pairs(watcher.waiting) do
        if not wanted[waiter.request] then
          waiter.request:close()
        end
      end
    end
    kept:settle()
    for client in pairs(clients) do
      client:close()
    end
  end

  return host
end

return descriptor
