-- N exec calls on one keep-alive connection.
-- usage: exec.lua PORT COUNT
local daytona = require "daytona"

local port, count = arg[1], tonumber(arg[2])
local base = "http://127.0.0.1:" .. port
local client = assert(daytona.new { api_key = "k", api_url = base .. "/api" })
local sandbox = client:sandbox {
  id = "8d1e2f30-5b7c-4d21-9f3e-0123456789ab",
  toolbox_proxy_url = base .. "/toolbox",
}
for _ = 1, count do
  assert(sandbox.process:exec("true", { timeout = 10 }))
end
client:close()
