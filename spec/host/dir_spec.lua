-- Whole directories where calls are made in coroutines: several requests at
-- once, and cancelled in the middle.

local support = require "spec.support" -- first: it looks after luv
local e2e = require "spec.support.e2e"
local lfs = require "lfs"
local loop = require "daytona.host.loop"
local luv = require "luv"
local uv = require "daytona.host.uv"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

-- What fails in a task of uv ends the process: that is what luv does with
-- errors.
local function run_uv(fn)
  local ended = false
  uv.run(function()
    fn()
    ended = true
  end)
  luv.run()
  assert.is_true(ended, "the task did not come to its end")
end

local hosts = {
  { name = "loop", host = loop, run = loop.run },
  { name = "uv", host = uv, run = run_uv },
}

for _, case in ipairs(hosts) do
  describe("a directory in the host " .. case.name, function()
    local server, client, sandbox, directory, source, copy
    local under_way, most

    setup(function()
      server = e2e.start()
      client = check(server:client {
        host = case.host,
        on_request = function()
          under_way = under_way + 1
          most = math.max(most, under_way)
        end,
        on_response = function()
          under_way = under_way - 1
        end,
      })
      under_way, most = 0, 0
      case.run(function()
        sandbox = check(client:create())
      end)
    end)

    teardown(function()
      client:close()
      server:stop()
      support.cleanup()
    end)

    before_each(function()
      directory = support.temp_dir()
      source, copy = directory .. "/source", directory .. "/copy"
      assert(lfs.mkdir(source))
      most = 0
    end)

    local function make(command)
      local output, status = support.run("cd " .. support.quote(source) .. " && { " .. command .. "\n}")
      assert.equal(0, status, output)
    end

    -- Waits in a task; a spec that cannot pass is to fail, not to hang.
    local function wait_for(condition)
      local deadline = support.now() + 20
      while not condition() do
        assert(support.now() < deadline, "did not happen in time")
        case.host.sleep(0.001)
      end
    end

    local function no_parts()
      for _, path in ipairs(support.files_under(directory)) do
        assert.is_nil(path:find "%.part$", path)
      end
    end

    it("goes both ways, with several requests at once", function()
      make [[mkdir -p a/b; for i in $(seq 300); do echo $i > a/$i; done
        for i in 1 2 3; do head -c 4200000 /dev/urandom > a/b/$i; done; chmod 600 a/1; chmod 500 a/b]]
      case.run(function()
        assert.equal(303, check(sandbox.fs:upload_dir(source, "there")).files)
        assert.equal(4, most)
        most = 0
        assert.equal(303, check(sandbox.fs:download_dir("there", copy, { concurrency = 3 })).files)
        assert.equal(3, most)
        most = 0
        check(sandbox.fs:download_dir("there", copy, { concurrency = 1 }))
        assert.equal(1, most)
      end)
      local differences = support.run(("diff -r %s %s; cd %s; stat -c %%a a/1 a/b"):format(support.quote(source),
        support.quote(copy), support.quote(copy)))
      assert.equal("600\n500\n", differences)
      assert.equal(0, client._core:live())
    end)

    it("tells one failure among several tasks", function()
      make "for i in 1 2 3 4 5 6; do truncate -s 4200000 $i; done"
      case.run(function()
        shell(sandbox, "mkdir -p fail/3")
        local err = fails({ kind = "bad_request", operation = "fs.upload_dir" }, sandbox.fs:upload_dir(source, "fail"))
        assert.equal(5, err.result.files)
        assert.equal("3", err.result.failed[1].path)
      end)
    end)

    it("ends in all tasks when its progress is answered by false, or raises", function()
      case.run(function()
        shell(sandbox, "mkdir -p big; cd big; for i in 1 2 3 4 5 6; do truncate -s 2G $i; done")
        fails({ kind = "cancelled", operation = "fs.download_dir" },
          sandbox.fs:download_dir("big", copy, { on_progress = function(done)
            return done < 1
          end }))
        no_parts()
      end)
      assert.equal(0, client._core:live())
      local problem
      case.run(function()
        local ok
        -- pcall in which a task of plain Lua 5.1 can wait is the loop's alone.
        local call = case.host.pcall or require("daytona.call.protected").native and pcall
        if call then
          ok, problem = call(sandbox.fs.download_dir, sandbox.fs, "big", copy, { on_progress = function(done)
            if done > 0 then
              error "my mistake"
            end
          end })
          assert.is_false(ok)
          assert.truthy(problem:find "my mistake")
        end
      end)
      assert.equal(0, client._core:live())
      no_parts()
    end)

    it("ends when its task is cancelled, and leaves nothing half-written", function()
      case.run(function()
        local moving, failure
        local task = case.host.spawn(function()
          local _
          _, failure = sandbox.fs:download_dir("big", copy, { on_progress = function(done)
            moving = done > 0
          end })
        end)
        wait_for(function()
          return moving or failure
        end)
        task:cancel()
        wait_for(function()
          return failure
        end)
        fails({ kind = "cancelled", operation = "fs.download_dir" }, nil, failure)
        wait_for(function()
          return client._core:live() == 0 and under_way == 0
        end)
        no_parts()
      end)
    end)

    it("ends at once when another file's failure concerns all", function()
      local faults = support.fault_server()
      local other = support.client(faults, { host = case.host, max_retries = 0 })
      faults:script({ path_prefix = "/x/sb-1/process" }, { { body = {
        exitCode = 0, result = require("daytona.base64").encode(
          "//41ed 0 .\n//81a4 5000000 ./a\n//81a4 5000000 ./b\n//81a4 5000000 ./c\n") .. "!",
      } } })
      faults:script({ path_prefix = "/x/sb-1/files/download" },
        { { body = "", delay_ms = 30000 }, { status = 401, body = {} }, { body = "", delay_ms = 30000 } })
      case.run(function()
        local handle = other:sandbox { id = "sb-1", toolbox_proxy_url = faults:url "/x" }
        local seconds, value, err = support.timed(handle.fs.download_dir, handle.fs, "there", copy)
        fails({ kind = "unauthorized" }, value, err)
        assert.is_true(seconds < 10)
      end)
      other:close()
      faults:close()
    end)

    it("is given up by a task that was cancelled before", function()
      case.run(function()
        local failure
        local task = case.host.spawn(function()
          case.host.sleep(60)
          local _
          _, failure = sandbox.fs:upload_dir(source, "there")
        end)
        case.host.sleep(0)
        task:cancel()
        wait_for(function()
          return failure
        end)
        fails({ kind = "cancelled" }, nil, failure)
      end)
    end)
  end)
end
