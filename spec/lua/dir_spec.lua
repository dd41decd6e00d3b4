-- sandbox.fs:upload_dir and download_dir against a real sandbox.

local lfs = require "lfs"

local e2e = require "spec.support.e2e"
local fronts = require "spec.support.front"
local support = require "spec.support"

local check, fails, shell, quote = e2e.check, e2e.fails, e2e.shell, e2e.quote

describe("fs:upload_dir and fs:download_dir", function()
  local server, client, sandbox, directory, source, copy

  e2e.serve(function(...)
    sandbox, client, server = ...
  end)

  before_each(function()
    shell(sandbox, "chmod -R u+rwX . && find . -mindepth 1 -delete")
    directory = support.temp_dir()
    source, copy = directory .. "/source", directory .. "/copy"
    assert(lfs.mkdir(source))
  end)

  after_each(function()
    support.run("chmod -R u+rwX " .. quote(directory))
  end)

  -- A local command in the source directory, which has to succeed.
  local function make(command)
    local output, status = support.run("cd " .. quote(source) .. " && { " .. command .. "\n}")
    assert.equal(0, status, output)
  end

  -- Paths, types, modes, sizes and sums of everything in a directory, by the
  -- same command here and there.
  local function listing(directory_path)
    return ([[cd %s && find . -printf '%%p %%y %%m\n' | sort && find . -type f -exec sha256sum {} + | sort]])
      :format(quote(directory_path))
  end

  local function same_trees(remote_dir, local_dir)
    local here, status = support.run("LC_ALL=C; export LC_ALL; " .. listing(local_dir))
    assert.equal(0, status, here)
    assert.equal(shell(sandbox, "LC_ALL=C; export LC_ALL; " .. listing(remote_dir)), here)
  end

  local function no_parts()
    for _, path in ipairs(support.files_under(directory)) do
      assert.is_nil(path:find "%.part$", path)
    end
  end

  it("copy contents, empty files, empty directories and modes", function()
    make [[mkdir -p a/b/c empty; echo one > a/one; : > a/b/nothing; echo run > a/b/c/run
      chmod 640 a/one; chmod 400 a/b/nothing; chmod 751 a/b/c/run; chmod 700 empty; chmod 555 a/b/c; chmod 2771 a]]
    assert.same({ files = 3, directories = 4, bytes = 8, skipped = {}, failed = {} },
      check(sandbox.fs:upload_dir(source, "new/there")))
    make "chmod g-s a" -- permission bits only
    same_trees("new/there", source)
    assert.same({ files = 3, directories = 4, bytes = 8, skipped = {}, failed = {} },
      check(sandbox.fs:download_dir("new/there", directory .. "/new/copy")))
    same_trees("new/there", directory .. "/new/copy")
  end)

  it("copy an empty directory", function()
    local none = { files = 0, directories = 0, bytes = 0, skipped = {}, failed = {} }
    assert.same(none, check(sandbox.fs:upload_dir(source .. "/", "there/")))
    assert.same(none, check(sandbox.fs:download_dir("there/", copy .. "/")))
    same_trees("there", copy)
  end)

  it("know any name", function()
    local names = { " ", " a ", "-rf", "--", "~", "*", "'", '"', "a\nb", "\n", "\\", "$(id)", "`id`", "!", "//x", "#",
      "ünïcode ☃", "latin-\252", e2e.all_bytes(true):sub(1, 200), e2e.all_bytes(true):sub(201), "%41", "...", "a!b" }
    for i, name in ipairs(names) do
      name = name:gsub("/", "")
      assert(lfs.mkdir(source .. "/d" .. name))
      support.write_file(source .. "/" .. (name == "" and "x" or name), tostring(i))
      support.write_file(source .. "/d" .. name .. "/" .. name .. ".", name)
    end
    local result = check(sandbox.fs:upload_dir(source, "-there"))
    assert.equal(2 * #names, result.files)
    assert.equal(tostring(2 * #names) .. "\n", shell(sandbox, "find ./-there -type f -print0 | tr -dc '\\0' | wc -c"))
    assert.equal(result.files, check(sandbox.fs:download_dir("-there", copy)).files)
    assert.equal("", (support.run("diff -r " .. quote(source) .. " " .. quote(copy))))
  end)

  it("copy many files and several large ones", function()
    -- More than three requests of 200 have, and two have of their own.
    make [[for d in 1 2 3 4 5; do mkdir $d; for i in $(seq 122); do echo $d $i > $d/$i; done; done
      head -c 5000000 /dev/urandom > large; head -c 4194304 /dev/zero > zero]]
    local result = check(sandbox.fs:upload_dir(source, "many"))
    assert.equal(612, result.files)
    same_trees("many", source)
    local back = check(sandbox.fs:download_dir("many", copy))
    assert.same({ 612, 5, result.bytes }, { back.files, back.directories, back.bytes })
    same_trees("many", copy)
  end)

  it("copy deep trees", function()
    local path = ("level/"):rep(150)
    make(("mkdir -p %s && echo deep > %sfile"):format(path, path))
    assert.equal(150, check(sandbox.fs:upload_dir(source, "deep")).directories)
    assert.equal("deep\n", shell(sandbox, "cat deep/" .. path .. "file"))
    assert.equal(1, check(sandbox.fs:download_dir("deep", copy)).files)
    assert.equal("deep\n", support.read_file(copy .. "/" .. path .. "file"))
  end)

  it("merge into what is there", function()
    make "mkdir -p a/b; echo new > a/b/file; chmod 555 a/b a; chmod 444 a/b/file; chmod 750 ."
    shell(sandbox, "mkdir -p there/a/b; echo old > there/a/b/file; echo other > there/a/b/other; chmod 711 there")
    check(sandbox.fs:upload_dir(source, "there"))
    -- Now into directories that cannot be written.
    check(sandbox.fs:upload_dir(source, "there"))
    assert.equal("711 555 444 644\nnew\nother\n",
      shell(sandbox, "cd there; echo $(stat -c %a . a/b a/b/file a/b/other); cat a/b/file a/b/other"))
    support.run(("mkdir -p %s/a/b; cd %s; chmod 711 .; echo mine > a/mine; echo old > a/b/file; chmod 500 a/b")
      :format(quote(copy), quote(copy)))
    check(sandbox.fs:download_dir("there", copy))
    check(sandbox.fs:download_dir("there", copy))
    assert.equal("711 555 444 644\nnew\nother\nmine\n",
      (support.run(("cd %s; echo $(stat -c %%a . a/b a/b/file a/b/other); cat a/b/file a/b/other a/mine")
        :format(quote(copy)))))
  end)

  it("leave out links and special files, and say so", function()
    local script = [[mkdir d; echo x > file; ln -s /etc outside; ln -s . loop; ln -s file inside; ln -s gone broken
      ln -s ../.. d/up; mkfifo d/fifo]]
    make(script)
    local skipped = {
      { path = "broken", reason = "symbolic link" }, { path = "inside", reason = "symbolic link" },
      { path = "loop", reason = "symbolic link" }, { path = "outside", reason = "symbolic link" },
      { path = "d/fifo", reason = "special file" }, { path = "d/up", reason = "symbolic link" },
    }
    assert.same({ files = 1, directories = 1, bytes = 2, skipped = skipped, failed = {} },
      check(sandbox.fs:upload_dir(source, "there")))
    assert.equal("./d\n./file\n", shell(sandbox, "cd there; find . -mindepth 1 | sort"))
    shell(sandbox, "mkdir here; cd here; " .. script)
    local result = check(sandbox.fs:download_dir("here", copy))
    local function by_path(a, b)
      return a.path < b.path
    end
    table.sort(result.skipped, by_path)
    table.sort(skipped, by_path)
    assert.same({ files = 1, directories = 1, bytes = 2, skipped = skipped, failed = {} }, result)
    assert.same({ "d", "file" }, support.files_under(copy))
  end)

  it("do not follow a link that was planted where they write", function()
    shell(sandbox, "mkdir -p there/sub there/deep/er; echo evil | tee there/sub/file there/deep/er/file there/file")
    local outside = directory .. "/outside"
    support.run(("mkdir -p %s %s/deep; cd %s; echo mine > %s/file; ln -s %s sub; ln -s %s deep/er; ln -s %s/file file")
      :format(quote(outside), quote(copy), quote(copy), quote(outside), quote(outside), quote(outside), quote(outside)))
    local err = fails({ kind = "file", message = "Not a directory",
      operation = "fs.download_dir", sandbox_id = sandbox.id, outcome = "failed" },
      sandbox.fs:download_dir("there", copy))
    assert.equal(1, err.result.files)
    assert.equal(4, #err.result.failed) -- two directories, and a file in each
    for _, failure in ipairs(err.result.failed) do
      fails({ kind = "file", message = "Not a directory" }, nil, failure.error)
    end
    assert.equal("mine\n", support.read_file(outside .. "/file"))
    assert.same({ "file" }, support.files_under(outside))
    assert.equal("file", lfs.symlinkattributes(copy .. "/file", "mode"))
    assert.equal("evil\n", support.read_file(copy .. "/file"))
    no_parts()
  end)

  it("say what could not be read, and copy the rest", function()
    shell(sandbox, "mkdir -p there/open there/shut; echo 1 > there/no; echo 2 > there/open/yes; echo 3 > there/shut/in"
      .. "; chmod 000 there/no there/shut")
    local err = fails({ kind = "forbidden", message = "not all could be downloaded: shut: ",
      outcome = "failed" }, sandbox.fs:download_dir("there", copy))
    support.sound_error(err)
    assert.same({ 1, 2, 2 }, { err.result.files, err.result.directories, err.result.bytes })
    local paths = {}
    for _, failure in ipairs(err.result.failed) do
      fails({ kind = "forbidden" }, nil, failure.error)
      paths[#paths + 1] = failure.path
    end
    assert.same({ "shut", "no" }, paths)
    assert.equal("2\n", support.read_file(copy .. "/open/yes"))
    no_parts()
  end)

  it("say what is gone when its turn comes, and copy the rest", function()
    make "mkdir d; for i in 1 2 3 4 5; do echo $i > $i; echo $i > d/$i; done"
    local err = fails({ kind = "file", message = "(and 1 more, see the error's result)" },
      sandbox.fs:upload_dir(source, "there", { on_progress = function()
        os.remove(source .. "/3")
        os.remove(source .. "/d/4")
      end }))
    assert.equal("3", err.result.failed[1].path)
    fails({ kind = "file", message = "No such file" }, nil, err.result.failed[1].error)
    assert.equal("d/4", err.result.failed[2].path)
    assert.equal(8, err.result.files)
    same_trees("there", source)
  end)

  it("say what is in the way", function()
    make "mkdir -p d/e; echo x > d/e/file; echo y > y"
    shell(sandbox, "mkdir there; echo in the way > there/d")
    local err = fails({ kind = "bad_request" }, sandbox.fs:upload_dir(source, "there"))
    assert.equal(1, err.result.files)
    assert.equal("y\n", shell(sandbox, "cat there/y"))
    shell(sandbox, "rm -r there; mkdir -p there/file there/d; echo y > there/y; echo f > there/d/f")
    assert(lfs.mkdir(copy))
    assert(lfs.mkdir(copy .. "/y"))
    support.write_file(copy .. "/d", "in the way")
    err = fails({ kind = "file" }, sandbox.fs:download_dir("there", copy))
    local failed = {}
    for _, failure in ipairs(err.result.failed) do
      failed[failure.path] = failure.error.message:match "[^:]*$"
    end
    assert.same({ y = " Is a directory", d = " Not a directory", ["d/f"] = " Not a directory" }, failed)
    assert.equal("in the way", support.read_file(copy .. "/d"))
    no_parts()
  end)

  it("fail as a whole where there is no such directory", function()
    support.write_file(source .. "/file", "x")
    local err = fails({ kind = "file", message = "No such file", operation = "fs.upload_dir" },
      sandbox.fs:upload_dir(source .. "/none", "there"))
    assert.equal(0, err.result.files)
    fails({ kind = "file", message = "Not a directory" }, sandbox.fs:upload_dir(source .. "/file", "there"))
    fails({ kind = "bad_request", message = "/proc/none" }, sandbox.fs:upload_dir(source, "/proc/none"))
    fails({ kind = "not_found", status = 404, operation = "fs.download_dir" }, sandbox.fs:download_dir("none", copy))
    shell(sandbox, "mkdir shut; chmod 000 shut; echo x > file")
    fails({ kind = "bad_request", message = "Not a directory" }, sandbox.fs:download_dir("file", copy))
    fails({ kind = "forbidden", message = "Permission denied" }, sandbox.fs:download_dir("shut", copy))
    assert.is_nil(lfs.attributes(copy))
    fails({ kind = "file", message = "Not a directory" }, sandbox.fs:download_dir(".", source .. "/file"))
    fails({ kind = "file", message = "/proc/none" }, sandbox.fs:download_dir(".", "/proc/none"))
    shell(sandbox, "mkdir one && echo x > one/file")
    err = fails({ kind = "file", message = "cannot write file" }, sandbox.fs:download_dir("one", "/proc/self/task"))
    assert.equal(0, err.result.files)
    fails({ kind = "not_found" }, client:sandbox("no-such-sandbox").fs:upload_dir(source, "there"))
  end)

  it("tell their progress", function()
    make "head -c 8000000 /dev/zero > large; mkdir d; for i in 1 2 3; do echo $i > d/$i; done"
    for _, copying in ipairs {
      function(options) return sandbox.fs:upload_dir(source, "there", options) end,
      function(options) return sandbox.fs:download_dir("there", copy, options) end,
    } do
      local calls, last = 0, -1
      check(copying { on_progress = function(done, total)
        assert(done > last, "it went back")
        assert.equal(8000006, total)
        calls, last = calls + 1, done
      end })
      assert.equal(8000006, last)
      assert.is_true(calls > 2)
    end
  end)

  it("end when their progress is answered by false", function()
    make "for i in 1 2 3; do truncate -s 9M $i; done"
    shell(sandbox, "mkdir big; cd big; for i in 1 2 3; do truncate -s 40M $i; done")
    local function stopping(done)
      return done < 1
    end
    local err = fails({ kind = "cancelled", operation = "fs.upload_dir" },
      sandbox.fs:upload_dir(source, "there", { on_progress = stopping }))
    assert.is_true(err.result.files < 3)
    err = fails({ kind = "cancelled", operation = "fs.download_dir" },
      sandbox.fs:download_dir("big", copy, { on_progress = stopping }))
    assert.is_true(err.result.files < 3)
    no_parts()
    assert.equal(0, client._core:live())
  end)

  it("pass on what their progress raises", function()
    support.write_file(source .. "/file", "x")
    local problem = {}
    local ok, raised = pcall(sandbox.fs.upload_dir, sandbox.fs, source, "there", { on_progress = function()
      error(problem)
    end })
    assert.is_false(ok)
    assert.equal(problem, raised)
    assert.equal(0, client._core:live())
  end)

  it("have one deadline", function()
    shell(sandbox, "mkdir big; cd big; for i in 1 2 3; do truncate -s 3G $i; done")
    local seconds, value, err = support.timed(sandbox.fs.download_dir, sandbox.fs, "big", copy, { timeout = 0.3 })
    fails({ kind = "timeout", operation = "fs.download_dir" }, value, err)
    assert.is_true(seconds < 3)
    no_parts()
    fails({ kind = "timeout" }, sandbox.fs:upload_dir(source, "there", { timeout = 1e-6 }))
  end)

  it("report checksums", function()
    make "mkdir d; printf abc > d/abc; : > nothing"
    local sums = {
      ["d/abc"] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
    assert.same(sums, check(sandbox.fs:upload_dir(source, "there", { checksum = true })).sha256)
    assert.same(sums, check(sandbox.fs:download_dir("there", copy, { checksum = true })).sha256)
  end)

  it("leave out what downloads have left unfinished", function()
    support.write_file(source .. "/.daytona-1f-2e3d4c.part", "half")
    local result = check(sandbox.fs:upload_dir(source, "whole"))
    assert.equal("unfinished download", result.skipped[#result.skipped].reason)
    assert.equal("", shell(sandbox, "find whole -name '*.part'"))
  end)

  it("keep files private until their modes are set", function()
    shell(sandbox, "mkdir -p there/d; truncate -s 16M there/d/secret; chmod 777 there/d/secret there/d there")
    local modes = {}
    local front = fronts.start { server = server, tls = false, http = 1, rate = 32 * 2 ^ 20 } -- half a second
    local far = check(front:client():get(sandbox.id))
    check(far.fs:download_dir("there", copy, { on_progress = function(done)
      if done > 0 and done < 16 * 2 ^ 20 then
        for _, path in ipairs(support.files_under(copy .. "/d")) do
          modes[lfs.attributes(copy .. "/d/" .. path, "permissions")] = true
        end
        modes[lfs.attributes(copy .. "/d", "permissions")] = true
      end
    end }))
    modes["rw-------"] = nil -- of the file, where it has to have a name meanwhile
    assert.same({ ["rwx------"] = true }, modes)
    same_trees("there", copy)
  end)

  it("name what is wrong with their arguments", function()
    local function raises(name, message, ...)
      assert.equal("fs." .. name .. ": " .. message, support.raised(sandbox.fs[name], sandbox.fs, ...))
    end
    raises("upload_dir", "field 'local_dir': required", nil, "x")
    raises("upload_dir", "field 'local_dir': string expected, got number", 5, "x")
    raises("upload_dir", "field 'remote_dir': required", "x")
    raises("upload_dir", "field 'remote_dir': contains NUL", "x", "a\0b")
    raises("upload_dir", "unknown option 'concurency' (did you mean 'concurrency'?)", "x", "y", { concurency = 1 })
    raises("upload_dir", "field 'concurrency': out of range (1 to 64)", "x", "y", { concurrency = 0 })
    raises("upload_dir", "field 'checksum': boolean expected, got string", "x", "y", { checksum = "abc" })
    raises("upload_dir", "field 'on_progress': function expected, got number", "x", "y", { on_progress = 5 })
    raises("upload_dir", "unknown option 'local_dir' (it is an argument)", "x", "y", { local_dir = "z" })
    raises("download_dir", "field 'remote_dir': required", nil, "x")
    raises("download_dir", "field 'local_dir': must not be blank", "x", " ")
    raises("download_dir", "unknown option 'beneath'", "x", "y", { beneath = "z" })
    raises("download_dir", "field 'timeout': number expected, got string", "x", "y", { timeout = "z" })
  end)
end)
