--- The host of plain scripts: waiting blocks, and Ctrl-C works because the
--- loops are Lua.

local core = require "daytona.load"

local plain = {}

local SLICE = 0.25 -- seconds in C at a time

--- Waits until the request is done or wants to be fed.
function plain.wait(request)
  while not request:step(SLICE) do
    if request:hungry() then
      return
    end
  end
end

---@param seconds number
---@return boolean slept always true
function plain.sleep(seconds)
  local deadline = core.now() + seconds
  while core.now() < deadline do
    core.pause(deadline - core.now())
  end
  return true
end

--- Raises: a script that blocks has no tasks.
function plain.spawn()
  core.misuse "spawn: the plain host has no tasks (see daytona.host.loop)"
end

return plain
