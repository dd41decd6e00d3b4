-- A disk that is full, which any sandbox can bring about: on a small file
-- system of the server's own.

local control = require "spec.local.control_support"
local small_disk = require "spec.local.small_disk"
local support = require "spec.support"

describe("a full disk", function()
  local disk, server

  local function serve(size)
    disk = disk or small_disk.new(size or "40m")
    server = control.serve { data = disk.data, env = disk.env }
    return server
  end

  after_each(function()
    if server then
      server:stop()
      server = nil
    end
    if disk then
      disk:close()
      disk = nil
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

  local case = small_disk.possible and it or pending

  case("leaves list, stop and delete working, and gives room back", function()
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

  case("is one that has room for no more files, too", function()
    serve "40m,nr_inodes=200"
    local culprit, other = server:create { name = "culprit" }, server:create { name = "other" }
    server:sh(culprit.id, "i=0; while : > ~/$i; do i=$((i+1)); done 2>/dev/null")
    assert(server:call("PUT", "/sandbox/other/labels", { labels = { a = "b" } }))
    assert(server:call("POST", "/sandbox/" .. other.id .. "/stop"))
    server:await(other.id, "stopped")
    server:sh(culprit.id, "i=0; while : > /tmp/$i; do i=$((i+1)); done 2>/dev/null")
    server:kill()
    serve()
    assert.equal("b", server:get("/sandbox/other").labels.a)
    assert.truthy(server:log():find("whether sandboxes can be isolated was not tried", 1, true))
    assert(server:call("DELETE", "/sandbox/" .. culprit.id))
    server:await(culprit.id, "gone")
    support.eventually(function()
      return (server:call("POST", "/sandbox/" .. other.id .. "/start"))
    end)
    assert.equal("made\n", server:sh(other.id, "touch file && echo made"))
  end)
end)
