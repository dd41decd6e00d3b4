-- Calls in daytona.host.loop: many at once, cancelled, given up.

local support = require "spec.support"
local loop = require "daytona.host.loop"
local native = require("daytona.call.protected").native

describe("calls in a loop", function()
  local server, client, directory, fds_before

  support.serve_faults(function(...)
    server = ...
    local first = support.client(server)
    first:request("GET", "/x")
    first:close()
  end)

  local function fd_count()
    return select(2, support.open_fds())
  end

  before_each(function()
    server:reset()
    directory = support.temp_dir()
    support.write_file(directory .. "/up", ("u"):rep(300000))
    fds_before = fd_count()
    client = support.client(server, { host = loop, timeout = 5, max_retries = 0, max_response = 1000000 })
  end)

  after_each(function()
    assert.equal(0, client._core:live())
    client:close()
    client = nil -- luacheck: ignore
    support.check_fds(fds_before)
    assert.same({ "up" }, support.files_under(directory))
    support.cleanup()
  end)

  local function sandbox_of(scenario, params)
    return support.sandbox(client, server, scenario, params)
  end

  it("run at the same time, and others while they wait", function()
    server:script({ path_prefix = "/api/slow" }, { { body = "{}", delay_ms = 300, times = 0 } })
    local ticks = 0
    local seconds = support.timed(loop.run, function()
      local ticker = loop.spawn(function()
        while loop.sleep(0.01) do
          ticks = ticks + 1
        end
      end)
      local list = {}
      for i = 1, 20 do
        list[i] = i
      end
      local runs = assert(loop.map(list, function()
        return client:request("GET", "/slow")
      end, { concurrency = 20 }))
      assert.equal(20, #runs)
      ticker:cancel()
    end)
    assert.is_true(seconds < 20 * 0.3, seconds)
    assert.is_true(ticks >= 5, ticks)
  end)

  it("are refused outside run before anything is sent", function()
    local message = support.raised(client.get, client, "sb-1")
    assert.equal("daytona.host.loop: only inside loop.run(function() ... end)", message)
    assert.equal(0, client._core:live())
    assert.equal(0, #server:requests())
  end)

  it("of several clients do not starve each other", function()
    local clients = {}
    for i = 1, 4 do
      clients[i] = support.client(server, { host = loop, max_retries = 0 })
    end
    local seconds = support.timed(loop.run, function()
      local quiet = loop.spawn(function()
        return support.sandbox(clients[4], server, "stall").fs:list_files(".", { timeout = 30 })
      end)
      assert(loop.map(clients, function(one, index)
        for _ = 1, index < 4 and 20 or 0 do
          assert(support.sandbox(one, server, "json").fs:get_file_info "x")
        end
        return true
      end))
      quiet:cancel()
      assert.equal("cancelled", select(2, quiet:wait()).kind)
    end)
    assert.is_true(seconds < 4, seconds)
    for i = 1, 4 do
      clients[i]:close()
    end
  end)

  it("are cancelled from another task, as are all later ones and no others", function()
    loop.run(function()
      local sandbox = sandbox_of "stall"
      local errors = {}
      local task = loop.spawn(function()
        for i = 1, 3 do
          errors[i] = select(2, sandbox.process:exec "true")
        end
        return "over"
      end)
      while server:count "stall" == 0 do
        loop.sleep(0.01)
      end
      local seconds = support.timed(loop.cancel, task)
      assert.is_true(seconds < 5, seconds)
      assert.equal("over", task:wait())
      for i = 1, 3 do
        assert.equal("cancelled", support.sound_error(errors[i]).kind)
        assert.equal("process.exec", errors[i].operation)
        assert.equal("sb-1", errors[i].sandbox_id)
      end
      assert.equal("unknown", errors[1].outcome)
      assert.equal("failed", errors[2].outcome)
      assert.equal(1, server:count "stall")
      assert(sandbox_of("json").fs:get_file_info "x")
    end)
  end)

  it("are cancelled between two attempts and between two looks at a state", function()
    server:script({ path_prefix = "/api/sandbox" }, {
      { body = '{"id": "sb-1", "state": "creating"}', times = 0 },
    })
    loop.run(function()
      local create = loop.spawn(client.create, client, { timeout = 60 })
      local list = loop.spawn(function()
        return sandbox_of("retry;n=1000;retry_after=30").fs:list_files(".", { timeout = 60, max_retries = 5 })
      end)
      while server:count "script" < 4 or server:count "retry" < 1 do
        loop.sleep(0.01)
      end
      create:cancel()
      list:cancel()
      local seconds, created, err = support.timed(create.wait, create)
      assert.is_nil(created)
      assert.is_true(seconds < 10, seconds)
      assert.equal("cancelled", err.kind)
      assert.equal("sb-1", err.sandbox_id)
      local _, list_err = list:wait()
      assert.equal("cancelled", support.sound_error(list_err).kind)
    end)
  end)

  it("end when the client is closed under them", function()
    local other = support.client(server, { host = loop })
    loop.run(function()
      local task = loop.spawn(function()
        return support.sandbox(other, server, "stall").process:exec "true"
      end)
      while server:count "stall" == 0 do
        loop.sleep(0.01)
      end
      other:close()
      local run, err = task:wait()
      assert.is_nil(run)
      assert.equal("cancelled", support.sound_error(err).kind)
    end)
  end)

  it("end when run is left, by an error, too", function()
    local err
    pcall(loop.run, function()
      loop.spawn(function()
        err = select(2, sandbox_of("stall").process:exec "true")
      end)
      while server:count "stall" == 0 do
        loop.sleep(0.01)
      end
      error "boom"
    end)
    assert.equal("cancelled", support.sound_error(err).kind)
  end)

  it("upload what a task produces bit by bit", function()
    loop.run(function()
      local function produce(_, file)
        local left = 20
        local source = { read = function()
          left = left - 1
          if file ~= 3 and native then
            loop.sleep(0)
          end
          return left >= 0 and ("x"):rep(10000 * file) or nil
        end }
        return sandbox_of("sink").fs:upload_file(source, "x")
      end
      local seconds, answers, err = support.timed(loop.map, { 1, 2, 3 }, produce)
      assert.is_true(seconds < 10, seconds)
      -- The scenario answers no list of files, which upload_file believes.
      assert.truthy(answers, err)
      for i = 1, 3 do
        assert.equal(200000 * i, answers[i].bytes)
      end
    end)
  end)

  it("give errors with the traceback of the task", function()
    local _, message = pcall(loop.run, function()
      loop.all { function()
        assert(sandbox_of("json").fs:get_file_info "x")
        error "after a call"
      end }
    end)
    assert.truthy(message:find("loop_calls_spec.lua:%d+: after a call\nstack traceback:"), message)
  end)

  it("inside pcall and for work or are explained", function()
    server:script({ path_prefix = "/api/sandbox" }, {
      { body = '{"items": [{"id": "sb-1", "state": "started"}], "nextCursor": null}', times = 0 },
    })
    loop.run(function()
      local ok, message = loop.pcall(function()
        local ids = {}
        for sandbox in client:list() do
          ids[#ids + 1] = sandbox.id
        end
        return ids[1]
      end)
      assert.equal(native, ok)
      if native then
        assert.equal("sb-1", message)
      else
        assert.truthy(message:find("in Lua 5.1 a task cannot wait inside the iterator of a for", 1, true), message)
      end
      assert.equal("sb-1", client:list_page().items[1].id)
    end)
    assert.is_true(#server:requests() <= 2)
  end)
end)
