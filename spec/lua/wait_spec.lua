-- Waiting for things of any kind, and the deadlines of waits.

local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local wait = require "daytona.call.wait"

describe("a wait for a goal", function()
  local client, slept, goal

  before_each(function()
    slept = {}
    client = { timeout = 1, host = {
      sleep = function(seconds)
        slept[#slept + 1] = seconds
        core.pause(math.min(seconds, 0.002))
        return true
      end,
    } }
    goal = {
      operation = "client.request", what = "the volume", name = "ready",
      reached = wait.states { "ready" }, final = wait.states { "error", "deleted" },
    }
  end)

  -- Reads that give one thing or error after the other, the last one again and again.
  local function reads(list)
    local index = 0
    function goal.read()
      index = math.min(index + 1, #list)
      local entry = list[index]
      if entry.kind then
        return nil, error_object.new { kind = entry.kind, status = entry.status, body = entry.body,
          message = entry.message or "no", operation = "client.request" }
      end
      return entry
    end
  end

  local function reach(deadline)
    return wait.reach(client, { id = "v1", state = "new" }, goal, deadline)
  end

  local creating, ready = { id = "v1", state = "creating" }, { id = "v1", state = "ready" }
  local broken = { id = "v1", state = "error", error_reason = "no space" }
  local missing = { kind = "not_found", status = 404, body = '{"statusCode": 404}' }

  it("gives the thing as it was read last", function()
    reads { creating, creating, ready }
    assert.equal(ready, (reach(core.now() + 5)))
    assert.same({ 0.02, 0.04 }, slept)
  end)

  it("waits out looks that fail", function()
    reads { { kind = "connection" }, { kind = "unavailable", status = 503 }, creating, { kind = "timeout" }, ready }
    assert.equal(ready, (reach(core.now() + 5)))
  end)

  it("believes a final state when it is seen twice in a row", function()
    reads { broken, creating, ready }
    assert.equal(ready, (reach(core.now() + 5)))
    reads { creating, broken }
    local thing, err = reach(core.now() + 5)
    assert.is_nil(thing)
    assert.equal("state", err.kind)
    assert.equal("error", err.state)
    assert.equal("failed", err.outcome)
    assert.equal("client.request failed: the volume is in state error: no space and will not be ready (state), id 'v1'",
      tostring(err))
  end)

  it("asks the goal whether a final state is left after all", function()
    goal.goes_on = function(thing)
      return thing.error_reason == "no space"
    end
    reads { broken, broken, broken, ready }
    assert.equal(ready, (reach(core.now() + 5)))
  end)

  it("takes what is not found for the goal only where the goal says so", function()
    reads { creating, missing }
    local _, err = reach(core.now() + 5)
    assert.equal("not_found", err.kind)
    local lost = {}
    goal.gone = function(thing)
      lost.id = thing.id
      return lost
    end
    reads { creating, missing }
    assert.equal(lost, (reach(core.now() + 5)))
    assert.equal("v1", lost.id)
    reads { creating, { kind = "not_found", status = 404, body = "<html>" }, ready }
    assert.equal(ready, (reach(core.now() + 5)))
  end)

  it("tells what it is at the deadline", function()
    reads { creating }
    local thing, err = reach(core.now() + 0.03)
    assert.is_nil(thing)
    assert.equal("timeout", err.kind)
    assert.matches("^the volume is not ready after %d+%.%d s, it is creating$", err.message)
    reads { creating, { kind = "connection" } }
    thing, err = reach(core.now() + 0.03)
    assert.is_nil(thing)
    assert.matches("it was creating; the last look failed: no %(connection%)$", err.message)
    reads { creating, { kind = "timeout", message = "http://x/api: the deadline has passed" } }
    thing, err = reach(core.now() + 0.03)
    assert.is_nil(thing)
    assert.matches("^the volume is not ready after %d+%.%d s, it was creating$", err.message)
    reads { creating, { kind = "connection" }, { kind = "timeout", message = "http://x/api: the deadline has passed" } }
    thing, err = reach(core.now() + 0.03)
    assert.is_nil(thing)
    assert.matches("it was creating; the last look failed: no %(connection%)$", err.message)
  end)

  it("ends with the task", function()
    client.host.sleep = function()
      return false
    end
    reads { creating }
    local _, err = reach()
    assert.equal("cancelled", err.kind)
    goal.id_field = "sandbox_id"
    reads { { kind = "cancelled" } }
    _, err = reach()
    assert.equal("cancelled", err.kind)
    assert.equal("v1", err.sandbox_id)
  end)

  it("gives every look a deadline of its own, within that of the wait", function()
    local limits = {}
    function goal.read(_, limit)
      limits[#limits + 1] = limit
      return ready
    end
    local whole = core.now() + 1
    reach(whole)
    reach()
    assert.equal(whole, limits[1])
    assert.is_true(limits[2] > core.now() and limits[2] <= core.now() + 5)
  end)
end)

describe("a deadline", function()
  it("is nil where there is none", function()
    assert.is_nil(deadlines.after(nil))
    assert.is_nil(deadlines.after(0))
    assert.is_nil(deadlines.after("soon"))
    assert.is_nil(deadlines.of({ timeout = 0 }, 5))
    assert.is_nil(deadlines.of(nil, nil))
    assert.is_nil(deadlines.left(nil))
    assert.equal(0, deadlines.left(nil, 0))
    assert.is_false(deadlines.is_over(nil, 1e9))
  end)

  it("is counted from now", function()
    local before = core.now()
    local at = deadlines.after(10, 5)
    assert.is_true(at >= before + 15 and at <= core.now() + 15)
    assert.is_true(deadlines.of({ timeout = 100 }, 5) > before + 99)
    assert.is_true(deadlines.of({}, 100) > before + 99)
    assert.is_true(deadlines.left(at) > 5 and deadlines.left(at) <= 15)
    assert.is_false(deadlines.is_over(at))
    assert.is_true(deadlines.is_over(at, 20))
    assert.equal(at, deadlines.within(at, 100))
    assert.is_true(deadlines.within(at, 1) < at)
    assert.is_true(deadlines.within(nil, 1) <= core.now() + 1)
  end)

  it("leaves a little when it has passed, for 0 would be no deadline", function()
    assert.is_true(deadlines.left(core.now() - 5) > 0)
  end)
end)
