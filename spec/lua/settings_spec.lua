-- What of a sandbox can be set, asked for and looked at while it runs, on a real server.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

describe("a sandbox that runs", function()
  local sandbox, client

  e2e.serve(function(...)
    sandbox, client = ...
  end)

  it("has intervals and a time to live", function()
    check(sandbox:set_auto_stop_interval(0))
    check(sandbox:set_auto_pause_interval(30))
    assert.equal(30, sandbox.auto_pause_interval)
    assert.equal(30, check(client:get(sandbox.id)).auto_pause_interval)
    check(sandbox:set_auto_pause_interval(0))
    assert.equal(0, check(sandbox:refresh()).auto_pause_interval)
    check(sandbox:set_ttl(60))
    assert.equal("string", type(sandbox.auto_destroy_at))
    check(sandbox:set_ttl(0))
    assert.is_nil(sandbox.auto_destroy_at)
    assert.is_nil(check(client:get(sandbox.id)).auto_destroy_at)
  end)

  it("has no GPU, and none of it is made with what the server cannot give", function()
    local function found(query)
      return #check(client:list_page(query)).items
    end
    assert.equal(found {}, found { min_gpu = 0, max_gpu = 0 })
    assert.equal(0, found { min_gpu = 1 })
    for wire, option in pairs { kvm = { kvm = true }, queueTimeout = { queue_timeout = 5 } } do
      fails({ kind = "server", status = 501, message = "The field '" .. wire .. "' is not supported" },
        client:create(option))
    end
    check(check(client:create { kvm = false }):delete())
    assert.has_error(function()
      client:create { queue_timeout = 0 }
    end, "sandbox.create: field 'queue_timeout': out of range (1 to 2147483647)")
  end)

  it("has variables for what is started from then on", function()
    check(sandbox:update_env { SETTING = "1" })
    assert.equal("1\n", check(sandbox.process:run "echo $SETTING").stdout)
    check(sandbox:update_env({}, { unset = { "SETTING" } }))
    assert.equal("\n", check(sandbox.process:run "echo $SETTING").stdout)
  end)

  it("tells what it uses, its ports and its version", function()
    local metrics = check(sandbox:get_metrics_latest())
    assert.truthy(metrics.cpu_count >= 1 and metrics.mem_total > 0 and metrics.disk_total > 0)
    assert.equal("daytona.sandbox.cpu.utilization",
      check(sandbox:get_metrics("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"))[1].metric_name)
    assert.is_false((sandbox:is_port_in_use(8123)))
    shell(sandbox, "setsid python3 -m http.server 8123 >/dev/null 2>&1 &")
    check(sandbox:wait_for { port = 8123, timeout = 30 })
    assert.is_true((sandbox:is_port_in_use(8123)))
    local listed = {}
    for _, port in ipairs(check(sandbox:list_ports())) do
      listed[port] = true
    end
    assert.is_true(listed[8123])
    assert.equal(check(client:get(sandbox.id)).daemon_version, check(sandbox:get_version()))
  end)

  it("blocks its network", function()
    local other = check(client:create())
    check(other:stop())
    check(other:update_network_settings { network_block_all = true })
    assert.is_true(check(client:get(other.id)).network_block_all)
    check(other:start())
    check(other:delete())
    fails({ kind = "not_found", operation = "sandbox.update_network_settings" },
      other:update_network_settings { network_block_all = false })
  end)

  it("says what this server has not", function()
    for name, call in pairs {
      ["sandbox.create_ssh_access"] = function() return sandbox:create_ssh_access() end,
      ["sandbox.revoke_ssh_access"] = function() return sandbox:revoke_ssh_access "t" end,
      ["sandbox.validate_ssh_access"] = function() return sandbox:validate_ssh_access "t" end,
    } do
      fails({ kind = "server", status = 501, operation = name }, call())
    end
    assert.equal("None", check(sandbox:create_backup()).backup_state) -- there is nowhere to keep one
    support.sound_error(select(2, sandbox:update_secrets { TOKEN = "none" }))
  end)
end)
