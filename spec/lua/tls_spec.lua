-- Whom the client trusts.

local daytona = require "daytona"
local support = require "spec.support"

describe("over TLS", function()
  local server

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
  end)

  -- GET /sandbox/x from `url`, trusting `ca_file`.
  local function get(url, ca_file)
    local client = support.client(server, {
      api_url = url, ca_file = ca_file, max_retries = 0, timeout = 5,
    })
    local value, err = client:get "x"
    client:close()
    return value, err
  end

  local function refused(url, ca_file, ...)
    local value, err = get(url, ca_file)
    assert.is_nil(value)
    support.sound_error(err)
    assert.equal("tls", err.kind, tostring(err))
    assert.equal("failed", err.outcome)
    assert.is_false(err.retryable)
    for _, part in ipairs { ... } do
      assert.truthy(err.message:lower():find(part, 1, true), err.message)
    end
    assert.equal(0, #server:requests())
  end

  it("a private authority is trusted when it is given", function()
    for _, host in ipairs { "127.0.0.1", "localhost" } do
      local found = assert(get(("https://%s:%d/fault/%s"):format(host, server.tls_port,
        support.scenario("json", { body = '{"id": "x"}' })), server.ca_file))
      assert.equal("x", found.id)
    end
  end)

  it("a private authority is not trusted otherwise", function()
    refused(server:tls_url("tls", "/api"), nil, "certificate")
  end)

  it("a self-signed certificate is refused", function()
    refused(server:tls_url("self_signed", "/api"), nil, "certificate")
    refused(server:tls_url("self_signed", "/api"), server.ca_file, "certificate")
  end)

  it("an expired certificate is refused", function()
    refused(server:tls_url("expired", "/api"), server.ca_file, "expired")
  end)

  it("the certificate of another host is refused", function()
    refused(server:tls_url("wrong_host", "/api"), server.ca_file, "127.0.0.1")
  end)

  it("a server that does not speak TLS is refused", function()
    refused(("https://127.0.0.1:%d/api"):format(server.port), server.ca_file)
  end)

  it("the toolbox is held to the same", function()
    local client = support.client(server, { max_retries = 0 })
    local sandbox = client:sandbox {
      id = "x", state = "started",
      toolbox_proxy_url = server:tls_url("self_signed", "/fault/ok-json"),
    }
    local run, err = sandbox.process:exec "true"
    assert.is_nil(run)
    assert.equal("tls", support.sound_error(err).kind)
    assert.equal(0, #server:requests())
    client:close()
  end)

  it("an authority file that is missing or no certificate is a clear error", function()
    local garbage = support.write_file(support.temp_dir() .. "/ca.pem", "not a certificate\n")
    for _, path in ipairs { "/nowhere/ca.pem", garbage, support.temp_dir() } do
      local client, err = daytona.new {
        api_key = support.api_key, api_url = server:tls_url("tls", "/api"), ca_file = path,
        max_retries = 0,
      }
      if client then
        local _
        _, err = client:get "x"
        client:close()
      end
      assert.truthy(err, path)
      assert.truthy(err.kind == "file" or err.kind == "tls", err.kind)
      assert.truthy(tostring(err):find(path, 1, true), tostring(err))
    end
    assert.equal(0, #server:requests())
  end)

  it("a body that is cut off or reset is an error here as well", function()
    for _, scenario in ipairs { "truncated-body", "reset-in-body", "truncated-chunks",
      "reset-before-headers" } do
      local value, err = get(server:tls_url("tls", "/fault/" .. scenario), server.ca_file)
      assert.is_nil(value)
      assert.equal("connection", support.sound_error(err).kind, scenario)
    end
  end)
end)
