-- daytona.host.loop against daytona-local: fan-out, cancelled lifecycles,
-- scopes, the example, Ctrl-C.

local support = require "spec.support"
local e2e = require "spec.support.e2e"
local loop = require "daytona.host.loop"

local MANY = _VERSION == "Lua 5.4" and 50 or 20

describe("the loop and daytona-local", function()
  local server, client

  e2e.serve(function(...)
    client, server = ...
  end, { client = { host = loop }, create = false })

  local function living()
    local names = {}
    for _, sandbox in ipairs(e2e.check(client:list_page { limit = 100 }).items) do
      if sandbox.state ~= "destroyed" and sandbox.state ~= "destroying" then
        names[#names + 1] = sandbox.id
      end
    end
    return names
  end

  it("make, use and delete many sandboxes", function()
    local numbers = {}
    for i = 1, MANY do
      numbers[i] = i
    end
    loop.run(function()
      local results = e2e.check(loop.map(numbers, function(n)
        return client:with_sandbox({ labels = { n = tostring(n) } }, function(sandbox)
          return e2e.shell(sandbox, "echo " .. n)
        end)
      end, { concurrency = 10 }))
      for i = 1, MANY do
        assert.equal(i .. "\n", results[i])
      end
      assert.same({}, living())
    end)
    assert.equal(0, client._core:live())
  end)

  it("with_sandbox deletes in a cancelled task and after an error", function()
    loop.run(function()
      local inside = 0
      local function job(body)
        return loop.spawn(function()
          return client:with_sandbox({}, function(sandbox)
            inside = inside + 1
            return body(sandbox)
          end)
        end)
      end
      local slow = job(function(sandbox)
        return sandbox.process:exec("sleep 100", { timeout = 100 })
      end)
      local broken = job(function()
        error "boom"
      end)
      while inside < 2 do
        loop.sleep(0.01)
      end
      slow:cancel()
      local run, err = slow:wait()
      assert.is_nil(run)
      assert.equal("cancelled", support.sound_error(err).kind)
      local ok, message = loop.pcall(broken.wait, broken)
      assert.is_false(ok)
      assert.truthy(message:find "loop_local_spec.lua:%d+: boom\nstack traceback:", message)
      assert.same({}, living())
    end)
  end)

  it("create and delete can be cancelled after any step", function()
    loop.run(function()
      local turns = 0
      repeat
        local task = loop.spawn(function()
          local sandbox, err = client:create {}
          if not sandbox then
            return nil, err
          end
          return sandbox:delete()
        end)
        loop.sleep(turns / 1000)
        local was_done = task:done()
        task:cancel()
        local _, err = task:wait()
        if err then
          assert.equal("cancelled", err.kind)
        end
        assert.equal(0, client._core:live())
        turns = turns * 2 + 1
      until was_done
      for _, left in ipairs(living()) do
        e2e.check(client:delete(left))
      end
      assert.same({}, living())
    end)
  end)

  it("the example computes pi", function()
    local output, status = support.run(support.lua_command(
      'arg = { [0] = "fan_out.lua", "6", "3" } dofile "examples/fan_out.lua"',
      { DAYTONA_LOCAL = e2e.program, DAYTONA_API_KEY = false }))
    assert.equal(0, status, output)
    assert.truthy(output:find("pi is about 3.14158%d, say 6 sandboxes", 1), output)
  end)

  it("Ctrl-C ends a run with calls, sleepers and sandboxes in it", function()
    local command = support.lua_command(([[
      local daytona = require "daytona"
      local loop = require "daytona.host.loop"
      local stat = assert(io.open "/proc/self/stat")
      local pid = stat:read "*l":match "^%%d+"
      stat:close()
      local client = assert(daytona.new { api_key = %q, api_url = %q, host = loop })
      loop.run(function()
        loop.spawn(loop.sleep, 3600)
        client:with_sandbox({}, function(sandbox)
          loop.spawn(function() sandbox.process:exec("sleep 99", { timeout = 99 }) end)
          loop.sleep(0)
          print(pid)
          io.stdout:flush()
          sandbox.process:exec("sleep 99", { timeout = 99 })
        end)
      end)
    ]]):format(server.api_key, server.api_url))
    local child = assert(io.popen(command .. " 2>&1; echo status $?"))
    local pid = assert(tonumber(child:read "*l"))
    local seconds, output = support.timed(function()
      os.execute("kill -INT " .. math.floor(pid))
      return child:read "*a"
    end)
    child:close()
    assert.is_true(seconds < 20, seconds)
    assert.truthy(output:find("interrupted!", 1, true), output)
    assert.truthy(output:find "status [1-9]", output)
    loop.run(function()
      assert.same({}, living())
    end)
  end)
end)
