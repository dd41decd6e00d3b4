-- The calls that change or read something of one sandbox, and the fixed lists.

local control = require "spec.local.control_support"
local support = require "spec.support"

describe("settings", function()
  local server, id, base

  setup(function()
    server = control.serve()
    id = server:create({ name = "box" }).id
    base = "/sandbox/" .. id .. "/"
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  it("replaces labels", function()
    local answer = assert(server:call("PUT", base .. "labels", { labels = { a = "b" } }))
    support.eq({ a = "b" }, answer.labels)
    answer = assert(server:call("PUT", base .. "labels", { labels = { c = "d" } }))
    support.eq({ c = "d" }, answer.labels)
  end)

  it("sets intervals", function()
    for route, field in pairs {
      autostop = "autoStopInterval",
      autoarchive = "autoArchiveInterval",
      autodelete = "autoDeleteInterval",
    } do
      assert.equal(17, assert(server:call("POST", base .. route .. "/17"))[field])
      server:refuses(500, "An unexpected error occurred.", "POST", base .. route .. "/abc")
      server:refuses(500, "An unexpected error occurred.", "POST", base .. route .. "/1.5")
    end
    server:refuses(400, "Auto-stop interval must be non-negative", "POST", base .. "autostop/-1")
    server:refuses(400, "Auto-archive interval must be non-negative", "POST",
      base .. "autoarchive/-1")
    assert.equal(43200, assert(server:call("POST", base .. "autoarchive/0")).autoArchiveInterval)
    assert.equal(-7, assert(server:call("POST", base .. "autodelete/-7")).autoDeleteInterval)
    assert.truthy(assert(server:call("POST", base .. "ttl/5")).autoDestroyAt)
    assert.is_nil(assert(server:call("POST", base .. "ttl/0")).autoDestroyAt)
  end)

  it("sets public, by the word true only", function()
    assert.is_true(assert(server:call("POST", base .. "public/true")).public)
    assert.is_false(assert(server:call("POST", base .. "public/1")).public)
  end)

  it("notes activity, by id only", function()
    local before = server:get("/sandbox/box").lastActivityAt
    support.eventually(function()
      assert(server:call("POST", base .. "last-activity", {}))
      return server:get("/sandbox/box").lastActivityAt > before
    end)
    server:refuses(404, "Sandbox with ID box not found", "POST", "/sandbox/box/last-activity")
  end)

  it("changes the network of a stopped sandbox only", function()
    local path = base .. "network-settings"
    server:refuses(400, "At least one of networkBlockAll, networkAllowList or domainAllowList must "
      .. "be provided", "POST", path, { other = 1 })
    server:refuses(501, "Changing networkBlockAll of a sandbox that is not stopped is not supported "
      .. "by daytona-local", "POST", path, { networkBlockAll = true })
    assert.is_false(assert(server:call("POST", path, { networkAllowList = "" })).networkBlockAll)
    assert(server:call("POST", base .. "stop"))
    server:await(id, "stopped")
    assert.is_true(assert(server:call("POST", path, { networkBlockAll = true })).networkBlockAll)
    assert(server:call("POST", base .. "start"))
    assert.equal("1\n", server:sh(id, "grep -c : /proc/net/dev")) -- lo alone
  end)

  it("refuses fields it does not know", function()
    for _, row in ipairs {
      { "POST", "network-settings", { networkBlockAll = false, networkPolicy = "strict" }, "networkPolicy" },
      { "PUT", "labels", { labels = { a = "1" }, merge = true }, "merge" },
      { "PUT", "secrets", { secrets = {}, hosts = { "x" } }, "hosts" },
    } do
      server:refuses(501, "The field '" .. row[4] .. "' is not supported by daytona-local", row[1],
        base .. row[2], row[3])
    end
    assert.is_nil(server:get("/sandbox/box").labels.a)
  end)

  it("gives preview addresses whose token the toolbox knows", function()
    local preview = server:get(base .. "ports/3000/preview-url")
    assert.equal(id, preview.sandboxId)
    assert.truthy(preview.url:find("^http://3000%-" .. id:gsub("%-", "%%-") .. "%.localhost:%d+$"))
    assert.equal(32, #preview.token)
    for _, port in ipairs { "0", "65536", "x" } do
      server:refuses(400, "Invalid port", "GET", base .. "ports/" .. port .. "/preview-url")
    end
    assert.equal(server:get("/sandbox/" .. id).toolboxProxyUrl,
      server:get(base .. "toolbox-proxy-url").url)
    server:refuses(404, "Sandbox with ID box not found", "GET", "/sandbox/box/toolbox-proxy-url")
  end)

  it("says what it cannot do", function()
    for path, what in pairs {
      ["POST ssh-access"] = "SSH access is",
      ["DELETE ssh-access"] = "SSH access is",
      ["GET telemetry/logs"] = "Telemetry is",
    } do
      local method, rest = path:match "(%S+) (.*)"
      server:refuses(501, what .. " not supported by daytona-local", method, base .. rest)
    end
    server:refuses(404, "Sandbox " .. id .. " has no build info", "GET", base .. "build-logs-url")
    server:refuses(503, "Object storage is not configured", "GET", "/object-storage/push-access")
    server:refuses(404, "Cannot GET /api/nope?x=1", "GET", "/nope?x=1")
    server:refuses(404, "Sandbox with ID or name a/b not found", "GET", "/sandbox/a%2Fb")
  end)

  it("has fixed regions and snapshots, and no volumes", function()
    assert.equal("local", server:get("/regions")[1].id)
    assert.equal(0, #server:get("/volumes"))
    local list = server:get "/snapshots"
    assert.equal("daytona-local", list.items[1].name)
    assert.equal(4, list.total)
    local snapshot = list.items[1]
    support.eq(snapshot, server:get("/snapshots/" .. snapshot.id))
    support.eq(snapshot, server:get("/snapshots/daytona-local"))
    assert.equal(1, #server:get("/snapshots?name=SMALL").items)
    server:refuses(404, "Snapshot with name zz not found", "GET", "/snapshots/zz")
    server:refuses(400, "Validation failed (uuid is expected)", "DELETE", "/snapshots/zz")
    server:refuses(403, "You cannot delete a general snapshot", "DELETE",
      "/snapshots/" .. snapshot.id)
    assert.equal("daytona-local", server:get("/config").defaultSnapshot)
  end)

  it("masks the key", function()
    local key = server:get "/api-keys/current"
    assert.equal(server.api_key:sub(1, 4) .. ("*"):rep(61) .. server.api_key:sub(-3), key.value)
  end)

  it("wants the key on every route but health and config", function()
    local stranger = assert(require("daytona").new { api_key = "wrong", api_url = server.api_url })
    for _, path in ipairs { "/sandbox", "/regions", "/nope", "/volumes" } do
      local _, err = stranger:request("GET", path)
      assert.equal("Invalid credentials", err.message)
      assert.equal(401, err.status)
    end
    assert.equal("ok", assert(stranger:request("GET", "/health")).status)
    assert(stranger:request("GET", "/config"))
    stranger:close()
  end)
end)
