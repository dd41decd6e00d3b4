-- Snapshots of sandboxes, what is made of them, and what is left where a copy is
-- cut off.

local control = require "spec.local.control_support"
local copies_support = require "spec.local.copies_support"
local small_disk = require "spec.local.small_disk"
local support = require "spec.support"

local ENDED = "daytona-local ended while it was being made"
local MANY = copies_support.MANY

local server
local copies = copies_support.of(function() return server end)
local post, remove, stop = copies.post, copies.remove, copies.stop
local snapshot, left, nothing_half = copies.snapshot, copies.left, copies.nothing_half

describe("snapshots", function()
  setup(function()
    server = control.serve()
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  it("have what the sandbox has, and sandboxes begin with it", function()
    local source = server:create { name = "source", snapshot = "daytona-medium" }
    server:sh(source.id, [[
      mkdir -p a/b closed && echo text >a/file && ln a/file a/b/hard && ln a/file hard && ln -s /etc/passwd link
      ln -s . loop && truncate -s 1G sparse && echo end >>sparse && mkfifo pipe && echo secret >closed/file
      chmod 4751 a/file && touch -d 2001-02-03T04:05:06 a
      chmod 0 closed/file && mkdir shut && echo x >shut/file && chmod 0 shut && chmod 0300 closed
      python3 -c 'import os, socket; os.setxattr("a/file", "user.note", b"kept")
      socket.socket(socket.AF_UNIX).bind("socket")' 2>/dev/null || true
      echo there >/tmp/t; echo there >/var/tmp/v; sleep 1000 >/dev/null 2>&1 & echo $! >pid
    ]])
    local made = snapshot(source.id, "team/base:v1")
    support.eq({
      id = support.any_string, organizationId = source.organizationId, general = false, name = "team/base:v1",
      state = "active", size = made.size, cpu = 2, gpu = 0, mem = 4, disk = 8, createdAt = support.any_string,
      updatedAt = support.any_string, regionIds = made.regionIds, sandboxClass = "container",
      sourceSandboxId = source.id,
    }, made)
    assert.truthy(made.size > 0 and made.size < 0.01)
    assert.equal("started", server:get("/sandbox/" .. source.id).state)
    assert.equal("yes\n", server:sh(source.id, "kill -0 $(cat pid) && echo yes"))
    assert.equal("0\n300 0\n", server:sh(source.id, "stat -c %a shut; stat -c %a closed |"
      .. " tr '\\n' ' '; chmod 700 closed; "
      .. "stat -c %a closed/file"))
    server:sh(source.id, "echo changed >a/file; rm -rf closed")

    local copy = server:create { snapshot = "team/base:v1" }
    assert.equal("team/base:v1", copy.snapshot)
    assert.same({ 2, 4, 8 }, { copy.cpu, copy.memory, copy.disk })
    assert.equal("text 4751 3 981173106 300\n", server:sh(copy.id,
      "echo $(cat hard a/b/hard | sort -u) $(stat -c '%a %h' a/file) $(stat -c %Y a) $(stat -c %a closed)"))
    assert.equal("/etc/passwd . fifo there there 0 secret\n", server:sh(copy.id, "chmod 700 closed; "
      .. "echo $(readlink link loop) $(stat -c %F pipe) $(cat /tmp/t /var/tmp/v) $(stat -c %a closed/file) "
      .. "$(chmod 400 closed/file; cat closed/file)"))
    assert.equal("1073741828 small end\n", server:sh(copy.id,
      "echo $(stat -c %s sparse) $([ $(stat -c %b sparse) -lt 100 ] && echo small) $(tail -c 4 sparse)"))
    local note = "python3 -c 'import os; print(os.getxattr(\"a/file\", \"user.note\"))' 2>&1 | tail -1"
    assert.equal(server:sh(source.id, note), server:sh(copy.id, note))
    assert.equal("absent\n", server:sh(copy.id, "test -e socket || echo absent"))
    server:sh(copy.id, "echo mine >a/file")
    assert.equal("changed\n", server:sh(source.id, "cat hard"))
    assert.truthy(server:get("/snapshots/" .. made.id).lastUsedAt)
    nothing_half()

    -- neither needs the other
    remove(source.id)
    assert(server:call("DELETE", "/snapshots/" .. made.id))
    server:refuses(404, "Snapshot with name team/base:v1 not found", "GET", "/snapshots/team%2Fbase:v1")
    assert.equal("", left "snapshots")
    stop(copy.id)
    post("/sandbox/" .. copy.id .. "/start")
    assert.equal("mine\n", server:sh(copy.id, "cat hard"))
    remove(copy.id)
  end)

  it("are listed, activated and deactivated", function()
    local source = server:create {}
    stop(source.id)
    local ids = {}
    for i = 1, 3 do
      ids[i] = snapshot(source.id, "s" .. i).id
    end
    assert.equal("stopped", server:get("/sandbox/" .. source.id).state)
    local page = server:get "/snapshots?limit=2&page=2&sort=name&order=asc&name=S"
    assert.same({ 4, 2, 2 }, { page.total, page.page, page.totalPages })
    assert.same({ "s2", "s3" }, { page.items[1].name, page.items[2].name })
    assert.equal(3, server:get("/snapshots?sourceSandboxId=" .. source.id).total)
    assert.equal(0, #server:get("/snapshots?page=2147483647&limit=200").items)
    server:refuses(400, "sort must be one of the following values: name, state, lastUsedAt, createdAt", "GET",
      "/snapshots?sort=size")
    post("/snapshots/s1/deactivate")
    post("/snapshots/s1/deactivate")
    assert.equal("inactive", server:get("/snapshots/s1").state)
    server:refuses(400, "Snapshot s1 is inactive", "POST", "/sandbox", { snapshot = "s1" })
    assert.equal("active", post("/snapshots/" .. ids[1] .. "/activate").state)
    server:refuses(400, "Snapshot s1 is already active", "POST", "/snapshots/s1/activate")
    server:refuses(403, "You cannot deactivate a general snapshot", "POST", "/snapshots/daytona-small/deactivate")
    server:refuses(409, 'Snapshot with name "s1" already exists for this organization', "POST",
      "/sandbox/" .. source.id .. "/snapshot", { name = "s1" })
    local name = "Invalid snapshot name format. May contain letters, digits, dots, colons, and dashes"
    for _, bad in ipairs { "", "a b", "/a", "a/", "a//b", "../x?" } do
      server:refuses(400, name, "POST", "/sandbox/" .. source.id .. "/snapshot", { name = bad })
    end
    server:refuses(400, name, "POST", "/sandbox/" .. source.id .. "/snapshot", {})
    server:refuses(400, "name must be a string", "POST", "/sandbox/" .. source.id .. "/snapshot", { name = 1 })
    server:refuses(400, "includeMemory is only supported for Windows sandboxes", "POST",
      "/sandbox/" .. source.id .. "/snapshot", { name = "x", includeMemory = true })
    post("/sandbox/" .. source.id .. "/archive")
    server:await(source.id, "archived")
    server:refuses(400, "Sandbox must be in started or stopped state to create a snapshot", "POST",
      "/sandbox/" .. source.id .. "/snapshot", { name = "x" })
    for _, id in ipairs(ids) do
      assert(server:call("DELETE", "/snapshots/" .. id))
    end
    remove(source.id)
  end)

  it("follow no link, and end where a guest does not let them", function()
    local source = server:create {}
    local outside = support.temp_dir()
    support.write_file(outside .. "/secret", "secret")
    assert(os.execute("chmod 755 " .. support.quote(outside)))
    server:sh(source.id, ("mkdir d; seq 1 200 | split -l 1 -a 4 - d/f; ln -s %s link; (while :; do mv -T d e; "
      .. "mv -T link d; mv -T d link; mv -T e d; done) >/dev/null 2>&1 & "
      .. "(while :; do echo x >>grows; date >new$((i = i + 1)); rm -f new$((i - 5)); done) >/dev/null 2>&1 &"):format(
      outside))
    for i = 1, 3 do
      local made = snapshot(source.id, "restless" .. i)
      assert.equal("", support.run(("cd %s && find . -type f -name secret"):format(
        support.quote(server.data .. "/snapshots/" .. made.id))))
      assert(server:call("DELETE", "/snapshots/" .. made.id))
    end
    stop(source.id)
    post("/sandbox/" .. source.id .. "/start")
    server:sh(source.id, "for i in $(seq 250); do mkdir x; cd x; done")
    assert.equal("its directories are nested more than 200 deep", snapshot(source.id, "deep", "error").errorReason)
    server:refuses(400, "Snapshot deep is error", "POST", "/sandbox", { snapshot = "deep" })
    server:refuses(400, "Snapshot deep cannot be activated - it is in error state", "POST",
      "/snapshots/deep/activate")
    assert.equal("", left "snapshots")
    nothing_half()
    assert(server:call("DELETE", "/snapshots/" .. server:get("/snapshots/deep").id))
    remove(source.id)
  end)

  it("are no larger than the sandbox's disk", function()
    local source = server:create {}
    server:sh(source.id, "head -c 100000 /dev/zero >file")
    server:stop()
    control.sql(server.data, "UPDATE sandboxes SET disk = 0")
    server = control.serve { data = server.data }
    assert.equal("it holds more than its disk", snapshot(source.id, "large", "error").errorReason)
    nothing_half()
    assert(server:call("DELETE", "/snapshots/" .. server:get("/snapshots/large").id))
    remove(source.id)
  end)

  it("are whole or not there when the server is killed", function()
    local source = server:create {}
    server:sh(source.id, MANY)
    post("/sandbox/" .. source.id .. "/snapshot", { name = "cut" })
    server:kill()
    server = control.serve { data = server.data }
    assert.equal("stopped", server:get("/sandbox/" .. source.id).state)
    local cut = server:get "/snapshots/cut"
    if cut.state == "error" then
      assert.equal(ENDED, cut.errorReason)
      assert.equal("", left "snapshots")
    else -- it was faster
      assert.equal("active", cut.state)
      assert.equal("300\n", support.run(("ls %s/snapshots/%s/home/many | wc -l"):format(server.data, cut.id)))
    end
    nothing_half()
    assert(server:call("DELETE", "/snapshots/" .. server:get("/snapshots/cut").id))

    snapshot(source.id, "whole")
    local starting = support.run(("curl -s -m 0.1 -X POST -H 'Authorization: Bearer %s' -H 'Content-Type: "
      .. "application/json' -d '{\"name\":\"half\",\"snapshot\":\"whole\"}' %s/sandbox"):format(server.api_key,
      server.api_url))
    assert.equal("", starting)
    server:kill()
    server = control.serve { data = server.data }
    nothing_half()
    local half = server:get "/sandbox/half"
    if half.state == "error" then -- else it was there already
      post "/sandbox/half/recover"
    else
      post "/sandbox/half/start"
    end
    assert.equal("300\n", server:sh(half.id, "ls many | wc -l"))
    assert(server:call("DELETE", "/snapshots/" .. server:get("/snapshots/whole").id))
    remove(half.id)
    remove(source.id)
  end)
end)

describe("copies on a full disk", function()
  local disk

  teardown(function()
    if disk then
      server:stop()
      disk:close()
    end
    support.cleanup()
  end)

  local case = small_disk.possible and it or pending

  case("leave nothing half", function()
    disk = small_disk.new "60m"
    server = control.serve { data = disk.data, env = disk.env }
    local sandbox = server:create {}
    server:sh(sandbox.id, "head -c 30000000 /dev/urandom >file")
    assert.equal("No space left on device", snapshot(sandbox.id, "full", "error").errorReason)
    assert.equal("started", server:get("/sandbox/" .. sandbox.id).state)
    support.eventually(function()
      return support.run(("ls -A %s/copies %s/snapshots %s/trash | grep -c '^[0-9a-f]'"):format(
        disk.root, disk.root, disk.root)) == "0\n"
    end, 10, "room")
    server:sh(sandbox.id, "truncate -s 1000 file")
    assert(server:call("DELETE", "/snapshots/" .. server:get("/snapshots/full").id))
    snapshot(sandbox.id, "full")
    assert.equal("1000\n", server:sh(server:create({ snapshot = "full" }).id, "stat -c %s file"))
  end)
end)

describe("an older server's snapshots and forks", function()
  teardown(support.cleanup)

  it("are what it has", function()
    server = control.serve { arguments = "--as v0.190" }
    local sandbox = server:create {}
    server:refuses(422, "Forking is not supported for this sandbox", "POST", "/sandbox/" .. sandbox.id .. "/fork")
    server:refuses(501, "Backing up a sandbox is not supported by daytona-local", "POST",
      "/sandbox/" .. sandbox.id .. "/backup")
    snapshot(sandbox.id, "s")
    server:stop()
  end)
end)
