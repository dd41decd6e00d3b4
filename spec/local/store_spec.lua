-- The database of a server: what one damaged row costs, damaged files, and
-- files of other versions.

local control = require "spec.local.control_support"
local support = require "spec.support"

describe("the database", function()
  local server

  after_each(function()
    if server then
      server:stop()
      server = nil
    end
  end)

  teardown(support.cleanup)

  -- A server, made to end, with its data directory; what `prepare` gives.
  local function leave(prepare)
    server = control.serve()
    local result = prepare()
    server:stop()
    return server.data, result
  end

  local function stop(id)
    assert(server:call("POST", "/sandbox/" .. id .. "/stop"))
    server:await(id, "stopped")
  end

  it("costs a damaged row no other sandbox, and that one can be saved or deleted", function()
    local damage = {
      state = "UPDATE sandboxes SET state = 'dreaming'",
      desired_state = "UPDATE sandboxes SET desired_state = NULL",
      labels = "UPDATE sandboxes SET labels = '{\"a\":'",
      env = "UPDATE sandboxes SET env = NULL",
      name = "UPDATE sandboxes SET name = NULL",
      target = "UPDATE sandboxes SET target = CAST(x'ff' AS TEXT)",
      cpu = "UPDATE sandboxes SET cpu = 'many'",
      memory = "UPDATE sandboxes SET memory = 9223372036854775807",
      updated_at = "UPDATE sandboxes SET updated_at = 'never'",
      last_activity_at = "UPDATE sandboxes SET last_activity_at = x'00'",
    }
    local data, ids = leave(function()
      local made = { good = server:create({ labels = { good = "yes" } }).id }
      made.state = server:create({}).id
      server:sh(made.state, "echo content > file")
      stop(made.state)
      assert(server:call("POST", "/sandbox/" .. made.state .. "/archive"))
      server:await(made.state, "archived")
      return made
    end)
    local sql = {}
    for column, update in pairs(damage) do
      if not ids[column] then
        ids[column] = ("%08x-0000-4000-8000-000000000000"):format(#sql)
        sql[#sql + 1] = ("CREATE TEMP TABLE t AS SELECT * FROM sandboxes WHERE id = '%s';"
          .. "UPDATE t SET id = '%s', name = '%s'; INSERT INTO sandboxes SELECT * FROM t; DROP TABLE t"):format(
          ids.good, ids[column], column)
      end
      sql[#sql + 1] = ("%s WHERE id = '%s'"):format(update, ids[column])
    end
    sql[#sql + 1] = ("CREATE TEMP TABLE t AS SELECT * FROM sandboxes WHERE id = '%s';"
      .. "UPDATE t SET id = '../api-key', name = 'x'; INSERT INTO sandboxes SELECT * FROM t"):format(ids.good)
    control.sql(data, table.concat(sql, ";"))

    server = control.serve { data = data }
    for _, sort in ipairs { "lastActivityAt", "name", "cpu" } do
      local states, cursor = {}, nil
      repeat
        local page = server:get(("/sandbox?limit=2&sort=%s%s"):format(sort, cursor and "&cursor=" .. cursor or ""))
        for _, item in ipairs(page.items) do
          states[item.id] = item.state
        end
        cursor = page.nextCursor and page.nextCursor:gsub("%p", function(c) return ("%%%02X"):format(c:byte()) end)
      until not cursor
      local expected = {}
      for column, id in pairs(ids) do
        expected[id] = column == "good" and "stopped" or "error"
      end
      support.eq(expected, states)
    end
    local log = server:log()
    for column in pairs(damage) do
      assert.truthy(log:find(("sandbox %s: the database has no proper value for its %s"):format(
        ids[column], column), 1, true), column)
      local shown = server:get("/sandbox/" .. ids[column])
      assert.equal("the database had no proper value for its " .. column, shown.errorReason)
      assert.is_true(shown.recoverable)
    end
    assert.equal(1, #server:get("/sandbox?labels=%7B%22good%22%3A%22yes%22%7D&states=stopped").items)

    assert(server:call("POST", "/sandbox/" .. ids.state .. "/recover"))
    server:await(ids.state, "started")
    assert.equal("content\n", server:sh(ids.state, "cat file"))
    for column, id in pairs(ids) do
      assert(server:call("DELETE", "/sandbox/" .. id), column)
      server:await(id, "gone")
    end
    support.eventually(function() -- the rows go when the files have gone
      return #server:get("/sandbox?includeErroredDeleted=true").items == 0
    end)
    server:stop()
    server = control.serve { data = data }
    assert.equal(log, server:log():sub(1, #log))
    assert.falsy(server:log():sub(#log + 1):find "no proper value")
  end)

  -- Raises unless the server refuses to start and says all this.
  local function refuses(data, ...)
    local before = support.run("sha256sum " .. support.quote(data .. "/state.db"))
    local said, status = control.run("--data " .. support.quote(data) .. " 2>&1")
    assert.equal(1, status, said)
    for _, text in ipairs { data .. "/state.db", ... } do
      assert.truthy(said:find(text, 1, true), said)
    end
    assert.equal(before, support.run("sha256sum " .. support.quote(data .. "/state.db")))
  end

  it("is refused where the file is damaged, with a way out", function()
    local data = leave(function()
      for i = 1, 3 do
        server:create { name = "box" .. i, labels = { text = ("x"):rep(6000) } }
      end
    end)
    local file = support.quote(data .. "/state.db")
    assert(os.execute(("cp -p %s %s.good"):format(file, file)))
    for _, damage in ipairs {
      "dd if=/dev/urandom of=%s bs=4096 seek=2 count=12 conv=notrunc 2>/dev/null",
      "truncate -s 20000 %s",
      "echo nonsense, and not the first page of a database >%s",
    } do
      assert(os.execute("rm -f " .. file .. "-wal"))
      assert(os.execute(damage:format(file)))
      refuses(data, "The file is damaged", ".recover")
      assert(os.execute(("cat %s.good >%s"):format(file, file)))
    end
    assert(os.execute("rm -f " .. file .. "-wal"))
    server = control.serve { data = data }
    assert.equal(3, #server:get("/sandbox").items)
  end)

  it("of a newer version is refused, and left as it is", function()
    local data = leave(function() end)
    control.sql(data, "PRAGMA user_version = 999")
    refuses(data, "has schema version 999, this program knows version", "give --data another directory")
  end)

  it("of version 2 is taken over", function()
    local data, id = leave(function()
      return server:create({ name = "old" }).id
    end)
    local sql = support.read_file("spec/support/version_1.sql"):gsub("%-%- The first one.*", "")
    control.sql(data, sql)
    server = control.serve { data = data }
    assert.equal("stopped", server:get("/sandbox/" .. id).state)
    assert(server:call("POST", "/volumes", { name = "v" }))
    assert.equal(1, #server:get "/volumes")
    server:create { volumes = { { volumeId = "v", mountPath = "/v" } } }
  end)

  it("of version 1 is taken over", function()
    local identity
    local data, id = leave(function()
      local sandbox = server:create { name = "old", labels = { a = "b", n = "1" } }
      server:sh(sandbox.id, "echo content > file")
      server:create { name = "second", labels = { a = "c" } }
      identity = sandbox.organizationId
      return sandbox.id
    end)
    control.sql(data, support.read_file "spec/support/version_1.sql")
    server = control.serve { data = data }
    local found = server:get("/sandbox?labels=%7B%22a%22%3A%22b%22%7D").items
    assert.equal(1, #found)
    assert.equal(id, found[1].id)
    assert.equal("stopped", found[1].state)
    assert.equal(identity, found[1].organizationId)
    assert.equal(2, server:get("/sandbox/paginated").total)
    assert(server:call("POST", "/sandbox/old/start"))
    assert.equal("content\n", server:sh(id, "cat file"))
    assert(server:call("PUT", "/sandbox/old/labels", { labels = { a = "d" } }))
    server:stop()
    server = control.serve { data = data }
    assert.equal(1, #server:get("/sandbox?labels=%7B%22a%22%3A%22d%22%7D").items)
    assert.equal(0, #server:get("/sandbox?labels=%7B%22a%22%3A%22b%22%7D").items)
    assert(server:call("DELETE", "/sandbox/" .. id))
    server:await(id, "gone")
  end)

  it("of version 3 is taken over", function()
    local data, id = leave(function()
      return server:create({ name = "old", autoStopInterval = 7 }).id
    end)
    local sql = support.read_file("spec/support/version_1.sql"):gsub("%-%- The second one.*", "")
    control.sql(data, sql)
    server = control.serve { data = data }
    local found = server:get("/sandbox/old")
    assert.equal(id, found.id)
    assert.equal(7, found.autoStopInterval)
    assert.equal(0, found.autoPauseInterval)
    assert.equal(1, server:get("/sandbox/paginated").total)
    assert.equal(0, #server:get("/warm-pools"))
    assert(server:call("POST", "/sandbox/old/start"))
  end)
end)
