--- Several hands for one list of jobs, in whatever host there is.

local plain = require "daytona.host.plain"

local crew = {}

local PAUSE = 0.005 -- seconds between looks at whether the others are ready

--- Calls `work()` in the running task and in up to `count - 1` new ones, where
--- the host has tasks, and comes back when all have returned.
---
--- When the running task is cancelled, `stop()` is called and the others are
--- cancelled.  A host that then lets the task wait no more (without `shield`)
--- gets it back while they still end.
---@param host table see daytona.new
---@param count integer
---@param work fun() may wait and must not raise
---@param stop fun()
function crew.run(host, count, work, stop)
  local tasks, running = {}, 0
  if host.spawn and host ~= plain then
    for i = 2, count do
      running = running + 1
      tasks[i - 1] = host.spawn(function()
        work()
        running = running - 1
      end)
    end
  end
  work()
  local function join()
    while running > 0 do
      if host.sleep(PAUSE) == false then
        return false
      end
    end
    return true
  end
  if join() then
    return
  end
  stop()
  for _, task in ipairs(tasks) do
    if type(task) == "table" and task.cancel then
      task:cancel()
    end
  end
  if host.shield then
    host.shield(join)
  end
end

return crew
