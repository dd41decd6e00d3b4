--- Commands of a session.

local core = require "daytona.core"

local ENTRYPOINT = "entrypoint" -- the session of the sandbox's own program

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
    return ("daytona.command (%s of session %s)"):format(command.id, command.session_id)
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

--- Takes a log apart.
local function demultiplex(log)
  local streams, parts = { stdout = {}, stderr = {} }, {}
  local demultiplexer = core.demultiplexer()
  for _, count in ipairs { demultiplexer:feed(log, parts), false } do
    for index = 1, count or demultiplexer:flush(parts), 2 do
      local list = streams[parts[index]]
      list[#list + 1] = parts[index + 1]
    end
  end
  return table.concat(streams.stdout), table.concat(streams.stderr)
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
      self.stdout, self.stderr = demultiplex(answer.output or "")
    end
  end
  return self
end

--- Reads whether the command has ended, and updates the handle.
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.Command? command itself; exit_code nil: it runs, or waits for its turn
---@return daytona.Error? err
function Command:status(options)
  local fields, err
  if self.session_id == ENTRYPOINT then
    fields, err = self._sandbox:_ask("process.get_entrypoint_session", options, {})
    fields = fields and (fields.commands[1] or {})
  else
    fields, err = self._sandbox:_ask("command.status", options,
      { session_id = self.session_id, command_id = self.id })
  end
  if not fields then
    return nil, err
  end
  self.command = fields.command or self.command
  self.exit_code = fields.exit_code
  return self
end

--- Writes to the command's standard input.  Servers add a newline where the
--- text does not end in one.
---@param data string
---@param options { timeout: number?, max_retries: integer? }?
---@return boolean? ok
---@return daytona.Error? err of kind "gone" if the command has ended
function Command:input(data, options)
  if data == "" then
    core.check("command.input", { session_id = self.session_id, command_id = self.id, data = data })
    return true
  end
  return self._sandbox:_ask("command.input", options,
    { session_id = self.session_id, command_id = self.id, data = data })
end

--- The row that reads the command's log, and its arguments.
---@return string operation
---@return table arguments
function Command:_log_row()
  if self.session_id == ENTRYPOINT then
    return "command.entrypoint_logs", {}
  end
  return "command.logs", { session_id = self.session_id, command_id = self.id }
end

--- What the command has printed so far.
---@param options { timeout: number?, max_retries: integer? }?
---@return { stdout: string, stderr: string }? logs
---@return daytona.Error? err
function Command:logs(options)
  local operation, arguments = self:_log_row()
  local log, err = self._sandbox:_ask(operation, options, arguments)
  if not log then
    return nil, err
  end
  local stdout, stderr = demultiplex(log)
  return { stdout = stdout, stderr = stderr }
end

return command
