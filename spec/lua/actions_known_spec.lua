-- What actions keep from one to the next.

local core = require "daytona.core"
local e2e = require "spec.support.e2e"
local known = require "daytona.actions.known"
local support = require "spec.support"

local actions = require "daytona".actions
local check, fails = e2e.check, e2e.fails

describe("actions, one after another,", function()
  local server

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
  end)

  after_each(function()
    known.close()
  end)

  local function program(more)
    local said = { apiKey = support.api_key, apiUrl = server:url "/api" }
    for name, value in pairs(more or {}) do
      said[name] = value
    end
    return said
  end

  local RUN = support.scenario("json", { body = '{"exitCode": 0, "result": "x"}' })

  -- The API says, so many times (0: for ever), that the sandbox is at a scenario.
  local function located_at(scenario, times)
    server:script({ path = "/api/sandbox/sb-1" }, { { times = times or 0, body = {
      id = "sb-1", name = "box", state = "started", toolboxProxyUrl = server:url("/fault/" .. scenario),
    } } })
  end

  local function execute(more, id)
    return actions.daytona_execute_command({ sandboxId = id or "sb-1", command = "true" }, program(more))
  end

  -- Waits until the server has seen so many connections stay.
  local function until_open(count)
    support.eventually(function() return server:stats().open_connections == count end)
  end

  it("need one request and no new connection", function()
    located_at(RUN)
    check(execute())
    assert.equal(2, #server:requests())
    local connections = server:stats().connections
    check(execute())
    check(execute())
    assert.equal(4, #server:requests())
    assert.equal(connections, server:stats().connections)
  end)

  it("know what the server has shown of a sandbox", function()
    located_at(RUN)
    check(actions.daytona_get_sandbox({ sandboxId = "sb-1" }, program()))
    check(execute())
    assert.equal(2, #server:requests())
  end)

  it("keep clients apart by what they are made of", function()
    located_at(RUN)
    check(execute())
    local before = server:stats().connections
    check(execute { apiKey = "another" })
    check(execute { host = require "daytona.host.plain" })
    assert.equal(before + 2, server:stats().connections)
    assert.equal(6, #server:requests())
    local client = support.client(server)
    check(execute { client = client })
    check(execute { client = client })
    assert.equal(9, #server:requests())
    client:close()
  end)

  it("keep a few clients, and close the others", function()
    located_at(RUN)
    for i = 1, 12 do
      check(execute { apiKey = "key-" .. i })
    end
    until_open(8)
    known.close()
    until_open(0)
  end)

  it("look for a sandbox that is no longer where it was", function()
    located_at(RUN, 1)
    check(execute())
    known.close()
    server:reset()
    located_at("error;status=404", 1)
    located_at(RUN)
    fails({ kind = "not_found" }, execute()) -- nothing was known: it is not tried twice
    check(execute())
    known.close()
    server:reset()
    located_at(support.scenario("error", { status = 404 }), 1)
    located_at(RUN)
    local client = support.client(server)
    check(actions.daytona_get_sandbox({ sandboxId = "sb-1" }, program { client = client }))
    check(execute { client = client })
    local paths = {}
    for index, request in ipairs(server:requests()) do
      paths[index] = request.method .. " " .. request.scenario
    end
    assert.same({ "GET script", "POST error", "GET script", "POST json" }, paths)
    client:close()
  end)

  it("do not send again what may have been done, or read", function()
    local client = support.client(server)
    located_at("error;status=404", 1)
    located_at(support.scenario("sink"))
    check(actions.daytona_get_sandbox({ sandboxId = "sb-1" }, program { client = client }))
    fails({ kind = "not_found" }, actions.daytona_upload_file({ sandboxId = "sb-1", destinationPath = "x",
      file = { name = "x", content = "y" } }, program { client = client }))
    assert.equal(2, #server:requests())
    server:reset()
    located_at("reset-before-headers", 1)
    located_at(RUN)
    check(actions.daytona_get_sandbox({ sandboxId = "sb-1" }, program { client = client }))
    fails({ kind = "connection", outcome = "unknown" }, execute { client = client })
    check(execute { client = client }) -- and it was looked for anew
    client:close()
  end)

  it("leave clients of another process alone", function()
    located_at(RUN)
    check(execute())
    local before, process_id = server:stats(), core.process_id
    core.process_id = function() return -1 end
    local ok, problem = pcall(function()
      check(execute())
      assert.equal(before.connections + 1, server:stats().connections)
      assert.equal(before.open_connections + 1, server:stats().open_connections)
    end)
    core.process_id = process_id
    assert(ok, problem)
  end)
end)
