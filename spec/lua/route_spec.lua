-- Which way a request goes: this machine, proxies, servers that are not ours.

local core = require "daytona.core"
local daytona = require "daytona"
local support = require "spec.support"

describe("the way of a request", function()
  local server

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
  end)

  -- Runs `code` in a process with these variables; `base` is the server.
  local function run(code, env)
    local variables = { no_proxy = false, NO_PROXY = false, http_proxy = false, https_proxy = false,
      HTTPS_PROXY = false, all_proxy = false, ALL_PROXY = false, CURL_CA_BUNDLE = false, SSL_CERT_FILE = false }
    for name, value in pairs(env) do
      variables[name] = value
    end
    return support.run("ulimit -n 100; " .. support.lua_command(([[
      local daytona, base, tls = require "daytona", %q, %q
      local function client(options)
        options.api_key, options.max_retries, options.timeout = %q, 0, 5
        return assert(daytona.new(options))
      end
      local function show(value, err)
        print(err and ("%%s|%%s|%%s"):format(err.kind, err.outcome, err.message) or value)
      end
    ]]):format(server:url(), server:tls_url "tls", support.api_key) .. code, variables))
  end

  describe("to this machine", function()
    it("is known by the host and nothing else", function()
      for _, host in ipairs { "localhost", "LocalHost:80", "a.localhost", "proxy.localhost:4000", "127.0.0.1",
        "127.1.2.3:80", "[::1]", "[::1]:80", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]" } do
        assert.is_true(core.is_loopback("http://" .. host .. "/x"), host)
      end
      for _, host in ipairs { "", "localhost.example", "notlocalhost", ".localhost@example.test", "127.0.0.1.example",
        "localhost:80@example.test", "localhost%2eexample", "example.test%2f.localhost", "[::2]", "[::1", "10.0.0.1",
        "example.test\\.localhost", "[::1%lo]" } do
        assert.is_false(core.is_loopback("http://" .. host .. "/x"), host)
      end
    end)

    for _, name in ipairs { "http_proxy", "all_proxy", "ALL_PROXY" } do
      it("takes no proxy of " .. name, function()
        local output = run([[
          show(client { api_url = base .. "/api" }:get_config())
          local sandbox = client { api_url = base .. "/api" }:sandbox { id = "sb-1",
            toolbox_proxy_url = base:gsub("127.0.0.1", "proxy.localhost") .. "/fault/ok-json" }
          show(sandbox.fs:create_folder "x")
          sandbox = client { api_url = base .. "/api" }:sandbox { id = "sb-1",
            toolbox_proxy_url = base .. "/fault/ws;do=close" }
          show(sandbox.code_interpreter:run_code("1").stdout)
        ]], { [name] = "http://127.0.0.1:1" })
        assert.truthy(output:find("no answer scripted for GET /api/config", 1, true), output)
        assert.truthy(output:find("\ntrue\n", 1, true), output)
        assert.is_nil(output:find("proxy http", 1, true), output)
      end)
    end

    it("takes no proxy over TLS", function()
      local output = run(([[show(client { api_url = tls .. "/api", ca_file = %q }:get_config())]])
        :format(server.ca_file), { https_proxy = "http://127.0.0.1:1" })
      assert.truthy(output:find("no answer scripted", 1, true), output)
    end)
  end)

  describe("through a proxy that fails", function()
    local far = [[show(client { api_url = "https://far.test/api" }:create {})]]

    it("names it when it refuses connections", function()
      local output = run(far, { https_proxy = "http://user:secret@127.0.0.1:1/" })
      assert.truthy(output:find("connection|failed|https://far.test/api: Connection refused "
        .. "(through the proxy http://127.0.0.1:1/ of https_proxy)", 1, true), output)
    end)

    it("names it without its credentials when it is none that libcurl can use", function()
      for _, bad in ipairs { "foo://user:secret@127.0.0.1:1", "http://user:secret@127.0.0.1:99999" } do
        local output = run(far, { https_proxy = bad })
        assert.is_nil(output:find("secret", 1, true), output)
        assert.truthy(output:find("libcurl cannot use the proxy (through the proxy "
          .. bad:gsub("user:secret@", "") .. " of https_proxy)", 1, true), output)
      end
    end)

    it("names it when it cannot be found", function()
      local output = run(far, { HTTPS_PROXY = "proxy.invalid:3128" })
      assert.truthy(output:find("connection|failed|", 1, true), output)
      assert.truthy(output:find("(through the proxy proxy.invalid:3128 of HTTPS_PROXY)", 1, true), output)
    end)

    for _, status in ipairs { 407, 502, 403 } do
      it("tells what it answers: " .. status, function()
        server:script({ method = "CONNECT" }, { { status = status, times = 0 } })
        local output = run(far .. ([[
          local sandbox = client {}:sandbox { id = "x", toolbox_proxy_url = "https://box.test" }
          show(sandbox.code_interpreter:run_code("1"))
        ]]), { all_proxy = server:url(), DAYTONA_API_URL = "https://far.test/api" })
        local expected = ("the proxy %s of all_proxy answered CONNECT with %d"):format(server:url(), status)
        assert.truthy(output:find("connection|failed|https://far.test/api: " .. expected, 1, true), output)
        assert.truthy(output:find("connection|failed|https://box.test/x: " .. expected, 1, true), output)
      end)
    end

    it("says nothing of one that is not used", function()
      for _, list in ipairs { "far.test", ".test", "*", "a, test" } do
        local output = run(far, { https_proxy = "http://127.0.0.1:1", no_proxy = list })
        assert.is_nil(output:find("127.0.0.1:1", 1, true), output)
      end
    end)
  end)

  describe("that would show the credential", function()
    it("is refused with the URL and where it came from", function()
      local client = support.client(server, { max_retries = 0 })
      local sandbox = client:sandbox { id = "sb-7", toolbox_proxy_url = "http://55.40.12.11:4000/toolbox" }
      for _, call in ipairs {
        function() return sandbox.process:exec "true" end,
        function() return sandbox.code_interpreter:run_code "1" end,
      } do
        local value, err = call()
        assert.is_nil(value)
        assert.equal("protocol", support.sound_error(err).kind)
        assert.equal("failed", err.outcome)
        assert.truthy(err.message:find("http://55.40.12.11:4000/toolbox/sb-7 (the toolbox_proxy_url of the "
          .. "sandbox sb-7) would carry the credential unencrypted", 1, true), err.message)
      end
      sandbox = client:sandbox { id = "sb-7", toolbox_proxy_url = "ftp://localhost/toolbox" }
      local _, err = sandbox.process:exec "true"
      assert.truthy(err.message:find("is no http or https URL", 1, true), err.message)
      client:close()
    end)

    it("is refused in the name of the variable", function()
      local output = run([[print(select(2, pcall(client, {})))]], { DAYTONA_API_URL = "http://far.test/api" })
      assert.truthy(output:find("daytona.new: DAYTONA_API_URL: http://far.test/api would carry", 1, true), output)
      output = run([[print(select(2, pcall(client, {})))]], { DAYTONA_API_URL = "far.test" })
      assert.truthy(output:find("daytona.new: DAYTONA_API_URL: http or https URL expected, got 'far.test'", 1, true),
        output)
    end)

    it("is refused when it has white space", function()
      assert.equal("daytona.new: field 'api_url': must not have white space, got ' https://x/api'",
        support.raised(daytona.new, { api_key = "k", api_url = " https://x/api" }))
    end)
  end)

  describe("to the authorities", function()
    it("follows the environment", function()
      local code = [[show(client { api_url = tls .. "/api" }:get_config())]]
      for _, name in ipairs { "CURL_CA_BUNDLE", "SSL_CERT_FILE" } do
        local output = run(code, { [name] = server.ca_file })
        assert.truthy(output:find("no answer scripted", 1, true), output)
        output = run(code, { [name] = "/no/such/file" })
        assert.truthy(output:find("authorities that " .. name .. " names cannot be used: /no/such/file", 1, true),
          output)
      end
      local output = run(([[show(client { api_url = tls .. "/api", ca_file = %q }:get_config())]])
        :format(server.ca_file), { CURL_CA_BUNDLE = "/no/such/file" })
      assert.truthy(output:find("no answer scripted", 1, true), output)
    end)
  end)

  it("says that there are no descriptors left", function()
    local output = run([[
      local c = client { api_url = base .. "/api" }
      client { api_url = base .. "/api" }:get_config() -- loads what there is to load
      local held, file = {}, nil
      repeat
        file = io.open "/dev/null"
        held[#held + 1] = file
      until not file
      show(c:get_config())
    ]], {})
    assert.truthy(output:find("Too many open files", 1, true), output)
  end)

  describe("that ends at a page of HTML", function()
    local PAGE = "<!doctype html>\r\n<!-- Made elsewhere -->\r\n<html><head><title>Welcome</title></head></html>"
    local client

    before_each(function()
      client = support.client(server, { max_retries = 0, timeout = 5 })
    end)

    after_each(function()
      client:close()
    end)

    local function answer(status, headers, body)
      server:script({}, { { status = status, headers = headers or { ["Content-Type"] = "text/html; charset=utf-8" },
        body = body or PAGE, times = 0 } })
    end

    local function check(value, err, question)
      assert.is_nil(value)
      support.sound_error(err)
      assert.equal(PAGE, err.body)
      assert.truthy(err.message:find(server:url(), 1, true), err.message)
      assert.truthy(err.message:find("text/html", 1, true), err.message)
      assert.truthy(err.message:find("<!doctype html> <!-- Made elsewhere --> <html><head><title>Welcome", 1, true),
        err.message)
      assert.truthy(err.message:find(question, 1, true), err.message)
      return err
    end

    it("is told by every call of the API", function()
      answer(200)
      for _, call in ipairs {
        function() return client:create {} end,
        function() return client:get "x" end,
        function() return client:list_page() end,
        function() return client:sandbox("x"):refresh_activity() end,
      } do
        local value, err = call()
        assert.equal("protocol", check(value, err, "is api_url right?").kind)
      end
    end)

    it("is told by every call of the toolbox, downloads too", function()
      answer(200)
      local sandbox = client:sandbox { id = "sb-1", toolbox_proxy_url = server:url "/box" }
      local target = support.temp_dir() .. "/file"
      for _, call in ipairs {
        function() return sandbox.process:exec "true" end,
        function() return sandbox.fs:list_files "x" end,
        function() return sandbox.fs:create_folder "x" end,
        function() return sandbox.fs:download_file "x" end,
        function() return sandbox.fs:download_file("x", target) end,
        function() return sandbox.fs:download_files { "x", "y" } end,
        function() return sandbox.fs:upload_file({ content = "x" }, "x") end,
      } do
        local value, err = call()
        assert.equal("protocol", check(value, err, "is the toolbox_proxy_url of the sandbox right?").kind)
      end
      assert.is_nil(io.open(target))
      local ok, err = pcall(function()
        for chunk in sandbox.fs:read_file "x" do
          error("got " .. chunk)
        end
      end)
      check(ok or nil, err, "right?")
    end)

    it("is told with the status of a failure", function()
      answer(405)
      local err = check(nil, select(2, client:create {}), "is api_url right?")
      assert.equal(405, err.status)
      server:reset()
      answer(502)
      err = select(2, client:create {})
      assert.equal("bad_gateway", err.kind)
      assert.is_nil(err.message:find("right?", 1, true), err.message)
    end)

    it("is no page when a file of the sandbox is one", function()
      answer(200, { ["Content-Type"] = "application/octet-stream" })
      local sandbox = client:sandbox { id = "sb-1", toolbox_proxy_url = server:url "/box" }
      assert.equal(PAGE, assert(sandbox.fs:download_file "index.html"))
    end)
  end)

  describe("with an answer in another coat", function()
    local client

    before_each(function()
      client = support.client(server, { max_retries = 0, timeout = 5 })
    end)

    after_each(function()
      client:close()
    end)

    local function config(body, headers, status)
      server:reset()
      server:script({}, { { status = status, headers = headers, body_hex = body:gsub(".", function(c)
        return ("%02x"):format(c:byte())
      end) } })
      return client:get_config()
    end

    it("reads what is compressed although nobody asked", function()
      local packed = support.run("printf '{\"message\": \"no such thing\"}' | gzip -c | od -An -v -tx1")
      server:script({}, { { status = 404, headers = { ["Content-Encoding"] = "gzip" },
        body_hex = packed:gsub("%s", "") } })
      local _, err = client:get_config()
      assert.equal("no such thing", err.message)
    end)

    it("reads JSON behind a byte order mark", function()
      assert.equal("1", assert(config '\239\187\191{"version": "1"}').version)
      local _, err = config('\239\187\191{"message": "no"}', nil, 400)
      assert.equal("no", err.message)
    end)

    it("reads halves of surrogate pairs as U+FFFD", function()
      local value = assert(config([[{"a": "x\ud800y", "b": "\udc00", "c": "\ud83d\ude00", "d": "\\ud800",]]
        .. [["e": "\ud800\ud83d\ude00"}]]))
      assert.equal("x\239\191\189y", value.a)
      assert.equal("\239\191\189", value.b)
      assert.equal("\240\159\152\128", value.c)
      assert.equal("\\ud800", value.d)
      assert.equal("\239\191\189\240\159\152\128", value.e)
      local _, err = config [[{"a": "\ud800]]
      assert.equal("protocol", err.kind)
      assert.equal([[{"a": "\ud800]], err.body)
    end)
  end)

  it("explains what cannot go on it", function()
    local client = support.client(server)
    assert.equal("sandbox.get: field 'timeout': number expected, got NaN",
      support.raised(client.get, client, "x", { timeout = 0 / 0 }))
    local body = {}
    body.self = body
    assert.equal("client.request: field 'body': key 'self': key 'self': key 'self': key 'self': ... "
      .. "key 'self': nested too deep (is there a cycle?)",
      support.raised(client.request, client, "POST", "/x", { body = body }))
    assert.equal("client.request: field 'query': key 'n': not a finite number",
      support.raised(client.request, client, "GET", "/x", { query = { n = 1 / 0 } }))
    client:close()
  end)
end)
