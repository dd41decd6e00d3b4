--- Files of an action: what a model names is a reference, which the program
--- resolves or refuses, and never a path of this machine.

local base64 = require "daytona.base64"
local core = require "daytona.core"

local files = {}

files.limit = 100 * 1024 * 1024 -- bytes, both ways, as in agent workflows

files.too_large = "the file is larger than 100 MiB, the most that an action moves"

--- What the program gives for a reference: a source for fs:upload_file; nil and
--- why not.
local function resolve(reference, resolver)
  local source, reason
  if type(resolver) == "function" then
    source, reason = resolver(reference)
  elseif type(resolver) == "table" and reference ~= "save" then
    source = rawget(resolver, reference)
  end
  if source == nil or source == false then
    return nil, ("field 'file': '%s': %s"):format(reference, type(reason) == "string" and reason
      or resolver and "there is no such file"
      or "a reference to a file, which the program has to resolve (files in the second argument)")
  end
  return source
end

local function is_open_file(value)
  return io.type(value) == "file" or (type(value) == "table" and type(value.read) == "function")
end

--- Bytes that a source has, where that is known before it is read.
local function size_of(source)
  if type(source) == "string" then
    local info = core.file_info(source)
    return info and info.size
  end
  return type(source) == "table" and type(source.content) == "string" and #source.content or nil
end

--- The inline form { name, content }, checked.
local function inline(file)
  if type(file.content) ~= "string" or (file.name ~= nil and type(file.name) ~= "string") then
    return nil, "field 'file': name and content must be strings"
  end
  return { content = file.content, name = file.name }
end

--- The source of the inputs `file` or `fileContent`.
local function source_of(input, program)
  local file = input.file
  if file == nil and input.fileContent then
    local content = base64.decode(input.fileContent)
    if not content then
      return nil, "field 'fileContent': not base64"
    end
    return { content = content }
  elseif file == nil then
    return nil, "field 'file': required (or fileContent)"
  elseif type(file) == "string" then
    return resolve(file, program.files)
  elseif is_open_file(file) then
    return file
  elseif type(file) == "table" then
    return inline(file)
  end
  return nil, "field 'file': a reference, an open file or { name, content } expected"
end

--- What daytona_upload_file sends.
---@param input table
---@param program table
---@return any source for fs:upload_file
---@return string? name the file's name, or why there is no source
function files.source(input, program)
  local source, problem = source_of(input, program)
  if source == nil then
    return nil, problem
  end
  local size = size_of(source)
  if size and size > files.limit then
    return nil, files.too_large
  end
  local name = input.fileName or type(source) == "table" and source.name
    or type(input.file) == "string" and input.file:match "([^/]+)/*$" or nil
  if not name and type(source) ~= "string" and input.destinationPath:sub(-1) == "/" then
    return nil, "field 'fileName': required, the destination is a directory"
  end
  return source, name
end

--- Where a download goes on this machine: nothing (its content is the result),
--- or a path and the directory it stays beneath.
---@param path string in the sandbox
---@param name string its last part
---@param program table
---@return string? destination
---@return string? beneath
---@return string? problem
function files.destination(path, name, program)
  local save = type(program.files) == "table" and rawget(program.files, "save") or nil
  if type(save) == "function" then
    return save(path, name)
  elseif type(save) ~= "string" then
    return nil
  elseif name == "." or name == ".." or name:find "[/%z]" then
    return nil, nil, ("field 'filePath': '%s' has no name to save it under"):format(path)
  end
  return name, save
end

--- Breaks a transfer off that moves more than an action may: an on_progress,
--- and a function that tells whether it did.
---@return fun(done: integer, total: integer?): boolean on_progress
---@return fun(): boolean was_too_large
function files.cap()
  local is_too_large = false
  return function(done, total)
    is_too_large = is_too_large or done > files.limit or (total or 0) > files.limit
    return not is_too_large
  end, function()
    return is_too_large
  end
end

return files
