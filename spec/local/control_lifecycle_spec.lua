-- States: who may go where, what is refused, and what survives.

local control = require "spec.local.control_support"
local support = require "spec.support"

describe("lifecycle", function()
  local server, id

  setup(function()
    server = control.serve()
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  before_each(function()
    id = server:create().id
  end)

  local function post(what, body)
    return assert(server:call("POST", "/sandbox/" .. id .. "/" .. what, body))
  end

  local function refuses(status, message, what, body)
    server:refuses(status, message, "POST", "/sandbox/" .. id .. "/" .. what, body)
  end

  it("stops and starts, keeping the files", function()
    server:sh(id, "echo kept > file")
    assert.equal("started", post("start").state)
    assert.equal("stopping", post("stop").state)
    server:await(id, "stopped")
    refuses(400, "Sandbox is not in a stoppable state", "stop")
    local before = server:get("/sandbox/" .. id)
    local _, err = server:call("GET", "/sandbox/" .. id .. "/ports/1/preview-url")
    assert.is_nil(err)
    local started = post "start"
    assert.equal("started", started.state)
    assert.equal(before.toolboxProxyUrl, started.toolboxProxyUrl)
    assert.equal("kept\n", server:sh(id, "cat file"))
  end)

  it("refuses a second change while one is under way", function()
    -- a process that ignores SIGTERM makes the stop last
    server:sh(id, "(trap '' TERM; setsid sleep 60 >/dev/null 2>&1 &) ; setsid sh -c "
      .. "'trap \"\" TERM; while :; do sleep 1; done' >/dev/null 2>&1 & sleep 0.1")
    assert.equal("stopping", post("stop").state)
    refuses(409, "Sandbox state change in progress", "stop")
    refuses(409, "Sandbox state change in progress", "start")
    server:refuses(409, "Sandbox state change in progress", "DELETE", "/sandbox/" .. id)
    server:await(id, "stopped")
  end)

  it("stops by force at once", function()
    post "stop?force=true"
    server:await(id, "stopped", 2)
  end)

  it("tells a caller that the sandbox is not started", function()
    post "stop"
    local stopped = server:await(id, "stopped")
    local sandbox = assert(server.client:get(id))
    local _, err = server.client:request("GET", "/version", { sandbox = sandbox, max_retries = 0 })
    assert.equal("bad request: failed to resolve container IP after 3 attempts: no IP address "
      .. "found. Is the Sandbox started?", err.message)
    assert.equal(400, err.status)
    assert.truthy(stopped.toolboxProxyUrl:find "/toolbox$")
  end)

  it("deletes: the name is free at once, then it is gone", function()
    local named = server:create { name = "doomed" }
    local answer = assert(server:call("DELETE", "/sandbox/doomed"))
    assert.equal("destroying", answer.state)
    assert.equal("destroyed", answer.desiredState)
    assert.truthy(answer.name:find "^DESTROYED_doomed_%d+$")
    server:refuses(404, "Sandbox with ID or name doomed not found", "GET", "/sandbox/doomed")
    server:await(named.id, "gone")
    server:refuses(404, "Sandbox with ID or name " .. named.id .. " not found", "DELETE",
      "/sandbox/" .. named.id)
  end)

  it("deletes an ephemeral sandbox when it stops, and archives none", function()
    local sandbox = server:create { autoDeleteInterval = 0 }
    server:refuses(400, "Ephemeral sandboxes cannot be archived", "POST",
      "/sandbox/" .. sandbox.id .. "/archive")
    local answer = assert(server:call("POST", "/sandbox/" .. sandbox.id .. "/stop"))
    assert.equal("destroying", answer.state)
    server:await(sandbox.id, "gone")
  end)

  it("removes homes that do not want to be removed, and nothing else", function()
    local outside = support.temp_dir()
    support.write_file(outside .. "/precious", "x")
    server:sh(id, ("ln -s %s out; mkdir -p a/b/c; touch a/b/c/f; chmod 0 a/b/c a/b; chmod 444 a; "
      .. "mkfifo fifo; chmod 500 ."):format(outside))
    assert(server:call("DELETE", "/sandbox/" .. id))
    server:await(id, "gone")
    support.eventually(function()
      return support.run("ls -A " .. support.quote(server.data .. "/trash")) == ""
    end)
    assert.equal("x", support.read_file(outside .. "/precious"))
  end)

  it("archives and restores", function()
    server:sh(id, "echo kept > file")
    refuses(400, "Sandbox is not stopped", "archive")
    post "stop"
    server:await(id, "stopped")
    assert.equal("archiving", post("archive").state)
    assert.is_nil(server:await(id, "archived").runnerId)
    local answer = post "start"
    assert.equal("archived", answer.state)
    assert.equal("started", answer.desiredState)
    server:await(id, "started")
    assert.equal("kept\n", server:sh(id, "cat file"))
  end)

  it("shows an error when the sandbox dies, and recovers from it", function()
    assert(os.execute("pkill -9 -f " .. support.quote("^[^ ]*bwrap .*" .. id)))
    local sandbox = server:await(id, "error")
    assert.equal("the sandbox was killed by signal 9", sandbox.errorReason)
    assert.is_true(sandbox.recoverable)
    refuses(400, "Sandbox is in an errored state", "start")
    refuses(400, "Sandbox is not in a stoppable state", "stop")
    assert.equal("started", post("recover").state)
    refuses(400, "Sandbox must be in error state to recover", "recover")
  end)

  it("resizes while stopped: the limit is real, half of it for shared memory", function()
    refuses(400, "No resource changes specified - sandbox is already at the desired configuration",
      "resize", { cpu = 1 })
    refuses(400, "cpu must not be less than 1", "resize", { cpu = 0 })
    refuses(400, "Disk resize can only be performed on a stopped sandbox", "resize", { disk = 9 })
    refuses(501, "The field 'gpu' is not supported by daytona-local", "resize", { cpu = 2, gpu = 1 })
    post "stop"
    server:await(id, "stopped")
    refuses(400, "Sandbox disk size cannot be decreased", "resize", { disk = 1 })
    local resized = post("resize", { cpu = 2, memory = 2, disk = 4 })
    support.eq({ 2, 2, 4 }, { resized.cpu, resized.memory, resized.disk })
    post "start"
    assert.equal("1\n", server:sh(id, "df -B1G --output=size /dev/shm | tail -n 1 | tr -d ' '"))
  end)

  it("gets more cores and memory while it runs, and less or disk only when it is stopped", function()
    local heap = "python3 -c 'b = bytearray(1200 << 20); print(len(b) >> 20)' 2>&1 | tail -n 1"
    assert.equal("1\nMemoryError\n", server:sh(id, "nproc; " .. heap))
    server:sh(id, "while :; do sleep 0.05; nproc > cores; done >/dev/null 2>&1 &")
    local answer = post("resize", { cpu = 2, memory = 3 })
    assert.truthy(("resizing started"):find(answer.state, 1, true))
    support.eq({ 2, 3, "started" }, { answer.cpu, answer.memory, answer.desiredState })
    server:await(id, "started")
    local all = tonumber((support.run "nproc"))
    assert.equal(math.min(2, all) .. "\n1200\n", server:sh(id, "nproc; " .. heap))
    support.eventually(function()
      return server:sh(id, "cat cores") == math.min(2, all) .. "\n"
    end)
    refuses(400, "Sandbox must be in stopped state to decrease the number of CPU cores", "resize", { cpu = 1 })
    refuses(400, "Sandbox must be in stopped state to decrease the memory", "resize", { memory = 1 })
    refuses(400, "Disk resize can only be performed on a stopped sandbox", "resize", { disk = 9 })
    post "pause"
    server:await(id, "paused")
    refuses(501, "Resizing a sandbox that is neither started nor stopped is not supported by daytona-local",
      "resize", { memory = 4 })
    post "start"
  end)
end)
