--- Files under another name for a moment, where an older server does not take their
--- own: uploads to names with white space at an end, downloads of names that are not
--- UTF-8.

local base64 = require "daytona.base64"
local deadlines = require "daytona.call.deadline"
local merged = require "daytona.call.merged"
local toolbox = require "daytona.call.toolbox"
local unique_name = require "daytona.text.unique_name"

local CLEAN_UP = 5 -- seconds

local alias = {}

--- Makes a link to a file of the sandbox; nil where it cannot be made, or leads
--- nowhere: such a one could not be removed.
local function link_to(sandbox, path, deadline)
  local link = "/tmp/" .. unique_name ".daytona"
  local made = toolbox.run(sandbox, "process.exec", { command = ([[
    p=$(printf %%s '%s' | base64 -d; echo x); p=${p%%x}
    case $p in /*) ;; *) p=$PWD/$p ;; esac
    [ -f "$p" ] && ln -s -- "$p" %s]]):format(base64.encode(path), link) }, deadline)
  return made and (made.exit_code or made.code) == 0 and link or nil
end

--- Removes what has a name of ours.
local function remove(sandbox, path)
  toolbox.run(sandbox, "fs.delete_file", { path = path }, deadlines.after(CLEAN_UP))
end

--- Uploads to a name without white space at its ends, and gives the file its own name
--- then: for servers that trim the one and do not know the other way.
---@param sandbox daytona.Sandbox
---@param params table of fs.upload_file
---@param deadline number?
---@param manner daytona.Manner?
---@return table? answer
---@return daytona.Error? err
function alias.upload(sandbox, params, deadline, manner)
  local path = params.destination
  local directory = path:match "^(.*/)[^/]*$" or ""
  if directory:find "^%s" then
    directory = "./" .. directory
  end
  local copy = merged(params, { destination = directory .. unique_name ".upload" })
  local answer, err = toolbox.run(sandbox, "fs.upload_file", copy, deadline, manner)
  if not answer then
    return nil, err
  end
  local moved
  moved, err = toolbox.run(sandbox, "fs.move_file",
    { source = copy.destination, destination = path, max_retries = params.max_retries }, deadline)
  if not moved then
    err.operation = "fs.upload_file"
    remove(sandbox, copy.destination)
    return nil, err
  end
  return answer
end

--- Downloads once more what was not found, which may only be for a name that is not
--- UTF-8.  The link can go once the answer begins.
---@param sandbox daytona.Sandbox
---@param operation string
---@param params table of the download
---@param deadline number?
---@param err daytona.Error of the download
---@return any answer nil and an error, which may be the same, if that does not help
---@return daytona.Error? err
function alias.download(sandbox, operation, params, deadline, err)
  local link = err.status == 404 and link_to(sandbox, params.path, deadline)
  if not link then
    return nil, err
  end
  local path = params.path
  params.path = link
  local answer, problem = toolbox.run(sandbox, operation, params, deadline)
  params.path = path
  remove(sandbox, link)
  return answer, problem and (problem.status ~= 404 and problem or err)
end

return alias
