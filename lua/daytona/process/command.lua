--- Commands of a session.

local call = require "daytona.call.call"
local class = require "daytona.call.class"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local log_module = require "daytona.process.stored_log"
local mark = require "daytona.process.end_mark"
local output = require "daytona.process.output"
local poll = require "daytona.call.poll"
local stream = require "daytona.process.stream"
local toolbox = require "daytona.call.toolbox"

local ENTRYPOINT = "entrypoint" -- the session of the sandbox's own program
local ENTRYPOINT_ROWS = {
  status = "process.get_entrypoint_session", logs = "command.entrypoint_logs", follow = "command.follow_entrypoint",
}

---@class daytona.Command
---@field id string
---@field session_id string
---@field command string?     shell text, where it is known
---@field exit_code integer?  nil: not known yet
---@field stdout string?      of a command that was waited for
---@field stderr string?      of a command that was waited for
local Command = {}
local metatable = {
  __index = Command,
  __name = "daytona.command",
  __tostring = function(command)
    return core.printable(("daytona.command (%s of session %s)"):format(command.id, command.session_id))
  end,
}

local command = {}

--- A handle; asks nobody.
---@param sandbox daytona.Sandbox
---@param session_id string
---@param fields { id: string, command: string?, exit_code: integer? }
---@return daytona.Command
function command.new(sandbox, session_id, fields)
  return setmetatable({
    id = fields.id, session_id = session_id, command = fields.command, exit_code = fields.exit_code,
    _sandbox = sandbox,
  }, metatable)
end

local function append(streams, parts, count, filter)
  for index = 1, count, 2 do
    local name = parts[index]
    local list = streams[name]
    list[#list + 1] = filter and filter:pass(name, parts[index + 1]) or parts[index + 1]
  end
end

--- A handle from the answer to session.exec.
---@param sandbox daytona.Sandbox
---@param session_id string
---@param text string
---@param answer table
---@param runs_on boolean?
---@return daytona.Command
function command.started(sandbox, session_id, text, answer, runs_on)
  local self = command.new(sandbox, session_id, {
    id = answer.command_id, command = text, exit_code = answer.exit_code,
  })
  if not runs_on then
    self.stdout, self.stderr = answer.stdout, answer.stderr
    if not self.stdout then -- an older server
      local log, streams = core.demultiplexer(), { stdout = {}, stderr = {} }
      local parts = {}
      append(streams, parts, log:feed(answer.output or "", parts))
      append(streams, parts, log:flush(parts))
      self.stdout, self.stderr = table.concat(streams.stdout), table.concat(streams.stderr)
    end
  end
  return self
end

--- Reads whether the command has ended, and updates the handle.
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.Command? command itself; exit_code nil: it runs, or waits for its turn
---@return daytona.Error? err
function Command:status(options)
  local operation, arguments = self:_row "status"
  local fields, err = toolbox.ask(self._sandbox, operation, options, arguments)
  if not fields then
    return nil, err
  end
  return self:_learn(fields)
end

--- The row that reads the status of the command, reads its log or follows it, and its
--- arguments.
---@param what "status"|"logs"|"follow"
---@return string operation
---@return table arguments
function Command:_row(what)
  local follow = what == "follow" or nil
  if self.session_id == ENTRYPOINT then
    return ENTRYPOINT_ROWS[what], { follow = follow }
  end
  return "command." .. what, { session_id = self.session_id, command_id = self.id, follow = follow }
end

--- Takes what the server says of it.
function Command:_learn(fields)
  if self.session_id == ENTRYPOINT then
    fields = fields.commands[1] or {}
  end
  self.command = fields.command or self.command
  self.exit_code = fields.exit_code
  return self
end

--- Whether the refusal of input only means that the server has no pipe for it: it has
--- none before the command has begun, none after its end.
local function has_no_pipe(err)
  return err.status == 500 and tostring(err.message):find("input pipe", 1, true) ~= nil
end

--- Writes to the command's standard input.  Servers add a newline where the
--- text does not end in one.  For a command that has not begun yet it waits.
---@param data string
---@param options { timeout: number?, max_retries: integer? }?
---@return boolean? ok
---@return daytona.Error? err of kind "gone" if the command has ended
function Command:input(data, options)
  local arguments = { session_id = self.session_id, command_id = self.id, data = data }
  local params = call.params("command.input", options, arguments)
  core.check("command.input", params)
  if data == "" then
    return true
  end
  local client = core.sandbox_owner(self._sandbox)
  local deadline = deadlines.of(params, client.timeout)
  local waiting
  while true do
    local ok, err = toolbox.run(self._sandbox, "command.input", params, deadline)
    if ok or not has_no_pipe(err) then
      return ok, err
    end
    local known = self:status { timeout = deadlines.left(deadline) }
    if known and self.exit_code then
      err.kind, err.retryable = "gone", false
      err.message = ("the command has ended with exit code %d"):format(self.exit_code)
    end
    err.outcome = "failed" -- nothing was written
    waiting = waiting or poll.new(client, { deadline = deadline, last = 0.5 })
    if err.kind == "gone" or not waiting:pause() then
      return nil, err
    end
  end
end

local function parse_cursor(operation, cursor)
  if cursor == nil then
    return 0
  end
  local position, current = tostring(cursor):match "^(%d+):(%a*)$"
  if not position or (current ~= "" and current ~= "stdout" and current ~= "stderr") then
    core.misuse(("%s: field 'cursor': one that logs gave expected, got '%s'"):format(operation, tostring(cursor)))
  end
  return tonumber(position), current ~= "" and current or nil
end

--- Reads the log from a position on, at most `limit` bytes of it.
local function read_log(log, position, limit, demultiplexer, filter)
  local streams, parts, skip = { stdout = {}, stderr = {} }, {}, position
  while limit > 0 do
    local bytes, err = log:read()
    if not bytes then
      return not err and streams or nil, err, position, false
    end
    if #bytes <= skip then
      skip = skip - #bytes
    else
      bytes = bytes:sub(skip + 1, skip + limit)
      skip, limit, position = 0, limit - #bytes, position + #bytes
      append(streams, parts, demultiplexer:feed(bytes, parts), filter)
    end
  end
  log:close()
  return streams, nil, position, true
end

--- What the command has printed so far, or since a cursor.
---@param options { cursor: string?, max_output: integer?, timeout: number?, max_retries: integer? }? cursor: what an earlier call gave; max_output: bytes to read at most, 64 MiB
---@return { stdout: string, stderr: string, cursor: string, truncated: boolean }? logs cursor: where this ended; truncated: max_output ended it
---@return daytona.Error? err
function Command:logs(options)
  local operation, arguments = self:_row "logs"
  local params = call.params(operation, options, arguments)
  params.chunk_size = require("daytona.call.chunks").SIZE
  core.check(operation, params)
  local position, current = parse_cursor(operation, params.cursor)
  local demultiplexer, filter = core.demultiplexer(current), mark.filter(mark.of(self.session_id))
  local log = log_module.reader(self, params, core.sandbox_owner(self._sandbox).timeout)
  local streams, err, truncated
  streams, err, position, truncated = read_log(log, position, params.max_output or output.most, demultiplexer, filter)
  if not streams then
    return nil, err
  end
  local kept
  kept, current = demultiplexer:place()
  if self.exit_code and not truncated then -- what was kept is no marker
    local parts = {}
    append(streams, parts, demultiplexer:flush(parts))
    kept = 0
  elseif filter and current and kept == 0 then -- what is left of it may be the beginning of the end mark
    kept = #filter:rest(current)
  end
  for name, list in pairs(filter and streams or {}) do
    list[#list + 1] = filter:rest(name)
  end
  return {
    stdout = table.concat(streams.stdout), stderr = table.concat(streams.stderr),
    cursor = ("%d:%s"):format(position - kept, current or ""), truncated = truncated,
  }
end

--- Follows what the command prints, from its beginning, until it ends:
--- `for stream, chunk in command:follow() do ... end`.  Drops of the connection
--- are got over; nothing is lost or given twice.  A failure in the loop raises
--- the error object; leaving the loop ends the connection: at once on Lua 5.4, elsewhere when the next
--- streams are opened or the collector comes by, or by stream:close().
---
--- The result can be used without a loop: its method `read` gives "stdout" or
--- "stderr" and a chunk, at the end nil, or nil and an error; then `exit_code`
--- is known.  With a callback the call itself runs to the end.
---@param options { on_stdout: fun(chunk: string)?, on_stderr: fun(chunk: string)?, utf8: boolean?, cursor: string?, keep_awake: boolean?, timeout: number?, max_retries: integer? }? keep_awake: the sandbox does not stop by itself meanwhile; utf8: no chunk ends in the middle of a character; cursor: where logs ended, to begin there; timeout: for all of it, none by default
---@return daytona.Stream|integer|nil stream with a callback: the exit code
---@return daytona.Error? err
---@return nil
---@return daytona.Stream? closing closed by `for` in Lua 5.4
function Command:follow(options)
  return command.follow(self, options)
end

--- The same; `prepare` gets the stream of a log that is followed from its beginning.
---@param self daytona.Command
---@param options table?
---@param prepare fun(following: daytona.Stream)?
function command.follow(self, options, prepare)
  local operation, arguments = self:_row "follow"
  local params = call.params(operation, options, arguments)
  core.check(operation, params)
  local callbacks = stream.callbacks(params)
  local following = stream.new(self, params, parse_cursor(operation, params.cursor))
  if prepare and params.cursor == nil then
    prepare(following)
  end
  if next(callbacks) == nil then
    return following, nil, nil, following
  end
  return following:deliver(callbacks)
end

class.define("command", Command, metatable)

return command
