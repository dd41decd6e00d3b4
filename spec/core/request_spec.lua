-- The C core by itself: a request's life, many at once, and every wrong order.

local core = require "daytona.core"
local support = require "spec.support"

describe("daytona.core", function()
  local server, client, sandbox

  support.serve_faults(function(...)
    server = ...
    require "daytona" -- gives handles their methods
  end)

  before_each(function()
    server:reset()
    client, sandbox = support.core_client(server)
  end)

  after_each(function()
    client:close()
  end)

  local function exec(scenario, seconds)
    return client:send("process.exec", { command = "true" }, sandbox(scenario), seconds or 5)
  end

  local function finish(request)
    while not request:step(0.25) do end -- luacheck: ignore
    return request
  end

  local RUN = support.scenario("json", { body = '{"exitCode": 0, "result": "x"}' })

  describe("a request", function()
    it("is stepped until it is done and then gives its result, once", function()
      local request = exec(RUN)
      assert.is_false(request:done())
      assert.truthy(support.raised(request.result, request):find("not finished", 1, true))
      finish(request)
      assert.is_true(request:done())
      assert.is_true(request:step(0))
      support.eq({ exit_code = 0, result = "x" }, (request:result()))
      assert.truthy(support.raised(request.result, request):find("taken already", 1, true))
      request:close()
    end)

    it("may be closed at any time, twice", function()
      for _, steps in ipairs { 0, 1, 3 } do
        local request = exec "stall"
        for _ = 1, steps do
          request:step(0.01)
        end
        request:close()
        request:close()
        assert.is_true(request:step(0))
        assert.is_false((pcall(request.result, request)))
        assert.equal(0, client:live())
      end
    end)

    it("may be cancelled at any time, and says so", function()
      local request = exec "stall"
      support.eventually(function()
        request:step(0.01)
        return server:count "stall" == 1
      end)
      request:cancel()
      request:cancel()
      assert.is_true(request:done())
      local value, err = request:result()
      assert.is_nil(value)
      assert.equal("cancelled", err.kind)
      assert.equal("unknown", err.outcome)
      assert.equal(0, client:live())
    end)

    it("that is done stays done when it is cancelled", function()
      local request = finish(exec(RUN))
      request:cancel()
      assert.equal("x", request:result().result)
    end)

    it("that is forgotten is broken off", function()
      exec "stall"
      collectgarbage()
      collectgarbage()
      assert.equal(0, client:live())
    end)

    it("of a forgotten client keeps it alive", function()
      local request
      do
        local other = support.core_client(server)
        local other_owner = {}
        other:own(other_owner)
        request = other:send("process.exec", { command = "true" }, core.sandbox({
          id = "s", toolbox_proxy_url = server:url("/fault/" .. RUN),
        }, other_owner), 5)
      end
      collectgarbage()
      collectgarbage()
      assert.equal("x", finish(request):result().result)
    end)

    it("ends when its client is closed", function()
      local request = exec "stall"
      request:step(0.01)
      client:close()
      assert.is_true(request:done())
      local value, err = request:result()
      assert.is_nil(value)
      assert.equal("cancelled", err.kind)
      request:close()
    end)

    it("whose deadline has passed is not sent", function()
      local request = exec(RUN, -1)
      assert.is_true(request:done())
      local value, err = request:result()
      assert.is_nil(value)
      assert.equal("timeout", err.kind)
      assert.equal("failed", err.outcome)
      assert.equal(0, server:count "json")
    end)

    it("waits no longer than asked in one step", function()
      local request = exec "stall"
      request:step(0.1)
      for _, wait in ipairs { 0, 0.05, 0.2 } do
        local seconds, done = support.timed(request.step, request, wait)
        assert.is_false(done)
        assert.is_true(seconds < wait + 5, seconds)
      end
      for _, wrong in ipairs { 0 / 0, -1, 1 / 0, -1 / 0 } do
        -- Odd numbers must not hang; what they mean is not promised.
        local seconds = support.timed(function()
          if wrong ~= 1 / 0 then
            pcall(request.step, request, wrong)
          end
        end)
        assert.is_true(seconds < 5, seconds)
      end
      request:close()
    end)

    it("takes whatever is passed for another type as misuse", function()
      local request = finish(exec(RUN))
      for i, call in ipairs {
        function() return client:send("no.such", {}, nil, 1) end,
        function() return client:send("process.exec", 5, sandbox(RUN), 1) end,
        function() return client:send("process.exec", { command = "x" }, {}, 1) end,
        function() return client:send("process.exec", { command = "x" }, request, 1) end,
        function() return client:send("process.exec", { command = "x" }, nil, 1) end,
        function() return client:send("process.exec", { command = "x" }, sandbox(RUN), "x") end,
        function() return client.send({}, "process.exec", {}, nil, 1) end,
        function() return request.step({}, 1) end,
        function() return request.result(client) end,
        function() return request:step {} end,
        function() return core.sandbox({}, nil) end,
        function() return core.client {} end,
        function() return core.client() end,
      } do
        local ok, message = pcall(call)
        assert.is_false(ok, "call " .. i .. " raised nothing")
        assert.is_string(message)
      end
      request:close()
    end)
  end)

  describe("many requests", function()
    it("run at once on one client", function()
      local requests = {}
      for i = 1, 60 do
        requests[i] = exec(i % 3 == 0 and "reset-in-body" or i % 3 == 1 and RUN or "html-502")
      end
      assert.equal(60, client:live())
      for i, request in ipairs(requests) do
        local value, err = finish(request):result()
        if i % 3 == 1 then
          assert.equal("x", value.result)
        else
          assert.equal(i % 3 == 0 and "connection" or "bad_gateway", err.kind)
        end
        request:close()
      end
      assert.equal(0, client:live())
    end)

    it("do not wait for one that stalls", function()
      local stalled = exec("stall", 30)
      for _ = 1, 20 do
        local request = finish(exec(RUN))
        assert.equal("x", request:result().result)
      end
      assert.is_false(stalled:done())
      stalled:close()
    end)

    it("one after another use one connection", function()
      for _ = 1, 50 do
        local request = finish(exec(RUN))
        assert(request:result())
        request:close()
      end
      assert.equal(1, server:stats().connections)
    end)

    it("leave nothing of themselves to the next one", function()
      local directory = support.temp_dir()
      local path = support.write_file(directory .. "/up", "content")
      local function run(operation, params, on, ...)
        local request, err = client:send(operation, params, on, 5, ...)
        if not request then
          return nil, err
        end
        local value, failure = finish(request):result()
        request:close()
        return value, failure
      end
      local echo = sandbox "ok-json"
      local operations = {
        { "process.exec", { command = "true", env = { A = "1" } } },
        { "fs.list_files", { path = "a" } },
        { "fs.upload_file", { destination = "x", file = path } },
        { "fs.delete_file", { path = "x" } },
        { "fs.upload_raw", { destination = "x", content = "raw" } },
        { "fs.download_file", { path = "x" } },
        { "fs.create_folder", { path = "x", mode = "755" } },
      }
      local expected = {}
      for _, first in ipairs(operations) do
        for _, second in ipairs(operations) do
          run(first[1], first[2], echo)
          server:reset()
          run(second[1], second[2], echo)
          local request = server:last()
          local boundary = (request.headers["content-type"] or ""):match "boundary=(.*)"
          local text = request.head .. "\n" .. request.body
          if boundary then
            text = text:gsub(boundary:gsub("%p", "%%%0"), "BOUNDARY")
          end
          expected[second[1]] = expected[second[1]] or text
          assert.equal(expected[second[1]], text, second[1] .. " after " .. first[1])
        end
      end
    end)
  end)

  it("tells its operations as data", function()
    local operations = core.operations()
    local count = 0
    for key, operation in pairs(operations) do
      count = count + 1
      assert.truthy(type(key) == "number" or key == operation.name)
      assert.truthy(operation.name:find "^[%l_]+%.[%l_.]+$", operation.name)
      assert.truthy(operation.path:find "^/", operation.name)
      assert.is_string(operation.method)
      assert.is_string(operation.doc)
    end
    assert.is_true(count >= 30, count)
  end)
end)
