--- Files of a sandbox: sandbox.fs.

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local glob = require "daytona.text.glob"
local toolbox = require "daytona.call.toolbox"
local upload_mode = require "daytona.fs.upload_mode"

local TRANSFER_TIMEOUT = 1800 -- seconds, as the official SDKs; stalls end sooner
local CHUNK = 256 * 1024      -- bytes read at a time from an open file

---@class daytona.FileSystem
local FileSystem = {}
local metatable = { __index = FileSystem, __name = "daytona.fs" }

local fs = {}

---@param sandbox daytona.Sandbox
---@return daytona.FileSystem
function fs.new(sandbox)
  return setmetatable({ _sandbox = sandbox }, metatable)
end

local function base_name(path)
  return path:match "([^/]+)/*$"
end

--- Bytes from the position of an open file to its end; nil if it has no end
--- that can be known (a pipe, say).
local function bytes_left(file)
  if type(file.seek) ~= "function" then
    return nil
  end
  local ok, position = pcall(file.seek, file)
  if not ok or not position then
    return nil
  end
  local last = file:seek "end"
  if not last or not file:seek("set", position) then
    return nil
  end
  return last - position
end

--- A function that feeds a request from an open file.  A read error is kept in
--- `problem.message`, for the request can only be broken off.
local function feeder(file, problem)
  return function(request)
    local chunk, message = file:read(CHUNK)
    if chunk == nil and message then
      problem.message = tostring(message)
      request:cancel()
    else
      request:feed(chunk)
    end
  end
end

--- A function that feeds a request from one that gives the next chunk, or nil.
local function caller(source)
  return function(request)
    local chunk = source()
    if chunk ~= nil and type(chunk) ~= "string" then
      core.misuse(("fs.upload_file: field 'source': it must give strings, gave %s"):format(type(chunk)))
    end
    request:feed(chunk)
  end
end

--- Sorts out what is to be uploaded: params for the core, its name, and how to
--- feed it.
local function open_source(source, problem)
  if type(source) == "string" then
    return { file = source }, base_name(source)
  elseif type(source) == "table" and source.content ~= nil then
    for name in pairs(source) do
      if name ~= "content" and name ~= "name" then
        core.misuse(("fs.upload_file: field 'source': unknown field '%s'"):format(tostring(name)))
      end
    end
    if type(source.content) ~= "string" then
      core.misuse(("fs.upload_file: field 'content': string expected, got %s"):format(type(source.content)))
    end
    if source.name ~= nil and type(source.name) ~= "string" then
      core.misuse(("fs.upload_file: field 'name': string expected, got %s"):format(type(source.name)))
    end
    return { content = source.content }, source.name
  elseif type(source) == "function" then
    return { chunks = true }, nil, caller(source)
  elseif io.type(source) == "closed file" then
    core.misuse "fs.upload_file: field 'source': the file is closed"
  elseif io.type(source) == "file" or (type(source) == "table" and source.read) then
    return { chunks = true, size = bytes_left(source) }, nil, feeder(source, problem)
  end
  core.misuse(("fs.upload_file: field 'source': path, open file, function or { content = ... } expected, got %s")
    :format(type(source)))
end

--- The destination with the file's name if it ends in a slash.
local function complete(destination, name)
  if type(destination) == "string" and destination:sub(-1) == "/" then
    if not name or name == "" then
      core.misuse("fs.upload_file: field 'destination': it ends in a slash "
        .. "and the source has no name (give option 'name')")
    end
    return destination .. name
  end
  return destination
end

--- Uploads a file, streamed.
---
--- The source is the path of a local file, an open file (anything with a
--- `read` method), a function that gives the next chunk and at the end nil, or
--- `{ content = string, name = string? }`.  A destination that ends in a slash
--- is a directory and keeps the source's name.
---
--- With `checksum = true` the result has the SHA-256 of the bytes that were
--- sent; with a SHA-256 as `checksum`, anything else is not uploaded.
--- `on_progress` is called as bytes move; when it gives false the call ends
--- with kind "cancelled".
---
--- Servers give new files the mode 644.  Another `mode` is set after the upload,
--- by a second request.
---@param source string|file*|fun(): string?|{ content: string, name: string? }
---@param destination string path in the sandbox; directories are made
---@param options { name: string?, mode: string?, beneath: string?, checksum: boolean|string?, on_progress: fun(done: integer, total: integer?)?, timeout: number?, max_retries: integer? }? name: overrides the name; mode: octal, like "755"; beneath: local directory that a path is relative to, and is not left through links; timeout: 1800 s
---@return { path: string, name: string, bytes: integer, sha256: string? }? uploaded
---@return daytona.Error? err
function FileSystem:upload_file(source, destination, options)
  local problem = {}
  local arguments, name, feed = open_source(source, problem)
  arguments.destination = destination
  local params = call.params("fs.upload_file", options, arguments)
  core.check("fs.upload_file", params)
  upload_mode.check("fs.upload_file", "mode", params.mode)
  params.destination = complete(destination, params.name or name)
  local deadline = deadlines.after(params.timeout or TRANSFER_TIMEOUT)
  -- The form trims the path, so a name with white space at an end needs the
  -- newer way, which not every server has.
  local operation = "fs.upload_file"
  local path = params.destination
  if type(path) == "string" and (path:find "^%s" or path:find "%s$") then
    operation = "fs.upload_raw"
  end
  local manner = feed and { feed = feed, is_tried_once = true } or nil
  local answer, err
  if operation == "fs.upload_raw" and feed then
    -- It could not be tried twice.
    answer, err = require("daytona.fs.temporary_name").upload(self._sandbox, params, deadline, manner)
  else
    answer, err = toolbox.run(self._sandbox, operation, params, deadline, manner)
    if err and operation == "fs.upload_raw" and (err.status == 404 or err.status == 405) then
      answer, err = require("daytona.fs.temporary_name").upload(self._sandbox, params, deadline)
    end
  end
  if not answer then
    if problem.message then
      err.kind, err.message = "file", "cannot read the source: " .. problem.message
    end
    return nil, err
  end
  local written = answer.files and answer.files[1]
  local bytes = written and written.bytes or answer.sent
  if bytes ~= answer.sent then
    return nil, error_object.new {
      kind = "protocol", operation = operation, outcome = "unknown", sandbox_id = self._sandbox.id,
      message = ("the server wrote %d of %d bytes"):format(bytes, answer.sent),
    }
  end
  if params.mode then
    local ok
    ok, err = upload_mode.set(self._sandbox, operation, path, params.mode, params.max_retries, deadline)
    if not ok then
      return nil, err
    end
  end
  return { path = path, name = base_name(path), bytes = bytes, sha256 = answer.sha256 }
end

--- Downloads a file, streamed.  With a destination it is written there
--- completely or not at all; without, its content is the result.
---
--- `offset` and `length` ask for a part of it; at the end of the file it is
--- shorter.  With `checksum = true` the result is a table with the SHA-256 of
--- what was received; with a SHA-256 as `checksum`, anything else is an error
--- of kind "protocol" and is not written.  `on_progress` is called as bytes
--- move; when it gives false the call ends with kind "cancelled".
---@param path string path in the sandbox
---@param destination string? local path; one that ends in a slash keeps the name
---@param options { beneath: string?, offset: integer?, length: integer?, checksum: boolean|string?, on_progress: fun(done: integer, total: integer?)?, timeout: number?, max_retries: integer? }? beneath: local directory that the destination is relative to, and is not left through links; timeout: 1800 s
---@return string|{ path: string?, name: string?, content: string?, bytes: integer, sha256: string? }? content or what was written
---@return daytona.Error? err
function FileSystem:download_file(path, destination, options)
  if type(destination) == "string" and destination:sub(-1) == "/" then
    destination = destination .. (type(path) == "string" and base_name(path) or "")
  end
  local params = call.params("fs.download_file", options, { path = path, destination = destination })
  local deadline = deadlines.after(params.timeout or TRANSFER_TIMEOUT)
  local bytes, err = toolbox.run(self._sandbox, "fs.download_file", params, deadline)
  if not bytes and not core.is_utf8(path) then
    bytes, err = require("daytona.fs.temporary_name").download(self._sandbox, "fs.download_file", params, deadline, err)
  end
  if not bytes then
    return nil, err
  end
  local sha256
  if params.checksum then
    bytes, sha256 = bytes.value, bytes.sha256
  end
  if destination then
    return { path = destination, name = base_name(destination), bytes = bytes, sha256 = sha256 }
  elseif sha256 then
    return { content = bytes, bytes = #bytes, sha256 = sha256 }
  end
  return bytes
end

--- Lists a directory, sorted by name.
---@param path string? default the working directory
---@param options { depth: integer?, timeout: number?, max_retries: integer? }? depth: levels to descend, default 1; older servers (v0.190) list one only
---@return daytona.FileInfo[]? files
---@return daytona.Error? err of kind "protocol" where there is more below than the server lists, with what it lists as `result`
function FileSystem:list_files(path, options)
  local files, err = toolbox.ask(self._sandbox, "fs.list_files", options, { path = path })
  local depth = files and type(options) == "table" and options.depth or 1
  for _, file in ipairs(depth > 1 and files or {}) do
    if file.is_dir and file.path == nil then -- servers that descend say where each was found
      return nil, error_object.new {
        kind = "protocol", operation = "fs.list_files", sandbox_id = self._sandbox.id, result = files,
        message = ("the server lists one level of a directory only, depth %d was asked for"):format(depth),
      }
    end
  end
  return files, err
end

---@class daytona.FileInfo
---@field name string
---@field path string?
---@field is_dir boolean
---@field size integer
---@field mode string like "-rw-r--r--"
---@field permissions string like "0644"
---@field owner string
---@field group string
---@field modified_at string? RFC 3339

--- Makes a directory and its parents; one that exists is left alone.
---@param path string
---@param options { mode: string?, timeout: number?, max_retries: integer? }? mode: octal, default "755"
---@return boolean? ok
---@return daytona.Error? err
function FileSystem:create_folder(path, options)
  local params = call.params("fs.create_folder", options, {})
  if params.mode == nil then
    params.mode = "755"
  end
  return toolbox.ask(self._sandbox, "fs.create_folder", params, { path = path })
end

--- Finds files by name, in a directory and all below it.
---
--- A pattern without a slash is about the name alone. One with a slash is about the
--- path from the directory on, and `**` stands for any number of directories, as in
--- `"src/**/*_spec.lua"`: servers know the name alone, so the rest is looked at here.
---@param path string
---@param pattern string glob: * ? [a-z] **
---@param options { timeout: number?, max_retries: integer? }?
---@return string[]? paths
---@return daytona.Error? err
function FileSystem:search_files(path, pattern, options)
  if type(pattern) == "string" and glob.is_deep(pattern) then
    return require("daytona.fs.deep_search")(self._sandbox, path, pattern, options)
  end
  local answer, err = toolbox.ask(self._sandbox, "fs.search_files", options, { path = path, pattern = pattern })
  if not answer then
    return nil, err
  end
  return answer.files
end

-- Many files at once, streams and directories are loaded with their first use.
class.define("sandbox.fs", FileSystem, metatable, function(name)
  return require("daytona.fs.many")[name] or require("daytona.fs.directory")[name]
end)

return fs
