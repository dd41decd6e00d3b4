--- The end of a <close> variable: what delete_on_close is about.

local closing = {}

-- Handles made with delete_on_close.
local deleted_on_close = setmetatable({}, { __mode = "k" })

--- Makes the end of a <close> variable delete the sandbox.
---@param sandbox daytona.Sandbox
function closing.delete_on_close(sandbox)
  deleted_on_close[sandbox] = true
end

--- Deletes the sandbox if it was made for that.  A failure raises the error object,
--- unless the scope ends by an error of another type than string: that one goes on.
---@param sandbox daytona.Sandbox
---@param problem any
function closing.close(sandbox, problem)
  if not deleted_on_close[sandbox] then
    return
  end
  deleted_on_close[sandbox] = nil
  local ok, err = require("daytona.sandbox.deletion").delete(sandbox)
  if not ok and problem == nil then
    error(err, 0)
  elseif not ok and type(problem) == "string" then
    error(("%s\n(and the sandbox was not deleted: %s)"):format(problem, tostring(err)), 0)
  end
end

return closing
