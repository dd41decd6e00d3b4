-- A client that another task closes while its calls are between two requests.

local e2e = require "spec.support.e2e"
local loop = require "daytona.host.loop"
local protect = require "daytona.call.protected"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("a client that is closed", function()
  local server, client, sandbox

  setup(function()
    server = e2e.start()
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  -- Begins fn() in a task, closes the client after so many seconds, and gives what
  -- became of it.
  local function closed_after(seconds, fn)
    local ok, value, err
    local task = loop.spawn(function()
      ok, value, err = protect.pcall(fn)
    end)
    loop.sleep(seconds)
    client:close()
    task:wait()
    assert.is_true(ok, tostring(value))
    return value, err
  end

  it("ends what is under way with an error, and raises for what begins", function()
    loop.run(function()
      local first = check(server:client { host = loop })
      local made = check(first:create()):to_table()
      for name, call in pairs {
        state = function() return sandbox:wait_for { state = "stopped", timeout = 30 } end,
        url = function() return sandbox:wait_for { url = "http://localhost:3000/", timeout = 30 } end,
        run = function() return sandbox.process:run("sleep 30", { keep_awake = true }) end,
        job = function() return check(sandbox.process:start "sleep 30"):wait() end,
        exec = function() return sandbox.process:exec "sleep 30" end,
      } do
        for _, seconds in ipairs { 0.02, 0.15 } do
          client = check(server:client { host = loop })
          sandbox = client:sandbox(made)
          if name == "job" then
            seconds = 0.3 -- it has begun by then
          end
          fails({ kind = "cancelled" }, closed_after(seconds, call))
          for _, begin in ipairs {
            function() return sandbox.process:exec "true" end,
            function() return sandbox:wait_for { port = 3000 } end,
            function() return client:get(made.id) end,
          } do
            local ok, problem = protect.pcall(begin)
            assert.is_false(ok)
            assert.truthy(tostring(problem):find("client is closed", 1, true), tostring(problem))
          end
          assert.equal(made.id, sandbox:to_table().id) -- asks nobody
        end
      end
      first:close()
    end)
  end)
end)
