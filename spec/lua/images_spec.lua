-- Sandboxes and snapshots of an image's name, where the server was told to take it.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("an image", function()
  teardown(support.cleanup)

  it("is taken by name with --images host, which its label and its log tell", function()
    local server = e2e.start(nil, { "--images", "host" })
    local client = check(server:client())
    local log = {}
    local sandbox = check(client:create { image = "python:3.12", cpu = 1, on_build_log = function(chunk)
      log[#log + 1] = chunk
    end })
    assert.equal("the programs of the host, not those of python:3.12", sandbox.labels["daytona-local/image"])
    assert.truthy(table.concat(log):find("nothing was pulled or built", 1, true), table.concat(log))
    assert.equal(table.concat(log), check(sandbox:build_logs()))
    assert.equal("4\n", check(sandbox.process:run "echo $((2 + 2))").stdout)
    check(sandbox:delete())
    fails({ kind = "server", status = 501, message = "more than FROM" },
      client:create { dockerfile = "FROM python:3.12\nRUN pip install requests" })
    local snapshot = check(client.snapshot:create("py", { image_name = "python:3.12" }))
    assert.equal("active", snapshot.state)
    sandbox = check(client:create { snapshot = "py" })
    assert.truthy(sandbox.labels["daytona-local/image"])
    check(sandbox:delete())
    fails({ kind = "not_found" }, sandbox:build_logs())
    client:close()
    server:stop()
  end)

  it("is 501 by default, with the option's name", function()
    local server = e2e.start()
    local client = check(server:client())
    fails({ kind = "server", status = 501, message = "--images host" }, client:create { image = "python:3.12" })
    fails({ kind = "server", status = 501, message = "--images host" },
      client.snapshot:create("py", { image_name = "python:3.12" }))
    fails({ kind = "not_found", message = "has no build info" }, check(client:create()):build_logs())
    client:close()
    server:stop()
  end)
end)
