-- client:request: any endpoint of the API and of a toolbox.

local daytona = require "daytona"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("client:request", function()
  local server, client, sandbox

  e2e.serve(function(...)
    sandbox, client, server = ...
  end, { create = { name = "asked freely" } })

  it("gives the server's own names", function()
    local found = check(client:request("GET", "/sandbox/" .. sandbox.id))
    assert.equal(sandbox.id, found.id)
    assert.equal(15, found.autoStopInterval)
    assert.equal("python", found.labels["code-toolbox-language"])
    assert.is_nil(found.errorReason)
    assert.is_nil(found.auto_stop_interval)
  end)

  it("reaches what has no method", function()
    local page = check(client:request("GET", "/snapshots"))
    assert.equal(sandbox.snapshot, page.items[1].name)
    assert.equal("ok", check(client:request("GET", "/health")).status)
    assert.truthy(#check(client:request("GET", "/regions")) >= 1)
  end)

  it("sends a query", function()
    local page = check(client:request("GET", "/sandbox", { query = { limit = 1, name = "ASKED fr" } }))
    assert.equal(1, #page.items)
    page = check(client:request("GET", "/sandbox", { query = { name = "none & such=1" } }))
    assert.same({}, page.items)
    page = check(client:request("GET", "/sandbox?limit=1&name=asked%20f"))
    assert.equal(1, #page.items)
  end)

  it("sends a table as JSON", function()
    local answer = check(client:request("PUT", "/sandbox/" .. sandbox.id .. "/labels",
      { body = { labels = { ["code-toolbox-language"] = "python", camelCase = "kept", snake_case = "kept" } } }))
    assert.equal("kept", answer.labels.camelCase)
    assert.equal("kept", answer.labels.snake_case)
    local made = check(client:request("POST", "/sandbox", { body = { name = "made freely", autoStopInterval = 3 } }))
    check(client:sandbox(made.id):wait_until_started())
    assert.equal(3, check(client:get "made freely").auto_stop_interval)
    assert.equal("destroying", check(client:request("DELETE", "/sandbox/" .. made.id)).state)
  end)

  it("sends text as it is", function()
    local answer = check(client:request("PUT", "/sandbox/" .. sandbox.id .. "/labels",
      { body = '{"labels": {"code-toolbox-language": "python", "b": "1"}}',
        headers = { ["Content-Type"] = "application/json" } }))
    assert.equal("1", answer.labels.b)
  end)

  it("sends null and empty lists", function()
    check(client:request("POST", "/sandbox/" .. sandbox.id .. "/network-settings",
      { body = { networkBlockAll = false, networkAllowList = "" } }))
    fails({ kind = "bad_request", status = 400 }, client:request("POST", "/sandbox",
      { body = { labels = daytona.array {} } }))
    local made = check(client:request("POST", "/sandbox", {
      body = { name = daytona.null, volumes = daytona.array {} },
    }))
    assert.equal(made.id, made.name)
    check(client:delete(made.id))
  end)

  it("gives true where the answer is empty", function()
    assert.is_true(check(client:request("POST", "/sandbox/" .. sandbox.id .. "/last-activity")))
  end)

  it("asks a toolbox", function()
    local answer = check(client:request("POST", "/process/execute",
      { sandbox = sandbox, body = { command = "echo $PWD; exit 3", cwd = "/tmp" } }))
    assert.same({ exitCode = 3, result = "/tmp\n" }, answer)
    answer = check(client:request("GET", "/version", { sandbox = client:sandbox(sandbox.id) }))
    assert.equal("string", type(answer.version))
    check(sandbox.fs:upload_file({ content = "\0\1\255" }, "bytes"))
    assert.equal("\0\1\255", check(client:request("GET", "/files/download",
      { sandbox = sandbox, query = { path = "bytes" } })))
    check(client:request("DELETE", "/files", { sandbox = sandbox, query = { path = "bytes" } }))
    fails({ kind = "not_found", status = 404, code = "FILE_NOT_FOUND", operation = "client.request",
      sandbox_id = sandbox.id },
      client:request("GET", "/files/info", { sandbox = sandbox, query = { path = "bytes" } }))
  end)

  it("gives the text of an answer on demand", function()
    local text = check(client:request("GET", "/health", { raw = true }))
    assert.equal("string", type(text))
    assert.equal("ok", support.json.decode(text).status)
  end)

  it("gives the server's refusals", function()
    fails({ kind = "not_found", status = 404, operation = "client.request", method = "GET",
      message = "Cannot GET /api/nope" }, client:request("GET", "/nope"))
    fails({ kind = "not_found", status = 404, message = "Sandbox with ID or name a b not found" },
      client:request("GET", "/sandbox/a%20b"))
    fails({ kind = "bad_request", status = 400, message = "Invalid JSON" },
      client:request("POST", "/sandbox", { body = "{", headers = { ["Content-Type"] = "application/json" } }))
    local stranger = check(server:client { api_key = "dtn_other" })
    fails({ kind = "unauthorized", status = 401 }, stranger:request("GET", "/sandbox"))
    stranger:close()
  end)

  it("refuses nonsense before anything is sent", function()
    local cases = {
      { nil, "/x", nil, "field 'method': required" },
      { "GET", nil, nil, "field 'path': required" },
      { "GET", "/x", { bdy = {} }, "unknown option 'bdy' (did you mean 'body'?)" },
      { "GET", "/x", { sandbox = "id" }, "field 'sandbox': sandbox expected, got string" },
    }
    for _, case in ipairs(cases) do
      assert.equal("client.request: " .. case[4], support.raised(client.request, client, case[1], case[2], case[3]))
    end
    for _, bad in ipairs { { "GET\r\nX: y", "/x" }, { "G T", "/x" }, { "GET", "/x\r\nX: y" }, { "GET", "/x\0" } } do
      assert.truthy(support.raised(client.request, client, bad[1], bad[2]):find "^client.request: field '")
    end
    assert.truthy(support.raised(client.request, client, "GET", "/x", { headers = { ["X-Y"] = "a\nb" } }):find "field")
  end)
end)
