-- What one sandbox may take, and that no other one, nor its own toolbox, is short
-- of anything because of it.

local control = require "spec.local.control_support"
local daytona = require "daytona"
local e2e = require "spec.support.e2e"
local lfs = require "lfs"
local loop = require "daytona.host.loop"
local support = require "spec.support"

local function exists(path)
  return lfs.attributes(path, "mode") ~= nil
end

describe("a rush of commands", function()
  local server, client, alone

  setup(function()
    server = e2e.start()
    client = e2e.check(daytona.new { host = loop, api_key = server.api_key, api_url = server.api_url })
  end)

  teardown(function()
    if client then
      loop.run(function()
        client:close()
      end)
    end
    if server then
      server:stop()
    end
    support.cleanup()
  end)

  after_each(function()
    if alone then
      alone:close()
      alone = nil
    end
  end)

  -- The lone toolbox as a sandbox of a client of its own.
  local function start_alone(limits, options)
    alone = support.lone_toolbox(limits)
    options.host, options.api_key, options.api_url = loop, "k", alone:url "/api"
    return e2e.check(daytona.new(options)):sandbox {
      id = "lone", state = "started", toolbox_proxy_url = alone:url "/toolbox",
    }
  end

  it("of 900 at once comes out right", function()
    loop.run(function()
      local sandbox = e2e.check(client:create {})
      local tasks, wrong = {}, {}
      for i = 1, 900 do
        tasks[i] = loop.spawn(function()
          local done, err = sandbox.process:exec("echo " .. i)
          if not done or done.exit_code ~= 0 or done.result ~= i .. "\n" then
            wrong[#wrong + 1] = i .. ": " .. (done and done.exit_code .. " " .. done.result or tostring(err))
          end
        end)
      end
      for i = 1, #tasks do
        tasks[i]:wait()
      end
      assert.same({}, wrong)
      e2e.check(sandbox:delete())
    end)
  end)

  it("is refused beyond a bound, for a while, with nothing run", function()
    local sandbox = start_alone({ at_once = 1, waiting = 1, fresh_ms = 60000 }, { max_retries = 0 })
    local refused, ran = 0, 0
    loop.run(function()
      local marks = support.temp_dir()
      local first = loop.spawn(function()
        return sandbox.process:exec(("cd %s; touch first; until [ -e go ]; do sleep 0.05; done"):format(marks))
      end)
      while not exists(marks .. "/first") do
        loop.sleep(0.01)
      end
      local function attempt(name)
        return loop.spawn(function()
          local done, err = sandbox.process:exec(("touch %s/%s"):format(marks, name), { timeout = 60 })
          if done then
            ran = ran + 1
            return
          end
          if err.kind == "unavailable" then
            refused = refused + 1
            assert.equal("failed", err.outcome)
            assert.falsy(exists(marks .. "/" .. name))
          end
        end)
      end
      local two = { attempt "one", attempt "two" }
      while refused == 0 do
        loop.sleep(0.01)
      end
      -- The client of the one that waits leaves: there is a place again.
      two[1]:cancel()
      two[2]:cancel()
      local value, err
      repeat
        value, err = sandbox.process:exec("echo never", { timeout = 1 })
      until value or err.kind ~= "unavailable"
      e2e.fails({ kind = "timeout" }, value, err)
      support.write_file(marks .. "/go", "")
      e2e.check(first:wait())
      assert.equal("next\n", e2e.shell(sandbox, "echo next"))
      assert.equal(0, ran)
      assert.equal(1, refused)
    end)
  end)
end)

describe("a sandbox that is full", function()
  local server, client, full, other

  setup(function()
    server = e2e.start()
    client = e2e.check(daytona.new { api_key = server.api_key, api_url = server.api_url })
    full, other = e2e.check(client:create {}), e2e.check(client:create {})
  end)

  teardown(function()
    if client then
      client:close()
    end
    if server then
      server:stop()
    end
    support.cleanup()
  end)

  -- Forks until that is refused, and again as soon as there is room. Programs
  -- that are small, lest it is the memory that ends first.
  local BOMB = [[python3 - <<'END'
import os, time
count = 0
def fork():
    global count
    while True:
        try:
            os.posix_spawn("/usr/bin/sleep", ["sleep", "3600"], {})
            count += 1
        except OSError:
            return
fork()
with open("full.new", "w") as f:
    f.write("%d\n" % count)
os.rename("full.new", "full")
while True:
    time.sleep(0.05)
    fork()
END]]

  it("keeps its files, its terminals, its stop, and leaves others alone", function()
    e2e.check(full.process:start(BOMB))
    support.eventually(function()
      return full.fs:get_file_info "full"
    end, 60, "the table of processes is full")
    local count = tonumber(e2e.shell(full, "read -r n <full; echo $n"))
    assert.truthy(count > 3000 and count < 4096, count)
    local files = e2e.check(full.fs:list_files ".")
    assert.truthy(#files > 0)
    e2e.check(full.fs:upload_file({ content = "x" }, "small"))
    assert.equal("still here\n", e2e.shell(full, "echo still here"))
    for _ = 1, 20 do
      assert.equal("1\n", e2e.shell(other, "true | cat; ls / >/dev/null; echo 1"))
    end
    e2e.check(full:stop { timeout = 30 })
    e2e.check(full:start())
    assert.equal("2\n", e2e.shell(full, "echo 2 | tail -1"))
  end)

  it("still runs what is asked for beside terminals that were forgotten", function()
    local host = e2e.check(daytona.new { host = loop, api_key = server.api_key, api_url = server.api_url })
    loop.run(function()
      local sandbox = host:sandbox(other:to_table())
      local tasks = {}
      for i = 1, 200 do
        tasks[i] = loop.spawn(function()
          e2e.check(sandbox.process:create_pty("forgotten-" .. i))
        end)
      end
      for i = 1, #tasks do
        tasks[i]:wait()
      end
      for i = 1, 20 do
        assert.equal(i .. "\n", e2e.shell(sandbox, "true | cat; echo " .. i))
      end
      host:close()
    end)
  end)
end)

describe("the limits of a sandbox", function()
  local server, sandbox

  setup(function()
    server = control.serve()
    sandbox = e2e.check(server.client:create {})
  end)

  teardown(function()
    if server then
      server:stop()
    end
    support.cleanup()
  end)

  -- A program that holds so many MiB until there is a file "go".
  local function holder(mib)
    return ([[python3 -c 'import os, time
x = bytearray(b"1") * (%d << 20)
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
    assert.equal("all\n", e2e.shell(sandbox, [[python3 -c '
import os, time
x = bytearray(b"1") * (500 << 20)
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

  it("are for the disk: who writes beyond it is killed", function()
    local run = e2e.check(sandbox.process:exec([[fallocate -l 2G one && fallocate -l 900M two || exit 1
sh -c 'while :; do head -c 1M /dev/zero >> three || : > three; done']], { timeout = 60 }))
    assert.truthy(run.exit_code == 137 or run.exit_code == -1, run.exit_code .. run.result)
    assert.truthy(server:log():find("MiB of disk, where 3072 are its limit: killed", 1, true))
    assert.equal("lives\n", e2e.shell(sandbox, "rm one two three; echo lives"))
  end)

  it("are for uploads: what the disk has no room for is refused, and leaves nothing", function()
    local large = support.temp_dir() .. "/large"
    assert(os.execute("truncate -s 200M " .. support.quote(large)))
    e2e.shell(sandbox, "fallocate -l 2950M fill")
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
    assert.equal("209715200\n", e2e.shell(sandbox, "stat -c %s target; rm target"))
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
