-- `daytona-local doctor`: what it says of this machine, and of lesser ones.

local control = require "spec.local.control_support"
local e2e = require "spec.support.e2e"
local network = require "spec.local.network_support"
local support = require "spec.support"

local function doctor(arguments, env)
  local output, status = support.run(("%s %s doctor %s"):format(env or "", support.quote(e2e.program), arguments or ""))
  local said = {}
  for line in output:gmatch "[^\n]+" do
    local grade, what, text = line:match "^(%l+) +([%w-]+) +(.*)$"
    if grade then
      said[what] = grade .. " " .. text
    end
  end
  return said, status, output
end

describe("daytona-local doctor", function()
  teardown(support.cleanup)

  it("finds what sandboxes need", function()
    local said, status, output = doctor "--listen 127.0.0.1:0"
    assert.equal(0, status, output)
    assert.truthy(said.user:find "^ok the server runs as ", output)
    assert.falsy(said.user:find "root", output)
    assert.truthy(said.isolation:find "^ok .*bwrap", output)
    assert.equal("ok this kernel filters system calls", said.seccomp)
    assert.truthy(said.keys:find "^ok ", output)
    assert.truthy(said.network:find "^%l+ sandboxes have one of their own each", output)
    assert.truthy(said.memory:find("^note the kernel holds each process") or said.memory:find "^ok ", output)
    assert.truthy(said.cpu:find("^note a sandbox starts on") or said.cpu:find "^ok ", output)
    assert.equal("ok the kernel holds each sandbox to 4096", said.processes)
    assert.truthy(said.disk:find "^note the kernel holds each file", output)
    for _, name in ipairs { "bash", "git", "python3" } do
      assert.equal("ok found in /usr", said[name])
    end
    assert.equal("ok 127.0.0.1: any free one is taken", said.port)
    local known = select(2, support.run "getent hosts 3000-sandbox.localhost") == 0
    assert.truthy(said.names:find(known and "^ok " or "^note "), output)
  end)

  it("knows a cgroup that is the server's to divide, and a user that is short of processes", function()
    local group = support.temp_dir()
    assert(os.execute("chmod 777 " .. group))
    for name, text in pairs { ["cgroup.controllers"] = "cpu memory pids\n", ["cgroup.procs"] = "",
                              ["cgroup.subtree_control"] = "" } do
      assert(os.execute("chmod 666 " .. support.write_file(group .. "/" .. name, text)))
    end
    local said = doctor("", "DAYTONA_LOCAL_CGROUP=" .. group)
    assert.equal("ok the kernel holds each sandbox to its own (cgroup v2)", said.memory)
    assert.truthy(said.cpu:find "^ok ")
    support.write_file(group .. "/cgroup.controllers", "cpu io\n")
    said = doctor("", "DAYTONA_LOCAL_CGROUP=" .. group)
    assert.truthy(said.memory:find "^note ")
    said = doctor("", "prlimit --nproc=5000")
    assert.truthy(said.processes:find "^lack this user may have 5000 ")
  end)

  it("leaves nothing behind", function()
    doctor()
    assert.equal("", (support.run "ls -d /tmp/daytona-local-doctor-* 2>/dev/null || true"))
  end)

  it("says what keeps sandboxes from being isolated, and the way out", function()
    local directory = control.data():gsub("/data$", "")
    support.write_file(directory .. "/bwrap", "#!/bin/sh\necho 'bwrap: no namespaces' >&2; exit 1\n")
    assert(os.execute("chmod +x " .. support.quote(directory .. "/bwrap")))
    local said, status, output = doctor("", "PATH=" .. support.quote(directory) .. ":$PATH")
    assert.equal(1, status)
    assert.equal("lack bwrap: no namespaces", said.isolation)
    assert.truthy(output:find("--isolation none", 1, true))
    said, status = doctor("", "PATH=" .. support.quote(support.temp_dir()))
    assert.equal(1, status)
    assert.equal("lack the program bwrap was not found", said.isolation)
  end)

  it("says what leads out of the network of a sandbox, or why nothing does", function()
    local said = doctor("", "PATH=" .. network.path())
    assert.equal("lack sandboxes have one of their own each, without a way out: the program slirp4netns was not found;",
      said.network)
    assert.truthy(doctor("--network host").network:find "^note sandboxes share that of this machine")
    assert.truthy(doctor("--network none").network:find "^note sandboxes have one of their own each, without a way out")
    local tun = network.with_tun()
    if tun then
      assert.truthy(doctor("", tun).network:find "^ok sandboxes have one of their own each; .*slirp4netns leads out")
      said = doctor("", tun .. " env PATH=" .. network.path "echo no, not here; exit 1")
      assert.truthy(said.network:find("without a way out: slirp4netns: no, not here;", 1, true), said.network)
    end
  end)

  it("says whether names of images are taken", function()
    assert.truthy(doctor("").images:find "^ok none: creating of an image's name is 501")
    assert.truthy(doctor("--images host").images:find "^note the name of any image is taken")
    local server = control.serve { arguments = "--images host" }
    assert.truthy(server:log():find("--images host: the name of any image is taken", 1, true))
    server:stop()
  end)

  it("says whether the port is free", function()
    local server = control.serve()
    local address = server.api_url:match "//([^/]+)"
    local said, status = doctor("--listen " .. address)
    server:stop()
    assert.equal("lack " .. address .. ": Address already in use; give serve another --listen HOST:PORT", said.port)
    assert.equal(0, status)
  end)

  it("has help, and refuses what it does not know", function()
    local _, status, output = doctor "--help"
    assert.equal(0, status)
    assert.truthy(output:find("usage: daytona-local doctor", 1, true))
    _, status, output = doctor "--wat"
    assert.equal(2, status)
    assert.truthy(output:find("unrecognized option '--wat'", 1, true))
    output = support.run(support.quote(e2e.program) .. " --help")
    assert.truthy(output:find("daytona-local doctor", 1, true))
  end)
end)
