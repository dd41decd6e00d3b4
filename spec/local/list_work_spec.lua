-- What a page of a long list costs: the server's processor time, which a busy
-- machine changes little, against that of a short list.

local control = require "spec.local.control_support"
local support = require "spec.support"

local FEW, MANY, ROUNDS = 100, 10000, 50

describe("a page of the list", function()
  local servers = {}

  setup(function()
    for _, count in ipairs { FEW, MANY } do
      local server = control.serve()
      local data, id = server.data, server:create({ name = "First" }).id
      assert(server:call("POST", "/sandbox/" .. id .. "/stop"))
      server:await(id, "stopped")
      server:stop()
      local said, status = support.run(("%s -B spec/support/rows.py %s %d"):format(os.getenv "PYTHON" or "python3",
        support.quote(data .. "/state.db"), count))
      assert(status == 0, said)
      servers[count] = control.serve { data = data }
    end
  end)

  teardown(function()
    for _, server in pairs(servers) do
      server:stop()
    end
    support.cleanup()
  end)

  -- Milliseconds of the processor, of all its threads.
  local function used(server)
    local total = 0
    for line in support.run(("cat /proc/%d/task/*/schedstat"):format(server.pid)):gmatch "[^\n]+" do
      total = total + tonumber(line:match "^%d+") / 1e6
    end
    return total
  end

  local function escape(text)
    return (text:gsub("%W", function(c) return ("%%%02X"):format(c:byte()) end))
  end

  local function follow(cursor)
    return cursor and "&cursor=" .. escape(cursor) or ""
  end

  -- The work of as many requests for a page of ten.
  local function work(count, path)
    local server = servers[count]
    local before = used(server)
    for _ = 1, ROUNDS do
      assert.truthy(server:get(path).items)
    end
    return used(server) - before
  end

  -- Slack for a machine that is busy; walking the rows costs 30 times as much.
  local function check(few, many, what)
    assert(many <= 4 * few, ("%s: %.1f ms with %d, %.1f with %d"):format(what, few, FEW, many, MANY))
  end

  it("costs what it costs in a short one, the first and a deep one", function()
    for _, order in ipairs { "lastActivityAt", "cpu" } do
      local path = "/sandbox?limit=10&sort=" .. order
      local few = work(FEW, path)
      check(few, work(MANY, path), "first page by " .. order)
      local cursor
      for _ = 1, 25 do
        cursor = servers[MANY]:get(("/sandbox?limit=200&sort=%s%s"):format(order, follow(cursor))).nextCursor
      end
      check(few, work(MANY, path .. follow(cursor)), "deep page by " .. order)
    end
  end)

  it("knows the total without counting, and finds a label without looking at all", function()
    local few = work(FEW, "/sandbox/paginated?limit=10")
    check(few, work(MANY, "/sandbox/paginated?limit=10"), "page with a total")
    assert.equal(MANY + 1, servers[MANY]:get("/sandbox/paginated?limit=1").total)
    local label = "/sandbox/paginated?limit=10&labels=" .. escape '{"parity":"1"}'
    assert.equal(MANY / 2, servers[MANY]:get(label).total)
    local rare = servers[MANY]:get("/sandbox?labels=" .. escape '{"nr":"77"}').items
    assert.equal(1, #rare)
    assert.equal("Row77", rare[1].name)
    assert.equal(111, servers[MANY]:get("/sandbox/paginated?limit=1&name=row77").total)
  end)

  it("comes once, however many are alike in what they are sorted by", function()
    local seen, count, cursor, last = {}, 0, nil, 0
    repeat
      local page = servers[MANY]:get("/sandbox?limit=200&sort=cpu&order=asc" .. follow(cursor))
      for _, item in ipairs(page.items) do
        assert.is_nil(seen[item.id])
        assert.is_true(last <= item.cpu)
        seen[item.id], count, last = true, count + 1, item.cpu
      end
      cursor = page.nextCursor
    until not cursor
    assert.equal(MANY + 1, count)
  end)

  it("is the same by number, up to the last", function()
    local first = servers[MANY]:get "/sandbox/paginated?limit=200&page=1&sort=name&order=asc"
    local last = servers[MANY]:get "/sandbox/paginated?limit=200&page=51&sort=name&order=asc"
    assert.equal(200, #first.items)
    assert.equal(1, #last.items)
    assert.equal(51, first.totalPages)
    assert.equal("Row9999", last.items[1].name)
    assert.equal(0, #servers[MANY]:get("/sandbox/paginated?limit=200&page=52").items)
  end)
end)
