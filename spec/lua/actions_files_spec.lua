-- Files of daytona.actions: what a model may name, and where things go.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

local acting = require "spec.support.actions"

describe("an action", function()
  local server, sandbox, directory

  e2e.serve(function(made, _, its_server)
    sandbox, server = made, its_server
    directory = support.temp_dir()
  end, { create = { name = "acted on", language = "python" } })

  local try, act = acting(function()
    return server, sandbox
  end)

  describe("upload", function()
    local function holds(case, program)
      local output = act("upload_file", case[1], program)
      assert.same({ uploadedPath = case[2], name = case[2]:match "[^/]+$", size = #case[3] }, output)
      assert.equal(case[3], check(sandbox.fs:download_file(case[2])))
    end

    it("content and open files", function()
      local file = assert(io.open(support.write_file(directory .. "/local.txt", "from a path"), "rb"))
      for _, case in ipairs {
        { { file = file, destinationPath = "a/opened" }, "a/opened", "from a path" },
        { { file = { name = "n.bin", content = "\0\255" }, destinationPath = "a/" }, "a/n.bin", "\0\255" },
        { { file = { content = "" }, destinationPath = "a/empty" }, "a/empty", "" },
        { { fileContent = "aGVsbG8gd29ybGQ=", destinationPath = " a/b64\n" }, "a/b64", "hello world" },
        { { fileContent = "aGVs\nbG8", fileName = "f", destinationPath = "a/" }, "a/f", "hello" },
        { { fileContent = "AP8=", destinationPath = "a/bytes" }, "a/bytes", "\0\255" },
      } do
        holds(case)
      end
      assert.equal("file", io.type(file))
      file:close()
    end)

    it("what the program has for a reference", function()
      local path = support.write_file(directory .. "/local.txt", "from a path")
      local files = { ["report"] = path, ["inline.txt"] = { content = "in memory" } }
      holds({ { file = "report", destinationPath = "r/" }, "r/report", "from a path" }, { files = files })
      holds({ { file = "inline.txt", destinationPath = "r/" }, "r/inline.txt", "in memory" }, { files = files })
      holds({ { file = "report", destinationPath = "r/", fileName = "renamed" }, "r/renamed", "from a path" },
        { files = files })
      local asked
      holds({ { file = "a/b/the report", destinationPath = "r/" }, "r/the report", "from a path" },
        { files = function(reference)
          asked = reference
          return path
        end })
      assert.equal("a/b/the report", asked)
    end)

    it("nothing of this machine that a model names", function()
      local path = support.write_file(directory .. "/secret", "s3cret")
      local function refuses(message, program)
        fails({ kind = "bad_request", operation = "daytona_upload_file", message = message, outcome = "failed" },
          try("upload_file", { file = path, destinationPath = "stolen" }, program))
      end
      refuses "a reference to a file, which the program has to resolve"
      refuses("there is no such file", { files = {} })
      refuses("there is no such file", { files = setmetatable({}, { __index = function() return path end }) })
      refuses("not for you", { files = function() return nil, "not for you" end })
      refuses("there is no such file", { files = { save = path } })
      fails({ kind = "bad_request" },
        try("upload_file", { file = "save", destinationPath = "stolen" }, { files = { save = path } }))
      fails({ kind = "bad_request", message = "name and content must be strings" },
        try("upload_file", { file = { path = path }, destinationPath = "stolen" }))
      fails({ kind = "not_found" }, sandbox.fs:get_file_info "stolen")
    end)

    it("no more than 100 MiB", function()
      local large = directory .. "/large"
      assert.is_true(os.execute(("truncate -s 104857601 %s"):format(large)) and true)
      for _, source in ipairs { large, check(io.open(large, "rb")) } do
        fails({ kind = "bad_request", message = "larger than 100 MiB" },
          try("upload_file", { file = "large", destinationPath = "large" }, { files = { large = source } }))
      end
      os.remove(large)
    end)
  end)

  describe("download", function()
    before_each(function()
      check(sandbox.fs:upload_file({ content = "a,b\n\0" }, "d/table.csv"))
    end)

    it("files as content", function()
      assert.same({
        file = { name = "table.csv", content = "a,b\n\0" }, name = "table.csv", mimeType = "text/csv", size = 5,
      }, act("download_file", { filePath = " d/table.csv\n" }))
      check(sandbox.fs:upload_file({ content = "" }, "no-ending"))
      assert.same({ file = { name = "no-ending", content = "" }, name = "no-ending",
        mimeType = "application/octet-stream", size = 0 }, act("download_file", { filePath = "no-ending" }))
      fails({ kind = "not_found" }, try("download_file", { filePath = "none" }))
    end)

    it("files to where the program says", function()
      local saved = act("download_file", { filePath = "d/table.csv" }, { files = { save = directory } })
      assert.same({ file = { name = "table.csv", path = directory .. "/table.csv" }, name = "table.csv",
        mimeType = "text/csv", size = 5 }, saved)
      assert.equal("a,b\n\0", support.read_file(directory .. "/table.csv"))
      saved = act("download_file", { filePath = "d/table.csv" }, { files = { save = function(path, name)
        assert.same({ "d/table.csv", "table.csv" }, { path, name })
        return directory .. "/chosen"
      end } })
      assert.equal(directory .. "/chosen", saved.file.path)
      assert.equal("a,b\n\0", support.read_file(directory .. "/chosen"))
      fails({ kind = "file" },
        try("download_file", { filePath = "d/table.csv" }, { files = { save = "/no/such/dir" } }))
    end)

    it("nothing to a place that a model names", function()
      local program = { files = { save = directory } }
      act("download_file", { filePath = "d/table.csv", savePath = directory .. "/by-the-model" }, program)
      assert.is_nil((io.open(directory .. "/by-the-model")))
      e2e.shell(sandbox, "mkdir -p d/x; echo x > d/x/..z")
      for _, path in ipairs { "d/x/..", "d/.", ".." } do
        fails({ kind = "bad_request", message = "has no name to save it under" },
          try("download_file", { filePath = path }, program))
      end
      assert.equal("0", e2e.shell(sandbox, "rm -f d/x/..z; echo 0"):match "%d")
      os.remove(directory .. "/link")
      assert.is_true(os.execute(("ln -s /etc/hostname %s/link"):format(directory)) and true)
      e2e.shell(sandbox, "echo changed > link")
      try("download_file", { filePath = "link" }, program)
      assert.are_not.equal("changed\n", support.read_file "/etc/hostname")
    end)

    it("no more than 100 MiB", function()
      e2e.shell(sandbox, "truncate -s 104857601 large")
      fails({ kind = "bad_request", message = "larger than 100 MiB" }, try("download_file", { filePath = "large" }))
      fails({ kind = "bad_request", message = "larger than 100 MiB" },
        try("download_file", { filePath = "large" }, { files = { save = directory } }))
      assert.is_nil((io.open(directory .. "/large")))
      e2e.shell(sandbox, "rm large")
    end)
  end)
end)
