-- Connections that are dropped without a word, and what users see of it: one
-- call at most that takes longer.  See scenarios.lua.

local core = require "daytona.core"
local scenarios = require "spec.support.scenarios"

local check, equal, expect, fails = scenarios.check, scenarios.equal, scenarios.expect, scenarios.fails

local faults = {}

for _, acks in ipairs { false, true } do
  faults[#faults + 1] = {
    name = "a connection is dropped silently" .. (acks and ", but acknowledges" or ""),
    run = function(kit)
      local client = kit:new()
      local sandbox = client:sandbox(kit.given.sandbox)
      kit.front:forget()
      check(sandbox.process:exec "true")
      kit.front:hole { acks = acks }
      local value, err = client:get(sandbox.id, { timeout = 1 })
      if value == nil then
        fails("timeout", value, err)
      end
      for i = 1, 3 do
        local begun = core.now()
        check(client:get(sandbox.id, { timeout = 20 }))
        local bound = i == 1 and 18 or 5
        expect(core.now() - begun < bound, "call %d after the drop took %.1f s", i, core.now() - begun)
      end
      equal("on\n", check(sandbox.process:exec "echo on").result, "result")
      client:close()
      kit.front:reset()
    end,
  }
end

return faults
