-- sandbox.fs:upload_files: many files with one request, each for itself.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

describe("fs:upload_files", function()
  local client, sandbox, directory

  e2e.serve(function(...)
    sandbox, client = ...
  end)

  before_each(function()
    shell(sandbox, "chmod -R u+rwX . && find . -mindepth 1 -delete")
    directory = support.temp_dir()
  end)

  local function upload(files, options)
    return check(sandbox.fs:upload_files(files, options))
  end

  local function content(path)
    return check(sandbox.fs:download_file(path))
  end

  it("writes contents and files", function()
    local path = support.write_file(directory .. "/local", "from a file")
    assert.same({
      { destination = "a", bytes = 3 },
      { destination = "d/e/local", bytes = 11 },
      { destination = "empty", bytes = 0 },
      { destination = "a", bytes = 5 },
    }, upload {
      { source = { content = "one" }, destination = "a" },
      { source = path, destination = "d/e/" },
      { source = { content = "" }, destination = "empty" },
      { source = { content = "again" }, destination = "a" },
    })
    assert.equal("again", content "a")
    assert.equal("from a file", content "d/e/local")
    assert.equal("", content "empty")
  end)

  it("sets the modes that are asked for", function()
    local results = upload {
      { source = { content = "x" }, destination = "plain" },
      { source = { content = "x" }, destination = "program", mode = "755" },
      { source = { content = "x" }, destination = " alone ", mode = "600" },
    }
    for i = 1, 3 do
      assert.is_nil(results[i].error)
    end
    assert.equal("600\n644\n755\n", shell(sandbox, "stat -c %a ' alone ' plain program"))
    local ok, message = pcall(upload, { { source = { content = "x" }, destination = "a", mode = "u+x" } })
    assert.is_false(ok)
    assert.truthy(message:find("field 'files': item 1: field 'mode': octal permissions like \"644\" expected", 1, true))
  end)

  it("keeps every byte of many and of large files", function()
    local bytes = e2e.all_bytes():rep(8000)
    local path = support.write_file(directory .. "/large", bytes)
    local files = {}
    for i = 1, 300 do
      files[i] = { source = { content = tostring(i) }, destination = ("many/%d"):format(i) }
    end
    files[301] = { source = path, destination = "large" }
    local results = upload(files)
    for i = 1, 301 do
      assert.is_nil(results[i].error)
    end
    assert.is_true(content "large" == bytes)
    assert.equal("300\n", shell(sandbox, "cat many/* | tr -d '\\n' | wc -c; ls many | wc -l"):match "\n(.*)")
  end)

  it("gives each failure its error", function()
    shell(sandbox, "mkdir dir; printf x > file")
    local results = upload {
      { source = directory .. "/missing", destination = "missing" },
      { source = { content = "x" }, destination = "dir" },
      { source = { content = "good" }, destination = "good" },
      { source = directory, destination = "directory" },
      { source = { content = "x" }, destination = "file/below" },
    }
    fails({ kind = "file", message = "missing", operation = "fs.upload_files", outcome = "failed",
      sandbox_id = sandbox.id, attempts = 1 }, nil, results[1].error)
    fails({ kind = "bad_request", status = 400, message = "dir: " }, nil, results[2].error)
    assert.same({ destination = "good", bytes = 4 }, results[3])
    fails({ kind = "file", message = "Is a directory" }, nil, results[4].error)
    fails({ kind = "bad_request", message = "file/below: " }, nil, results[5].error)
    for _, result in ipairs(results) do
      if result.error then
        support.sound_error(result.error)
      end
    end
    assert.equal("good", content "good")
  end)

  it("keeps white space at the ends of a name", function()
    assert.same({ { destination = " a ", bytes = 1 }, { destination = "b", bytes = 1 } },
      upload { { source = { content = "1" }, destination = " a " }, { source = { content = "2" }, destination = "b" } })
    assert.equal("1", content " a ")
  end)

  it("asks nobody for nothing", function()
    assert.same({}, upload {})
  end)

  it("gives the whole call's failure", function()
    local gone = client:sandbox("no-such-sandbox")
    fails({ kind = "not_found" }, gone.fs:upload_files { { source = { content = "" }, destination = "a" } })
  end)

  it("names what is wrong with its arguments", function()
    local function raises(message, ...)
      assert.equal("fs.upload_files: " .. message, support.raised(sandbox.fs.upload_files, sandbox.fs, ...))
    end
    raises "field 'files': list expected, got nil"
    raises("field 'files': item 1: table expected, got string", { "a" })
    raises("field 'files': item 1: field 'destination': required", { { source = "a" } })
    raises("field 'files': item 1: field 'source': required", { { destination = "a" } })
    raises("field 'files': item 1: field 'source': path or { content = string } expected, got number",
      { { source = 1, destination = "a" } })
    raises("field 'files': item 1: field 'source': unknown field 'nam'",
      { { source = { content = "", nam = "a" }, destination = "a" } })
    raises("field 'files': item 1: field 'destination': it ends in a slash and the source has no name",
      { { source = { content = "" }, destination = "a/" } })
    raises("unknown option 'timout' (did you mean 'timeout'?)",
      { { source = { content = "" }, destination = "a" } }, { timout = 1 })
  end)
end)
