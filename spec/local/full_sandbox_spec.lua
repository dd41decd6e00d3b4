-- Many commands at once, and a sandbox that is full: its own toolbox and others are
-- not short of anything because of it.

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
