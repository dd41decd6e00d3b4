-- What the core knows of trees of files, and of paths beneath a directory.

local core = require "daytona.core"
local e2e = require "spec.support.e2e"
local lfs = require "lfs"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("core trees", function()
  local root, outside

  before_each(function()
    root, outside = support.temp_dir(), support.temp_dir()
    support.write_file(outside .. "/file", "outside")
    local output, status = support.run(([[cd %s && mkdir -p d/e && echo x > d/file && chmod 640 d/file &&
      ln -s %s link && ln -s d/file inside && ln -s %s/file d/planted && mkfifo fifo]]):format(support.quote(root),
      support.quote(outside), support.quote(outside)))
    assert.equal(0, status, output)
  end)

  teardown(support.cleanup)

  it("are listed by what they are, not what they link to", function()
    local entries = check(core.scan_dir(root, "."))
    table.sort(entries, function(a, b)
      return a.name < b.name
    end)
    local seen = {}
    for i, entry in ipairs(entries) do
      seen[i] = entry.name .. " " .. entry.type
    end
    assert.same({ "d directory", "fifo other", "inside link", "link link" }, seen)
    for _, entry in ipairs(check(core.scan_dir(root, "d"))) do
      if entry.name == "file" then
        assert.same({ name = "file", type = "file", size = 2, mode = 416 }, entry)
      end
    end
    assert.same({}, check(core.scan_dir(root, "d/e")))
  end)

  it("are not left through links, dots or slashes", function()
    for _, path in ipairs { "link", "link/file", "..", "../x", "d/..", "d/../d", "./d", "d/.", "/etc", "", "d//e", "d/",
      ("n"):rep(300), ("n"):rep(300) .. "/x", "inside/x", "none/x" } do
      for name, result in pairs {
        scan_dir = { core.scan_dir(root, path) }, make_dir = { core.make_dir(root, path .. "/new") },
        set_mode = { core.set_mode(root, path, 511) },
      } do
        assert.is_nil(result[1], name .. " " .. path)
        assert.equal("string", type(result[2]), name .. " " .. path)
      end
    end
    assert.is_nil(core.scan_dir(root .. "/none", "."))
    assert.is_nil(core.set_mode(root, "inside", 511))
    assert.is_nil(core.file_info("link/file", root))
    assert.is_nil(core.file_info("inside", root))
    assert.same({ type = "file", size = 2, mode = 416 }, check(core.file_info("d/file", root)))
    assert.same({ "file" }, support.files_under(outside))
  end)

  it("leave no descriptor behind", function()
    local _, before = support.open_fds()
    for _ = 1, 50 do
      core.scan_dir(root, "d/e")
      core.scan_dir(root, "none/x")
      core.make_dir(root, "d/e/new")
      core.make_dir(root, "d/file/new")
      core.set_mode(root, "d/e", 448)
      core.file_info("d/file", root)
    end
    local _, after = support.open_fds()
    assert.equal(before, after)
  end)

  it("get directories, the owner's alone, and modes", function()
    assert.is_true(core.make_dir(root, "d/new"))
    assert.is_false(core.make_dir(root, "d/new"))
    assert.equal("rwx------", lfs.attributes(root .. "/d/new", "permissions"))
    assert.is_true(core.set_mode(root, "d/new", 365))
    assert.equal("r-xr-xr-x", lfs.attributes(root .. "/d/new", "permissions"))
    assert.is_false(core.make_dir(root, "d/new"))
    assert.equal("rwxr-xr-x", lfs.attributes(root .. "/d/new", "permissions"))
    assert.is_nil(core.make_dir(root, "d/file"))
    assert.is_nil(core.make_dir(root, "link"))
    assert.is_true(core.make_dir(root .. "/top"))
    assert.is_false(core.make_dir(root .. "/top"))
    assert.is_false(core.make_dir(root .. "/link"))
    assert.is_nil(core.make_dir(root .. "/d/file"))
    assert.is_nil(core.make_dir(root .. "/none/top"))
    assert.is_true(core.set_mode(root, ".", 448))
  end)

  it("refuse what makes no sense", function()
    for _, arguments in ipairs { { core.scan_dir, "a\0b", "." }, { core.scan_dir, root, "a\0b" },
      { core.scan_dir, root },
      { core.set_mode, root, "d", 512 }, { core.set_mode, root, "d", -1 }, { core.set_mode, root, "d", 4096 + 511 },
      { core.make_dir, "a\0b" }, { core.make_dir } } do
      assert.is_false((pcall(arguments[1], arguments[2], arguments[3], arguments[4])))
    end
  end)
end)

describe("transfers beneath a directory", function()
  local sandbox, root, outside

  e2e.serve(function(...)
    sandbox = ...
  end)

  before_each(function()
    root, outside = support.temp_dir(), support.temp_dir()
    support.write_file(outside .. "/file", "outside")
    support.run(("cd %s; mkdir d; echo x > d/file; ln -s %s link; ln -s %s/file planted"):format(support.quote(root),
      support.quote(outside), support.quote(outside)))
    e2e.shell(sandbox, "printf content > file")
  end)

  it("take only what is there", function()
    local options = { beneath = root }
    assert.equal(2, check(sandbox.fs:upload_file("d/file", "up", options)).bytes)
    for _, path in ipairs { "planted", "link/file", "../x", "/etc/hostname", "d", "none" } do
      fails({ kind = "file", message = path }, sandbox.fs:upload_file(path, "up", options))
    end
    local results = check(sandbox.fs:upload_files({
      { source = "d/file", destination = "a" }, { source = "planted", destination = "b" },
      { source = "d/file", destination = " c " }, { source = "link/file", destination = "d" },
    }, options))
    assert.equal(2, results[1].bytes)
    fails({ kind = "file" }, nil, results[2].error)
    assert.equal(2, results[3].bytes)
    fails({ kind = "file" }, nil, results[4].error)
  end)

  it("put only what is there", function()
    local options = { beneath = root }
    assert.equal(7, check(sandbox.fs:download_file("file", "d/new", options)).bytes)
    assert.equal("rw-------", lfs.attributes(root .. "/d/new", "permissions"))
    assert.equal(7, check(sandbox.fs:download_file("file", "planted", options)).bytes)
    assert.equal("file", lfs.symlinkattributes(root .. "/planted", "mode"))
    for _, path in ipairs { "link/file", "../x", "/tmp/x", "d", "none/x", "link/new" } do
      fails({ kind = "file", message = path }, sandbox.fs:download_file("file", path, options))
    end
    local results = check(sandbox.fs:download_files({
      { source = "file", destination = "d/many" }, { source = "file", destination = "link/file" },
      { source = "file", destination = "../x" }, "file",
    }, options))
    assert.equal(7, results[1].bytes)
    fails({ kind = "file" }, nil, results[2].error)
    fails({ kind = "file" }, nil, results[3].error)
    assert.equal("content", results[4].content)
    assert.equal("outside", support.read_file(outside .. "/file"))
    assert.same({ "d", "d/file", "d/many", "d/new", "link", "planted" }, support.files_under(root))
  end)

  it("want the directory as a path", function()
    for _, beneath in ipairs { 5, "a\0b" } do
      for name, arguments in pairs {
        upload_file = { "d/file", "x" }, download_file = { "file", "x" }, download_files = { { "file" } },
        upload_files = { { { source = { content = "" }, destination = "x" } } },
      } do
        local options = { beneath = beneath }
        assert.truthy(support.raised(sandbox.fs[name], sandbox.fs, arguments[1], arguments[2] or options,
          arguments[2] and options):find("field 'beneath'", 1, true), name)
      end
    end
  end)
end)
