-- Snapshots of images and sandboxes from Dockerfiles, where the server was told to
-- take images as names of what the host has.

local control = require "spec.local.control_support"
local copies_support = require "spec.local.copies_support"
local support = require "spec.support"

local server
local copies = copies_support.of(function() return server end)
local post, snapshot = copies.post, copies.snapshot

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
