-- Actions as the specs call them: with the server's credentials as the program's and,
-- unless given, the sandbox.

local actions = require("daytona").actions
local e2e = require "spec.support.e2e"
local published = require "spec.support.published_actions"

local function joined(first, second)
  local all = {}
  for _, part in ipairs { first or {}, second or {} } do
    for key, value in pairs(part) do
      all[key] = value
    end
  end
  return all
end

-- For the server and the sandbox that `where()` gives: try(name, input, program), which
-- gives what the action does, and act, which raises its error.
return function(where)
  local function try(name, input, program)
    local server, sandbox = where()
    local full = joined(input)
    if published["daytona_" .. name][1] == "sandboxId! string" and full.sandboxId == nil then
      full.sandboxId = sandbox.id
    end
    return actions["daytona_" .. name](full, joined({ apiKey = server.api_key, apiUrl = server.api_url }, program))
  end
  return try, function(...)
    return e2e.check(try(...))
  end
end
