-- One upload or download of a large file, and how far the process grew.
-- usage: transfer.lua up|down PORT FILE
-- Prints the bytes moved and the peak memory over idle in KiB. Idle means:
-- library loaded, one small call done.
local daytona = require "daytona"

local direction, port, path = arg[1], arg[2], arg[3]

local function memory_kib(field)
  for line in io.lines("/proc/self/status") do
    local kib = line:match("^" .. field .. ":%s*(%d+) kB")
    if kib then return tonumber(kib) end
  end
  error("no " .. field .. " in /proc/self/status")
end

local base = "http://127.0.0.1:" .. port
local client = assert(daytona.new { api_key = "k", api_url = base .. "/api" })
local sandbox = client:sandbox {
  id = "8d1e2f30-5b7c-4d21-9f3e-0123456789ab",
  toolbox_proxy_url = base .. "/toolbox",
}
assert(sandbox.process:exec("true", { timeout = 10 }))

-- Writing 5 sets the high-water mark back to the present, so that what is
-- found later is the transfer's doing and not the start's.
local refs = assert(io.open("/proc/self/clear_refs", "w"))
refs:write("5")
refs:close()
local idle = memory_kib "VmRSS"

local moved
if direction == "up" then
  moved = assert(sandbox.fs:upload_file(path, "/tmp/x", { timeout = 600 }))
else
  moved = assert(sandbox.fs:download_file("/tmp/x", path, { timeout = 600 }))
end
io.write(("%d %d\n"):format(moved.bytes, memory_kib "VmHWM" - idle))
client:close()
