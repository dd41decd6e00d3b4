-- sandbox.fs:download_file: as a string, to a path, completely or not at all.

local lfs = require "lfs"

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

describe("fs:download_file", function()
  local server, client, sandbox, directory

  e2e.serve(function(...)
    sandbox, client, server = ...
  end)

  before_each(function()
    shell(sandbox, "chmod -R u+rwX . && find . -mindepth 1 -delete")
    directory = support.temp_dir()
  end)

  local function download(path, destination, options)
    return check(sandbox.fs:download_file(path, destination, options))
  end

  local function here()
    return table.concat(support.files_under(directory), " ")
  end

  it("gives the content", function()
    shell(sandbox, "mkdir dir; printf content > dir/file")
    assert.equal("content", download "dir/file")
    assert.equal("content", download(check(sandbox:get_work_dir()) .. "/dir/file"))
  end)

  it("writes it to a path", function()
    shell(sandbox, "printf content > file")
    local path = directory .. "/local name"
    assert.same({ path = path, name = "local name", bytes = 7 }, download("file", path))
    assert.equal("content", support.read_file(path))
    assert.equal("local name", here())
  end)

  it("writes it into a directory, under its name", function()
    shell(sandbox, "mkdir d; printf content > d/file.txt")
    assert.same({ path = directory .. "/file.txt", name = "file.txt", bytes = 7 },
      download("d/file.txt", directory .. "/"))
    assert.equal("content", support.read_file(directory .. "/file.txt"))
  end)

  it("keeps every byte", function()
    local bytes = e2e.all_bytes():rep(1000)
    check(sandbox.fs:upload_file({ content = bytes }, "bytes"))
    assert.is_true(bytes == download "bytes")
    assert.equal(#bytes, download("bytes", directory .. "/bytes").bytes)
    assert.is_true(bytes == support.read_file(directory .. "/bytes"))
  end)

  it("gives nothing where there is nothing", function()
    shell(sandbox, ": > empty")
    assert.equal("", download "empty")
    assert.same({ path = directory .. "/empty", name = "empty", bytes = 0 }, download("empty", directory .. "/empty"))
    assert.equal("", support.read_file(directory .. "/empty"))
  end)

  it("finds files by names of every kind", function()
    for _, name in ipairs { " ", " x ", "a b", "100%", "%2F", "a+b", "a&b=c", "#?",
      "line\nbreak", "\r\n", "'", '"', "\\",
      "gr\195\188n", "\240\159\152\128", "\255\254", e2e.all_bytes(true), ("l"):rep(255) } do
      check(sandbox.fs:upload_file({ content = name }, "n/" .. name))
      assert.equal(name, download("n/" .. name))
      local saved = download("n/" .. name, directory .. "/")
      assert.equal(name, saved.name)
      assert.equal(name, support.read_file(directory .. "/" .. name))
    end
  end)

  it("replaces a file that is there, and keeps its mode", function()
    shell(sandbox, "printf new > file")
    local path = support.write_file(directory .. "/old", "old and longer")
    assert(os.execute("chmod 640 " .. support.quote(path)))
    download("file", path)
    assert.equal("new", support.read_file(path))
    assert.equal("rw-r-----", lfs.attributes(path, "permissions"))
    assert.equal("old", here())
  end)

  it("makes new files as the umask says", function()
    shell(sandbox, "printf new > file")
    download("file", directory .. "/fresh")
    support.write_file(directory .. "/witness", "")
    assert.equal(lfs.attributes(directory .. "/witness", "permissions"),
      lfs.attributes(directory .. "/fresh", "permissions"))
  end)

  it("writes through a symbolic link", function()
    shell(sandbox, "printf new > file")
    support.write_file(directory .. "/real", "old")
    assert(lfs.link("real", directory .. "/link", true))
    assert.equal(directory .. "/link", download("file", directory .. "/link").path)
    assert.equal("new", support.read_file(directory .. "/real"))
    assert.equal("link", lfs.symlinkattributes(directory .. "/link", "mode"))
    assert.equal("link real", here())
  end)

  describe("leaves everything as it was", function()
    local function keeps_old(expected, path, options)
      local old = support.write_file(directory .. "/old", "old")
      local err = fails(expected, sandbox.fs:download_file(path, old, options))
      assert.equal("old", support.read_file(old))
      assert.equal("old", here())
      os.remove(old)
      fails(expected, sandbox.fs:download_file(path, directory .. "/new", options))
      assert.equal("", here())
      return err
    end

    it("when there is no such file", function()
      keeps_old({ kind = "not_found", status = 404, code = "FILE_NOT_FOUND", source = "DAYTONA_DAEMON",
        operation = "fs.download_file", sandbox_id = sandbox.id, message = "none" }, "dir/none")
      fails({ kind = "not_found", status = 404 }, sandbox.fs:download_file "none")
    end)

    it("when it is a directory", function()
      shell(sandbox, "mkdir dir")
      keeps_old({ kind = "bad_request", status = 400 }, "dir")
      keeps_old({ kind = "bad_request", status = 400 }, "/")
    end)

    it("when it may not be read", function()
      shell(sandbox, "echo > secret; chmod 0 secret")
      keeps_old({ kind = "forbidden", status = 403, code = "FILE_ACCESS_DENIED" }, "secret")
    end)

    it("when the sandbox is not there", function()
      local old = support.write_file(directory .. "/old", "old")
      fails({ kind = "not_found", sandbox_id = "nobody" }, client:sandbox("nobody").fs:download_file("x", old))
      assert.equal("old", support.read_file(old))
    end)

    it("when the answer is cut off", function()
      local fault = support.fault_server()
      local other = support.client(fault, { max_retries = 0 })
      local old = support.write_file(directory .. "/old", "old")
      for _, scenario in ipairs { "reset-in-body", "truncated-body" } do
        local value, err = support.sandbox(other, fault, scenario).fs:download_file("x", old)
        assert.is_nil(value)
        assert.equal("connection", support.sound_error(err).kind)
        assert.equal("old", support.read_file(old))
        assert.equal("old", here())
      end
      other:close()
      fault:close()
    end)

    it("when it takes too long", function()
      shell(sandbox, "truncate -s 3G sparse")
      keeps_old({ kind = "timeout", operation = "fs.download_file" }, "sparse", { timeout = 0.2 })
    end)

    it("when the disk is full", function()
      fails({ kind = "file" }, sandbox.fs:download_file("/etc/hostname", "/dev/full"))
    end)
  end)

  describe("fetches nothing", function()
    local fault, other

    setup(function()
      fault = support.fault_server()
      other = support.client(fault)
    end)

    teardown(function()
      other:close()
      fault:close()
    end)

    it("when the destination cannot be written", function()
      local fs = support.sandbox(other, fault, "download;n=10").fs
      support.write_file(directory .. "/file", "")
      for _, destination in ipairs { "/no/such/dir/x", directory, directory .. "/file/below", "/proc/x", "/dev/null",
        directory .. "/" .. ("l"):rep(256) } do
        fails({ kind = "file", operation = "fs.download_file", outcome = "failed", message = destination },
          fs:download_file("x", destination))
      end
      assert.equal(0, fault:stats().connections)
      assert.equal("file", here())
    end)

    it("when it is asked for nonsense", function()
      local fs = support.sandbox(other, fault, "download;n=10").fs
      local cases = {
        { nil, nil, nil, "field 'path': required" },
        { "", nil, nil, "field 'path': must not be blank" },
        { 42, nil, nil, "field 'path': string expected, got number" },
        { "x", 42, nil, "field 'destination': string expected, got number" },
        { "x", nil, { timout = 1 }, "unknown option 'timout' (did you mean 'timeout'?)" },
        { "x", nil, 5, "options: table expected, got number" },
      }
      for _, case in ipairs(cases) do
        assert.equal("fs.download_file: " .. case[4], support.raised(fs.download_file, fs, case[1], case[2], case[3]))
      end
      assert.equal(0, fault:stats().connections)
    end)
  end)

  it("gives no more than the client wants into memory, but into a file all", function()
    local small = check(server:client { max_response = 2000 })
    local fs = small:sandbox(check(small:get(sandbox.id)):to_table()).fs
    shell(sandbox, "head -c 1000000 /dev/zero > big")
    fails({ kind = "protocol", operation = "fs.download_file" }, fs:download_file "big")
    assert.equal(1000000, check(fs:download_file("big", directory .. "/big")).bytes)
    small:close()
  end)
end)
