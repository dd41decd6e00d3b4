-- The program itself: how it starts, what it refuses, how it ends, and that
-- nothing is lost when it is killed.

local control = require "spec.local.control_support"
local support = require "spec.support"

describe("daytona-local serve", function()
  local server

  after_each(function()
    if server then
      server:stop()
      server = nil
    end
  end)

  teardown(support.cleanup)

  it("refuses a bad command line", function()
    for arguments, message in pairs {
      ["--wat"] = "unrecognized option '--wat'",
      ["extra"] = "unexpected argument 'extra'",
      ["--isolation q"] = "--isolation: bwrap or none expected, got 'q'",
      ["--listen x"] = "--listen: HOST:PORT expected, got 'x'",
      ["--listen 127.0.0.1:70000"] = "--listen: HOST:PORT expected, got '127.0.0.1:70000'",
      ["--listen 0.0.0.0:0"] = "--listen 0.0.0.0: not a loopback address; give --allow-remote if "
        .. "other machines shall reach this server",
      ["--listen 0.0.0.0:0 --allow-remote"] = "--listen 0.0.0.0: give --advertise HOST, the name by "
        .. "which clients reach this machine",
      ["--api-key 'a b'"] = "the API key has a character that is not printable ASCII",
    } do
      local output, status = control.run(arguments)
      assert.equal("daytona-local: " .. message .. "\nTry 'daytona-local serve --help'.\n", output)
      assert.equal(2, status)
    end
  end)

  it("serves one data directory once", function()
    server = control.serve()
    local output, status = control.run("--data " .. support.quote(server.data))
    assert.equal(1, status)
    assert.truthy(output:find("is in use by another daytona-local", 1, true))
  end)

  it("keeps its key, and shows it nowhere", function()
    server = control.serve()
    local data, key = server.data, server.api_key
    assert.truthy(key:find "^dtn_%x+$")
    assert.equal(68, #key)
    server:stop()
    server = control.serve { data = data }
    assert.equal(key, server.api_key)
    server:stop()
    local given = "a-key-that-is-given"
    server = control.serve { data = data, arguments = "--api-key " .. given }
    assert.equal(given, server.api_key)
    assert.falsy(support.read_file("/proc/" .. server.pid .. "/cmdline"):find(given, 1, true))
    local id = server:create().id
    assert.falsy(server:sh(id, "env; cat /proc/*/environ /proc/*/cmdline"):find(given, 1, true))
    assert.falsy(server:log():find(given, 1, true))
    server:stop()
    server = control.serve { data = data, env = "DAYTONA_LOCAL_API_KEY=" .. given }
    assert.equal(given, server.api_key)
  end)

  it("ends with its sandboxes when nobody reads it any more", function()
    server = control.serve()
    server:create()
    assert.is_true(server:has_processes())
    local data = server.data
    server:stop()
    assert.is_false(server:has_processes())
    server = control.serve { data = data }
    assert.equal("stopped", server:get("/sandbox").items[1].state)
  end)

  it("loses neither rows nor files when it is killed, and leaves no process", function()
    server = control.serve()
    local data = server.data
    local kept = server:create { name = "kept", labels = { a = "b" } }
    local stopped = server:create { name = "stopped" }
    local archived = server:create { name = "archived" }
    local ephemeral = server:create { name = "ephemeral", autoDeleteInterval = 0 }
    for _, sandbox in ipairs { stopped, archived } do
      assert(server:call("POST", "/sandbox/" .. sandbox.id .. "/stop"))
      server:await(sandbox.id, "stopped")
    end
    assert(server:call("POST", "/sandbox/archived/archive"))
    server:await(archived.id, "archived")
    server:sh(kept.id, "echo content > file")
    server:kill()
    support.eventually(function()
      return not server:has_processes()
    end)
    server = control.serve { data = data }
    local found = server:get "/sandbox/kept"
    assert.equal("stopped", found.state)
    support.eq({ a = "b" }, found.labels)
    assert.equal("archived", server:get("/sandbox/archived").state)
    server:await(ephemeral.id, "gone")
    assert(server:call("POST", "/sandbox/kept/start"))
    assert.equal("content\n", server:sh(kept.id, "cat file"))
  end)

  it("marks what was being created when it was killed", function()
    server = control.serve()
    local data = server.data
    -- the toolbox of this one never becomes ready: bubblewrap cannot find it
    assert(os.rename(data .. "/bin/daytona-local", data .. "/bin/away"))
    local _, err = server:call("POST", "/sandbox", { name = "half" })
    assert.has_match("^Sandbox failed to start: the sandbox ended with status 1: bwrap: ", err.message)
    assert.equal(400, err.status)
    local sandbox = server:get "/sandbox/half"
    assert.equal("error", sandbox.state)
    assert.is_true(sandbox.recoverable)
    assert(os.rename(data .. "/bin/away", data .. "/bin/daytona-local"))
    assert.equal("started", assert(server:call("POST", "/sandbox/half/recover")).state)
  end)

  it("makes one of many equal requests win", function()
    server = control.serve()
    local id = server:create().id
    local command = ("for i in 1 2 3 4 5 6 7 8; do curl -s -o /dev/null -w '%%{http_code}\\n' "
      .. "-X POST -H 'Authorization: Bearer %s' %s/sandbox/%s/stop & done; wait"):format(
      server.api_key, server.api_url, id)
    local _, wins = support.run(command):gsub("200", "")
    assert.equal(1, wins)
  end)

  it("runs plain processes where that is asked for, and ends all of them", function()
    server = control.serve { arguments = "--isolation none" }
    assert.truthy(server:log():find("WARNING: no isolation (--isolation none or DAYTONA_LOCAL_ISOLATION)", 1, true))
    local id = server:create().id
    local home = server:sh(id, "pwd"):gsub("\n", "")
    assert.equal(server.data .. "/sandboxes/" .. id .. "/home", home)
    local mark = "1" .. id:gsub("%D", ""):sub(1, 7)
    local function lives()
      return support.run("pgrep -x -f 'sleep " .. mark .. "'"):find "%d" ~= nil
    end
    for _, ending in ipairs { "stop", "stop?force=true" } do
      server:sh(id, ("(setsid sleep %s >/dev/null 2>&1 &)"):format(mark))
      support.eventually(lives)
      assert(server:call("POST", "/sandbox/" .. id .. "/" .. ending))
      server:await(id, "stopped")
      assert.is_false(lives())
      assert(server:call("POST", "/sandbox/" .. id .. "/start"))
    end
    server:sh(id, ("(setsid sleep %s >/dev/null 2>&1 &)"):format(mark))
    server:kill()
    support.eventually(function()
      return not lives()
    end)
  end)

  it("shuts a sandbox in", function()
    server = control.serve()
    local id = server:create().id
    assert.equal("uid=1000(daytona) gid=1000(daytona) groups=1000(daytona)\n", server:sh(id, "id"))
    assert.equal("bin\ndev\netc\nhome\nlib\nopt\nproc\nrun\nsbin\ntmp\nusr\nvar\n",
      server:sh(id, "ls / | grep -v '^lib.'"))
    assert.equal("no\nno\nno\n", server:sh(id,
      "for d in / /etc /usr; do touch $d/x 2>/dev/null && echo yes || echo no; done"))
    assert.equal("0000000000000000\n", server:sh(id, "awk '/CapBnd/ { print $2 }' /proc/self/status"))
    assert.equal("no\n", server:sh(id, "unshare -U true 2>/dev/null && echo yes || echo no"))
    assert.equal("0\n", server:sh(id, "ulimit -c"))
    assert.equal("", server:sh(id, "ls " .. server.data .. " 2>/dev/null"))
  end)
end)
