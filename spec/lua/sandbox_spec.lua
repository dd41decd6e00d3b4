-- Creating, reading and configuring sandboxes, on a real server.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails
local LANGUAGE = "code-toolbox-language"

local function is_time(text)
  return type(text) == "string" and text:find "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d+Z$" ~= nil
end

local function is_id(text)
  return type(text) == "string" and #text == 36 and text:find "^[%x-]+$" ~= nil
end

describe("a sandbox", function()
  local server, client

  e2e.serve(function(...)
    client, server = ...
  end, { create = false })

  after_each(function()
    for sandbox in client:list() do
      check(sandbox:delete())
    end
  end)

  describe("is created", function()
    it("with nothing said, and has every field", function()
      local sandbox = check(client:create())
      assert.is_true(is_id(sandbox.id))
      assert.equal(sandbox.id, sandbox.name)
      assert.equal("started", sandbox.state)
      assert.equal("string", type(sandbox.snapshot))
      assert.equal("string", type(sandbox.target))
      assert.equal("string", type(sandbox.organization_id))
      assert.equal("string", type(sandbox.user))
      for _, name in ipairs { "cpu", "gpu", "memory", "disk" } do
        assert.equal("number", type(sandbox[name]), name)
      end
      assert.same({ [LANGUAGE] = "python" }, sandbox.labels)
      assert.same({}, sandbox.env)
      assert.same({}, sandbox.volumes)
      assert.is_false(sandbox.public)
      assert.is_false(sandbox.network_block_all)
      assert.equal(15, sandbox.auto_stop_interval)
      assert.equal(10080, sandbox.auto_archive_interval)
      assert.equal(-1, sandbox.auto_delete_interval)
      assert.is_nil(sandbox.error_reason)
      assert.is_true(is_time(sandbox.created_at))
      assert.is_true(is_time(sandbox.updated_at))
      assert.equal("string", type(sandbox.toolbox_proxy_url))
    end)

    it("with integers as integers", function()
      local sandbox = check(client:create { auto_stop_interval = 30 })
      assert.equal("30", tostring(sandbox.auto_stop_interval))
      assert.equal("-1", tostring(sandbox.auto_delete_interval))
      assert.equal("1", tostring(sandbox.cpu):match "^%d+")
    end)

    it("with everything that can be said", function()
      local sandbox = check(client:create {
        name = "Ein Name mit \195\156", language = "javascript",
        env = { GREETING = "hello w\195\182rld", EMPTY = "", ["lower_1"] = "a=b \"c\" 'd' $e" },
        labels = { job = "42", ["with space"] = "\226\130\172", empty = "" },
        public = true, auto_stop_interval = 0, auto_archive_interval = 60, auto_delete_interval = 120,
        network_block_all = false,
      })
      local found = check(client:get(sandbox.id))
      for _, one in ipairs { sandbox, found } do
        assert.equal("Ein Name mit \195\156", one.name)
        assert.same({ GREETING = "hello w\195\182rld", EMPTY = "", lower_1 = "a=b \"c\" 'd' $e" }, one.env)
        assert.same({ job = "42", ["with space"] = "\226\130\172", empty = "", [LANGUAGE] = "javascript" },
          one.labels)
        assert.is_true(one.public)
        assert.equal(0, one.auto_stop_interval)
        assert.equal(60, one.auto_archive_interval)
        assert.equal(120, one.auto_delete_interval)
      end
      assert.equal("hello w\195\182rld|a=b \"c\" 'd' $e|x\n",
        e2e.shell(sandbox, [[echo "$GREETING|$lower_1|x$EMPTY"]]))
    end)

    it("in the language of its label, when the label says one", function()
      local sandbox = check(client:create { labels = { [LANGUAGE] = "typescript" } })
      assert.equal("typescript", sandbox.labels[LANGUAGE])
    end)

    it("from a snapshot by name or id", function()
      local snapshot = check(client:create()).snapshot
      assert.equal(snapshot, check(client:create { snapshot = snapshot }).snapshot)
      local described = check(client:request("GET", "/snapshots/" .. snapshot))
      assert.equal(snapshot, check(client:create { snapshot = described.id }).snapshot)
    end)

    it("in a target, that of the client by default", function()
      local target = check(client:create()).target
      assert.equal(target, check(client:create { target = target }).target)
      local elsewhere = check(server:client { target = "nowhere" })
      fails({ kind = "not_found", status = 404, message = "Region not found" }, elsewhere:create())
      assert.equal(target, check(elsewhere:create { target = target }).target)
      elsewhere:close()
    end)

    it("ephemeral", function()
      local sandbox = check(client:create { ephemeral = true })
      assert.equal(0, sandbox.auto_delete_interval)
      assert.equal(0, check(client:create { ephemeral = true, auto_delete_interval = 0 }).auto_delete_interval)
      assert.equal("sandbox.create: field 'auto_delete_interval': an ephemeral sandbox has none",
        support.raised(client.create, client, { ephemeral = true, auto_delete_interval = 5 }))
    end)

    it("without waiting", function()
      local sandbox = check(client:create { wait = false })
      assert.equal("creating", sandbox.state)
      assert.equal(sandbox, check(sandbox:wait_until_started()))
      assert.equal("started", sandbox.state)
      assert.equal("up\n", e2e.shell(sandbox, "echo up"))
    end)

    it("without a network, if asked to", function()
      local sandbox = check(client:create { network_block_all = true })
      assert.is_true(check(client:get(sandbox.id)).network_block_all)
      local run = check(sandbox.process:exec(
        ("(echo > /dev/tcp/127.0.0.1/%s) 2>/dev/null"):format(server.api_url:match ":(%d+)")))
      assert.are_not.equal(0, run.exit_code)
    end)
  end)

  describe("is not created", function()
    it("under a name that is taken", function()
      local first = check(client:create { name = "taken" })
      fails({ kind = "conflict", status = 409, operation = "sandbox.create", outcome = "failed",
        message = "Sandbox with name taken already exists" }, client:create { name = "taken" })
      assert.equal(first.id, check(client:get "taken").id)
    end)

    it("when the server refuses what is asked for", function()
      local cases = {
        { { snapshot = "no such" }, "Snapshot no such not found", 400, "bad_request" },
        { { name = "<b>x</b>" }, "name must not contain HTML tags, URLs, or control characters", 400, "bad_request" },
        { { cpu = 2 }, "Cannot specify Sandbox resources when using a snapshot", 400, "bad_request" },
        { { memory = 4, disk = 8 }, "Cannot specify Sandbox resources when using a snapshot", 400, "bad_request" },
        { { network_allow_list = "1.2.3.4" }, "Invalid network format", 400, "bad_request" },
        { { target = "moon" }, "Region not found", 404, "not_found" },
        { { volumes = { { volume_id = "none", mount_path = "/data" } } }, "Volume 'none' not found", 404, "not_found" },
      }
      for _, case in ipairs(cases) do
        local err = fails({ kind = case[4], status = case[3], message = case[2], method = "POST" },
          client:create(case[1]))
        assert.is_nil(err.sandbox_id)
      end
      assert.is_nil((client:list()()))
    end)

    it("by a client with a wrong key", function()
      local stranger = check(server:client { api_key = "dtn_wrong" })
      local err = fails({ kind = "unauthorized", status = 401, message = "Invalid credentials" }, stranger:create())
      assert.is_nil(tostring(err):find("dtn_wrong", 1, true))
      fails({ kind = "unauthorized" }, stranger:list_page())
      fails({ kind = "unauthorized" }, stranger:get "x")
      stranger:close()
    end)

    it("in no time", function()
      local seconds, sandbox, err = support.timed(client.create, client, { timeout = 0.001 })
      fails({ kind = "timeout", operation = "sandbox.create", outcome = "unknown" }, sandbox, err)
      assert.is_true(seconds < 10, seconds)
    end)
  end)

  describe("is read", function()
    it("by id and by name", function()
      local sandbox = check(client:create { name = "by-name" })
      assert.equal(sandbox.id, check(client:get "by-name").id)
      assert.same(check(client:get(sandbox.id)):to_table(), check(client:get "by-name"):to_table())
    end)

    it("by names that need escaping", function()
      for _, name in ipairs { "a b", " ends ", "50%", "%20", "a+b", "q?x=1#frag", "a&b=c",
        "\195\188\226\130\172\240\159\152\128",
        "...", "a/b", "/", "'\"`$(x)", "a\\b", "semi;colon,comma", "~!@*()[]{}|^", ("n"):rep(200) } do
        local sandbox = check(client:create { name = name, wait = false })
        assert.equal(name, sandbox.name)
        assert.equal(sandbox.id, check(client:get(name)).id, name)
        check(sandbox:delete())
      end
    end)

    it("again, into the same handle", function()
      local sandbox = check(client:create())
      local other = check(client:get(sandbox.id))
      check(other:set_labels { new = "1" })
      assert.is_nil(sandbox.labels.new)
      assert.equal(sandbox, check(sandbox:refresh()))
      assert.equal("1", sandbox.labels.new)
    end)

    it("unless there is none", function()
      for _, id in ipairs { "nobody", "00000000-0000-0000-0000-000000000000", "a b%2F/\195\188" } do
        local err = fails({ kind = "not_found", status = 404, operation = "sandbox.get", sandbox_id = id,
          attempts = 1, method = "GET", retryable = false, outcome = "failed" }, client:get(id))
        assert.truthy(err.message:find(("Sandbox with ID or name %s not found"):format(id), 1, true))
      end
      fails({ kind = "not_found", sandbox_id = "gone" }, client:sandbox("gone"):refresh())
    end)

    it("only with an id that says something", function()
      for _, id in ipairs { "", " ", "\t\n" } do
        assert.equal("sandbox.get: field 'sandbox_id': must not be blank", support.raised(client.get, client, id))
      end
      -- In a URL these two mean another path.
      for _, id in ipairs { ".", ".." } do
        assert.equal(("sandbox.get: field 'sandbox_id': '%s' cannot be an id"):format(id),
          support.raised(client.get, client, id))
      end
    end)
  end)

  describe("has labels", function()
    it("that are replaced, and keep the language", function()
      local sandbox = check(client:create { language = "typescript", labels = { old = "1" } })
      local labels = check(sandbox:set_labels { new = "2" })
      assert.same({ new = "2", [LANGUAGE] = "typescript" }, labels)
      assert.same(labels, sandbox.labels)
      assert.same(labels, check(client:get(sandbox.id)).labels)
    end)

    it("that may all go, but the language", function()
      local sandbox = check(client:create { labels = { a = "1" } })
      assert.same({ [LANGUAGE] = "python" }, check(sandbox:set_labels {}))
    end)

    it("whose language may be set by name", function()
      local sandbox = check(client:create())
      assert.same({ [LANGUAGE] = "javascript" }, check(sandbox:set_labels { [LANGUAGE] = "javascript" }))
      assert.equal("js\n", check(sandbox.process:code_run "console.log('js')").result)
    end)

    it("of a handle that has not been read yet", function()
      local id = check(client:create { language = "javascript" }).id
      assert.same({ x = "y", [LANGUAGE] = "javascript" }, check(client:sandbox(id):set_labels { x = "y" }))
    end)

    it("in any script, and does not change the caller's table", function()
      local sandbox = check(client:create())
      local mine = { ["\208\186\208\187\209\142\209\135"] = "\230\176\180 \"quoted\" \\ \1", [""] = "empty" }
      local labels = check(sandbox:set_labels(mine))
      assert.is_nil(mine[LANGUAGE])
      assert.equal("\230\176\180 \"quoted\" \\ \1", labels["\208\186\208\187\209\142\209\135"])
      assert.equal("empty", labels[""])
    end)

    it("only while it exists", function()
      fails({ kind = "not_found", sandbox_id = "nobody" }, client:sandbox("nobody"):set_labels { a = "b" })
    end)
  end)

  describe("has settings", function()
    it("that can be changed", function()
      local sandbox = check(client:create())
      assert.equal(sandbox, check(sandbox:set_auto_stop_interval(0)))
      check(sandbox:set_auto_archive_interval(30))
      check(sandbox:set_auto_delete_interval(-7))
      check(sandbox:set_public(true))
      local found = check(client:get(sandbox.id))
      for _, one in ipairs { sandbox, found } do
        assert.equal(0, one.auto_stop_interval)
        assert.equal(30, one.auto_archive_interval)
        assert.equal(-7, one.auto_delete_interval)
        assert.is_true(one.public)
      end
      assert.is_false(check(sandbox:set_public(false)).public)
    end)

    it("whose values are checked before anything is sent", function()
      local sandbox = client:sandbox "nobody"
      assert.equal("sandbox.set_auto_stop_interval: field 'interval': out of range (0 to 2147483647)",
        support.raised(sandbox.set_auto_stop_interval, sandbox, -1))
      assert.equal("sandbox.set_auto_stop_interval: field 'interval': required",
        support.raised(sandbox.set_auto_stop_interval, sandbox))
    end)

    it("and counts activity", function()
      local sandbox = check(client:create())
      assert.is_true(check(sandbox:refresh_activity()))
    end)
  end)

  it("says where it works", function()
    local sandbox = check(client:create())
    local directory = check(sandbox:get_work_dir())
    assert.equal(directory .. "\n", e2e.shell(sandbox, "pwd"))
    assert.equal(e2e.shell(sandbox, "echo $HOME"), check(sandbox:get_user_home_dir()) .. "\n")
    assert.equal("string", type(check(sandbox:get_version())))
  end)

  it("says where its ports are", function()
    local sandbox = check(client:create())
    local link = check(sandbox:get_preview_link(8000))
    assert.equal(sandbox.id, link.sandbox_id)
    assert.truthy(link.url:find "^http://")
    assert.truthy(link.url:find("8000", 1, true))
    assert.truthy(#link.token > 0)
    assert.equal("sandbox.get_preview_link: field 'port': out of range (1 to 65535)",
      support.raised(sandbox.get_preview_link, sandbox, 65536))
  end)

  it("is told apart by the server's configuration", function()
    local config = check(client:get_config())
    assert.equal("string", type(config.version))
    assert.equal("string", type(config.default_snapshot))
  end)

  it("does not change the caller's options", function()
    local options = { labels = { a = "b" }, language = "python" }
    check(client:create(options))
    assert.same({ labels = { a = "b" }, language = "python" }, options)
  end)
end)
