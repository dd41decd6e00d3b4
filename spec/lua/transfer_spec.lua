-- Progress, ranges and checksums of uploads and downloads; cancelling them.

local core = require "daytona.core"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

describe("a transfer", function()
  local sandbox, directory

  e2e.serve(function(...)
    sandbox = ...
  end)

  before_each(function()
    shell(sandbox, "chmod -R u+rwX . && find . -mindepth 1 -delete")
    directory = support.temp_dir()
  end)

  local function here()
    return table.concat(support.files_under(directory), " ")
  end

  -- Waits until the sandbox has those files and no others: it removes what is
  -- left of an upload when it sees the end of the connection.
  local function comes_to(names)
    support.eventually(function()
      return shell(sandbox, "ls -A") == names
    end, 5, "the sandbox has only: " .. names)
  end

  -- A function for on_progress, and what it was told; checks that it is sound.
  local function watcher(size)
    local seen = { calls = 0, done = 0 }
    return function(done, total)
      assert(done >= seen.done, "it went back")
      assert(total == size, tostring(total))
      seen.calls, seen.done = seen.calls + 1, done
    end, seen
  end

  local large = ("0123456789abcdef"):rep(256 * 1024) -- 4 MiB

  describe("that is watched", function()
    local function uploaded(source, size, options)
      local on_progress, seen = watcher(size)
      options = options or {}
      options.on_progress = on_progress
      local result = check(sandbox.fs:upload_file(source, "up", options))
      assert.equal(seen.done, result.bytes)
      return seen.calls
    end

    it("tells how much was uploaded", function()
      local path = support.write_file(directory .. "/local", large)
      assert.is_true(uploaded(path, #large) > 3)
      assert.is_true(uploaded({ content = large }, #large) > 3)
      assert.is_true(uploaded(check(io.open(path, "rb")), #large) > 3)
      assert.equal(1, uploaded({ content = "" }, 0))
      local left = 10
      assert.is_true(uploaded(function()
        left = left - 1
        return left >= 0 and large:sub(1, 400000) or nil
      end) > 3)
      assert.equal("4000000\n", shell(sandbox, "wc -c < up"))
    end)

    it("tells how much was downloaded", function()
      check(sandbox.fs:upload_file({ content = large }, "file"))
      local on_progress, seen = watcher(#large)
      assert.is_true(large == check(sandbox.fs:download_file("file", nil, { on_progress = on_progress })))
      assert.equal(#large, seen.done)
      shell(sandbox, "truncate -s 256M sparse")
      on_progress, seen = watcher(2 ^ 28)
      check(sandbox.fs:download_file("sparse", directory .. "/sparse", { on_progress = on_progress }))
      assert.is_true(seen.calls > 3)
      on_progress, seen = watcher(1000)
      check(sandbox.fs:download_file("file", directory .. "/part",
        { on_progress = on_progress, offset = 5, length = 1000 }))
      assert.equal(1000, seen.done)
    end)

    it("tells of many files together", function()
      local on_progress, seen = watcher(#large + 1)
      check(sandbox.fs:upload_files({
        { source = { content = large }, destination = "a" }, { source = { content = "b" }, destination = "b" },
      }, { on_progress = on_progress }))
      assert.equal(#large + 1, seen.done)
      on_progress, seen = watcher(nil)
      check(sandbox.fs:download_files({ "a", "b" }, { on_progress = on_progress }))
      assert.is_true(seen.done > #large)
    end)

    it("says nothing of a file that is not there", function()
      local on_progress, seen = watcher()
      fails({ kind = "not_found" }, sandbox.fs:download_file("missing", nil, { on_progress = on_progress }))
      assert.equal(0, seen.calls)
    end)

    it("can be cancelled, and leaves nothing", function()
      local function stop(done)
        return done < 1000000
      end
      shell(sandbox, "truncate -s 128M file")
      fails({ kind = "cancelled", attempts = 1 },
        sandbox.fs:download_file("file", directory .. "/file", { on_progress = stop }))
      fails({ kind = "cancelled" }, sandbox.fs:download_files({
        { source = "file", destination = directory .. "/a" }, { source = "file", destination = directory .. "/b" },
      }, { on_progress = function(done) return done < 140000000 end }))
      fails({ kind = "cancelled" }, sandbox.fs:upload_file({ content = large }, "up", { on_progress = stop }))
      assert.equal("", here())
      comes_to("file\n")
    end)

    it("passes on an error of the function, and leaves nothing", function()
      check(sandbox.fs:upload_file({ content = large }, "file"))
      local problem = {}
      local ok, raised = pcall(sandbox.fs.download_file, sandbox.fs, "file", directory .. "/file", {
        on_progress = function() error(problem) end,
      })
      assert.is_false(ok)
      assert.equal(problem, raised)
      ok, raised = pcall(sandbox.fs.upload_file, sandbox.fs, function() error(problem) end, "up")
      assert.is_false(ok)
      assert.equal(problem, raised)
      assert.equal("", here())
      comes_to("file\n")
    end)
  end)

  describe("of a part", function()
    local function part(offset, length)
      return check(sandbox.fs:download_file("digits", nil, { offset = offset, length = length }))
    end

    it("has the bytes asked for", function()
      shell(sandbox, "printf 0123456789 > digits")
      assert.equal("3456", part(3, 4))
      assert.equal("0", part(0, 1))
      assert.equal("01", part(nil, 2))
      assert.equal("789", part(7))
      assert.equal("89", part(8, 100))
      assert.equal("0123456789", part(0))
      local path = directory .. "/part"
      assert.same({ path = path, name = "part", bytes = 2 },
        check(sandbox.fs:download_file("digits", path, { offset = 1, length = 2 })))
      assert.equal("12", support.read_file(path))
    end)

    it("cannot begin behind the end", function()
      shell(sandbox, "printf 0123456789 > digits")
      fails({ status = 416 }, sandbox.fs:download_file("digits", directory .. "/x", { offset = 10 }))
      assert.equal("", here())
    end)

    it("of an empty file is empty", function()
      shell(sandbox, "true > nothing")
      assert.equal("", check(sandbox.fs:download_file("nothing", nil, { offset = 0, length = 10 })))
      assert.equal("", check(sandbox.fs:download_file("nothing", nil, { length = 1 })))
      local path = directory .. "/nothing"
      assert.same({ path = path, name = "nothing", bytes = 0, sha256 = core.sha256 "" },
        check(sandbox.fs:download_file("nothing", path, { length = 1, checksum = true })))
      assert.equal("", support.read_file(path))
      assert.is_true(os.remove(path))
      for _ in check(sandbox.fs:read_file("nothing", { length = 5 })) do
        error "a chunk of nothing"
      end
    end)

    it("of an empty file is empty where the server says that there is no such part", function()
      local faulty = support.fault_server()
      local other = support.client(faulty, { max_retries = 0 })
      local handle = other:sandbox { id = "sb-1", toolbox_proxy_url = faulty:url "/range" }
      faulty:script({ path_prefix = "/range" },
        { { status = 416, headers = { ["Content-Range"] = "bytes */0" }, body = "no overlap" } })
      assert.equal("", check(handle.fs:download_file("a", nil, { length = 3 })))
      fails({ status = 416 }, (function()
        faulty:script({ path_prefix = "/range" },
          { { status = 416, headers = { ["Content-Range"] = "bytes */7" }, body = "no overlap" } })
        return handle.fs:download_file("a", nil, { length = 3, offset = 9 })
      end)())
      other:close()
      faulty:close()
    end)

    it("is not taken from a server that sends other bytes", function()
      local faulty = support.fault_server()
      local other = support.client(faulty, { max_retries = 0 })
      local handle = other:sandbox { id = "sb-1", toolbox_proxy_url = faulty:url "/range" }
      local function answered(status, headers)
        faulty:script({ path_prefix = "/range" }, { { status = status, headers = headers, body = "whole" } })
        return handle.fs:download_file("a", nil, { offset = 2, length = 3 })
      end
      fails({ kind = "protocol", message = "other bytes", outcome = "failed" }, answered(200, {}))
      fails({ kind = "protocol", message = "other bytes" },
        answered(206, { ["Content-Range"] = "bytes 0-4/5" }))
      fails({ kind = "protocol", message = "other bytes" }, answered(206, {}))
      other:close()
      faulty:close()
    end)
  end)

  describe("with a checksum", function()
    local sum = core.sha256(large)

    it("reports it", function()
      local path = support.write_file(directory .. "/local", large)
      for _, source in ipairs { path, { content = large }, check(io.open(path, "rb")) } do
        assert.equal(sum, check(sandbox.fs:upload_file(source, "up", { checksum = true })).sha256)
      end
      assert.equal(sum, check(sandbox.fs:upload_file(path, " up", { checksum = true })).sha256)
      assert.equal(sum, shell(sandbox, "sha256sum up"):match "^%x+")
      local result = check(sandbox.fs:download_file("up", directory .. "/down", { checksum = true }))
      assert.same({ path = directory .. "/down", name = "down", bytes = #large, sha256 = sum }, result)
      result = check(sandbox.fs:download_file("up", nil, { checksum = true, offset = 1, length = 3 }))
      assert.same({ content = "123", bytes = 3, sha256 = core.sha256 "123" }, result)
      assert.equal(core.sha256 "", check(sandbox.fs:upload_file({ content = "" }, "e", { checksum = true })).sha256)
    end)

    it("takes what has it", function()
      check(sandbox.fs:upload_file({ content = large }, "up", { checksum = sum:upper() }))
      assert.equal(#large, check(sandbox.fs:download_file("up", directory .. "/down", { checksum = sum })).bytes)
    end)

    it("leaves nothing of what has another", function()
      local other = core.sha256 "other"
      local path = support.write_file(directory .. "/local", large)
      for _, source in ipairs { path, { content = large }, check(io.open(path, "rb")) } do
        fails({ kind = "protocol", message = "checksum" },
          sandbox.fs:upload_file(source, "up", { checksum = other }))
      end
      fails({ kind = "protocol", message = "checksum" },
        sandbox.fs:upload_file(function() return nil end, "up", { checksum = other }))
      comes_to("")
      check(sandbox.fs:upload_file(path, "file"))
      fails({ kind = "protocol", message = "checksum", outcome = "failed" },
        sandbox.fs:download_file("file", directory .. "/down", { checksum = other }))
      fails({ kind = "protocol", message = "checksum" }, sandbox.fs:download_file("file", nil, { checksum = other }))
      assert.equal("local", here())
    end)
  end)

  it("names what is wrong with its options", function()
    local function raises(message, options)
      assert.equal("fs.download_file: " .. message,
        support.raised(sandbox.fs.download_file, sandbox.fs, "a", nil, options))
    end
    raises("field 'on_progress': function expected, got number", { on_progress = 1 })
    raises("field 'checksum': boolean or string expected, got number", { checksum = 1 })
    raises("field 'checksum': not a SHA-256 in hexadecimal", { checksum = "abc" })
    raises("field 'length': out of range (1 to 4503599627370495)", { length = 0 })
    raises("field 'offset': integer expected, got string", { offset = "1" })
    assert.equal("fs.upload_file: field 'source': it must give strings, gave table",
      support.raised(sandbox.fs.upload_file, sandbox.fs, function() return {} end, "a"))
  end)
end)
