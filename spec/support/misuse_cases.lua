-- What misuse_spec.lua tries: per public function a table of bad arguments with
-- the exact message.  A case is { arguments..., what is raised }, where `none`
-- stands for nil.  The message begins with the operation's name: `as`, else the
-- function's, unless the case names another.

local cases = {}
for _, area in ipairs { "client", "sandbox", "toolbox" } do
  for name, list in pairs(require("spec.support.misuse_" .. area)) do
    cases[name] = list
  end
end

-- Functions without arguments: no argument of theirs can be wrong.
local NO_ARGUMENTS = { ["client:close"] = true, ["sandbox:to_table"] = true }

return { cases = cases, no_arguments = NO_ARGUMENTS, none = require "spec.support.misuse_none" }
