-- GET /sandbox and /sandbox/paginated.

local control = require "spec.local.control_support"
local support = require "spec.support"

local COUNT = 7

describe("list", function()
  local server

  setup(function()
    server = control.serve()
    for i = 1, COUNT do
      server:create {
        name = ("Box%d"):format(i), labels = { parity = tostring(i % 2), nr = tostring(i) },
        public = i == 1, snapshot = i == 2 and "daytona-large" or nil, target = i == 3 and "eu" or nil,
      }
    end
    assert(server:call("POST", "/sandbox/Box7/stop"))
    server:await("Box7", "stopped")
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function names(query)
    local found = {}
    for _, item in ipairs(server:get("/sandbox?sort=name&order=asc&" .. query).items) do
      found[#found + 1] = item.name:match "%d+"
    end
    return table.concat(found, " ")
  end

  it("filters", function()
    for query, expected in pairs {
      [""] = "1 2 3 4 5 6 7",
      ["name=bOX"] = "1 2 3 4 5 6 7",
      ["name=ox"] = "",
      ["name=box3"] = "3",
      ["labels=%7B%22parity%22%3A%220%22%7D"] = "2 4 6",
      ["labels=%7B%22parity%22%3A%220%22%2C%22nr%22%3A%224%22%7D"] = "4",
      ["labels=%7B%22nr%22%3A4%7D"] = "",
      ["states=stopped"] = "7",
      ["states=stopped&states=error"] = "7",
      ["states[]=started&states[]=stopped"] = "1 2 3 4 5 6 7",
      ["snapshots=daytona-large"] = "2",
      ["regionIds=eu&regionIds=us"] = "3",
      ["sandboxClasses=container"] = "1 2 3 4 5 6 7",
      ["sandboxClasses=linux-vm"] = "",
      ["minCpu=2"] = "2",
      ["minGpu=0&maxGpu=0"] = "1 2 3 4 5 6 7",
      ["minGpu=1"] = "",
      ["maxMemoryGiB=1&maxDiskGiB=3"] = "1 3 4 5 6 7",
      ["isPublic=true"] = "1",
      ["isPublic=nonsense"] = "1 2 3 4 5 6 7",
      ["isRecoverable=true"] = "",
      ["createdAtAfter=1970-01-01T00%3A00%3A00.000Z"] = "1 2 3 4 5 6 7",
      ["lastEventBefore=1970-01-01"] = "",
    } do
      assert.equal(expected, names(query), query)
    end
  end)

  it("refuses filters it does not know, which would let all through", function()
    for _, path in ipairs { "/sandbox", "/sandbox/paginated" } do
      for _, name in ipairs { "kvm", "minTpu", "regionIdss" } do
        server:refuses(501, "The filter '" .. name .. "' is not supported by daytona-local", "GET",
          path .. "?limit=2&" .. name .. "=1")
      end
    end
    server:refuses(501, "The filter 'regionIds' is not supported by daytona-local", "GET",
      "/sandbox/paginated?regionIds=eu")
  end)

  it("pages by a cursor, whatever the order", function()
    for _, sort in ipairs { "name", "cpu", "memoryGib", "diskGib", "createdAt", "lastActivityAt" } do
      for _, order in ipairs { "asc", "desc" } do
        local seen, pages, cursor = {}, 0, nil
        repeat
          local page = server:get(("/sandbox?limit=3&sort=%s&order=%s"):format(sort, order)
            .. (cursor and "&cursor=" .. cursor:gsub("%p", function(c)
              return ("%%%02X"):format(c:byte())
            end) or ""))
          for _, item in ipairs(page.items) do
            assert.is_nil(seen[item.id])
            seen[item.id] = true
          end
          pages, cursor = pages + 1, page.nextCursor
        until not cursor
        assert.equal(3, pages)
        local count = 0
        for _ in pairs(seen) do
          count = count + 1
        end
        assert.equal(COUNT, count)
      end
    end
  end)

  it("gives small items", function()
    local item = server:get("/sandbox?limit=1").items[1]
    assert.is_nil(item.env)
    assert.is_nil(item.volumes)
    assert.truthy(item.toolboxProxyUrl)
  end)

  it("says in each item whether the network is blocked, which official clients insist on", function()
    assert(server:call("POST", "/sandbox/Box7/network-settings", { networkBlockAll = true }))
    local blocked = {}
    for _, item in ipairs(server:get("/sandbox?sort=name&order=asc").items) do
      blocked[#blocked + 1] = item.networkBlockAll
    end
    support.eq({ false, false, false, false, false, false, true }, blocked)
  end)

  it("refuses bad parameters", function()
    for query, message in pairs {
      ["cursor=zzz"] = "Invalid cursor provided: zzz",
      ["limit=0"] = "limit must not be less than 1",
      ["limit=201"] = "limit must not be greater than 200",
      ["labels=x"] = "Invalid labels JSON format",
      ["sort=x"] = "sort must be one of the following values: name, cpu, memoryGib, diskGib, "
        .. "lastActivityAt, createdAt",
      ["limit=x"] = "limit must be an integer number, limit must not be less than 1, "
        .. "limit must not be greater than 200",
    } do
      server:refuses(400, message, "GET", "/sandbox?" .. query)
    end
    local _, err = server:call("GET", "/sandbox?states=started,stopped")
    assert.truthy(err.message:find("each value must be one of the following values: creating, "
      .. "restoring, destroying, ", 1, true))
  end)

  it("has the older list by pages too", function()
    local page = server:get "/sandbox/paginated?limit=3&page=3&sort=name&order=asc"
    assert.equal(7, page.total)
    assert.equal(3, page.totalPages)
    assert.equal(1, #page.items)
    assert.equal("Box7", page.items[1].name)
    assert.truthy(page.items[1].env)
  end)
end)
