--- Work beside a wait: what has to be done or looked at while a call waits for its
--- answer, or before it sends its request again.

local core = require "daytona.core"

local SHORTEST = 0.01 -- seconds between two steps

local beside = {}

--- Waits once, until the step is due.  A host that cannot wait for a request until then
--- has another task for the steps, if it has tasks, and none otherwise.
local function wait(host, step, request)
  if host.wait_for then
    host.wait_for(request, math.max(step(core.now()) - core.now(), SHORTEST))
    return
  elseif not host.spawn then
    return host.wait(request)
  end
  local is_over = false
  local task = host.spawn(function()
    while not is_over do
      local due = step(core.now())
      if host.sleep(math.max(due - core.now(), SHORTEST)) == false then
        return
      end
    end
  end)
  local ok, problem = require("daytona.call.protected").pcall(host.wait, request)
  is_over = true
  if task and task.cancel then
    task:cancel()
  end
  if not ok then
    error(problem, 0)
  end
end

--- How a call waits that does something beside: the manner of its requests, see
--- call.lua.
---@param host table
---@param step fun(now: number): number it does not wait; gives when it is to be called again, as core.now() tells it
---@return { serve: fun(request: userdata), sleep: fun(seconds: number): boolean }
function beside.manner(host, step)
  local manner = {}

  function manner.serve(request)
    while not request:done() do
      if host.cancelled and host.cancelled() then
        request:cancel() -- while no wait could be broken off
      end
      wait(host, step, request)
    end
  end

  function manner.sleep(seconds)
    local ends = core.now() + seconds
    while true do
      local now = core.now()
      if now >= ends then
        return true
      elseif host.sleep(math.min(math.max(step(now) - now, SHORTEST), ends - now)) == false then
        return false
      end
    end
  end

  return manner
end

return beside
