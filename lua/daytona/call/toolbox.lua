--- The toolbox of a sandbox, and what is asked about the sandbox itself: functions
--- that take the handle, so that the handle offers users only what is for them.

local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local merged = require "daytona.call.merged"

local toolbox = {}

--- Merges new fields into the handle.
function toolbox.update(sandbox, fields)
  core.sandbox_fields(sandbox, merged(core.sandbox_fields(sandbox), fields))
end

--- Runs an API operation on this sandbox.
function toolbox.api(sandbox, operation, params, deadline)
  params.sandbox_id = sandbox.id
  return call.run(core.sandbox_owner(sandbox), operation, params, nil, deadline)
end

-- Which parameter of an operation is a local path, or a list of them.
local LOCAL_PATHS = {
  ["fs.upload_file"] = "file", ["fs.upload_raw"] = "file", ["fs.upload_files"] = "files",
  ["fs.download_file"] = "destination", ["fs.download_files"] = "destinations",
  ["computer_use.recording.download"] = "destination", ["computer_use.screenshot.take_full_screen"] = "destination",
  ["computer_use.screenshot.take_region"] = "destination", ["computer_use.screenshot.take_compressed"] = "destination",
  ["computer_use.screenshot.take_compressed_region"] = "destination",
}

--- Makes local paths absolute: they are those of the moment of the call, and a
--- file is opened again when the call is repeated.
local function settle_paths(params, name)
  if params.beneath ~= nil then
    name = "beneath"
  end
  local value = params[name]
  if type(value) == "string" then
    params[name] = core.absolute(value)
  elseif type(value) == "table" and not getmetatable(value) then
    for index, path in ipairs(value) do
      value[index] = type(path) == "string" and core.absolute(path) or path
    end
  end
end

--- Runs a toolbox operation; finds out where the toolbox is if need be.
function toolbox.run(sandbox, operation, params, deadline, manner)
  if LOCAL_PATHS[operation] then
    settle_paths(params, LOCAL_PATHS[operation])
  end
  local client, located = core.sandbox_owner(sandbox)
  if not located then
    core.check(operation, params) -- misuse raises before anything is sent
    local ok, err = toolbox.locate(sandbox, operation, deadline)
    if not ok then
      return nil, err
    end
  end
  return call.run(client, operation, params, sandbox, deadline, manner)
end

--- The deadline of a call with the plain timeout.
---@param params table?
---@return number? deadline
function toolbox.deadline(sandbox, params)
  return deadlines.of(params, core.sandbox_owner(sandbox).timeout)
end

--- Runs a toolbox operation with the plain timeout.
function toolbox.ask(sandbox, operation, options, arguments)
  local params = call.params(operation, options, arguments)
  return toolbox.run(sandbox, operation, params, toolbox.deadline(sandbox, params))
end

--- Finds out where the toolbox is, unless that is known.  Its URL comes with the
--- sandbox; where it does not, a call of its own gives it.
---@return boolean? ok
---@return daytona.Error? err
function toolbox.locate(sandbox, operation, deadline)
  local _, located = core.sandbox_owner(sandbox)
  if located then
    return true
  end
  local ok, err = toolbox.refresh(sandbox, deadline)
  if not ok then
    return nil, err
  end
  _, located = core.sandbox_owner(sandbox)
  if not located then
    local answer
    answer, err = toolbox.api(sandbox, "sandbox.get_toolbox_proxy_url", {}, deadline)
    if not answer then
      return nil, err
    end
    toolbox.update(sandbox, { toolbox_proxy_url = answer.url })
    _, located = core.sandbox_owner(sandbox)
  end
  if not located then
    return nil, error_object.new {
      kind = "protocol", operation = operation, sandbox_id = sandbox.id, outcome = "failed",
      message = "the server does not say where the toolbox of the sandbox is",
    }
  end
  return true
end

--- Reads the sandbox and replaces all fields.
function toolbox.refresh(sandbox, deadline, options)
  local params = { max_retries = options and options.max_retries }
  local fresh, err = toolbox.api(sandbox, "sandbox.get", params, deadline)
  if not fresh then
    return nil, err
  end
  core.sandbox_fields(sandbox, core.sandbox_fields(fresh))
  return true
end

return toolbox
