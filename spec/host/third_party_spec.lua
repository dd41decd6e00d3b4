-- The hosts of examples/hosts, written as a third party would: for cqueues and,
-- where Debian has it, Copas (Lua 5.1 and LuaJIT).

local support = require "spec.support"
local daytona = require "daytona"
local faults = require "spec.support.faults"

local hosts = {}

-- Each gives a host and run(fn), which turns the loop until nothing is left to
-- do in it, or fails after a while.
function hosts.cqueues()
  local cqueues = require "cqueues"
  return dofile "examples/hosts/cqueues.lua", function(fn)
    local controller = cqueues.new()
    controller:wrap(fn)
    local ok, problem = controller:loop(30)
    assert(ok, problem)
    assert(controller:empty(), "something is left in the loop")
  end
end

if _VERSION == "Lua 5.1" then
  function hosts.copas()
    local copas = require "copas"
    return dofile "examples/hosts/copas.lua", function(fn)
      local ended, problem = false, nil
      copas.addthread(function()
        copas.setErrorHandler(function(message)
          problem = message
        end)
        fn()
        ended = true
      end)
      local deadline = support.now() + 30
      while not ended do
        copas.step(0.02)
        assert(not problem, problem)
        assert(support.now() < deadline, "the task did not come to its end")
      end
    end
  end
end

for name, load in pairs(hosts) do
  describe("the host for " .. name, function()
    local server, host, run, client, directory

    support.serve_faults(function(...)
      server = ...
      host, run = load()
    end)

    before_each(function()
      server:reset()
      directory = support.temp_dir()
      client = support.client(server, { host = host, max_retries = 0 })
    end)

    after_each(function()
      client:close()
      assert.same({}, support.files_under(directory))
    end)

    local function sandbox(scenario, params)
      return support.sandbox(client, server, scenario, params)
    end

    local function eventually(condition)
      local deadline = support.now() + 10
      while not condition() do
        assert(support.now() < deadline, "did not happen in time")
        host.sleep(0.005)
      end
    end

    it("makes calls and sleeps", function()
      run(function()
        assert.equal(5, assert(sandbox("json", { body = '{"exitCode": 5}' }).process:exec "true").exit_code)
        local seconds, completed = support.timed(host.sleep, 0.1)
        assert.is_true(completed)
        assert.is_true(seconds >= 0.1 and seconds < 5, seconds)
      end)
      assert.equal(0, client._core:live())
    end)

    it("refuses a call that nothing can wait for, before it is sent", function()
      local box = sandbox "json"
      local message = support.raised(box.process.exec, box.process, "true")
      assert.truthy(message:find("host: a call has to be made in a coroutine of the loop", 1, true), message)
      assert.equal(0, server:count "json")
    end)

    it("refuses a call in a coroutine that something else resumes", function()
      local box, message = sandbox "json", nil
      run(function()
        coroutine.wrap(function()
          message = support.raised(box.process.exec, box.process, "true")
        end)()
      end)
      assert.truthy(message:find("host: a call has to be made in a task, not in a coroutine", 1, true), message)
      assert.equal(0, server:count "json")
    end)

    it("makes many calls at the same time, and the loop goes on", function()
      server:script({ path_prefix = "/api/slow" }, { { body = '{"a": 1}', delay_ms = 300, times = 0 } })
      local answers, ticks = 0, 0
      local seconds = support.timed(run, function()
        for _ = 1, 20 do
          host.spawn(function()
            local answer = assert(client:request("GET", "/slow"))
            answers = answers + answer.a
          end)
        end
        while answers < 20 do
          host.sleep(0.01)
          ticks = ticks + 1
        end
      end)
      assert.equal(20, answers)
      assert.is_true(ticks >= 5, ticks)
      assert.is_true(seconds < 4, seconds)
    end)

    it("meets every fault there is", function()
      local kit = faults.kit(function(options)
        options.host = host
        return assert(daytona.new(options))
      end, server, directory, 10)
      run(function()
        local count, problems = faults.run(kit, function(list, fn)
          local begun, ended = 0, 0
          for _ = 1, 24 do
            host.spawn(function()
              while begun < #list do
                begun = begun + 1
                fn(list[begun])
                ended = ended + 1
              end
            end)
          end
          while ended < #list do
            host.sleep(0.02)
          end
        end)
        assert.same({}, problems)
        assert.is_true(count > 150, count)
      end)
      kit:close()
    end)

    it("moves files, by chunks, too", function()
      local path, chunk, left = directory .. "/file", ("0123456789"):rep(10000), 20
      run(function()
        assert(sandbox("download", { n = 3000000 }).fs:download_file("x", path))
        assert(sandbox "sink".fs:upload_file(path, "x"))
        assert(sandbox "sink".fs:upload_file(function()
          left = left - 1
          return left >= 0 and chunk or nil
        end, "x"))
        local bytes, reader = 0, sandbox("download", { n = 1000000 }).fs:read_file("x", { chunk_size = 30000 })
        local part = reader:read()
        while part do
          host.sleep(0)
          bytes, part = bytes + #part, reader:read()
        end
        assert.equal(1000000, bytes)
      end)
      os.remove(path)
      local sizes = {}
      for _, request in ipairs(server:requests()) do
        sizes[#sizes + 1] = request.method == "POST" and request.body_size or nil
      end
      assert.is_true(sizes[1] > 3000000, sizes[1])
      assert.is_true(sizes[2] > 20 * #chunk, sizes[2])
    end)

    it("breaks off what a cancelled task waits for", function()
      run(function()
        local kinds, slept, was_cancelled = {}, nil, nil
        local calling = host.spawn(function()
          for i = 1, 2 do
            local _, err = sandbox "stall".process:exec "true"
            kinds[i] = support.sound_error(err).kind
          end
          was_cancelled = host.cancelled()
        end)
        local sleeping = host.spawn(function()
          slept = host.sleep(60)
        end)
        eventually(function() return server:count "stall" == 1 end)
        assert.is_false(host.cancelled())
        calling:cancel()
        sleeping:cancel()
        sleeping:cancel()
        eventually(function() return kinds[2] and slept ~= nil end)
        assert.same({ "cancelled", "cancelled" }, kinds)
        assert.is_false(slept)
        assert.is_true(was_cancelled)
        assert.equal(1, server:count "stall")
        assert(sandbox("json").fs:get_file_info "x")
      end)
    end)

    it("ends calls when their client is closed", function()
      run(function()
        local kind
        host.spawn(function()
          kind = select(2, sandbox "stall".process:exec "true").kind
        end)
        eventually(function() return server:count "stall" == 1 end)
        client:close()
        eventually(function() return kind end)
        assert.equal("cancelled", kind)
      end)
    end)
  end)
end
