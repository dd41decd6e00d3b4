-- Auto-stop, auto-archive, auto-delete and the time to live, with a minute
-- that lasts a fifth of a second.

local control = require "spec.local.control_support"
local support = require "spec.support"

describe("timers", function()
  local server

  setup(function()
    server = control.serve { env = "DAYTONA_LOCAL_MINUTE_SECONDS=0.2" }
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  it("stops, then deletes", function()
    local sandbox = server:create { autoStopInterval = 2, autoDeleteInterval = 3 }
    server:await(sandbox.id, "stopped")
    server:await(sandbox.id, "gone")
  end)

  it("deletes an ephemeral one instead of stopping it", function()
    server:await(server:create({ autoStopInterval = 1, autoDeleteInterval = 0 }).id, "gone")
  end)

  it("archives", function()
    server:await(server:create({ autoStopInterval = 1, autoArchiveInterval = 1 }).id, "archived")
  end)

  it("ends a life in any state", function()
    server:await(server:create({ autoStopInterval = 0, ttlMinutes = 2 }).id, "gone")
    server:await(server:create({ autoStopInterval = 1, ttlMinutes = 5 }).id, "gone")
  end)

  it("leaves alone what is used", function()
    local used = server:create { autoStopInterval = 8 }
    local called = server:create { autoStopInterval = 2 }
    local off = server:create { autoStopInterval = 0 }
    local start = support.now()
    repeat
      server:sh(used.id, "true")
      assert(server:call("POST", "/sandbox/" .. called.id .. "/last-activity", {}))
    until support.now() - start > 2.5
    for _, sandbox in ipairs { used, called, off } do
      assert.equal("started", server:get("/sandbox/" .. sandbox.id).state)
    end
    server:await(used.id, "stopped")
    server:await(called.id, "stopped")
    assert.equal("started", server:get("/sandbox/" .. off.id).state)
  end)
end)
