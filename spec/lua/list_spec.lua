-- Listing: pages, filters, the iterator.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("the list of sandboxes", function()
  local client
  local ids = {}

  e2e.serve(function(...)
    client = ...
    for index = 1, 5 do
      ids[index] = check(client:create {
        name = ("List-%d"):format(index), public = index == 1, wait = false,
        labels = { parity = index % 2 == 0 and "even" or "odd", ["sch\195\182n \"&=#"] = tostring(index) },
      }).id
    end
    for _, id in ipairs(ids) do
      check(client:sandbox(id):wait_until_started())
    end
    check(client:stop(ids[5]))
  end, { create = false })

  -- The names that a query gives, in the order of names.
  local function names(query, iterate)
    local found = {}
    if iterate then
      for sandbox in client:list(query) do
        found[#found + 1] = sandbox.name
      end
    else
      for index, sandbox in ipairs(check(client:list_page(query)).items) do
        found[index] = sandbox.name
      end
    end
    if not (query and query.sort) then
      table.sort(found)
    end
    return (table.concat(found, " "):gsub("List%-", ""))
  end

  it("has them all", function()
    assert.equal("1 2 3 4 5", names(nil, true))
    assert.equal("1 2 3 4 5", names {})
  end)

  it("goes over all pages, each as large as asked", function()
    for limit = 1, 6 do
      assert.equal("1 2 3 4 5", names({ limit = limit }, true))
    end
    local page = check(client:list_page { limit = 2, sort = "name", order = "asc" })
    assert.equal(2, #page.items)
    assert.equal("List-1", page.items[1].name)
    assert.equal("string", type(page.next_cursor))
    local rest = check(client:list_page { limit = 200, sort = "name", order = "asc", cursor = page.next_cursor })
    assert.equal(3, #rest.items)
    assert.equal("List-3", rest.items[1].name)
    assert.is_nil(rest.next_cursor)
    -- an iterator may begin in the middle
    local third = client:list { limit = 2, sort = "name", order = "asc", cursor = page.next_cursor } ()
    assert.equal("List-3", third.name)
  end)

  it("is in the order asked for", function()
    assert.equal("1 2 3 4 5", names({ sort = "name", order = "asc", limit = 2 }, true))
    assert.equal("5 4 3 2 1", names({ sort = "name", order = "desc", limit = 2 }, true))
    for _, sort in ipairs { "cpu", "memoryGib", "diskGib", "lastActivityAt", "createdAt" } do
      for _, order in ipairs { "asc", "desc" } do
        local found = {}
        for sandbox in client:list { sort = sort, order = order, limit = 2 } do
          assert.is_nil(found[sandbox.id])
          found[sandbox.id] = true
          found[#found + 1] = sandbox
        end
        assert.equal(5, #found)
      end
    end
  end)

  it("has only what is asked for", function()
    local cases = {
      { { labels = { parity = "even" } }, "2 4" },
      { { labels = { parity = "odd", ["sch\195\182n \"&=#"] = "3" } }, "3" },
      { { labels = { parity = "none" } }, "" },
      { { labels = {} }, "1 2 3 4 5" },
      { { name = "list-" }, "1 2 3 4 5" },
      { { name = "LIST-2" }, "2" },
      { { name = "ist-2" }, "" },
      { { name = "%" }, "" },
      { { name = "List_1" }, "" },
      { { states = { "stopped" } }, "5" },
      { { states = { "started" }, labels = { parity = "odd" } }, "1 3" },
      { { states = { "started", "stopped" } }, "1 2 3 4 5" },
      { { is_public = true }, "1" },
      { { is_public = false }, "2 3 4 5" },
      { { id = ids[4]:sub(1, 13) }, "4" },
      { { id = ids[4] }, "4" },
      { { min_cpu = 1 }, "1 2 3 4 5" },
      { { min_cpu = 512 }, "" },
      { { max_memory_gib = 1000 }, "1 2 3 4 5" },
      { { snapshots = { "no such" } }, "" },
      { { targets = { "moon" } }, "" },
      { { created_at_after = "2000-01-01T00:00:00.000Z" }, "1 2 3 4 5" },
      { { created_at_before = "2000-01-01T00:00:00.000Z" }, "" },
      { { last_activity_after = "2999-01-01T00:00:00.000Z" }, "" },
    }
    for _, case in ipairs(cases) do
      local query, expected = case[1], case[2]
      local what = next(query) or "nothing"
      assert.equal(expected, names(query), what)
      query.limit = 1
      assert.equal(expected, names(query, true), what)
    end
  end)

  it("is empty where nothing matches", function()
    local page = check(client:list_page { labels = { none = "there" } })
    assert.same({ items = {} }, page)
    assert.is_nil((client:list { labels = { none = "there" } }()))
  end)

  it("has handles that work", function()
    for sandbox in client:list { labels = { parity = "even" } } do
      assert.equal("started", sandbox.state)
      assert.equal("here\n", e2e.shell(sandbox, "echo here"))
      assert.is_nil(sandbox.env) -- the list is told less
      check(sandbox:refresh())
      assert.same({}, sandbox.env)
      check(sandbox:set_auto_stop_interval(30))
    end
  end)

  it("can be left and begun again", function()
    for sandbox in client:list { limit = 1 } do
      if sandbox.id then
        break
      end
    end
    local one, two = client:list { limit = 1 }, client:list { limit = 3 }
    local count = 0
    for sandbox in one do
      assert.equal(sandbox.id, two().id)
      count = count + 1
    end
    assert.equal(5, count)
    assert.is_nil((two()))
    assert.is_nil((two()))
  end)

  it("misses none that is used meanwhile", function()
    local found = {}
    for sandbox in client:list { limit = 1 } do
      found[#found + 1] = sandbox.id
      for _, id in ipairs(ids) do
        if not table.concat(found, " "):find(id, 1, true) then
          check(check(client:get(id)):refresh_activity())
        end
      end
    end
    assert.equal(5, #found)
  end)

  it("does not change the query", function()
    local query = { limit = 2, labels = { parity = "odd" } }
    assert.equal("1 3 5", names(query, true))
    assert.same({ limit = 2, labels = { parity = "odd" } }, query)
  end)

  it("stays within what the server allows", function()
    for _, limit in ipairs { 0, 201, -1 } do
      assert.equal("sandbox.list: field 'limit': out of range (1 to 200)",
        support.raised(client.list_page, client, { limit = limit }))
      assert.equal("sandbox.list: field 'limit': out of range (1 to 200)",
        support.raised(client.list, client, { limit = limit }))
    end
  end)

  it("gives the server's refusals", function()
    fails({ kind = "bad_request", status = 400, operation = "sandbox.list", message = "Invalid cursor" },
      client:list_page { cursor = "zzz" })
    fails({ kind = "bad_request", status = 400, message = "each value must be one of" },
      client:list_page { states = { "nonsense" } })
    fails({ kind = "bad_request", status = 400, message = "sort must be one of" },
      client:list_page { sort = "colour" })
  end)

  it("raises the error object out of the loop", function()
    local ok, err = pcall(function()
      for _ in client:list { cursor = "zzz" } do
        error "not reached"
      end
    end)
    assert.is_false(ok)
    fails({ kind = "bad_request", status = 400, operation = "sandbox.list" }, nil, err)
  end)

  it("raises it in the middle, too", function()
    local fault = support.fault_server()
    local broken = support.client(fault, { max_retries = 0 })
    fault:script({ path_prefix = "/api/sandbox" }, {
      { body = [[{"items": [{"id": "one"}, {"id": "two"}], "nextCursor": "more"}]] },
      { body = [[{"items": [], "nextCursor": "even more"}]] },
      { status = 503, body = [[{"message": "later"}]] },
    })
    local seen = {}
    local ok, err = pcall(function()
      for sandbox in broken:list() do
        seen[#seen + 1] = sandbox.id
      end
    end)
    broken:close()
    fault:close()
    assert.is_false(ok)
    assert.same({ "one", "two" }, seen)
    fails({ kind = "unavailable", status = 503, message = "later" }, nil, err)
  end)
end)
