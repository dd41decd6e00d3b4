-- Secrets: kept, listed, changed, and never given.

local daytona = require "daytona"
local control = require "spec.local.control_support"
local support = require "spec.support"

local function escape(text)
  return (text:gsub("[^%w]", function(ch)
    return ("%%%02X"):format(ch:byte())
  end))
end

describe("secrets", function()
  local server

  setup(function()
    server = control.serve()
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function create(fields)
    return assert(server:call("POST", "/secret", fields))
  end

  local function names(query)
    local page = server:get("/secret/paginated?" .. query)
    local list = {}
    for i, secret in ipairs(page.items) do
      list[i] = secret.name
    end
    return table.concat(list, " "), page
  end

  it("are made and found, without their value", function()
    local secret = create { name = "API_KEY", value = "sk-hidden-1", description = "of a service",
      hosts = { "api.example.com" } }
    assert.truthy(secret.placeholder:find "^dtn_secret_%x+$")
    support.eq({
      id = secret.id, name = "API_KEY", description = "of a service", hosts = { "api.example.com" },
      placeholder = secret.placeholder, createdAt = support.any_string, updatedAt = support.any_string,
    }, secret)
    support.eq(secret, server:get("/secret/" .. secret.id))
    support.eq({ secret }, server:get "/secret")
    local bare = create { name = "bare-name", value = "sk-hidden-2" }
    support.eq({}, bare.hosts)
    assert.is_nil(bare.description)
    assert.are_not.equal(secret.placeholder, bare.placeholder)
    for _, one in ipairs { secret, bare } do
      assert(server:call("DELETE", "/secret/" .. one.id))
    end
    assert.equal(0, #server:get "/secret")
  end)

  it("are changed in parts", function()
    local secret = create { name = "CHANGED", value = "sk-hidden-3", description = "one", hosts = { "a.example" } }
    local path = "/secret/" .. secret.id
    assert.equal("two", assert(server:call("PATCH", path, { description = "two" })).description)
    local changed = assert(server:call("PATCH", path, { value = "sk-hidden-4", hosts = daytona.array {} }))
    assert.equal("two", changed.description)
    support.eq({}, changed.hosts)
    assert.equal(secret.placeholder, changed.placeholder)
    assert.is_true(changed.updatedAt >= secret.updatedAt)
    support.eq(changed, assert(server:call("PATCH", path, {})) and changed)
    assert(server:call("DELETE", path))
  end)

  it("are refused where they are none", function()
    local pattern = "name must match /^[a-zA-Z_][a-zA-Z0-9_-]*$/ regular expression"
    for _, row in ipairs {
      { { value = "v" }, "name should not be empty, name must be a string" },
      { { name = 5, value = "v" }, "name must be a string, name should not be empty" },
      { { name = "1st", value = "v" }, pattern },
      { { name = "a b", value = "v" }, pattern },
      { { name = "A" }, "value should not be empty, value must be a string" },
      { { name = "A", value = "" }, "value should not be empty" },
      { { name = "A", value = "v", hosts = "x" }, "hosts must be an array" },
      { { name = "A", value = "v", hosts = { 5 } }, "each value in hosts must be a string" },
    } do
      server:refuses(400, row[2], "POST", "/secret", row[1])
    end
    server:refuses(501, "The field 'ttl' is not supported by daytona-local", "POST", "/secret",
      { name = "A", value = "v", ttl = 5 })
    local secret = create { name = "TWICE", value = "sk-hidden-5" }
    server:refuses(409, "Secret with name TWICE already exists", "POST", "/secret",
      { name = "TWICE", value = "sk-hidden-6" })
    server:refuses(400, "value should not be empty", "PATCH", "/secret/" .. secret.id, { value = "" })
    for _, method in ipairs { "GET", "PATCH", "DELETE" } do
      server:refuses(404, "Secret with ID nope not found", method, "/secret/nope")
    end
    assert(server:call("DELETE", "/secret/" .. secret.id))
    server:refuses(404, "Secret with ID " .. secret.id .. " not found", "DELETE", "/secret/" .. secret.id)
  end)

  it("come in pages, filtered and sorted", function()
    for _, name in ipairs { "LIST_B", "LIST_A", "LIST_D", "LIST_C", "OTHER" } do
      create { name = name, value = "sk-hidden-7" }
    end
    assert.equal("LIST_A LIST_B LIST_C LIST_D", (names "name=list&sort=name&order=asc"))
    local first, page = names "name=list&sort=name&order=desc&limit=3"
    assert.equal("LIST_D LIST_C LIST_B", first)
    assert.equal(4, page.total)
    local rest, last = names("name=list&sort=name&order=desc&limit=3&cursor=" .. escape(page.nextCursor))
    assert.equal("LIST_A", rest)
    assert.equal(4, last.total)
    assert.equal(support.json.null, last.nextCursor or support.json.null)
    local seen, cursor = {}, ""
    repeat
      local text
      text, page = names("limit=1&cursor=" .. cursor)
      seen[#seen + 1] = text
      cursor = type(page.nextCursor) == "string" and escape(page.nextCursor)
    until not cursor
    table.sort(seen)
    assert.equal("LIST_A LIST_B LIST_C LIST_D OTHER", table.concat(seen, " "))
    assert.equal(5, page.total)
    assert.equal("", (names "name=none"))
    server:refuses(400, "limit must not be less than 1", "GET", "/secret/paginated?limit=0")
    server:refuses(400, "Invalid cursor provided: zzz", "GET", "/secret/paginated?cursor=zzz")
    server:refuses(400, "sort must be one of the following values: name, createdAt, updatedAt", "GET",
      "/secret/paginated?sort=value")
    server:refuses(501, "The filter 'hosts' is not supported by daytona-local", "GET", "/secret/paginated?hosts=x")
  end)

  it("are not put into sandboxes", function()
    local why = "Mounting secrets is not supported by daytona-local: nothing here puts the value in the place of "
      .. "the placeholder on the way out"
    server:refuses(501, why, "POST", "/sandbox", { secrets = { { KEY = "LIST_A" } } })
    local id = server:create().id
    server:refuses(501, why, "PUT", "/sandbox/" .. id .. "/secrets", { secrets = { { KEY = "LIST_A" } } })
    assert.equal(id, assert(server:call("PUT", "/sandbox/" .. id .. "/secrets", { secrets = {} })).id)
  end)

  it("outlive the server, and are open to nobody else", function()
    local data = server.data
    server:kill()
    assert.is_nil(server:log():find "sk%-hidden")
    local modes = support.run(("stat -c %%a %s/state.db %s/state.db-wal %s"):format(data, data, data))
    assert.equal("600\n600\n700\n", modes)
    server = control.serve { data = data }
    assert.equal(5, server:get("/secret/paginated").total)
  end)
end)
