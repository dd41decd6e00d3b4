-- Connections that are dropped without a word.

local e2e = require "spec.support.e2e"
local fronts = require "spec.support.front"
local loop = require "daytona.host.loop"
local support = require "spec.support"
local websocket = require "daytona.call.websocket"

local check, fails = e2e.check, e2e.fails

describe("a connection that is dropped silently", function()
  local server, client, sandbox, front
  local all = {} -- fronts, and a sandbox that was made through each, by version of HTTP

  setup(function()
    server = e2e.start()
    for _, http in ipairs { 1, 2 } do
      local made = fronts.start { server = server, http = http }
      local first = made:client()
      all[http] = { front = made, sandbox = check(first:create()):to_table() }
      first:close()
    end
  end)

  teardown(function()
    for _, one in ipairs(all) do
      one.front:close()
    end
    server:stop()
    support.cleanup()
  end)

  after_each(function()
    client:close()
  end)

  -- A client with one connection that works, and this silence_timeout.
  local function start(http, seconds, host)
    if client then
      client:close()
    end
    front = all[http].front
    client = front:client { host = host, silence_timeout = seconds }
    sandbox = client:sandbox(all[http].sandbox)
    local function begin()
      check(sandbox.process:exec "true")
    end
    if host then
      host.run(begin)
    else
      begin()
    end
    front:forget()
  end

  -- All connections drop everything; `acks`: TCP still answers, as a proxy's.
  local function drop(acks)
    front:hole { acks = acks }
  end

  for _, http in ipairs { 2, 1 } do
    for _, acks in ipairs { true, false } do
      local name = ("over HTTP/%d%s"):format(http, acks and ", TCP answering" or "")

      it(name .. " costs the first call some time, and the next ones nothing", function()
        start(http, 0.5)
        for _, call in ipairs {
          function()
            return client:get(sandbox.id)
          end,
          function()
            return sandbox.fs:upload_file({ content = ("x"):rep(100) }, "f")
          end,
        } do
          drop(acks)
          assert.is_true(support.timed(function()
            check(call())
          end) < 10)
          local before = front:connections()
          for _ = 1, 3 do
            check(call())
          end
          assert.equal(before, front:connections())
        end
      end)
    end

    it(("over HTTP/%d takes no second call, however short its time"):format(http), function()
      start(http, 60)
      drop(true)
      fails({ kind = "timeout", outcome = "failed" }, client:get(sandbox.id, { timeout = 0.3 }))
      for _ = 1, 3 do
        check(client:get(sandbox.id, { timeout = 5 }))
      end
      assert.equal(1, front:connections())
    end)
  end

  it("takes no call when what it was given up for has come late", function()
    for _, http in ipairs { 1, 2 } do
      start(http, 60)
      front:set { rtt = 0.2 }
      fails({ kind = "timeout" }, client:get(sandbox.id, { timeout = 0.1 }))
      local other = front:client()
      check(other:get(sandbox.id)) -- takes longer than the answer
      other:close()
      front:set { rtt = 0 }
      check(sandbox.process:exec "true")
    end
  end)

  it("of a WebSocket takes the idle ones to the same server with it", function()
    start(1, 60)
    local id = "watched"
    check(sandbox.process:create_pty_session(id))
    local socket = check(websocket.open(sandbox, "process.connect_pty", { session_id = id }))
    check(sandbox.process:exec "true")
    drop(true)
    socket:ping_every(0.2)
    local value, err
    repeat
      value, err = socket:receive()
    until value == nil
    fails({ kind = "timeout", message = "no sign of life" }, value, err)
    socket:close()
    check(sandbox.process:exec "true")
    check(sandbox.process:kill_pty_session(id))
  end)

  it("of a preview's WebSocket ends who reads it", function()
    start(1, 60)
    check(sandbox.fs:upload_file("spec/support/preview_app.py", "app.py"))
    local app = check(sandbox.process:start "exec python3 app.py 3000")
    check(sandbox:wait_for { port = 3000 })
    local usual = websocket.PING
    websocket.PING = 0.2
    local socket = check(sandbox:preview(3000):connect "/socket")
    websocket.PING = usual
    check(socket:send "hello")
    assert.truthy(check(socket:receive()))
    drop(true)
    fails({ kind = "timeout" }, socket:receive())
    check(app:kill())
  end)

  it("costs a directory some time", function()
    start(2, 0.5)
    check(sandbox.process:exec "mkdir -p tree/sub; echo x > tree/sub/file")
    drop(true)
    local directory = support.temp_dir()
    check(sandbox.fs:download_dir("tree", directory .. "/here"))
    assert.equal("x\n", support.read_file(directory .. "/here/sub/file"))
    drop(true)
    check(sandbox.fs:upload_dir(directory .. "/here", "again"))
    assert.equal("x\n", check(sandbox.fs:download_file "again/sub/file"))
  end)

  it("ends an exec without a limit, which may have run", function()
    for _, acks in ipairs { true, false } do
      start(2, 0.5)
      drop(acks)
      local err = fails({ kind = "connection", outcome = "unknown" }, sandbox.process:exec "true")
      assert.truthy(err.message:find("nothing was heard", 1, true), err.message)
      assert.equal(0, #front:requests "/process/execute")
      check(sandbox.process:exec "true")
    end
    start(1, 0.5)
    drop(false)
    fails({ kind = "connection", outcome = "unknown" }, sandbox.process:exec "true")
    check(sandbox.process:exec "true")
  end)

  it("is not one that is silent for good reason", function()
    for _, http in ipairs { 2, 1 } do
      start(http, 1)
      assert.equal("done\n", check(sandbox.process:exec "sleep 3; echo done").result)
      assert.equal(0, front:connections())
    end
  end)

  it("is not one whose call may only be slow, with no time for another", function()
    start(1, 1)
    front:set { rtt = 1.3 }
    check(client:get(sandbox.id, { timeout = 2.9 }))
    front:set { rtt = 0 }
    assert.equal(0, front:connections())
  end)

  it("is left by others, too, but not because one of them is slow", function()
    start(2, 2, loop)
    loop.run(function()
      local slow = loop.spawn(function()
        return sandbox.process:exec "sleep 1.5; echo slow"
      end)
      loop.sleep(0.1)
      -- An answer that does not come in time harms nobody else.
      fails({ kind = "timeout" }, client:request("POST", "/process/execute", {
        sandbox = sandbox, body = { command = "sleep 9" }, timeout = 0.2,
      }))
      check(client:get(sandbox.id))
      assert.equal("slow\n", check(slow:wait()).result)
      front:forget()
      for _ = 1, 3 do
        check(client:get(sandbox.id))
      end
      assert.equal(0, front:connections()) -- nobody doubts it any more
      local lost = loop.spawn(function()
        return sandbox.process:exec "sleep 30"
      end)
      loop.sleep(0.1)
      drop(true)
      fails({ kind = "timeout" }, client:get(sandbox.id, { timeout = 0.3 }))
      check(client:get(sandbox.id, { timeout = 1 })) -- by another connection
      fails({ kind = "connection", outcome = "unknown" }, lost:wait())
    end)
  end)
end)
