--- The mode of uploaded files: no route of an upload takes one, so a second
--- request sets it.

local core = require "daytona.core"
local toolbox = require "daytona.call.toolbox"

local upload_mode = {}

--- Refuses a mode that no server takes, before anything is sent.
---@param operation string
---@param field string
---@param mode any what is no string is refused with the other options
function upload_mode.check(operation, field, mode)
  if type(mode) == "string" and not mode:find "^[0-7]?[0-7][0-7][0-7]$" then
    core.misuse(("%s: field '%s': octal permissions like \"644\" expected"):format(operation, field))
  end
end

--- Sets the mode of a file that was uploaded.
---@param sandbox daytona.Sandbox
---@param operation string of the upload, for the error
---@param path string in the sandbox
---@param mode string
---@param max_retries integer?
---@param deadline number?
---@return boolean? ok
---@return daytona.Error? err says that the file is there
function upload_mode.set(sandbox, operation, path, mode, max_retries, deadline)
  local ok, err = toolbox.run(sandbox, "fs.set_permissions", { path = path, mode = mode, max_retries = max_retries },
    deadline)
  if not ok then
    err.operation = operation
    err.message = ("%s was uploaded, but its mode could not be set to %s: %s"):format(path, mode, err.message)
    return nil, err
  end
  return true
end

return upload_mode
