--- Many files with one request: the part of sandbox.fs that is loaded with its
--- first use.

local call = require "daytona.call"
local core = require "daytona.core"

local TRANSFER_TIMEOUT = 1800 -- seconds, as the official SDKs; stalls end sooner

---@class daytona.FileSystem
local FileSystem = {}

local function base_name(path)
  return path:match "([^/]+)/*$"
end

--- The items of a list argument, each a table with no other fields than
--- `allowed` says: "required", "optional" (both strings) or "any".  Raises for
--- anything else.  An item that is a string stands for the field `shorthand`.
local function items_of(operation, argument, list, allowed, shorthand)
  local function complain(format, ...)
    core.misuse(("%s: field '%s': "):format(operation, argument) .. format:format(...))
  end
  if type(list) ~= "table" then
    complain("list expected, got %s", type(list))
  end
  local items, count = {}, 0
  for _ in pairs(list) do
    count = count + 1
  end
  if count ~= #list then
    complain "list expected, got a table with other keys"
  end
  for i, item in ipairs(list) do
    if type(item) == "string" and shorthand then
      item = { [shorthand] = item }
    elseif type(item) ~= "table" then
      complain("item %d: table expected, got %s", i, type(item))
    end
    for name in pairs(item) do
      if not allowed[name] then
        complain("item %d: unknown field '%s'", i, tostring(name))
      end
    end
    for name, rule in pairs(allowed) do
      local value = item[name]
      if value == nil and rule ~= "optional" then
        complain("item %d: field '%s': required", i, name)
      elseif rule ~= "any" and value ~= nil and type(value) ~= "string" then
        complain("item %d: field '%s': string expected, got %s", i, name, type(value))
      elseif value == "" then
        complain("item %d: field '%s': must not be blank", i, name)
      end
    end
    items[i] = item
  end
  return items
end

--- Completes an error that is about one file of a request.
local function complete_error(self, err, started)
  err.attempts = err.attempts or 1
  err.elapsed = err.elapsed or core.now() - started
  err.sandbox_id = self._sandbox.id
  return err
end

---@class daytona.Download
---@field source string      path in the sandbox, as it was asked for
---@field path string?       where it was written
---@field content string?    what it holds, if no destination was given
---@field bytes integer?     how many bytes
---@field error daytona.Error? why there is nothing

--- Downloads many files with one request, streamed.  Each is written completely
--- or not at all; one that cannot be had does not keep the others back.
---@param requests (string|{ source: string, destination: string? })[] without a destination the content is the result; one that ends in a slash keeps the name
---@param options { timeout: number?, max_retries: integer? }? timeout: 1800 s
---@return daytona.Download[]? results in the order of the requests
---@return daytona.Error? err the whole call failed
function FileSystem:download_files(requests, options)
  local operation = "fs.download_files"
  local items = items_of(operation, "requests", requests,
    { source = "required", destination = "optional" }, "source")
  local paths, destinations = {}, {}
  for i, item in ipairs(items) do
    local destination = item.destination or ""
    if destination:find("%z") then
      core.misuse(("%s: field 'requests': item %d: field 'destination': contains NUL"):format(operation, i))
    elseif destination:sub(-1) == "/" then
      destination = destination .. (base_name(item.source) or "")
    end
    paths[i], destinations[i] = item.source, destination
  end
  local params = call.params(operation, options, { paths = paths, destinations = destinations })
  core.check(operation, params)
  if #paths == 0 then
    return {}
  end
  local started = core.now()
  local results, err = self._sandbox:_toolbox(operation, params,
    call.deadline(params.timeout or TRANSFER_TIMEOUT))
  if not results then
    return nil, err
  end
  for _, result in ipairs(results) do
    if result.error then
      complete_error(self, result.error, started)
    end
  end
  return results
end

return FileSystem
