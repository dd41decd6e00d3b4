--- What of sandbox.git is more than rows of the operations table.

local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local redaction = require "daytona.call.redaction"
local shell = require "daytona.process.shell"
local toolbox = require "daytona.call.toolbox"

---@class daytona.Git
local Git = {}

-- What git says, in the order of looking, and what kind of failure that is.
local SAYS = {
  { "Authentication failed", "unauthorized", "GIT_AUTH_FAILED" },
  { "could not read Username", "unauthorized", "GIT_AUTH_FAILED" },
  { "could not read Password", "unauthorized", "GIT_AUTH_FAILED" },
  { "returned error: 403", "forbidden", "GIT_AUTH_FAILED" },
  { "not found", "not_found", "GIT_REPO_NOT_FOUND" },
  { "does not exist", "not_found", "GIT_REPO_NOT_FOUND" },
  { "does not appear to be a git repository", "not_found", "GIT_REPO_NOT_FOUND" },
  { "unable to access", "bad_gateway", "GIT_TRANSPORT_FAILED" },
  { "Could not resolve host", "bad_gateway", "GIT_TRANSPORT_FAILED" },
}

-- What git asks for a name and a password.
local HELPER = [[!f() { printf 'username=%s\npassword=%s\n' "$DAYTONA_GIT_USERNAME" "$DAYTONA_GIT_PASSWORD"; }; f]]

--- The words before each of git's commands.  The name and the password stand in the
--- environment of the command alone; only the server of `url` is told them, not that of a
--- submodule elsewhere.
local function git_words(params)
  local words = { "git -c advice.detachedHead=false" }
  local origin = params.url:match "^(https?://[^/]+)"
  if origin and params.username and params.password then
    local key = "credential." .. origin:gsub("//[^@]*@", "//") .. ".helper="
    words[#words + 1] = "-c " .. shell.quote(key)
    words[#words + 1] = "-c " .. shell.quote(key .. HELPER)
  end
  if params.insecure_skip_tls then
    words[#words + 1] = "-c http.sslVerify=false"
  end
  return table.concat(words, " ")
end

--- Cuts the history, where the server knows no depth; not where a commit was asked for,
--- which may lie deeper.  Where it cannot be done it stays whole.
local SHORTEN = [[[ "$(g rev-parse --is-shallow-repository)" != false ] || [ "$(g rev-list --count HEAD)" -le %d ] || {
g fetch --quiet --depth=%d origin && g reflog expire --expire=now --all && g gc --quiet --prune=now; } >/dev/null 2>&1]]

--- Runs in the clone what the server did not do.
local function complete(self, params, deadline)
  local steps = {
    "cd -- " .. shell.quote(params.path) .. " || exit",
    "export GIT_TERMINAL_PROMPT=0 LC_ALL=C",
    ("g() { %s \"$@\" </dev/null; }"):format(git_words(params)),
  }
  if params.depth and not params.commit_id then
    steps[#steps + 1] = SHORTEN:format(params.depth, params.depth)
  end
  steps[#steps + 1] = params.submodules and "g submodule --quiet update --init --recursive" or "true"
  local left = deadlines.left(deadline)
  return toolbox.run(self._sandbox, "process.exec", {
    command = table.concat(steps, "\n"), timeout = left and math.max(math.ceil(left), 1) or nil,
    env = { DAYTONA_GIT_USERNAME = params.username or "", DAYTONA_GIT_PASSWORD = params.password or "" },
  }, deadline)
end

--- The error of submodules that are not there.
local function failure(self, result)
  local text = result.result or ""
  local err = {
    kind = "server", operation = "git.clone", sandbox_id = self._sandbox.id, outcome = "failed", retryable = false,
    message = "the repository was cloned, its submodules were not: " .. (text:match "([^\n]+)%s*$" or
      ("git ended with exit code %s"):format(tostring(result.exit_code))):sub(1, 300),
  }
  for _, said in ipairs(SAYS) do
    if text:find(said[1], 1, true) then
      err.kind, err.code = said[2], said[3]
      err.message = "the repository was cloned, its submodules were not: "
        .. (text:match("([^\n]*" .. said[1]:gsub("%p", "%%%0") .. "[^\n]*)")):sub(1, 300)
      break
    end
  end
  return error_object.new(err)
end

--- Clones a repository.
---
--- With `submodules = true` its submodules come too, and theirs, by the sandbox's own git,
--- which only the server of `url` gets the name and the password from; where they fail the
--- clone stays.  A server that knows no `depth` clones everything; then the sandbox's git
--- cuts the history, if it is there.
---@param url string
---@param path string directory in the sandbox
---@param options daytona.options.git.clone?
---@return boolean? ok
---@return daytona.Error? err kinds unauthorized, not_found, conflict (there is something already), bad_gateway (the git server is not reached)
function Git:clone(url, path, options)
  local params = call.params("git.clone", options, { url = url, path = path })
  core.check("git.clone", params)
  local deadline = deadlines.of(params, core.method("git.clone").timeout)
  local ok, err = toolbox.run(self._sandbox, "git.clone", params, deadline)
  if not ok or not (params.submodules or params.depth and not params.commit_id) then
    return ok, err
  end
  local result
  result, err = complete(self, params, deadline)
  if not params.submodules then
    return true
  elseif result and result.exit_code == 0 then
    return true
  end
  err = err or failure(self, result)
  err.operation = "git.clone"
  redaction.apply(err, err.operation, params) -- the command was given what the row was
  return nil, err
end

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
