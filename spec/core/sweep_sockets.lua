-- What the allocation-failure sweep does with WebSockets; sweep_scenarios.lua
-- runs it with the others.

local support = ...
local must, raised, expect, expect_kind = support.must, support.raised, support.expect, support.expect_kind
local scenario = support.scenario

local function connect(context, subprotocol)
  return context.client._core:connect("client.connect",
    { path = "/", subprotocols = { "a", subprotocol } }, context.sandbox, 10)
end

return {
  scenario("websocket", "ws/", function(context)
    local ws = must(connect(context))
    ws:send("early", "text")
    local heard = ""
    while not ws:step(0.25) do
      heard = heard .. (ws:receive() or "")
      ws:writer()
      ws:send(("x"):rep(20000))
    end
    assert(must(ws:result()).reason == "bye" and heard == "hiab")
    ws:close()
  end),
  scenario("websocket refused", "e404/", function(context)
    local ws = must(connect(context))
    while not ws:step(0.25) do end -- luacheck: ignore
    expect_kind("not_found", ws:result())
    expect("cannot be a subprotocol", raised(function() return connect(context, "a b") end))
  end),
  scenario("websocket cut off", "stall/", function(context)
    local ws = must(connect(context))
    ws:cancel()
    expect_kind("cancelled", ws:result())
    connect(context):step(0.01)
    collectgarbage()
    collectgarbage()
  end),
  scenario("websocket with an alarm", "ws/", function(context)
    local ws = must(connect(context))
    ws:alarm(0.01)
    ws:writer():alarm(0.01)
    while not ws:step(0.25) do
      ws:receive()
      ws:alarm()
    end
    ws:info()
    ws:close()
  end),
  scenario("websocket connected ahead", "ws/", function(context)
    local client, sandbox = context.client._core, context.sandbox
    local unwanted, ahead = client:preconnect(sandbox), client:preconnect(sandbox)
    local ws = must(client:connect("client.connect", { path = "/" }, sandbox, 10, ahead))
    while not ws:step(0.25) do
      ws:receive()
    end
    assert(must(ws:result()).reason == "bye" and not ahead:is_open())
    unwanted:close()
    client:preconnect(sandbox)
    client:warm_up(context.core.sandbox({ id = "x", toolbox_proxy_url = "https://127.0.0.1:1/" }, {}))
    client:step(0.01)
    client:cool_down()
  end),
  scenario("demultiplexer", "x/", function(context)
    local core, list = context.core, {}
    local log = core.demultiplexer()
    local text = ("\1\1\1out\2\2\2err"):rep(20) .. "\1"
    assert(log:feed(text, list) == 80 and list[80] == "err" and log:place() == 1)
    assert(log:feed("\1\1" .. ("x"):rep(3000), list) == 2 and #list[2] == 3000)
    assert(log:feed("\2", list) == 0 and log:flush(list) == 2 and list[2] == "\2")
    local json = core.encode("x", { a = "b", c = { 1, 2 } })
    assert(core.decode(json).c[2] == 2 and core.decode "{" == nil)
  end),
}
