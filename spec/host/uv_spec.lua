-- The host uv in plain Lua with luv.

local support = require "spec.support" -- first: it looks after luv
local host = require "daytona.host.uv"
local luv = require "luv"

describe("host uv", function()
  local server, client

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    client = support.client(server, { host = host })
  end)

  after_each(function()
    client:close()
  end)

  local function sandbox(name, params)
    return support.sandbox(client, server, name, params)
  end

  -- Runs a function as a task, and the loop until nothing is left in it.  What
  -- fails in a task ends the process: that is what luv does with errors.
  local function within(fn)
    local ended = false
    host.run(function()
      fn()
      ended = true
    end)
    luv.run()
    assert.is_true(ended, "the task did not come to its end")
  end

  local RUN = { body = '{"exitCode": 0, "result": "x"}' }

  it("makes calls in a coroutine", function()
    within(function()
      assert.equal("x", assert(sandbox("json", RUN).process:exec "true").result)
    end)
  end)

  it("refuses a call outside, before anything is sent", function()
    local box = sandbox("json", RUN)
    local message = support.raised(box.process.exec, box.process, "true")
    assert.equal("daytona.host.uv: a call has to be made in a coroutine: "
      .. "require('daytona.host.uv').run(function() ... end), "
      .. "and for tasks of other libraries host.callbackify", message)
    assert.equal(message, support.raised(host.sleep, 1))
    assert.equal(0, server:count "json")
    assert.equal("daytona.host.uv: function expected, got nil", support.raised(host.run))
  end)

  it("lets the loop go on during a call", function()
    local ticks, timer = 0, luv.new_timer()
    timer:start(10, 10, function() ticks = ticks + 1 end)
    server:script({ path_prefix = "/api/slow" }, { { body = "{}", delay_ms = 1000 } })
    within(function()
      local before = ticks
      assert(client:request("GET", "/slow"))
      assert.is_true(ticks - before >= 60, ticks - before)
      timer:close()
    end)
  end)

  it("makes many calls at the same time", function()
    server:script({ path_prefix = "/api/slow" }, { { body = '{"a": 1}', delay_ms = 300, times = 0 } })
    local count = 0
    local seconds = support.timed(within, function()
      for _ = 1, 20 do
        host.spawn(function()
          assert.equal(1, assert(client:request("GET", "/slow")).a)
          count = count + 1
        end)
      end
    end)
    assert.equal(20, count)
    assert.is_true(seconds < 20 * 0.3, seconds)
  end)

  it("leaves nothing in the loop between calls", function()
    within(function()
      assert(sandbox("json", RUN).process:exec "true")
      host.sleep(0.01)
      local open = 0
      luv.walk(function(handle)
        if not handle:is_closing() then
          open = open + 1
        end
      end)
      assert.equal(0, open)
    end)
  end)

  it("keeps deadlines and waits between attempts", function()
    within(function()
      local _, err = sandbox "stall".fs:list_files(".", { timeout = 0.2 })
      assert.equal("timeout", err.kind)
      assert(sandbox("retry", { n = 2, retry_after = 0, body = "[]" }).fs:list_files ".")
      local seconds, completed = support.timed(host.sleep, 0.1)
      assert.is_true(completed)
      assert.is_true(seconds >= 0.1 and seconds < 10, seconds)
    end)
  end)

  it("looks at its descriptors between naps of no length", function()
    within(function()
      local ended = false
      host.spawn(function()
        assert(sandbox("json", RUN).process:exec "true")
        ended = true
      end)
      local deadline = support.now() + 5
      while not ended and support.now() < deadline do
        host.sleep(0)
      end
      assert.is_true(ended)
    end)
  end)

  it("uploads by chunks and downloads", function()
    local left, chunk = 40, ("0123456789"):rep(10000)
    within(function()
      assert(sandbox "sink".fs:upload_file({
        read = function()
          left = left - 1
          return left >= 0 and chunk or nil
        end,
      }, "x"))
      local path = support.temp_dir() .. "/file"
      assert(sandbox("download", { n = 3000000 }).fs:download_file("x", path))
      assert.equal(3000000, #support.read_file(path))
    end)
    assert.is_true(server:requests()[1].body_size > 40 * #chunk)
  end)

  it("cancels a task in a call or asleep", function()
    local seconds = support.timed(within, function()
      local kind, slept
      local calling = host.spawn(function()
        local _, err = sandbox "stall".process:exec "true"
        kind = err.kind
        assert.is_true(host.cancelled())
      end)
      local sleeping = host.spawn(function()
        slept = host.sleep(20)
      end)
      support.eventually(function() return server:count "stall" == 1 end)
      assert.is_false(host.cancelled())
      calling:cancel()
      sleeping:cancel()
      sleeping:cancel()
      assert.is_false(slept)
      host.sleep(0.05)
      assert.equal("cancelled", kind)
    end)
    assert.is_true(seconds < 5, seconds)
  end)

  it("deletes the sandbox of a task that is cancelled", function()
    local started = '{"id": "sb-1", "state": "started", "toolboxProxyUrl": "%s"}'
    started = started:format(server:url "/fault/stall")
    server:script({ method = "POST", path = "/api/sandbox" }, { { body = started } })
    server:script({ path = "/api/sandbox/sb-1", method = "GET" },
      { { body = started }, { status = 404, times = 0 } })
    server:script({ path = "/api/sandbox/sb-1", method = "DELETE" }, { { body = started } })
    within(function()
      local kind, ended
      local task = host.spawn(function()
        client:with_sandbox({}, function(box)
          kind = select(2, box.process:exec "true").kind
        end)
        ended = true
      end)
      while server:count "stall" == 0 do
        host.sleep(0.01)
      end
      task:cancel()
      while not ended do
        host.sleep(0.01)
      end
      assert.equal("cancelled", kind)
    end)
    local deleted = 0
    for _, request in ipairs(server:requests()) do
      deleted = deleted + (request.method == "DELETE" and 1 or 0)
    end
    assert.equal(1, deleted)
  end)

  it("ends calls under way when the client is closed", function()
    within(function()
      local kind
      host.spawn(function()
        kind = select(2, sandbox "stall".process:exec "true").kind
      end)
      support.eventually(function() return server:count "stall" == 1 end)
      client:close()
      host.sleep(0.05)
      assert.equal("cancelled", kind)
    end)
  end)

  it("does not grow", function()
    if support.is_sanitized() then
      return -- figures of memory mean nothing then
    end
    local function round(n)
      within(function()
        for _ = 1, n do
          assert(sandbox("json", RUN).process:exec "true")
          host.sleep(0)
        end
      end)
      collectgarbage()
      collectgarbage()
      return support.memory "VmRSS"
    end
    round(200)
    local before = round(100)
    assert.is_true(round(300) - before < 1024)
  end)

  -- A child that runs `body` with `host`, `luv`, `client` and `sandbox`.
  local function child(body)
    return support.run("timeout 20 " .. support.lua_command(([[
      local daytona, host, luv = require "daytona", require "daytona.host.uv", require "luv"
      local client = assert(daytona.new { api_key = "k", api_url = %q, host = host })
      local function sandbox(scenario)
        return client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = %q .. scenario }
      end
      %s
    ]]):format(server:url "/api", server:url "/fault/", body)))
  end

  it("raises an error of a task where a callback's errors go", function()
    local output, status = child [[
      host.run(function()
        host.sleep(0.01)
        local function inner() error "broken on purpose" end
        inner()
      end)
      luv.run()
    ]]
    assert.are_not.equal(0, status)
    assert.truthy(output:find("broken on purpose", 1, true), output)
    assert.truthy(output:find("in .-inner"), output)
  end)
end)
