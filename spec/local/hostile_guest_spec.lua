-- What a guest does to its server, and what is left of one that was killed.

local control = require "spec.local.control_support"
local support = require "spec.support"

-- Writes into the log of the first process inside for a second, as fast as
-- that is read, and says how many bytes that were.
local FLOOD = [[python3 -c '
import os, time
log = os.open("/proc/1/fd/1", os.O_WRONLY)
end, n = time.monotonic() + 1, 0
while time.monotonic() < end:
    n += os.write(log, bytes(65536))
print(n)']]

-- A process of bubblewrap as a server leaves it that is killed while it starts
-- a sandbox: of the server's user, waiting, with the sandbox's storage among
-- its arguments.
local LEFT = [[%s -c '
import os, sys
data, storage = sys.argv[1:]
owner = os.stat(data)
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)
os.execvp("bwrap", ["bwrap", "--ro-bind", "/", "/", "--chdir", storage, "sleep", "300"])
' %s %s >/dev/null 2>&1 &]]

describe("a server", function()
  teardown(support.cleanup)

  it("is not kept busy by a guest that floods the log of its sandbox", function()
    local server = control.serve { arguments = "--network none" }
    local id = server:create().id
    local written = tonumber(server:sh(id, FLOOD))
    assert.is_true(written > 0)
    assert.is_true(written < 16 * 1024 * 1024, ("%d bytes were read in a second"):format(written))
    assert(server:call("DELETE", "/sandbox/" .. id))
    server:await(id, "gone")
    server:stop()
  end)

  it("leaves no socket of a sandbox that cannot be started", function()
    local server = control.serve { arguments = "--network none" }
    local id = server:create().id
    assert(server:call("POST", "/sandbox/" .. id .. "/stop"))
    server:await(id, "stopped")
    local storage = ("%s/sandboxes/%s"):format(server.data, id)
    assert(os.execute(("rm -r %s && touch %s"):format(support.quote(storage), support.quote(storage))))
    local _, err = server:call("POST", "/sandbox/" .. id .. "/start")
    assert.equal("Sandbox failed to start: the sandbox cannot be started: Not a directory", err.message)
    assert.equal("", support.run("ls " .. support.quote(server.data .. "/run")))
    server:stop()
  end)

  it("ends what one before it has left", function()
    local server = control.serve { arguments = "--network none" }
    local id = server:create().id
    server:kill()
    local data = support.quote(server.data)
    os.execute(LEFT:format(os.getenv "PYTHON" or "python3", data,
      support.quote(("%s/sandboxes/%s"):format(server.data, id))))
    support.eventually(function()
      return server:has_processes()
    end, 20, "the process that is left")
    local again = control.serve { data = server.data, arguments = "--network none" }
    assert.is_false(again:has_processes())
    assert.equal("stopped", again:get("/sandbox/" .. id).state)
    again:stop()
  end)
end)
