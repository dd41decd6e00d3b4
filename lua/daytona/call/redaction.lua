--- Secrets that a call was given, out of its error: servers repeat what they were sent.

local redaction = {}

local SHORTEST = 4 -- bytes; less is no secret, and stands in many words

-- Parameters that are secret, by operation.
local SECRET = {
  ["git.clone"] = "password", ["git.push"] = "password", ["git.pull"] = "password",
  ["git.dangerously_authenticate"] = "password", ["secret.create"] = "value", ["secret.update"] = "value",
}
local URLS = { ["git.clone"] = true, ["git.remote_add"] = true } -- whose "url" may hold a password

local function hide(text, secret)
  return (text:gsub(secret:gsub("%W", "%%%0"), "***"))
end

--- A text as it stands in JSON, in URLs and by itself.
local function forms(secret)
  local quoted = secret:gsub('[\\"]', "\\%0")
  local escaped = secret:gsub("[^%w._~-]", function(byte)
    return ("%%%02X"):format(byte:byte())
  end)
  return { secret, quoted, escaped }
end

--- Replaces the secrets among the parameters in what the error says.
---@param err daytona.Error
---@param operation string
---@param params table of the call
function redaction.apply(err, operation, params)
  local secret = params[SECRET[operation] or false]
  if URLS[operation] and type(params.url) == "string" then
    secret = secret or params.url:match "^%a[%w+.-]*://[^/@:]*:([^/]+)@"
  end
  if type(secret) ~= "string" or #secret < SHORTEST or secret:find "%z" then
    return
  end
  for _, form in ipairs(forms(secret)) do
    for _, name in ipairs { "message", "body" } do
      if type(err[name]) == "string" then
        err[name] = hide(err[name], form)
      end
    end
  end
end

return redaction
