-- Fifty sandboxes at once, in one thread of any Lua: each computes a part of
-- pi, map keeps the order.  With DAYTONA_API_KEY set it runs on Daytona itself;
-- without, on a daytona-local of its own.
--   lua examples/fan_out.lua [SANDBOXES [CONCURRENCY]]

local daytona = require "daytona"
local core = require "daytona.core" -- for its clock
local loop = require "daytona.host.loop"

local SANDBOXES = tonumber(arg and arg[1]) or 50
local CONCURRENCY = tonumber(arg and arg[2]) or 10
local TERMS = 20000 -- of the series, in each sandbox

--- assert for error objects, on every Lua (that of 5.1 takes only strings).
local function check(value, err)
  return value or error(tostring(err), 2)
end

local server = not os.getenv "DAYTONA_API_KEY" and check(daytona.testing.start())
local client = server and check(server:client { host = loop }) or check(daytona.new { host = loop })

--- One part: its sandbox is made, asked and deleted, whatever happens.
local function part(first)
  local code = ("print(sum((-1) ** n * 4 / (2 * n + 1) for n in range(%d, %d)))"):format(first, first + TERMS)
  return client:with_sandbox({ language = "python", labels = { example = "fan_out" } }, function(sandbox)
    local run = check(sandbox.process:code_run(code, { timeout = 30 }))
    return check(tonumber(run.result), run.result)
  end)
end

local started = core.now()
loop.run(function()
  local done = 0
  local ticker = loop.spawn(function() -- what else there is to do
    while loop.sleep(1) do
      io.stderr:write(("%d of %d\n"):format(done, SANDBOXES))
    end
  end)
  local starts = {}
  for i = 1, SANDBOXES do
    starts[i] = (i - 1) * TERMS
  end
  local sums = check(loop.map(starts, function(first)
    local sum, err = part(first)
    done = done + 1
    return sum, err
  end, { concurrency = CONCURRENCY }))
  ticker:cancel()
  local pi = 0
  for _, sum in ipairs(sums) do
    pi = pi + sum
  end
  print(("pi is about %.6f, say %d sandboxes after %.1f s"):format(pi, #sums, core.now() - started))
end)

client:close()
if server then
  server:stop()
end
