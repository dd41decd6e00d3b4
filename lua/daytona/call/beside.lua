--- Work beside a wait: what has to be done or looked at while a call waits for its
--- answer.

local core = require "daytona.core"
local protect = require "daytona.call.protected"

--- Calls fn(...), which waits for one answer, and `step` meanwhile, in every host that has
--- tasks or blocks.
---@param host table
---@param step fun(now: number): number it does not wait; gives when it is to be called again, as core.now() tells it
---@param fn function
---@return ... what fn gave
return function(host, step, fn, ...)
  if host.meanwhile then -- a script that blocks
    return host.meanwhile(function()
      step(core.now())
    end, fn, ...)
  elseif not host.spawn then
    return fn(...)
  end
  local is_over = false
  local task = host.spawn(function()
    local due = step(core.now())
    while not is_over and host.sleep(math.max(due - core.now(), 0.01)) ~= false and not is_over do
      due = step(core.now())
    end
  end)
  local function settle(ok, ...)
    is_over = true
    if task and task.cancel then
      task:cancel()
    end
    if not ok then
      error((...), 0)
    end
    return ...
  end
  return settle(protect.pcall(fn, ...))
end
