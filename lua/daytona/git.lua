--- Repositories in a sandbox: sandbox.git.

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local toolbox = require "daytona.call.toolbox"

local DEFAULT_TIMEOUT = 1800 -- seconds; repositories may be large

---@class daytona.Git
local Git = {}
local metatable = { __index = Git, __name = "daytona.git" }

local git = {}

---@param sandbox daytona.Sandbox
---@return daytona.Git
function git.new(sandbox)
  return setmetatable({ _sandbox = sandbox }, metatable)
end

--- Clones a repository.
---@param url string
---@param path string directory in the sandbox
---@param options { branch: string?, commit_id: string?, username: string?, password: string?, depth: integer?, insecure_skip_tls: boolean?, timeout: number?, max_retries: integer? }? timeout: 1800 s
---@return boolean? ok
---@return daytona.Error? err
function Git:clone(url, path, options)
  local params = call.params("git.clone", options, { url = url, path = path })
  return toolbox.run(self._sandbox, "git.clone", params,
    call.deadline(params.timeout or DEFAULT_TIMEOUT))
end

class.define("sandbox.git", Git, class.with "_sandbox")

return git
