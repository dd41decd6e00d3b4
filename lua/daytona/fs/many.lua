--- Many files with one request: the part of sandbox.fs that is loaded with its
--- first use.

local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local merged = require "daytona.call.merged"
local toolbox = require "daytona.call.toolbox"
local upload_mode = require "daytona.fs.upload_mode"

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
---@param options { beneath: string?, timeout: number?, max_retries: integer? }? beneath: local directory that local paths are relative to, and are not left through links; timeout: 1800 s
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
  local results, err = toolbox.run(self._sandbox, operation, params,
    deadlines.of(params, deadlines.TRANSFER))
  if not results then
    return nil, err
  elseif type(results) ~= "table" then -- 204
    return nil, complete_error(self, error_object.new {
      kind = "protocol", operation = operation, message = "the answer is empty where a multipart form was expected",
    }, started)
  end
  for _, result in ipairs(results) do
    if result.error then
      complete_error(self, result.error, started)
    end
  end
  return results
end

--- Sorts out one item of an upload: the path of a local file or "", the
--- content or "", and a name if there is one.
local function open_item(operation, i, source, beneath)
  if type(source) == "string" then
    if source == "" or source:find "%z" then
      core.misuse(("%s: field 'files': item %d: field 'source': no path"):format(operation, i))
    end
    return beneath and source or core.absolute(source), "", base_name(source)
  elseif type(source) ~= "table" or type(source.content) ~= "string" then
    core.misuse(("%s: field 'files': item %d: field 'source': path or { content = string } expected, got %s")
      :format(operation, i, type(source)))
  end
  for name in pairs(source) do
    if name ~= "content" then
      core.misuse(("%s: field 'files': item %d: field 'source': unknown field '%s'")
        :format(operation, i, tostring(name)))
    end
  end
  return "", source.content
end

--- An error about one file of an upload.
local function upload_error(self, kind, message, started, outcome)
  return complete_error(self, error_object.new {
    kind = kind, operation = "fs.upload_files", message = message, outcome = outcome,
    elapsed = core.now() - started,
  }, started)
end

--- What of `items` can be sent with one request, as its lists; the results of
--- the others are filled in.  A name with white space at an end goes by itself,
--- for the form trims it, and so does one that is not UTF-8, which the answer
--- cannot name.
local function sort_out(self, items, results, options, started)
  local operation = "fs.upload_files"
  local beneath = type(options) == "table" and type(options.beneath) == "string" and options.beneath or nil
  local batch = { indices = {}, destinations = {}, files = {}, contents = {}, sizes = {} }
  local alone = {}
  for i, item in ipairs(items) do
    local file, content, name = open_item(operation, i, item.source, beneath)
    local destination = item.destination
    if destination:sub(-1) == "/" then
      if not name then
        core.misuse(("%s: field 'files': item %d: field 'destination': it ends in a slash and the source has no name")
          :format(operation, i))
      end
      destination = destination .. name
    end
    results[i] = { destination = destination }
    local info, problem = { type = "file", size = #content }, nil
    if file ~= "" then
      info, problem = core.file_info(file, beneath)
      if info and info.type ~= "file" then
        problem = info.type == "directory" and "Is a directory" or "not a regular file"
      end
    end
    if problem then
      results[i].error = upload_error(self, "file", ("cannot read %s: %s"):format(file, problem), started)
    elseif destination:find "^%s" or destination:find "%s$" or not core.is_utf8(destination) then
      alone[#alone + 1] = i
    else
      local n = #batch.indices + 1
      batch.indices[n], batch.destinations[n] = i, destination
      batch.files[n], batch.contents[n], batch.sizes[n] = file, content, info.size
    end
  end
  core.check(operation, call.params(operation, options, {
    destinations = batch.destinations, files = batch.files, contents = batch.contents, sizes = batch.sizes,
  }))
  return batch, alone
end

--- Why the server did not write the file, in its own words if there are any.
local function reason_for(destination, position, errors, fallback)
  for _, text in ipairs(errors) do
    if type(text) == "string" and (text:sub(1, #destination + 2) == destination .. ": "
      or text:match "^%a+%[(%d+)%]: " == tostring(position)) then
      return text
    end
  end
  return fallback
end

--- Fills in what the server says of the files of a request: those it wrote,
--- and `err` for the others.
local function settle(self, batch, answer, err, results, started)
  local written = {}
  for _, file in ipairs(type(answer.files) == "table" and answer.files or {}) do
    local path = file.path
    if type(path) == "string" then
      written[path] = written[path] or {}
      table.insert(written[path], file.bytes)
    end
  end
  local errors = type(answer.errors) == "table" and answer.errors or {}
  for n, i in ipairs(batch.indices) do
    local result = results[i]
    local bytes = written[result.destination] and table.remove(written[result.destination], 1)
    if bytes == batch.sizes[n] then
      result.bytes = batch.sizes[n]
    elseif bytes then
      result.error = upload_error(self, "protocol", ("the server wrote %d of %d bytes"):format(bytes, batch.sizes[n]),
        started, "unknown")
    elseif err then
      local own = merged(err, { message = reason_for(result.destination, n - 1, errors, err.message) })
      result.error = complete_error(self, setmetatable(own, getmetatable(err)), started)
    else
      result.error = upload_error(self, "protocol", "the server does not say that it wrote the file",
        started, "unknown")
    end
  end
end

--- Reads a file in chunks, as it comes: `for chunk in sandbox.fs:read_file(path)
--- do ... end`.  At most one chunk and what is on the way is kept.  A failure in
--- the loop raises the error object; leaving the loop ends the transfer.
---
--- The result can be used without a loop: its method `read` gives the next chunk
--- and at the end nil, or nil and an error; `close` ends it.
---@param path string path in the sandbox
---@param options { chunk_size: integer?, offset: integer?, length: integer?, timeout: number?, max_retries: integer? }? chunk_size: bytes of every chunk but the last, 256 KiB; timeout: 1800 s for all of it
---@return daytona.Reader reader
---@return nil
---@return nil
---@return daytona.Reader closing closed by `for` in Lua 5.4
function FileSystem:read_file(path, options)
  local reader = require("daytona.call.chunks").new(self._sandbox, path, options,
    require("daytona.fs.temporary_name").download)
  return reader, nil, nil, reader
end

--- Sets the modes of the files that were written and have one.
local function set_modes(self, items, results, params, deadline)
  for i, item in ipairs(items) do
    local result = results[i]
    if item.mode and not result.error then
      local _, err = upload_mode.set(self._sandbox, "fs.upload_files", result.destination, item.mode,
        params.max_retries, deadline)
      result.error = err
    end
  end
end

---@class daytona.Upload
---@field destination string path in the sandbox
---@field bytes integer?     how many bytes were written
---@field error daytona.Error? why it was not

--- Uploads many files with one request, streamed.  One that cannot be read or
--- written does not keep the others back.  A `mode` is set after the upload, by
--- a request for each file that has one.
---@param files { source: string|{ content: string }, destination: string, mode: string? }[] mode: octal; a destination that ends in a slash keeps the file's name
---@param options { beneath: string?, timeout: number?, max_retries: integer? }? beneath: local directory that local paths are relative to, and are not left through links; timeout: 1800 s
---@return daytona.Upload[]? results in the order of the files
---@return daytona.Error? err the whole call failed
function FileSystem:upload_files(files, options)
  local operation = "fs.upload_files"
  local started = core.now()
  local items = items_of(operation, "files", files, { source = "any", destination = "required", mode = "optional" })
  for i, item in ipairs(items) do
    upload_mode.check(operation, ("files': item %d: field 'mode"):format(i), item.mode)
  end
  local results = {}
  local here = core.absolute "." -- later ones are opened when the first have gone
  local batch, alone = sort_out(self, items, results, options, started)
  local params = call.params(operation, options, {
    destinations = batch.destinations, files = batch.files, contents = batch.contents, sizes = batch.sizes,
  })
  local deadline = deadlines.of(params, deadlines.TRANSFER)
  if type(params.beneath) == "string" then
    params.beneath = core.absolute(params.beneath)
  end
  if #batch.indices > 0 then
    local answer, err, said = toolbox.run(self._sandbox, operation, params, deadline)
    said = answer or said
    if type(said) ~= "table" or (not answer and type(said.errors) ~= "table") then
      return nil, err
    end
    settle(self, batch, said, err, results, started)
  end
  for _, i in ipairs(alone) do
    local source = items[i].source
    if type(source) == "string" and not params.beneath and source:sub(1, 1) ~= "/" then
      source = here .. "/" .. source
    end
    local one, err = self:upload_file(source, results[i].destination, {
      timeout = deadlines.left(deadline, 0), max_retries = params.max_retries,
      beneath = params.beneath,
    })
    results[i].bytes, results[i].error = one and one.bytes, err
  end
  set_modes(self, items, results, params, deadline)
  return results
end

return FileSystem
