-- Snapshots of sandboxes, what is made of them, forks and backups; and what is
-- left where a copy is cut off.

local control = require "spec.local.control_support"
local small_disk = require "spec.local.small_disk"
local support = require "spec.support"

local ENDED = "daytona-local ended while it was being made"

-- What takes a moment to be copied.
local MANY = "head -c 60000000 /dev/zero >large; mkdir many; seq 1 300 | split -l 1 -a 4 - many/f"

local server

local function post(path, body)
  return assert(server:call("POST", path, body))
end

local function remove(id)
  assert(server:call("DELETE", "/sandbox/" .. id))
  server:await(id, "gone")
end

local function stop(id)
  post("/sandbox/" .. id .. "/stop")
  server:await(id, "stopped")
end

local function await_snapshot(name, state)
  return support.eventually(function()
    local found = server:get("/snapshots/" .. name:gsub("/", "%%2F"))
    if found.state == "error" and state ~= "error" then
      error(found.errorReason)
    end
    return found.state == state and found
  end, 20, "snapshot " .. state)
end

-- A snapshot of the sandbox, when it is in that state.
local function snapshot(id, name, state)
  local answer = post("/sandbox/" .. id .. "/snapshot", { name = name })
  assert.equal("snapshotting", answer.state)
  local made = await_snapshot(name, state or "active")
  support.eventually(function()
    return server:get("/sandbox/" .. id).state ~= "snapshotting"
  end, 10, "sandbox that goes on")
  return made
end

local function left(directory)
  return support.run("ls -A " .. support.quote(server.data .. "/" .. directory))
end

local function nothing_half()
  assert.equal("", left "copies")
  support.eventually(function()
    return left "trash" == ""
  end, 10, "empty trash")
end

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

describe("forks and backups", function()
  setup(function()
    server = control.serve()
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  it("are sandboxes of their own, which know their parents", function()
    local parent = server:create { name = "parent", labels = { a = "b" }, env = { X = "y" } }
    server:sh(parent.id, "echo text >file; sleep 1000 >/dev/null 2>&1 &")
    local child = post("/sandbox/parent/fork", { name = "child" })
    assert.equal("creating", child.state)
    child = server:await(child.id, "started")
    assert.equal("started", server:await(parent.id, "started").state)
    assert.same({ "child", { a = "b" }, { X = "y" } }, { child.name, child.labels, child.env })
    assert.equal("text\ny\n", server:sh(child.id, "cat file; echo $X"))
    assert.equal("0\n", server:sh(child.id, "pgrep -c sleep"))
    server:sh(child.id, "echo changed >file")
    assert.equal("text\n", server:sh(parent.id, "cat file"))
    local grandchild = post "/sandbox/child/fork"
    server:await(grandchild.id, "started")
    assert.equal(grandchild.id, grandchild.name)
    assert.equal("changed\n", server:sh(grandchild.id, "cat file"))
    local function ids(list)
      local out = {}
      for i, item in ipairs(list) do
        out[i] = item.id
      end
      return out
    end
    support.eq({ child.id }, ids(server:get "/sandbox/parent/forks"))
    support.eq({ parent.id, child.id }, ids(server:get("/sandbox/" .. grandchild.id .. "/ancestors")))
    assert.equal(child.id, server:get("/sandbox/" .. grandchild.id .. "/parent").id)
    support.eq({}, server:get "/sandbox/parent/ancestors")
    server:refuses(404, "Parent sandbox not found for sandbox parent", "GET", "/sandbox/parent/parent")
    server:refuses(409, "Sandbox with this name already exists", "POST", "/sandbox/parent/fork", { name = "child" })
    server:refuses(400, "Cannot delete sandbox which has active fork children. The forks must be deleted first.",
      "DELETE", "/sandbox/parent")
    for _, id in ipairs { grandchild.id, child.id } do
      remove(id)
    end
    support.eq({}, server:get "/sandbox/parent/forks")
    stop(parent.id)
    server:refuses(400, "Sandbox must be in started state to fork", "POST", "/sandbox/parent/fork")
    remove(parent.id)
  end)

  it("leave no half a child when the server is killed", function()
    local parent = server:create { name = "parent" }
    server:sh(parent.id, MANY)
    local child = post("/sandbox/parent/fork", { name = "child" })
    server:kill()
    server = control.serve { data = server.data }
    nothing_half()
    assert.equal("stopped", server:get("/sandbox/parent").state)
    if left "sandboxes":find(child.id, 1, true) then -- it was faster
      assert(server:call("POST", "/sandbox/child/" .. (server:get("/sandbox/child").state == "error" and "recover"
        or "start")))
      assert.equal("300\n", server:sh(child.id, "ls many | wc -l"))
    else
      assert.equal("error", server:get("/sandbox/child").state)
      assert.is_nil(server:call("POST", "/sandbox/child/recover"))
      local shown = server:get "/sandbox/child"
      assert.equal("the copy of its files was not finished and cannot be made any more", shown.errorReason)
      assert.is_false(shown.recoverable)
    end
    remove(child.id)
    remove(parent.id)
  end)

  it("of backups there are none, as the sandbox says", function()
    local sandbox = server:create {}
    assert.equal("None", post("/sandbox/" .. sandbox.id .. "/backup").backupState)
    post("/sandbox/" .. sandbox.id .. "/autodelete/0")
    server:refuses(400, "Ephemeral sandboxes cannot be backed up", "POST", "/sandbox/" .. sandbox.id .. "/backup")
    remove(sandbox.id)
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

describe("snapshots of images", function()
  teardown(support.cleanup)

  local REFUSED = {
    { { name = "x y", imageName = "a:1" }, 400,
      "Invalid snapshot name format. May contain letters, digits, dots, colons, and dashes" },
    { { name = "x" }, 400, "Must specify an image name when not using a build info entry" },
    { { name = "x", imageName = "a:latest" }, 400, 'Images with tag ":latest" are not allowed' },
    { { name = "x", imageName = "host:5000/a" }, 400,
      "Image name must include a tag (e.g., ubuntu:22.04) or digest (@sha256:...)" },
    { { name = "x", imageName = "a:1", regionId = "mars" }, 404, "Region not found" },
    { { name = "x", imageName = "a:1", sandboxClass = "linux-vm" }, 400, "No runners are configured in region "
      .. "'local' for sandbox class 'linux-vm'. Try a different region or sandbox class." },
    { { name = "x", imageName = "a:1", entrypoint = { 1 } }, 400, "each value in entrypoint must be a string" },
    { { name = "x", buildInfo = { dockerfileContent = "FROM a:1" } }, 501,
      "Building a snapshot from a Dockerfile is not supported by daytona-local" },
    { { name = "daytona-small", imageName = "a:1" }, 409,
      'Snapshot with name "daytona-small" already exists for this organization' },
  }

  it("are 501, or names only where the server was told so", function()
    server = control.serve()
    server:refuses(501, "Making a snapshot of an image (without --images host) is not supported by daytona-local",
      "POST", "/snapshots", { name = "py", imageName = "python:3.12" })
    server:stop()
    server = control.serve { arguments = "--images host" }
    for _, case in ipairs(REFUSED) do
      server:refuses(case[2], case[3], "POST", "/snapshots", case[1])
    end
    local made = post("/snapshots", { name = "py", imageName = "docker.io/python:3.12", cpu = 2, memory = 2,
      entrypoint = { "sh", "-c", "echo $0 $1 >started", "a b", "$HOME" } })
    assert.same({ "pending", "host", "docker.io/python:3.12" }, { made.state, made.ref, made.imageName })
    assert.equal("active", server:get("/snapshots/py").state)
    local sandbox = server:create { snapshot = "py", labels = { mine = "kept" } }
    assert.same({ 2, 2, 3 }, { sandbox.cpu, sandbox.memory, sandbox.disk })
    support.eq({ mine = "kept", ["daytona-local/image"] =
      "the programs of the host, not those of docker.io/python:3.12" }, sandbox.labels)
    support.eventually(function()
      return server:sh(sandbox.id, "cat started 2>/dev/null") == "a b $HOME\n"
    end, 10, "entrypoint")
    local again = snapshot(sandbox.id, "py2")
    support.eq(made.entrypoint, again.entrypoint)
    server:stop()
  end)

  it("are taken at create, too, where the Dockerfile is a name", function()
    local function body(text, more)
      local fields = { buildInfo = { dockerfileContent = text } }
      for name, value in pairs(more or {}) do
        fields[name] = value
      end
      return fields
    end
    server = control.serve()
    server:refuses(501, "Creating a sandbox from an image (buildInfo, without "
      .. "--images host) is not supported by daytona-local",
      "POST", "/sandbox", body "FROM debian:12")
    server:stop()
    server = control.serve { arguments = "--images host" }
    local sandbox = server:create(body("# a comment\n\n from\tdebian:12 \r\n", { cpu = 2, memory = 3, disk = 4 }))
    assert.same({ 2, 3, 4 }, { sandbox.cpu, sandbox.memory, sandbox.disk })
    support.eq({ ["daytona-local/image"] = "the programs of the host, not those of debian:12" }, sandbox.labels)
    assert.equal("hi\n", server:sh(sandbox.id, "echo hi"))
    for _, text in ipairs { "", "FROM", "FROM ", "FROMdebian", "FROM a:1 AS b", "FROM a:1\nFROM b:2", "RUN true",
      "FROM a:1\nRUN true", "# FROM a:1" } do
      server:refuses(501, "Building an image (a Dockerfile with more than FROM) is not supported by daytona-local",
        "POST", "/sandbox", body(text))
    end
    server:refuses(501, "Building an image (a Dockerfile with more than FROM) is not supported by daytona-local",
      "POST", "/sandbox", { buildInfo = { dockerfileContent = "FROM a:1", contextHashes = { "x" } } })
    server:refuses(501, "A GPU is not supported by daytona-local", "POST", "/sandbox", body("FROM a:1", { gpu = 1 }))
    server:refuses(400, "Cannot specify a snapshot when using a build info entry", "POST", "/sandbox",
      body("FROM a:1", { snapshot = "daytona-small" }))
    server:stop()
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
