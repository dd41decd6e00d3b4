--- What else is known of a failure.

local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"

local explain = {}

local LOOK = 5 -- seconds that reading the sandbox may take

--- Whether the answer came from something before the toolbox: the toolbox
--- itself always says why it fails, as a JSON object.
local function is_bare(err)
  return not err.code and not err.source and not (err.body and err.body:find "^%s*{")
end

--- A proxy said 502, 503 or 504 in the place of the toolbox: reads the sandbox
--- once and adds to the error what is known of it.
---@param err daytona.Error
---@param sandbox daytona.Sandbox
---@param deadline number? of the call that failed
function explain.silence(err, sandbox, deadline)
  if not is_bare(err) then
    return
  end
  local limit = deadlines.within(deadline, LOOK)
  local client = core.sandbox_owner(sandbox)
  local fresh, problem = call.run(client, "sandbox.get",
    { sandbox_id = sandbox.id, max_retries = 0 }, nil, limit)
  local what
  if fresh then
    core.sandbox_fields(sandbox, core.sandbox_fields(fresh))
    err.state = fresh.state
    what = "the sandbox is in state " .. tostring(fresh.state)
    if fresh.error_reason and fresh.error_reason ~= "" then
      what = what .. ": " .. fresh.error_reason
    end
  elseif problem.kind == "not_found" then
    err.state = "destroyed"
    what = "the sandbox does not exist"
  else
    what = ("the sandbox could not be read: %s"):format(problem.message)
  end
  err.message = ("%s (%s)"):format(err.message, what)
end

return explain
