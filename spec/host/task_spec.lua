-- Tasks are the same in every host; daytona.host.ngx has its own specs of that.

local support = require "spec.support" -- first: it looks after luv
local loop = require "daytona.host.loop"
local luv = require "luv"
local plain = require "daytona.host.plain"
local protect = require "daytona.call.protected"
local uv = require "daytona.host.uv"
local workers = require "daytona.fs.workers"

local runners = {}

function runners.loop(fn)
  loop.run(fn, loop)
end

function runners.uv(fn)
  local problem = "it came to no end"
  uv.spawn(function()
    local ok, why = protect.pcall(fn, uv)
    problem = not ok and why or nil
  end)
  luv.run()
  if problem then
    error(problem, 0)
  end
end

for name, run in pairs(runners) do
  describe("tasks of daytona.host." .. name, function()
    -- A task that sleeps for so long and gives the rest.
    local function sleeper(host, seconds, ...)
      return host.spawn(function(...)
        host.sleep(seconds)
        return ...
      end, ...)
    end

    it("are waited for, while they run and when they have ended", function()
      run(function(host)
        local task = sleeper(host, 0.01, 1, nil, 3)
        assert.is_false(task:done())
        support.eq({ n = 3, 1, nil, 3 }, { n = 3, task:wait() })
        assert.is_true(task:done())
        support.eq({ n = 3, 1, nil, 3 }, { n = 3, task:wait() })
        assert.matches("^daytona.task %d+ %(done%)$", tostring(task))
      end)
    end)

    it("are waited for by many, and in long chains", function()
      run(function(host)
        local first, ended = sleeper(host, 0.01, "x"), 0
        local last, many = first, {}
        for i = 1, 400 do
          local before = last
          last = host.spawn(function()
            return before:wait()
          end)
          many[i] = host.spawn(function()
            first:wait()
            ended = ended + 1
          end)
        end
        assert.equal("x", last:wait())
        for _, task in ipairs(many) do
          task:wait()
        end
        assert.equal(400, ended)
      end)
    end)

    it("bring their error to who waits, with its traceback", function()
      run(function(host)
        local function inner()
          error "broken on purpose"
        end
        local task = host.spawn(function()
          host.sleep(0.01)
          inner()
        end)
        local ok, message = protect.pcall(task.wait, task)
        assert.is_false(ok)
        assert.matches("broken on purpose\nstack traceback:", message)
        assert.matches("in .-inner", message)
        assert.equal(message, task.traceback)
        local value = {}
        task = host.spawn(function()
          host.sleep(0.01)
          error(value, 0)
        end)
        support.eq({ false, value }, { protect.pcall(task.wait, task) })
      end)
    end)

    it("stop waiting when they are cancelled, unless they are shielded", function()
      run(function(host)
        local slow = sleeper(host, 0.2, "slow")
        local waiting = host.spawn(function()
          local value, err = slow:wait()
          return value, err.kind, host.shield(slow.wait, slow)
        end)
        host.sleep(0.01)
        waiting:cancel()
        waiting:cancel()
        support.eq({ n = 3, nil, "cancelled", "slow" }, { n = 3, waiting:wait() })
        slow:cancel() -- too late
        assert.equal("slow", slow:wait())
      end)
    end)

    it("cannot wait for themselves", function()
      run(function(host)
        local task
        task = host.spawn(function()
          host.sleep(0)
          return protect.pcall(task.wait, task)
        end)
        local ok, message = task:wait()
        assert.is_false(ok)
        assert.matches("a task cannot wait for itself", message)
        assert.matches("call methods with a colon", support.raised(task.wait))
      end)
    end)

    describe("as workers", function()
      -- Runs workers of which each takes one of the functions; gives whether stop was called.
      local function work(host, list, is_stopped)
        local index, was_told = 0, false
        workers.run(host, #list, function()
          index = index + 1
          list[index]()
        end, is_stopped or function()
          return false
        end, function()
          was_told = true
        end)
        return was_told
      end

      it("are all waited for", function()
        run(function(host)
          local ended = 0
          local function nap()
            host.sleep(0.01)
            ended = ended + 1
          end
          assert.is_false(work(host, { nap, function() ended = ended + 1 end, nap, nap }))
          assert.equal(4, ended)
        end)
      end)

      it("are cancelled when one says that it is over, or fails", function()
        run(function(host)
          local slept, is_over = {}, false
          local function nap()
            table.insert(slept, (host.sleep(60)))
          end
          local seconds = support.timed(work, host, { nap, function()
            host.sleep(0.01)
            is_over = true
          end, nap }, function()
            return is_over
          end)
          assert.is_true(seconds < 30)
          support.eq({ false, false }, slept)
          local ok, message = protect.pcall(work, host, { nap, function()
            host.sleep(0.01)
            error "broken on purpose"
          end })
          assert.is_false(ok)
          assert.matches("broken on purpose", message)
          assert.equal(3, #slept)
        end)
      end)

      it("are cancelled with who waits for them, and still waited for", function()
        run(function(host)
          local slept = {}
          local function nap()
            table.insert(slept, (host.sleep(60)))
            host.shield(host.sleep, 0.01)
            slept[#slept + 1] = "ended"
          end
          local task = host.spawn(function()
            return work(host, { nap, nap }), #slept
          end)
          host.sleep(0.01)
          task:cancel()
          support.eq({ true, 4 }, { task:wait() })
        end)
      end)
    end)
  end)
end

describe("a host without tasks", function()
  it("has one worker", function()
    local count = 0
    workers.run(plain, 5, function()
      count = count + 1
    end)
    assert.equal(1, count)
    assert.is_nil(plain.spawn)
  end)

  it("has to give tasks that can be waited for, if any", function()
    assert.matches("the methods wait, cancel and done", support.raised(workers.run, {
      spawn = function()
        return {}
      end,
    }, 2, function() end))
  end)
end)
