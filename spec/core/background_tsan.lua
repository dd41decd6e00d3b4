-- What spec/core/background_tsan runs: the Lua thread and the driver's thread
-- as much at the same time as can be.

local core = require "daytona.core"
local support = require "spec.support"
require "daytona"

local server = support.fault_server()
local PATIENCE = 100 -- seconds, for what comes to its end by itself
local RUN = support.scenario("json", { body = '{"exitCode": 0, "result": "x"}' })
local MISSING = "error;status=404"

local function new_client(way)
  local client = core.client {
    api_url = server:url "/api", token = "k", connect_timeout = 5, max_response = 10000000,
  }
  local owner = {}
  client:own(owner)
  local address = client:start_background(way)
  local function send(operation, params, scenario, seconds)
    local sandbox = core.sandbox({
      id = "sb-1", toolbox_proxy_url = server:url("/fault/" .. scenario),
    }, owner)
    return client:send(operation, params, sandbox, seconds or 20)
  end
  return client, function(scenario, seconds)
    return send("process.exec", { command = "true" }, scenario, seconds)
  end, send, address
end

local function finish(request)
  while not request:step(0.01) do end -- luacheck: ignore
  return request:result()
end

local cases = {}

function cases.start_and_finish()
  local client, exec = new_client()
  for _ = 1, 100 do
    assert(finish(exec(RUN)).result == "x")
    assert(finish(exec(MISSING)) == nil)
  end
  client:close()
end

function cases.many_at_once()
  local client, exec = new_client()
  local requests, count = {}, 0
  for i = 1, 60 do
    local request = exec(i % 3 == 0 and MISSING or RUN)
    requests[request:number()] = request
    request:progress()
  end
  while count < 60 do
    client:step(1)
    for number in client.announced, client do
      assert(requests[number]:done())
      requests[number]:result()
      count = count + 1
    end
    client:live()
  end
  client:close()
end

function cases.cancel_at_any_time()
  local client, exec, send = new_client()
  for i = 1, 100 do
    local request = i % 2 == 0 and exec(i % 4 == 0 and RUN or "slow-drip;milliseconds=1")
      or send("fs.download_file", { path = "x" }, "download;n=3000000")
    request:step(i % 10 / 5000)
    request:progress()
    request:cancel()
    request:result()
  end
  client:close()
end

function cases.drop_at_any_time()
  local client, exec = new_client()
  for i = 1, 100 do
    exec(i % 2 == 0 and RUN or "stall"):step(i % 5 / 5000)
    if i % 7 == 0 then
      collectgarbage()
    end
  end
  client:close()
end

function cases.uploads_by_chunks()
  local client, _, send = new_client()
  for i = 1, 6 do
    local request = send("fs.upload_file", { chunks = true, destination = "x" }, "sink")
    local left = 10
    while not request:step(0.05) do
      if request:hungry() then
        left = left - 1
        if i % 3 == 0 and left == 5 then
          request:cancel()
        end
        request:feed(left > 0 and ("x"):rep(100000) or nil)
      end
      request:progress()
    end
    request:result()
  end
  client:close()
end

function cases.chunks_and_progress()
  local client, _, send = new_client()
  for i = 1, 10 do
    local request = send("fs.read_file", { path = "x", chunk_size = 10000 * i }, "download;n=3000000")
    request:observe()
    local bytes = 0
    while not request:step(0.05) do
      request:info()
      request:rate_limit()
      local chunk = request:take()
      bytes = bytes + (chunk and #chunk or 0)
      request:moved()
      if i % 5 == 0 and bytes > 1000000 then
        request:cancel()
      end
    end
    local chunk = request:take()
    while chunk do
      bytes, chunk = bytes + #chunk, request:take()
    end
    local rest = request:result()
    assert(i % 5 == 0 or bytes + #rest == 3000000, bytes)
  end
  client:close()
end

function cases.close_in_the_middle()
  for i = 1, 30 do
    local client, exec, send = new_client()
    local requests = {
      exec(RUN), exec "stall", exec "slow-drip;milliseconds=1",
      send("fs.download_file", { path = "x" }, "download;n=3000000"),
      send("fs.upload_file", { chunks = true, destination = "x" }, "sink"),
    }
    requests[1]:step(i % 10 / 1000)
    client:close()
    for _, request in ipairs(requests) do
      assert(request:done())
      request:result()
    end
  end
end

function cases.leave_to_the_collector()
  for i = 1, 30 do
    local _, exec = new_client()
    local request = exec(i % 2 == 0 and RUN or "stall")
    request:step(i % 10 / 1000)
  end
  collectgarbage()
  collectgarbage()
end

-- Some wait to the end, some go away, some are broken off or left by close.
function cases.wait_at_the_notifier()
  local luv = require "luv"
  for i = 1, 10 do
    local client, exec, _, address = new_client "notifier"
    local open = 20
    for j = 1, open do
      local request = exec(j % 3 == 0 and "stall" or j % 3 == 1 and RUN or "slow-drip;milliseconds=1")
      local pipe = luv.new_pipe(false)
      local function leave()
        if not pipe:is_closing() then
          open = open - 1
          pipe:close()
        end
      end
      pipe:connect(address:match ":(.*)", function(problem)
        if problem then -- the client was closed
          return leave()
        end
        pipe:write(("%016.0f"):format(request:number()))
        pipe:read_start(function()
          request:done()
          leave()
        end)
        if j % 4 == 0 then
          request:cancel()
        elseif j % 5 == 0 then
          leave()
        elseif j == 17 then
          luv.new_timer():start(i, 0, function() client:close() end)
        end
      end)
    end
    while open > 0 do
      luv.run "once"
    end
    client:close()
  end
end
require "spec.core.background_tsan_sockets"(cases, server, finish, RUN, PATIENCE)

-- The host of an event loop, turned by luv.

local function uv_everything(client, host)
  local function toolbox(scenario)
    return support.sandbox(client, server, scenario)
  end
  local path = support.temp_dir()
  local up = support.write_file(path .. "/up", ("u"):rep(3000000))
  local tasks = {}
  local function start(fn)
    tasks[#tasks + 1] = host.spawn(function()
      pcall(fn) -- calls of a closed client raise
    end)
  end
  for _ = 1, 3 do
    start(function() for _ = 1, 20 do toolbox(RUN).process:exec "true" end end)
  end
  start(function() toolbox "stall".process:exec "true" end)
  start(function() toolbox "download;n=300000000".fs:download_file("x", path .. "/down") end)
  start(function() for _ = 1, 20 do toolbox "sink".fs:upload_file(up, "x") end end)
  start(function() toolbox "sink".fs:upload_file(function() host.sleep(0) return ("x"):rep(10000) end, "x") end)
  start(function()
    local reader = toolbox "download;n=300000000".fs:read_file("x", { chunk_size = 10000 })
    while reader:read() do end -- luacheck: ignore
  end)
  return tasks
end

local function uv_case(finish_by)
  return function()
    local host, luv = require "daytona.host.uv", require "luv"
    for i = 1, 10 do
      local client = support.client(server, { host = host, max_retries = 0 })
      local tasks = uv_everything(client, host)
      local timer = luv.new_timer()
      timer:start(i * 3, 0, function()
        timer:close()
        finish_by(client, tasks, luv, host)
      end)
      luv.run()
      client:close()
      luv.run() -- lets those go on who were waiting
      support.cleanup()
    end
  end
end

cases.uv_cancelled = uv_case(function(_, tasks)
  for _, task in ipairs(tasks) do
    task:cancel()
  end
end)

cases.uv_closed = uv_case(function(client)
  pcall(client.close, client)
end)

cases.uv_stopped = uv_case(function(_, _, luv)
  luv.stop()
end)

cases.uv_left = uv_case(function(_, _, luv, host)
  host.close()
  luv.stop()
end)

-- What a case that failed has left in the loop would keep the next one from
-- its end.
local function close_handles()
  local luv = require "luv"
  luv.walk(function(handle)
    if not handle:is_closing() then
      handle:close()
    end
  end)
  luv.run()
end

local passed, failed = 0, 0
for name, case in pairs(cases) do
  local ok, message = xpcall(case, debug.traceback)
  close_handles()
  if ok then
    passed = passed + 1
  else
    failed = failed + 1
    io.stderr:write(name, ": ", message, "\n")
  end
end
print(("%d passed, %d failed, 0 skipped"):format(passed, failed))
if failed > 0 then
  error "see above"
end
-- The state is closed in the middle of everything, too; that ends the server.
for _ = 1, 5 do
  local _, exec = new_client()
  exec "slow-drip;milliseconds=1"
end
