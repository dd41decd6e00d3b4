--- Secrets that a call was given, out of its error and its events: servers repeat what
--- they were sent.  Which parameters are secret is said by the fields of the row.

local core = require "daytona.core"

local redaction = {}

-- Bytes; less is no secret, and stands in many words.  Most values of an environment are
-- none: they say "production" or 8080.
local SHORTEST = { whole = 4, url = 1, value = 6 }
local WORDS = { ["true"] = true, ["false"] = true, ["null"] = true } -- of JSON

--- A text as it stands in JSON, in URLs, in words of a shell and by itself.
local function forms(secret)
  local escaped = secret:gsub("[^%w._~-]", function(byte)
    return ("%%%02X"):format(byte:byte())
  end)
  local quoted = secret:gsub('[\\"]', "\\%0"):gsub("\n", "\\n"):gsub("\t", "\\t"):gsub("\r", "\\r")
  local shell = secret:gsub("'", "'\\''")
  return { secret, quoted, escaped, shell, (shell:gsub("\\", "\\\\")) }
end

--- Everything that is to be hidden, the longest first: one secret may be a part of another.
local function texts(operation, params)
  local list, all = core.secrets(operation, params), {}
  for index = 1, #list, 2 do
    local text, kind = list[index], list[index + 1]
    if kind == "url" then
      text = text:match "^%a[%w+.-]*://[^/@:]*:([^/]+)@" or ""
    end
    if #text >= SHORTEST[kind] and not WORDS[text] and not text:find "%z" then
      for _, form in ipairs(forms(text)) do
        all[#all + 1] = form
      end
    end
  end
  table.sort(all, function(a, b)
    return #a > #b
  end)
  return all
end

local function hide(text, secrets)
  for _, secret in ipairs(secrets) do
    text = text:gsub(secret:gsub("%W", "%%%0"), "***")
  end
  return text
end

--- Replaces the secrets among the parameters in what the error says.
---@param err daytona.Error
---@param operation string
---@param params table of the call
---@return daytona.Error err the same
function redaction.apply(err, operation, params)
  local secrets = texts(operation, params)
  for _, name in ipairs(secrets[1] and { "message", "body", "path" } or {}) do
    if type(err[name]) == "string" then
      err[name] = hide(err[name], secrets)
    end
  end
  return err
end

--- The path of a call's URL without the secrets among the parameters.
---@param path string?
---@param operation string
---@param params table of the call
---@return string?
function redaction.path(path, operation, params)
  return path and hide(path, texts(operation, params))
end

return redaction
