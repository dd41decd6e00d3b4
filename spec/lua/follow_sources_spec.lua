-- Commands whose end is told in one way and not in another: the result is the same.

local e2e = require "spec.support.e2e"
local support = require "spec.support"
local daytona = require "daytona"

local check, fails = e2e.check, e2e.fails

describe("following a command whose", function()
  local server, client
  local count = 0

  setup(function()
    server = support.toolbox_server()
    client = check(daytona.new { api_url = server:url "/api", api_key = "k", max_retries = 0 })
  end)

  teardown(function()
    client:close()
    server:close()
  end)

  -- A sandbox of a scenario.
  local function sandbox(words)
    count = count + 1
    return check(client:get(("%s-n%d"):format(words, count)))
  end

  local function requests_of(box)
    local list = {}
    for _, line in ipairs(check(client:request("GET", "/requests"))) do
      if line:find(box.id, 1, true) then
        list[#list + 1] = line
      end
    end
    return list
  end

  local ways = {
    ["socket closes at once"] = "closes",
    ["socket stays open after the end"] = "lingers",
    ["socket is refused by 502"] = "bad",
    ["socket is never answered"] = "silent",
    ["first look finds nothing"] = "closes-forgets",
    ["looks fail for a while"] = "bad-down",
    ["start is not answered"] = "closes-lost",
    ["log comes as JSON"] = "closes-json",
  }
  for name, words in pairs(ways) do
    it(name .. " gives its result", function()
      local box = sandbox(words)
      local out, err = "", ""
      local seconds, result = support.timed(function()
        return check(box.process:run("x", {
          timeout = 20,
          on_stdout = function(chunk) out = out .. chunk end, on_stderr = function(chunk) err = err .. chunk end,
        }))
      end)
      assert.same({ exit_code = 3, stdout = "one\n", stderr = "two\n", truncated = false }, result)
      assert.same({ "one\n", "two\n" }, { out, err })
      assert.is_true(seconds < 12, seconds)
      local quiet = check(sandbox(words).process:run("x", { timeout = 20 }))
      assert.same({ 3, "one\n", "two\n" }, { quiet.exit_code, quiet.stdout, quiet.stderr })
    end)
  end

  it("end was not told in time is looked at once more", function()
    local box = sandbox "silent-stalls"
    local result = check(box.process:run("x", { timeout = 1.5, on_stdout = function() end }))
    assert.equal(3, result.exit_code)
  end)

  it("time is over is killed, and what was printed told", function()
    local box = sandbox "lingers-endless"
    local err = fails({ kind = "timeout", message = "was killed" }, box.process:run("x", { timeout = 1.5 }))
    assert.equal("one\n", err.result.stdout)
    local deleted = 0
    for _, line in ipairs(requests_of(box)) do
      deleted = deleted + (line:find "^DELETE" and 1 or 0)
    end
    assert.equal(1, deleted)
  end)

  it("session is gone says so, after it was asked twice", function()
    local box = sandbox "closes-gone"
    local job = box.process:attach { session_id = "s", command_id = "c" }
    fails({ kind = "not_found", message = "was deleted" }, job:wait())
    local looks = 0
    for _, line in ipairs(requests_of(box)) do
      looks = looks + (line:find "/command/c$" and 1 or 0)
    end
    assert.equal(2, looks)
  end)

  it("log was followed is not read again by wait", function()
    local box = sandbox "lingers"
    local job = check(box.process:start "x")
    assert.equal(3, check(job:follow { on_stdout = function() end }))
    local before = #requests_of(box)
    local seen = {}
    local result = check(job:wait { on_stdout = function(chunk) seen[#seen + 1] = chunk end })
    assert.same({ exit_code = 3, stdout = "one\n", stderr = "two\n", truncated = false }, result)
    assert.same({ "one\n" }, seen)
    assert.equal(before, #requests_of(box))
    assert.equal(1, #check(job:wait { max_output = 1 }).stdout)
  end)

  it("end is known needs no socket where nobody watches", function()
    local box, follow = sandbox "lingers", require "daytona.process.follow"
    local seconds = follow.SOCKET_AFTER
    follow.SOCKET_AFTER = 60 -- however long a look takes here
    local result = check(box.process:run "x")
    follow.SOCKET_AFTER = seconds
    assert.equal(3, result.exit_code)
    for _, line in ipairs(requests_of(box)) do
      assert.is_nil(line:find "follow")
    end
  end)
end)
