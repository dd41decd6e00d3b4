-- Sandboxes that are not left behind: create that gives up, <close>,
-- get_or_create, ensure_started, reap.

local e2e = require "spec.support.e2e"
local support = require "spec.support"
local tasks = require "spec.support.tasks"

local check, fails = e2e.check, e2e.fails

describe("a create that gives up", function()
  local server, client

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    client = support.client(server)
  end)

  after_each(function()
    client:close()
  end)

  local CREATING = '{"id": "sb-9", "state": "creating", "desiredState": "started"}'

  local function scripted()
    server:script({ method = "POST", path = "/api/sandbox" }, { { body = CREATING } })
    server:script({ method = "DELETE", path = "/api/sandbox/sb-9" },
      { { body = '{"id": "sb-9", "state": "destroying"}' } })
  end

  local function deletions()
    local count = 0
    for _, request in ipairs(server:requests()) do
      count = count + (request.method == "DELETE" and 1 or 0)
    end
    return count
  end

  -- The sandbox reads as creating for that many times, then it is gone.
  local function reads(times)
    server:script({ method = "GET", path = "/api/sandbox/sb-9" }, { { body = CREATING, times = times } })
  end

  it("says the id, and leaves the sandbox alone", function()
    scripted()
    reads(0)
    for _, options in ipairs { { timeout = 0.2 }, { timeout = 0.2, on_timeout = "keep" } } do
      server:reset()
      scripted()
      reads(0)
      local err = fails({ kind = "timeout", sandbox_id = "sb-9" }, client:create(options))
      assert.is_nil(err.message:find("deleted", 1, true))
      assert.equal(0, deletions())
    end
  end)

  it("deletes it if asked, and says so", function()
    scripted()
    server:script({ method = "GET", path = "/api/sandbox/sb-9" }, {
      { body = CREATING }, { body = CREATING, delay_ms = 300 },
    })
    fails({
      kind = "timeout", sandbox_id = "sb-9", state = "destroyed", outcome = "failed",
      message = "; it was deleted",
    }, client:create { timeout = 0.2, on_timeout = "delete" })
    assert.equal(1, deletions())
  end)

  it("says when that fails, too", function()
    server:script({ method = "POST", path = "/api/sandbox" }, { { body = CREATING } })
    reads(0)
    server:script({ method = "DELETE" }, { { status = 403, body = '{"message": "not yours"}' } })
    fails({ kind = "timeout", sandbox_id = "sb-9", outcome = "unknown",
      message = "it was not deleted: not yours" },
      client:create { timeout = 0.2, on_timeout = "delete" })
  end)

  it("finds and deletes what it made when the answer is lost", function()
    server:script({ method = "POST", path = "/api/sandbox" }, { { scenario = "reset-before-headers" } })
    -- The mark that is sent is the one that is looked for.
    local listed
    local real = client.list_page
    function client.list_page(self, query)
      listed = query.labels["daytona-lua-create"]
      server:script({ method = "GET", path = "/api/sandbox" }, { { body = support.json.encode {
        items = {
          { id = "other", state = "started", labels = { ["daytona-lua-create"] = "another" } },
          { id = "sb-9", state = "started", labels = { ["daytona-lua-create"] = listed } },
        },
      } } })
      return real(self, query)
    end
    server:script({ method = "DELETE", path = "/api/sandbox/sb-9" },
      { { body = '{"id": "sb-9", "state": "destroying"}' } })
    fails({ kind = "connection", sandbox_id = "sb-9", state = "destroyed", message = "it was deleted" },
      client:create { on_timeout = "delete", labels = { a = "b" } })
    local sent = support.json.decode(server:requests()[1].body).labels
    assert.equal(listed, sent["daytona-lua-create"])
    assert.equal("b", sent.a)
    assert.equal(1, deletions())
  end)

  it("keeps what failed by itself: it says why", function()
    server:script({ method = "POST", path = "/api/sandbox" }, { { body = CREATING } })
    server:script({ method = "GET", path = "/api/sandbox/sb-9" },
      { { body = '{"id": "sb-9", "state": "error", "errorReason": "no disk"}', times = 0 } })
    fails({ kind = "state", sandbox_id = "sb-9", message = "no disk" },
      client:create { on_timeout = "delete" })
    assert.equal(0, deletions())
  end)

  it("deletes it when the task is cancelled", function()
    local cancelled, shields = false, 0
    local host = setmetatable({}, { __index = require "daytona.host.plain" })
    function host.sleep()
      cancelled = true -- while it waits for the state
      return false
    end
    function host.shield(fn, ...)
      shields = shields + 1
      if cancelled then
        host.sleep = require("daytona.host.plain").sleep
      end
      return fn(...)
    end
    local other = support.client(server, { host = host })
    scripted()
    server:script({ method = "GET", path = "/api/sandbox/sb-9" }, { { body = CREATING } })
    local err = fails({ sandbox_id = "sb-9", kind = "cancelled", message = "it was deleted" },
      other:create { on_timeout = "delete" })
    assert.is_true(cancelled)
    assert.equal(2, shields, tostring(err)) -- the creation and the deletion
    assert.equal(1, deletions())
    other:close()
  end)

  it("knows two words", function()
    assert.equal("sandbox.create: field 'on_timeout': 'delete' or 'keep' expected, got 'remove'",
      support.raised(client.create, client, { on_timeout = "remove" }))
  end)
end)

describe("with a server", function()
  local server, client

  e2e.serve(function(...)
    client, server = ...
  end, { create = false })

  local function nothing_left()
    assert.is_nil((client:list()()))
  end

  local function chunk(text)
    if not _VERSION:find "5%.[4-9]" then
      return nil
    end
    return assert(load(text, "=chunk"))
  end

  it("<close> deletes what was made for it, and nothing else", function()
    local run = chunk [[
      local client, options = ...
      local sandbox <close> = assert(client:create(options))
      return sandbox.id
    ]]
    if not run then
      return pending "needs Lua 5.4"
    end
    fails({ kind = "not_found" }, client:get(run(client, { delete_on_close = true })))
    nothing_left()
    local kept = run(client, {})
    check(client:get(kept))
    check(client:delete(kept))
    nothing_left()
  end)

  it("<close> deletes it after an error, and in a coroutine", function()
    local run = chunk [[
      local client, raise = ...
      local sandbox <close> = assert(client:create { delete_on_close = true })
      if raise then
        error(raise, 0)
      end
    ]]
    if not run then
      return pending "needs Lua 5.4"
    end
    for _, problem in ipairs { "my own", { mine = true } } do
      local ok, raised = pcall(run, client, problem)
      assert.is_false(ok)
      assert.equal(problem, raised)
      nothing_left()
    end
    local other = check(server:client { host = tasks.host })
    tasks.run(other, 3, function()
      run(other)
    end)
    other:close()
    nothing_left()
  end)

  it("<close> raises when the sandbox is not deleted, and takes 'gone' for deleted", function()
    local run = chunk [[
      local client, meddle, raise = ...
      local sandbox <close> = assert(client:create { delete_on_close = true })
      meddle(sandbox)
      if raise then
        error(raise, 0)
      end
    ]]
    if not run then
      return pending "needs Lua 5.4"
    end
    run(client, function(sandbox)
      check(sandbox:delete())
    end)
    local stranger = check(server:client())
    local id
    local function lock_out(sandbox)
      id = sandbox.id
      stranger:close()
    end
    local message = support.raised(run, stranger, lock_out)
    assert.truthy(message:find("closed", 1, true), message)
    check(client:delete(id))
    nothing_left()
  end)

  it("get_or_create creates once, whoever asks", function()
    local other = check(server:client { host = tasks.host })
    local ids, made = {}, 0
    tasks.run(other, 4, function(index)
      local sandbox, err, created = other:get_or_create { name = "shared", labels = { a = "b" } }
      check(sandbox, err)
      assert.equal("started", sandbox.state)
      ids[index] = sandbox.id
      made = made + (created and 1 or 0)
    end)
    assert.equal(1, made)
    for index = 2, 4 do
      assert.equal(ids[1], ids[index])
    end
    local sandbox, _, created = client:get_or_create { name = "shared" }
    assert.equal(ids[1], sandbox.id)
    assert.is_false(created)
    check(sandbox:stop())
    assert.equal("started", check(client:get_or_create { name = "shared" }).state)
    check(sandbox:delete())
    other:close()
    nothing_left()
  end)

  it("get_or_create wants a name, and hands failures on", function()
    assert.equal("client.get_or_create: field 'name': a name is needed",
      support.raised(client.get_or_create, client, {}))
    assert.equal("sandbox.create: unknown option 'nme' (did you mean 'name'?)",
      support.raised(client.get_or_create, client, { nme = "x" }))
    fails({ kind = "bad_request", operation = "sandbox.create" },
      client:get_or_create { name = "x", snapshot = "none" })
    nothing_left()
  end)

  it("ensure_started starts what is not, and leaves alone what is", function()
    local sandbox = check(client:create())
    assert.equal(sandbox, check(sandbox:ensure_started()))
    for _, wait in ipairs { true, false } do
      check(sandbox:stop { wait = wait })
      assert.equal(sandbox, check(sandbox:ensure_started()))
      assert.equal("started", check(client:get(sandbox.id)).state)
    end
    assert.equal("sandbox.ensure_started: unknown option 'tmeout' (did you mean 'timeout'?)",
      support.raised(sandbox.ensure_started, sandbox, { tmeout = 1 }))
    check(sandbox:delete())
    fails({ kind = "not_found" }, sandbox:ensure_started())
    nothing_left()
  end)

  it("reap deletes what has the labels and the age", function()
    local ids = {}
    for index, labels in ipairs { { job = "1" }, { job = "1", more = "x" }, { job = "2" }, {} } do
      ids[index] = check(client:create { labels = labels }).id
    end
    local function reaped(options)
      local result = check(client:reap(options))
      assert.same({}, result.errors)
      local set = {}
      for _, sandbox in ipairs(result.deleted) do
        set[sandbox.id] = true
      end
      return set
    end
    assert.same({}, reaped { labels = { job = "1" }, older_than = 3600 })
    assert.same({}, reaped { labels = { job = "3" } })
    local two = { [ids[1]] = true, [ids[2]] = true }
    assert.same(two, reaped { labels = { job = "1" }, older_than = 0, dry_run = true })
    check(client:get(ids[1]))
    assert.same(two, reaped { labels = { job = "1" }, timeout = 30 })
    fails({ kind = "not_found" }, client:get(ids[1]))
    check(client:delete(check(client:get(ids[3])).id))
    check(client:delete(ids[4]))
    nothing_left()
  end)

  it("reap wants labels", function()
    assert.equal("client.reap: field 'labels': required", support.raised(client.reap, client, {}))
    assert.equal("client.reap: field 'labels': at least one is needed",
      support.raised(client.reap, client, { labels = {} }))
    assert.equal("client.reap: unknown option 'older_thn' (did you mean 'older_than'?)",
      support.raised(client.reap, client, { labels = { a = "b" }, older_thn = 5 }))
  end)
end)

describe("client:reap", function()
  local server, client

  support.serve_faults(function(...)
    server, client = ...
  end, {})

  before_each(function()
    server:reset()
  end)

  local function list(items)
    server:script({ method = "GET", path = "/api/sandbox" },
      { { body = support.json.encode { items = items } } })
  end

  it("deletes nothing by a guess: neither what has no age nor other labels", function()
    list {
      { id = "a", labels = { job = "1" } },
      { id = "b", labels = { job = "1" }, createdAt = "yesterday" },
      { id = "c", labels = { job = "2" }, createdAt = "2020-01-01T00:00:00.000Z" },
      { id = "d", createdAt = "2020-01-01T00:00:00.000Z" },
      { id = "e", labels = { job = "1" }, createdAt = "2020-02-29T23:59:59.999Z" },
      { id = "f", labels = { job = "1" }, createdAt = os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() - 90) },
      { id = "g", labels = { job = "1" }, createdAt = os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() - 30) },
    }
    local result = check(client:reap { labels = { job = "1" }, older_than = 60, dry_run = true })
    assert.equal(2, #result.deleted)
    assert.equal("e", result.deleted[1].id)
    assert.equal("f", result.deleted[2].id)
  end)

  it("goes on after a failure, and says it; only 'not found' is as good as deleted", function()
    list {
      { id = "a", labels = { job = "1" } }, { id = "b", labels = { job = "1" } },
      { id = "c", labels = { job = "1" } },
    }
    server:script({ method = "DELETE", path = "/api/sandbox/a" },
      { { status = 403, body = '{"message": "not yours"}' } })
    server:script({ method = "DELETE", path = "/api/sandbox/b" },
      { { status = 404, body = '{"message": "gone"}' } })
    server:script({ method = "DELETE", path = "/api/sandbox/c" },
      { { status = 410, body = '{"message": "gone, in a way"}' } })
    local result = check(client:reap { labels = { job = "1" } })
    assert.equal(1, #result.deleted)
    assert.equal("b", result.deleted[1].id)
    assert.equal(2, #result.errors)
    assert.equal("forbidden", support.sound_error(result.errors[1]).kind)
    assert.equal("a", result.errors[1].sandbox_id)
    assert.equal("c", result.errors[2].sandbox_id)
  end)

  it("deletes nothing when a page is missing", function()
    server:script({ method = "GET", path = "/api/sandbox" }, {
      { body = '{"items": [{"id": "a", "labels": {"job": "1"}}], "nextCursor": "n"}' },
      { status = 500, body = '{"message": "no"}' },
    })
    fails({ kind = "server", operation = "sandbox.list" }, client:reap { labels = { job = "1" } })
    assert.equal(2, #server:requests())
  end)
end)
