-- What lives on in a sandbox of daytona-local, for bench/run.
-- usage: live.lua prepare FILE BYTES   runs a command that prints so much on each
--                                      stream; what the others need goes to FILE,
--                                      a request that follows it to FILE.request
--        live.lua read FILE BYTES      follows it: seconds, and KiB over idle
--        live.lua terminal FILE        the same for a terminal
--        live.lua echo FILE COUNT      types into it: median seconds of an echo
--        live.lua port FILE            the port of the toolbox
-- DAYTONA_API_URL and DAYTONA_API_KEY name the server.

local core = require "daytona.core"
local daytona = require "daytona"

local what, path, amount = arg[1], arg[2], tonumber(arg[3])
local client = assert(daytona.new())

-- A request for a WebSocket of the toolbox, as bytes.
local function write_request(sandbox, below)
  local prefix = sandbox.toolbox_proxy_url:gsub("^http://[^/]*", "")
  local file = assert(io.open(path .. ".request", "wb"))
  file:write(("GET %s/%s%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nX-Daytona-SDK-Version: 0.205.1\r\n"
    .. "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    .. "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    :format(prefix, sandbox.id, below, sandbox.toolbox_proxy_url:match "//([^/]*)", os.getenv "DAYTONA_API_KEY"))
  file:close()
end

local function write_names(sandbox, ...)
  local file = assert(io.open(path, "w"))
  file:write(table.concat({ sandbox.id, sandbox.toolbox_proxy_url, ... }, "\n"), "\n")
  file:close()
end

-- The sandbox, and the names after it.
local function read_names()
  local names = {}
  for line in io.lines(path) do
    names[#names + 1] = line
  end
  return client:sandbox { id = names[1], state = "started", toolbox_proxy_url = names[2] }, names[3], names[4]
end

local function memory_kib(field)
  for line in io.lines "/proc/self/status" do
    local kib = line:match("^" .. field .. ":%s*(%d+) kB")
    if kib then
      return tonumber(kib)
    end
  end
  error("no " .. field)
end

local actions = {}

function actions.prepare()
  local sandbox = assert(client:create())
  local session = assert(sandbox.process:create_session "bench")
  local command = assert(session:exec(("(yes %s | head -c %d & yes %s | head -c %d >&2; wait)")
    :format(("x"):rep(79), amount, ("y"):rep(79), amount), { async = true }))
  assert(command:follow { on_stdout = function() end })
  write_names(sandbox, session.id, command.id)
  write_request(sandbox, ("/process/session/bench/command/%s/logs?follow=true"):format(command.id))
end

function actions.read()
  local sandbox, session_id, command_id = read_names()
  local job = sandbox.process:attach { session_id = session_id, command_id = command_id }
  assert(job:logs(nil, { max_output = 1000 }))
  collectgarbage()
  local refs = assert(io.open("/proc/self/clear_refs", "w"))
  refs:write "5" -- sets the high-water mark back to the present
  refs:close()
  local idle, started = memory_kib "VmRSS", core.now()
  local bytes = { stdout = 0, stderr = 0 }
  for name, chunk in job:follow() do
    bytes[name] = bytes[name] + #chunk
  end
  local seconds = core.now() - started
  assert(bytes.stdout == amount and bytes.stderr == amount, "the streams are not whole")
  print(("%.6f %d"):format(seconds, memory_kib "VmHWM" - idle))
end

function actions.terminal()
  local sandbox = assert(client:create())
  local pty = assert(sandbox.process:create_pty "bench")
  assert(pty:write "stty -icanon; echo rea''dy; cat >/dev/null\n") -- the terminal shows keys itself
  local text = ""
  while not text:find "ready\r\n" do
    text = text .. assert(pty:read { timeout = 5 })
  end
  pty:disconnect()
  write_names(sandbox)
  write_request(sandbox, "/process/pty/bench/connect")
end

function actions.echo()
  local pty = assert(read_names().process:connect_pty "bench")
  local seconds = {}
  for i = 1, amount do
    local started = core.now()
    assert(pty:write "x")
    assert(pty:read())
    seconds[i] = core.now() - started
  end
  table.sort(seconds)
  print(("%.9f"):format(seconds[math.floor(amount / 2) + 1]))
  pty:disconnect()
end

function actions.port()
  print((read_names().toolbox_proxy_url:match "^http://[^/]*:(%d+)"))
end

actions[what]()
client:close()
