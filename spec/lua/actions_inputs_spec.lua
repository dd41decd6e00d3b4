-- daytona.actions: what a model or a program fills in.

local daytona = require "daytona"

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local actions = daytona.actions
local check, fails = e2e.check, e2e.fails

local acting = require "spec.support.actions"
local PUBLISHED = require "spec.support.published_actions"

describe("daytona.actions", function()
  local server, client, sandbox

  e2e.serve(function(...)
    sandbox, client, server = ...
  end, { create = { name = "acted on", language = "python" } })

  local _, act = acting(function()
    return server, sandbox
  end)

  describe("take what a language model gives", function()
    it("numbers and booleans as strings", function()
      local made = act("create_sandbox", { autoStopInterval = "30", autoDeleteInterval = " -1 ", public = "true",
        autoArchiveInterval = "60.0" }).sandbox
      assert.equal(30, made.autoStopInterval)
      local handle = check(client:get(made.id))
      assert.same({ 60, -1 }, { handle.auto_archive_interval, handle.auto_delete_interval })
      assert.is_true(made.public)
      act("delete_sandbox", { sandboxId = made.id })
      made = act("create_sandbox", { public = "False", autoStopInterval = 5.0 }).sandbox
      assert.is_false(made.public)
      assert.equal(5, made.autoStopInterval)
      act("delete_sandbox", { sandboxId = made.id })
    end)

    it("maps with numbers and booleans in them", function()
      local output = act("execute_command", { command = "echo $A $B $C", env = { A = 1, B = true, C = 1.5 } })
      assert.equal("1 true 1.5\n", output.result)
    end)

    it("maps as rows and as JSON text", function()
      for _, env in ipairs {
        { { key = "A", value = "1" }, { key = "B", value = 2 }, { key = "", value = "" } },
        { { "A", "1" }, { "B", 2 } }, '{"A":"1","B":2}', '[{"key":"A","value":"1"},{"key":"B","value":2}]',
      } do
        assert.equal("1 2\n", act("execute_command", { command = "echo $A $B", env = env }).result)
      end
      for _, none in ipairs { "", "{}", "[]", {} } do
        assert.equal("\n", act("execute_command", { command = "echo $A", env = none }).result)
      end
      local made = act("create_sandbox", { labels = '{"team":"a"}', env = { { key = "K", value = "v" } } }).sandbox
      assert.equal("a", made.labels.team)
      assert.equal(made.id, act("list_sandboxes", { labels = { { key = "team", value = "a" } } }).sandboxes[1].id)
      act("delete_sandbox", { sandboxId = made.id })
    end)

    it("limits that are too small, too large or no whole number", function()
      for _, limit in ipairs { 0, -3, 500, 2.7, "201", "1e9", math.huge } do
        assert.is_table(act("list_sandboxes", { limit = limit }).sandboxes)
      end
      assert.equal(1, #act("list_sandboxes", { limit = 1.9 }).sandboxes)
    end)

    it("fields that the action does not know, which a hook sees", function()
      local seen = {}
      local output = act("execute_command", { command = "echo x", explanation = "I try it", apiKey = "dtn_other" },
        { on_unknown = function(action, field, value)
          seen[field] = { action, value }
        end })
      assert.equal("x\n", output.result)
      assert.same({ explanation = { "daytona_execute_command", "I try it" },
        apiKey = { "daytona_execute_command", "dtn_other" } }, seen)
    end)

    it("paths with white space around them", function()
      act("upload_file", { destinationPath = " w/one ", file = { content = "1" } })
      assert.equal("1", act("download_file", { filePath = "\tw/one" }).file.content)
      assert.equal(1, #act("list_files", { path = " w\n" }).files)
    end)

    it("empty strings and nulls for what is absent", function()
      local made = act("create_sandbox", { snapshot = "", name = "", target = "", user = "", cpu = "", public = "",
        autoStopInterval = daytona.null }).sandbox
      assert.equal(made.id, made.name)
      act("delete_sandbox", { sandboxId = made.id })
      assert.equal("x\n", act("execute_command", { command = "echo x", cwd = "", timeout = "" }).result)
      assert.truthy(act("list_files", { path = "" }).files)
      assert.truthy(act("list_sandboxes", { cursor = "", limit = "", name = "" }).sandboxes)
    end)

    it("ids with white space around them, and names", function()
      assert.equal(sandbox.id, act("get_sandbox", { sandboxId = "  " .. sandbox.id .. "\n" }).sandbox.id)
      assert.equal("x\n", act("execute_command", { sandboxId = " acted on ", command = "echo x" }).result)
    end)
  end)

  describe("refuse, before anything is sent,", function()
    -- The address answers nothing: whatever is sent gives another kind.
    local function refuses(name, input, message)
      local err = fails({ kind = "bad_request", operation = "daytona_" .. name, outcome = "failed" },
        actions["daytona_" .. name](input, { apiKey = "k", apiUrl = "http://127.0.0.1:1/api" }))
      assert.is_nil(err.status)
      assert.equal(message, err.message)
    end

    it("what is missing", function()
      for name, inputs in pairs(PUBLISHED) do
        local given = {}
        for _, input in ipairs(inputs) do
          local field = input:match "^(%w+)!"
          if field then
            local some = {}
            for key, value in pairs(given) do
              some[key] = value
            end
            refuses(name:gsub("daytona_", ""), some, ("field '%s': required"):format(field))
            given[field] = "x"
          end
        end
      end
      refuses("upload_file", { sandboxId = "x", destinationPath = "y" }, "field 'file': required (or fileContent)")
    end)

    it("blank ids", function()
      for _, id in ipairs { "", " ", "\t\n " } do
        for name, inputs in pairs(PUBLISHED) do
          if inputs[1]:find "^sandboxId" then
            refuses(name:gsub("daytona_", ""), { sandboxId = id }, "field 'sandboxId': required")
          end
        end
      end
    end)

    it("what has the wrong type", function()
      refuses("get_sandbox", { sandboxId = 5 }, "field 'sandboxId': string expected, got number")
      local rows = "object, rows of key and value, or JSON text of them expected, got string"
      refuses("create_sandbox", { labels = "a=b" }, "field 'labels': " .. rows)
      refuses("create_sandbox", { labels = "[1, 2" }, "field 'labels': " .. rows)
      refuses("create_sandbox", { env = "5" }, "field 'env': " .. rows)
      refuses("create_sandbox", { env = { { key = "A" } } }, "field 'env': object of strings expected, got table")
      refuses("create_sandbox", { env = { 1, 2 } }, "field 'env': object of strings expected, got table")
      refuses("create_sandbox", { env = { A = {} } }, "field 'env': object of strings expected, got table")
      refuses("create_sandbox", { public = "yes" }, "field 'public': boolean expected, got string")
      refuses("create_sandbox", { autoStopInterval = "soon" }, "field 'autoStopInterval': integer expected, got string")
      refuses("create_sandbox", { autoStopInterval = 1.5 }, "field 'autoStopInterval': integer expected, got number")
      refuses("list_sandboxes", { limit = "many" }, "field 'limit': integer expected, got string")
      refuses("upload_file", { sandboxId = "x", destinationPath = " ", file = { content = "x" } },
        "field 'destinationPath': required")
      refuses("download_file", { sandboxId = "x", filePath = "\n" }, "field 'filePath': required")
      refuses("run_code", { sandboxId = "x", code = "y", language = "ruby" },
        "field 'language': python, javascript, typescript expected, got 'ruby'")
      refuses("upload_file", { sandboxId = "x", destinationPath = "y", fileContent = "no base64!" },
        "field 'fileContent': not base64")
      refuses("upload_file", { sandboxId = "x", destinationPath = "y/", fileContent = "AAAA" },
        "field 'fileName': required, the destination is a directory")
      refuses("upload_file", { sandboxId = "x", destinationPath = "y", file = 5 },
        "field 'file': a reference, an open file or { name, content } expected")
    end)

    it("calls without a table, or with another second argument", function()
      for name in pairs(PUBLISHED) do
        local err = fails({ kind = "bad_request", operation = name }, actions[name]())
        assert.equal("table expected, got nil", err.message)
      end
      local function of(program)
        return fails({ kind = "bad_request" }, actions.daytona_get_sandbox({ sandboxId = "x" }, program)).message
      end
      assert.equal("table expected as the second argument, got string", of "k")
      assert.equal("second argument: unknown field 'api_key'", of { api_key = "k" })
      assert.equal("second argument: field 'apiKey': string expected, got number", of { apiKey = 5 })
      assert.equal("second argument: field 'files': table or function expected, got string", of { files = "/" })
    end)

    it("addresses that are none", function()
      local err = fails({ kind = "bad_request" },
        actions.daytona_get_sandbox({ sandboxId = "x" }, { apiKey = "k", apiUrl = "ftp://x" }))
      assert.truthy(err.message:find("ftp://x", 1, true))
    end)
  end)

  describe("in the form of one table", function()
    local function refuses(input, message)
      local err = fails({ kind = "bad_request", outcome = "failed" }, actions.daytona_get_sandbox(input))
      assert.truthy(err.message:find(message, 1, true), err.message)
    end

    it("need a key", function()
      refuses({ sandboxId = "x" }, "field 'apiKey': required")
      refuses({ apiKey = "", sandboxId = "x" }, "field 'apiKey': required")
    end)

    it("send the key to no server that the table names", function()
      local faulty = support.fault_server()
      faulty:script({ path_prefix = "/" }, { { body = { id = "x" } } })
      refuses({ apiKey = "k", apiUrl = faulty:url "/api", sandboxId = "x" }, "only the program names the server")
      refuses({ apiKey = "k", savePath = "/tmp/x", sandboxId = "x" }, "only the program says where a file is saved")
      assert.equal(0, #faulty:requests())
      faulty:close()
    end)

    it("go to the server of DAYTONA_API_URL", function()
      local output = support.run(support.lua_command(([[
        local actions = require("daytona").actions
        for _, url in ipairs { "", os.getenv "DAYTONA_API_URL" .. "/" } do
          local input = { apiKey = %q, sandboxId = %q, command = "echo one table", apiUrl = url }
          io.write(assert(actions.daytona_execute_command(input)).result)
        end
      ]]):format(server.api_key, sandbox.id), { DAYTONA_API_URL = server.api_url }))
      assert.equal("one table\none table\n", output)
    end)
  end)
end)
