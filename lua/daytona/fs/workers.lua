--- Several tasks for one list of jobs, where the host has tasks.

local core = require "daytona.core"
local protect = require "daytona.call.protected"

local workers = {}

local function check(task)
  if type(task) ~= "table" or not (task.wait and task.cancel and task.done) then
    core.misuse "the host's spawn has to give a task with the methods wait, cancel and done (see doc/hosts.md)"
  end
  return task
end

--- Calls `work()` in `count` tasks at once where the host has tasks, else by
--- itself, and comes back when all have returned.
---
--- When it returns with `is_stopped()`, the other tasks are cancelled.  When the
--- running task is cancelled, `stop()` is called and the tasks are, too.  A host that
--- then lets it wait no more (one without `shield`) gets it back while they still end.
---@param host table see daytona.new
---@param count integer
---@param work fun() may wait; an error in it is raised when all have ended
---@param is_stopped fun(): boolean
---@param stop fun()
function workers.run(host, count, work, is_stopped, stop)
  if count <= 1 or not host.spawn then
    return work()
  end
  local tasks, failed = {}, nil
  local function cancel_all()
    for _, task in ipairs(tasks) do
      task:cancel()
    end
  end
  local function join()
    for _, task in ipairs(tasks) do
      task:wait()
      if not task:done() then
        return false -- the running task was cancelled
      end
    end
    return true
  end
  for i = 1, count do
    tasks[i] = check(host.spawn(function()
      local ok, problem = protect.pcall(work)
      failed = failed or not ok and { problem } or nil
      if not ok or is_stopped() then
        cancel_all()
      end
    end))
  end
  if is_stopped() then -- by a task that ended before the others were there
    cancel_all()
  end
  if not join() then
    stop()
    cancel_all()
    if host.shield then
      host.shield(join)
    else
      join()
    end
  end
  if failed then
    error(failed[1], 0)
  end
end

return workers
