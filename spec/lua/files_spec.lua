-- The rest of sandbox.fs: listing, attributes, directories, deleting, moving,
-- permissions, finding, replacing.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

describe("sandbox.fs", function()
  local sandbox, fs, home

  e2e.serve(function(...)
    sandbox = ...
    fs = sandbox.fs
    home = check(sandbox:get_work_dir())
  end)

  before_each(function()
    shell(sandbox, "chmod -R u+rwX . && find . -mindepth 1 -delete")
  end)

  local function names(path, options)
    local found = {}
    for index, file in ipairs(check(fs:list_files(path, options))) do
      found[index] = file.name
    end
    return table.concat(found, "|")
  end

  describe("list_files", function()
    it("has all that is to be known of a file", function()
      shell(sandbox, "printf 12345 > file; chmod 640 file; touch -d '2024-01-02T03:04:05Z' file; mkdir -m 755 sub")
      local list = check(fs:list_files())
      assert.equal(2, #list)
      support.eq({
        name = "file", path = e2e.due(home .. "/file"), is_dir = false, size = 5, mode = "-rw-r-----",
        permissions = "0640", owner = support.any_string, group = support.any_string, mod_time = support.any_string,
        modified_at = "2024-01-02T03:04:05Z",
      }, list[1])
      support.eq({
        name = "sub", path = e2e.due(home .. "/sub"), is_dir = true, size = support.any_number, mode = "drwxr-xr-x",
        permissions = "0755", owner = support.any_string, group = support.any_string,
        mod_time = support.any_string, modified_at = support.any_string,
      }, list[2])
      assert.equal("5", tostring(list[1].size))
      assert.equal(shell(sandbox, "id -u"), list[1].owner .. "\n")
      assert.equal(shell(sandbox, "id -g"), list[1].group .. "\n")
    end)

    it("is sorted by name and has hidden files", function()
      shell(sandbox, "mkdir d; cd d; touch b a C .hidden 10 9 '\195\188' z")
      assert.equal(".hidden|10|9|C|a|b|z|\195\188", names "d")
    end)

    it("takes every way to say where", function()
      shell(sandbox, "mkdir -p 'a b/c'; touch 'a b/c/f'")
      for _, path in ipairs { "a b/c", "a b/c/", "./a b/c", home .. "/a b/c", "a b/../a b/c" } do
        assert.equal("f", names(path))
      end
      assert.equal("a b", names())
      assert.equal("a b", names ".")
      assert.equal("a b", names(home))
    end)

    it("is empty for what is empty", function()
      assert.same({}, check(fs:list_files()))
      shell(sandbox, "mkdir empty")
      assert.same({}, check(fs:list_files "empty"))
    end)

    it("goes as deep as asked", function()
      shell(sandbox, "mkdir -p a/b/c; touch a/1 a/b/2 a/b/c/3")
      assert.equal("a", names(nil, { depth = 1 }))
      local function paths(depth)
        local found = {}
        for index, file in ipairs(check(fs:list_files("a", { depth = depth }))) do
          found[index] = file.path:sub(#home + 2)
        end
        table.sort(found)
        return table.concat(found, " ")
      end
      if support.as then
        local err = fails({ kind = "protocol", message = "lists one level of a directory only, depth 2 was asked for" },
          fs:list_files("a", { depth = 2 }))
        assert.same({ "1", "b" }, { err.result[1].name, err.result[2].name })
        assert.equal("3", names("a/b/c", { depth = 2 })) -- there is no more
        return
      end
      assert.equal("a/1 a/b", paths(1))
      assert.equal("a/1 a/b a/b/2 a/b/c", paths(2))
      assert.equal("a/1 a/b a/b/2 a/b/c a/b/c/3", paths(3))
      assert.equal("a/1 a/b a/b/2 a/b/c a/b/c/3", paths(1000000))
      assert.equal("fs.list_files: field 'depth': out of range (1 to 1000000)",
        support.raised(fs.list_files, fs, ".", { depth = 0 }))
    end)

    it("follows links, and leaves out those that lead nowhere", function()
      shell(sandbox, "printf 123 > real; ln -s real link; mkdir d; ln -s d dlink; ln -s nowhere broken")
      assert.equal("d|dlink|link|real", names())
      local list = check(fs:list_files())
      assert.equal(3, list[3].size)
      assert.is_true(list[2].is_dir)
    end)

    it("has names of every kind", function()
      local all = { " ", "\n", '"', "'", "\\", "a b ", "100%", "\240\159\152\128", ("l"):rep(255) }
      for _, name in ipairs(all) do
        check(fs:upload_file({ content = "" }, "n/" .. name))
      end
      table.sort(all)
      assert.equal(table.concat(all, "|"), names "n")
    end)

    it("does not break at names that are no text", function()
      check(fs:upload_file({ content = "x" }, "n/a\255b"))
      check(fs:upload_file({ content = "x" }, "n/c"))
      local list = check(fs:list_files "n")
      assert.equal(2, #list)
      assert.equal("a\239\191\189b", list[1].name)
      assert.equal("c", list[2].name)
    end)

    it("has thousands of files", function()
      shell(sandbox, "mkdir many; cd many; seq -f 'f%05g' 1 2000 | xargs touch")
      local list = check(fs:list_files "many")
      assert.equal(2000, #list)
      assert.equal("f00001", list[1].name)
      assert.equal("f02000", list[2000].name)
    end)

    it("has sizes beyond 31 bits", function()
      shell(sandbox, "truncate -s 3000000000 big") -- less than the disk
      assert.equal(3000000000, check(fs:list_files())[1].size)
      assert.equal("3000000000", ("%.0f"):format(check(fs:get_file_info "big").size))
    end)

    it("fails where there is no directory", function()
      shell(sandbox, "echo > file; mkdir -m 0 closed")
      fails({ kind = "not_found", status = 404, code = "FILE_NOT_FOUND", operation = "fs.list_files",
        sandbox_id = sandbox.id, message = "none" }, fs:list_files "none")
      fails({ kind = "bad_request", status = 400 }, fs:list_files "file")
      fails({ kind = "bad_request", status = 400 }, fs:list_files "file/below")
      fails({ kind = "forbidden", status = 403, code = "FILE_ACCESS_DENIED" }, fs:list_files "closed")
    end)
  end)

  describe("get_file_info", function()
    it("tells of a file and a directory", function()
      shell(sandbox, "mkdir d; printf 1234567 > d/f; chmod 4711 d/f")
      local file = check(fs:get_file_info "d/f")
      assert.equal("f", file.name)
      assert.equal(7, file.size)
      assert.is_false(file.is_dir)
      assert.equal("0711", file.permissions)
      assert.equal("urwx--x--x", file.mode)
      local folder = check(fs:get_file_info "d")
      assert.is_true(folder.is_dir)
      assert.equal("d", folder.mode:sub(1, 1))
    end)

    it("follows a link but has its name", function()
      shell(sandbox, "printf 123 > real; ln -s real link")
      local info = check(fs:get_file_info "link")
      assert.equal("link", info.name)
      assert.equal(3, info.size)
    end)

    it("fails where there is nothing", function()
      fails({ kind = "not_found", status = 404, code = "FILE_NOT_FOUND", operation = "fs.get_file_info" },
        fs:get_file_info "none")
      assert.equal("fs.get_file_info: field 'path': must not be blank", support.raised(fs.get_file_info, fs, ""))
    end)
  end)

  describe("create_folder", function()
    it("makes it with its parents, once and again", function()
      assert.is_true(check(fs:create_folder "a/b c/\195\188"))
      assert.is_true(check(fs:create_folder "a/b c/\195\188"))
      local info = check(fs:get_file_info "a/b c/\195\188")
      assert.is_true(info.is_dir)
      assert.equal("0755", info.permissions)
    end)

    it("sets the mode", function()
      check(fs:create_folder("private", { mode = "700" }))
      assert.equal("0700", check(fs:get_file_info "private").permissions)
      check(fs:create_folder("octal", { mode = "0750" }))
      assert.equal("0750", check(fs:get_file_info "octal").permissions)
    end)

    it("fails where it cannot be", function()
      shell(sandbox, "echo > file")
      for _, path in ipairs { "file", "file/below", "/usr/x" } do
        fails({ kind = "bad_request", status = 400, operation = "fs.create_folder" }, fs:create_folder(path))
      end
      fails({ kind = "bad_request", status = 400 }, fs:create_folder("x", { mode = "rwx" }))
      fails({ kind = "bad_request", status = 400 }, fs:create_folder("x", { mode = "999" }))
    end)
  end)

  describe("delete_file", function()
    it("deletes a file", function()
      shell(sandbox, "echo > 'a file'")
      assert.is_true(check(fs:delete_file "a file"))
      fails({ kind = "not_found" }, fs:get_file_info "a file")
    end)

    it("deletes a directory only when told so", function()
      shell(sandbox, "mkdir -p d/e; echo > d/e/f")
      for _, options in ipairs { {}, { recursive = false } } do
        fails({ kind = "bad_request", status = 400, operation = "fs.delete_file" }, fs:delete_file("d", options))
      end
      assert.equal("f", names "d/e")
      assert.is_true(check(fs:delete_file("d", { recursive = true })))
      assert.equal("", names())
    end)

    it("does not follow links out", function()
      shell(sandbox, "mkdir keep; echo kept > keep/f; ln -s keep link; mkdir d; ln -s ../keep d/inner")
      check(fs:delete_file("link", { recursive = true }))
      check(fs:delete_file("d", { recursive = true }))
      assert.equal("kept\n", check(fs:download_file "keep/f"))
    end)

    it("deletes nothing when it cannot delete the whole", function()
      shell(sandbox, "mkdir d; echo kept > d/f")
      for _, path in ipairs { ".", "d/.", "./" } do
        fails({ kind = "bad_request", status = 400 }, fs:delete_file(path, { recursive = true }))
        assert.equal("kept\n", check(fs:download_file "d/f"))
      end
    end)

    it("fails where there is nothing", function()
      fails({ kind = "not_found", status = 404, code = "FILE_NOT_FOUND" }, fs:delete_file "none")
      fails({ kind = "bad_request", status = 400 }, fs:delete_file("/usr/bin/env"))
    end)
  end)

  describe("move_file", function()
    it("renames files and directories", function()
      shell(sandbox, "mkdir -p d/e; echo moved > d/e/f")
      assert.is_true(check(fs:move_file("d/e/f", "d/g h")))
      assert.is_true(check(fs:move_file("d", "D")))
      assert.equal("moved\n", check(fs:download_file "D/g h"))
    end)

    it("does not overwrite, nor lose", function()
      shell(sandbox, "echo a > a; echo b > b; mkdir d; echo f > d/f")
      fails({ kind = "conflict", status = 409, operation = "fs.move_file" }, fs:move_file("a", "b"))
      fails({ kind = "conflict", status = 409 }, fs:move_file("a", "d"))
      fails({ kind = "not_found", status = 404 }, fs:move_file("none", "c"))
      fails({ kind = "not_found", status = 404 }, fs:move_file("a", "none/c"))
      fails({ kind = "bad_request", status = 400 }, fs:move_file("d", "d/inside"))
      assert.equal("a\nb\nf\n", shell(sandbox, "cat a b d/f"))
    end)
  end)

  describe("set_permissions", function()
    it("sets the mode", function()
      shell(sandbox, "echo 'echo ran' > f")
      for mode, shown in pairs { ["700"] = "0700", ["0644"] = "0644", ["000"] = "0000", ["755"] = "0755" } do
        assert.is_true(check(fs:set_permissions("f", { mode = mode })))
        assert.equal(shown, check(fs:get_file_info "f").permissions)
      end
    end)

    it("sets the owner, where that is allowed", function()
      shell(sandbox, "echo > f")
      local user = shell(sandbox, "id -un"):gsub("\n", "")
      assert.is_true(check(fs:set_permissions("f", { owner = user, group = user })))
      fails({ kind = "bad_request", status = 400 }, fs:set_permissions("f", { owner = "no-such-user" }))
    end)

    it("fails where there is nothing, or nonsense", function()
      fails({ kind = "not_found", status = 404, operation = "fs.set_permissions" },
        fs:set_permissions("none", { mode = "644" }))
      shell(sandbox, "echo > f")
      fails({ kind = "bad_request", status = 400 }, fs:set_permissions("f", { mode = "abc" }))
    end)
  end)

  describe("find_files", function()
    it("finds lines", function()
      shell(sandbox, "mkdir d; printf 'one\\ntwo needle\\nthree\\nNeedle\\nneedle 4' > d/f; echo 'a needle' > g")
      local matches = check(fs:find_files(".", "needle"))
      table.sort(matches, function(a, b)
        return a.file .. a.line < b.file .. b.line
      end)
      assert.equal(3, #matches)
      assert.equal("two needle", matches[1].content)
      assert.equal(2, matches[1].line)
      assert.truthy(matches[1].file:find "d/f$")
      assert.equal(5, matches[2].line)
      assert.same({ 1, "a needle" }, { matches[3].line, matches[3].content })
      assert.equal(1, #check(fs:find_files("g", "needle")))
    end)

    it("takes the text as it is", function()
      shell(sandbox, [[printf 'a.c\nabc\n%%20 & = + \303\274\n' > f]])
      assert.equal(1, #check(fs:find_files("f", "a.c")))
      assert.equal(1, #check(fs:find_files("f", "%20 & = + \195\188")))
    end)

    it("is empty where nothing is", function()
      assert.same({}, check(fs:find_files(".", "x")))
      assert.same({}, check(fs:find_files("none", "x")))
    end)
  end)

  describe("search_files", function()
    it("finds paths by patterns with directories", function()
      shell(sandbox, "mkdir -p tree/src/a/b tree/src/c; cd tree; touch top.lua src/one.lua src/a/two.lua "
        .. "src/a/b/three.lua src/c/four.txt src/a/b/x_spec.lua")
      local function found(pattern, root)
        local list = check(fs:search_files(root or "tree", pattern))
        for index, path in ipairs(list) do
          list[index] = path:match "tree/(.*)$"
        end
        table.sort(list)
        return table.concat(list, " ")
      end
      assert.equal("src/a/b/three.lua src/a/b/x_spec.lua src/a/two.lua src/one.lua top.lua", found "**/*.lua")
      assert.equal("src/one.lua", found "src/*.lua")
      assert.equal("src/a/b/three.lua src/a/b/x_spec.lua", found "src/**/b/*.lua")
      assert.equal("src/a/b/x_spec.lua", found("src/**/[!a]_spec.???", home .. "/tree"))
      assert.equal("src/c src/c/four.txt", found "src/c/**")
      assert.equal("src/a/two.lua", found("tree/src/*/t*", "."))
      assert.equal("", found "src/[/x")
      fails({ kind = "timeout" }, fs:search_files("tree", "**/x", { timeout = 1e-6 }))
      assert.truthy(support.raised(fs.search_files, fs, "tree", "a/b", { limit = 1 }):find("unknown option", 1, true))
    end)

    it("finds names", function()
      shell(sandbox, "mkdir -p d/e.txt; touch a.txt d/b.txt d/c.md 'd/\195\188 .txt'")
      local found = check(fs:search_files(".", "*.txt"))
      for index, path in ipairs(found) do
        found[index] = path:gsub("^%./", ""):gsub("^" .. home:gsub("%p", "%%%0") .. "/", "")
      end
      table.sort(found)
      assert.equal("a.txt|d/b.txt|d/e.txt|d/\195\188 .txt", table.concat(found, "|"))
      assert.equal(1, #check(fs:search_files(".", "[ab].m?d") or {}) + #check(fs:search_files("d", "c.m?")))
    end)

    it("is empty where nothing is", function()
      assert.same({}, check(fs:search_files(".", "x")))
      assert.same({}, check(fs:search_files(".", "[")))
    end)
  end)

  describe("replace_in_files", function()
    it("replaces a text, and tells of each file", function()
      shell(sandbox, "printf 'a.b a.b axb\\n' > f; chmod 600 f; echo none > g")
      local results = check(fs:replace_in_files({ "f", "g", "missing" }, "a.b", "\195\188$1"))
      assert.equal(3, #results)
      assert.is_true(results[1].success)
      assert.is_true(results[2].success)
      assert.is_false(results[3].success)
      assert.truthy(results[3].error:find "no such file")
      assert.equal("\195\188$1 \195\188$1 axb\n", check(fs:download_file "f"))
      assert.equal("0600", check(fs:get_file_info "f").permissions)
      assert.equal("none\n", check(fs:download_file "g"))
    end)

    it("takes no files and no text, too", function()
      assert.same({}, check(fs:replace_in_files({}, "a", "b")))
      shell(sandbox, "echo aXb > f")
      check(fs:replace_in_files({ "f" }, "X", ""))
      assert.equal("ab\n", check(fs:download_file "f"))
    end)
  end)
end)
