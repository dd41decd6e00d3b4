--- The stored log of a command, read by a plain request.
---
--- Servers give our level its bytes as they are stored, with their markers.  One that
--- does not look at the level, or something on the way that drops its header, answers
--- with JSON, which is taken apart: it has the same bytes as far as JSON can say them.

local core = require "daytona.core"
local output = require "daytona.process.output"
local reader = require "daytona.call.chunks"

local log = {}

---@class daytona.LogReader
local Log = {}
local metatable = { __index = Log }

--- Reads the log in chunks of `params.chunk_size`.
---@param command daytona.Command
---@param params table of the row of its log, checked
---@param seconds number? for all of it, where params do not say
---@return daytona.LogReader
function log.reader(command, params, seconds)
  local operation = command:_row "logs"
  return setmetatable({ _reader = reader.of(command._sandbox, operation, params, seconds) }, metatable)
end

--- Sends the request and comes back; see Reader:send.
function Log:send()
  return self._reader:send()
end

--- What a log in JSON holds; nil where it is none.
local function unpack_json(text)
  local fields = core.decode(text)
  if type(fields) ~= "table" then
    return nil
  elseif type(fields.output) == "string" then
    return fields.output
  elseif type(fields.stdout) == "string" and type(fields.stderr) == "string" then
    return "\1\1\1" .. fields.stdout .. "\2\2\2" .. fields.stderr
  end
end

--- The first chunk of an answer that may be JSON: all of it, unpacked.
local function read_json(self, first)
  local parts, bytes = { first }, #first
  while bytes < output.most do
    local chunk, err = self._reader:read()
    if err then
      return nil, err
    elseif not chunk then
      break
    end
    parts[#parts + 1], bytes = chunk, bytes + #chunk
  end
  local text = table.concat(parts)
  return unpack_json(text) or text
end

--- The next chunk; nil at the end, or with an error.
---@return string? chunk
---@return daytona.Error? err
function Log:read()
  local chunk, err = self._reader:read()
  if chunk and not self._has_begun then
    self._has_begun = true
    if chunk:find '^%s*{%s*"' then -- a stored log begins with a marker
      return read_json(self, chunk)
    end
  end
  return chunk, err
end

--- How many bytes the log has, while it is being read and where the server says so.
---@return integer?
function Log:total()
  return self._reader:total()
end

--- Ends the transfer; harmless after the end.
function Log:close()
  self._reader:close()
end

return log
