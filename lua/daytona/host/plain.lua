--- The host of plain scripts: waiting blocks, and Ctrl-C works because the
--- loops are Lua.

local core = require "daytona.core"

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
function plain.sleep(seconds)
  local deadline = core.now() + seconds
  while core.now() < deadline do
    core.pause(deadline - core.now())
  end
end

return plain
