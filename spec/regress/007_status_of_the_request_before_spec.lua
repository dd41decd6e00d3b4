-- A request that was cancelled before libcurl took it up failed with the HTTP
-- status of the one that had used its handle before.

local loop = require "daytona.host.loop"
local support = require "spec.support"

describe("a call that is cancelled before it is sent", function()
  local server, client

  setup(function()
    server = support.fault_server()
  end)

  teardown(function()
    if client then
      client:close()
    end
    server:close()
  end)

  it("is cancelled, whatever the one before it met", function()
    client = support.client(server, { host = loop, max_retries = 0 })
    loop.run(function()
      local _, before = client:get "none"
      assert.equal("not_found", support.sound_error(before).kind)
      local err
      local task = loop.spawn(function()
        err = select(2, client:get "none")
      end)
      loop.spawn(function()
        task:cancel() -- in the same turn, before the next one moves anything
      end)
      task:wait()
      assert.equal("cancelled", support.sound_error(err).kind)
      assert.is_nil(err.status)
    end)
    assert.equal(1, #server:requests())
  end)
end)
