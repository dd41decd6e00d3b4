-- Handles, with_sandbox, to_table, closing: what belongs to whom and for how
-- long.

local daytona = require "daytona"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

describe("client:with_sandbox", function()
  local client

  e2e.serve(function(...)
    client = ...
  end, { create = false })

  local function nothing_left()
    assert.is_nil((client:list()()))
  end

  it("gives the body a sandbox and deletes it", function()
    local id
    local a, b, c, d = client:with_sandbox({ labels = { x = "y" } }, function(sandbox, ...)
      id = sandbox.id
      assert.equal(0, select("#", ...))
      assert.equal("y", sandbox.labels.x)
      return shell(sandbox, "echo hello"), nil, false, 4
    end)
    assert.same({ "hello\n", false, 4 }, { a, c, d })
    assert.is_nil(b)
    fails({ kind = "not_found" }, client:get(id))
    nothing_left()
  end)

  it("takes no options, too", function()
    assert.equal("python", client:with_sandbox(nil, function(sandbox)
      return sandbox.labels["code-toolbox-language"]
    end))
    assert.equal(0, select("#", client:with_sandbox({}, function() end)))
    nothing_left()
  end)

  it("deletes it when the body raises, and raises again", function()
    local ok, problem = pcall(client.with_sandbox, client, {}, function()
      error "my own"
    end)
    assert.is_false(ok)
    assert.truthy(problem:find("my own", 1, true))
    assert.truthy(problem:find("scopes_spec.lua", 1, true))
    nothing_left()
  end)

  it("raises what was raised, when it is a table", function()
    local mine = { mine = true }
    local ok, problem = pcall(client.with_sandbox, client, {}, function()
      error(mine)
    end)
    assert.is_false(ok)
    assert.equal(mine, problem)
    nothing_left()
  end)

  it("hands the body's failure on", function()
    local value, err = client:with_sandbox({}, function(sandbox)
      return sandbox.fs:download_file "none"
    end)
    fails({ kind = "not_found", operation = "fs.download_file" }, value, err)
    nothing_left()
  end)

  it("does not mind a sandbox that the body deleted or stopped", function()
    assert.is_true(client:with_sandbox({}, function(sandbox)
      check(sandbox:delete())
      return true
    end))
    assert.is_true(client:with_sandbox({}, function(sandbox)
      check(sandbox:stop())
      return true
    end))
    assert.is_true(client:with_sandbox({ ephemeral = true }, function(sandbox)
      check(sandbox:stop { wait = false })
      return true
    end))
    nothing_left()
  end)

  it("does not call the body when there is no sandbox", function()
    local called = false
    local value, err = client:with_sandbox({ snapshot = "none" }, function()
      called = true
    end)
    fails({ kind = "bad_request", operation = "sandbox.create" }, value, err)
    assert.is_false(called)
  end)

  it("nests", function()
    local one, two = client:with_sandbox({ name = "outer" }, function(outer)
      return client:with_sandbox({ name = "inner" }, function(inner)
        return shell(outer, "echo 1"), shell(inner, "echo 2")
      end)
    end)
    assert.same({ "1\n", "2\n" }, { one, two })
    nothing_left()
  end)

  it("wants a function", function()
    assert.equal("client.with_sandbox: field 'body': function expected, got nil",
      support.raised(client.with_sandbox, client, {}))
    assert.equal("sandbox.create: unknown option 'lables' (did you mean 'labels'?)",
      support.raised(client.with_sandbox, client, { lables = {} }, function() end))
    nothing_left()
  end)
end)

describe("a handle", function()
  local server, client, sandbox

  e2e.serve(function(...)
    sandbox, client, server = ...
  end, { create = { name = "hand led", env = { A = "b" }, labels = { c = "d" } } })

  it("is made of an id or a name, and asks nobody", function()
    local nowhere = check(daytona.new { api_key = "k", api_url = "http://127.0.0.1:1/api" })
    local handle = nowhere:sandbox "any thing"
    assert.equal("any thing", handle.id)
    assert.is_nil(handle.state)
    assert.is_nil(handle.name)
    nowhere:close()
    for _, id in ipairs { sandbox.id, "hand led" } do
      assert.equal("x\n", shell(client:sandbox(id), "echo x"))
      assert.equal(sandbox.id, check(client:sandbox(id):refresh()).id)
    end
  end)

  it("knows the rest once it was asked", function()
    local handle = client:sandbox(sandbox.id)
    shell(handle, "true")
    assert.equal("hand led", handle.name)
    assert.equal("started", handle.state)
  end)

  it("becomes a table, and comes back", function()
    local fields = sandbox:to_table()
    assert.equal("table", type(fields))
    assert.is_nil(getmetatable(fields))
    assert.equal(sandbox.id, fields.id)
    assert.same({ A = "b" }, fields.env)
    -- through a file or another program
    fields = support.json.decode(support.json.encode(fields))
    local again = client:sandbox(fields)
    assert.equal("d", again.labels.c)
    assert.equal("hand led", again.name)
    assert.equal("x\n", shell(again, "echo x"))
    assert.same({ c = "e", ["code-toolbox-language"] = "python" }, check(again:set_labels { c = "e" }))
    check(sandbox:set_labels { c = "d" })
  end)

  it("does not share its table", function()
    local fields = sandbox:to_table()
    fields.labels.c = "changed"
    fields.state = "changed"
    assert.equal("d", sandbox.labels.c)
    assert.equal("started", sandbox.state)
    local mine = sandbox:to_table()
    local handle = client:sandbox(mine)
    check(handle:refresh())
    handle:set_public(true)
    assert.is_false(mine.public)
    handle:set_public(false)
  end)

  it("has no key in it", function()
    local function search(value)
      if type(value) == "table" then
        for key, member in pairs(value) do
          search(key)
          search(member)
        end
      else
        assert.is_nil(tostring(value):find(server.api_key, 1, true))
      end
    end
    search(sandbox:to_table())
    assert.is_nil(tostring(sandbox):find(server.api_key, 1, true))
    assert.is_nil(tostring(client):find(server.api_key, 1, true))
  end)

  it("stays what it is", function()
    assert.equal(sandbox, client:sandbox(sandbox))
    assert.equal(sandbox.process, sandbox.process)
    assert.is_nil(sandbox.no_such_field)
    assert.truthy(tostring(sandbox):find(sandbox.id, 1, true))
  end)

  it("is not made of anything else", function()
    assert.equal("client.sandbox: id, name or table with an id expected, got nil",
      support.raised(client.sandbox, client))
    assert.equal("client.sandbox: id, name or table with an id expected, got table",
      support.raised(client.sandbox, client, {}))
    assert.equal("sandbox.get: field 'sandbox_id': must not be blank", support.raised(client.sandbox, client, " "))
  end)

  it("of a closed client raises", function()
    local other = check(server:client())
    local handle = other:sandbox(sandbox.id)
    other:close()
    other:close()
    for _, call in ipairs {
      function() return handle.process:exec "true" end,
      function() return handle:refresh() end,
      function() return handle.fs:list_files() end,
      function() return other:get "x" end,
      function() return other:create() end,
    } do
      assert.truthy(support.raised(call):find "closed")
    end
  end)

  it("keeps its client alive", function()
    local handle = check(server:client()):sandbox(sandbox.id)
    collectgarbage()
    collectgarbage()
    assert.equal("x\n", shell(handle, "echo x"))
  end)

  it("works for a client on another server's key as far as that goes", function()
    local stranger = check(server:client { api_key = "dtn_other" })
    fails({ kind = "unauthorized", status = 401 }, stranger:sandbox(sandbox.id):refresh())
    fails({ kind = "unauthorized" }, stranger:sandbox(sandbox:to_table()).process:exec "true")
    stranger:close()
  end)

  it("is gone with the scope, where Lua has that", function()
    if not _VERSION:find "5%.[4-9]" then
      return pending "needs Lua 5.4"
    end
    local run = assert(load([[
      local server = ...
      local client <close> = assert(server:client())
      return client
    ]]))
    local closed = run(server)
    assert.truthy(support.raised(closed.get, closed, "x"):find "closed")
  end)
end)
