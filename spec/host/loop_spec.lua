-- Tasks of daytona.host.loop, without any call.

local support = require "spec.support"
local loop = require "daytona.host.loop"
local native = require("daytona.call.protected").native

describe("loop.run", function()
  it("gives what its function returns", function()
    support.eq({ 3, 1, 2, nil }, { select("#", loop.run(function(a, b)
      return a, b, nil
    end, 1, 2)), loop.run(function(a, b)
      return a, b, nil
    end, 1, 2) })
  end)

  it("raises an error with its traceback", function()
    local ok, message = pcall(loop.run, function()
      local function culprit()
        error "boom"
      end
      culprit()
    end)
    assert.is_false(ok)
    assert.truthy(message:find("loop_spec.lua:%d+: boom\nstack traceback:"), message)
    assert.truthy(message:find("culprit", 1, true), message)
    local _, again = message:gsub("stack traceback:", "")
    assert.equal(1, again)
  end)

  it("raises an error object as it is", function()
    local object = { kind = "x" }
    local _, raised = pcall(loop.run, function()
      error(object)
    end)
    assert.equal(object, raised)
  end)

  it("raises what nobody waited for", function()
    local ok, message = pcall(loop.run, function()
      loop.spawn(error, "unseen")
      loop.sleep(0)
      return "fine"
    end)
    assert.is_false(ok)
    assert.truthy(message:find("unseen", 1, true), message)
  end)

  it("cancels what is left and lets it clean up", function()
    local log = {}
    loop.run(function()
      loop.spawn(function()
        log[#log + 1] = tostring(loop.sleep(3600))
        log[#log + 1] = tostring(loop.cancelled())
        log[#log + 1] = tostring(loop.sleep(3600))
        loop.shield(function()
          log[#log + 1] = tostring(loop.cancelled())
          log[#log + 1] = tostring(loop.sleep(0.001))
        end)
      end)
      loop.spawn(function()
        log[#log + 1] = "never begun"
      end):cancel()
      loop.sleep(0)
    end)
    assert.same({ "false", "true", "false", "false", "true" }, log)
  end)

  it("cancels what is left after an error, too", function()
    local slept
    pcall(loop.run, function()
      loop.spawn(function()
        slept = loop.sleep(3600)
      end)
      loop.sleep(0)
      error "boom"
    end)
    assert.is_false(slept)
  end)

  it("ends a task that does not take notice of being cancelled", function()
    loop.run(function()
      loop.spawn(function()
        while true do
          loop.sleep(1)
        end
      end)
      loop.sleep(0)
    end)
  end)

  it("works again after a failure, and is not nested", function()
    pcall(loop.run, error)
    assert.equal("loop.run: it runs already (use loop.spawn inside)", loop.run(function()
      return support.raised(loop.run, print)
    end))
    assert.equal(1, loop.run(function()
      return 1
    end))
  end)

  it("sees tasks that wait for each other", function()
    assert.equal("loop.run: every task waits for another one", support.raised(loop.run, function()
      local a, b
      a = loop.spawn(function() b:wait() end)
      b = loop.spawn(function() a:wait() end)
      a:wait()
    end))
  end)

  it("holds nothing when it is over", function()
    local seen = setmetatable({}, { __mode = "v" })
    local co = coroutine.create(function() -- whose stack goes, too
      loop.run(function()
        seen.task = loop.spawn(function()
          seen.value = {}
          loop.sleep(3600)
          return seen.value
        end)
        seen.list = loop.map({ 1, 2 }, function() return loop.sleep(0) end)
        loop.sleep(0)
      end)
    end)
    assert(coroutine.resume(co))
    co = nil -- luacheck: ignore
    if rawget(_G, "jit") then
      jit.flush() -- a trace holds the closures that it was made for
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(seen))
  end)

  it("says what is wrong", function()
    local function inside(call)
      return loop.run(function()
        return support.raised(call)
      end)
    end
    local outside = ": only inside loop.run(function() ... end)"
    assert.equal("loop.sleep" .. outside, support.raised(loop.sleep, 1))
    assert.equal("loop.spawn" .. outside, support.raised(loop.spawn, print))
    assert.equal("loop.map" .. outside, support.raised(loop.map, {}, print))
    assert.equal("loop.all" .. outside, support.raised(loop.all, {}))
    assert.equal("loop.run: function expected, got nil", support.raised(loop.run))
    assert.equal("loop.sleep: seconds expected, got -1", support.raised(loop.sleep, -1))
    assert.equal("loop.cancel: task expected, got string", support.raised(loop.cancel, "x"))
    assert.equal("loop.spawn: function expected, got nil", inside(loop.spawn))
    if native then -- what is raised in a pcall cannot be waited in before
      assert.equal("loop.map: unknown option 'concurency' (did you mean 'concurrency'?)", inside(function()
        loop.map({}, print, { concurency = 1 })
      end))
      assert.equal("loop.map: field 'concurrency': out of range (1 to 1000000000)", inside(function()
        loop.map({}, print, { concurrency = 0 })
      end))
      assert.equal("loop.all: entry 1: function or other task expected, got number", inside(function()
        loop.all { 1 }
      end))
      assert.truthy(inside(function()
        table.sort({ 2, 1 }, function() return loop.sleep(0) end)
      end):find "^loop.sleep: a task cannot wait inside a function that C calls")
    end
    assert.truthy(loop.run(function()
      return select(2, coroutine.resume(coroutine.create(function()
        loop.sleep(0)
      end)))
    end):find("inside a coroutine of your own", 1, true))
  end)
end)

describe("in a loop", function()
  it("sleepers wake in the order of their time", function()
    local order = {}
    local seconds = support.timed(loop.run, function()
      local tasks = {}
      for _, n in ipairs { 5, 1, 4, 2, 3, 3 } do
        tasks[#tasks + 1] = loop.spawn(function()
          assert(loop.sleep(n / 20))
          order[#order + 1] = n
        end)
      end
      loop.all(tasks)
    end)
    assert.same({ 1, 2, 3, 3, 4, 5 }, order)
    assert.is_true(seconds >= 0.25 and seconds < 0.9, seconds) -- less than their sum
  end)

  it("many sleepers come and go in any order", function()
    loop.run(function()
      local awake, tasks = 0, {}
      for n = 1, 300 do
        tasks[n] = loop.spawn(function()
          if loop.sleep(n * 7 % 31 / 1000) then
            awake = awake + 1
          end
        end)
      end
      loop.sleep(0)
      for n = 1, 300, 3 do
        tasks[n]:cancel()
      end
      loop.all(tasks)
      assert.is_true(awake >= 200 and awake <= 210, awake)
    end)
  end)

  it("a task yields what it returns, or its error, to all who wait", function()
    loop.run(function()
      local task = loop.spawn(function(...)
        loop.sleep(0)
        return ...
      end, 1, nil, 3)
      assert.is_false(task:done())
      local other = loop.spawn(function()
        return task:wait()
      end)
      support.eq({ 1, nil, 3 }, { task:wait() })
      support.eq({ 1, nil, 3 }, { other:wait() })
      assert.equal(3, select("#", task:wait()))
      assert.is_true(task:done())
      local failing = loop.spawn(error, "boom")
      for _ = 1, 2 do
        local ok, message = loop.pcall(failing.wait, failing)
        assert.is_false(ok)
        assert.truthy(message:find "boom\nstack traceback:")
      end
      assert.truthy(failing.traceback:find "boom\nstack traceback:")
    end)
  end)

  it("a task that yields by itself gets its turn again", function()
    assert.equal("done", loop.run(function()
      for _ = 1, 3 do
        coroutine.yield()
      end
      return "done"
    end))
  end)

  it("all gives the first results in order", function()
    loop.run(function()
      local ready = loop.spawn(function() return "a" end)
      loop.sleep(0)
      support.eq({ "a", nil, "c", n = 3 }, loop.all {
        ready,
        function() loop.sleep(0.002) end,
        function() return "c", "more" end,
      })
      support.eq({ n = 0 }, loop.all {})
    end)
  end)

  it("all cancels the others when one fails", function()
    loop.run(function()
      local slept
      local values, err, index = loop.all {
        function() slept = loop.sleep(3600) end,
        function() return nil, "why" end,
      }
      support.eq({ nil, "why", 2, false }, { values, err, index, slept })
      local ok, message = loop.pcall(loop.all, {
        function() slept = not loop.sleep(3600) end,
        function() error "boom" end,
      })
      assert.is_false(ok)
      assert.is_true(slept)
      assert.truthy(message:find "boom\nstack traceback:")
    end)
  end)

  it("map keeps the order and the limit", function()
    loop.run(function()
      local now, most = 0, 0
      local list = {}
      for i = 1, 40 do
        list[i] = i
      end
      local values = loop.map(list, function(value, index)
        assert.equal(value, index)
        now = now + 1
        most = math.max(most, now)
        loop.sleep((41 - value) / 20000)
        now = now - 1
        return value * 2
      end, { concurrency = 7 })
      assert.equal(7, most)
      assert.equal(40, values.n)
      for i = 1, 40 do
        assert.equal(2 * i, values[i])
      end
      support.eq({ n = 0 }, loop.map({}, error))
    end)
  end)

  it("map begins nothing after a failure and cancels the rest", function()
    loop.run(function()
      local begun, cancelled = 0, 0
      local function item(n)
        begun = begun + 1
        if n == 5 then
          return nil, "why"
        elseif not loop.sleep(n < 5 and 0 or 3600) then
          cancelled = cancelled + 1
        end
        return n
      end
      local list = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }
      local values, err, index = loop.map(list, item, { concurrency = 6 })
      support.eq({ nil, "why", 5 }, { values, err, index })
      assert.is_true(begun < 12, begun)
      assert.is_true(cancelled >= 1)
      local ok, message = loop.pcall(loop.map, list, function(n)
        loop.sleep(0)
        return n + nil
      end)
      assert.is_false(ok)
      assert.truthy(message:find "loop_spec.lua:%d+: attempt.*stack traceback:")
    end)
  end)

  it("cancel reaches what a map, an all and a wait stand for", function()
    loop.run(function()
      for _, what in ipairs {
        function(fn) return loop.map({ 1, 2 }, fn) end,
        function(fn) return loop.all { fn, fn } end,
        function(fn) return loop.spawn(fn):wait() end,
      } do
        local slept = {}
        local task = loop.spawn(what, function()
          slept[#slept + 1] = tostring(loop.sleep(30))
        end)
        loop.sleep(0)
        loop.sleep(0)
        loop.cancel(task)
        local seconds, value, err = support.timed(task.wait, task)
        assert.is_true(seconds < 10, seconds)
        assert.is_nil(value)
        assert.equal("cancelled", err.kind)
      end
    end)
  end)

  it("a wait inside pcall, for and metamethods works or is explained", function()
    loop.run(function()
      local ok, message = pcall(loop.sleep, 0)
      local function each()
        for _ in loop.sleep, 0 do -- luacheck: ignore
          return "slept"
        end
      end
      if native then
        assert.is_true(ok)
        assert.equal("slept", each())
      else
        assert.equal("loop.sleep: in Lua 5.1 a task cannot wait inside pcall (see loop.pcall, client:list_page)",
          support.strip_position(message))
      end
      support.eq({ true, 3 }, { loop.pcall(loop.sleep, 0), select("#", loop.pcall(loop.pcall, loop.sleep, 0)) })
      local object = {}
      support.eq({ false, object }, { loop.pcall(error, object) })
    end)
  end)
end)
