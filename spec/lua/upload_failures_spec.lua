-- sandbox.fs:upload_file: how it fails, and what is left then.

local system = require "system"

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local fails, shell = e2e.fails, e2e.shell

describe("fs:upload_file", function()
  local client, sandbox, directory

  e2e.serve(function(...)
    sandbox, client = ...
    directory = support.temp_dir()
  end)

  before_each(function()
    shell(sandbox, "chmod -R u+rwX . && find . -mindepth 1 -delete")
  end)

  local function tree()
    return shell(sandbox, "find . -mindepth 1 | sort")
  end

  describe("fails before anything is sent", function()
    local function nothing_sent(fn)
      local fault = support.fault_server()
      local other = support.client(fault)
      local ok, err = pcall(fn, support.sandbox(other, fault, "ok").fs)
      local count = fault:stats().connections
      other:close()
      fault:close()
      if not ok then
        error(err, 0)
      end
      assert.equal(0, count)
    end

    it("without the file", function()
      nothing_sent(function(fs)
        fails({ kind = "file", operation = "fs.upload_file", outcome = "failed", message = "/no/such/file" },
          fs:upload_file("/no/such/file", "x"))
        fails({ kind = "file", operation = "fs.upload_raw", message = "/no/such/file" },
          fs:upload_file("/no/such/file", "x "))
      end)
      assert.equal("", tree())
    end)

    it("with a directory as source", function()
      nothing_sent(function(fs)
        fails({ kind = "file", message = directory }, fs:upload_file(directory, "x"))
        fails({ kind = "file", message = directory }, fs:upload_file(directory .. "/", "x"))
      end)
    end)

    it("when it is asked for nonsense", function()
      local closed = assert(io.open("/dev/null", "rb"))
      closed:close()
      nothing_sent(function(fs)
        local cases = {
          { nil, "x", nil, "field 'source': path, open file, function or { content = ... } expected, got nil" },
          { 42, "x", nil, "field 'source': path, open file, function or { content = ... } expected, got number" },
          { {}, "x", nil, "field 'source': path, open file, function or { content = ... } expected, got table" },
          { closed, "x", nil, "field 'source': the file is closed" },
          { { content = 1 }, "x", nil, "field 'content': string expected, got number" },
          { { content = "", name = 1 }, "x/", nil, "field 'name': string expected, got number" },
          { { content = "", mode = "644" }, "x", nil, "field 'source': unknown field 'mode'" },
          { { content = "" }, "x", { nam = "y" }, "unknown option 'nam' (did you mean 'name'?)" },
          { { content = "" }, "x", { timeout = "1" }, "field 'timeout': number expected, got string" },
        }
        for _, case in ipairs(cases) do
          assert.equal("fs.upload_file: " .. case[4],
            support.raised(fs.upload_file, fs, case[1], case[2], case[3]))
        end
        for _, destination in ipairs { "", false } do
          local message = support.raised(fs.upload_file, fs, { content = "" }, destination or nil)
          assert.truthy(message:find "^fs.upload_file: field '")
        end
        assert.truthy(support.raised(fs.upload_file, fs, { content = "" }, "a\0b"):find "NUL")
      end)
    end)
  end)

  describe("fails", function()
    it("when reading the source does, and says why", function()
      local count = 0
      local source = { read = function()
        count = count + 1
        if count < 3 then
          return ("x"):rep(1000)
        end
        return nil, "the disk is gone"
      end }
      fails({ kind = "file", operation = "fs.upload_file", message = "the disk is gone" },
        sandbox.fs:upload_file(source, "broken", { timeout = 5 }))
      -- nothing that looks complete
      fails({ kind = "not_found" }, sandbox.fs:download_file "broken")
      assert.equal("still\n", shell(sandbox, "echo still"))
    end)

    it("when the source raises, and passes that on", function()
      local ok, problem = pcall(sandbox.fs.upload_file, sandbox.fs, { read = function()
        error("my own", 0)
      end }, "raised")
      assert.is_false(ok)
      assert.equal("my own", problem)
      fails({ kind = "not_found" }, sandbox.fs:download_file "raised")
      assert.equal("still\n", shell(sandbox, "echo still"))
    end)

    it("when the destination is a directory", function()
      shell(sandbox, "mkdir there")
      fails({ kind = "bad_request", status = 400, message = "is a directory" },
        sandbox.fs:upload_file({ content = "x" }, "there"))
      fails({ kind = "bad_request", status = 400 }, sandbox.fs:upload_file({ content = "x" }, "there/."))
      assert.equal("./there\n", tree())
    end)

    it("when the destination cannot be written", function()
      for _, path in ipairs { "/usr/x", "/proc/x/y", "/dev/full/x" } do
        fails({ kind = "bad_request", status = 400, message = path }, sandbox.fs:upload_file({ content = "x" }, path))
      end
      shell(sandbox, "echo > file")
      fails({ kind = "bad_request", status = 400, message = "not a directory" },
        sandbox.fs:upload_file({ content = "x" }, "file/below"))
    end)

    it("when the destination is a pipe that nobody reads", function()
      shell(sandbox, "mkfifo pipe")
      fails({ kind = "bad_request", status = 400, message = "pipe" },
        sandbox.fs:upload_file({ content = "x" }, "pipe", { timeout = 3 }))
      assert.equal("still\n", shell(sandbox, "echo still"))
    end)

    it("when the sandbox is not there", function()
      fails({ kind = "not_found", status = 404, sandbox_id = "nobody" },
        client:sandbox("nobody").fs:upload_file({ content = "x" }, "x"))
    end)

    it("when the time is over, and leaves nothing", function()
      local slow = { read = function()
        system.sleep(0.01)
        return "x"
      end }
      local seconds, value, err = support.timed(sandbox.fs.upload_file, sandbox.fs, slow, "slow", { timeout = 0.3 })
      fails({ kind = "timeout", operation = "fs.upload_file", outcome = "unknown" }, value, err)
      assert.is_true(seconds < 10, seconds)
      support.eventually(function()
        return tree() == ""
      end)
    end)
  end)
end)
