-- A server that limits the rate: the whole client pauses, and goes on as fast as
-- it may.

local support = require "spec.support"
local tasks = require "spec.support.tasks"

describe("a server that allows few calls", function()
  local server, client

  support.serve_faults(function(...)
    server = ...
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
    local seconds, requests = storm(50, { limit = 15, seconds = 1 })
    assert.is_true(requests <= 110, requests)
    assert.is_true(seconds >= 2.5 and seconds < 12, seconds)
  end)

  it("is found out where its answers say nothing", function()
    local seconds, requests = storm(50, { limit = 5, seconds = 0.2, tell = 0 })
    assert.is_true(requests <= 110, requests)
    assert.is_true(seconds < 12, seconds)
  end)

  -- The answers of the API to GET /sandbox/x.
  local function answers(list)
    server:script({ path = "/api/sandbox/x" }, list)
  end

  local GOOD = { body = '{"id": "x"}' }

  local function refusal(headers)
    return { status = 429, headers = headers, body = '{"message": "too many"}' }
  end

  it("holds back every call of the client, if the wait is not too long for it", function()
    local plain = support.client(server, {})
    answers { refusal { ["Retry-After-authenticated"] = "3" }, GOOD }
    local began = support.now()
    local value, err = plain:get("x", { max_retries = 0 })
    assert.is_nil(value)
    assert.equal("rate_limited", support.sound_error(err).kind)
    assert.equal(429, err.status)
    local sandbox = support.sandbox(plain, server, "json", { body = '{"name": "f"}' })
    value, err = sandbox.fs:get_file_info("f", { timeout = 0.5 })
    assert.is_nil(value)
    assert.equal("rate_limited", support.sound_error(err).kind)
    assert.is_nil(err.status)
    assert.equal(0, err.attempts)
    assert.is_true(err.retryable)
    assert.is_true(err.retry_after > 0.5 and err.retry_after < 3.3, err.retry_after)
    assert.is_true(err.elapsed < 0.5, err.elapsed)
    assert.equal(1, #server:requests())
    assert(plain:get "x")
    local seconds = support.now() - began
    assert.is_true(seconds >= 2.9 and seconds < 20, seconds)
    plain:close()
  end)

  it("is not waited for when it asks for an hour, and pauses nobody then", function()
    local plain = support.client(server, {})
    answers { refusal { ["Retry-After"] = "3600" }, GOOD }
    local seconds, value, err = support.timed(plain.get, plain, "x", { timeout = 0 })
    assert.is_nil(value)
    assert.equal(3600, support.sound_error(err).retry_after)
    assert.equal(1, err.attempts)
    assert(plain:get "x")
    assert.is_true(seconds < 10, seconds)
    plain:close()
  end)

  it("may say it by the limiter's reset alone", function()
    local plain = support.client(server, {})
    answers { refusal {
      ["X-RateLimit-Remaining-authenticated"] = "70", ["X-RateLimit-Reset-authenticated"] = "50",
      ["X-RateLimit-Remaining-failed-auth"] = "0", ["X-RateLimit-Reset-failed-auth"] = "0.3",
    } }
    local _, err = plain:get("x", { max_retries = 0 })
    assert.equal(0.3, support.sound_error(err).retry_after)
    plain:close()
  end)

  it("costs no retry of the budget", function()
    local plain = support.client(server, { retry_budget = 0 })
    answers { refusal { ["Retry-After"] = "0" }, GOOD }
    assert(plain:get "x")
    plain:close()
  end)

  it("lets through what then fails for another reason", function()
    local plain = support.client(server, { max_retries = 0 })
    local list = { refusal { ["Retry-After"] = "1" } }
    for i = 2, 8 do
      list[i] = { status = 404, body = '{"message": "no such sandbox"}' }
    end
    answers(list)
    local seconds = support.timed(function()
      for i = 1, #list do
        local _, err = plain:get "x"
        assert.equal(list[i].status, support.sound_error(err).status)
      end
    end)
    assert.is_true(seconds < #list - 1, seconds) -- one wait, not one for each
    plain:close()
  end)

  it("may say nonsense", function()
    local plain = support.client(server, {})
    for _, value in ipairs { "nonsense", "-5", "1e300", "nan", "" } do
      answers { { body = GOOD.body, headers = {
        ["X-RateLimit-Remaining-" .. ("x"):rep(100)] = value, ["X-RateLimit-Reset"] = value,
        ["X-RateLimit-Remaining-a"] = value, ["X-RateLimit-Remaining-b"] = value,
        ["X-RateLimit-Remaining-c"] = value, ["X-RateLimit-Remaining-d"] = value,
        ["X-RateLimit-Remaining-e"] = value, ["X-RateLimitless"] = value,
      } } }
      assert(plain:get "x")
    end
    plain:close()
  end)
end)
