-- A server that limits the rate: the whole client pauses, and goes on as fast as
-- it may.

local support = require "spec.support"
local tasks = require "spec.support.tasks"

describe("a server that allows few calls", function()
  local server, client

  setup(function()
    server = support.fault_server()
  end)

  teardown(function()
    server:close()
  end)

  before_each(function()
    server:reset()
    client = support.client(server, { host = tasks.host })
  end)

  after_each(function()
    client:close()
  end)

  -- `count` tasks that start at once, each with one command; gives the seconds
  -- and the number of requests.
  local function storm(count, params)
    local sandbox = support.sandbox(client, server, "rate-limit", params)
    local passed = 0
    local seconds = support.timed(tasks.run, client, count, function()
      local run, err = sandbox.process:exec "true"
      assert(run, tostring(err))
      assert.equal("passed", run.result)
      passed = passed + 1
    end)
    assert.equal(count, passed)
    return seconds, server:count "rate-limit"
  end

  it("is not asked more than 2.2 times for each of 50 calls", function()
    local seconds, requests = storm(50, { limit = 5, seconds = 1 })
    assert.is_true(requests <= 110, requests)
    assert.is_true(seconds >= 8 and seconds < 20, seconds)
  end)

  it("is found out where its answers say nothing", function()
    local seconds, requests = storm(50, { limit = 5, seconds = 0.2, tell = 0 })
    assert.is_true(requests <= 110, requests)
    assert.is_true(seconds < 12, seconds)
  end)
end)
