-- Directories where whoever answers for the sandbox makes things up.

local base64 = require "daytona.base64"
local lfs = require "lfs"

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local fails = e2e.fails
local unpack = table.unpack or unpack -- luacheck: ignore

describe("a directory of a server that misbehaves", function()
  local server, client, sandbox, directory, copy

  support.serve_faults(function(...)
    server, client = ...
    sandbox = client:sandbox { id = "sb-1", toolbox_proxy_url = server:url "/x" }
  end, { max_retries = 0 })

  before_each(function()
    server:reset()
    directory = support.temp_dir()
    copy = directory .. "/copy"
  end)

  -- The answer to the next script.
  local function printed(text)
    server:script({ path_prefix = "/x/sb-1/process" }, { { body = { exitCode = 0, result = text } } })
  end

  -- The answer to the next list of files, one record for each.
  local function listed(...)
    local records = {}
    for i, entry in ipairs { ... } do
      records[i] = "//" .. entry .. "\n"
    end
    printed(base64.encode(table.concat(records)) .. "\n!\n")
  end

  local FILE, DIRECTORY = "81a4 1 ", "41ed 0 "

  -- The next requests for files, whatever they ask for, get these names.
  local function sent(...)
    local parts = {}
    for _, name in ipairs { ... } do
      local disposition = ('form-data; name="file"; filename="%s"'):format(name)
      parts[#parts + 1] = ("--B\r\nContent-Disposition: %s\r\n\r\nx\r\n"):format(disposition)
    end
    server:script({ path_prefix = "/x/sb-1/files/bulk-download" }, { {
      status = 200, headers = { ["Content-Type"] = "multipart/form-data; boundary=B" },
      body = table.concat(parts) .. "--B--", times = 0,
    } })
  end

  it("cannot lead out of the local directory", function()
    local bad = { "../up", "./../up", "./a/../../up", "/etc/passwd", "./..", "./.", "./a/.", "./a/..",
      "./none/file", "up", "./a/b\0c", "./file/below", "./a", "./file", "." }
    local entries = { DIRECTORY .. ".", DIRECTORY .. "./a", FILE .. "./file", FILE .. "./a/b" }
    for _, path in ipairs(bad) do
      entries[#entries + 1] = FILE .. path
      entries[#entries + 1] = DIRECTORY .. path
    end
    listed(unpack(entries))
    sent("there/file", "there/a/b", "../up", "there/../up")
    local err = fails({ kind = "protocol", operation = "fs.download_dir" }, sandbox.fs:download_dir("there", copy))
    assert.equal(2 * #bad, #err.result.failed)
    for _, failure in ipairs(err.result.failed) do
      fails({ kind = "protocol", message = "not in the directory" }, nil, failure.error)
      support.sound_error(failure.error)
    end
    assert.same({ "copy", "copy/a", "copy/a/b", "copy/file" }, support.files_under(directory))
  end)

  it("cannot set more than permission bits", function()
    listed("4fff 0 .", "8fff 1 ./file", "8fff 1 ./other")
    sent("there/file", "there/other")
    e2e.check(sandbox.fs:download_dir("there", copy))
    local modes = support.run("stat -c %a " .. support.quote(copy) .. "/file " .. support.quote(copy))
    assert.equal("777\n777\n", modes)
  end)

  it("is refused when its list makes no sense", function()
    for _, text in ipairs { "", "!", "%!", "Zm9v!\n", base64.encode "//x y z",
      base64.encode("//81a4 1 ./file\n") .. "!",
      base64.encode "//41ed 0 .\n", ("A"):rep(5) .. "!" } do
      printed(text)
      fails({ kind = "protocol", message = "does not say what is in the directory" },
        sandbox.fs:download_dir("there", copy))
      assert.is_nil(lfs.attributes(copy))
    end
    for kind, body in pairs { protocol = { exitCode = 0 }, bad_request = { result = "" } } do
      server:script({ path_prefix = "/x/sb-1/process" }, { { body = body } })
      fails({ kind = kind }, sandbox.fs:download_dir("there", copy))
    end
  end)

  it("is told apart from one that lost its files", function()
    listed("41ed 0 .", "81a4 1 ./a", "81a4 1 ./b")
    sent "there/a"
    local err = fails({ kind = "protocol", message = "no data received" }, sandbox.fs:download_dir("there", copy))
    assert.equal("b", err.result.failed[1].path)
    assert.equal(1, err.result.files)
    assert.same({ "a" }, support.files_under(copy))
  end)

  it("ends what goes beyond one file, and leaves nothing half-written", function()
    local entries = { "41ed 0 ." }
    for i = 1, 500 do
      entries[#entries + 1] = "81a4 1 ./" .. i
    end
    listed(unpack(entries))
    server:script({ path_prefix = "/x/sb-1/files" }, { { status = 503, body = "gone", times = 0 } })
    local err = fails({ kind = "unavailable", status = 503, operation = "fs.download_dir", sandbox_id = "sb-1" },
      sandbox.fs:download_dir("there", copy))
    assert.same({ 0, {} }, { err.result.files, err.result.failed })
    assert.same({}, support.files_under(copy))
    local asked = 0
    for _, request in ipairs(server:requests()) do
      asked = asked + (request.path:find "bulk" and 1 or 0)
    end
    assert.equal(1, asked)
  end)

  it("gets single requests for what an answer left out for now", function()
    listed("41ed 0 .", "81a4 1 ./a", "81a4 1 ./b", "81a4 1 ./c")
    local body = {}
    for i, name in ipairs { "a", "b", "c" } do
      body[i] = ('--B\r\nContent-Disposition: form-data; name="%s"; filename="there/%s"\r\n\r\n%s\r\n'):format(
        i == 1 and "file" or "error", name, i == 1 and "x" or '{"statusCode":503,"message":"busy"}')
    end
    server:script({ path_prefix = "/x/sb-1/files/bulk-download" }, { {
      status = 200, body = table.concat(body) .. "--B--",
      headers = { ["Content-Type"] = "multipart/form-data; boundary=B" },
    } })
    server:script({ path_prefix = "/x/sb-1/files/download" }, { { body = "y", times = 0 } })
    assert.equal(3, e2e.check(sandbox.fs:download_dir("there", copy)).files)
    assert.equal("xyy", support.read_file(copy .. "/a") .. support.read_file(copy .. "/b")
      .. support.read_file(copy .. "/c"))
  end)

  it("cannot make the credential show in an error", function()
    printed("!cannot do " .. support.api_key .. "\n")
    assert(lfs.mkdir(copy))
    local err = fails({ kind = "bad_request", message = "cannot do ***" }, sandbox.fs:upload_dir(copy, "there"))
    support.sound_error(err.result.failed[1].error)
    err.result = nil
    support.sound_error(err)
  end)

  it("may not be able to run the scripts", function()
    assert(lfs.mkdir(copy))
    server:script({ path_prefix = "/x/sb-1/process" },
      { { body = { exitCode = 97, result = "sh: base64: not found\n" }, times = 0 } })
    server:script({ path_prefix = "/x/sb-1/files/info" }, { { body = { name = "there", isDir = true }, times = 0 } })
    fails({ kind = "bad_request", message = "base64: not found" },
      sandbox.fs:download_dir("there", directory .. "/none"))
    fails({ kind = "bad_request", message = "base64: not found" }, sandbox.fs:upload_dir(copy, "there"))
    assert.is_nil(lfs.attributes(directory .. "/none"))
    server:reset()
    printed "sh: something"
    fails({ kind = "protocol" }, sandbox.fs:upload_dir(copy, "there"))
  end)
end)
