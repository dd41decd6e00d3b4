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

--- The same, and not longer than that.
---@param request userdata
---@param seconds number
function plain.wait_for(request, seconds)
  local deadline = core.now() + seconds
  while not request:step(math.min(math.max(seconds, 0), SLICE)) and not request:hungry() and seconds > 0 do
    seconds = deadline - core.now()
  end
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
