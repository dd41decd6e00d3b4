-- What a hostile guest leaves in its home for those who copy it: snapshots and forks
-- take it as it is, and nothing of the machine with it.

local control = require "spec.local.control_support"
local support = require "spec.support"

local SETUP = [[
mkfifo fifo
truncate -s 2000M sparse
mkdir -m 000 closed
cp /bin/true owned && chmod 6755 owned && ln owned twin
python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('socket')"
ln -s %s key
ln -s ../../../../../../.. up
ln -s /proc/self/fd descriptors
touch "$(printf 'a\377\n')"
]]

-- What is in a home, and what can be read through its links.
local LOOK = [[
stat -c '%A %h %s %N' fifo sparse closed owned twin key up descriptors
ls -A | wc -l
cat key 2>&1; ls up
]]

describe("what a guest leaves to be copied", function()
  local server, source

  setup(function()
    server = control.serve()
    source = server:create().id
    server:sh(source, SETUP:format(server.data .. "/api-key"))
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function go_on()
    server:await(source, "started")
  end

  local function check(id)
    local expected, there = server:sh(source, LOOK), server:sh(id, LOOK)
    -- a socket has no life without its process
    assert.equal(1, tonumber(expected:match "\n(%d+)\n") - tonumber(there:match "\n(%d+)\n"))
    assert.equal((expected:gsub("\n%d+\n", "\n")), (there:gsub("\n%d+\n", "\n")))
    assert.is_nil(there:find("dtn_", 1, true))
    local size = support.run(("du -sm %s"):format(support.quote(server.data .. "/sandboxes/" .. id))):match "^%d+"
    assert.is_true(tonumber(size) < 100, "the holes were filled: " .. size .. " MB")
  end

  it("is the same in a sandbox of its snapshot", function()
    assert(server:call("POST", "/sandbox/" .. source .. "/snapshot", { name = "hostile" }))
    go_on()
    support.eventually(function()
      return server:get("/snapshots/hostile").state == "active"
    end, 20, "active snapshot")
    check(server:create({ snapshot = "hostile" }).id)
  end)

  it("is the same in a fork", function()
    local fork = assert(server:call("POST", "/sandbox/" .. source .. "/fork", {}))
    server:await(fork.id, "started")
    go_on()
    check(fork.id)
  end)

  it("is nothing of the machine, however it is moved meanwhile", function()
    server:sh(source, ([[mkdir -p race/d/e; cd race; echo own >d/e/api-key; ln -s %s link
      (while :; do mv -T d k; mv -T link d; mv -T d link; mv -T k d; done) >/dev/null 2>&1 &]]):format(server.data))
    for _ = 1, 3 do
      local fork = assert(server:call("POST", "/sandbox/" .. source .. "/fork", {}))
      server:await(fork.id, "started")
      go_on()
      local found = server:sh(fork.id, "find race -name state.db; find race -type f -exec cat {} +")
      assert.truthy(found == "own\n" or found == "", found)
    end
    local held = support.run(("find %s/sandboxes %s/snapshots -name state.db"):format(
      support.quote(server.data), support.quote(server.data)))
    assert.equal("", held)
  end)
end)
