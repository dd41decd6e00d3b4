-- What a sandbox takes, over time.

local control = require "spec.local.control_support"
local support = require "spec.support"

describe("the metrics of a sandbox", function()
  local server, id

  -- A sample every quarter of a minute, which is short here.
  setup(function()
    server = control.serve { env = "DAYTONA_LOCAL_MINUTE_SECONDS=0.4", arguments = "--network none" }
    id = server:create({ autoStopInterval = 0, snapshot = "daytona-medium" }).id
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local RANGE = "from=2020-01-01T00:00:00.000Z&to=2100-01-01T00:00:00.000Z"

  local function series(query)
    local answer = server:get("/sandbox/" .. id .. "/telemetry/metrics?" .. (query or RANGE))
    local named = {}
    for _, one in ipairs(answer.series) do
      named[one.metricName:gsub("^daytona%.sandbox%.", "")] = one.dataPoints
    end
    return named
  end

  it("are kept, in their order, and are its own", function()
    server:sh(id, "head -c 50000000 /dev/urandom > big; timeout 60 sh -c 'while :; do :; done' >/dev/null 2>&1 &")
    server:sh(id, "python3 -c 'import time; kept = bytearray(200 << 20); time.sleep(60)' >/dev/null 2>&1 &")
    local found = support.eventually(function()
      local now = series()
      local cpu, memory = now["cpu.utilization"], now["memory.usage"]
      local last = #cpu
      return last >= 2 and cpu[last].value > 1 and memory[last].value > 200 * 2^20
        and now["filesystem.usage"][last].value >= 50000000 and now
    end, 30, "samples")
    local last = #found["cpu.utilization"]
    support.eq({ 2, 4 * 2^30, 8 * 2^30 }, { found["cpu.limit"][last].value, found["memory.limit"][last].value,
      found["filesystem.total"][last].value })
    assert.is_true(found["cpu.utilization"][last].value <= 110)
    assert.is_true(found["memory.usage"][last].value < 2^30)
    for i = 2, last do
      assert.is_true(found["cpu.limit"][i - 1].timestamp < found["cpu.limit"][i].timestamp)
    end
  end)

  it("are all kept as they become more, in their order", function()
    local points = support.eventually(function()
      local now = series()["cpu.utilization"]
      return #now > 4 and now
    end, 60, "five samples")
    for i = 2, #points do
      assert.is_true(points[i - 1].timestamp < points[i].timestamp)
    end
  end)

  it("are its own at the toolbox, too", function()
    local sandbox = assert(server.client:get(id))
    local now = support.eventually(function()
      local use = assert(server.client:request("GET", "/system/metrics", { sandbox = sandbox }))
      return use.cpuUsedPct > 1 and use
    end)
    support.eq(4 * 2^30, now.memTotal)
    assert.is_true(now.memUsed > 200 * 2^20 and now.memUsed < 2^30)
    assert.is_true(now.cpuCount <= 2 and now.cpuUsedPct <= 110)
  end)

  it("are those of a time and of names", function()
    local all = series()["cpu.limit"]
    local one = all[2].timestamp
    local found = series("from=" .. one .. "&to=" .. one)
    assert.equal(1, #found["memory.usage"])
    assert.equal(one, found["memory.usage"][1].timestamp)
    assert.equal(0, #series("from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z")["cpu.limit"])
    found = series(RANGE .. "&metricNames=daytona.sandbox.cpu.limit&metricNames=none")
    assert.truthy(found["cpu.limit"])
    assert.is_nil(found["memory.usage"])
  end)

  it("are refused without a time, and go with the sandbox", function()
    local path = "/sandbox/" .. id .. "/telemetry/metrics"
    server:refuses(400, "from must be a Date instance, to must be a Date instance", "GET", path)
    server:refuses(400, "to must be a Date instance", "GET", path .. "?from=2020-01-01T00:00:00Z&to=soon")
    assert(server:call("POST", "/sandbox/" .. id .. "/stop?force=true"))
    server:await(id, "stopped")
    assert.is_true(#series()["cpu.limit"] >= 2)
    assert(server:call("DELETE", "/sandbox/" .. id))
    server:await(id, "gone")
    server:refuses(404, "Sandbox with ID " .. id .. " not found", "GET", path .. "?" .. RANGE)
  end)
end)
