-- sandbox.fs:download_files: many files in one answer, each for itself.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

describe("fs:download_files", function()
  local server, sandbox, directory

  e2e.serve(function(made, _, its_server)
    sandbox, server = made, its_server
  end)

  before_each(function()
    shell(sandbox, "chmod -R u+rwX . && find . -mindepth 1 -delete")
    directory = support.temp_dir()
  end)

  local function download(requests, options)
    return check(sandbox.fs:download_files(requests, options))
  end

  local function here()
    return table.concat(support.files_under(directory), " ")
  end

  it("gives contents and files, in order", function()
    shell(sandbox, "mkdir d; printf one > a; printf three > d/b; : > empty")
    assert.same({
      { source = "a", content = "one", bytes = 3 },
      { source = "d/b", path = directory .. "/b", bytes = 5 },
      { source = "empty", content = "", bytes = 0 },
      { source = "empty", path = directory .. "/nothing", bytes = 0 },
    }, download {
      "a", { source = "d/b", destination = directory .. "/" },
      { source = "empty" }, { source = "empty", destination = directory .. "/nothing" },
    })
    assert.equal("three", support.read_file(directory .. "/b"))
    assert.equal("b nothing", here())
  end)

  it("gives each failure its error", function()
    shell(sandbox, "printf x > good; mkdir dir")
    local results = download {
      { source = "missing", destination = directory .. "/missing" },
      { source = "good", destination = directory .. "/no/such/directory" },
      "dir", "good",
    }
    fails({ kind = "not_found", status = 404, code = "FILE_NOT_FOUND", message = "missing",
      operation = "fs.download_files", outcome = "failed", retryable = false,
      sandbox_id = sandbox.id, attempts = 1, elapsed = support.any_number }, nil, results[1].error)
    fails({ kind = "file", message = "no/such/directory" }, nil, results[2].error)
    fails({ kind = "bad_request", code = "INVALID_FILE_PATH" }, nil, results[3].error)
    assert.same({ source = "good", content = "x", bytes = 1 }, results[4])
    assert.equal("missing", results[1].source)
    assert.is_nil(results[1].path)
    assert.equal("", here())
  end)

  it("takes a source twice", function()
    shell(sandbox, "printf twice > a")
    local results = download { "a", { source = "a", destination = directory .. "/a" }, "a" }
    assert.equal("twice", results[1].content)
    assert.equal(directory .. "/a", results[2].path)
    assert.equal("twice", results[3].content)
  end)

  it("keeps every byte, also those that look like a boundary", function()
    local bytes = e2e.all_bytes() .. "\r\n--DAYTONA-FILE-BOUNDARY--\r\n\r\n--DAYTONA-FILE"
    check(sandbox.fs:upload_file({ content = bytes:rep(2000) }, "bytes"))
    check(sandbox.fs:upload_file({ content = bytes }, "again"))
    local results = download { "bytes", "again" }
    assert.is_true(results[1].content == bytes:rep(2000))
    assert.is_true(results[2].content == bytes)
  end)

  it("knows any name", function()
    local names = { 'quo"te', "back\\slash", "semi;colon=x", "spa ce", "ünïcode ☃", "100%41", "new\nline", "'" }
    for i, name in ipairs(names) do
      check(sandbox.fs:upload_file({ content = tostring(i) }, name))
    end
    local results = download(names)
    for i in ipairs(names) do
      assert.same({ source = names[i], content = tostring(i), bytes = 1 }, results[i])
    end
  end)

  it("bounds what it keeps in memory, not what it writes", function()
    local small = check(server:client { max_response = 100000 })
    local content = ("x"):rep(60000)
    check(sandbox.fs:upload_file({ content = content }, "a"))
    local results = check(small:sandbox(sandbox.id).fs:download_files {
      "a", { source = "a", destination = directory .. "/a" }, "a", { source = "a", destination = directory .. "/b" },
    })
    assert.is_true(results[1].content == content)
    fails({ kind = "protocol", message = "max_response" }, nil, results[3].error)
    assert.equal(60000, results[4].bytes)
    assert.equal("a b", here())
    small:close()
  end)

  it("keeps nothing of what is too much, so that what fits still does", function()
    local small = check(server:client { max_response = 100000 })
    for name, size in pairs { a = 300000, b = 90000 } do
      check(sandbox.fs:upload_file({ content = name:rep(size) }, name))
    end
    local results = check(small:sandbox(sandbox.id).fs:download_files { "a", "b" })
    fails({ kind = "protocol", message = "max_response" }, nil, results[1].error)
    assert.equal(90000, results[2].bytes)
    small:close()
  end)

  it("asks nobody for nothing", function()
    assert.same({}, download {})
  end)

  it("names what is wrong with its arguments", function()
    local function raises(message, ...)
      assert.equal("fs.download_files: " .. message, support.raised(sandbox.fs.download_files, sandbox.fs, ...))
    end
    raises "field 'requests': list expected, got nil"
    raises("field 'requests': list expected, got a table with other keys", { source = "a" })
    raises("field 'requests': item 2: table expected, got boolean", { "a", true })
    raises("field 'requests': item 1: field 'source': required", { { destination = "a" } })
    raises("field 'requests': item 1: field 'source': must not be blank", { "" })
    raises("field 'requests': item 1: unknown field 'path'", { { source = "a", path = "b" } })
    raises("field 'requests': item 1: field 'destination': string expected, got number",
      { { source = "a", destination = 5 } })
    raises("field 'requests': item 1: field 'destination': contains NUL", { { source = "a", destination = "a\0" } })
    raises("unknown option 'timout' (did you mean 'timeout'?)", { "a" }, { timout = 1 })
  end)
end)

describe("fs:download_files from a server that misbehaves", function()
  local server, client, sandbox, directory

  support.serve_faults(function(...)
    server, client = ...
    sandbox = client:sandbox { id = "sb-1", toolbox_proxy_url = server:url "/parts" }
  end, { max_retries = 0 })

  before_each(function()
    server:reset()
    directory = support.temp_dir()
  end)

  -- What download_files makes of these bytes for "a" and "b", the latter a file.
  local function answered(body, type, encoding)
    server:script({ method = "POST", path_prefix = "/parts" }, { {
      status = 200, headers = {
        ["Content-Type"] = type or "multipart/form-data; boundary=B", ["Transfer-Encoding"] = encoding,
      },
      body_hex = body:gsub(".", function(c) return ("%02x"):format(c:byte()) end),
    } })
    return sandbox.fs:download_files { "a", { source = "b", destination = directory .. "/b" } }
  end

  local function part(name, body, length, kind)
    return ('--B\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n%s\r\n%s\r\n'):format(
      kind or "file", name, length and ("Content-Length: %d\r\n"):format(length) or "", body)
  end

  local function errors(results)
    local said = {}
    for i, result in ipairs(check(results)) do
      said[i] = result.error and result.error.kind .. ": " .. result.error.message or result.content or result.bytes
      if result.error then
        support.sound_error(result.error)
      end
    end
    assert.equal(results[2].error and 0 or 1, #support.files_under(directory))
    return said
  end

  it("does without lengths", function()
    assert.same({ "1\r\n--2", 3 }, errors(answered(part("a", "1\r\n--2") .. part("b", "\r\r\n") .. "--B--")))
  end)

  it("tells boundaries from what begins like one", function()
    local text = ("\r\n--\r\r\n-\n--B\r\n-B"):rep(6000)
    assert.is_true(errors(answered(part("a", text) .. part("b", text) .. "--B--"))[1] == text)
    assert.is_true(support.read_file(directory .. "/b") == text)
  end)

  it("wants no order", function()
    assert.same({ "A", 1 }, errors(answered(part("b", "B") .. part("other", "?") .. part("a", "A", 1) .. "--B--\r\n")))
  end)

  it("says what did not come", function()
    assert.same({ "A", "protocol: no data received for this file" }, errors(answered(part("a", "A") .. "--B--")))
    assert.same({ "protocol: no data received for this file", "protocol: no data received for this file" },
      errors(answered "--B--"))
    fails({ kind = "protocol", message = "no multipart form" }, answered "")
  end)

  it("does not take a file without its closing boundary", function()
    assert.same({ "A", "protocol: the answer ended in the middle of it" },
      errors(answered(part("a", "A") .. part("b", "half"):sub(1, -3))))
    assert.same({ "A", "protocol: the answer ended in the middle of it" },
      errors(answered(part("a", "A") .. part("b", "half", 10):sub(1, -3))))
  end)

  it("does not take a length that is wrong", function()
    assert.same({ "protocol: its data is not as long as announced", 1 },
      errors(answered(part("a", "long", 2) .. part("b", "B", 1) .. "--B--")))
  end)

  it("keeps what had come when the answer breaks off", function()
    local sent = part("a", "A", 1) .. part("b", "half", 10)
    local results = errors(answered(("%x\r\n%s\r\nno chunk\r\n"):format(#sent, sent), nil, "chunked"))
    assert.equal("A", results[1])
    assert.truthy(results[2]:find "chunk", results[2])
    sent = part("a", "half", 10)
    fails({ kind = "protocol", message = "chunk", outcome = "failed" },
      answered(("%x\r\n%s\r\nno chunk\r\n"):format(#sent, sent), nil, "chunked"))
  end)

  it("takes no name that does not end", function()
    local header = '--B\r\nContent-Disposition: form-data; name="file"; filename="%s\r\n\r\nA\r\n'
    assert.same({ "protocol: no data received for this file", 1 },
      errors(answered(header:format "ab" .. header:format 'a\\"' .. header:format "" .. part("b", "B") .. "--B--")))
  end)

  it("does not go on after a boundary that no line ends", function()
    assert.same({ "A", "protocol: no data received for this file" }, errors(answered(
      part("a", "A") .. "--B" .. (" "):rep(100) .. part("b", "B"):sub(4) .. "--B--")))
    assert.same({ "A", 1 }, errors(answered(
      part("a", "A") .. "--B" .. (" "):rep(64) .. part("b", "B"):sub(4) .. "--B--")))
  end)

  it("reads reasons of any form", function()
    assert.same({ "not_found: gone", "server: plain" }, errors(answered(
      part("a", '{"status_code":404,"message":"gone"}', nil, "error") .. part("b", "plain", nil, "error") .. "--B--")))
  end)

  it("refuses what is no form", function()
    for _, type in ipairs { "text/plain", "multipart/form-data", "multipart/form-data; boundary=",
      "multipart/form-data; boundary=" .. ("B"):rep(300) } do
      fails({ kind = "protocol", message = "no multipart form", status = 200 },
        answered(part("a", "A") .. "--B--", type))
    end
  end)

  it("takes the boundary in quotes", function()
    assert.same({ "A", 1 }, errors(answered(part("a", "A") .. part("b", "B") .. "--B--",
      'multipart/mixed; charset=x; boundary="B"')))
  end)
end)
