-- On plain Lua 5.1 a body that is called protected runs in a coroutine of its
-- own.  Host uv woke that one by itself: with_sandbox never came back.

local support = require "spec.support" -- first: it looks after luv
local uv = require "daytona.host.uv"
local luv = require "luv"

describe("a call in with_sandbox, in host uv", function()
  it("comes back to it", function()
    local server = support.fault_server()
    local client = support.client(server, { host = uv })
    server:script({ method = "DELETE" }, { { body = '{"id": "sb-1", "state": "destroyed"}', times = 0 } })
    server:script({ path_prefix = "/api/sandbox" },
      { { body = '{"id": "sb-1", "state": "started"}', times = 0 } })
    local value
    uv.run(function()
      value = client:with_sandbox({}, function(sandbox)
        assert(sandbox:refresh())
        return "came back"
      end)
    end)
    luv.run()
    assert.equal("came back", value)
    client:close()
    server:close()
  end)
end)
