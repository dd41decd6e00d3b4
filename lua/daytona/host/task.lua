--- What a task is, in every host: it can be waited for and cancelled, and what cleans up
--- in it is shielded from that.
---
--- A host lends each of its tasks three functions, as the field `_host`:
---
---     waiting(what)         the running task, or nil; raises where the caller cannot wait
---     await(waiting, task)  lets the caller wait until the task has ended; false: it was cancelled
---     cancel(task)          see task.cancel
---
--- and calls `task.run` in the coroutine of the task.

local core = require "daytona.load"
local error_object = require "daytona.call.error"
local expected = require "daytona.host.expected"
local protect = require "daytona.call.protected"

local MOST_REFUSALS = 10000 -- waits of a cancelled task before it is an error

local unpack = table.unpack or unpack -- luacheck: ignore

---@class daytona.Task
---@field traceback string? where it failed, with the message
local Task = {}
local metatable = {
  __index = Task,
  __name = "daytona.task",
  __tostring = function(self)
    return ("daytona.task %d (%s)"):format(self.id, self.has_failed and "failed" or self.has_ended and "done"
      or self.is_cancelled and "cancelled" or "under way")
  end,
}

local task = { metatable = metatable }

local last_id = 0

--- A number that no other task has: the loop tells requests by it.
---@return integer
function task.next_id()
  last_id = last_id + 1
  return last_id
end

---@param host table what the host lends, see above
---@return daytona.Task
function task.new(host)
  return setmetatable({
    id = task.next_id(), _host = host, shields = 0, is_cancelled = false, has_ended = false, has_failed = false,
    results = false, waiters = 0,
  }, metatable)
end

---@return boolean
function task.is_task(value)
  return getmetatable(value) == metatable
end

--- The error of whoever was cancelled.
---@param operation string
---@return daytona.Error
function task.cancelled(operation)
  return error_object.new { kind = "cancelled", operation = operation, message = "the task was cancelled" }
end

--- Whether waiting is refused to the task; a task that never takes notice is stopped by
--- an error, or it would run for ever.
---@param self daytona.Task
---@return boolean
function task.is_refused(self)
  if not self.is_cancelled or self.shields > 0 then
    return false
  end
  self.refusals = (self.refusals or 0) + 1
  if self.refusals > MOST_REFUSALS then
    error("the task was cancelled and goes on (end it when loop.sleep gives false)", 0)
  end
  return true
end

--- Cancels a task: `interrupt(task)` breaks off what it waits for.
---@param self daytona.Task
---@param interrupt fun(task: daytona.Task)
function task.cancel(self, interrupt)
  if self.is_cancelled then
    return
  end
  self.is_cancelled = true
  if self.shields == 0 then
    interrupt(self)
  end
end

local function lower_shield(self, ok, ...)
  self.shields = self.shields - 1
  if not ok then
    error((...), 0)
  end
  return ...
end

--- Calls fn(...) so that the task is not cancelled in it.
---@param self daytona.Task?
---@param fn function
---@return ... what fn gave
function task.shield(self, fn, ...)
  if not self then
    return fn(...)
  end
  self.shields = self.shields + 1
  return lower_shield(self, protect.pcall(fn, ...))
end

--- A message with the traceback at that point, unless it has one.
---@param problem any
---@param co thread? where it was raised
---@return string
function task.traced(problem, co)
  local text = type(problem) == "string" and problem or tostring(problem)
  if text:find("\nstack traceback:", 1, true) then
    return text
  end
  return co and debug.traceback(co, text) or debug.traceback(text, 2)
end

--- What a task raised, with the traceback at that point.
---@param problem any
---@param co thread?
---@return { problem: any, traceback: string }
function task.failure(problem, co)
  local traceback = task.traced(problem, co)
  return { problem = type(problem) == "string" and traceback or problem, traceback = traceback }
end

--- Notes how a task ended: what it gave, or its failure.
---@param self daytona.Task
---@param ok boolean
---@param ... any
function task.record(self, ok, ...)
  if ok then
    self.results = { n = select("#", ...), ... }
  else
    local what = ...
    self.problem, self.traceback, self.has_failed = what.problem, what.traceback, true
  end
end

--- Runs the body of a task to its end, and tells who waits for it; raises its error if
--- nobody does.
---@param self daytona.Task
---@param fn fun(): ...
---@param tell fun(task: daytona.Task)
function task.run(self, fn, tell)
  task.record(self, protect.call(fn, task.failure))
  self.has_ended = true
  local is_awaited = self.waiters > 0
  tell(self)
  if self.has_failed and not is_awaited then
    error(self.problem, 0)
  end
end

--- Gives what the task gave, or raises its error.
---@param self daytona.Task
---@return ...
function task.deliver(self)
  self.was_noticed = true
  if self.has_failed then
    error(self.problem, 0)
  end
  return unpack(self.results, 1, self.results.n)
end

--- Waits for the task to end.
---@return ... what its function returned; an error in it is raised again, with its traceback. nil and an error of kind "cancelled" if the waiting task is cancelled
function Task:wait()
  expected.task(metatable, self, "wait")
  local host = self._host
  local waiting = host.waiting "task.wait"
  if self == waiting then
    core.misuse "task.wait: a task cannot wait for itself"
  end
  if not self.has_ended then
    self.waiters = self.waiters + 1 -- an error in it comes here
    local has_ended = not (waiting and task.is_refused(waiting)) and host.await(waiting, self)
    self.waiters = self.waiters - 1
    if not has_ended then
      return nil, task.cancelled "task.wait"
    end
  end
  return task.deliver(self)
end

--- Breaks off what the task waits for: a call gives nil and an error of kind
--- "cancelled", as does every later one, and a sleep gives false.
function Task:cancel()
  expected.task(metatable, self, "cancel")
  if not self.has_ended then
    self._host.cancel(self)
  end
end

--- Whether it has returned, failed or was cancelled before it began.
---@return boolean
function Task:done()
  expected.task(metatable, self, "done")
  return self.has_ended or false
end

return task
