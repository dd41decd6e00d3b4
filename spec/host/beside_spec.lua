-- What is looked at beside a wait, in hosts that can wait for a request until a moment, and
-- in hosts of others, that cannot.

local loop = require "daytona.host.loop"
local plain = require "daytona.host.plain"
local protect = require "daytona.call.protected"
local sessions = require "daytona.process.session"
local support = require "spec.support" -- before luv
local luv = require "luv"
local uv = require "daytona.host.uv"

describe("a look beside a wait", function()
  local server, before

  support.serve_faults(function(...)
    server = ...
  end)

  setup(function()
    before, sessions.LONGEST_HELD_OPEN = sessions.LONGEST_HELD_OPEN, 0.3
  end)

  teardown(function()
    sessions.LONGEST_HELD_OPEN = before
  end)

  local PATH = "/box/sb-1/process/session/s"

  before_each(function()
    server:reset()
    server:script({ method = "POST", path = "/box/sb-1/process/session" }, { { status = 201, body = "{}", times = 0 } })
    server:script({ method = "GET", path = PATH },
      { { body = '{"sessionId": "s", "commands": [{"id": "first", "command": "true", "exitCode": 0}]}', times = 0 } })
    server:script({ method = "GET", path = PATH .. "/command/first" },
      { { body = '{"id": "first", "command": "true", "exitCode": 0}', times = 0 } })
    server:script({ method = "GET", path = PATH .. "/command/first/logs" }, { { body = "\1\1\1once\n", times = 0 } })
  end)

  -- A host with some members of another one, that counts the tasks.
  local function part_of(host, names)
    local part = { spawned = 0 }
    for _, name in ipairs(names) do
      part[name] = host[name]
    end
    if part.spawn then
      function part.spawn(...)
        part.spawned = part.spawned + 1
        return host.spawn(...)
      end
    end
    return part
  end

  -- Runs a command whose answer comes after so long.
  local function exec(host, milliseconds, hooks)
    server:script({ method = "POST", path = PATH .. "/exec" },
      { { body = '{"cmdId": "answered", "exitCode": 0, "output": ""}', delay_ms = milliseconds } })
    local options = { host = host, max_retries = 0 }
    for name, hook in pairs(hooks or {}) do
      options[name] = hook
    end
    local client = support.client(server, options)
    local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
    local ok, command, err = protect.pcall(function()
      return assert(sandbox.process:create_session "s"):exec("true", { timeout = 30 })
    end)
    client:close()
    assert(ok, command)
    return command and command.id or tostring(err)
  end

  local ALL = { "wait", "wait_for", "sleep", "spawn", "cancelled", "shield", "check", "pcall" }

  it("needs no other task", function()
    local host = part_of(loop, ALL)
    assert.equal("first", loop.run(exec, host, 20000))
    assert.equal(0, host.spawned)
    assert.equal("first", exec(plain, 20000))
    host = part_of(uv, ALL)
    local id
    uv.run(function()
      id = exec(host, 20000)
    end)
    luv.run()
    assert.equal("first", id)
    assert.equal(0, host.spawned)
  end)

  it("has a task of its own where the host cannot wait until a moment", function()
    local host = part_of(loop, { "wait", "sleep", "spawn", "cancelled" })
    assert.equal("first", loop.run(exec, host, 20000))
    assert.is_true(host.spawned > 0)
  end)

  it("is left out where the host has no tasks either", function()
    local host = part_of(loop, { "wait", "sleep" })
    local longest = sessions.LONGEST_HELD_OPEN
    sessions.LONGEST_HELD_OPEN = 1.5
    assert.equal("answered", loop.run(exec, host, 1900)) -- after a look, were there one, and before the end of the wait
    sessions.LONGEST_HELD_OPEN = longest
  end)

  it("raises what a hook raises in it, to who waits", function()
    for _, host in ipairs { loop, plain } do
      local function raising()
        return exec(host, 20000, { on_request = function(event)
          if event.operation == "process.get_session" then
            error("my own", 0)
          end
        end })
      end
      local ok, problem = pcall(host == loop and loop.run or raising, raising)
      assert.is_false(ok)
      assert.truthy(tostring(problem):find("my own", 1, true), tostring(problem))
    end
  end)

  it("ends with the task", function()
    loop.run(function()
      local task = loop.spawn(exec, loop, 20000)
      while server:requests()[2] == nil do
        loop.sleep(0.01)
      end
      task:cancel()
      assert.truthy(task:wait():find("cancelled", 1, true))
    end)
  end)

  it("does not end the wait of another task, or another wait of its own", function()
    loop.run(function()
      local client = support.client(server, { host = loop })
      server:script({ path_prefix = "/api/" }, { { body = '{"id": "x"}', delay_ms = 300, times = 0 } })
      local function send(id)
        return client._core:send("sandbox.get", { sandbox_id = id }, nil, 10)
      end
      local first, second = send "one", send "two"
      loop.wait_for(first, 0.02) -- its alarm comes first
      assert.is_false(first:done())
      loop.wait_for(second, 5) -- the first one becomes ready in this wait
      assert.is_true(second:done())
      loop.wait_for(first, 5)
      assert.is_true(first:done())
      assert.is_true(loop.sleep(0.05))
      loop.wait_for(first, 0) -- done already
      client:close()
    end)
  end)
end)
