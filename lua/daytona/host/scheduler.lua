--- The tasks of one daytona.host.loop: which may run, and what the others wait
--- for.  A task waits for one thing at a time: a request, a moment (or a request
--- until a moment), or a group of other tasks.

local core = require "daytona.core"
local heap = require "daytona.host.heap"
local protect = require "daytona.call.protected"
local tasks_module = require "daytona.host.task"

local failure, record, next_id = tasks_module.failure, tasks_module.record, tasks_module.next_id
local create, yield, resume_coroutine = coroutine.create, coroutine.yield, coroutine.resume

local SLICE = 0.25        -- seconds in C at a time, so that Ctrl-C works
local SHARED_SLICE = 0.01 -- the same while several clients have requests

local Scheduler = {}
local metatable = { __index = Scheduler }

local scheduler = {}

function scheduler.new()
  return setmetatable({
    current = false,                -- the task that runs
    tasks = {}, count = 0,          -- those that have not ended, by id
    ready = {}, last = 0,           -- those that may run: ready[1..last]
    spare = {},                     -- the array that `ready` changes places with
    sleepers = {},                  -- heap of { at, task }
    clients = {}, is_turned = {},   -- core clients with requests under way: list and set
    tags = {},                      -- of requests that are ready
    next_client = 0,
    failed = {},                    -- tasks that raised an error
  }, metatable)
end

--- The body of a task's coroutine.
local function body(task)
  local fn = task.fn
  task.fn = nil
  if protect.native then
    record(task, xpcall(fn, failure))
  else
    record(task, true, fn())
  end
end

--- Lets a task go on; `value` is what its yield gives.
local function push(self, task, value)
  local last = self.last + 1
  self.last = last
  self.ready[last] = task
  task.is_ready, task.value = true, value
end

--- A new task, to run when the others have had their turn.
---@param fn fun(): ...
---@param host table see task.lua
function Scheduler:spawn(fn, host)
  -- What each turn looks at is there from the start: a field that is missing
  -- costs ten times as much, because it is looked for in the class.
  local task = setmetatable({
    id = next_id(), _host = host, waiters = 0, -- ids are the tags of requests
    fn = fn, co = create(body), shields = 0,
    client = false, request = false, sleep = false, group = false, -- waited for
    is_ready = false, is_cancelled = false,
    has_ended = false, has_failed = false, results = false,
  }, tasks_module.metatable)
  self.tasks[task.id] = task
  self.count = self.count + 1
  push(self, task, task)
  return task
end

--- Groups: { pending, waiter, owns, members, first }.  `first` is the member
--- that failed first; a group that owns its members then cancels the others.

--- The first failure of a group was seen: `member` is at fault.
function Scheduler:fail(group, member)
  if group.first then
    return
  end
  group.first = member
  if group.owns then
    for _, other in ipairs(group.members) do
      if other ~= member then
        self:cancel(other)
      end
    end
  end
end

local function has_failed(task)
  local results = task.results
  return task.has_failed or (results.n > 1 and results[1] == nil and results[2] ~= nil)
end

--- Counts a member that has ended.
local function leave_group(self, group, task)
  group.pending = group.pending - 1
  if has_failed(task) then
    self:fail(group, task)
  end
  if group.pending == 0 and group.waiter then
    local waiter = group.waiter
    group.waiter, waiter.group = nil, false
    push(self, waiter, true)
  end
end

--- Makes a group of tasks, ended ones among them.
function Scheduler:group(members, owns)
  local group = { members = members, owns = owns, pending = 0 }
  for _, task in ipairs(members) do
    if not task.has_ended then
      task.groups = task.groups or {}
      task.groups[#task.groups + 1] = group
      group.pending = group.pending + 1
    end
  end
  for _, task in ipairs(members) do
    if task.has_ended and has_failed(task) then
      self:fail(group, task)
    end
  end
  return group
end

--- Lets the running task wait until all members have ended; false: it was
--- cancelled and the group does not own its members.
function Scheduler:await(group)
  local task = self.current
  if group.pending == 0 then
    return true
  end
  group.waiter, task.group = task, group
  if task.is_cancelled and task.shields == 0 then
    self:interrupt(task)
  end
  return yield()
end

local function finish(self, task)
  self.tasks[task.id] = nil
  self.count = self.count - 1
  task.has_ended = true
  if task.has_failed and not task.is_cancelled then
    self.failed[#self.failed + 1] = task
  end
  for _, group in ipairs(task.groups or {}) do
    leave_group(self, group, task)
  end
  task.groups = nil
end

--- Runs a task until it waits or ends.
local function resume(self, task)
  task.is_ready = false
  self.current = task
  local ok, problem = resume_coroutine(task.co, task.value)
  self.current = false
  if not ok then
    record(task, false, failure(problem, task.co))
  end
  if task.results or task.has_failed then
    finish(self, task)
  elseif not (task.client or task.sleep or task.group or task.is_ready) then
    push(self, task) -- it yielded by itself
  end
end

--- Has a client with requests under way turned until there are none.
function Scheduler:turn_from_now(client)
  self.clients[#self.clients + 1] = client
  self.is_turned[client] = true
end

--- Has a task go on after that long, if what it waits for has not come before.
function Scheduler:set_alarm(task, seconds)
  task.sleep = { at = core.now() + seconds, task = task }
  heap.add(self.sleepers, task.sleep)
end

--- Takes the alarm of a task back.
local function drop_alarm(self, task)
  heap.remove(self.sleepers, task.sleep)
  task.sleep = false
end

--- Lets the running task sleep; false: it was cancelled.
function Scheduler:await_time(seconds)
  self:set_alarm(self.current, seconds)
  return yield()
end

--- Ends what a task waits for.
function Scheduler:interrupt(task)
  local group = task.group
  if task.request then
    task.request:cancel() -- its client reports it
  elseif task.sleep then
    drop_alarm(self, task)
    push(self, task, false)
  elseif group and group.owns then
    for _, member in ipairs(group.members) do
      self:cancel(member)
    end
  elseif group then
    group.waiter, task.group = nil, false
    push(self, task, false)
  end
end

--- Cancels a task; one that has not begun never does.
function Scheduler:cancel(task)
  if task.has_ended or task.is_cancelled then
    return
  end
  task.is_cancelled = true
  if task.fn then
    task.fn = nil
    task.results = { n = 2, nil, tasks_module.cancelled "loop.spawn" }
    finish(self, task)
  elseif task.shields == 0 then
    self:interrupt(task)
  end
end

function Scheduler:cancel_all()
  local all = {}
  for _, task in pairs(self.tasks) do
    all[#all + 1] = task
  end
  for _, task in ipairs(all) do
    self:cancel(task)
  end
end

local function run_ready(self)
  local ready, last = self.ready, self.last
  self.ready, self.spare, self.last = self.spare, ready, 0
  for i = 1, last do
    local task = ready[i]
    ready[i] = false -- nil would make the array be built again and again
    if not task.has_ended then
      resume(self, task)
    end
  end
end

--- Wakes who has slept enough; gives the seconds until the next.
local function wake_sleepers(self)
  local sleepers = self.sleepers
  local entry = sleepers[1]
  if not entry then
    return SLICE
  end
  local now = core.now()
  while entry and entry.at <= now do
    local task = entry.task
    drop_alarm(self, task)
    if task.request then -- it did not come in time
      task.request:watch(0)
      task.client, task.request = false, false
    end
    push(self, task, true)
    entry = sleepers[1]
  end
  return entry and math.min(entry.at - now, SLICE) or SLICE
end

--- Turns the client at `index` of the list and lets those go on whose requests
--- are ready.  Takes it out of the list first when none is under way any more,
--- because the tasks may start others.
local function turn_client(self, index, seconds)
  local client, tags, tasks = self.clients[index], self.tags, self.tasks
  local count, live = client:turn(seconds, tags)
  if live == 0 then
    self.is_turned[client] = nil
    table.remove(self.clients, index)
  end
  for i = 1, count do
    local task = tasks[tags[i]]
    if task then
      task.client, task.request = false, false
      if task.sleep then
        drop_alarm(self, task)
      end
      resume(self, task)
    end
  end
  return count
end

--- Moves requests and waits for them.  Several clients are all moved, then
--- one after another polls for a short while.
local function turn_clients(self, seconds)
  local clients, count = self.clients, 0
  if #clients == 1 then
    turn_client(self, 1, seconds)
    return
  end
  for i = #clients, 1, -1 do
    count = count + turn_client(self, i, 0)
  end
  if count == 0 and seconds > 0 and #clients > 0 then
    self.next_client = self.next_client % #clients + 1
    turn_client(self, self.next_client, math.min(seconds, SHARED_SLICE))
  end
end

--- Runs tasks until `is_over()`.
---@param is_over fun(): boolean
function Scheduler:drive(is_over)
  while true do
    run_ready(self)
    if is_over() then
      return
    end
    local seconds = wake_sleepers(self)
    if self.last > 0 then
      seconds = 0
    end
    if self.clients[1] then
      turn_clients(self, seconds)
    elseif seconds > 0 then
      if not self.sleepers[1] then
        core.misuse "loop.run: every task waits for another one"
      end
      core.pause(seconds)
    end
  end
end

--- Puts in order what an error out of the middle of `drive` (Ctrl-C) left.
function Scheduler:recover()
  self.current = false
  self.ready, self.spare, self.last = {}, {}, 0
  self.clients, self.is_turned = {}, {}
  for id, task in pairs(self.tasks) do
    if task.client and task.request:watch(id) then
      if not self.is_turned[task.client] then
        self:turn_from_now(task.client)
      end
    elseif not task.sleep and not task.group then
      task.client, task.request = false, false
      push(self, task, task.value or task)
    end
  end
end

--- Gives up every task without letting it run again.
function Scheduler:abandon()
  for _, task in pairs(self.tasks) do
    if task.request then
      task.request:close()
    end
  end
end

return scheduler
