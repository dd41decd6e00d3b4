-- Calls that share a connection over HTTP/2, and files beside them.

local e2e = require "spec.support.e2e"
local fronts = require "spec.support.front"
local loop = require "daytona.host.loop"
local support = require "spec.support"

local check = e2e.check

describe("over HTTP/2", function()
  local server, front, client, sandbox

  setup(function()
    server = e2e.start()
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function start(options, client_options)
    options.server = server
    front = fronts.start(options)
    client = front:client(client_options)
    if not client_options then
      sandbox = check(client:create())
    else
      loop.run(function()
        sandbox = check(client:create())
      end)
    end
    front:forget()
  end

  after_each(function()
    client:close()
    front:close()
  end)

  -- Runs fn(i) in `count` tasks at once.
  local function at_once(count, fn)
    local tasks = {}
    for i = 1, count do
      tasks[i] = loop.spawn(fn, i)
    end
    for i = 1, count do
      tasks[i]:wait()
    end
  end

  local function protocols(pattern)
    local seen = {}
    for _, request in ipairs(front:requests(pattern)) do
      seen[#seen + 1] = request.protocol
    end
    return table.concat(seen, " ")
  end

  it("files come and go while other calls end on the same connection", function()
    start({}, { host = loop })
    loop.run(function()
      check(sandbox.fs:upload_file({ content = "hello" }, "f"))
      local running = loop.spawn(function()
        check(sandbox.process:exec "sleep 1")
      end)
      for i = 1, 3 do
        at_once(4, function()
          check(sandbox.process:exec "true")
        end)
        assert.equal("hello", check(sandbox.fs:download_file "f"))
        local path = os.tmpname()
        check(sandbox.fs:download_file("f", path))
        assert.equal("hello", support.read_file(path))
        os.remove(path)
        check(sandbox.fs:upload_file({ content = ("x"):rep(i * 50000) }, "g"))
        local reader = check(sandbox.fs:read_file "f")
        assert.equal("hello", reader:read())
        reader:close()
      end
      running:wait()
    end)
    assert.is_true(front:connections() <= 2, front:connections()) -- the larger upload's
  end)

  it("a call within a loop over chunks", function()
    start {}
    check(sandbox.process:exec "head -c 3000000 /dev/zero > big; echo hi > f")
    local bytes, count = 0, 0
    for chunk in sandbox.fs:read_file "big" do
      bytes, count = bytes + #chunk, count + 1
      if count <= 2 then
        check(sandbox.process:exec "true")
        assert.equal("hi\n", check(sandbox.fs:download_file "f"))
      end
    end
    assert.equal(3000000, bytes)
  end)

  it("large bodies of every kind go by HTTP/1.1, small ones share the connection", function()
    start {}
    check(sandbox.fs:upload_file({ content = ("s"):rep(1000) }, "small"))
    check(sandbox.fs:download_file "small")
    assert.equal("HTTP/2.0 HTTP/2.0", protocols())
    assert.equal(0, front:connections())
    front:forget()
    local large = ("x"):rep(200000)
    check(sandbox.fs:upload_file({ content = large }, "a"))
    check(sandbox.fs:upload_file({ content = large }, "name that ends in a blank "))
    local left = 4
    check(sandbox.fs:upload_file(function()
      left = left - 1
      return left >= 0 and large or nil
    end, "c"))
    check(client:request("POST", "/nowhere", { body = large }) or true)
    assert.equal("HTTP/1.1 HTTP/1.1 HTTP/1.1 HTTP/1.1", protocols())
    assert.equal(4 * #large, #check(sandbox.fs:download_file "c"))
  end)

  it("fifty cold calls need one connection, and fifty warm ones none", function()
    start({ rtt = 0.02 }, { host = loop })
    local other = front:client { host = loop }
    loop.run(function()
      for _, most in ipairs { 2, 0 } do
        front:forget()
        at_once(50, function()
          check(other:get(sandbox.id))
        end)
        assert.is_true(front:connections() <= most, front:connections())
      end
    end)
    other:close()
  end)

  it("a burst over HTTP/1.1 leaves its connections to the next", function()
    start({ http = 1 }, { host = loop })
    loop.run(function()
      for i = 1, 3 do
        at_once(12, function()
          check(client:get(sandbox.id))
        end)
        assert.is_true(front:connections() <= (i == 1 and 12 or 0), front:connections())
        front:forget()
      end
    end)
  end)

  it("a handshake that breaks is no refusal: the call is repeated", function()
    start {}
    for _, how in ipairs { "reset", "finish" } do
      for _, at in ipairs { "hello", "answer" } do
        local other = front:client()
        local same = other:sandbox(sandbox:to_table())
        front[how](front, { next = 4, at = at }) -- the official SDK gets over three
        assert.equal("1\n", check(same.process:exec "echo 1").result)
        if at == "hello" then
          front[how](front, { next = 1, at = at })
          check(check(same.process:create_pty()):kill()) -- a WebSocket
        end
        other:close()
      end
    end
  end)

  it("requests that the server refused were not sent, and are repeated", function()
    for _, count in ipairs { 3, 20 } do
      start({ keepalive_requests = count }, { host = loop })
      loop.run(function()
        for _ = 1, 3 do
          at_once(15, function()
            check(sandbox.process:exec "echo once >> log")
          end)
        end
        assert.equal(45, tonumber(check(sandbox.process:exec "wc -l < log").result))
      end)
      client:close()
      front:close()
    end
  end)

  it("one that may have reached the server is not repeated", function()
    start {}
    for _, how in ipairs { "reset", "finish" } do
      check(sandbox.process:exec "true")
      front[how](front, { down = 1 }) -- the answer is lost, whole or in part
      local _, err = sandbox.process:exec("echo " .. how .. " >> once")
      assert.equal("connection", err.kind)
      assert.equal("unknown", err.outcome)
    end
    assert.equal("reset\nfinish\n", check(sandbox.process:exec "cat once").result)
  end)
end)
