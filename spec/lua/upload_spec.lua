-- sandbox.fs:upload_file: sources, destinations, names, contents.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

describe("fs:upload_file", function()
  local sandbox, directory, home

  e2e.serve(function(...)
    sandbox = ...
    home = check(sandbox:get_work_dir())
    directory = support.temp_dir()
  end)

  before_each(function()
    shell(sandbox, "chmod -R u+rwX . && find . -mindepth 1 -delete")
  end)

  -- Whatever goes wrong, nothing here takes half a minute.
  local function upload(source, destination, options)
    options = options or {}
    options.timeout = options.timeout or 20
    return check(sandbox.fs:upload_file(source, destination, options))
  end

  local function content(path)
    return check(sandbox.fs:download_file(path))
  end

  local function tree()
    return shell(sandbox, "find . -mindepth 1 | sort")
  end

  describe("with a mode", function()
    it("makes the file executable", function()
      upload({ content = "#!/bin/sh\necho ran\n" }, "program", { mode = "755" })
      assert.equal("ran\n", shell(sandbox, "./program"))
      assert.equal("0755", check(sandbox.fs:get_file_info "program").permissions)
      upload({ content = "secret" }, "private", { mode = "0600" })
      assert.equal("0600", check(sandbox.fs:get_file_info "private").permissions)
    end)

    it("says that the file is there if the mode could not be set", function()
      local faulty = support.fault_server()
      local other = support.client(faulty, { max_retries = 0 })
      local handle = other:sandbox { id = "sb-1", toolbox_proxy_url = faulty:url "/mode" }
      faulty:script({ path_prefix = "/mode/sb-1/files/bulk-upload" },
        { { body = { files = { { path = "program", bytes = 3 } } } } })
      faulty:script({ path_prefix = "/mode/sb-1/files/permissions" },
        { { status = 400, body = { message = "operation not permitted" } } })
      fails({ kind = "bad_request", operation = "fs.upload_file",
          message = "program was uploaded, but its mode could not be set to 755: operation not permitted" },
        handle.fs:upload_file({ content = "abc" }, "program", { mode = "755" }))
      other:close()
      faulty:close()
    end)

    it("refuses what is no mode before anything is sent", function()
      for _, mode in ipairs { "rwxr-xr-x", "855", "+x", "7", "00755", "755 " } do
        local ok, message = pcall(upload, { content = "x" }, "program", { mode = mode })
        assert.is_false(ok)
        assert.truthy(message:find("fs.upload_file: field 'mode': octal permissions like \"644\" expected", 1, true))
      end
      assert.is_false((pcall(upload, { content = "x" }, "program", { mode = 755 })))
      assert.equal("", tree())
    end)
  end)

  describe("takes its source from", function()
    it("a path", function()
      local path = support.write_file(directory .. "/data.csv", "a,b\n1,2\n")
      assert.same({ path = "copy.csv", name = "copy.csv", bytes = 8 }, upload(path, "copy.csv"))
      assert.equal("a,b\n1,2\n", content "copy.csv")
      assert.equal("a,b\n1,2\n", support.read_file(path))
    end)

    it("a string", function()
      assert.same({ path = "s", name = "s", bytes = 3 }, upload({ content = "abc" }, "s"))
      assert.equal("abc", content "s")
    end)

    it("an open file, from where it stands", function()
      local path = support.write_file(directory .. "/open", "0123456789")
      local file = assert(io.open(path, "rb"))
      file:seek("set", 4)
      assert.same({ path = "rest", name = "rest", bytes = 6 }, upload(file, "rest"))
      assert.equal("456789", content "rest")
      assert.equal("file", io.type(file))
      assert.same(0, upload(file, "nothing-left").bytes)
      file:close()
    end)

    it("a pipe", function()
      local pipe = assert(io.popen("printf first; sleep 0.1; printf second", "r"))
      assert.equal(11, upload(pipe, "piped").bytes)
      pipe:close()
      assert.equal("firstsecond", content "piped")
      pipe = assert(io.popen("head -c 3000000 /dev/zero", "r"))
      assert.equal(3000000, upload(pipe, "zeros").bytes)
      pipe:close()
      assert.equal("3000000\n", shell(sandbox, "tr -d '\\1-\\377' < zeros | wc -c"))
    end)

    it("anything that can be read", function()
      local chunks = { "one ", "", "two ", ("x"):rep(1000000), " three" }
      local whole, index = table.concat(chunks), 0
      local source = { read = function()
        index = index + 1
        return chunks[index]
      end }
      assert.equal(#whole, upload(source, "chunks").bytes)
      assert.is_true(whole == content "chunks")
      assert.equal(0, upload({ read = function() end }, "empty").bytes)
    end)
  end)

  describe("gives it the name", function()
    it("of the path, after a slash", function()
      local path = support.write_file(directory .. "/data.csv", "x")
      assert.same({ path = "in/there/data.csv", name = "data.csv", bytes = 1 }, upload(path, "in/there/"))
      assert.equal("x", content "in/there/data.csv")
      assert.same({ path = "/tmp/data.csv", name = "data.csv", bytes = 1 }, upload(path, "/tmp/"))
    end)

    it("of the string, after a slash", function()
      assert.equal("d/n.txt", upload({ content = "", name = "n.txt" }, "d/").path)
    end)

    it("of the options, after a slash", function()
      local path = support.write_file(directory .. "/data.csv", "x")
      assert.equal("d/other", upload(path, "d/", { name = "other" }).path)
      local file = assert(io.open(path, "rb"))
      assert.equal("d/opened", upload(file, "d/", { name = "opened" }).path)
      file:close()
      assert.equal("d/wins", upload({ content = "", name = "loses" }, "d/", { name = "wins" }).path)
      assert.equal("./d\n./d/opened\n./d/other\n./d/wins\n", tree())
    end)

    it("of the destination, without one", function()
      assert.equal("plain", upload({ content = "", name = "ignored" }, "plain", { name = "ignored too" }).path)
      assert.equal("./plain\n", tree())
    end)

    it("or refuses when there is none", function()
      assert.equal("fs.upload_file: field 'destination': it ends in a slash and the source has no name "
        .. "(give option 'name')", support.raised(sandbox.fs.upload_file, sandbox.fs, { content = "x" }, "d/"))
    end)
  end)

  describe("writes", function()
    it("directories that are not there yet", function()
      upload({ content = "deep" }, "a/b/c/d/e")
      assert.equal("deep", content(home .. "/a/b/c/d/e"))
    end)

    it("over what is there, whole", function()
      upload({ content = ("long"):rep(1000) }, "f")
      upload({ content = "short" }, "f")
      assert.equal("short", content "f")
    end)

    it("through a symbolic link", function()
      shell(sandbox, "echo old > real; ln -s real link")
      upload({ content = "new" }, "link")
      assert.equal("real\n", shell(sandbox, "readlink link"))
      assert.equal("new", content "real")
    end)

    it("and leaves the mode of a file that was there", function()
      shell(sandbox, "echo '#!/bin/sh' > run; chmod 750 run")
      upload({ content = "#!/bin/sh\necho ran\n" }, "run")
      assert.equal("ran\n", shell(sandbox, "./run"))
      assert.equal("0750", check(sandbox.fs:get_file_info "run").permissions)
    end)

    it("files that all may read and the owner may change", function()
      upload({ content = "x" }, "f")
      assert.equal("0644", check(sandbox.fs:get_file_info "f").permissions)
    end)
  end)

  describe("keeps content", function()
    it("of no bytes", function()
      local path = support.write_file(directory .. "/empty", "")
      local file = assert(io.open(path, "rb"))
      for _, source in ipairs { { content = "" }, path, file } do
        assert.equal(0, upload(source, "empty").bytes)
        assert.equal("", content "empty")
        assert.equal(0, check(sandbox.fs:get_file_info "empty").size)
        check(sandbox.fs:delete_file "empty")
      end
      file:close()
    end)

    it("of all bytes", function()
      local bytes = e2e.all_bytes():rep(300)
      upload({ content = bytes }, "bytes")
      assert.is_true(bytes == content "bytes")
      upload(support.write_file(directory .. "/bytes", bytes), "bytes")
      assert.is_true(bytes == content "bytes")
    end)

    it("that looks like the form it travels in", function()
      local text = "\r\n--boundary--\r\nContent-Disposition: form-data; name=\"files[0].path\"\r\n\r\n/etc/passwd\r\n--"
      upload({ content = text }, "form")
      assert.equal(text, content "form")
    end)

    it("of sizes around those of buffers", function()
      for _, base in ipairs { 4096, 16384, 65536, 262144 } do
        for size = base - 1, base + 1 do
          local text = ("%07d"):format(size):rep(math.floor(size / 7)) .. ("x"):rep(size % 7)
          assert.equal(size, upload({ content = text }, "sized").bytes)
          assert.is_true(text == content "sized")
        end
      end
    end)
  end)

  describe("keeps names", function()
    -- They are looked at inside, as bytes.
    local function names_inside(where)
      local run = check(sandbox.process:code_run(
        "import os; print('\\n'.join(sorted(n.hex() for n in os.listdir(b'" .. where .. "'))))"))
      assert.equal(0, run.exit_code, run.result)
      return run.result
    end

    local function hex(text)
      return (text:gsub(".", function(char)
        return ("%02x"):format(char:byte())
      end))
    end

    it("in every script and with every sign", function()
      local names = { "gr\195\188\195\159e.txt", "\230\176\180", "\240\159\152\128", "two words",
        "'quoted'", '"double"', "back\\slash", "100%",
        "%41", "a+b", "a&b=c;d", "#hash?", "line\nbreak", "carriage\rreturn",
        "crlf\r\nX-Header: y", "tab\tinside", "-rf", "--", ".hidden", "~", "$HOME", "`id`",
        "*?[a]", "e\204\129", "semi;colon", "a:b", "[0].path", "..." }
      local expected = {}
      for index, name in ipairs(names) do
        assert.equal(name, upload({ content = name }, "n/" .. name).name)
        assert.equal(name, content("n/" .. name))
        expected[index] = hex(name)
      end
      table.sort(expected)
      assert.equal(table.concat(expected, "\n") .. "\n", names_inside "n")
    end)

    it("with white space at their ends", function()
      local names = { " before", "after ", " both ", "tab\t", "newline\n", "\r", " " }
      local expected = {}
      for index, name in ipairs(names) do
        local uploaded = upload({ content = name }, "n/" .. name)
        assert.equal("n/" .. name, uploaded.path)
        assert.equal(name, uploaded.name)
        assert.equal(#name, uploaded.bytes)
        assert.equal(name, content("n/" .. name))
        expected[index] = hex(name)
      end
      table.sort(expected)
      assert.equal(table.concat(expected, "\n") .. "\n", names_inside "n")
      -- from every kind of source
      local path = support.write_file(directory .. "/source", "path")
      local file = assert(io.open(path, "rb"))
      assert.equal(4, upload(path, "from path ").bytes)
      assert.equal(4, upload(file, "from file ").bytes)
      file:close()
      local index = 0
      assert.equal(6, upload({ read = function()
        index = index + 1
        return ({ "abc", "def" })[index]
      end }, "from chunks ").bytes)
      assert.equal("abcdef", content "from chunks ")
      assert.equal("path", content "from file ")
      assert.equal(0, upload({ content = "" }, "nothing ").bytes)
    end)

    it("of every byte there is", function()
      local expected = {}
      for byte = 1, 255 do
        if byte ~= 0x2f and byte ~= 0x2e then
          local name = string.char(byte)
          upload({ content = "x" .. byte }, "n/" .. name)
          assert.equal("x" .. byte, content("n/" .. name))
          expected[#expected + 1] = hex(name)
        end
      end
      local all = e2e.all_bytes(true)
      upload({ content = "all" }, "n/" .. all)
      assert.equal("all", content("n/" .. all))
      expected[#expected + 1] = hex(all)
      table.sort(expected)
      assert.equal(table.concat(expected, "\n") .. "\n", names_inside "n")
    end)

    it("that are long, as long as the system takes them", function()
      local longest = ("l"):rep(255)
      upload({ content = "x" }, longest)
      assert.equal("x", content(longest))
      fails({ kind = "bad_request", status = 400, operation = "fs.upload_file", message = "name too long" },
        sandbox.fs:upload_file({ content = "x" }, ("l"):rep(256)))
      local deep = ("directory/"):rep(300) .. "f"
      upload({ content = "deep" }, deep)
      assert.equal("deep", content(deep))
      fails({ kind = "bad_request", status = 400 },
        sandbox.fs:upload_file({ content = "x" }, ("directory/"):rep(600) .. "f"))
    end)
  end)

  it("does not change the caller's tables", function()
    local source, options = { content = "x", name = "n" }, { name = "m", timeout = 5 }
    upload(source, "d/", options)
    assert.same({ content = "x", name = "n" }, source)
    assert.same({ name = "m", timeout = 5 }, options)
  end)
end)
