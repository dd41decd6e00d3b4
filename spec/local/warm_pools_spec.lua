-- Warm pools: sandboxes that run before somebody wants one.

local control = require "spec.local.control_support"
local support = require "spec.support"

describe("a warm pool", function()
  local server

  -- A minute lasts a second, so timers are looked at six times in it.
  local OPTIONS = { env = "DAYTONA_LOCAL_MINUTE_SECONDS=1", arguments = "--network none" }

  local function serve(data)
    server = control.serve { env = OPTIONS.env, arguments = OPTIONS.arguments, data = data }
  end

  setup(serve)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function await_size(size)
    return support.eventually(function()
      local pool = server:get("/warm-pools")[1]
      return pool and pool.currentSize == size and pool
    end, 20, "a pool of " .. size)
  end

  local function waiting()
    return server:get("/sandbox?includeWarm=true&states=started").items
  end

  local function has_homes(count)
    return support.eventually(function()
      local listed = support.run("ls " .. support.quote(server.data .. "/sandboxes"))
      return select(2, listed:gsub("%-%d", "")) >= 0 and select(2, listed:gsub("\n", "")) == count
    end, 10, count .. " homes")
  end

  local function remove_all()
    for _, item in ipairs(server:get("/sandbox").items) do
      assert(server:call("DELETE", "/sandbox/" .. item.id))
      server:await(item.id, "gone")
    end
  end

  it("has sandboxes that no list shows", function()
    local pool = assert(server:call("POST", "/warm-pools", { snapshot = "daytona-small", pool = 2 }))
    support.eq({
      id = pool.id, organizationId = support.any_string, snapshot = "daytona-small", target = "local", pool = 2,
      currentSize = 0, cpu = 1, mem = 1, disk = 3, osUser = "daytona", env = {}, createdAt = support.any_string,
      updatedAt = support.any_string,
    }, pool)
    assert.equal(pool.id, await_size(2).id)
    assert.equal(0, #server:get("/sandbox").items)
    assert.equal(0, server:get("/sandbox/paginated").total)
    local warm = waiting()
    assert.equal(2, #warm)
    assert.equal(pool.id, warm[1].warmPoolId)
    assert.equal(pool.id, server:get("/sandbox/" .. warm[1].id).warmPoolId)
  end)

  it("gives one to who creates, and is filled again", function()
    local before = {}
    for _, item in ipairs(waiting()) do
      before[item.id] = true
    end
    local answer = assert(server:call("POST", "/sandbox", { snapshot = "daytona-small", name = "taken",
      labels = { a = "b" }, public = true, autoStopInterval = 33 }))
    assert.truthy(before[answer.id])
    assert.equal("started", answer.state)
    local taken = server:get "/sandbox/taken"
    support.eq({ "b", true, 33, -1 }, { taken.labels.a, taken.public, taken.autoStopInterval,
      taken.autoDeleteInterval })
    assert.is_nil(taken.warmPoolId)
    assert.equal("hello\n", server:sh(taken.id, "echo hello"))
    assert.equal(1, #server:get("/sandbox?labels=%7B%22a%22%3A%22b%22%7D").items)
    await_size(2)
    assert.equal(1, server:get("/sandbox/paginated").total)
    remove_all()
  end)

  it("serves only what is as its sandboxes are", function()
    local warm = waiting()
    for _, fields in ipairs {
      { snapshot = "daytona-medium" },
      { snapshot = "daytona-small", target = "us" },
      { snapshot = "daytona-small", env = { A = "b" } },
      { snapshot = "daytona-small", networkBlockAll = true },
    } do
      assert.equal("creating", assert(server:call("POST", "/sandbox", fields)).state)
    end
    assert.equal(#warm, #waiting() - 4)
    remove_all()
  end)

  it("is faster than creating", function()
    local function median(fields)
      local times = {}
      for i = 1, 7 do
        local start = support.now()
        assert(server:call("POST", "/sandbox", fields))
        times[i] = support.now() - start
        await_size(2)
      end
      table.sort(times)
      return times[4]
    end
    local cold = median { snapshot = "daytona-small", env = { A = "b" } }
    assert.is_true(median { snapshot = "daytona-small" } < cold * 0.7)
    remove_all()
  end)

  it("gives each of many callers another one", function()
    local answers = {}
    for i = 1, 5 do
      answers[i] = assert(server:call("POST", "/sandbox", { snapshot = "daytona-small" })).id
    end
    table.sort(answers)
    for i = 2, 5 do
      assert.are_not.equal(answers[i - 1], answers[i])
    end
    assert.equal(5, #server:get("/sandbox").items)
    remove_all()
  end)

  it("replaces what dies, is stopped or deleted", function()
    await_size(2)
    local warm = waiting()
    assert(server:call("DELETE", "/sandbox/" .. warm[1].id))
    assert(server:call("POST", "/sandbox/" .. warm[2].id .. "/stop"))
    server:await(warm[1].id, "gone")
    server:await(warm[2].id, "gone")
    await_size(2)
    local first = support.run("ps -o pid= --ppid " .. server.pid):match "%d+"
    assert(os.execute("kill -9 " .. first))
    support.eventually(function()
      return server:get("/warm-pools")[1].errorReason
    end, 10, "the reason")
    assert.is_nil(await_size(2).errorReason)
  end)

  it("keeps its size over the end of the server", function()
    local data = server.data
    server:kill()
    serve(data)
    await_size(2)
    assert.equal(0, #server:get("/sandbox").items)
    has_homes(2)
    server:stop()
    serve(data)
    await_size(2)
    has_homes(2)
  end)

  it("grows, shrinks and runs empty", function()
    local path = "/warm-pools/" .. server:get("/warm-pools")[1].id
    assert.equal(6, assert(server:call("PATCH", path, { pool = 6 })).pool)
    await_size(6)
    assert(server:call("PATCH", path, { pool = 1 }))
    await_size(1)
    has_homes(1)
    assert(server:call("PATCH", path, { pool = 0 }))
    await_size(0)
    has_homes(0)
    assert.equal("creating", assert(server:call("POST", "/sandbox", { snapshot = "daytona-small" })).state)
    remove_all()
    assert(server:call("PATCH", path, { pool = 2 }))
    await_size(2)
  end)

  it("takes its sandboxes with it", function()
    assert(server:call("DELETE", "/warm-pools/" .. server:get("/warm-pools")[1].id))
    assert.equal(0, #server:get("/warm-pools"))
    has_homes(0)
    assert.is_false(server:has_processes())
  end)

  it("is refused where it cannot be", function()
    for _, row in ipairs {
      { 400, { pool = 1 }, "snapshot should not be empty" },
      { 400, { snapshot = "daytona-small" }, "pool must not be less than 1, pool must be an integer number" },
      { 400, { snapshot = "daytona-small", pool = 0 }, "pool must not be less than 1" },
      { 400, { snapshot = "daytona-small", pool = 1.5 }, "pool must be an integer number" },
      { 400, { snapshot = "daytona-small", pool = 33 }, "pool must not be greater than 32" },
      { 400, { snapshot = "nope", pool = 1 },
        "Snapshot nope not found. Did you add it through the Daytona Dashboard?" },
      { 404, { snapshot = "daytona-small", pool = 1, target = "mars" }, "Region not found" },
      { 501, { snapshot = "daytona-small", pool = 1, env = { A = "b" } },
        "The field 'env' is not supported by daytona-local" },
    } do
      server:refuses(row[1], row[3], "POST", "/warm-pools", row[2])
    end
    local pool = assert(server:call("POST", "/warm-pools", { snapshot = "daytona-small", pool = 1, target = "eu" }))
    server:refuses(409, "A warm pool for snapshot daytona-small in region eu already exists", "POST", "/warm-pools",
      { snapshot = "daytona-small", pool = 1, target = "eu" })
    server:refuses(400, "pool must not be less than 0", "PATCH", "/warm-pools/" .. pool.id, { pool = -1 })
    for method, body in pairs { PATCH = { pool = 1 }, DELETE = false } do
      server:refuses(404, "Warm pool with ID nope not found", method, "/warm-pools/nope", body or nil)
    end
    assert(server:call("DELETE", "/warm-pools/" .. pool.id))
  end)

  describe("of a snapshot", function()
    local path

    local function warm_ids()
      local ids = {}
      for _, item in ipairs(waiting()) do
        ids[item.id] = true
      end
      return ids
    end

    local function make_snapshot(content)
      local source = server:create {}
      server:sh(source.id, "echo " .. content .. " >kept")
      assert(server:call("POST", "/sandbox/" .. source.id .. "/snapshot", { name = "mine" }))
      support.eventually(function() return server:get("/snapshots/mine").state == "active" end, 20, "snapshot")
      assert(server:call("DELETE", "/sandbox/" .. source.id))
      server:await(source.id, "gone")
    end

    local function take(content)
      local before = warm_ids()
      local taken = assert(server:call("POST", "/sandbox", { snapshot = "mine" }))
      assert.truthy(before[taken.id])
      assert.equal("started", taken.state)
      assert.equal(content .. "\n", server:sh(taken.id, "cat kept"))
    end

    it("has sandboxes with its files, after the end of the server as well", function()
      make_snapshot "one"
      local pool = assert(server:call("POST", "/warm-pools", { snapshot = server:get("/snapshots/mine").id, pool = 2 }))
      assert.same({ "mine", 1, 1, 3 }, { pool.snapshot, pool.cpu, pool.mem, pool.disk })
      path = "/warm-pools/" .. pool.id
      await_size(2)
      take "one"
      await_size(2)
      local data = server.data
      server:kill()
      serve(data)
      await_size(2)
      take "one"
      remove_all()
    end)

    it("has none while that cannot be used, and never those of another one", function()
      await_size(2)
      assert(server:call("POST", "/snapshots/mine/deactivate"))
      assert.equal("Its snapshot is not there, or not active", await_size(0).errorReason)
      assert(server:call("POST", "/snapshots/mine/activate"))
      assert.is_nil(await_size(2).errorReason)
      assert(server:call("DELETE", "/snapshots/" .. server:get("/snapshots/mine").id))
      await_size(0)
      make_snapshot "two"
      await_size(2)
      take "two"
      assert(server:call("DELETE", path))
      remove_all()
      has_homes(0)
    end)

    it("of an image's name says so", function()
      local data = server.data
      server:stop()
      server = control.serve { env = OPTIONS.env, arguments = OPTIONS.arguments .. " --images host", data = data }
      assert(server:call("POST", "/snapshots", { name = "py", imageName = "python:3.12" }))
      local pool = assert(server:call("POST", "/warm-pools", { snapshot = "py", pool = 1 }))
      await_size(1)
      local before = warm_ids()
      local taken = assert(server:call("POST", "/sandbox", { snapshot = "py", labels = { a = "b" } }))
      assert.truthy(before[taken.id])
      support.eq({ a = "b", ["daytona-local/image"] = "the programs of the host, not those of python:3.12" },
        taken.labels)
      assert(server:call("DELETE", "/warm-pools/" .. pool.id))
      remove_all()
    end)
  end)
end)
