-- COUNT exec calls over 200 sandboxes, 50 at once, in one Lua thread. Prints
-- by how many KiB the peak of the memory was over that after one call.
-- usage: fan_out.lua PORT COUNT
local daytona = require "daytona"
local loop = require "daytona.host.loop"

local port, count = arg[1], tonumber(arg[2])
local SANDBOXES, CONCURRENCY = 200, 50
local base = "http://127.0.0.1:" .. port
local client = assert(daytona.new { api_key = "k", api_url = base .. "/api", host = loop })

local function memory(field)
  local status = assert(io.open "/proc/self/status")
  local kib = status:read "*a":match(field .. ":%s*(%d+)")
  status:close()
  return tonumber(kib)
end

local sandboxes = {}
for i = 1, SANDBOXES do
  sandboxes[i] = client:sandbox {
    id = ("8d1e2f30-5b7c-4d21-9f3e-%012d"):format(i),
    toolbox_proxy_url = base .. "/toolbox",
  }
end

loop.run(function()
  local function exec(index)
    return sandboxes[index % SANDBOXES + 1].process:exec("true", { timeout = 10 })
  end
  assert(exec(1))
  -- Sets the high-water mark back to the present.
  local refs = assert(io.open("/proc/self/clear_refs", "w"))
  refs:write "5"
  refs:close()
  local idle = memory "VmRSS"
  local calls = {}
  for i = 1, count do
    calls[i] = i
  end
  assert(loop.map(calls, exec, { concurrency = CONCURRENCY }))
  print(memory "VmHWM" - idle)
end)
client:close()
