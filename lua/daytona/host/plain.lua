--- The host of plain scripts: waiting blocks, and Ctrl-C works because the
--- loops are Lua.

local core = require "daytona.load"

local plain = {}

local SLICE, TICK = 0.25, 0.05 -- seconds in C at a time; the same where something is to be done meanwhile

local tick -- what is called between the slices

--- Waits until the request is done or wants to be fed.
function plain.wait(request)
  while not request:step(tick and TICK or SLICE) do
    if request:hungry() then
      return
    elseif tick then
      tick()
    end
  end
end

local function stop_ticking(before, ok, ...)
  tick = before
  if not ok then
    error((...), 0)
  end
  return ...
end

--- Calls fn(...), and each() again and again while it waits: a script that blocks has
--- no task that could.
---@param each fun()
---@param fn function
---@return ... what fn gave
function plain.meanwhile(each, fn, ...)
  local before = tick
  tick = each
  return stop_ticking(before, pcall(fn, ...))
end

---@param seconds number
---@return boolean slept always true
function plain.sleep(seconds)
  if type(seconds) ~= "number" then
    require("daytona.host.expected").seconds("daytona.host.plain.sleep", plain, seconds)
  end
  local deadline = core.now() + seconds
  while core.now() < deadline do
    core.pause(deadline - core.now())
  end
  return true
end

return plain
