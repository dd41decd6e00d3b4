-- The WebSocket cases of background_tsan.lua.

local core = require "daytona.core"
local support = require "spec.support"

-- Adds them to `cases`; `finish`, `RUN` and PATIENCE are those of that file.
return function(cases, server, finish, RUN, PATIENCE)
  -- Something that connects to scenarios of the server.
  local function new_connector(way)
    local client = core.client {
      api_url = server:url "/api", token = "k", connect_timeout = 5, max_response = 10000000,
    }
    local owner = {}
    client:own(owner)
    local address = client:start_background(way)
    return client, function(steps, ahead)
      local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = server:url("/fault/"
        .. support.scenario("ws", { ["do"] = steps })) }, owner)
      return client:connect("client.connect", { path = "/x" }, sandbox, 20, ahead)
    end, address
  end

  local function new_socket(steps)
    local client, connect = new_connector()
    return connect(steps), client
  end

  function cases.websocket_both_ways()
    local ws, client = new_socket "accept,echo"
    local writer, sent, received = ws:writer(), 0, 0
    while received < 40 * 50000 do
      if sent < 40 and ws:send(("x"):rep(50000)) then
        sent = sent + 1
      elseif sent < 40 then
        writer:step(0.01)
      end
      local data = ws:receive()
      received = received + (data and #data or 0)
      if not data then
        ws:is_open()
        ws:step(0.001)
      end
    end
    ws:ping_every(0.001)
    ws:step(0.01)
    ws:ping_every(0) -- a busy machine would miss one
    ws:shutdown()
    while not ws:step(0.01) do
      ws:receive()
    end
    local ending, err = ws:result()
    assert(ending and ending.code == 1000 or err and err.kind == "timeout", err)
    client:close()
  end

  function cases.websocket_alarms()
    local ws, client = new_socket "accept,echo"
    local writer, rung = ws:writer(), 0
    for _ = 1, 20 do
      ws:alarm(0.002)
      writer:alarm(0.001)
      while not ws:hungry() do
        ws:step(0.01)
      end
      rung = rung + 1
      ws:is_open()
      ws:alarm()
      writer:alarm()
      client:announced()
    end
    assert(rung == 20)
    ws:close()
    client:close()
  end

  function cases.websocket_slow_reader()
    local ws, client = new_socket "accept,bytes:3000000/70000,close:1000"
    local received = 0
    while not ws:step(0.01) do
      local data = ws:receive()
      received = received + (data and #data or 0)
      client:announced()
    end
    assert(received == 3000000)
    assert(ws:result())
    client:close()
  end

  function cases.websocket_broken_off()
    for i = 1, 30 do
      local ws, client = new_socket(i % 2 == 0 and "accept,bytes:1000000,hold" or "hold")
      ws:writer()
      ws:send "x"
      ws:step(i % 5 / 2000)
      if i % 4 == 0 then
        ws:cancel()
      elseif i % 4 == 1 then
        ws:close()
      elseif i % 4 == 2 then
        client:close()
      else
        ws, client = nil, nil -- luacheck: ignore
        collectgarbage()
      end
    end
    collectgarbage()
    collectgarbage()
  end

  -- Taken over at any time, left, closed, dropped, while calls make the thread
  -- move, and TLS sessions are shared by what both threads make and free.
  function cases.connected_ahead()
    local client = core.client {
      api_url = server:tls_url("tls", "/api"), token = "k", connect_timeout = 5, max_response = 10000000,
      ca_file = server.ca_file,
    }
    local owner = {}
    client:own(owner)
    client:start_background()
    local function sandbox(scenario)
      return core.sandbox({ id = "sb-1", toolbox_proxy_url = server:tls_url("tls", "/fault/" .. scenario) }, owner)
    end
    local echo = sandbox(support.scenario("ws", { ["do"] = "accept,echo" }))
    for i = 1, 20 do
      local ahead, unwanted = client:preconnect(echo), client:preconnect(echo)
      local request = client:send("process.exec", { command = "true" }, sandbox(RUN), 20)
      request:step(i % 5 / 1000)
      local ws = client:connect("client.connect", { path = "/x" }, echo, 20, ahead)
      ws:send("x", "text")
      if i % 3 == 0 then
        unwanted:close()
      end
      assert(finish(request))
      while i % 2 == 0 and not ws:receive() do
        ws:step(0.01)
      end
      ws:close()
      unwanted:is_open()
    end
    collectgarbage()
    client:preconnect(echo)
    client:close()
  end

  -- Waits for a side at the notifier until it is done: `attend` is called whenever it
  -- is hungry; false from it: leave.
  local function wait_for_side(luv, address, side, attend, ended)
    local pipe = luv.new_pipe(false)
    local function leave()
      if not pipe:is_closing() then
        pipe:close()
        ended()
      end
    end
    local function go_on()
      while side:hungry() do
        if attend() == false then
          return leave()
        end
      end
      if side:done() then
        return leave()
      end
      pipe:write(("%016.0f"):format(side:number()))
    end
    pipe:connect(address:match ":(.*)", function(problem)
      if problem then -- the client was closed
        return leave()
      end
      pipe:read_start(function(_, bytes)
        return bytes and go_on() or not bytes and leave()
      end)
      go_on()
    end)
    return leave
  end

  -- Both sides of connections, hungry many times: some come to their end, some are
  -- cancelled or left in the middle, by a side that waits, and some meet the end of
  -- the client.
  function cases.websockets_at_the_notifier()
    local luv = require "luv"
    for i = 1, 6 do
      local client, connect, address = new_connector "notifier"
      local open, whole, timer = 0, 0, luv.new_timer()
      local leavers = {}
      local function ended()
        open = open - 1
      end
      local function wait_for(side, attend)
        open = open + 1
        leavers[#leavers + 1] = wait_for_side(luv, address, side, attend, ended)
      end
      for j = 1, 8 do
        local echoes = j % 2 == 0
        local ws = connect(echoes and "accept,echo" or "accept,bytes:2000000/30000,close:1000")
        local received, sent, calls = 0, 0, 0
        wait_for(ws, function()
          local data = ws:receive()
          while data do
            received, data = received + #data, ws:receive()
          end
          ws:is_open()
          ws:alarm(j % 3 == 0 and 0.002 or nil)
          calls = calls + 1
          if i == 2 and calls == j then
            ws:cancel()
          elseif received == 2000000 then
            ws:shutdown()
            whole = whole + 1
          end
        end)
        if echoes then
          local writer = ws:writer()
          wait_for(writer, function()
            while sent < 20 and ws:send(("x"):rep(100000)) do
              sent = sent + 1
            end
            if i == 3 and sent > j then
              writer:cancel()
            end
            return sent < 20
          end)
        end
      end
      -- The first three come to their end, however busy the machine is.
      timer:start(i < 4 and PATIENCE * 1000 or i * 4, 200, function()
        for j = 1, i == 4 and #leavers or 0 do
          leavers[j]()
        end
        if i ~= 4 or open == 0 then
          client:close()
        end
      end)
      while open > 0 do
        luv.run "once"
      end
      assert(i > 1 or whole == 8, whole)
      timer:close()
      luv.run "nowait"
      client:close()
    end
  end
end
