-- Calls through a front that closes each connection after a few requests, as
-- all fronts do after some, and that starts anew: over HTTP/2 it says GOAWAY.
-- See scenarios.lua.

local scenarios = require "spec.support.scenarios"

local check, equal, fails = scenarios.check, scenarios.equal, scenarios.fails

-- Raises unless the log has so many lines, each of them once.
local function judge(kit, log, count)
  local seen, lines, once = {}, 0, 0
  -- A download may be repeated, whatever ends meanwhile.
  for line in check(kit.sandbox.fs:download_file(log)):gmatch "[^\n]+" do
    lines, once = lines + 1, once + (seen[line] and 0 or 1)
    seen[line] = true
  end
  equal(count, lines, "lines")
  equal(count, once, "different lines")
end

return {
  {
    name = "no command is lost, none runs twice",
    run = function(kit)
      local log = kit:path "log"
      for round = 1, 3 do
        kit:times(20, function(i)
          check(kit.sandbox.process:exec(("echo %d-%d >> %s"):format(round, i, log)))
        end)
      end
      judge(kit, log, 60)
    end,
  },
  {
    name = "nginx starts anew while calls are under way",
    run = function(kit)
      local log, list, ran = kit:path "reload", {}, 0
      for i = 1, 16 do
        list[i] = function()
          local run, err = kit.sandbox.process:exec(("echo %d >> %s; sleep 0.1"):format(i, log))
          if run or kit.given.protocol == "HTTP/2.0" then
            check(run, err)
          else -- HTTP/1.1 ends idle connections without a word; a request may cross that
            equal("unknown", fails("connection", run, err).outcome, "outcome")
          end
          ran = ran + (run and 1 or 0)
          check(kit.client:get(kit.sandbox.id))
        end
      end
      table.insert(list, 9, function() kit.front:reload() end)
      kit:at_once(list)
      judge(kit, log, ran)
    end,
  },
}
