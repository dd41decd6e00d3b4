-- Limits that the kernel holds, where there is a cgroup (v2) to be divided.

local control = require "spec.local.control_support"
local support = require "spec.support"

local function read(path)
  local file = io.open(path)
  local text = file and file:read "*a"
  if file then
    file:close()
  end
  return text
end

local function succeeds(format, ...)
  return (os.execute(format:format(...) .. " 2>/dev/null")) and true or false
end

-- A new group that the server's user may divide; nil and why there is none.
local function delegate()
  if support.run "id -u" ~= "0\n" then
    return nil, "only root can hand a cgroup over"
  end
  local tree = support.read_file("/proc/self/mounts"):match "%S+ (%S+) cgroup2 "
  if not tree then
    return nil, "no cgroup v2 is mounted"
  end
  local controllers = " " .. (read(tree .. "/cgroup.controllers") or ""):gsub("\n", "") .. " "
  for _, name in ipairs { "memory", "pids", "cpu" } do
    if not controllers:find(" " .. name .. " ", 1, true) then
      return nil, ("%s has no controller %s (but:%s)"):format(tree, name, controllers)
    end
  end
  local group = ("%s/daytona-spec-%s"):format(tree, support.run("echo $PPID"):match "%d+")
  if not succeeds("echo '+memory +pids +cpu' >%s/cgroup.subtree_control", tree) or not succeeds("mkdir %s", group) then
    return nil, tree .. " is not ours to divide"
  end
  assert(succeeds("chown nobody %s %s/cgroup.procs %s/cgroup.subtree_control", group, group, group))
  return group
end

local group, lack = delegate()

if not group then
  pending("a cgroup of one's own: " .. lack)
  return
end

describe("a cgroup of one's own", function()
  local server, id, said

  -- Doctor first: where a server has divided the group, nobody else can be in it.
  setup(function()
    said = support.run(("sh -c 'echo 0 >%s/cgroup.procs; exec \"$1\" doctor' in %s"):format(group,
      support.quote(os.getenv "DAYTONA_LOCAL")))
    server = control.serve {
      env = ("sh -c 'echo 0 >%s/cgroup.procs; exec \"$@\"' in"):format(group), arguments = "--network none",
    }
    id = server:create({ autoStopInterval = 0 }).id
  end)

  teardown(function()
    if server then
      server:stop()
    end
    os.execute(("rmdir %s/* %s 2>/dev/null"):format(group, group))
    support.cleanup()
  end)

  local function value(name, key)
    local text = assert(read(("%s/sandbox-%s/%s"):format(group, id, name)), name)
    return tonumber(text:match(key and key .. " (%d+)" or "%d+"))
  end

  it("is what doctor tells of", function()
    assert.truthy(said:find "ok%s+memory%s+the kernel holds each sandbox to its own %(cgroup v2%)", said)
    assert.truthy(said:find "ok%s+cpu%s+the kernel holds each sandbox to its cores", said)
  end)

  it("has all of a sandbox in it", function()
    local inside = support.read_file(("%s/sandbox-%s/cgroup.procs"):format(group, id))
    local _, count = inside:gsub("\n", "")
    server:sh(id, "sleep 300 >/dev/null 2>&1 &")
    local _, more = support.read_file(("%s/sandbox-%s/cgroup.procs"):format(group, id)):gsub("\n", "")
    assert.is_true(count >= 3)
    assert.equal(count + 1, more)
  end)

  it("holds processes and files in memory together to the memory, and the toolbox lives", function()
    local before = value("memory.events", "oom_kill")
    assert(succeeds("echo 200000000 >%s/sandbox-%s/memory.max", group, id)) -- the sooner it is full
    server:sh(id, "head -c 80000000 /dev/zero >/dev/shm/file")
    assert.is_true(value "memory.current" > 80000000)
    -- Each is smaller than the toolbox: together they are too much.
    local printed = server:sh(id, [[
      for i in $(seq 60); do (head -c 4000000 /dev/zero; sleep 10) | tail -n 1 >/dev/null & done; wait; echo over]])
    assert.truthy(printed:find "over")
    assert.is_true(value("memory.events", "oom_kill") > before)
    assert.is_true(value "memory.current" <= 200000000)
    assert(succeeds("echo %d >%s/sandbox-%s/memory.max", 2 ^ 30, group, id))
    assert.equal("there\n", server:sh(id, "rm /dev/shm/file; echo there"))
    assert.equal("started", server:get("/sandbox/" .. id).state)
  end)

  it("holds the cores, also where a program chooses others", function()
    server:upload(id, "busy.py", "import os\nos.sched_setaffinity(0, range(os.cpu_count()))\nwhile True: pass\n")
    local before = value("cpu.stat", "usage_usec")
    server:sh(id, "for i in 1 2 3 4; do timeout 3 python3 busy.py & done; wait")
    assert.is_true(value("cpu.stat", "usage_usec") - before < 4500000)
    assert.is_true(support.run "nproc" == "1\n" or value("cpu.stat", "nr_throttled") > 0)
  end)

  it("holds the processes", function()
    assert.equal(6144, value "pids.max")
    local before = value("pids.events", "max")
    assert(succeeds("echo 40 >%s/sandbox-%s/pids.max", group, id))
    server:sh(id, "for i in $(seq 60); do sleep 5 & done 2>/dev/null; true")
    assert.is_true(value "pids.current" <= 40)
    assert.is_true(value("pids.events", "max") > before)
    assert(succeeds("echo 6144 >%s/sandbox-%s/pids.max", group, id))
  end)

  it("freezes, and goes when its sandbox does", function()
    assert(server:call("POST", "/sandbox/" .. id .. "/pause"))
    server:await(id, "paused", 20)
    assert.equal(1, value("cgroup.events", "frozen"))
    assert(server:call("POST", "/sandbox/" .. id .. "/start"))
    assert.equal(0, value("cgroup.events", "frozen"))
    assert.equal("on\n", server:sh(id, "echo on"))
    assert(server:call("DELETE", "/sandbox/" .. id))
    server:await(id, "gone", 20)
    assert.is_nil(read(("%s/sandbox-%s/cgroup.procs"):format(group, id)))
  end)
end)
