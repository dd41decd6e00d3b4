--- What of sandbox.git is more than rows of the operations table.

local toolbox = require "daytona.call.toolbox"

---@class daytona.Git
local Git = {}

--- The URL of a remote; nil without an error if there is none of that name.
---@param path string directory of the repository
---@param name string
---@param options daytona.options.git.remotes?
---@return string? url
---@return daytona.Error? err
function Git:remote_get(path, name, options)
  local answer, err = toolbox.ask(self._sandbox, "git.remotes", options, { path = path })
  for _, remote in ipairs(answer and answer.remotes or {}) do
    if remote.name == name then
      return remote.url
    end
  end
  return nil, err
end

return Git
