-- WebSockets of the core: messages.

local core = require "daytona.core"
local loop = require "daytona.host.loop"
local support = require "spec.support"
local each_mode = require "spec.support.websocket_modes"

each_mode({
  describe = describe, setup = setup, teardown = teardown,
  before_each = before_each, after_each = after_each,
}, function(t)
  local connect, open, wait, receive, drain, failure, pattern, mode =
    t.connect, t.open, t.wait, t.receive, t.drain, t.failure, t.pattern, t.mode

  describe("messages", function()
    it("go both ways, of any size", function()
      local ws = open "accept,echo"
      for _, size in ipairs { 0, 1, 125, 126, 65535, 65536, 300000 } do
        for _, kind in ipairs { "binary", "text" } do
          local message = kind == "text" and ("h\195\169"):rep(math.floor(size / 3)) or pattern(size)
          assert.is_true(ws:send(message, kind))
          local answer, answer_kind = receive(ws)
          assert.is_true(message == answer, kind .. " of " .. size)
          assert.equal(kind, answer_kind)
        end
      end
      ws:shutdown()
      local _, result = drain(ws)
      support.eq({ code = 1000, reason = "", subprotocol = "", clean = true }, result)
      for _, frame in ipairs(t.server:last().frames) do
        assert.equal(1, frame.masked)
      end
    end)

    it("may be given before the connection is there", function()
      local ws = connect "accept,read:2,close:1000"
      assert.is_true(ws:send("first", "text"))
      assert.is_true(ws:send "second")
      drain(ws)
      local frames = t.server:last().frames
      assert.equal("6669727374", frames[1].hex)
      assert.equal("7365636f6e64", frames[2].hex)
    end)

    it("that wait for the connection cost no turns", function()
      local ws = connect "pause:300,accept,echo"
      ws:send "early"
      local turns, started = 0, os.clock()
      while not ws:step(0.25) and not ws:hungry() do
        turns = turns + 1
      end
      assert.is_true(turns < 50, turns)
      assert.is_true(os.clock() - started < 0.2)
      assert.equal("early", (receive(ws)))
    end)

    it("arrive whole when every byte comes by itself", function()
      local messages = drain(connect("split,accept,text:h\195\169llo,bytes:400,ping:p,"
        .. "frame:0/2/6162,frame:1/0/63,close:1000/r"))
      assert.equal("h\195\169llo", messages[1])
      assert.is_true(pattern(400) == messages[2])
      assert.equal("abc", messages[3])
    end)

    it("may be interrupted by pings, which are answered", function()
      local messages = drain(connect("accept,frame:0/1/61,ping:one,read:1,frame:0/0/,ping:,read:1,"
        .. "frame:1/0/62,close:1000"))
      support.eq({ "ab" }, messages)
      local frames = t.server:last().frames
      assert.equal(10, frames[1].opcode)
      assert.equal("6f6e65", frames[1].hex)
      assert.equal(10, frames[2].opcode)
      assert.equal(0, frames[2].size)
    end)

    it("of any size cost little memory and come in parts", function()
      local ws = open "accept,bytes:8000000/100000,bytes:8000000,close:1000"
      local parts, size, largest, count = {}, 0, 0, 0
      while true do
        local data, kind, final = ws:receive()
        if data then
          assert.equal("binary", kind)
          parts[#parts + 1] = data
          size, largest = size + #data, math.max(largest, #data)
          if final then
            count = count + 1
            assert.is_true(table.concat(parts) == pattern(8000000))
            parts = {}
          end
        elseif ws:done() then
          break
        else
          wait(ws)
        end
      end
      assert.equal(2, count)
      assert.equal(16000000, size)
      assert.is_true(largest <= 65536)
    end)

    it("are not read while nobody takes them", function()
      local ws = open "accept,bytes:20000000,close:1000"
      wait(ws)
      -- Whatever moves meanwhile, only so much is held.
      for _ = 1, 20 do
        t.client:step(0)
        ws:step(0.01)
      end
      local held = 0
      for _ = 1, 2 do -- what Lua has, and what comes meanwhile
        for data in function() return (ws:receive()) end do
          held = held + #data
        end
      end
      assert.is_true(held > 0)
      if mode == "direct" then
        assert.is_true(held <= 300 * 1024, held)
      end
      local messages = drain(ws)
      assert.equal(20000000 - held, #messages[1])
    end)

    it("are refused while too many wait to be sent, and then there is room", function()
      local ws = open "accept,pause:200,read:40,report,await"
      local chunk, sent, waits, writer = pattern(200000), 0, 0, ws:writer()
      while sent < 40 do
        if ws:send(chunk) then
          sent = sent + 1
        else
          assert.is_false(ws:send(chunk))
          waits = waits + 1
          wait(writer)
          assert.is_false(ws:done())
        end
      end
      assert.is_true(waits > 0)
      local report = receive(ws)
      local frames = support.json.decode(report)
      assert.equal(40, #frames)
      for _, frame in ipairs(frames) do
        assert.equal(200000, frame.size)
        assert.equal(frames[1].sha256, frame.sha256)
      end
      wait(writer) -- all has been sent
      assert.is_true(writer:hungry())
      ws:shutdown()
      drain(ws)
      assert.is_true(writer:done())
    end)

    it("move in both directions at once, in tasks of their own", function()
      if mode == "background" then
        return -- the loop turns the driver itself
      end
      local ws = connect "accept,echo"
      local message, received = pattern(100000), 0
      loop.run(function()
        local reader = loop.spawn(function()
          while received < 50 * #message do
            local data = ws:receive()
            if data then
              received = received + #data
            else
              loop.wait(ws)
            end
          end
          ws:shutdown()
        end)
        for _ = 1, 50 do
          while not ws:send(message) do
            loop.wait(ws:writer())
          end
        end
        reader:wait()
      end)
      assert.equal(50 * #message, received)
    end)

    it("of many connections and requests pass one driver", function()
      local list = {}
      for i = 1, 30 do
        list[i] = connect "accept,echo"
        list[i]:send("number " .. i, "text")
      end
      local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = t.server:url("/fault/" .. support.scenario(
        "json", { body = '{"exitCode": 0, "result": "x"}' })) }, t.owner)
      for i = 1, 30 do
        local request = t.client:send("process.exec", { command = "true" }, sandbox, 10)
        while not request:step(0.25) do end -- luacheck: ignore
        assert.equal("x", request:result().result)
        assert.equal("number " .. i, (receive(list[i])))
      end
      assert.equal(30, t.client:live())
      for _, ws in ipairs(list) do
        ws:close()
      end
      assert.equal(0, t.client:live())
    end)

    it("that break the rules end the connection", function()
      local cases = {
        ["masked"] = { "masked", 1002 },
        ["raw:c100"] = { "reserved bits", 1002 },
        ["raw:8300"] = { "unknown kind", 1002 },
        ["raw:8b00"] = { "unknown kind", 1002 },
        ["raw:8000"] = { "continuation of nothing", 1002 },
        ["raw:010161010161"] = { "message within a message", 1002 },
        ["raw:0900"] = { "impossible length", 1002 },
        ["raw:897e0080"] = { "impossible length", 1002 },
        ["raw:827e0005"] = { "impossible length", 1002 },
        ["raw:827fffffffffffffffff"] = { "impossible length", 1002 },
        ["raw:8101ff"] = { "not UTF-8", 1007 },
        ["raw:880103"] = { "code that is none", 1002 },
        ["raw:880203ed"] = { "code that is none", 1002 },
        ["raw:880403e8c328"] = { "not UTF-8", 1007 },
        ["raw:817f000000000010000061"] = { "too large", 1009 },
      }
      for steps, expected in pairs(cases) do
        local err = failure(connect("accept," .. steps .. ",read:1,hold"))
        assert.equal("protocol", err.kind, steps)
        assert.truthy(err.message:find(expected[1], 1, true), err.message)
        local frame = support.eventually(function() return t.server:last().frames[1] end)
        assert.equal(8, frame.opcode, steps)
        assert.equal(("%04x"):format(expected[2]), frame.hex, steps)
      end
    end)
  end)
end)
