--- A file of a sandbox, or another answer in bytes, read in chunks.

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local leftovers = require "daytona.call.left_streams"
local toolbox = require "daytona.call.toolbox"
local turn = require "daytona.call.fairness"

---@class daytona.Reader
---@field status integer? of preview:open
---@field headers table<string, string|string[]>? of preview:open
local Reader = {}
local metatable = { __index = Reader, __name = "daytona.reader" }

local reader = {}

reader.SIZE = 256 * 1024 -- bytes of a chunk, by default

---@param sandbox daytona.Sandbox
---@param path string
---@param options table?
---@param other_way fun(sandbox: daytona.Sandbox, operation: string, params: table, deadline: number?, err: daytona.Error): any?, daytona.Error? what is tried where a server does not take the name
---@return daytona.Reader
function reader.new(sandbox, path, options, other_way)
  local params = call.params("fs.read_file", options, { path = path })
  if params.chunk_size == nil then
    params.chunk_size = reader.SIZE
  end
  core.check("fs.read_file", params)
  local self = reader.of(sandbox, "fs.read_file", params, deadlines.TRANSFER)
  self._other_way = not core.is_utf8(path) and other_way or nil
  return self
end

local function has_connection(self)
  return not self._ended
end

--- Reads the answer of any row that can give chunks.
---@param sandbox daytona.Sandbox
---@param operation string
---@param params table checked, with chunk_size
---@param seconds number? for all of it, where params do not say
---@return daytona.Reader
function reader.of(sandbox, operation, params, seconds)
  local self = setmetatable({
    _sandbox = sandbox, _operation = operation, _params = params, _seconds = seconds,
  }, metatable)
  leftovers.add(self, has_connection)
  return self
end

--- The same for an answer that has a head: the reader has its status and headers.
---@param sandbox daytona.Sandbox
---@param operation string
---@param params table checked, with chunk_size
---@param run fun(): any?, daytona.Error? sends it
---@return daytona.Reader?
---@return daytona.Error? err
function reader.open(sandbox, operation, params, run)
  local started = core.now()
  local answer, err = run()
  if not answer then
    return nil, err
  end
  local self = reader.of(sandbox, operation, params)
  self._started = started
  if type(answer) == "userdata" then
    self.status, self.headers = answer:head()
    self._request = answer
  else
    self.status, self.headers, self._rest, self._position = answer.status, answer.headers, answer.body, 1
  end
  return self
end

--- Sends the request; what there is of a small file comes with the answer.
local function open(self)
  local params = self._params
  self._started = core.now()
  local deadline = deadlines.of(params, self._seconds)
  local answer, err = toolbox.run(self._sandbox, self._operation, params, deadline)
  if not answer and self._other_way then
    answer, err = self._other_way(self._sandbox, self._operation, params, deadline, err)
  end
  if not answer then
    return nil, err
  elseif type(answer) == "string" then
    self._rest, self._position = answer, 1
  else
    self._request = answer
  end
  return true
end

--- Sends the request and comes back: reading then waits for the answer.  Tried once;
--- the sandbox's toolbox has to be known.
---@return boolean? ok
---@return daytona.Error? err
function Reader:send()
  self._started = core.now()
  local seconds = self._params.timeout or self._seconds
  local sent, err = require("daytona.call.detached").begin(self._sandbox, self._operation, self._params, seconds)
  if not sent then
    self._ended = true
    return nil, err
  end
  self._call, self._request = sent, sent.request
  return true
end

--- The next chunk of what is here already.
local function slice(self)
  local size = self._params.chunk_size
  if self._position > #self._rest then
    self._rest, self._ended = nil, true
    return nil
  end
  local chunk = self._rest
  if self._position > 1 or #chunk > size then
    chunk = chunk:sub(self._position, self._position + size - 1)
  end
  self._position = self._position + size
  return chunk
end

--- The next chunk; nil at the end, or with an error.
---@return string? chunk
---@return daytona.Error? err
function Reader:read()
  if self._ended then
    return nil
  end
  local ok, err = true, nil
  if not self._rest and not self._request then
    ok, err = open(self)
  end
  local request = self._request
  if request then
    local host, chunk = core.sandbox_owner(self._sandbox).host, request:take()
    while not chunk and not request:done() do
      if host.cancelled and host.cancelled() then
        request:cancel()
      end
      host.wait(request)
      turn.taken(self)
      chunk = request:take()
    end
    if chunk then
      if not turn.give(self, host) then
        request:cancel() -- the next call tells
      end
      return chunk
    end
    self._request = nil
    if self._call then
      self._rest, err = self._call:result()
    else
      self._rest, err = request:result()
    end
    if self.headers and self._rest then
      self._rest = self._rest.body
    end
    self._position, ok = 1, self._rest ~= nil
    if err then
      err.attempts, err.elapsed = 1, core.now() - self._started
      err.sandbox_id = self._sandbox.id
    end
  end
  if not ok then
    self._ended = true
    return nil, err
  end
  return slice(self)
end

--- How many bytes the answer has, while it comes and where that is known.
---@return integer?
function Reader:total()
  if self._request then
    return (select(2, self._request:moved()))
  end
end

--- Ends the transfer; harmless after the end.
function Reader:close()
  if self._request then
    self._request:close()
  end
  self._request, self._rest, self._ended = nil, nil, true
end

metatable.__call = class.read
metatable.__close = Reader.close

function metatable.__tostring()
  return "daytona.reader"
end

class.define("reader", Reader, metatable)

return reader
