--- What a command prints, followed as it comes: the result of command:follow.

local class = require "daytona.call.class"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local follow = require "daytona.process.follow"
local leftovers = require "daytona.call.left_streams"
local mark = require "daytona.process.end_mark"
local output = require "daytona.process.output"
local protect = require "daytona.call.protected"
local shell = require "daytona.process.shell"
local turn = require "daytona.call.fairness"

---@class daytona.Stream
---@field exit_code integer? of the command, once all was read
local Stream = {}
local metatable = { __index = Stream, __name = "daytona.stream" }

local stream = {}

--- Splits a text before a UTF-8 character that is not complete.
local function split(text)
  for back = 1, math.min(3, #text) do
    local byte = text:byte(-back)
    if byte >= 0xC0 then
      local length = byte >= 0xF0 and 4 or byte >= 0xE0 and 3 or 2
      if length > back then
        return text:sub(1, -back - 1), text:sub(-back)
      end
      break
    elseif byte < 0x80 then
      break
    end
  end
  return text, ""
end

--- Takes the bytes of a log apart: chunks of the one stream and the other.
---@param current "stdout"|"stderr"|nil the stream to which the first bytes belong
---@param utf8 boolean? never split a character
---@param end_mark string? see mark.lua
local function new_splitter(current, utf8, end_mark)
  return {
    demultiplexer = core.demultiplexer(current), chunks = {}, count = 0, index = 0,
    rests = utf8 and { stdout = "", stderr = "" },
    filter = mark.filter(end_mark),
    feed = function(self, bytes)
      self.count, self.index = self.demultiplexer:feed(bytes, self.chunks), 0
    end,
    is_complete = function(self)
      return self.filter ~= nil and self.filter:is_complete()
    end,
  }
end

--- The next chunk of what was fed.
local function take(self)
  while self.index < self.count do
    local name, chunk = self.chunks[self.index + 1], self.chunks[self.index + 2]
    self.index = self.index + 2
    if self.filter then
      chunk = self.filter:pass(name, chunk)
    end
    if self.rests then
      chunk, self.rests[name] = split(self.rests[name] .. chunk)
    end
    if chunk ~= "" then
      return name, chunk
    end
  end
end

--- The end: what was kept is no marker, and no character.
local function finish(self)
  self.count, self.index = self.demultiplexer:flush(self.chunks), 0
  local rests, filter = self.rests, self.filter
  for _, name in ipairs { "stdout", "stderr" } do
    local rest = (rests and rests[name] or "") .. (filter and filter:rest(name) or "")
    if self.chunks[1] == name and self.count > 0 then
      self.chunks[2] = rest .. self.chunks[2]
    elseif rest ~= "" then
      self.chunks[self.count + 1], self.chunks[self.count + 2] = name, rest
      self.count = self.count + 2
    end
  end
  self.rests, self.filter = nil, nil
end

--- The callbacks of a call, by stream.
---@param params table checked
---@return table<string, function>
function stream.callbacks(params)
  return { stdout = params.on_stdout, stderr = params.on_stderr }
end

local function has_connection(self)
  return self._source ~= nil
end

--- Whether a command seems to end the shell of its session; nil: it cannot.
local function may_end_shell(command)
  if command.session_id ~= "entrypoint" and mark.of(command.session_id) == nil then
    return shell.may_end(command.command)
  end
end

--- Follows a command.
---@param command daytona.Command
---@param options table checked; `quiet`: nobody watches; `exit_code`: known already; `just_begun`: see follow.lua
---@param position integer? of the log, where to begin
---@param current "stdout"|"stderr"|nil the stream there
---@return daytona.Stream
function stream.new(command, options, position, current)
  local self = setmetatable({
    _command = command, _splitter = new_splitter(current, options.utf8, mark.of(command.session_id)),
    _source = follow.new(command, {
      position = position, deadline = deadlines.after(options.timeout), retries = options.max_retries,
      quiet = options.quiet, exit_code = options.exit_code, ahead = options.ahead,
      just_begun = options.just_begun,
      awake = options.keep_awake and require("daytona.call.keep_awake").new(command._sandbox) or nil,
      may_end = may_end_shell(command),
    }),
  }, metatable)
  leftovers.add(self, has_connection)
  return self
end

--- Keeps what is read, up to a bound, and hands it over at the end if that was all.
---@param limit integer bytes of each stream
---@param fn fun(kept: table?, exit_code: integer) kept: of daytona.output; nil: it was more
function Stream:keep(limit, fn)
  self._kept, self._on_end = output.new(limit), fn
end

--- The next chunk.  Bytes are not kept back, but for those that may be the start
--- of a marker.
---@param _ string? what `for name, chunk in stream.read, stream do` passes
---@return "stdout"|"stderr"|nil name nil at the end, or with an error
---@return string|daytona.Error|nil chunk
function Stream:read(_) -- luacheck: no unused args
  while true do
    local name, chunk = take(self._splitter)
    if name then
      -- A server that keeps lines has thousands of chunks in a message.
      if not turn.give(self, core.sandbox_owner(self._command._sandbox).host) then
        self:close()
        return nil, error_object.cancelled "command.follow"
      end
      if self._kept then
        self._kept:add(name, chunk)
        self._kept = not self._kept.truncated and self._kept or nil
      end
      return name, chunk
    elseif not self._source then
      local err, on_end = self._problem, self._on_end
      self._problem, self._on_end = nil, nil
      if on_end and self.exit_code then
        on_end(self._kept, self.exit_code)
      end
      return nil, err
    end
    local source = self._source
    local more, err = source:read(self._splitter)
    turn.taken(self) -- it has waited, or given turns
    if not self._source then -- closed by another task, meanwhile
      return nil
    elseif not more then
      self.exit_code = source.exit_code
      self._source, self._problem = nil, err
      finish(self._splitter)
    end
  end
end

--- Gives every chunk to its function; an error in one ends following.
---@param callbacks { stdout: function?, stderr: function? }
---@param kept table? of daytona.output, gets every chunk first
---@return integer? exit_code
---@return daytona.Error? err
function Stream:deliver(callbacks, kept)
  while true do
    local name, chunk = self:read()
    if not name then
      return not chunk and self.exit_code or nil, chunk
    end
    if kept then
      kept:add(name, chunk)
    end
    local callback = callbacks[name]
    if callback then
      local ok, problem = protect.pcall(callback, chunk)
      if not ok then
        self:close()
        error(problem, 0)
      end
    end
  end
end

--- Ends following; the command runs on.
function Stream:close()
  if self._source then
    self._source:close()
  end
  self._source, self._problem = nil, nil
  self._splitter.count = 0
end

metatable.__call = class.read
metatable.__close = Stream.close

function metatable.__tostring()
  return "daytona.stream"
end

class.define("stream", Stream, metatable)

return stream
