--- Several hands for one list of jobs, in whatever host there is.

local plain = require "daytona.host.plain"

local crew = {}

-- Seconds between looks at whether the tasks go on: of all hosts, only some
-- can wait for a task.
local SHORTEST_PAUSE, LONGEST_PAUSE = 0.001, 0.02

--- Calls `work()` in `count` tasks at once where the host has tasks, else by
--- itself, and comes back when all have returned.
---
--- As soon as `is_stopped()` the tasks are cancelled.  When the running task is
--- cancelled, `stop()` is called.  A host that then lets it wait no more (one
--- without `shield`) gets it back while the others still end.
---@param host table see daytona.new
---@param count integer
---@param work fun() may wait and must not raise
---@param is_stopped fun(): boolean
---@param stop fun()
function crew.run(host, count, work, is_stopped, stop)
  if count <= 1 or not host.spawn or host == plain then
    return work()
  end
  local tasks, running, was_cancelled = {}, count, false
  for i = 1, count do
    tasks[i] = host.spawn(function()
      work()
      running = running - 1
    end)
  end
  local function join()
    local pause = SHORTEST_PAUSE
    while running > 0 do
      if is_stopped() and not was_cancelled then
        was_cancelled = true
        for _, task in ipairs(tasks) do
          if type(task) == "table" and task.cancel then
            task:cancel()
          end
        end
      end
      if host.sleep(pause) == false then
        return false
      end
      pause = math.min(pause * 1.5, LONGEST_PAUSE)
    end
    return true
  end
  if join() then
    return
  end
  stop()
  if host.shield then
    host.shield(join)
  else
    join() -- cancels, and can wait no more
  end
end

return crew
