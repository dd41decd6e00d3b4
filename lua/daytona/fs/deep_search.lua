--- fs:search_files with a pattern for paths: the server finds the names.

local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local glob = require "daytona.text.glob"
local toolbox = require "daytona.call.toolbox"

local function without_slash(path)
  return #path > 1 and path:gsub("/+$", "") or path
end

--- The part of a path below the directory `root`; nil: it is not below it.
local function below(path, root)
  if root == "/" then
    return path:match "^/(.+)$"
  elseif path:sub(1, #root + 1) == root .. "/" then
    return path:sub(#root + 2)
  end
end

--- Where the search begins, as servers may name it: as it was given, or whole.
local function roots_of(sandbox, path, deadline)
  local given = without_slash(path)
  if given:sub(1, 1) == "/" then
    return { given }
  end
  given = given:gsub("^%./+", "")
  local answer, err = toolbox.run(sandbox, "sandbox.get_work_dir", {}, deadline)
  if not answer then
    return nil, err
  end
  local whole = without_slash(answer.dir)
  return given == "." and { whole, "." } or { without_slash(whole .. "/" .. given), given, "./" .. given }
end

---@param sandbox daytona.Sandbox
---@param path string
---@param pattern string
---@param options table?
---@return string[]? paths
---@return daytona.Error? err
return function(sandbox, path, pattern, options)
  local operation = "fs.search_files"
  local params = call.params(operation, options, { path = path, pattern = pattern })
  core.check(operation, params)
  local matches = glob.matcher(pattern)
  if not matches then
    return {} -- as servers say to a bracket that is not closed
  end
  local deadline = deadlines.of(params, core.sandbox_owner(sandbox).timeout)
  local roots, err = roots_of(sandbox, path, deadline)
  if not roots then
    return nil, err
  end
  params.pattern = glob.base(pattern)
  local answer
  answer, err = toolbox.run(sandbox, operation, params, deadline)
  if not answer then
    return nil, err
  end
  local found = {}
  for _, file in ipairs(answer.files) do
    local rest
    for _, root in ipairs(roots) do
      rest = rest or below(file, root)
    end
    if matches(rest or file) then
      found[#found + 1] = file
    end
  end
  return found
end
