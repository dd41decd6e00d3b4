-- The background driver by itself: the same requests, turned by a thread.

local core = require "daytona.core"
local support = require "spec.support"

describe("the background driver", function()
  local server, client, sandbox, fd

  support.serve_faults(function(...)
    server = ...
    require "daytona" -- gives handles their methods
  end)

  before_each(function()
    server:reset()
    client, sandbox = support.core_client(server)
    fd = client:start_background()
  end)

  after_each(function()
    client:close()
  end)

  local function exec(scenario, seconds)
    return client:send("process.exec", { command = "true" }, sandbox(scenario), seconds or 5)
  end

  local RUN = support.scenario("json", { body = '{"exitCode": 0, "result": "x"}' })

  local function descriptor()
    return support.open_fds()[fd]
  end

  -- The counter of an eventfd; what is not 0 is readable.
  local function is_readable()
    local info = support.read_file("/proc/self/fdinfo/" .. fd)
    return tonumber(info:match "eventfd%-count:%s*(%x+)", 16) > 0
  end

  it("finishes requests while nobody steps", function()
    local request = exec(RUN)
    support.eventually(function() return request:done() end)
    assert.equal("x", request:result().result)
  end)

  it("takes over what is under way", function()
    local other = core.client {
      api_url = server:url "/api", token = "k", connect_timeout = 5, max_response = 1000000,
    }
    other:own({})
    local request = other:send("process.exec", { command = "true" }, sandbox(RUN), 5)
    other:start_background()
    support.eventually(function() return request:done() end)
    assert.equal("x", request:result().result)
    other:close()
  end)

  it("announces each request once, by its number, on one descriptor", function()
    assert.equal(fd, client:start_background())
    assert.truthy(descriptor():find("eventfd", 1, true))
    assert.is_false(is_readable())
    local requests = {}
    for i = 1, 20 do
      local request = exec(RUN)
      assert.equal(i, request:number())
      requests[i] = request
    end
    local seen, count = {}, 0
    support.eventually(function()
      for number in client.announced, client do
        assert.is_nil(seen[number])
        assert.is_true(requests[number]:done())
        seen[number], count = true, count + 1
      end
      return count == 20
    end)
    assert.is_false(is_readable())
    for _, request in ipairs(requests) do
      assert.equal("x", request:result().result)
    end
    assert.is_nil(client:announced())
  end)

  it("takes a request from the list whose result is taken", function()
    local request = exec(RUN)
    support.eventually(is_readable)
    assert.equal("x", request:result().result)
    assert.is_nil(client:announced())
    assert.is_false(is_readable())
  end)

  it("lets step wait for the thread, no longer than asked", function()
    local request = exec "stall"
    local seconds, done = support.timed(request.step, request, 0.1)
    assert.is_false(done)
    assert.is_true(seconds >= 0.1 and seconds < 10, seconds)
    assert.equal(1, client:step(0))
    request:cancel()
    assert.is_true(request:step(5))
    assert.equal("cancelled", select(2, request:result()).kind)
    request = exec(RUN)
    while not request:step(5) do end -- luacheck: ignore
    assert.equal("x", request:result().result)
  end)

  it("announces what is cancelled, and what ends with the client", function()
    local cancelled, ended = exec "stall", exec "stall"
    cancelled:cancel()
    assert.equal(cancelled:number(), client:announced())
    assert.is_false(is_readable())
    client:close()
    assert.is_true(is_readable())
    assert.equal(ended:number(), client:announced())
    assert.equal("cancelled", select(2, ended:result()).kind)
    assert.equal("cancelled", select(2, cancelled:result()).kind)
    assert.equal("client is closed", support.raised(client.start_background, client))
  end)

  -- The thread may finish a request while it is being cancelled.
  it("announces once whatever is cancelled, at any time", function()
    for i = 1, 400 do
      local request, announced = exec(RUN), 0
      local until_then = support.now() + i % 100 / 50000
      while support.now() < until_then do -- luacheck: ignore
      end
      for number in client.announced, client do
        announced = announced + (number == request:number() and 1 or 0)
      end
      request:cancel()
      for number in client.announced, client do
        announced = announced + (number == request:number() and 1 or 0)
      end
      assert.equal(1, announced, "after " .. i)
      request:result()
    end
  end)

  it("keeps deadlines", function()
    local request = exec("stall", 0.1)
    support.eventually(function() return client:announced() == request:number() end)
    assert.equal("timeout", select(2, request:result()).kind)
  end)

  it("asks for the chunks of an upload and sends them", function()
    local request = client:send("fs.upload_file", { chunks = true, destination = "x" },
      sandbox "sink", 5)
    local chunk, fed = ("0123456789"):rep(5000), 0
    while not request:done() do
      support.eventually(function() return client:announced() end)
      if request:hungry() then
        fed = fed + 1
        request:feed(fed <= 20 and chunk or nil)
        assert.equal(request:progress() <= fed * #chunk, true)
      end
    end
    assert.equal(21, fed)
    assert.truthy(request:result())
    assert.is_true(server:last().body_size > 20 * #chunk)
  end)

  it("gives up requests that nobody holds any more", function()
    for _ = 1, 10 do
      exec "stall"
    end
    support.eventually(function() return server:count "stall" == 10 end)
    collectgarbage()
    collectgarbage()
    assert.equal(0, client:live())
    assert.is_nil(client:announced())
    support.eventually(function() return server:stats().open_connections == 0 end)
  end)

  -- The status files of the driver's threads in this process.
  local function threads()
    local found = {}
    for task in require "lfs".dir "/proc/self/task" do
      local directory = "/proc/self/task/" .. task
      if tonumber(task) and support.read_file(directory .. "/comm") == "daytona\n" then
        found[#found + 1] = support.read_file(directory .. "/status")
      end
    end
    return found
  end

  it("ends its thread and gives its descriptor back", function()
    collectgarbage()
    collectgarbage()
    local before, descriptors = #threads(), select(2, support.open_fds())
    for i = 1, 20 do
      local other = core.client {
        api_url = server:url "/api", token = "k", connect_timeout = 5, max_response = 1000000,
      }
      other:own({})
      other:start_background()
      local request = other:send("process.exec", { command = "true" }, sandbox "stall", 5)
      if i % 2 == 0 then
        other:close()
        other:close()
        assert.is_true(request:done())
      end
    end
    collectgarbage()
    collectgarbage()
    assert.equal(before, #threads())
    assert.equal(descriptors, select(2, support.open_fds()))
  end)

  it("leaves all signals to the host", function()
    for _, status in ipairs(threads()) do
      local low = tonumber(status:match "SigBlk:%s*%x+(%x%x%x%x%x%x%x%x)\n", 16)
      assert.equal(0x7ffbfeff, low % 2 ^ 31) -- all of the first 31 but SIGKILL and SIGSTOP
    end
  end)

  -- Only LuaJIT can fork by itself.
  local has_ffi = pcall(require, "ffi")
  if has_ffi and rawget(_G, "jit") then
    it("stays with the process that made it", function()
      local output, status = support.run(support.lua_command(([[
        local ffi, core = require "ffi", require "daytona.core"
        ffi.cdef "int fork(void); int waitpid(int, int *, int);"
        require "daytona"
        local client = core.client {
          api_url = %q, token = "k", connect_timeout = 5, max_response = 1000000,
        }
        client:own({})
        client:start_background()
        local sandbox = core.sandbox({ id = "sb-1", toolbox_proxy_url = %q }, {})
        local request = client:send("fs.download_file",
          { path = "x", destination = %q }, sandbox, 10)
        if ffi.C.fork() == 0 then
          for _, try in ipairs {
            function() client:send("process.exec", { command = "true" }, sandbox, 5) end,
            function() client:start_background() end,
            function() client:step(1) end,
            function() client:announced() end,
            function() request:step(1) end,
            function() request:done() end,
            function() request:cancel() end,
          } do
            local ok, message = pcall(try)
            assert(not ok and message:find "client was made in another process", message)
          end
          request:close()
          client:close()
          os.exit(7, true) -- with all finalizers
        end
        local child = ffi.new "int[1]"
        ffi.C.waitpid(-1, child, 0)
        assert(child[0] == 7 * 256, child[0])
        while not request:step(1) do end
        assert(request:result())
        client:close()
        io.write "the parent went on"
      ]]):format(server:url "/api", server:url "/fault/download;n=3000000",
        support.temp_dir() .. "/file")))
      assert.equal("the parent went on", output)
      assert.equal(0, status)
    end)
  end
end)
