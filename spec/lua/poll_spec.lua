-- daytona.poll: no decision rests on one answer.

local core = require "daytona.core"
local poll = require "daytona.call.poll"

describe("poll", function()
  local slept, client

  before_each(function()
    slept = {}
    client = { timeout = 0.2, host = {
      sleep = function(seconds)
        slept[#slept + 1] = seconds
        core.pause(math.min(seconds, 0.01))
        return true
      end,
    } }
  end)

  -- A look that gives one answer after the other, the last one again and again.
  local function answers(...)
    local list, index = { ... }, 0
    return function()
      index = math.min(index + 1, #list)
      local answer = list[index]
      if type(answer) == "table" and answer.kind then
        return nil, answer
      end
      return answer
    end
  end

  local lost, gone = { kind = "connection" }, { kind = "not_found" }

  it("believes what is hoped for at once", function()
    assert.equal("there", (poll.ask(client, nil, answers "there")))
    assert.same({}, slept)
  end)

  it("asks again, in pauses that grow to a bound", function()
    assert.equal(1, (poll.ask(client, { first = 0.1, factor = 2, last = 0.3 }, answers(false, false, false, false, 1))))
    assert.same({ 0.1, 0.2, 0.3, 0.3 }, slept)
  end)

  it("waits out looks that fail until the deadline", function()
    local down = { kind = "unavailable", status = 503 }
    local page = { kind = "not_found", status = 404, body = " <html>nothing here" }
    local late = core.now() + 5
    assert.equal(1, (poll.ask(client, { deadline = late }, answers(lost, down, page, page, page, lost, 1))))
    local value, err, why = poll.ask(client, { deadline = core.now() + 0.05 }, answers(lost))
    assert.same({ nil, lost, "late" }, { value, err, why })
    value, err, why = poll.ask(client, { deadline = core.now() + 0.05 }, answers(false))
    assert.same({ n = 3, nil, nil, "late" }, { n = 3, value, err, why })
  end)

  it("looks once more at the deadline", function()
    local looks = {}
    local deadline = core.now() + 0.03
    poll.ask(client, { deadline = deadline, first = 1 }, function()
      looks[#looks + 1] = core.now()
      return false
    end)
    assert.is_true(looks[#looks] >= deadline - 0.02 and #looks >= 2)
  end)

  it("gives up where nothing answers and there is no deadline", function()
    local value, err, why = poll.ask(client, { patience = 0.05 }, answers(false, lost))
    assert.same({ nil, lost, nil }, { value, err, why })
    assert.is_true(#slept >= 3)
  end)

  it("wants a bad answer twice", function()
    assert.equal(1, (poll.ask(client, nil, answers(gone, 1))))
    assert.equal(1, (poll.ask(client, nil, answers(gone, false, gone, lost, gone, 1))))
    local value, err, why = poll.ask(client, nil, answers(lost, gone))
    assert.same({ nil, gone, nil }, { value, err, why })
  end)

  it("ends with its task", function()
    client.host.sleep = function() return false end
    assert.equal("cancelled", select(3, poll.ask(client, nil, answers(false))))
    local value, err, why = poll.ask(client, nil, answers { kind = "cancelled" })
    assert.same({ nil, { kind = "cancelled" }, "cancelled" }, { value, err, why })
  end)
end)
