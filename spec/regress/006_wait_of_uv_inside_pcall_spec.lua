-- On plain Lua 5.1 a body that is called protected runs in a coroutine of its
-- own.  Host uv woke that one by itself: with_sandbox never came back.

local support = require "spec.support" -- first: it looks after luv
local uv = require "daytona.host.uv"
local luv = require "luv"

describe("a call in with_sandbox, in host uv", function()
  it("comes back to it", function()
    local server = support.fault_server()
    local client = support.client(server, { host = uv })
    local started = '{"id": "sb-1", "state": "started"}'
    server:script({ method = "POST" }, { { body = started } })
    server:script({ method = "GET" }, { { body = started, times = 2 }, { status = 404, times = 0 } })
    server:script({ method = "DELETE" }, { { body = started } })
    local value, problem
    uv.run(function()
      value, problem = client:with_sandbox({}, function(sandbox)
        assert(sandbox:refresh())
        return "came back"
      end)
    end)
    luv.run()
    assert.equal("came back", value, tostring(problem))
    client:close()
    server:close()
  end)
end)
