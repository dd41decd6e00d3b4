-- A host of coroutines, as small as it can be: for specs of what calls do to
-- each other when they wait at the same time.

local core = require "daytona.core"

local tasks = {}

local host = {}
tasks.host = host

-- A task yields the condition that it waits for.
function host.wait(request)
  coroutine.yield(function()
    return request:done() or request:hungry()
  end)
end

function host.sleep(seconds)
  local deadline = core.now() + seconds
  coroutine.yield(function()
    return core.now() >= deadline
  end)
  return true
end

-- Calls fn(1) ... fn(count) as tasks on the client, whose host this is, until
-- all are done. Raises what one of them raises.
function tasks.run(client, count, fn)
  local running = {}
  for index = 1, count do
    local task = coroutine.create(function()
      fn(index)
    end)
    running[task] = function()
      return true
    end
  end
  while next(running) do
    local ready = {}
    for task, condition in pairs(running) do
      if condition() then
        ready[#ready + 1] = task
      end
    end
    for _, task in ipairs(ready) do
      local ok, condition = coroutine.resume(task)
      if not ok then
        error(debug.traceback(task, tostring(condition)), 0)
      end
      running[task] = condition
    end
    if #ready == 0 then
      client._core:step(0.005)
      core.pause(0.002)
    end
  end
end

return tasks
