-- What waits in sequence on a long way, by what passes there.

local fronts = require "spec.support.front"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check = e2e.check

describe("over a long way", function()
  local server

  setup(function()
    server = e2e.start()
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function with_front(options, body)
    options.server = server
    options.rtt = options.rtt or 0.02
    local front = fronts.start(options)
    local client = front:client()
    local ok, problem = pcall(body, front, client)
    client:close()
    front:close()
    assert(ok, problem)
  end

  local function by_method(front, method)
    local found = {}
    for _, request in ipairs(front:requests()) do
      if request.method == method then
        found[#found + 1] = request
      end
    end
    return found
  end

  it("the toolbox's server is connected to while a sandbox starts", function()
    with_front({ separate = true }, function(front, client)
      local sandbox = check(client:create())
      check(sandbox.process:exec "true")
      local heads = by_method(front, "HEAD")
      assert.equal(1, #heads)
      assert.equal("toolbox", heads[1].on)
      assert.equal("/", heads[1].path)
      assert.equal(2, front:connections())
      check(sandbox:stop())
      check(sandbox:start())
      assert.equal(1, #by_method(front, "HEAD"))
      check(sandbox:delete())
    end)
  end)

  it("nothing is connected to ahead where it does not pay", function()
    for _, options in ipairs { {}, { separate = true, tls = false } } do
      with_front(options, function(front, client)
        local sandbox = check(client:create())
        check(sandbox.process:exec "true")
        check(sandbox:delete())
        assert.equal(0, #by_method(front, "HEAD"))
      end)
    end
  end)

  it("a toolbox over HTTP/1.1 does not wait for what was connected ahead", function()
    with_front({ separate = true, http = 1 }, function(front, client)
      local sandbox = check(client:create())
      check(sandbox.process:exec "true")
      check(sandbox.process:exec "true")
      assert.is_true(front:connections() <= 3)
      check(sandbox:delete())
    end)
  end)
end)
