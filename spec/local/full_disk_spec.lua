-- A disk that is full, which any sandbox can bring about: on a small file
-- system of the server's own.

local control = require "spec.local.control_support"
local support = require "spec.support"

local can_mount = support.run "unshare -m true 2>/dev/null && id -u" == "0\n"

describe("a full disk", function()
  local holder, data, server

  -- A process that keeps a file system alive at `data`; servers join it.
  local function mount(size)
    data = control.data()
    assert(os.execute("mkdir -m 755 " .. support.quote(data)))
    holder = { pipe = assert(io.popen(("exec unshare -m sh -c 'mount -t tmpfs -o size=%s,mode=755 none %s "
      .. "&& echo $$ && exec sleep infinity'"):format(size, data), "r")) }
    holder.pid = assert(tonumber(holder.pipe:read "*l"))
  end

  local function serve()
    server = control.serve { data = data, env = ("nsenter -t %d -m"):format(holder.pid) }
    return server
  end

  after_each(function()
    if server then
      server:stop()
      server = nil
    end
    if holder then
      os.execute("kill " .. holder.pid)
      holder.pipe:close()
      holder = nil
    end
  end)

  teardown(support.cleanup)

  local function fill()
    local culprit, other = server:create { name = "culprit" }, server:create { name = "other" }
    assert(server:call("POST", "/sandbox", { name = "ephemeral", autoDeleteInterval = 0 }))
    local free = server:sh(culprit.id, "cat /dev/zero > fill 2>/dev/null; cat /dev/zero > rest 2>/dev/null; "
      .. "df --output=avail . | tail -1")
    assert.equal(0, tonumber(free))
    return culprit, other
  end

  local case = can_mount and it or pending

  case("leaves list, stop and delete working, and gives room back", function()
    mount "40m"
    serve()
    local culprit, other = fill()
    assert.equal(3, #server:get("/sandbox").items)
    assert(server:call("PUT", "/sandbox/other/labels", { labels = { a = "b" } }))
    assert(server:call("POST", "/sandbox/" .. other.id .. "/stop"))
    server:await(other.id, "stopped")
    assert(server:call("DELETE", "/sandbox/" .. culprit.id))
    server:await(culprit.id, "gone")
    support.eventually(function()
      return (server:call("POST", "/sandbox/" .. other.id .. "/start"))
    end)
    assert.equal("65536\n", server:sh(other.id, "head -c 65536 /dev/zero > file && stat -c %s file"))
  end)

  case("lets the server end, and start again", function()
    mount "40m"
    serve()
    local culprit = fill()
    assert(os.execute("kill " .. server.pid))
    server:stop()
    assert.is_false(server:has_processes())
    serve()
    assert.equal("stopped", server:get("/sandbox/" .. culprit.id).state)
    server:kill()
    serve()
    assert.equal("stopped", server:get("/sandbox/other").state)
    assert(server:call("DELETE", "/sandbox/" .. culprit.id))
    server:await(culprit.id, "gone")
    server:create { name = "next" }
  end)
end)
