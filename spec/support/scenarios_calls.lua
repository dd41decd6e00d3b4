-- All that a user does; see scenarios.lua.

local calls = {}

for _, part in ipairs { "files", "processes" } do
  for _, scenario in ipairs(require("spec.support.scenarios_" .. part)) do
    calls[#calls + 1] = scenario
  end
end

return calls
