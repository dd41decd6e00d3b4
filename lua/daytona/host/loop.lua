--- The host of coroutines: many calls at once in one thread, on any Lua.
---
---     local loop = require "daytona.host.loop"
---     local client = assert(daytona.new { host = loop })
---     loop.run(function()
---       local sizes = assert(loop.map(sandboxes, function(sandbox)
---         return sandbox.process:exec "du -sh"
---       end, { concurrency = 20 }))
---     end)
---
--- Plain Lua 5.1 cannot yield across pcall, xpcall, metamethods and the
--- function that drives a `for`.  A call or sleep in one of these raises an
--- error that says so; loop.pcall does what pcall does and lets a task wait
--- inside on every Lua, and client:list_page takes the place of client:list.

local core = require "daytona.load"
local expected = require "daytona.host.expected"
local lists = require "daytona.call.list_argument"
local keeper = require "daytona.host.keeper"
local protect = require "daytona.call.protected"
local scheduler = require "daytona.host.scheduler"
local tasks = require "daytona.host.task"

local loop = {}

local DEFAULT_CONCURRENCY = 10

local yield = coroutine.yield
local unpack = table.unpack or unpack -- luacheck: ignore
local deliver, is_refused = tasks.deliver, tasks.is_refused

local kept = keeper.new()
local active -- the scheduler of the run under way

--- The scheduler; raises outside run.
local function running(what)
  if not active or not active.current then
    core.misuse(("%s: only inside loop.run(function() ... end)"):format(what))
  end
  return active
end

--- The scheduler, where the running task may wait; raises elsewhere.
local function waiting(what)
  local self = running(what)
  local co = coroutine.running()
  if co ~= self.current.co and protect.base(co) ~= self.current.co then
    core.misuse(("%s: inside a coroutine of your own a task cannot wait (use loop.spawn)"):format(what))
  end
  local inside
  if coroutine.isyieldable then
    inside = not coroutine.isyieldable()
  else -- Lua 5.1 and 5.2
    inside = protect.obstacle()
  end
  if inside and protect.native then
    core.misuse(("%s: a task cannot wait inside a function that C calls (a sort or gsub, say)"):format(what))
  elseif inside then
    core.misuse(("%s: in Lua 5.1 a task cannot wait inside %s (see loop.pcall, client:list_page)")
      :format(what, inside))
  end
  return self
end

-- What the loop lends its tasks, see task.lua.
local lent = {}

function lent.waiting(what)
  return waiting(what).current
end

function lent.await(_, task)
  return active:await(active:group({ task }, false)) ~= false
end

function lent.cancel(task)
  running "loop.cancel":cancel(task)
end

local function spawn(self, fn)
  return self:spawn(fn, lent)
end

--- Starts a task: fn(...) runs when the others have had their turn.
---
--- Its error goes to whoever waits for it; if nobody does, run raises it.
---@param fn function
---@return daytona.Task
function loop.spawn(fn, ...)
  local state = running "loop.spawn"
  expected.fn("loop.spawn", loop, fn)
  local n = select("#", ...)
  if n == 0 then
    return spawn(state, fn)
  end
  local arguments = { ... }
  return spawn(state, function()
    return fn(unpack(arguments, 1, n))
  end)
end

--- Lets the other tasks run for that long; 0: each once.
---@param seconds number
---@return boolean slept false if the task was cancelled
function loop.sleep(seconds)
  expected.seconds("loop.sleep", loop, seconds)
  local state = waiting "loop.sleep"
  if is_refused(state.current) then
    return false
  end
  return state:await_time(seconds)
end

--- Cancels a task and comes back at once.  The call it waits in gives nil and
--- an error of kind "cancelled", as does every later one; its sleep gives
--- false; a map or all in it cancels its own tasks.
---@param task daytona.Task
function loop.cancel(task)
  expected.dot("loop.cancel", loop, task)
  if not tasks.is_task(task) then
    core.misuse(("loop.cancel: task expected, got %s"):format(type(task)))
  end
  task:cancel()
end

--- Whether the running task was cancelled.
---@return boolean
function loop.cancelled()
  local task = active and active.current
  if not task or not protect.native then -- else loop.wait sees what is wrong
    task = waiting "daytona.host.loop".current
  end
  return task.is_cancelled and is_refused(task) or false
end

--- Calls fn(...) so that the running task is not cancelled in it: for calls
--- that clean up.
---@param fn function
---@return ... what fn returned
function loop.shield(fn, ...)
  local task = running "loop.shield".current
  expected.fn("loop.shield", loop, fn)
  return tasks.shield(task, fn, ...)
end

--- Notes what a call may have made, for a run that is broken off; of the library.
function loop.keep(client, own)
  return kept:add(client, own)
end

--- pcall in which a task may wait, on plain Lua 5.1 too.
---@param fn function
---@return boolean ok
---@return ... results of fn, or what it raised
function loop.pcall(fn, ...)
  expected.dot("loop.pcall", loop, fn)
  return protect.pcall(fn, ...)
end

--- Waits for a group that owns its members; gives its first failure, and
--- whether the waiting task was cancelled.
local function await_members(self, members)
  local group = self:group(members, true)
  self:await(group)
  for _, task in ipairs(members) do
    task.was_noticed = true
  end
  return group.first, self.current.is_cancelled and self.current.shields == 0
end

--- Waits until all have ended.  When one raises an error or gives nil and an
--- error, the others are cancelled.
---@param list (function|daytona.Task)[] functions are spawned
---@return any[]? values the first result of each, in order; `n` is how many. An error raised in one is raised again, with its traceback
---@return daytona.Error? err
---@return integer? index of the one that gave `err`
function loop.all(list)
  local state = waiting "loop.all"
  expected.dot("loop.all", loop, list)
  if type(list) ~= "table" then
    core.misuse(("loop.all: list expected, got %s"):format(type(list)))
  end
  lists.count("loop.all", "list", list)
  for i, entry in ipairs(list) do
    if entry == state.current or type(entry) ~= "function" and not tasks.is_task(entry) then
      core.misuse(("loop.all: entry %d: function or other task expected, got %s"):format(i, type(entry)))
    end
  end
  if is_refused(state.current) then
    return nil, tasks.cancelled "loop.all"
  end
  local members, index = {}, {}
  for i, entry in ipairs(list) do
    members[i] = type(entry) == "function" and spawn(state, entry) or entry
    index[members[i]] = i
  end
  local first, is_cancelled = await_members(state, members)
  if first then
    local _, err = deliver(first)
    return nil, err, index[first]
  elseif is_cancelled then
    return nil, tasks.cancelled "loop.all"
  end
  local values = { n = #members }
  for i, task in ipairs(members) do
    values[i] = task.results[1]
  end
  return values
end

local function check_map(list, fn, options)
  expected.dot("loop.map", loop, list)
  if type(list) ~= "table" then
    core.misuse(("loop.map: field 'list': table expected, got %s"):format(type(list)))
  elseif type(fn) ~= "function" then
    core.misuse(("loop.map: field 'fn': function expected, got %s"):format(type(fn)))
  end
  lists.count("loop.map", "list", list)
  if options ~= nil and type(options) ~= "table" then
    core.misuse(("loop.map: options: table expected, got %s"):format(type(options)))
  end
  core.check("loop.map", options or {})
  return options and options.concurrency or DEFAULT_CONCURRENCY
end

--- Calls fn(entry, index) for each entry, several at once.  After the first
--- failure (an error raised, or nil and an error) no more are begun, and those
--- under way are cancelled and waited for.
---@param list any[]
---@param fn fun(entry: any, index: integer): any, daytona.Error?
---@param options { concurrency: integer? }? concurrency: how many at once, default 10
---@return any[]? values the first result of each call, in the order of the list; `n` is how many. An error raised in one is raised again, with its traceback
---@return daytona.Error? err
---@return integer? index of the entry that gave `err`
function loop.map(list, fn, options)
  local state = waiting "loop.map"
  local concurrency = check_map(list, fn, options)
  if is_refused(state.current) then
    return nil, tasks.cancelled "loop.map"
  end
  local values, begun = { n = #list }, 0
  local failed
  local function worker()
    local task = state.current
    while begun < values.n and not failed and not task.is_cancelled do
      begun = begun + 1
      local index = begun
      local value, err = fn(list[index], index)
      if value == nil and err ~= nil then
        failed = failed or index
        return nil, err
      end
      values[index] = value
    end
  end
  local members = {}
  for i = 1, math.min(concurrency, values.n) do
    members[i] = spawn(state, worker)
  end
  local first, is_cancelled = await_members(state, members)
  if first then
    local _, err = deliver(first)
    return nil, err, failed
  elseif is_cancelled then
    return nil, tasks.cancelled "loop.map"
  end
  return values
end

--- Waits until the request is done or wants to be fed; of the library.
---@param request userdata
---@param seconds number? how long at most
local function wait(request, seconds)
  local state = active or running "daytona.host.loop"
  local task = state.current
  local client = request:watch(task.id, task.co)
  if client == false then -- not in the task's coroutine, or it cannot yield
    if protect.native then
      request:cancel() -- before any of it was sent
      waiting "daytona.host.loop"
    end
    client = request:watch(task.id)
  end
  if client then
    if not state.is_turned[client] then
      state:turn_from_now(client)
    end
    task.client, task.request = client, request
    if seconds then
      state:set_alarm(task, seconds)
    end
    yield()
  end
end

loop.wait = wait

--- The same, and not longer than that.
loop.wait_for = wait

--- Cancels what is left and lets it end.
local function leave(state)
  state:cancel_all()
  return pcall(state.drive, state, function()
    if state.last == 0 then
      state:cancel_all() -- what was spawned meanwhile
    end
    return state.count == 0
  end)
end

local function first_unnoticed(state)
  for _, task in ipairs(state.failed) do
    if not task.was_noticed then
      return task
    end
  end
end

--- Runs fn(...) and the tasks it spawns, and returns what fn returned.
---
--- When fn returns or fails, what is left is cancelled.  An error in fn, or in
--- a task that nobody waited for, is raised, with its traceback.
---@param fn function
---@return ... what fn returned
function loop.run(fn, ...)
  expected.fn("loop.run", loop, fn)
  if active then
    core.misuse "loop.run: it runs already (use loop.spawn inside)"
  end
  local state = scheduler.new()
  local n, arguments = select("#", ...), { ... }
  local main = spawn(state, function()
    return fn(unpack(arguments, 1, n))
  end)
  main.was_noticed = true
  active = state
  local driven, problem = pcall(state.drive, state, function()
    return main.has_ended
  end)
  if not driven then
    state:recover()
  end
  local left, trouble = leave(state)
  if not left then
    state:abandon()
    kept:settle()
  end
  active = nil
  local unnoticed = first_unnoticed(state)
  if not driven or not left then
    error(driven and trouble or problem, 0)
  elseif unnoticed and not main.has_failed then
    deliver(unnoticed)
  end
  return deliver(main)
end

return loop
