-- What an organization has besides sandboxes, and what of a sandbox is rows only:
-- what is asked on the wire, what is given, and how it fails.

local cjson = require "cjson"
local row_cases = require "spec.support.row_cases"
local support = require "spec.support"

local SANDBOX = { id = "sb-1", state = "started", name = "one", cpu = 2 }
local VOLUME = { id = "v-1", name = "data", state = "ready" }
local SNAPSHOT = { id = "s-1", name = "base", state = "active", entrypoint = cjson.null, mem = 1 }
local SECRET = { id = "k-1", name = "token", placeholder = "dtn_x", hosts = { "api.example.com" } }
local POOL = { id = "w-1", snapshot = "base", pool = 2, currentSize = 1 }
local REGION = { id = "eu", name = "eu", regionType = "shared", proxyUrl = cjson.null }
local KEY = { name = "ci", value = "dtn_****", permissions = { "write:sandboxes" }, userId = "u" }
local ORGANIZATION = { id = "o-1", name = "mine", personal = true, maxCpuPerSandbox = 4 }

-- { method, arguments, what is asked (method, path, body), the answer, what is given
-- (a function looks at it) }; the object is found by the name's beginning.
local CASES = {
  ["volume.list"] = { { { include_deleted = true } }, "GET /volumes?includeDeleted=true", nil, { VOLUME },
    function(list) return #list == 1 and list[1].state == "ready" and list[1].error_reason == nil end },
  ["volume.get"] = { { "da ta" }, "GET /volumes/by-name/da%20ta", nil, VOLUME,
    function(volume) return volume.id == "v-1" end },
  ["volume.get_by_id"] = { { "v-1" }, "GET /volumes/v-1", nil, VOLUME,
    function(volume) return volume.name == "data" end },
  ["volume.create"] = { { "data" }, "POST /volumes", { name = "data" }, VOLUME,
    function(volume) return volume.state == "ready" end },
  ["volume.delete"] = { { "v-1" }, "DELETE /volumes/v-1", nil, "", function(ok) return ok == true end },

  ["snapshot.list"] = { { { limit = 5 } }, "GET /snapshots?limit=5", nil,
    { items = { SNAPSHOT }, total = 1, page = 1, totalPages = 1 },
    function(iterator) return iterator().name == "base" and iterator() == nil end },
  ["snapshot.get"] = { { "base" }, "GET /snapshots/base", nil, SNAPSHOT,
    function(snapshot) return snapshot.mem == 1 and #snapshot.entrypoint == 0 end },
  ["snapshot.create"] = {
    { "base", { image_name = "debian:12", cpu = 2, entrypoint = {} } }, "POST /snapshots",
    { name = "base", imageName = "debian:12", cpu = 2, entrypoint = {} }, SNAPSHOT,
    function(snapshot) return snapshot.id == "s-1" end,
  },
  ["snapshot.activate"] = { { "base" }, "POST /snapshots/base/activate", nil, SNAPSHOT,
    function(snapshot) return snapshot.state == "active" end },
  ["snapshot.deactivate"] = { { "base" }, "POST /snapshots/base/deactivate", nil, "",
    function(ok) return ok == true end },
  ["snapshot.delete"] = { { "s-1" }, "DELETE /snapshots/s-1", nil, "", function(ok) return ok == true end },
  ["snapshot.get_build_logs_url"] = { { "s-1" }, "GET /snapshots/s-1/build-logs-url", nil, { url = "http://x/log" },
    function(url) return url == "http://x/log" end },

  ["secret.list"] = { { { name = "t" } }, "GET /secret/paginated?name=t", nil,
    { items = { SECRET }, total = 1, nextCursor = cjson.null },
    function(iterator) return iterator().hosts[1] == "api.example.com" and iterator() == nil end },
  ["secret.get"] = { { "k-1" }, "GET /secret/k-1", nil, SECRET,
    function(secret) return secret.placeholder == "dtn_x" end },
  ["secret.create"] = { { "token", "s3cret", { hosts = { "a" } } }, "POST /secret",
    { name = "token", value = "s3cret", hosts = { "a" } }, SECRET, function(secret) return secret.id == "k-1" end },
  ["secret.update"] = { { "k-1", { description = "new" } }, "PATCH /secret/k-1", { description = "new" }, SECRET,
    function(secret) return secret.name == "token" end },
  ["secret.delete"] = { { "k-1" }, "DELETE /secret/k-1", nil, "", function(ok) return ok == true end },

  ["warm_pool.list"] = { {}, "GET /warm-pools", nil, { POOL },
    function(list) return list[1].current_size == 1 end },
  ["warm_pool.create"] = { { "base", 2 }, "POST /warm-pools", { snapshot = "base", pool = 2 }, POOL,
    function(pool) return pool.pool == 2 end },
  ["warm_pool.update"] = { { "w-1", 0 }, "PATCH /warm-pools/w-1", { pool = 0 }, POOL,
    function(pool) return pool.id == "w-1" end },
  ["warm_pool.delete"] = { { "w-1" }, "DELETE /warm-pools/w-1", nil, "", function(ok) return ok == true end },

  ["object_storage.get_push_access"] = { {}, "GET /object-storage/push-access", nil,
    { accessKey = "AK", secret = "s3cret", sessionToken = "t", storageUrl = "https://s3", organizationId = "o",
      bucket = "b", region = "r" },
    function(access) return access.access_key == "AK" and access.secret == "s3cret" and access.bucket == "b" end },

  ["region.list"] = { {}, "GET /regions", nil, { REGION },
    function(list) return list[1].region_type == "shared" and list[1].proxy_url == nil end },
  ["region.list_shared"] = { {}, "GET /shared-regions", nil, { REGION }, function(list) return #list == 1 end },
  ["region.get"] = { { "eu" }, "GET /regions/eu", nil, REGION, function(region) return region.name == "eu" end },
  ["api_key.list"] = { {}, "GET /api-keys", nil, { KEY }, function(list) return list[1].user_id == "u" end },
  ["api_key.get_current"] = { {}, "GET /api-keys/current", nil, KEY,
    function(key) return key.permissions[1] == "write:sandboxes" end },
  ["api_key.get"] = { { "ci" }, "GET /api-keys/ci", nil, KEY, function(key) return key.name == "ci" end },
  ["organization.list"] = { {}, "GET /organizations", nil, { ORGANIZATION },
    function(list) return list[1].max_cpu_per_sandbox == 4 end },
  ["organization.get"] = { { "o-1" }, "GET /organizations/o-1", nil, ORGANIZATION,
    function(organization) return organization.personal end },
  ["organization.get_usage"] = { { "o-1" }, "GET /organizations/o-1/usage", nil,
    { regionUsage = { { regionId = "eu", currentCpuUsage = 1 } }, totalVolumeQuota = 9 },
    function(usage) return usage.total_volume_quota == 9 and usage.region_usage[1].region_id == "eu" end },
  ["organization.get_gpu_capacity"] = { { "o-1" }, "GET /organizations/o-1/gpu-capacity", nil,
    { observedAt = "x", capacity = { { gpuType = "H100", availableOnDemand = 2, availableSpot = 0 } } },
    function(gpus) return gpus.capacity[1].gpu_type == "H100" and gpus.capacity[1].available_on_demand == 2 end },

  ["sandbox.resize"] = { { { cpu = 4 } }, "POST /sandbox/sb-1/resize", { cpu = 4 }, SANDBOX,
    function(sandbox) return sandbox.id == "sb-1" and sandbox.cpu == 2 end },
  ["sandbox.pause"] = { {}, "POST /sandbox/sb-1/pause", nil, { id = "sb-1", state = "paused" },
    function(sandbox) return sandbox.state == "paused" end },
  ["sandbox.fork"] = { { { name = "two" } }, "POST /sandbox/sb-1/fork", { name = "two" },
    { id = "sb-2", name = "two", state = "started" }, function(other) return other.id == "sb-2" end },
  ["sandbox.create_snapshot"] = { { "now", { wait = false } }, "POST /sandbox/sb-1/snapshot", { name = "now" }, SANDBOX,
    function(sandbox) return sandbox.state == "started" end },
  ["sandbox.create_backup"] = { {}, "POST /sandbox/sb-1/backup", nil,
    { id = "sb-1", state = "started", backupState = "Pending" },
    function(sandbox) return sandbox.backup_state == "Pending" end },
  ["sandbox.get_forks"] = { { { include_destroyed = true } }, "GET /sandbox/sb-1/forks?includeDestroyed=true", nil,
    { { id = "sb-2", state = "started" } }, function(list) return list[1].id == "sb-2" end },
  ["sandbox.get_parent"] = { {}, "GET /sandbox/sb-1/parent", nil, { id = "sb-0", state = "stopped" },
    function(other) return other.id == "sb-0" end },
  ["sandbox.get_ancestors"] = { {}, "GET /sandbox/sb-1/ancestors", nil, { { id = "sb-0", state = "stopped" } },
    function(list) return #list == 1 and list[1].state == "stopped" end },
  ["sandbox.set_auto_pause_interval"] = { { 30 }, "POST /sandbox/sb-1/autopause/30", nil,
    { id = "sb-1", state = "started", autoPauseInterval = 30 },
    function(sandbox) return sandbox.auto_pause_interval == 30 end },
  ["sandbox.set_ttl"] = { { 0 }, "POST /sandbox/sb-1/ttl/0", nil, SANDBOX,
    function(sandbox) return sandbox.name == "one" end },
  ["sandbox.update_network_settings"] = { { { network_block_all = true } }, "POST /sandbox/sb-1/network-settings",
    { networkBlockAll = true }, { id = "sb-1", state = "started", networkBlockAll = true },
    function(sandbox) return sandbox.network_block_all end },
  ["sandbox.update_secrets"] = { { { TOKEN = "token" } }, "PUT /sandbox/sb-1/secrets",
    { secrets = { { TOKEN = "token" } } }, SANDBOX, function(sandbox) return sandbox.id == "sb-1" end },
  ["sandbox.create_ssh_access"] = { { { expires_in_minutes = 5 } },
    "POST /sandbox/sb-1/ssh-access?expiresInMinutes=5", nil, { token = "t", sshCommand = "ssh t@x" },
    function(access) return access.ssh_command == "ssh t@x" end },
  ["sandbox.revoke_ssh_access"] = { { "t" }, "DELETE /sandbox/sb-1/ssh-access?token=t", nil, SANDBOX,
    function(sandbox) return sandbox.id == "sb-1" end },
  ["sandbox.validate_ssh_access"] = { { "t" }, "GET /sandbox/ssh-access/validate?token=t", nil,
    { valid = false, sandboxId = "sb-1" }, function(answer) return answer.valid == false end },
  ["sandbox.get_metrics"] = { { "2026-01-01", "2026-01-02", { metric_names = { "a", "b" } } },
    "GET /sandbox/sb-1/telemetry/metrics?from=2026-01-01&to=2026-01-02&metricNames=a&metricNames=b", nil,
    { series = { { metricName = "a", dataPoints = { { timestamp = "x", value = 1.5 } } } } },
    function(series) return series[1].data_points[1].value == 1.5 end },
  ["sandbox.list_ports"] = { {}, "GET /box/sb-1/port", nil, { ports = { 3000 } },
    function(ports) return ports[1] == 3000 end },
  ["sandbox.get_metrics_latest"] = { {}, "GET /box/sb-1/system/metrics", nil, { cpuCount = 2, memUsed = 2 ^ 33 },
    function(metrics) return metrics.cpu_count == 2 and metrics.mem_used == 2 ^ 33 end },
  ["sandbox.update_env"] = { { { A = "1" }, { unset = { "B" } } }, "POST /box/sb-1/env",
    { set = { A = "1" }, unset = { "B" } }, { A = "1" }, function(env) return env.A == "1" end },
}

describe("a row that is asked", function()
  local server, client, sandbox
  local unpack = table.unpack or unpack -- luacheck: ignore

  support.serve_scripts(function(...)
    server, sandbox, client = ...
  end)

  local function call(name, arguments)
    local area, method = name:match "^(.*)%.(.*)$"
    local object = area == "sandbox" and sandbox or client[area]
    local copy = {}
    for index, value in ipairs(arguments) do
      copy[index] = value
    end
    return object[method](object, unpack(copy))
  end

  local function script(answers)
    server:script({ path_prefix = "/" }, answers)
  end

  describe("gives what the server gave, or fails as it says:", function()
    row_cases(it, CASES, function()
      return server
    end, call)
  end)

  it("is waited for until it has come to its goal, or never will", function()
    script {
      { body = cjson.encode { id = "v-1", name = "data", state = "pending_create" } },
      { body = cjson.encode { id = "v-1", name = "data", state = "creating" } },
      { body = cjson.encode(VOLUME) },
    }
    assert.equal("ready", assert(client.volume:create "data").state)
    assert.equal("/api/volumes/v-1", server:requests()[3].path)
    server:reset()
    script {
      { body = cjson.encode { id = "s-1", name = "base", state = "pulling" } },
      { body = cjson.encode { id = "s-1", name = "base", state = "error", errorReason = "no such image" }, times = 0 },
    }
    local snapshot, err = client.snapshot:create("base", { image_name = "x:1" })
    assert.is_nil(snapshot)
    assert.equal("state", err.kind)
    assert.matches("no such image", err.message)
    server:reset()
    script { { body = cjson.encode { id = "s-1", name = "base", state = "pulling" }, times = 0 } }
    assert.equal("pulling", assert(client.snapshot:create("base", { wait = false })).state)
    assert.equal(1, #server:requests())
    snapshot, err = client.snapshot:activate("base", { timeout = 0.2 })
    assert.is_nil(snapshot)
    assert.equal("timeout", err.kind)
  end)

  it("of a sandbox is waited for, too, and a fork by its own handle", function()
    script {
      { body = cjson.encode { id = "sb-1", state = "pausing" } },
      { body = cjson.encode { id = "sb-1", state = "paused" } },
    }
    assert.equal(sandbox, assert(sandbox:pause()))
    assert.equal("paused", sandbox.state)
    server:reset()
    script {
      { body = cjson.encode { id = "sb-2", state = "creating" } },
      { body = cjson.encode { id = "sb-2", state = "started" } },
    }
    local other = assert(sandbox:fork())
    assert.equal("started", other.state)
    assert.equal("/api/sandbox/sb-2", server:requests()[2].path)
    assert.equal("paused", sandbox.state)
    server:reset()
    script {
      { body = cjson.encode { id = "sb-1", state = "resizing", desiredState = "resized" } },
      { body = cjson.encode { id = "sb-1", state = "started", cpu = 4 } },
    }
    assert.equal(4, assert(sandbox:resize { cpu = 4 }).cpu)
    server:reset()
    script {
      { body = cjson.encode { id = "sb-1", state = "snapshotting" } },
      { body = cjson.encode { id = "sb-1", state = "error", errorReason = "disk" }, times = 0 },
    }
    local ok, err = sandbox:create_snapshot "now"
    assert.is_nil(ok)
    assert.equal("state", err.kind)
    assert.equal("sb-1", err.sandbox_id)
  end)

  it("of a snapshot is the snapshot's own state, not that of its sandbox", function()
    local function answers(...)
      server:reset()
      server:script({ method = "POST" }, { { body = cjson.encode { id = "sb-1", state = "snapshotting" } } })
      server:script({ path_prefix = "/api/sandbox/" },
        { { body = cjson.encode { id = "sb-1", state = "started" }, times = 0 } })
      server:script({ path_prefix = "/api/snapshots/" }, { ... })
      return sandbox:create_snapshot("now", { timeout = 5 })
    end
    local function snapshot(state, times)
      local body = cjson.encode { id = "s-1", name = "now", state = state, errorReason = "too deep" }
      return { body = body, times = times }
    end
    assert.equal(sandbox, assert(answers(snapshot "snapshotting", snapshot "active")))
    local ok, err = answers(snapshot("error", 0))
    assert.is_nil(ok)
    assert.same({ "state", "error", "sb-1", "sandbox.create_snapshot" },
      { err.kind, err.state, err.sandbox_id, err.operation })
    assert.matches("too deep", err.message)
    -- a server that does not show it
    assert(answers { status = 404, body = '{"statusCode": 404, "message": "no such"}', times = 0 })
  end)

  it("for all pages asks for each by its number, and is wary of the answer", function()
    local function page(number, total, name)
      return { body = cjson.encode { items = { { id = name, name = name, state = "active" } }, total = total,
        page = number, totalPages = total } }
    end
    script { page(1, 2, "a"), page(2, 2, "b") }
    local names = {}
    for snapshot in client.snapshot:list() do
      names[#names + 1] = snapshot.name
    end
    assert.same({ "a", "b" }, names)
    server:reset()
    script { page(3, 3, "c") }
    local third = assert(client.snapshot:list_page { page = 3 })
    assert.equal("c", third.items[1].name)
    server:reset()
    script { page(1, 3, "a"), page(1, 3, "a") }
    local iterator = client.snapshot:list()
    assert.equal("a", iterator().name)
    local ok, err = pcall(iterator)
    assert.is_false(ok)
    assert.equal("protocol", err.kind)
    server:reset()
    script { { body = cjson.encode { items = { SECRET }, total = 1, nextCursor = "again" }, times = 0 } }
    ok, err = pcall(function()
      for _ in client.secret:list() do end
    end)
    assert.is_false(ok)
    assert.matches("has come before", err.message)
    assert.equal("secret.list", err.operation)
  end)
end)
