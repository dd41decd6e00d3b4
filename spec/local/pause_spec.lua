-- Pausing: everything in a sandbox stands still, keeps what it has in memory,
-- and goes on where it was.

local control = require "spec.local.control_support"
local support = require "spec.support"

-- Processes that live on in children only; each moves on as long as one of its
-- children is not stopped.
local CHAINS = 12
local MOVING = { "plain", "thread" }
for i = 1, CHAINS do
  MOVING[#MOVING + 1] = "chain" .. i - 1
end

describe("a paused sandbox", function()
  local server, id

  -- A minute lasts a fifth of a second; no helpers for a network.
  setup(function()
    server = control.serve { env = "DAYTONA_LOCAL_MINUTE_SECONDS=0.2", arguments = "--network none" }
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function create(fields)
    fields = fields or {}
    fields.autoStopInterval = fields.autoStopInterval or 0
    id = server:create(fields).id
  end

  local function post(what, body)
    return assert(server:call("POST", "/sandbox/" .. id .. "/" .. what, body))
  end

  local function refuses(status, message, what, body)
    server:refuses(status, message, "POST", "/sandbox/" .. id .. "/" .. what, body)
  end

  local function pause()
    assert.equal("pausing", post("pause").state)
    return server:await(id, "paused")
  end

  -- The state letters of all processes of the sandboxes but the first of each.
  local function states()
    local children, letters, wanted = {}, {}, {}
    for line in support.run("ps -eo pid=,ppid=,stat="):gmatch "[^\n]+" do
      local pid, parent, state = line:match "(%d+)%s+(%d+)%s+(%a)"
      parent = tonumber(parent)
      children[parent] = children[parent] or {}
      table.insert(children[parent], { pid = tonumber(pid), state = state })
    end
    local function add(pid, depth)
      for _, child in ipairs(children[pid] or {}) do
        if depth > 0 then
          letters[#letters + 1] = child.state
        end
        add(child.pid, depth + 1)
      end
    end
    add(server.pid, 0)
    for _, letter in ipairs(letters) do
      wanted[letter] = (wanted[letter] or 0) + 1
    end
    return wanted, #letters
  end

  local function sizes()
    local found = {}
    for _, name in ipairs(MOVING) do
      local file = io.open(("%s/sandboxes/%s/home/move/%s"):format(server.data, id, name))
      found[name] = file and file:seek "end" or 0
      if file then
        file:close()
      end
    end
    return found
  end

  local function await_moves(before)
    support.eventually(function()
      for name, size in pairs(sizes()) do
        if size <= before[name] then
          return false
        end
      end
      return true
    end, 20, "all moved")
  end

  local function remove()
    assert(server:call("DELETE", "/sandbox/" .. id))
    server:await(id, "gone")
  end

  it("keeps its processes and their memory", function()
    create()
    local sandbox = assert(server.client:get(id))
    local session = assert(sandbox.process:create_session())
    assert(session:exec "kept=in-memory")
    local token = server:get("/sandbox/" .. id .. "/ports/3000/preview-url").token
    local paused = pause()
    assert.equal("paused", paused.desiredState)
    assert.equal("container", paused.sandboxClass)
    local found, count = states()
    support.eq({ T = count }, found)
    local _, err = server.client:request("GET", "/version", { sandbox = sandbox, max_retries = 0 })
    assert.equal("bad request: failed to resolve container IP after 3 attempts: no IP address found. "
      .. "Is the Sandbox started?", err.message)
    refuses(400, "Sandbox must be in started state to pause", "pause")
    refuses(400, "Sandbox is not stopped", "archive")
    local resumed = post "start"
    assert.equal("started", resumed.state)
    assert.equal("in-memory\n", assert(session:exec "echo $kept").stdout)
    assert.equal(token, server:get("/sandbox/" .. id .. "/ports/3000/preview-url").token)
    remove()
  end)

  it("stands still whatever it does, and goes on", function()
    create()
    server:upload(id, "restless.py", support.read_file "spec/support/restless.py")
    server:sh(id, "mkdir move; setsid python3 restless.py move " .. CHAINS .. " >/dev/null 2>&1 &")
    await_moves(sizes())
    for _ = 1, 3 do
      pause()
      local before = sizes()
      local found, count = states()
      assert.is_true(count >= 3)
      support.eq(count, (found.T or 0) + (found.Z or 0))
      for _ = 1, 30 do
        server:get("/sandbox/" .. id)
      end
      support.eq(before, sizes())
      assert.equal("started", post("start").state)
      await_moves(before)
    end
    pause()
    remove()
  end)

  it("holds up nobody else, however many processes it has", function()
    local other = server:create().id
    create()
    server:upload(id, "many.py", "import os, time\nos.setsid()\n"
      .. "for i in range(800):\n    if os.fork() == 0:\n        break\ntime.sleep(300)\n")
    server:sh(id, "python3 many.py >/dev/null 2>&1 &")
    support.eventually(function()
      return tonumber(server:sh(id, "ls /proc | grep -c '^[0-9]'")) > 800
    end, 60, "many processes")
    local answered = 0
    post "pause"
    repeat
      answered = answered + 1
      server:get("/sandbox/" .. other)
    until server:get("/sandbox/" .. id).state == "paused"
    assert.is_true(answered >= 20, answered .. " were answered")
    remove()
    assert(server:call("DELETE", "/sandbox/" .. other))
  end)

  it("leaves a job stopped that was", function()
    create()
    -- One that is stopped before it is sleep keeps the output of the shell open.
    server:sh(id, "sleep 300 >/dev/null 2>&1 & echo $! > stopped; until grep -q sleep /proc/$!/comm; do :; done; "
      .. "kill -STOP $!; "
      .. "sleep 301 >/dev/null 2>&1 & echo $! > free")
    pause()
    post "start"
    assert.equal("T S\n", server:sh(id, "echo $(ps -o s= -p $(cat stopped)) $(ps -o s= -p $(cat free))"))
    remove()
  end)

  it("is stopped as any other", function()
    create()
    server:sh(id, "(trap 'echo told > told; exit' TERM; while :; do sleep 0.05; done) >/dev/null 2>&1 &")
    pause()
    local answer = post "stop"
    assert.equal("paused", answer.state)
    assert.equal("stopped", answer.desiredState)
    server:await(id, "stopped")
    refuses(400, "Sandbox must be in started state to pause", "pause")
    assert.equal("started", post("start").state)
    pause()
    post "stop?force=true"
    server:await(id, "stopped", 4)
    remove()
  end)

  it("is deleted, also an ephemeral one that is stopped", function()
    create { autoDeleteInterval = 0 }
    pause()
    post "stop"
    server:await(id, "gone")
    create()
    pause()
    remove()
    assert.is_false(server:has_processes())
  end)

  it("comes of itself where nobody uses it", function()
    create { autoPauseInterval = 1, autoStopInterval = false }
    assert.equal(0, server:get("/sandbox/" .. id).autoStopInterval)
    assert.equal(1, server:await(id, "paused").autoPauseInterval)
    assert.equal("started", post("start").state)
    server:await(id, "paused")
    remove()
    create { ttlMinutes = 15 }
    pause()
    server:await(id, "gone")
  end)

  it("has intervals that go together", function()
    local both = "autoStopInterval and autoPauseInterval are mutually exclusive. Set at most one of them to a "
      .. "non-zero value"
    local ephemeral = "Ephemeral sandboxes cannot have auto-pause enabled. Set autoPauseInterval to 0"
    server:refuses(400, both, "POST", "/sandbox", { autoStopInterval = 1, autoPauseInterval = 1 })
    server:refuses(400, ephemeral, "POST", "/sandbox", { autoPauseInterval = 1, autoDeleteInterval = 0 })
    create()
    assert.equal(600, post("autopause/600").autoPauseInterval)
    refuses(400, both, "autostop/5")
    refuses(400, ephemeral, "autodelete/0")
    refuses(400, "Auto-pause interval must be non-negative", "autopause/-1")
    refuses(500, "An unexpected error occurred.", "autopause/x")
    assert.equal(0, post("autopause/0").autoPauseInterval)
    post "autostop/500"
    refuses(400, both, "autopause/5")
    remove()
  end)

  it("is an error when it is killed, and stopped after a restart of the server", function()
    create()
    pause()
    local bwrap = support.run("ps -o pid= --ppid " .. server.pid):match "%d+"
    assert(os.execute("kill -9 " .. bwrap))
    assert.truthy(server:await(id, "error").recoverable)
    assert(server:call("POST", "/sandbox/" .. id .. "/recover"))
    pause()
    local data = server.data
    server:kill()
    support.eventually(function()
      return not server:has_processes()
    end)
    server = control.serve { data = data, arguments = "--network none" }
    assert.equal("stopped", server:get("/sandbox/" .. id).state)
    assert.equal("started", post("start").state)
    pause()
    server:stop()
    assert.is_false(server:has_processes())
    server = control.serve { data = data, arguments = "--isolation none" }
    assert.equal("stopped", server:get("/sandbox/" .. id).state)
  end)

  it("is one without isolation, too, and ends with its server", function()
    assert.equal("started", post("start").state)
    server:sh(id, "echo $$; sleep 300 >/dev/null 2>&1 &")
    pause()
    local found, count = states()
    support.eq({ T = count }, found)
    assert.equal("started", post("start").state)
    pause()
    server:kill()
    support.eventually(function()
      return not server:has_processes()
    end)
  end)
end)
