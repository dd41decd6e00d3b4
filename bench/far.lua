-- Figures over a long way: a relay with a round-trip time of 100 ms, nginx with
-- TLS 1.3 over HTTP/2 or HTTP/1.1, daytona-local. Prints results for table.lua.
-- usage: far.lua FILE_10_MIB FILE_200_MIB

local core = require "daytona.core"
local daytona = require "daytona"
local e2e = require "spec.support.e2e"
local fronts = require "spec.support.front"
local loop = require "daytona.host.loop"

local RTT = 0.1 -- seconds

local server = e2e.start()

local function front_of(options)
  local given = { server = server, rtt = RTT, separate = true }
  for name, value in pairs(options) do
    given[name] = value
  end
  return fronts.start(given)
end

local function result(...)
  local cells = { ... }
  for i, cell in ipairs(cells) do
    cells[i] = type(cell) == "number" and ("%.6g"):format(cell) or tostring(cell)
  end
  print(table.concat(cells, "\t"))
  io.stdout:flush()
end

local function timed(fn, ...)
  local started = core.now()
  assert(fn(...))
  return core.now() - started
end

-- The middle of so many times.
local function median(count, fn)
  local times = {}
  for i = 1, count do
    times[i] = timed(fn)
  end
  table.sort(times)
  return times[math.ceil(count / 2)]
end

-- Lets `body` have a client and a sandbox behind a front.
local function with(options, body)
  local front = front_of(options)
  local client = front:client { host = options.host }
  local near = assert(server:client())
  local id = assert(near:create()).id
  local sandbox = client:sandbox(id)
  body(front, client, sandbox, near)
  client:close()
  assert(near:delete(id))
  near:close()
  front:close()
end

-- Both protocols in turns, so that what else the machine does meets both.
local function uploads()
  local seconds = { { math.huge, math.huge }, { math.huge, math.huge } }
  with({ http = 1 }, function(_, _, first)
    with({ http = 2 }, function(_, _, second)
      for i, file in ipairs(arg) do
        for round = 0, i == 1 and 5 or 3 do -- 0: connects
          for http, sandbox in ipairs { first, second } do
            local taken = timed(sandbox.fs.upload_file, sandbox.fs, file, "up")
            if round > 0 then
              seconds[i][http] = math.min(seconds[i][http], taken)
            end
          end
        end
      end
    end)
  end)
  for i, size in ipairs { "10 MiB", "200 MiB" } do
    result("ratio", size .. " up, HTTP/2", "s", seconds[i][1], seconds[i][2], 1.3, 0.1,
      "100 ms, connected; best of several; floor: the same over HTTP/1.1")
  end
end

local function commands()
  with({}, function(_, _, sandbox)
    assert(sandbox.process:exec "true")
    local exec = median(5, function() return sandbox.process:exec "true" end)
    local run = median(7, function() return sandbox.process:run "true" end)
    local first = median(5, function()
      local job = assert(sandbox.process:start "echo first; sleep 0.4")
      local stream = assert(job:follow())
      return assert(stream:read() == "stdout") and (stream:close() or true)
    end)
    local note = "100 ms, HTTP/2, connected; median of 5 to 7"
    result("most", "exec \"true\"", "round trips", "-", exec / RTT, "-", "-", note)
    result("most", "run \"true\"", "round trips", "-", run / RTT, 2.5, 0.3, note)
    result("most", "start + follow, first line", "round trips", "-", first / RTT, 3.5, 0.4, note)
  end)
end

-- 50 calls at once; the time they take.
local function burst(client, id)
  local seconds
  loop.run(function()
    local calls = {}
    for i = 1, 50 do
      calls[i] = i
    end
    seconds = timed(loop.map, calls, function() return client:get(id) end, { concurrency = 50 })
  end)
  return seconds
end

local function bursts()
  with({ host = loop }, function(front, _, sandbox)
    local one, all, connections = math.huge, math.huge, 0
    for _ = 1, 3 do
      local client = front:client()
      one = math.min(one, timed(client.get, client, sandbox.id))
      client:close()
      client = front:client { host = loop }
      front:forget()
      all = math.min(all, burst(client, sandbox.id))
      connections = math.max(connections, front:connections())
      client:close()
    end
    result("ratio", "50 cold calls at once, HTTP/2", "s", one, all, 1.5, 0.15,
      "100 ms; best of 3; floor: one cold call")
    result("most", "50 cold calls, connections", "", "-", connections, 2, 0, "the most of 3 bursts")
  end)
  with({ host = loop, http = 1 }, function(front, client, sandbox)
    burst(client, sandbox.id)
    front:forget()
    local seconds = burst(client, sandbox.id)
    result("most", "50 warm calls, HTTP/1.1, new connections", "", "-", front:connections(), 0, 0,
      ("after a burst of 50; they took %.2f s"):format(seconds))
  end)
end

-- Without TLS: actions take authorities from the environment.
local function second_action()
  with({ tls = false }, function(front, _, sandbox)
    local program = { apiKey = front.api_key, apiUrl = front.api_url }
    local input = { sandboxId = sandbox.id, command = "true" }
    assert(daytona.actions.daytona_execute_command(input, program))
    front:forget()
    local seconds = timed(daytona.actions.daytona_execute_command, input, program)
    result("most", "second action, requests", "", "-", #front:requests(), 1, 0,
      ("on one sandbox; it took %.1f round trips"):format(seconds / RTT))
    result("most", "second action, new connections", "", "-", front:connections(), 0, 0, "on one sandbox")
    require("daytona.actions.known").close()
  end)
end

local function silent_drops()
  for _, http in ipairs { 2, 1 } do
    with({ http = http }, function(front, client, sandbox)
      assert(client:get(sandbox.id))
      front:hole()
      local first = timed(client.get, client, sandbox.id)
      local later = median(5, function() return client:get(sandbox.id) end)
      local note = "all connections dead, nobody told; default options"
      result("most", ("first call after a silent drop, HTTP/%d"):format(http), "s", "-", first, 15, 0, note)
      result("most", ("every later call, HTTP/%d"):format(http), "round trips", "-", later / RTT, 2, 1, note)
    end)
  end
end

-- Execs at once while the front ends every connection after 50 requests.
local function goaways()
  local COUNT = 2000
  with({ host = loop, rtt = 0.005, keepalive_requests = 50 }, function(_, _, sandbox, near)
    local lost, why = 0, nil
    loop.run(function()
      local calls = {}
      for i = 1, COUNT do
        calls[i] = i
      end
      assert(loop.map(calls, function(i)
        local ok, err = sandbox.process:exec(("echo %d >>log"):format(i))
        if not ok then
          lost, why = lost + 1, tostring(err)
        end
        return true
      end, { concurrency = 20 }))
    end)
    local log = assert(near:sandbox(sandbox.id).fs:download_file "log")
    local seen, twice = {}, 0
    for line in log:gmatch "%d+" do
      twice = twice + (seen[line] and 1 or 0)
      seen[line] = true
    end
    local note = "2,000 execs, 20 at once, HTTP/2, 5 ms" .. (why and ("; " .. why:gsub("%s", " ")) or "")
    result("most", "lost through GOAWAY every 50 requests", "calls", "-", lost, 0, 0, note)
    result("most", "run twice then", "calls", "-", twice, 0, 0, note)
  end)
end

-- In blocks by turns, so that what else the machine does concerns both.
local function older_server()
  local older = e2e.start(nil, { "--as", "v0.190" })
  local client = assert(older:client())
  local sandbox = assert(client:create())
  assert(sandbox.process:run "true")
  local times = { exec = {}, run = {} }
  for _ = 1, 3 do
    for _, method in ipairs { "exec", "run" } do
      for _ = 1, 100 do
        local started = core.now()
        assert(sandbox.process[method](sandbox.process, "true"))
        table.insert(times[method], core.now() - started)
      end
    end
  end
  for _, list in pairs(times) do
    table.sort(list)
  end
  local worst = times.run[#times.run]
  local exec, run = times.exec[#times.exec / 2], times.run[#times.run / 2]
  local note = ("daytona-local serve --as v0.190, no way to it; medians of 300; floor: exec \"true\"; %.2f x")
    :format(run / exec)
  result("ratio", "run \"true\", v0.190", "ms", exec * 1000, run * 1000, 5, 1, note)
  result("most", "the slowest of them", "s", "-", worst, 1, 0, "of 300")
  assert(sandbox:delete())
  client:close()
  older:stop()
end

local figures = {
  uploads = uploads, commands = commands, bursts = bursts, second_action = second_action,
  silent_drops = silent_drops, goaways = goaways, older_server = older_server,
}

-- FAR=NAME: only that one.
for _, name in ipairs { "uploads", "commands", "bursts", "second_action", "silent_drops", "goaways", "older_server" } do
  if (os.getenv "FAR" or name) == name then
    io.stderr:write("bench: far: ", name, "\n")
    figures[name]()
  end
end
server:stop()
require("spec.support").cleanup()
