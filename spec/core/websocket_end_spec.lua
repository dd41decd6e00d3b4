-- WebSockets of the core: how they end.

local support = require "spec.support"
local each_mode = require "spec.support.websocket_modes"

each_mode({
  describe = describe, setup = setup, teardown = teardown,
  before_each = before_each, after_each = after_each,
}, function(t)
  local connect, open, receive, drain, failure =
    t.connect, t.open, t.receive, t.drain, t.failure

  describe("the end", function()
    it("is told with code and reason, and what the code means by default", function()
      local kinds = {
        [1000] = false, [1001] = "unavailable", [1002] = "protocol", [1008] = "bad_request",
        [1009] = "bad_request", [1011] = "server", [4008] = "timeout", [4000] = "server",
      }
      for code, kind in pairs(kinds) do
        local _, result = drain(connect(("accept,close:%d/why"):format(code)))
        support.eq({ code = code, reason = "why", subprotocol = "", clean = true, kind = kind or nil }, result)
      end
      local _, result = drain(connect "accept,close")
      support.eq({ code = 1005, reason = "", subprotocol = "", clean = true }, result)
    end)

    it("answers the server's close frame", function()
      drain(connect "accept,close:4001/x,read:1,hold")
      local frame = support.eventually(function() return t.server:last().frames[1] end)
      assert.equal("0fa1", frame.hex)
    end)

    it("may come from here, and the server still says something", function()
      local ws = open "accept,read:1,text:last words,close:1000/bye"
      ws:shutdown(4321, "enough")
      assert.is_false(ws:is_open())
      assert.is_nil(ws:send "x")
      local messages, result = drain(ws)
      support.eq({ "last words" }, messages)
      assert.equal("bye", result.reason)
      assert.equal(("%04x"):format(4321) .. "656e6f756768", t.server:last().frames[1].hex)
    end)

    it("is not waited for longer than that", function()
      for _, steps in ipairs { "accept,hold", "accept,read:1,drop" } do
        local ws = open(steps)
        ws:shutdown(1000, "", 0.1)
        local _, result = drain(ws)
        support.eq({ code = 1006, reason = "", subprotocol = "", clean = false }, result)
      end
    end)

    it("without a close frame is a lost connection, and what came before is there", function()
      for _, ending in ipairs { "drop", "reset" } do
        local ws = open("accept,text:kept,pause:50," .. ending)
        assert.equal("kept", (receive(ws)))
        local err = failure(ws)
        assert.equal("connection", err.kind)
        assert.equal("unknown", err.outcome)
        assert.is_false(err.retryable)
        assert.truthy(err.message:find("without a close frame", 1, true))
      end
      local ws = connect "accept,text:kept,drop"
      support.eventually(function()
        return ws:step(0.01) or not ws:is_open() and ws:hungry()
      end)
      assert.is_false(ws:done())
      assert.equal("kept", (receive(ws)))
      assert.is_true(ws:done())
    end)

    it("comes when nobody answers pings", function()
      local ws = open "accept,deaf"
      ws:ping_every(0.1)
      local err = failure(ws)
      assert.equal("timeout", err.kind)
      assert.truthy(err.message:find("no sign of life", 1, true))
    end)

    it("does not come while somebody does", function()
      local ws = open "accept,echo"
      ws:ping_every(0.3)
      support.eventually(function()
        assert.is_false(ws:step(0.01))
        return #t.server:last().frames >= 5
      end)
      assert.is_true(ws:is_open())
    end)

    it("comes by cancel, close and the end of the client", function()
      local ws = open "accept,hold"
      local writer = ws:writer()
      ws:cancel()
      assert.is_true(ws:done())
      assert.is_true(writer:done())
      assert.equal("cancelled", failure(ws).kind)
      ws = connect "hold"
      ws:cancel()
      assert.equal("cancelled", failure(ws).kind)
      ws = open "accept,hold"
      ws:shutdown()
      ws:cancel()
      ws:close()
      ws:close()
      assert.truthy(support.raised(ws.result, ws):find("closed", 1, true))
      assert.is_nil(ws:receive())
      assert.is_nil(ws:send "x")
      ws = connect "accept,hold"
      t.client:close()
      assert.is_true(ws:done())
      local err = failure(ws)
      assert.equal("cancelled", err.kind)
      assert.equal("the client was closed", err.message)
    end)

    it("leaves nothing behind", function()
      collectgarbage()
      collectgarbage()
      local _, before = support.open_fds()
      for i = 1, 20 do
        local ws = i % 2 == 0 and open "accept,echo" or connect "hold"
        ws:writer()
        ws:send "x"
        if i % 3 == 0 then
          ws:close()
        end
      end
      collectgarbage()
      collectgarbage()
      assert.equal(0, t.client:live())
      local _, after = support.open_fds()
      assert.equal(before, after)
    end)

    it("raises for what cannot be", function()
      local ws = open "accept,echo"
      assert.truthy(support.raised(ws.send, ws, "\255", "text"):find("not UTF-8", 1, true))
      assert.truthy(support.raised(ws.send, ws, "x", "tekst"):find("invalid option", 1, true))
      assert.truthy(support.raised(ws.shutdown, ws, 1006):find("3000 to 4999", 1, true))
      assert.truthy(support.raised(ws.shutdown, ws, 1000, ("x"):rep(124)):find("too long", 1, true))
      assert.truthy(support.raised(ws.result, ws):find("not over", 1, true))
      assert.truthy(support.raised(ws.ping_every, ws, -1):find("seconds", 1, true))
      assert.truthy(tostring(ws):find("client.connect (under way)", 1, true))
    end)
  end)
end)
