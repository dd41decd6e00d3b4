-- What an organization has besides sandboxes, on a real server: by plain HTTP, and
-- through a front with TLS and HTTP/2.

local e2e = require "spec.support.e2e"
local fronts = require "spec.support.front"
local loop = require "daytona.host.loop"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

local function names(iterator)
  local list = {}
  for item in iterator do
    list[#list + 1] = item.name
  end
  table.sort(list)
  return list
end

local WAYS = {
  { name = "by plain HTTP" },
  { name = "through a front with HTTP/2", options = { rtt = 0.005 } },
}

local function specs(way)
  describe("an organization " .. way.name, function()
    local server, front, client

    setup(function()
      server = e2e.start(nil, { "--images", "host" })
      if way.options then
        front = fronts.start { server = server, rtt = way.options.rtt }
      end
      client = front and front:client() or check(server:client())
    end)

    teardown(function()
      client:close()
      if front then
        assert.equal("HTTP/2.0", front:requests()[1].protocol)
        front:close()
      end
      server:stop()
      support.cleanup()
    end)

    it("has volumes: made ready, found, in use, deleted", function()
      local volume = check(client.volume:create "data")
      assert.equal("ready", volume.state)
      assert.equal(volume.id, check(client.volume:get "data").id)
      assert.equal("data", check(client.volume:get_by_id(volume.id)).name)
      assert.equal(1, #check(client.volume:list()))
      fails({ kind = "bad_request", operation = "volume.create", message = "already exists" },
        client.volume:create "data")
      fails({ kind = "not_found", operation = "volume.get" }, client.volume:get "none")
      fails({ kind = "not_found", operation = "volume.get_by_id" }, client.volume:get_by_id "none")
      fails({ kind = "not_found", operation = "volume.delete" }, client.volume:delete "none")
      local sandbox = check(client:create { volumes = { { volume_id = volume.id, mount_path = "/home/daytona/v" } } })
      fails({ kind = "conflict", operation = "volume.delete", message = "in use" }, client.volume:delete(volume.id))
      check(sandbox:delete())
      assert.is_true(check(client.volume:delete(volume.id)))
      support.eventually(function() return #check(client.volume:list()) == 0 end)
    end)

    it("has snapshots on more than one page, made, changed and deleted", function()
      for index = 1, 5 do
        assert.equal("active", check(client.snapshot:create("mine-" .. index, { image_name = "a:1" })).state)
      end
      local all = { "mine-1", "mine-2", "mine-3", "mine-4", "mine-5" }
      assert.same(all, names(client.snapshot:list { name = "mine-", limit = 2 }))
      local page = check(client.snapshot:list_page { name = "mine-", limit = 2, page = 3 })
      assert.same({ 1, 5, 3, 3 }, { #page.items, page.total, page.page, page.total_pages })
      local one = check(client.snapshot:get "mine-1")
      fails({ kind = "conflict", operation = "snapshot.create" },
        client.snapshot:create("mine-1", { image_name = "a:1" }))
      fails({ kind = "bad_request", operation = "snapshot.activate" }, client.snapshot:activate "mine-1")
      assert.is_true(check(client.snapshot:deactivate "mine-1"))
      fails({ kind = "bad_request", operation = "sandbox.create", message = "inactive" },
        client:create { snapshot = "mine-1" })
      assert.equal("active", check(client.snapshot:activate "mine-1").state)
      check(client.snapshot:delete(one.id))
      support.eventually(function() return #names(client.snapshot:list { name = "mine-" }) == 4 end)
      for _, method in ipairs { "get", "activate", "deactivate", "build_logs" } do
        fails({ kind = "not_found" }, client.snapshot[method](client.snapshot, "none"))
      end
    end)

    it("has snapshots and forks of sandboxes, which know each other", function()
      local sandbox = check(client:create())
      check(sandbox.fs:upload_file({ content = "kept" }, "file"))
      check(sandbox:create_snapshot "of-mine")
      assert.equal("started", sandbox.state)
      support.eventually(function() return check(client.snapshot:get "of-mine").state == "active" end)
      local copy = check(client:create { snapshot = "of-mine" })
      assert.equal("kept", check(copy.fs:download_file "file"))
      fails({ kind = "conflict", operation = "sandbox.create_snapshot" }, sandbox:create_snapshot "of-mine")
      local fork = check(sandbox:fork { name = "forked" })
      assert.same({ "started", "kept" }, { fork.state, (check(fork.fs:download_file "file")) })
      assert.equal(sandbox.id, check(fork:get_parent()).id)
      assert.equal(fork.id, check(sandbox:get_forks())[1].id)
      assert.equal(sandbox.id, check(fork:get_ancestors())[1].id)
      fails({ kind = "conflict", operation = "sandbox.fork" }, sandbox:fork { name = "forked" })
      for _, each in ipairs { fork, copy, sandbox } do
        check(each:delete())
      end
      fails({ kind = "not_found", operation = "sandbox.fork" }, sandbox:fork())
    end)

    it("has secrets on more than one page, without their values", function()
      local made = {}
      for index = 1, 5 do
        made[index] = check(client.secret:create("KEY_" .. index, "s3cret", { hosts = { "example.com" } }))
        assert.is_nil(made[index].value)
      end
      assert.same({ "KEY_1", "KEY_2", "KEY_3", "KEY_4", "KEY_5" }, names(client.secret:list { limit = 2 }))
      local page = check(client.secret:list_page { limit = 2 })
      assert.same({ 2, 5, "string" }, { #page.items, page.total, type(page.next_cursor) })
      fails({ kind = "conflict", operation = "secret.create" }, client.secret:create("KEY_1", "x"))
      assert.equal("new", check(client.secret:update(made[1].id, { description = "new" })).description)
      assert.equal("new", check(client.secret:get(made[1].id)).description)
      for _, secret in ipairs(made) do
        check(client.secret:delete(secret.id))
      end
      assert.same({}, names(client.secret:list()))
      for _, method in ipairs { "get", "update", "delete" } do
        fails({ kind = "not_found" }, client.secret[method](client.secret, made[1].id))
      end
    end)

    it("has warm pools", function()
      local pool = check(client.warm_pool:create("daytona-small", 1))
      support.eventually(function() return check(client.warm_pool:list())[1].current_size == 1 end, 20)
      fails({ kind = "conflict", operation = "warm_pool.create" }, client.warm_pool:create("daytona-small", 1))
      fails({ kind = "bad_request", operation = "warm_pool.create" }, client.warm_pool:create("none", 1))
      assert.equal(0, check(client.warm_pool:update(pool.id, 0)).pool)
      assert.is_true(check(client.warm_pool:delete(pool.id)))
      fails({ kind = "not_found", operation = "warm_pool.update" }, client.warm_pool:update(pool.id, 1))
      fails({ kind = "not_found", operation = "warm_pool.delete" }, client.warm_pool:delete(pool.id))
    end)

    it("has regions and a key, and tells no more of the account", function()
      local region = check(client.region:list())[1]
      assert.equal("local", region.id)
      assert.truthy(#check(client.region:list_shared()) > 0)
      assert.equal("local", check(client.region:get "local").name)
      fails({ kind = "not_found", operation = "region.get" }, client.region:get "mars")
      assert.equal("table", type(check(client.api_key:get_current()).permissions))
      for _, call in ipairs {
        function() return client.api_key:list() end, function() return client.api_key:get "x" end,
        function() return client.organization:list() end, function() return client.organization:get "x" end,
        function() return client.organization:get_usage "x" end,
      } do
        fails({ kind = "not_found" }, call())
      end
    end)

    it("is waited for by tasks, which can be cancelled", function()
      local other = front and front:client { host = loop } or check(server:client { host = loop })
      check(loop.run(function()
        local volumes = check(loop.map({ "a", "b", "c" }, function(name)
          return check(other.volume:create(name)).state
        end))
        assert.equal("ready ready ready", table.concat(volumes, " "))
        local task = loop.spawn(function()
          return other.snapshot:create("late", { image_name = "a:1" })
        end)
        task:cancel()
        local made, err = task:wait()
        assert.is_nil(made)
        support.sound_error(err)
        assert.equal("cancelled", err.kind)
        return true
      end))
      other:close()
    end)
  end)
end

for _, way in ipairs(WAYS) do
  specs(way)
end
