--- What becomes of calls when their client is closed.  Who calls a method of a closed
--- client has made a mistake, and it raises.  A call that was under way is no mistake:
--- another task has closed the client, and it ends with kind "cancelled", whatever it
--- does just then, waiting between two requests, say.

local core = require "daytona.core"
local error_object = require "daytona.call.error"

local closing = {
  any = false, -- whether any client was closed; until then nobody is asked
}

local MAIN = {} -- stands for what runs in no coroutine
local entered_closed = setmetatable({}, { __mode = "k" }) -- by coroutine: its latest method began on a closed client

--- Notes that the client is closed.
---@param client daytona.Client
function closing.note(client)
  client._closed, closing.any = true, true
end

local function client_of(handle)
  if core.is_sandbox(handle) then
    return (core.sandbox_owner(handle))
  end
  local sandbox = handle._sandbox
  return handle._client or (sandbox and core.sandbox_owner(sandbox)) or handle
end

--- Notes that a method of the handle begins.
---@param handle any
function closing.enter(handle)
  entered_closed[coroutine.running() or MAIN] = client_of(handle)._closed or nil
end

--- The error of a request that a closed client is to send; nil: it is misuse, which the
--- core raises.
---@param operation string
---@return daytona.Error?
function closing.problem(operation)
  if entered_closed[coroutine.running() or MAIN] then
    return nil
  end
  return error_object.new {
    kind = "cancelled", operation = operation, message = "the client was closed", outcome = "failed",
  }
end

return closing
