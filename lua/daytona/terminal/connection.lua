--- A connection to a terminal in a sandbox.

local base64 = require "daytona.base64"
local call = require "daytona.call.call"
local class = require "daytona.call.class"
local cleanup = require "daytona.call.cleanup"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local toolbox = require "daytona.call.toolbox"
local websocket = require "daytona.call.websocket"

local CONNECT = 10 -- seconds until the server has to say that we are connected
local LOOK = 5 -- seconds for asking whether the shell runs
local PIECE = 32 * 1024 -- bytes of one message; servers refuse more than 64 KiB
local EXIT_CONTROL = "X-Daytona-Pty-Exit-Control"
local ENVIRONMENT = "X-Daytona-Pty-Envs~"

---@class daytona.Pty
---@field id string
---@field exit_code integer?  of its shell, once it has ended; -1: a signal ended it
---@field exit_reason string? like "SIGKILL"
local Pty = {}
local metatable = {
  __index = Pty,
  __name = "daytona.pty",
  __tostring = function(pty)
    return core.printable(("daytona.pty (%s)"):format(pty.id))
  end,
}

local pty = {}

local function failure(self, kind, message, operation)
  return error_object.new {
    kind = kind, operation = operation or "pty.read", message = message, sandbox_id = self._sandbox.id,
  }
end

--- Notes how the shell ended, from a control message or the reason of a close.
local function note_exit(self, fields)
  if type(fields.exitCode) == "number" then
    self.exit_code = fields.exitCode
    self.exit_reason = type(fields.exitReason) == "string" and fields.exitReason or self.exit_reason
  end
end

local function kind_of(text)
  return text:find "not found" and "not_found" or text:find "terminated" and "gone" or "server"
end

--- Takes a message of the server in: output, or nil if it was about the
--- connection.
local function take(self, data, kind)
  if kind ~= "text" or data:sub(1, 1) ~= "{" then
    return data
  end
  local message = core.decode(data)
  if type(message) ~= "table" or message.type ~= "control" then
    return data
  elseif message.status == "connected" then
    self._is_connected = true
  elseif message.status == "exited" then
    self._is_connected = true
    note_exit(self, message)
  elseif message.status == "error" then
    local text = type(message.error) == "string" and message.error or "the server says so"
    self._refusal = failure(self, kind_of(text), text, "process.connect_pty")
  end
end

--- Whether the shell runs, as the server lists it; nil: it does not say.
local function is_running(self)
  local answer = toolbox.ask(self._sandbox, "process.list_pty_sessions", { timeout = LOOK }, {})
  if not answer then
    return nil
  end
  for _, info in ipairs(answer.sessions) do
    if info.id == self.id then
      return info.active ~= false
    end
  end
  return false
end

--- What to say of a connection that the server closed without the exit code.
local function unexplained(self, code, err)
  if code == 1008 then
    return failure(self, "connection", "the terminal's output was not read fast enough: the server ended the "
      .. "connection (connect again to go on)")
  end
  local runs = is_running(self)
  if runs == false then
    return failure(self, "gone", "the shell has ended, its exit code is not known: the server did not tell it")
  elseif err then
    return err
  end
  return failure(self, "connection", runs and "the server ended the connection, the shell runs on"
    or "the server ended the connection, the shell may run on")
end

--- The connection is over: what that means.  The exit code is what the server
--- says it is; how a connection ends says nothing of it.
local function conclude(self, err)
  local code, reason = self._socket.code, self._socket.reason
  local fields = reason and reason:sub(1, 1) == "{" and core.decode(reason)
  if type(fields) == "table" then
    note_exit(self, fields)
  end
  self._socket:close()
  self._is_over = true
  if self._refusal then
    return nil, self._refusal
  elseif self.exit_code then
    return nil
  elseif err and err.kind == "cancelled" then
    return nil, err
  end
  return nil, unexplained(self, code, err)
end

--- The next output, from one message.
local function receive(self, deadline, operation)
  if self._is_over then
    return nil
  end
  local data, problem = self._socket:receive(deadline)
  if data then
    return take(self, data, problem) or ""
  elseif self._is_left then
    return nil
  elseif problem then
    problem.operation = operation
    if problem.kind == "timeout" and self._socket:is_open() then
      return nil, problem -- only the wait is over
    end
  end
  return conclude(self, problem)
end

--- Waits until the server says that the terminal is there; output that comes
--- before that is kept.
local function await_connection(self, deadline)
  local limit = deadlines.within(deadline, CONNECT)
  while not self._is_connected do
    local data, err = receive(self, limit, "process.connect_pty")
    if self._refusal then
      return nil, self._refusal
    elseif data and data ~= "" then
      self._early[#self._early + 1] = data
    elseif not data and not self.exit_code then
      return nil, err or failure(self, "connection", "the server ended the connection", "process.connect_pty")
    elseif not data then
      break
    end
  end
  return true
end

--- Opens the WebSocket.  Where that makes the terminal it is not broken off by
--- cancelling, for the answer alone says what was made.
local function open(sandbox, operation, params, deadline, retries, own)
  local client = core.sandbox_owner(sandbox)
  if not own then
    return websocket.open(sandbox, operation, params, deadline, retries)
  elseif cleanup.is_cancelled(client) then
    return nil, error_object.cancelled(operation)
  end
  local socket, err = cleanup.shielded(client, websocket.open, sandbox, operation, params, deadline, retries)
  if socket then
    own.is_new, own.is_made = true, true
  end
  return socket, err
end

--- Opens the WebSocket of a row and makes a handle of it.
---@param sandbox daytona.Sandbox
---@param operation string
---@param id string
---@param params table
---@param deadline number?
---@param retries integer?
---@param own table? where the row makes the terminal: gets is_new and is_made
---@return daytona.Pty? pty
---@return daytona.Error? err
function pty.connect(sandbox, operation, id, params, deadline, retries, own)
  local socket, err = open(sandbox, operation, params, deadline, retries, own)
  if not socket then
    return nil, err
  end
  socket:ping_every(websocket.PING)
  local self = setmetatable({ id = id, _sandbox = sandbox, _socket = socket, _early = {} }, metatable)
  local ok
  ok, err = await_connection(self, deadline)
  if not ok then
    socket:close()
    if err ~= self._refusal then
      err.outcome = "unknown" -- the terminal may be there
    end
    return nil, err
  end
  return self
end

--- What the WebSocket offers as subprotocols: servers read options there.
---@param env table<string, string>?
---@return string[]
function pty.offers(env)
  if env and next(env) ~= nil then
    return { ENVIRONMENT .. base64.encode_url(core.encode("process.create_pty", env)), EXIT_CONTROL }
  end
  return { EXIT_CONTROL }
end

local function deadline_of(operation, options)
  local params = call.params(operation, options, {})
  core.check(operation, params)
  return deadlines.after(params.timeout), params
end

--- The next output, as soon as there is any; `for chunk in pty do ... end` does
--- the same and raises an error object.
---@param options { timeout: number? }? seconds to wait; the connection stays
---@return string? chunk nil when the shell has ended (see exit_code) or after disconnect, or with an error
---@return daytona.Error? err
function Pty:read(options)
  local deadline = options ~= nil and deadline_of("pty.read", options) or nil
  if self._early[1] then
    return table.remove(self._early, 1)
  end
  while true do
    local data, err = receive(self, deadline, "pty.read")
    if data ~= "" then
      return data, err
    end
  end
end

--- Types into the terminal; waits while the connection is full.
---@param data string
---@param options { timeout: number? }? seconds to wait, none by default
---@return boolean? ok
---@return daytona.Error? err of kind "gone" if the shell has ended
function Pty:write(data, options)
  if type(data) ~= "string" then
    core.misuse(("pty.write: field 'data': string expected, got %s"):format(type(data)))
  end
  local deadline = options ~= nil and deadline_of("pty.write", options) or nil
  for position = 1, #data, PIECE do
    local ok, err = true, nil
    if not self._is_over then
      ok, err = self._socket:send(data:sub(position, position + PIECE - 1), "binary", deadline)
    end
    if not ok and err and (err.kind == "cancelled" and not self._is_left or err.kind == "timeout") then
      err.operation = "pty.write"
      return nil, err
    elseif not ok or self._is_over then
      return nil, failure(self, "gone", "the connection to the terminal is over", "pty.write")
    end
  end
  return true
end

--- Waits until the shell has ended.
---@param options { on_data: fun(chunk: string)?, timeout: number? }? on_data: gets the output until then; timeout: none by default
---@return { exit_code: integer, exit_reason: string? }? exit
---@return daytona.Error? err
function Pty:wait(options)
  local deadline, params = deadline_of("pty.wait", options)
  local on_data = params.on_data
  while true do
    local data, err = table.remove(self._early, 1), nil
    if not data then
      data, err = receive(self, deadline, "pty.wait")
    end
    if err then
      return nil, err
    elseif not data then
      if self.exit_code == nil then
        return nil, failure(self, "connection", "disconnected, the shell may run on", "pty.wait")
      end
      return { exit_code = self.exit_code, exit_reason = self.exit_reason }
    elseif on_data and data ~= "" then
      on_data(data)
    end
  end
end

--- Changes the size of the terminal.
---@param cols integer 1 to 1000
---@param rows integer 1 to 1000
---@param options { timeout: number?, max_retries: integer? }?
---@return daytona.pty_info? info
---@return daytona.Error? err of kind "gone" if the shell has ended
function Pty:resize(cols, rows, options)
  return toolbox.ask(self._sandbox, "process.resize_pty_session", options,
    { session_id = self.id, cols = cols, rows = rows })
end

--- Ends the shell and everything it started.  One that has ended is ended.
---@param options { timeout: number?, max_retries: integer? }?
---@return boolean? ok
---@return daytona.Error? err
function Pty:kill(options)
  local ok, err = toolbox.ask(self._sandbox, "process.kill_pty_session", options, { session_id = self.id })
  if not ok and err.kind ~= "not_found" and err.kind ~= "gone" then
    return nil, err
  end
  return true
end

--- Whether the connection stands.
---@return boolean
function Pty:is_connected()
  return not self._is_over and self._socket:is_open()
end

--- Ends the connection; the shell runs on, see process:connect_pty.
function Pty:disconnect()
  if not self._is_over then
    self._is_left, self._is_over = true, true
    self._socket:leave()
  end
end

metatable.__call = class.read
metatable.__close = Pty.disconnect

class.define("pty", Pty, metatable)

return pty
