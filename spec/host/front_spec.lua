-- The front that other specs need does what it says.

if _VERSION ~= "Lua 5.4" then
  return -- it is about no Lua, so once is enough
end

local e2e = require "spec.support.e2e"
local fronts = require "spec.support.front"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("a front", function()
  local server, front, client, sandbox, id
  local fronts_by_name = {}

  setup(function()
    server = e2e.start()
    local plain = check(server:client())
    id = check(plain:create()).id
    plain:close()
  end)

  teardown(function()
    for _, one in pairs(fronts_by_name) do
      one:close()
    end
    server:stop()
    support.cleanup()
  end)

  local function use(name, options)
    front = fronts_by_name[name]
    if not front then
      options.server = server
      front = fronts.start(options)
      fronts_by_name[name] = front
    end
    front:forget()
    client = front:client { max_retries = 0 }
    sandbox = check(client:get(id))
    front:forget()
  end

  after_each(function()
    client:close()
    front:reset()
  end)

  for _, case in ipairs {
    { name = "TLS and HTTP/2", protocol = "HTTP/2.0", options = {} },
    { name = "TLS and HTTP/1.1", protocol = "HTTP/1.1", options = { http = 1 } },
    { name = "plain HTTP", protocol = "HTTP/1.1", options = { tls = false } },
    { name = "two origins", protocol = "HTTP/2.0", options = { separate = true } },
    { name = "buffers", protocol = "HTTP/2.0", options = { buffering = true } },
  } do
    it("with " .. case.name .. " has everything come through it", function()
      use(case.name, case.options)
      assert.equal("hi\n", check(sandbox.process:exec "echo hi").result)
      assert.equal(3, check(sandbox.process:run "echo through; exit 3").exit_code)
      check(sandbox.fs:upload_file({ content = "bytes" }, "a b%2Fc é"))
      assert.equal("bytes", check(sandbox.fs:download_file "a b%2Fc é"))
      local pty = check(sandbox.process:create_pty())
      check(pty:kill())
      local requests = front:requests()
      assert.equal(case.protocol, requests[1].protocol)
      assert.equal("POST", requests[1].method)
      assert.equal(case.options.separate and "toolbox" or "api", requests[1].on)
      assert.truthy(requests[1].path:find "/process/execute$")
      assert.equal(1, #front:requests "/create%-connect%?")
      local stats = front:stats()
      assert.is_true(stats.up > 0 and stats.down > 0 and stats.connections > 0)
      assert.equal(0, stats.failed)
    end)
  end

  it("has a hole for the connections there are, not for new ones", function()
    for _, acks in ipairs { true, false } do
      use "TLS and HTTP/1.1"
      front:hole { acks = acks }
      fails({ kind = "timeout" }, client:get(sandbox.id, { timeout = 0.3 }))
      local other = front:client()
      check(other:get(sandbox.id))
      other:close()
      assert.equal(1, front:stats().failed)
      assert.equal(1, #front:requests())
      client:close()
    end
  end)

  it("breaks handshakes, as many as it is told", function()
    use "TLS and HTTP/1.1"
    for _, how in ipairs { "hole", "reset", "finish" } do
      for _, at in ipairs { "hello", "answer", "at once" } do
        front:forget()
        front[how](front, { next = 2, at = at ~= "at once" and at or nil })
        for _ = 1, 2 do
          local other = front:client { max_retries = 0 }
          fails({ outcome = "failed" }, other:get(sandbox.id, { timeout = 0.3 }))
          other:close()
        end
        local other = front:client()
        check(other:get(sandbox.id))
        other:close()
        assert.equal(2, front:stats().failed)
        assert.equal(1, #front:requests())
      end
    end
  end)

  it("resets and ends connections in the middle of an answer", function()
    use "TLS and HTTP/2"
    for _, how in ipairs { "reset", "finish" } do
      check(client:get(sandbox.id))
      front[how](front, { down = 100000 })
      fails({ kind = "connection", outcome = "unknown" },
        sandbox.process:exec "head -c 1000000 /dev/zero | tr '\\0' x")
    end
    assert.equal(2, front:stats().failed)
  end)

  it("says GOAWAY after so many requests", function()
    use("GOAWAY", { keepalive_requests = 5 })
    for _ = 1, 12 do
      check(client:get(sandbox.id))
    end
    assert.equal(12, #front:requests())
    assert.is_true(front:connections() >= 2, front:connections())
  end)

  it("is as far away as it is told", function()
    use "TLS and HTTP/2"
    front:set { rtt = 0.05 }
    local near = support.timed(client.get, client, sandbox.id)
    front:set { rtt = 0.3 }
    local far = support.timed(client.get, client, sandbox.id)
    assert.is_true(near >= 0.05 and far >= 0.3, near .. " " .. far)
    front:set { rtt = 0, rate = 100000 }
    check(sandbox.fs:upload_file({ content = ("x"):rep(50000) }, "x"))
    assert.is_true(support.timed(sandbox.fs.download_file, sandbox.fs, "x") >= 0.5)
    front:set { rate = 0 }
  end)

  it("takes only so many connections", function()
    use "TLS and HTTP/2"
    front:set { limit = 1 }
    local other = front:client { max_retries = 0 }
    fails({ outcome = "failed" }, other:get(sandbox.id, { timeout = 5 }))
    front:set { limit = 0 }
    check(other:get(sandbox.id))
    other:close()
  end)
end)
