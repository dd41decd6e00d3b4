--- Streams that are always ready: other tasks get a turn all the same.

local core = require "daytona.core"

local turn = {}

local LONGEST = 0.01 -- seconds without a wait

--- Notes that the caller has just waited.
---@param stream table
function turn.taken(stream)
  stream._turn = core.now()
end

--- Lets the others of the host go on if the stream has not waited for long: with
--- a thread that brings more meanwhile it would perhaps never have to.
---@param stream table
---@param host table
---@return boolean ok false: the task was cancelled
function turn.give(stream, host)
  local now = core.now()
  stream._turn = stream._turn or now
  if now - stream._turn < LONGEST then
    return true
  end
  local ok = host.sleep(0) ~= false
  turn.taken(stream)
  return ok
end

return turn
