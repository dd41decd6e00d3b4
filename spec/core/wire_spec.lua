-- What goes over the wire, byte by byte, and what comes back from it.

local daytona = require "daytona"
local support = require "spec.support"

describe("on the wire", function()
  local server, client, sandbox

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    client = support.client(server)
    sandbox = support.sandbox(client, server, "json")
  end)

  after_each(function()
    client:close()
  end)

  local function answer(body, options)
    options = options or {}
    server:script({ path_prefix = "/api/" },
      { { body = body, status = options.status, headers = options.headers } })
  end

  -- A handle whose toolbox gives this JSON text.
  local function answering(body)
    return support.sandbox(client, server, "json", { body = body })
  end

  describe("headers", function()
    it("say who asks, on both planes", function()
      answer '{"id": "sb-1"}'
      assert(client:get "sb-1")
      assert(sandbox.process:exec "true")
      local requests = server:requests()
      assert.equal(2, #requests)
      for _, request in ipairs(requests) do
        local headers = request.headers
        assert.equal("Bearer " .. support.api_key, headers.authorization)
        assert.equal("sdk-lua", headers["x-daytona-source"])
        assert.equal("0.205.1", headers["x-daytona-sdk-version"])
        assert.truthy(headers["user-agent"]:find(daytona.version, 1, true))
        assert.equal("application/json", headers.accept)
        assert.is_nil(headers["x-daytona-organization-id"])
      end
      assert.is_nil(requests[1].headers["content-type"])
      assert.equal("application/json", requests[2].headers["content-type"])
    end)

    it("name the organization with a JWT", function()
      local with_jwt = support.client(server, {
        api_key = false, jwt_token = "e.y.J", organization_id = "org-1",
      })
      answer '{"id": "sb-1"}'
      assert(with_jwt:get "sb-1")
      local headers = server:last().headers
      assert.equal("Bearer e.y.J", headers.authorization)
      assert.equal("org-1", headers["x-daytona-organization-id"])
      with_jwt:close()
    end)

    it("are sent once each, and no body goes with a GET", function()
      answer '{"id": "sb-1"}'
      assert(client:get "sb-1")
      local request, seen = server:last(), {}
      for _, pair in ipairs(request.header_list) do
        local name = pair[1]:lower()
        assert.is_nil(seen[name], name .. " sent twice")
        seen[name] = true
      end
      assert.equal(0, request.body_size)
      assert.is_nil(seen["content-length"])
      assert.is_nil(seen.expect)
    end)

    it("ask for an answer as it is, unless the caller asks for another one", function()
      answer "{}"
      assert(client:request("GET", "/anything"))
      assert.equal("identity", server:last().headers["accept-encoding"])
      answer "{}"
      assert(client:request("GET", "/anything", { headers = { ["accept-encoding"] = "gzip" } }))
      assert.equal("gzip", server:last().headers["accept-encoding"])
    end)

    it("of a free request are added to the usual ones", function()
      answer "{}"
      assert(client:request("POST", "/anything", {
        headers = { ["X-Mine"] = "1" }, body = { a = 1 },
      }))
      local headers = server:last().headers
      assert.equal("1", headers["x-mine"])
      assert.equal("Bearer " .. support.api_key, headers.authorization)
      assert.equal("application/json", headers["content-type"])
    end)
  end)

  describe("bodies", function()
    local function sent()
      return server:last().body
    end

    it("have the wire's names and only what was given", function()
      assert(sandbox.process:exec("ls", { cwd = "a", env = { A = "1" }, timeout = 7 }))
      support.eq({ command = "ls", cwd = "a", envs = { A = "1" }, timeout = 7 },
        support.json.decode(sent()))
      assert.truthy(sent():find('"timeout":7[,}]'), sent())
      assert(sandbox.process:exec "ls")
      support.eq({ command = "ls" }, support.json.decode(sent()))
    end)

    it("have an empty list as [] and an empty map as {}", function()
      assert(sandbox.process:code_run("1", { language = "python", argv = {}, env = {} }))
      assert.truthy(sent():find('"argv":[]', 1, true), sent())
      assert.truthy(sent():find('"envs":{}', 1, true), sent())
      answer '{"id": "sb-1", "state": "started"}'
      assert(client:create { volumes = {}, env = {}, labels = {}, wait = false })
      assert.truthy(sent():find('"volumes":[]', 1, true), sent())
      assert.truthy(sent():find('"env":{}', 1, true), sent())
    end)

    it("keep the user's own keys as they are", function()
      local mine = { camelCase = "1", snake_case = "2", ["with-dash"] = "3", PATH = "4" }
      assert(sandbox.process:exec("true", { env = mine }))
      support.eq(mine, support.json.decode(sent()).envs)
      answer '{"id": "sb-1", "state": "started"}'
      assert(client:create { labels = mine, env = mine, wait = false })
      local body = support.json.decode(sent())
      support.eq(mine, body.env)
      for key, value in pairs(mine) do
        assert.equal(value, body.labels[key])
      end
    end)

    it("do not change the caller's tables", function()
      local labels, env = { a = "1" }, { B = "2" }
      local options = { labels = labels, env = env, language = "python", wait = false }
      answer '{"id": "sb-1", "state": "started"}'
      assert(client:create(options))
      support.eq({ a = "1" }, labels)
      support.eq({ B = "2" }, env)
      support.eq({ labels = labels, env = env, language = "python", wait = false }, options)
    end)

    it("carry every character", function()
      for _, text in ipairs {
        "nul \0 inside", "quotes \" ' \\ /", "lines\r\n\ttabs", "\1\2\31\127",
        "\195\164\226\130\172\240\159\144\139", "</script>",
      } do
        assert(sandbox.process:exec(text))
        assert.equal(text, support.json.decode(sent()).command)
      end
    end)

    it("carry large texts whole", function()
      local text = ("0123456789abcdef"):rep(65536)
      assert(sandbox.process:exec(text))
      assert.equal(#'{"command":""}' + #text, server:last().body_size)
    end)

    it("of a free request are exact", function()
      answer "{}"
      assert(client:request("POST", "/anything", { body = {
        list = daytona.array {}, map = {}, no = false, none = daytona.null,
        nested = { camelCase = { snake_case = { 1, 2 } } },
      } }))
      local body = sent()
      assert.truthy(body:find('"list":[]', 1, true), body)
      assert.truthy(body:find('"map":{}', 1, true), body)
      assert.truthy(body:find('"no":false', 1, true), body)
      assert.truthy(body:find('"none":null', 1, true), body)
      assert.truthy(body:find('{"camelCase":{"snake_case":[1,2]}}', 1, true), body)
    end)

    it("write large integers exactly", function()
      for _, number in ipairs { 123456789012345, 2 ^ 53, -2 ^ 53 } do
        answer "{}"
        assert(client:request("POST", "/anything", { body = { n = number } }))
        assert.equal(('{"n":%s}'):format(string.format("%.0f", number)), sent())
      end
      if math.maxinteger then
        answer "{}"
        assert(client:request("POST", "/anything", {
          body = { n = math.maxinteger, m = 9007199254740993 } }))
        assert.truthy(sent():find('"n":9223372036854775807', 1, true), sent())
        assert.truthy(sent():find('"m":9007199254740993', 1, true), sent())
      end
    end)
  end)

  describe("paths", function()
    local function path_of(id)
      answer(support.json.encode { id = id })
      assert(client:get(id))
      return (server:last().target:gsub("^/api/sandbox/", ""))
    end

    it("escape every byte of an id that needs it", function()
      assert.equal("plain-1.2_3~4", path_of "plain-1.2_3~4")
      assert.equal("a%2Fb", path_of "a/b")
      assert.equal("a%20b%3Fc%23d%25e%26f%2Bg", path_of "a b?c#d%e&f+g")
      assert.equal("%C3%A4%F0%9F%90%8B", path_of "\195\164\240\159\144\139")
      assert.equal("%2F..%2F..%2Fadmin", path_of "/../../admin")
      assert.equal("a%5C%22%3B%40%3A", path_of 'a\\";@:')
    end)

    it("cannot be climbed by an id of dots", function()
      for _, id in ipairs { ".", ".." } do
        local ok, message = pcall(client.get, client, id)
        for _, request in ipairs(server:requests()) do
          assert.truthy(request.target:find "^/api/sandbox/[^/]+$", request.target)
        end
        if not ok then
          assert.truthy(message:find("sandbox.get", 1, true), message)
        end
        server:reset()
      end
    end)

    it("carry any byte of a file name in the query", function()
      for name, expected in pairs {
        ["a b&c=d+e"] = "a b&c=d+e", ["\195\164"] = "\195\164", ["x%41?#"] = "x%41?#",
      } do
        sandbox.fs:get_file_info(name) -- that its answer has no name is an error, and of no matter here
        assert.equal(expected, server:last().query.path[1])
      end
      assert(sandbox.fs:download_file "\255\254/\1")
      assert.truthy(server:last().target:find("path=%FF%FE%2F%01", 1, true)
        or server:last().target:find("path=%FF%FE/%01", 1, true), server:last().target)
    end)

    it("repeat list parameters and send maps as JSON text", function()
      answer '{"items": [], "nextCursor": null}'
      support.eq({ items = {} }, assert(client:list_page {
        states = { "started", "stopped" }, labels = { a_b = "c d" }, limit = 5,
        targets = { "us" }, is_public = false, min_memory_gib = 1,
      }))
      support.eq({
        states = { "started", "stopped" }, labels = { '{"a_b":"c d"}' },
        limit = { "5" }, regionIds = { "us" }, isPublic = { "false" },
        minMemoryGiB = { "1" },
      }, server:last().query)
    end)

    it("leave empty lists out of the query and keep an empty map", function()
      answer '{"items": []}'
      assert(client:list_page { states = {} })
      assert.is_nil(server:last().query.states)
    end)
  end)

  describe("NUL, CR and LF", function()
    local BAD = { "a\0b", "a\rb", "a\nb", "a\r\nX-Evil: 1" }

    it("are refused in ids", function()
      for _, id in ipairs(BAD) do
        assert.equal("sandbox.get: field 'sandbox_id': contains "
          .. (id:find "%z" and "NUL" or "CR or LF"), support.raised(client.get, client, id))
      end
      assert.equal(0, #server:requests())
    end)

    it("are refused in what becomes a header", function()
      for _, bad in ipairs(BAD) do
        for _, options in ipairs {
          { api_key = bad },
          { jwt_token = "j", organization_id = bad },
          { jwt_token = bad, organization_id = "o" },
          { api_key = "k", api_url = "http://127.0.0.1:1/" .. bad },
        } do
          assert.is_false((pcall(daytona.new, options)))
        end
        for _, headers in ipairs { { ["X-A"] = bad }, { [bad] = "1" } } do
          assert.is_false((pcall(client.request, client, "GET", "/x", { headers = headers })))
        end
        assert.is_false((pcall(client.request, client, bad, "/x")))
        assert.is_false((pcall(client.request, client, "GET", "/" .. bad)))
      end
      assert.equal(0, #server:requests())
    end)
  end)

  describe("results", function()
    it("have Lua's names, and integers are integers", function()
      local run = assert(answering('{"exitCode": 3, "result": "x"}').process:exec "true")
      support.eq({ exit_code = 3, result = "x" }, run)
      assert.equal("3", tostring(run.exit_code))
    end)

    it("keep unknown fields, in snake_case, all the way down", function()
      local info = assert(answering([[{"name": "a", "size": 1, "newField": {"innerField": [
        {"deepField": 1}]}, "HTTPCode": 2, "x2Y": 3}]]).fs:get_file_info "a")
      assert.equal(1, info.new_field.inner_field[1].deep_field)
    end)

    it("keep the user's own keys as they are", function()
      answer '{"id": "x", "env": {"camelCase": "1"}, "labels": {"otherKey": "2"}}'
      local found = assert(client:get "x")
      support.eq({ camelCase = "1" }, found.env)
      support.eq({ otherKey = "2" }, found.labels)
    end)

    it("turn null into nil, or into an empty list or map", function()
      answer '{"id": "x", "snapshot": null, "env": null, "labels": null, "volumes": null}'
      local found = assert(client:get "x")
      assert.is_nil(found.snapshot)
      support.eq({}, found.env)
      support.eq({}, found.labels)
      support.eq({}, found.volumes)
      answer '{"items": [], "nextCursor": null}'
      support.eq({ items = {} }, assert(client:list_page()))
      support.eq({}, assert(answering("null").fs:list_files()))
    end)

    it("have large integers exactly, or not at all", function()
      for _, digits in ipairs { "9007199254740991", "9007199254740993", "9223372036854775807",
        "-9007199254740993" } do
        local file = answering('{"name": "a", "size": ' .. digits .. "}").fs
        local info, err = file:get_file_info "a"
        if info then
          assert.equal(digits, string.format(math.maxinteger and "%d" or "%.0f", info.size))
        else
          assert.equal("protocol", support.sound_error(err).kind)
        end
      end
      local huge, err = answering('{"size": 92233720368547758080}').fs:get_file_info "a"
      assert.is_nil(huge)
      assert.equal("protocol", support.sound_error(err).kind)
    end)

    it("of the wrong type are a protocol error", function()
      for _, body in ipairs { '{"exitCode": "zero"}', '{"exitCode": 1.5}', "[1]", "3", '"text"',
        '{"exitCode": 0, "result": 5}' } do
        local run, err = answering(body).process:exec "true"
        assert.is_nil(run, body)
        assert.equal("protocol", support.sound_error(err).kind)
      end
    end)

    it("of a free request keep the wire's names", function()
      answer '{"camelCase": {"innerKey": null}, "list": [], "n": 3}'
      local value = assert(client:request("GET", "/anything"))
      assert.equal(3, value.n)
      assert.equal("table", type(value.camelCase))
      support.eq({}, value.list)
      assert.equal("/api/anything", server:last().path)
    end)

    it("carry NUL and any byte", function()
      local run = assert(answering([[{"exitCode": 0, "result": "a\u0000b\u00e4\ud83d\udc0b"}]])
        .process:exec "true")
      assert.equal("a\0b\195\164\240\159\144\139", run.result)
    end)
  end)
end)
