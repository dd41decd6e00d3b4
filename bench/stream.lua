-- A WebSocket of the core against bench/stream.c.
-- usage: stream.lua read PORT BYTES [background]   seconds and the peak memory
--                                                  over idle in KiB
--        stream.lua echo PORT COUNT [background]   median seconds of a round trip
local core = require "daytona.core"

local what, port, amount, mode = arg[1], arg[2], tonumber(arg[3]), arg[4]

local function memory_kib(field)
  for line in io.lines("/proc/self/status") do
    local kib = line:match("^" .. field .. ":%s*(%d+) kB")
    if kib then return tonumber(kib) end
  end
  error("no " .. field .. " in /proc/self/status")
end

local client = core.client {
  api_url = "http://127.0.0.1:" .. port, token = "k", connect_timeout = 5, max_response = 1048576,
}
if mode == "background" then
  client:start_background()
end

local function wait(ws)
  while not ws:step(0.25) do
    if ws:hungry() then return end
  end
end

local function connect(path)
  local ws = assert(client:connect("client.connect", { path = path }))
  wait(ws)
  assert(ws:is_open(), "it did not open")
  return ws
end

local function read_all()
  local started, total = core.now(), 0
  local ws = connect(("/stream/%d"):format(amount))
  while true do
    local data = ws:receive()
    if data then
      total = total + #data
    elseif ws:done() then
      break
    else
      wait(ws)
    end
  end
  assert(total == amount and ws:result().code == 1000)
  return core.now() - started
end

local function round_trips()
  local ws, seconds = connect "/echo", {}
  for i = 1, amount do
    local started = core.now()
    ws:send "x"
    while not ws:receive() do
      wait(ws)
    end
    seconds[i] = core.now() - started
  end
  ws:close()
  table.sort(seconds)
  return seconds[math.floor(amount / 2) + 1]
end

if what == "echo" then
  print(("%.9f"):format(round_trips()))
else
  connect("/echo"):close()
  local refs = assert(io.open("/proc/self/clear_refs", "w"))
  refs:write("5") -- sets the high-water mark back to the present
  refs:close()
  local idle = memory_kib "VmRSS"
  local seconds = read_all()
  print(("%.6f %d"):format(seconds, memory_kib "VmHWM" - idle))
end
client:close()
