--- The host of Neovim and of plain Lua with luv.
---
---     local host = require "daytona.host.uv"
---     local client = assert(daytona.new { host = host })
---     host.run(function()
---       local run = assert(sandbox.process:exec "make")
---       ... -- here the whole of vim.api may be used
---     end)
---
--- Calls are made in coroutines, which yield while a thread of the client does
--- the transfer; the event loop goes on.  In plain Lua whoever owns the loop
--- runs it (`require("luv").run()`); nothing of ours keeps it alive when no call
--- is under way.

local core = require "daytona.core"
local protect = require "daytona.protect"

local vim = rawget(_G, "vim")
local uv = vim and (vim.uv or vim.loop) or require "luv"

local host = {}

---@class daytona.UvTask
---@field cancelled boolean?
local Task = {}
Task.__index = Task

-- By coroutine, until it ends.
local tasks = {}

-- By the core's client, while somebody waits there: the handle that watches its
-- descriptor, who waits for the request of which number, and how many do.
local watchers = {}

local function resume(co)
  local ok, problem = true, nil
  if coroutine.status(co) == "suspended" then
    ok, problem = coroutine.resume(co)
  end
  if coroutine.status(co) == "dead" then
    tasks[co] = nil
  end
  return ok, not ok and debug.traceback(co, tostring(problem))
end

--- Resumes all of the list, where errors are shown as those of any callback.
local function resume_all(list)
  local first
  for _, co in ipairs(list) do
    local ok, problem = resume(co)
    if not ok and not first then
      first = problem
    end
  end
  if first then
    error(first, 0)
  end
end

-- In a callback of Neovim's loop most of vim.api is forbidden.
local function wake(list)
  if vim then
    vim.schedule(function()
      resume_all(list)
    end)
  else
    resume_all(list)
  end
end

local function forget(client, number)
  local watcher = watchers[client]
  if not watcher or not watcher.waiting[number] then
    return
  end
  watcher.waiting[number] = nil
  watcher.count = watcher.count - 1
  if watcher.count == 0 then
    watchers[client] = nil
    watcher.poll:close()
  end
end

local function collect(client)
  local watcher, list = watchers[client], {}
  for number in client.announced, client do
    local co = watcher.waiting[number]
    if co then
      list[#list + 1] = co
      forget(client, number)
    end
  end
  wake(list)
end

local function watch(client, number, co)
  local watcher = watchers[client]
  if not watcher then
    watcher = { waiting = {}, count = 0, poll = assert(uv.new_poll(client:start_background())) }
    watchers[client] = watcher
    assert(watcher.poll:start("r", function()
      collect(client)
    end))
  end
  if not watcher.waiting[number] then
    watcher.count = watcher.count + 1
  end
  watcher.waiting[number] = co
end

--- Raises unless the caller can be made to wait; call.lua asks before it sends.
function host.check()
  local co, is_main = coroutine.running()
  if not co or is_main then
    core.misuse("daytona.host.uv: a call has to be made in a coroutine: "
      .. "require('daytona.host.uv').run(function() ... end), or coroutine.wrap(function() ... end)()")
  end
  return protect.base(co)
end

--- Yields until the request is done or wants to be fed.
function host.wait(request)
  local co = host.check()
  local task = tasks[co]
  local client, number = request:client(), request:number()
  if task then
    task.request = request
  end
  while not request:done() and not request:hungry() do
    watch(client, number, co)
    coroutine.yield()
  end
  forget(client, number)
  if task then
    task.request = nil
  end
end

--- Yields for that long.
---@param seconds number
---@return boolean completed false: the task was cancelled
function host.sleep(seconds)
  local co = host.check()
  local task, over = tasks[co], false
  local timer = assert(uv.new_timer())
  uv.update_time()
  timer:start(math.max(0, math.ceil(seconds * 1000)), 0, function()
    over = true
    wake { co }
  end)
  while not over and not host.cancelled() do
    if task then
      task.sleeping = true
    end
    coroutine.yield()
  end
  if task then
    task.sleeping = nil
  end
  timer:close()
  return not host.cancelled()
end

--- Whether the running task was cancelled.
---@return boolean
function host.cancelled()
  local co = coroutine.running()
  local task = co and tasks[protect.base(co)]
  return task and task.cancelled or false
end

--- Breaks off what the task is waiting for: a call gives nil and an error of
--- kind "cancelled", a sleep false.
function Task:cancel()
  if self.cancelled then
    return
  end
  self.cancelled = true
  if self.request then
    self.request:cancel()
  elseif self.sleeping then
    wake { self.coroutine }
  end
end

--- Starts a function as a task of its own and returns when it first waits.
--- An error before that is raised here, a later one as that of a callback.
---@param fn fun(...)
---@return daytona.UvTask task
function host.spawn(fn, ...)
  if type(fn) ~= "function" then
    core.misuse(("daytona.host.uv: function expected, got %s"):format(type(fn)))
  end
  local co = coroutine.create(fn)
  local task = setmetatable({ coroutine = co }, Task)
  tasks[co] = task
  local ok, problem = coroutine.resume(co, ...)
  if coroutine.status(co) == "dead" then
    tasks[co] = nil
  end
  if not ok then
    error(type(problem) == "string" and debug.traceback(co, problem) or problem, 0)
  end
  return task
end

--- The same by the name that people look for.
host.run = host.spawn

-- A thread must not be in the middle of a transfer when the process ends.
if vim and vim.api and vim.api.nvim_create_autocmd then
  vim.api.nvim_create_autocmd("VimLeavePre", {
    callback = function()
      for client, watcher in pairs(watchers) do
        watchers[client] = nil
        watcher.poll:close()
        client:close()
      end
    end,
  })
end

return host
