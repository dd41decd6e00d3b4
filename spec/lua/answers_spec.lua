-- Answers that make no sense give an error of kind "protocol", and errors name what
-- the call was about.

local support = require "spec.support"

describe("an answer", function()
  local server, client, sandbox

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    client = support.client(server, { max_retries = 0 })
    sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
  end)

  after_each(function()
    client:close()
  end)

  local function answer(fields)
    fields.times = 0
    server:reset()
    server:script({ path_prefix = "/" }, { fields })
  end

  local function protocol(message, value, err)
    assert.is_nil(value)
    assert.equal("protocol", support.sound_error(err).kind)
    assert.equal("sb-1", err.sandbox_id)
    assert.truthy(err.message:find(message, 1, true), err.message)
  end

  it("of many files that is empty is none", function()
    answer { status = 204, body = "" }
    protocol("the answer is empty where a multipart form was expected", sandbox.fs:download_files { "x" })
  end)

  it("about a session has its id", function()
    for _, body in ipairs { "{}", '{"sessionId": ""}' } do
      answer { body = body }
      protocol("field 'session_id'", sandbox.process:get_session "s")
      protocol("field 'session_id'", sandbox.process:get_entrypoint_session())
      answer { body = "[" .. body .. "]" }
      protocol("field 'session_id'", sandbox.process:list_sessions())
    end
  end)

  it("is not asked for under a name that cannot be used later", function()
    for _, call in ipairs {
      function() return client.volume:create ".." end,
      function() return client.snapshot:create(".", { image_name = "x" }) end,
      function() return sandbox:fork { name = ".." } end,
      function() return sandbox:create_snapshot ".." end,
    } do
      server:reset()
      assert.truthy(support.raised(call):find("field 'name': '%.+' cannot be a name"))
      assert.equal(0, #server:requests())
    end
  end)

  it("about a thing says what it is about", function()
    local lsp = sandbox:create_lsp_server("python", "p")
    for _, case in ipairs {
      { "[{}]", "field 'file'", function() return sandbox.fs:find_files("x", "y") end },
      { "[{}]", "field 'file'", function() return sandbox.fs:replace_in_files({ "x" }, "y", "z") end },
      { "{}", "field 'id'", function() return sandbox.process:get_pty_session_info "x" end },
      { '{"id": ".."}', "field 'id'", function() return sandbox.process:get_pty_session_info "x" end },
      { '{"sessions": [{}]}', "field 'id'", function() return sandbox.process:list_pty_sessions() end },
      { "[{}]", "field 'name'", function() return lsp:document_symbols "x" end },
      { '{"items": [{}]}', "field 'label'", function() return lsp:completions("x", { line = 0, character = 0 }) end },
    } do
      answer { body = case[1] }
      protocol(case[2], case[3]())
    end
    answer { body = "{}" }
    local _, err = client.api_key:get "x"
    assert.equal("protocol", err.kind)
    assert.truthy(err.message:find("field 'name'", 1, true), err.message)
  end)

  it("about a preview has a URL", function()
    for _, url in ipairs { "x", "javascript:alert(1)", "http://a b", "\\u001b[31m", "http://x/\\nSet-Cookie:" } do
      answer { body = ('{"url": "%s", "token": "t"}'):format(url) }
      protocol("field 'url': no http or https URL", sandbox:get_preview_link(80))
      protocol("field 'url': no http or https URL", sandbox:create_signed_preview_url(80))
    end
    answer { body = '{"url": "https://80-sb-1.proxy.example/", "token": "t"}' }
    assert.equal("https://80-sb-1.proxy.example/", assert(sandbox:get_preview_link(80)).url)
  end)

  it("about a signing key is one, bare or as JSON", function()
    for _, body in ipairs { '"a b"', "a b", "\27[31m", '"a\\u0020"', "x\ny" } do
      answer { body = body }
      protocol("no signing key", sandbox:download_url "x")
    end
    for body, message in pairs {
      [""] = "the answer is empty", [" "] = "field 'key': it is blank", ['""'] = "field 'key': it is blank",
      ['{"key": "x"}'] = "field 'key': string expected", ["[]"] = "field 'key': string expected",
      ["null"] = "the answer is null",
    } do
      answer { body = body }
      protocol(message, sandbox:download_url "x")
    end
    local urls = {}
    for _, body in ipairs { "testing-key", '"testing-key"', '"testing-key"\n', "\r\n testing-key\t" } do
      answer { body = body }
      urls[#urls + 1] = assert(sandbox:download_url("a b/\195\188", { expires_in_seconds = 0 }))
    end
    -- the signature is openssl's of "v1:files:GET:a b/ü:0"
    assert.equal(server:url "/box/sb-1/files/download?path=a%20b%2F%C3%BC&expires=0&signature=v1_"
      .. "USCdhhueAp09M8lq4GbQDehSTMeaMm1JO45HaQxn_gc", urls[1])
    assert.equal(urls[1], urls[2])
    assert.equal(urls[1], urls[3])
    assert.equal(urls[1], urls[4])
    answer { body = "12345" } -- JSON, but no text
    assert.truthy(assert(sandbox:download_url "x"):find("signature=v1_", 1, true))
  end)

  it("that fails names what the call was about", function()
    local context = sandbox.code_interpreter
    for expected, call in pairs {
      ["path 'work/x'"] = function() return sandbox.fs:list_files "work/x" end,
      ["path 'from'"] = function() return sandbox.fs:move_file("from", "to") end,
      ["path 'there'"] = function() return sandbox.fs:upload_file({ content = "x" }, "there") end,
      ["path 'gone'"] = function() return sandbox.fs:download_file "gone" end,
      ["path 'read'"] = function() return sandbox.fs:read_file("read"):read() end,
      ["path 'clone'"] = function() return sandbox.git:clone("https://user:secret@x/y", "clone") end,
      ["session 's-1'"] = function() return sandbox.process:get_session "s-1" end,
      ["session 'p-1'"] = function() return sandbox.process:get_pty_session_info "p-1" end,
      ["context 'c-1'"] = function() return context:delete_context "c-1" end,
      ["port '8080'"] = function() return sandbox:get_preview_link(8080) end,
      ["command 'cmd-1'"] = function()
        return require("daytona.process.command").new(sandbox, "s", { id = "cmd-1" }):status()
      end,
    } do
      answer { status = 404, body = "" }
      local value, err = call()
      assert.is_nil(value)
      local text = tostring(err)
      assert.truthy(text:find("Not Found (not_found 404), " .. expected .. ", sandbox sb-1", 1, true), text)
      assert.falsy(text:find("secret", 1, true))
    end
    answer { status = 404, body = '{"statusCode": 404, "message": "there is no work/x"}' }
    assert.equal("fs.list_files failed: there is no work/x (not_found 404), sandbox sb-1",
      tostring(select(2, sandbox.fs:list_files "work/x")))
  end)

  it("about a list has the list", function()
    local function items(iterator)
      local raised = { pcall(function()
        for _ in iterator do end
      end) }
      assert.is_false(raised[1])
      return raised[2]
    end
    for _, body in ipairs { "[]", "{}", '{"items": null}', '{"total": 0, "page": 1, "totalPages": 0}' } do
      answer { body = body }
      for _, iterator in ipairs { client:list(), client.secret:list(), client.snapshot:list() } do
        local err = items(iterator)
        assert.equal("protocol", err.kind)
        assert.truthy(err.message:find("it is missing", 1, true), err.message)
      end
      local reaped, err = client:reap { labels = { a = "b" } }
      assert.is_nil(reaped)
      assert.equal("protocol", err.kind)
    end
    answer { body = '{"items": [], "total": 0, "page": 1, "totalPages": 0}' }
    assert.equal(0, #assert(client:list_page()).items)
    assert.equal(0, #assert(client.secret:list_page()).items)
    assert.equal(0, #assert(client.snapshot:list_page()).items)
  end)

  it("of many empty pages takes no longer than one page may", function()
    for _, list in ipairs { function(options) return client:list(options) end,
      function(options) return client.secret:list(options) end } do
      local answers = {}
      for index = 1, 40 do
        answers[index] = { body = ('{"items": [], "nextCursor": "c%d"}'):format(index), delay_ms = 100 }
      end
      server:reset()
      server:script({ path_prefix = "/" }, answers)
      local ok, err = pcall(list { timeout = 0.5 })
      assert.is_false(ok)
      assert.equal("timeout", err.kind)
      assert.is_true(#server:requests() < 10, #server:requests())
    end
  end)

  it("about a thing is about this one", function()
    for _, body in ipairs { "[]", "{}", '{"state": "ready"}', '{"id": "", "state": "ready"}' } do
      answer { body = body }
      for _, area in ipairs { "volume", "snapshot" } do
        local value, err = client[area]:create("x", { image_name = area == "snapshot" and "a:1" or nil })
        assert.is_nil(value)
        assert.equal("protocol", err.kind)
        assert.truthy(err.message:find("field 'id'", 1, true), err.message)
      end
    end
    server:reset()
    server:script({ method = "POST" }, { { body = '{"id": "v-1", "state": "creating"}', times = 0 } })
    server:script({ method = "GET" }, { { body = '{"id": "v-2", "state": "ready"}', times = 0 } })
    local value, err = client.volume:create("x", { timeout = 0.5 })
    assert.is_nil(value) -- what is ready is another volume
    assert.equal("timeout", err.kind)
    assert.is_true(#server:requests() > 1)
  end)

  it("of a server that does not know the operation says since when there is one", function()
    local page = { status = 404, body = "404 page not found", headers = { ["Content-Type"] = "text/plain" } }
    local route = { status = 404, body = '{"statusCode": 404, "message": "Cannot POST /api/sandbox/sb-1/ttl/5"}' }
    for _, case in ipairs {
      { page, function() return sandbox.git:init "x" end },
      { route, function() return sandbox:set_ttl(5) end },
    } do
      answer(case[1])
      local _, err = case[2]()
      assert.truthy(err.message:find("which came with version 0.205.0", 1, true), err.message)
    end
    answer(page)
    local _, err = sandbox.fs:list_files "x"
    assert.equal("404 page not found", err.message)
  end)

  it("that repeats a secret does not bring it into the error", function()
    local secret = 's3 "cr/et'
    local forms = { secret, 's3 \\"cr/et', "s3%20%22cr%2Fet" }
    answer { status = 400, body = support.json.encode { statusCode = 400, message = table.concat(forms, " and ") } }
    for _, call in ipairs {
      function() return client.secret:create("name", secret) end,
      function() return client.secret:update("name", { value = secret }) end,
      function() return sandbox.git:clone("https://host/x", "x", { username = "me", password = secret }) end,
      function() return sandbox.git:push("x", { username = "me", password = secret }) end,
      function() return sandbox.git:dangerously_authenticate("me", secret) end,
    } do
      local value, err = call()
      assert.is_nil(value)
      assert.truthy(err.message:find("*** and *** and ***", 1, true), err.message)
      assert.is_nil((tostring(err) .. err.body):find("cr[/%%]"), err.body)
    end
    answer { status = 500, body = "cannot reach https://me:hunter22@host/x" }
    local _, err = sandbox.git:clone("https://me:hunter22@host/x", "x")
    assert.equal("cannot reach https://me:***@host/x", err.body)
    assert.is_nil(tostring(err):find("hunter22", 1, true))
  end)

  it("that repeats a secret of a clone's second step does not bring it into the error", function()
    local function clone(of_second)
      server:reset()
      server:script({ path = "/box/sb-1/git/clone" }, { { status = 200, times = 0 } })
      of_second.times = 0
      server:script({ path = "/box/sb-1/process/execute" }, { of_second })
      local ok, err = sandbox.git:clone("https://host/x", "x",
        { username = "me", password = "hunter22", submodules = true })
      assert.is_nil(ok)
      assert.equal("git.clone", err.operation)
      assert.is_nil((tostring(err) .. (err.body or "")):find("hunter22", 1, true), tostring(err) .. (err.body or ""))
      return err
    end
    local one = clone { status = 400, body = { message = "no env DAYTONA_GIT_PASSWORD=hunter22" } }
    assert.truthy(one.message:find("DAYTONA_GIT_PASSWORD=***", 1, true), one.message)
    assert.truthy(clone({ body = { exitCode = 1, result = "fatal: hunter22 not found\n" } }).message
      :find("fatal: *** not found", 1, true))
  end)
end)
