-- A server that ends an idle connection over TLS says so in bytes; libcurl took it for
-- a live one, and after a pause a command failed, "the server may have acted".

local e2e = require "spec.support.e2e"
local fronts = require "spec.support.front"
local loop = require "daytona.host.loop"
local support = require "spec.support"

it("connections that the server has ended while they were idle are not used", function()
  local front = fronts.start { http = 1, keepalive_timeout = 0.3 }
  local client = front:client { host = loop }
  loop.run(function()
    local sandbox = e2e.check(client:create())
    for _ = 1, 3 do
      local tasks = {}
      for i = 1, 8 do
        tasks[i] = loop.spawn(function() e2e.check(sandbox.process:exec "sleep 0.1") end)
      end
      loop.all(tasks)
      support.eventually(function()
        local stats = front:stats()
        return stats.open > 0 and stats.ended == stats.open
      end)
      e2e.check(sandbox.process:exec "true")
    end
  end)
  client:close()
  front:close()
  support.cleanup()
end)
