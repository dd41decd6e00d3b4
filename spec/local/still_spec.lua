-- A copy of a running sandbox is of one moment: it stands still meanwhile.

local control = require "spec.local.control_support"
local support = require "spec.support"

-- Writes one number after the other into all its files, always in one order.
local WRITER = [[
import os
files = [os.open("moment%02d" % i, os.O_RDWR | os.O_CREAT) for i in range(20)]
n = 0
while True:
    n += 1
    for file in files:
        os.pwrite(file, b"%012d" % n, 0)
]]

describe("while it is copied a sandbox", function()
  local server, id

  local function serve(options)
    options = options or {}
    options.arguments = "--network none"
    server = control.serve(options)
  end

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function path(folder, of, name)
    return ("%s/%s/%s/home/%s"):format(server.data, folder, of, name)
  end

  local function first_number(of)
    local file = io.open(path("sandboxes", of, "moment00"))
    local number = file and tonumber(file:read "*a")
    if file then
      file:close()
    end
    return number or 0
  end

  local function await_moving(of)
    local before = first_number(of)
    support.eventually(function()
      return first_number(of) > before
    end, 10, "a writer that goes on")
  end

  local function create_writer()
    id = server:create { autoStopInterval = 0 }.id
    server:upload(id, "writer.py", WRITER)
    server:upload(id, "restless.py", support.read_file "spec/support/restless.py")
    server:sh(id, "head -c 20000000 /dev/zero >large; mkdir move; setsid python3 restless.py move 4 >/dev/null 2>&1 & "
      .. "setsid python3 writer.py >/dev/null 2>&1 &")
    await_moving(id)
  end

  -- No file is newer than one that is written before it, or older by more than
  -- the one step that was under way.
  local function is_one_moment(folder, of)
    local first, last
    for i = 0, 19 do
      local number = tonumber(support.read_file(path(folder, of, ("moment%02d"):format(i)))) or 0 -- not written yet
      assert.is_true(number <= (last or number), ("file %d is newer than the one before it"):format(i))
      first, last = first or number, number
    end
    assert.is_true(first - last <= 1, ("%d steps lie between the first file and the last"):format(first - last))
  end

  local function post(what, body)
    return assert(server:call("POST", "/sandbox/" .. id .. "/" .. what, body))
  end

  local function snapshot(name, state)
    post("snapshot", { name = name })
    return support.eventually(function()
      local found = server:get("/snapshots/" .. name)
      assert(found.state == "snapshotting" or found.state == state, found.errorReason or found.state)
      return found.state == state and found
    end, 30, "snapshot " .. state)
  end

  it("stands still, and goes on", function()
    serve()
    create_writer()
    for i = 1, 3 do
      is_one_moment("snapshots", snapshot("moment" .. i, "active").id)
      server:await(id, "started")
      await_moving(id)
    end
    local child = post("fork", {}).id
    server:await(child, "started", 30)
    is_one_moment("sandboxes", child)
    server:await(id, "started")
    await_moving(id)
    assert.equal("fine\n", server:sh(id, "echo fine"))
    assert(server:call("DELETE", "/sandbox/" .. child))
    server:await(child, "gone")
  end)

  it("is what it was when the server is killed", function()
    local data = server.data
    post("snapshot", { name = "cut" })
    server:kill()
    support.eventually(function()
      return not server:has_processes()
    end)
    serve { data = data }
    assert.equal("stopped", server:get("/sandbox/" .. id).state)
    post "start"
    server:await(id, "started")
    assert.equal("fine\n", server:sh(id, "echo fine"))
    server:stop()
  end)

  it("does not stand still for longer than a minute", function()
    serve { env = "DAYTONA_LOCAL_MINUTE_SECONDS=0.01" }
    create_writer()
    local found = snapshot("slow", "error")
    assert.equal("it takes longer than the sandbox may stand still for it; one that is stopped can be copied",
      found.errorReason)
    server:await(id, "started")
    await_moving(id)
    post "stop"
    server:await(id, "stopped")
    is_one_moment("snapshots", snapshot("stopped", "active").id)
  end)
end)
