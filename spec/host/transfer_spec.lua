-- Chunks and progress where calls are made in coroutines.

local support = require "spec.support" -- first: it looks after luv
local e2e = require "spec.support.e2e"
local loop = require "daytona.host.loop"
local luv = require "luv"
local uv = require "daytona.host.uv"

local check = e2e.check

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
  describe("a transfer in the host " .. case.name, function()
    local server, client, sandbox, directory
    local bytes = e2e.all_bytes():rep(10000)

    setup(function()
      server = e2e.start()
      directory = support.temp_dir()
      client = check(server:client { host = case.host })
      case.run(function()
        sandbox = check(client:create())
        check(sandbox.fs:upload_file({ content = bytes }, "large"))
        e2e.shell(sandbox, "truncate -s 128M sparse && truncate -s 3G huge")
      end)
    end)

    teardown(function()
      client:close()
      server:stop()
      support.cleanup()
    end)

    local function watcher(size)
      local seen = { calls = 0, done = 0 }
      return function(done, total)
        assert(done >= seen.done, "it went back")
        assert(total == size, tostring(total))
        seen.calls, seen.done = seen.calls + 1, done
      end, seen
    end

    local function read_all(path, options)
      local reader, parts = sandbox.fs:read_file(path, options), {}
      local chunk, err = reader:read()
      while chunk do
        parts[#parts + 1] = chunk
        chunk, err = reader:read()
      end
      assert.is_nil(err)
      return parts
    end

    it("is read in chunks", function()
      case.run(function()
        for _, size in ipairs { 7001, 262144, 10000000 } do
          local parts = read_all("large", { chunk_size = size })
          assert.is_true(table.concat(parts) == bytes)
          for i = 1, #parts - 1 do
            assert.equal(size, #parts[i])
          end
        end
      end)
      assert.equal(0, client._core:live())
    end)

    it("is read by several tasks at once", function()
      local ended = 0
      case.run(function()
        for n = 1, 5 do
          case.host.spawn(function()
            assert.is_true(table.concat(read_all("large", { chunk_size = 50000 + n })) == bytes)
            ended = ended + 1
          end)
        end
        while ended < 5 do
          case.host.sleep(0.005)
        end
      end)
      assert.equal(5, ended)
    end)

    it("tells its progress", function()
      case.run(function()
        -- So large that it is not there all at once.
        local path, size = directory .. "/sparse", 2 ^ 27
        local on_progress, seen = watcher(size)
        check(sandbox.fs:download_file("sparse", path, { on_progress = on_progress }))
        assert.equal(size, seen.done)
        assert.is_true(seen.calls > 1)
        on_progress, seen = watcher(size)
        check(sandbox.fs:upload_file(path, "copy", { on_progress = on_progress }))
        assert.equal(size, seen.done)
        assert.is_true(seen.calls > 1)
      end)
    end)

    it("feeds one from the other, and tells how far it is", function()
      case.run(function()
        local reader = sandbox.fs:read_file("large", { chunk_size = 100000 })
        local on_progress, seen = watcher(nil)
        local result = check(sandbox.fs:upload_file(function()
          return reader:read()
        end, "copy", { on_progress = on_progress }))
        assert.equal(#bytes, result.bytes)
        assert.equal(#bytes, seen.done)
        assert.is_true(check(sandbox.fs:download_file "copy") == bytes)
      end)
    end)

    it("ends when its progress is answered by false", function()
      case.run(function()
        local calls = 0
        e2e.fails({ kind = "cancelled", operation = "fs.download_file" },
          sandbox.fs:download_file("huge", directory .. "/huge", { on_progress = function()
            calls = calls + 1
            return false
          end }))
        assert.equal(1, calls)
      end)
    end)

    it("ends when its task is cancelled, in whatever it is then", function()
      case.run(function()
        local inside, fed, problem, failure
        local reading = case.host.spawn(function()
          local reader = sandbox.fs:read_file("sparse", { chunk_size = 1000 })
          check(reader:read())
          inside = true
          case.host.sleep(60)
          local chunk
          repeat
            chunk, problem = reader:read()
          until not chunk
        end)
        local feeding = case.host.spawn(function()
          local _
          _, failure = sandbox.fs:upload_file(function()
            fed = true
            case.host.sleep(60)
            return "x"
          end, "copy")
        end)
        while not (inside and fed) do
          case.host.sleep(0.005)
        end
        reading:cancel()
        feeding:cancel()
        while not (problem and failure) do
          case.host.sleep(0.005)
        end
        assert.equal("cancelled", problem.kind)
        assert.equal("cancelled", failure.kind)
      end)
      assert.equal(0, client._core:live())
    end)
  end)
end
