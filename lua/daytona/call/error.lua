--- The one error object.  The C core makes most of them; the Lua layer makes
--- those of waiting and configuration, and completes all.

local core = require "daytona.load"

---@class daytona.Error
---@field kind string        "bad_request", "unauthorized", "forbidden", "not_found", "timeout", "conflict", "gone", "unprocessable", "rate_limited", "server", "bad_gateway", "unavailable", "connection", "tls", "cancelled", "protocol", "file", "state" or "exit"
---@field message string     what went wrong, in words
---@field status integer?    HTTP status, if there was an answer
---@field code string?       the server's own code, like "FILE_NOT_FOUND"
---@field source string?     "DAYTONA_API", "DAYTONA_DAEMON" or "DAYTONA_PROXY"
---@field operation string   like "process.exec"
---@field method string?     HTTP method
---@field path string?       path of the URL
---@field request_id string? the server's id of the request
---@field attempts integer   how often it was tried
---@field elapsed number     seconds since the call began
---@field retryable boolean  could the same call succeed later
---@field budget_exhausted boolean? true: it was not tried again, because the client has spent its retries (see retry_budget)
---@field retry_after number? seconds the server asks to wait
---@field outcome string     "failed", or "unknown": the server may have acted
---@field sandbox_id string? the sandbox it is about, where known
---@field state string?      the state of that sandbox, where known
---@field result daytona.Result? of process.run and job.wait: what was printed until then
---@field body string?       beginning of the answer
---@field result daytona.DirectoryResult? what a transfer of a directory did before it failed, and which files did
local metatable = core.error_metatable()

-- What calls were about besides a sandbox, by their errors: { what, value }.
local subjects = setmetatable({}, { __mode = "k" })

metatable.__name = "daytona.error"

---@param err daytona.Error
function metatable.__tostring(err)
  local text = ("%s failed: %s (%s"):format(err.operation, err.message, err.kind)
  if err.status then
    text = text .. " " .. err.status
  end
  text = text .. ")"
  local subject = subjects[err]
  if subject and not err.message:find(subject.value, 1, true) then
    text = ("%s, %s '%s'"):format(text, subject.what, subject.value)
  end
  if err.sandbox_id then
    text = text .. ", sandbox " .. err.sandbox_id
  end
  if err.outcome == "unknown" and err.kind ~= "exit" then
    text = text .. ", the server may have acted"
  end
  -- It goes to terminals and logs, and parts of it come from the server.
  return core.printable(text, true)
end

-- Failures that come when the server may have begun; of others it is known that
-- it has not, or how far it came.
local IN_BETWEEN = {
  timeout = true, cancelled = true, connection = true, protocol = true, server = true, bad_gateway = true,
  unavailable = true, exit = true,
}

local error_object = {}

--- What is known of the effect where nobody says it: by the operation and the
--- kind of failure.
local function outcome_of(fields)
  if IN_BETWEEN[fields.kind] and not core.reads(fields.operation) then
    return "unknown"
  end
  return "failed"
end

-- Parameters that say what a call is about, the first of them that is given, and
-- how they are called.
local ABOUT = {
  { "path", "path" }, { "source", "path" }, { "destination", "path" }, { "command_id", "command" },
  { "session_id", "session" }, { "context_id", "context" }, { "id", "id" }, { "port", "port" },
}

--- Notes what a call was about, for its error to say where the server does not.
---@param err daytona.Error
---@param params table of the call
function error_object.note_subject(err, params)
  for _, entry in ipairs(ABOUT) do
    local value = params[entry[1]]
    if entry[1] == "source" and params.destination and err.operation:find("upload", 1, true) then
      value = nil -- it is here, not in the sandbox
    end
    if type(value) == "string" and value ~= "" or type(value) == "number" then
      subjects[err] = { what = entry[2], value = tostring(value) }
      return
    end
  end
end

--- Makes an error of the Lua layer.  Where nothing was sent, `outcome` is to be
--- "failed".
---@param fields table at least kind, message and operation
---@return daytona.Error
function error_object.new(fields)
  if fields.retryable == nil then
    fields.retryable = false
  end
  fields.outcome = fields.outcome or outcome_of(fields)
  fields.attempts = fields.attempts or 1
  fields.elapsed = fields.elapsed or 0
  fields.message = core.printable(fields.message, true)
  return setmetatable(fields, metatable)
end

--- The error of a call whose task was cancelled.
---@param operation string
---@param outcome "failed"|"unknown"|nil "failed": nothing was sent
---@return daytona.Error
function error_object.cancelled(operation, outcome)
  return error_object.new { kind = "cancelled", operation = operation, message = "cancelled", outcome = outcome }
end

return error_object
