-- Streams of HTTP/2 that a server ends with an error.

local daytona = require "daytona"
local e2e = require "spec.support.e2e"
local fronts = require "spec.support.front"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails
local INTERNAL_ERROR, REFUSED_STREAM, HTTP_1_1_REQUIRED = 2, 7, 13

describe("a stream that is ended", function()
  teardown(function()
    support.cleanup()
  end)

  -- What a command gives at a server that ends each stream with this code.
  local function exec(code)
    local server = support.stream_server(fronts.certificates(), code)
    local origin = "https://127.0.0.1:" .. server.port
    local client = check(daytona.new {
      api_url = origin .. "/api", api_key = "key", ca_file = fronts.certificates() .. "/ca.pem", timeout = 10,
      max_retries = 0,
    })
    local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = origin .. "/toolbox" }
    local value, err = sandbox.process:exec "true"
    client:close()
    server:close()
    return value, err
  end

  it("because the server wants HTTP/1.1 was not processed, and the command goes by that", function()
    assert.equal("by HTTP/1.1", check(exec(HTTP_1_1_REQUIRED)).result)
  end)

  it("because the server takes no more was not processed", function()
    fails({ kind = "connection", outcome = "failed", retryable = true }, exec(REFUSED_STREAM))
  end)

  it("for another reason may have been processed", function()
    fails({ kind = "connection", outcome = "unknown", retryable = false }, exec(INTERNAL_ERROR))
  end)
end)
