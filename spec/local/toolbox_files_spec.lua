-- The file endpoints, as the toolbox answers them on the wire.

local support = require "spec.support"
local toolbox = require "spec.local.toolbox_support"

local HOME = "/home/daytona"

describe("toolbox files", function()
  local box

  setup(function()
    box = toolbox.start()
  end)

  teardown(function()
    box:stop()
    support.cleanup()
  end)

  before_each(function()
    box:sh "rm -rf -- ..?* .[!.]* *"
  end)

  local function get(path, query, raw)
    return box:ask("GET", path, { query = query, raw = raw })
  end

  local function post(path, query, body)
    return box:ask("POST", path, { query = query, body = body })
  end

  local function names(query)
    local found = {}
    for i, file in ipairs(get("/files", query)) do
      found[i] = file.name
    end
    return table.concat(found, " ")
  end

  local function read(path)
    return get("/files/download", { path = path }, true)
  end

  local function mode(path)
    return get("/files/info", { path = path }).permissions
  end

  describe("info and list", function()
    it("describes a file", function()
      box:sh "printf hello > f; touch -d '2024-05-06 07:08:09.1234 UTC' f; chmod 640 f"
      support.eq({
        name = "f", path = HOME .. "/f", size = 5, isDir = false, mode = "-rw-r-----",
        permissions = "0640", owner = "1000", group = "1000",
        modTime = "2024-05-06 07:08:09.1234 +0000 UTC", modifiedAt = "2024-05-06T07:08:09.1234Z",
      }, get("/files/info", { path = "f" }))
    end)

    it("writes modes with their flags", function()
      box:sh "mkdir d; chmod 1777 d; mkfifo p; touch s; chmod 4755 s; ln -s d l"
      local function text(path)
        return get("/files/info", { path = path }).mode
      end
      assert.equal("dtrwxrwxrwx", text "d")
      assert.equal("dtrwxrwxrwx", text "l")
      assert.equal("prw-r--r--", text "p")
      assert.equal("urwxr-xr-x", text "s")
      assert.equal("Dcrw-rw-rw-", text "/dev/null")
    end)

    it("lists by name, hidden files too, broken links not", function()
      assert.equal("", names())
      box:sh "touch b .a; mkdir -p c/d; touch c/d/e; ln -s nowhere x; ln -s c l"
      assert.equal(".a b c l", names())
      assert.equal(".a b c l", names { path = HOME .. "/" })
      assert.equal(".a b c d e l", names { depth = 3 })
      assert.equal(HOME .. "/c/d", get("/files", { path = "c" })[1].path)
    end)

    it("refuses what it cannot list", function()
      box:sh "touch f; mkdir no; chmod 0 no"
      box:refuses(404, "FILE_NOT_FOUND", "GET", "/files", { query = { path = "gone" } })
      box:refuses(400, "BAD_REQUEST", "GET", "/files", { query = { path = "f" } })
      box:refuses(400, "BAD_REQUEST", "GET", "/files", { query = { depth = 0 } })
      box:refuses(403, "FILE_ACCESS_DENIED", "GET", "/files", { query = { path = "no" } })
      box:refuses(403, "FILE_ACCESS_DENIED", "GET", "/files/info", { query = { path = "no/x" } })
      box:refuses(400, "BAD_REQUEST", "GET", "/files/info", { query = { path = "f/x" } })
      box:refuses(400, "BAD_REQUEST", "GET", "/files/info")
    end)

    it("carries any name", function()
      local name = "a b\t\"c\\d\nü€;&=%2F"
      post("/files/upload-v2", { path = name }, "odd")
      assert.equal(name, get("/files/info", { path = name }).name)
      assert.equal(name, names())
      assert.equal("odd", read(name))
    end)
  end)

  describe("changes", function()
    it("makes folders with their parents", function()
      post("/files/folder", { path = "a/b" })
      post("/files/folder", { path = "a/b", mode = "700" })
      assert.equal("0755", mode "a/b")
      post("/files/folder", { path = "c", mode = "777" })
      assert.equal("0755", mode "c") -- by the umask
      box:sh "touch f"
      for _, query in ipairs { { path = "f" }, { path = "x", mode = "9" }, {},
        { path = "/proc/x" } } do
        box:refuses(400, "BAD_REQUEST", "POST", "/files/folder", { query = query })
      end
    end)

    it("deletes files, and directories when told so", function()
      box:sh "mkdir -p d/e; touch f d/e/g; ln -s d l; ln -s gone broken"
      box:ask("DELETE", "/files", { query = { path = "f" } })
      local function refuses(status, code, query)
        box:refuses(status, code, "DELETE", "/files", { query = query })
      end
      refuses(404, "FILE_NOT_FOUND", { path = "f" })
      refuses(404, "FILE_NOT_FOUND", { path = "broken" })
      refuses(400, "BAD_REQUEST", { path = "d" })
      refuses(400, "BAD_REQUEST", { path = "d", recursive = "yes" })
      refuses(400, "BAD_REQUEST", { path = "l" })
      box:ask("DELETE", "/files", { query = { path = "l", recursive = true } })
      assert.equal("d", names())
      box:ask("DELETE", "/files", { query = { path = "d", recursive = true } })
      assert.equal("", names())
    end)

    it("moves, but never onto something", function()
      box:sh "echo 1 > f; mkdir d; echo 2 > g"
      post("/files/move", { source = "f", destination = "d/f" })
      assert.equal("1\n", read "d/f")
      local function refuses(status, code, source, destination)
        box:refuses(status, code, "POST", "/files/move",
          { query = { source = source, destination = destination } })
      end
      refuses(404, "FILE_NOT_FOUND", "f", "h")
      refuses(404, "FILE_NOT_FOUND", "g", "no/h")
      refuses(409, "CONFLICT", "g", "d/f")
      refuses(409, "CONFLICT", "g", "d")
      refuses(400, "BAD_REQUEST", "d", "d/e")
      refuses(400, "BAD_REQUEST", "g", "")
      assert.equal("f\n", box:sh "ls d")
    end)

    it("moves between file systems with all that is inside", function()
      box:sh "mkdir -p d/e; printf x > d/e/f; chmod 751 d/e/f; ln -s f d/e/l; rm -rf /tmp/moved"
      post("/files/move", { source = "d", destination = "/tmp/moved" })
      assert.equal("", names())
      assert.equal("f\nx 751\n", box:sh "cd /tmp/moved/e; readlink l; cat f; stat -c ' %a' f")
      post("/files/move", { source = "/tmp/moved", destination = "back" })
      assert.equal("x", read "back/e/l")
    end)

    it("sets permissions", function()
      box:sh "touch f"
      post("/files/permissions", { path = "f", mode = "0604", owner = "daytona", group = "1000" })
      assert.equal("0604", mode "f")
      post("/files/permissions", { path = "f" })
      local function refuses(status, code, query)
        box:refuses(status, code, "POST", "/files/permissions", { query = query })
      end
      refuses(404, "FILE_NOT_FOUND", { path = "gone", mode = "644" })
      refuses(400, "BAD_REQUEST", { path = "f", mode = "rw" })
      refuses(400, "BAD_REQUEST", { path = "f", owner = "no such user" })
      refuses(400, "BAD_REQUEST", { path = "f", group = "no such group" })
    end)

    it("replaces text", function()
      box:sh "printf 'a+b a+b' > f; chmod 600 f; echo none > g; ln -s f l"
      local function replace(files, pattern, value)
        return box:ask("POST", "/files/replace",
          { body = { files = files, pattern = pattern, newValue = value } })
      end
      support.eq({
        { file = "l", success = true },
        { file = "g", success = true },
        { file = "gone", success = false, error = "open gone: no such file or directory" },
      }, replace({ "l", "g", "gone" }, "a+b", "<\0>"))
      assert.equal("<\0> <\0>", read "f")
      assert.equal("0600", mode "f")
      replace({ "f" }, "<\0> ", "")
      assert.equal("<\0>", read "f")
      for _, body in ipairs { { files = { "f" }, pattern = "", newValue = "" },
        { files = { "f" }, pattern = "x" }, { pattern = "x", newValue = "" } } do
        box:refuses(400, "INVALID_REQUEST_BODY", "POST", "/files/replace", { body = body })
      end
    end)
  end)

  describe("search", function()
    it("finds lines with a text", function()
      box:sh "mkdir d; printf 'x foo\\r\\nno\\nfoo' > d/f; printf 'foo\\0' > d/bin; ln -s d l"
      support.eq({
        { file = "d/f", line = 1, content = "x foo" },
        { file = "d/f", line = 3, content = "foo" },
      }, get("/files/find", { path = ".", pattern = "foo" }))
      support.eq({}, get("/files/find", { path = "l", pattern = "foo" }))
      support.eq({}, get("/files/find", { path = "gone", pattern = "foo" }))
      box:refuses(400, "BAD_REQUEST", "GET", "/files/find", { query = { path = "d" } })
    end)

    it("finds names by a pattern", function()
      box:sh "mkdir -p d/e1; touch d/e2 e3 .e4"
      local function search(path, pattern)
        return get("/files/search", { path = path, pattern = pattern })
      end
      support.eq({ files = { "d/e1", "d/e2", "e3" } }, search(".", "e[123]"))
      support.eq({ files = { ".e4" } }, search(".", "*4"))
      support.eq({ files = { "d" } }, search("d", "d"))
      support.eq({ files = {} }, search(".", "[e"))
      support.eq({ files = {} }, search("gone", "*"))
    end)
  end)

  describe("download", function()
    local function ranged(range)
      return box:call("GET", "/files/download",
        { query = { path = "f" }, headers = { Range = range }, raw = true })
    end

    it("gives a part when asked for one", function()
      box:sh "printf 0123456789 > f"
      assert.equal("123", ranged "bytes=1-3")
      assert.equal("789", ranged "bytes=7-")
      assert.equal("89", ranged "bytes=-2")
      assert.equal("9", ranged "bytes=9-99")
      assert.equal("0123456789", ranged "bytes=5-4")
      assert.equal("0123456789", ranged "lines=1-2")
      local value, err = ranged "bytes=10-"
      assert.is_nil(value)
      assert.equal(416, err.status)
    end)

    it("gives all of an empty file when asked for a part, as the original", function()
      box:sh ": > f"
      assert.equal("", ranged "bytes=0-9")
      assert.equal("", ranged "bytes=3-")
    end)

    it("gives empty files and those of /proc", function()
      box:sh ": > f"
      assert.equal("", read "f")
      assert.truthy(read "/proc/self/status":find "^Name:")
    end)

    it("refuses what is no file", function()
      box:sh "mkdir d; mkfifo p; touch f no; chmod 0 no"
      local function refuses(status, code, path)
        box:refuses(status, code, "GET", "/files/download", { query = { path = path } })
      end
      refuses(404, "FILE_NOT_FOUND", "gone")
      refuses(403, "FILE_ACCESS_DENIED", "no")
      refuses(400, "BAD_REQUEST", "d")
      refuses(400, "BAD_REQUEST", "p")
      refuses(400, "BAD_REQUEST", "/dev/zero")
      refuses(400, "BAD_REQUEST", "f/x")
    end)

    it("sends several files as parts, failures among them", function()
      box:sh "printf 'a\\r\\n' > a.txt; : > é; mkdir d"
      local body = box:ask("POST", "/files/bulk-download",
        { body = { paths = { "a.txt", "gone", "é", "d", "" } }, raw = true })
      body = body:gsub('"timestamp":"[^"]*"', '"timestamp":""')
      local function failure(path, encoded, status, code, message)
        return ('--DAYTONA-FILE-BOUNDARY\r\nContent-Disposition: form-data; name="error"; '
          .. 'filename="%s"; filename*=utf-8\'\'%s\r\n'
          .. "Content-Type: application/json; charset=utf-8\r\n\r\n"
          .. '{"statusCode":%d,"message":"%s","code":"%s","timestamp":"","path":"%s",'
          .. '"method":"POST","source":"DAYTONA_DAEMON"}\r\n')
          :format(path, encoded, status, message, code, path)
      end
      assert.equal(table.concat {
        "--DAYTONA-FILE-BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; ",
        "filename=\"a.txt\"; filename*=utf-8''a.txt\r\nContent-Length: 3\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n\r\na\r\n\r\n",
        failure("gone", "gone", 404, "FILE_NOT_FOUND", "file not found: gone"),
        "--DAYTONA-FILE-BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; ",
        "filename=\"\233\"; filename*=utf-8''%C3%A9\r\nContent-Length: 0\r\n",
        "Content-Type: application/octet-stream\r\n\r\n\r\n",
        failure("d", "d", 400, "INVALID_FILE_PATH",
          "invalid file path: path points to a directory: d"),
        failure("", "", 400, "INVALID_FILE_PATH", "invalid file path: path is empty"),
        "--DAYTONA-FILE-BOUNDARY--\r\n",
      }, body)
      assert.equal('request body must be {"paths": [ ... ]} and non-empty',
        box:refuses(400, "BAD_REQUEST", "POST", "/files/bulk-download",
          { body = '{"paths":[]}' }))
    end)
  end)

  describe("upload", function()
    local function bulk(parts, unfinished)
      return "POST", "/files/bulk-upload", toolbox.form(parts, unfinished)
    end

    it("writes files with their directories", function()
      support.eq({ files = { { path = "d/one", bytes = 12 }, { path = "two", bytes = 0 } } },
        box:ask(bulk {
          { "files[0].path", " d/one \n" }, { "files[1].path", "two" },
          { "files[0].file", "\r\n--BOUNDx\r\n", "x" }, { "files[1].file", "", "y" },
        }))
      assert.equal("\r\n--BOUNDx\r\n", read "d/one")
      assert.equal("0755", mode "d")
      assert.equal("0644", mode "two")
      support.eq({}, box:ask(bulk {}))
    end)

    it("keeps the mode of a file and writes through links", function()
      box:sh "echo old > f; chmod 751 f; ln -s f l; ln -s made broken"
      box:ask(bulk {
        { "files[0].path", "l" }, { "files[0].file", "new", "x" },
        { "files[1].path", "broken" }, { "files[1].file", "born", "x" },
      })
      assert.equal("new", read "f")
      assert.equal("0751", mode "f")
      assert.equal("born", read "made")
      assert.equal("f\n", box:sh "readlink l")
    end)

    it("tells what went wrong and writes the rest", function()
      box:sh "mkdir d; touch f"
      local value, err = box:call(bulk {
        { "files[0].file", "x", "x" }, { "files[1].path", "  " },
        { "files[2].path", "d" }, { "files[2].file", "x", "x" },
        { "files[3].path", "f/x" }, { "files[3].file", "x", "x" },
        { "files[4].path", "good" }, { "files[4].file", "x", "x" },
      })
      assert.is_nil(value)
      assert.equal(400, err.status)
      local envelope = support.json.decode(err.body)
      support.eq({ "file[0]: missing .path metadata", "path[1]: empty path",
        "d: create: open d: is a directory", "f/x: mkdir f: not a directory" }, envelope.errors)
      support.eq({ { path = "good", bytes = 1 } }, envelope.files)
      assert.equal("invalid multipart form",
        box:refuses(400, "BAD_REQUEST", "POST", "/files/bulk-upload", { body = "x" }))
    end)

    it("leaves the old file where the form is cut short", function()
      box:sh "echo old > f"
      assert.equal("f: write: unexpected EOF", box:refuses(400, "BAD_REQUEST", bulk({
        { "files[0].path", "f" }, { "files[0].file", ("x"):rep(100000), "x" },
      }, true)))
      assert.equal("old\n", read "f")
      assert.equal("f", names())
    end)

    it("takes one file by its body or by a form", function()
      support.eq({ name = "f", path = "d/f", type = "file" },
        post("/files/upload-v2", { path = "d/f" }, "raw\0"))
      assert.equal("raw\0", read "d/f")
      local form = toolbox.form { { "other", "x" }, { "file", "form", "x" } }
      form.query = { path = "d/f" }
      box:ask("POST", "/files/upload-v2", form)
      assert.equal("form", read "d/f")
      form.query = { path = "d/g" }
      assert.is_true(box:ask("POST", "/files/upload", form))
      assert.equal("form", read "d/g")
      form = toolbox.form { { "file", "no file name" } }
      form.query = { path = "d/g" }
      box:refuses(400, "BAD_REQUEST", "POST", "/files/upload", form)
      box:refuses(400, "BAD_REQUEST", "POST", "/files/upload-v2",
        { query = { path = "d" }, body = "x" })
      box:refuses(400, "BAD_REQUEST", "POST", "/files/upload-v2", { body = "x" })
    end)

    it("reports a full disk", function()
      assert.equal("bad request: write: no space left on device",
        box:refuses(400, "BAD_REQUEST", "POST", "/files/upload-v2",
          { query = { path = "/dev/full" }, body = "x" }))
    end)
  end)
end)
