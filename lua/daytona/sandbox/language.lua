--- The languages that code runs in, and the label that tells a sandbox's own.

local core = require "daytona.core"

local language = { LABEL = "code-toolbox-language" }

local KNOWN = { python = true, javascript = true, typescript = true }

--- Raises unless the language is one that Daytona runs.
---@param operation string for the message
---@param name any
function language.check(operation, name)
  if not KNOWN[name] then
    core.misuse(("%s: field 'language': 'python', 'javascript' or 'typescript' expected, got '%s'")
      :format(operation, tostring(name)))
  end
end

return language
