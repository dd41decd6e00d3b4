-- What makes a thing was not answered in time, and the server does it after it was asked
-- to remove the thing: a busy proxy does the later request first.

local support = require "spec.support"

describe("a thing that is made after its first removal", function()
  local server, client, sandbox

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    client = support.client(server)
    sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
  end)

  after_each(function()
    client:close()
  end)

  local NONE = { status = 404, body = { message = "not found" } }
  local calls = {
    ["a run's session"] = { "/process/session", function(process) return process:run("true", { timeout = 0.2 }) end },
    ["a session"] = { "/process/session", function(process)
      return process:create_session(nil, { timeout = 0.2 })
    end },
    ["a terminal"] = { "/process/pty", function(process) return process:create_pty(nil, { timeout = 0.2 }) end },
  }

  for name, case in pairs(calls) do
    it("is removed: " .. name, function()
      server:script({ method = "POST", path = "/box/sb-1" .. case[1] }, { { delay_ms = 30000, times = 0 } })
      server:script({ method = "DELETE" }, { NONE, NONE, NONE, { status = 204 }, { status = 204, times = 0 } })
      local value, err = case[2](sandbox.process)
      assert.is_nil(value)
      assert.equal("timeout", err.kind)
      local asked = {}
      for _, request in ipairs(server:requests()) do
        if request.method == "DELETE" then
          assert.has_match("^/box/sb%-1" .. case[1] .. "/.", request.path)
          asked[#asked + 1] = request.path
        end
      end
      assert.equal(4, #asked)
    end)
  end
end)
