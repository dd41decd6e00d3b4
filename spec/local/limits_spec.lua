-- What one sandbox may take, and that no other one, nor its own toolbox, is short
-- of anything because of it.

local control = require "spec.local.control_support"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

describe("the limits of a sandbox", function()
  local server, sandbox
  local directories = {}

  -- A server whose data are on that file system.
  local function serve_on(place)
    local directory = support.run("mktemp -d -p " .. place):gsub("%s+$", "")
    directories[#directories + 1] = directory
    assert(os.execute("chmod 755 " .. directory))
    return control.serve { data = directory .. "/data" }
  end

  setup(function()
    server = serve_on "/var/tmp" -- the suite's own may be in memory
    sandbox = e2e.check(server.client:create {})
  end)

  teardown(function()
    if server then
      server:stop()
    end
    for _, directory in ipairs(directories) do
      assert(os.execute("rm -rf " .. directory))
    end
    support.cleanup()
  end)

  -- What gives a Python program x, so many MiB that the kernel has filled.
  local FILL = "import mmap as m, os, time; x = m.mmap(-1, %d << 20, m.MAP_PRIVATE | m.MAP_ANON | m.MAP_POPULATE)"

  -- A program that holds so many MiB until there is a file "go".
  local function holder(mib)
    return ([[python3 -c ']] .. FILL .. [[

while not os.path.exists("go"): time.sleep(0.05)']]):format(mib)
  end

  it("are for memory: the largest program ends with 137, and the rest goes on", function()
    local hold = holder(450) .. " & "
    local said = e2e.shell(sandbox, "rm -f go; " .. hold .. hold .. hold
      .. "wait -n; echo $?; touch go; wait -n; echo $?; wait -n; echo $?", { timeout = 60 })
    local codes = {}
    for code in said:gmatch "%f[^\n%z]%d+%f[\n]" do
      codes[#codes + 1] = code
    end
    assert.same({ "137", "0", "0" }, codes, said)
    assert.truthy(server:log():find("MiB of memory, where 1024 are its limit: killed", 1, true))
    assert.equal("lives\n", e2e.shell(sandbox, "echo lives"))
  end)

  it("count files in memory as memory", function()
    local said = e2e.shell(sandbox, "rm -f go; head -c 400M /dev/zero > /dev/shm/file; "
      .. holder(700) .. " & wait $!; echo $?; stat -c %s /dev/shm/file; rm /dev/shm/file", { timeout = 60 })
    assert.truthy(said:find("137\n419430400\n$"), said)
    local sizes = e2e.shell(sandbox, "df -m --output=size /dev/shm /run | awk 'NR > 1 {s += $1} END {print s}'")
    assert.truthy(tonumber(sizes) < 1024)
  end)

  it("do not count twice what programs share", function()
    assert.equal("all\n", e2e.shell(sandbox, [[python3 -c ']] .. FILL:format(500) .. [[

for i in range(4):
    if os.fork() == 0:
        time.sleep(1)
        os._exit(0)
print("all" if [os.wait()[1] for i in range(4)] == [0] * 4 else "killed")']]))
  end)

  it("are for each program's memory, each file, and cores", function()
    assert.truthy(e2e.shell(sandbox, "python3 -c 'x = bytearray(1100 << 20)' 2>&1 | tail -1"):find "MemoryError")
    assert.equal(153, e2e.check(sandbox.process:exec "truncate -s 4G big").exit_code)
    assert.equal("1\n", e2e.shell(sandbox, "nproc"))
  end)

  -- Not so fast that a file is full before anybody looks.
  local function writes_beyond(at, box)
    local run = e2e.check(box.process:exec([[fallocate -l 2G one && fallocate -l 900M two || exit 1
exec python3 -c 'import time
with open("three", "ab", 0) as file:
    while True:
        file.write(bytes(1 << 20))
        time.sleep(0.005)']], { timeout = 60 }))
    assert.truthy(run.exit_code == 137 or run.exit_code == -1, run.exit_code .. run.result)
    assert.truthy(at:log():find("MiB of disk, where 3072 are its limit: killed", 1, true))
    assert.equal("lives\n", e2e.shell(box, "rm one two three; echo lives"))
  end

  it("are for the disk: who writes beyond it is killed", function()
    writes_beyond(server, sandbox)
  end)

  it("are for a disk in memory, too, where the kernel counts nothing written", function()
    local other = serve_on "/dev/shm"
    local ok, problem = pcall(writes_beyond, other, e2e.check(other.client:create {}))
    other:stop()
    assert(ok, problem)
  end)

  it("are for uploads: what the disk has no room for is refused, and leaves nothing", function()
    local large = support.temp_dir() .. "/large"
    assert(os.execute("truncate -s 80M " .. support.quote(large)))
    e2e.shell(sandbox, "fallocate -l 3000M fill")
    for _, target in ipairs { "target", "/tmp/target" } do
      local done, err = sandbox.fs:upload_file(large, target)
      assert.is_nil(done)
      assert.equal(400, err.status)
      assert.truthy(err.message:find("no space left on device", 1, true), err.message)
    end
    assert.equal("", e2e.shell(sandbox, "ls -A . /tmp | grep -e target -e upload; true"))
    e2e.check(sandbox.fs:upload_file({ content = "x" }, "small"))
    e2e.shell(sandbox, "rm fill")
    e2e.check(sandbox.fs:upload_file(large, "target"))
    assert.equal("83886080\n", e2e.shell(sandbox, "stat -c %s target; rm target"))
  end)
end)

describe("a cgroup of the server's own", function()
  it("gets a group for each sandbox, with its limits", function()
    -- A directory that stands for the tree; the kernel is not asked here.
    local group = support.temp_dir()
    assert(os.execute("chmod 777 " .. group))
    for name, text in pairs { ["cgroup.controllers"] = "cpu memory pids\n", ["cgroup.procs"] = "",
                              ["cgroup.subtree_control"] = "" } do
      assert(os.execute("chmod 666 " .. support.write_file(group .. "/" .. name, text)))
    end
    local server = control.serve { env = "DAYTONA_LOCAL_CGROUP=" .. group }
    local id = server:create().id
    local function read(name)
      return support.read_file(("%s/sandbox-%s/%s"):format(group, id, name))
    end
    assert.equal("0", support.read_file(group .. "/daytona-local/cgroup.procs"))
    assert.equal("+cpu", support.read_file(group .. "/cgroup.subtree_control"))
    assert.equal(tostring(math.floor(2 ^ 30)), read "memory.max")
    assert.equal("0", read "memory.swap.max")
    assert.equal("6144", read "pids.max")
    assert.equal("100000 100000", read "cpu.max")
    assert.equal("0", read "cgroup.procs")
    -- Where the memory runs out, what runs there goes before its toolbox.
    assert.equal("500\n", server:sh(id,
      "until grep -qx 500 /proc/$$/oom_score_adj; do :; done; cat /proc/self/oom_score_adj"))
    -- A group that cannot be removed yet, as one whose last process has just ended,
    -- is removed when it can.
    assert(server:call("POST", ("/sandbox/%s/stop"):format(id)))
    server:await(id, "stopped")
    assert.is_true(os.execute(("rm %s/sandbox-%s/*"):format(group, id)) ~= false)
    support.eventually(function()
      return not io.open(("%s/sandbox-%s"):format(group, id))
    end)
    server:stop()
    support.cleanup()
  end)
end)
