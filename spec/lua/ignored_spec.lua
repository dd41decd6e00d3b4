-- Options that a server did not obey are told.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

describe("an option of create that the server ignores", function()
  local servers = {}

  teardown(function()
    for _, server in ipairs(servers) do
      server:stop()
    end
    support.cleanup()
  end)

  local function start(as)
    local server = e2e.check(require("daytona").testing.start { program = e2e.program, as = as })
    servers[#servers + 1] = server
    return server
  end

  it("is named by the handle, for the sandbox may live on and be billed", function()
    local server = start "v0.190"
    local client = e2e.check(server:client())
    local sandbox = e2e.check(client:create {
      ttl_minutes = 5, auto_stop_interval = 7, kvm = true, queue_timeout = 5,
    })
    assert.same({ "kvm", "queue_timeout", "ttl_minutes" }, sandbox.ignored_options)
    assert.equal(7, sandbox.auto_stop_interval)
    client:close()
  end)

  it("is told by DAYTONA_LOG", function()
    local output = support.run(support.lua_command(([[
      local client = assert(require("daytona").new { api_url = %q, api_key = %q })
      assert(client:create { ttl_minutes = 5 })
    ]]):format(servers[1].api_url, servers[1].api_key), { DAYTONA_LOG = "info" }))
    assert.truthy(output:find("daytona: sandbox.create: the server ignored ttl_minutes", 1, true), output)
  end)

  it("is none where the server obeys, and nothing is asked for by 0", function()
    local server = start()
    local client = e2e.check(server:client())
    local sandbox = e2e.check(client:create { ttl_minutes = 5, public = true, auto_stop_interval = 0 })
    assert.is_nil(sandbox.ignored_options)
    assert.is_string(sandbox.auto_destroy_at)
    client:close()
  end)
end)
