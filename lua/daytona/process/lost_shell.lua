--- Shells of sessions that have ended, where the server does not say so in as many
--- words.

local lost_shell = {}

--- Whether a refusal says that the session's shell has ended before the command began,
--- so that it never does.
---@param err daytona.Error
---@return boolean
function lost_shell.is_told(err)
  return err.kind == "gone" or err.status == 500 and tostring(err.message):find("broken pipe", 1, true) ~= nil
end

--- Gives the error of a command the kind that newer servers give it where the shell
--- has ended, the session is not there, or was deleted while the command was waited for.
---@param err daytona.Error
function lost_shell.explain(err)
  if err.kind == "gone" or err.status ~= 500 then
    return
  elseif lost_shell.is_told(err) then
    err.kind, err.outcome, err.retryable = "gone", "failed", false
    err.message = "the session's shell has ended: " .. err.message
  elseif tostring(err.message):find("session not found", 1, true) then
    err.kind, err.outcome, err.retryable = "not_found", "failed", false
  elseif tostring(err.message):find("session cancelled", 1, true) then
    err.kind, err.outcome, err.retryable = "gone", "unknown", false
    err.message = "the session was deleted: " .. err.message
  end
end

return lost_shell
