-- Language servers: the object that holds language and project, and what it asks.

local cjson = require "cjson"
local e2e = require "spec.support.e2e"
local row_cases = require "spec.support.row_cases"
local support = require "spec.support"

local unpack = table.unpack or unpack -- luacheck: ignore

local SYMBOL = { name = "Adder", kind = 5, location = { uri = "file:///p/a.py",
  range = { start = { line = 0, character = 6 }, ["end"] = { line = 3, character = 0 } } } }
local HOLDS = { languageId = "python", pathToProject = "/p" }
local QUERY = "languageId=python&pathToProject=%2Fp"

local function body(more)
  for name, value in pairs(HOLDS) do
    more[name] = value
  end
  return more
end

local function is_true(value)
  return value == true
end

local function is_symbol(list)
  local range = list[1].location.range
  return #list == 1 and list[1].kind == 5 and range.start.character == 6 and range["end"].line == 3
end

local COMPLETIONS = { isIncomplete = true, items = {
  { label = "append", kind = 2, insertText = "append", detail = cjson.null,
    documentation = { kind = "markdown", value = "x" } },
} }

local CASES = {
  ["lsp.start"] = { {}, "POST /box/sb-1/lsp/start", HOLDS, "", is_true },
  ["lsp.stop"] = { {}, "POST /box/sb-1/lsp/stop", HOLDS, "", is_true },
  ["lsp.did_open"] = { { "/p/a b%.py" }, "POST /box/sb-1/lsp/did-open", body { uri = "file:///p/a b%.py" }, "",
    is_true },
  ["lsp.did_close"] = { { "file:///p/a.py" }, "POST /box/sb-1/lsp/did-close", body { uri = "file:///p/a.py" }, "",
    is_true },
  ["lsp.document_symbols"] = { { "/p/a.py" },
    "GET /box/sb-1/lsp/document-symbols?" .. QUERY .. "&uri=file%3A%2F%2F%2Fp%2Fa.py", nil,
    { SYMBOL }, is_symbol },
  ["lsp.sandbox_symbols"] = { { "" }, "GET /box/sb-1/lsp/workspacesymbols?" .. QUERY .. "&query=", nil, cjson.null,
    function(list) return #list == 0 end },
  ["lsp.completions"] = { { "/p/a.py", { line = 0, character = 0 }, { context = { trigger_kind = 1 } } },
    "POST /box/sb-1/lsp/completions",
    body { uri = "file:///p/a.py", position = { line = 0, character = 0 }, context = { triggerKind = 1 } },
    COMPLETIONS,
    function(found)
      local item = found.items[1]
      return found.is_incomplete and item.insert_text == "append" and item.documentation.value == "x"
        and item.detail == nil
    end },
}

describe("a language server", function()
  local server, sandbox

  support.serve_scripts(function(...)
    server, sandbox = ...
  end)

  describe("gives what the server gave, or fails as it says:", function()
    row_cases(it, CASES, function()
      return server
    end, function(name, arguments)
      local lsp = sandbox:create_lsp_server("python", "/p")
      return lsp[name:match "[^.]*$"](lsp, unpack(arguments))
    end, { [400] = "bad_request", [500] = "server" })
  end)

  it("is made for a language and a project, and says what is wrong", function()
    local lsp = sandbox:create_lsp_server("typescript", "p")
    assert.same({ "typescript", "p" }, { lsp.language_id, lsp.path_to_project })
    for expected, call in pairs {
      ["field 'language_id': 'python', 'typescript' or 'javascript' expected, got 'cobol'"] = function()
        sandbox:create_lsp_server("cobol", "p")
      end,
      ["field 'language_id': required"] = function() sandbox:create_lsp_server() end,
      ["field 'path_to_project': must not be blank"] = function() sandbox:create_lsp_server("python", " ") end,
      ["field 'path_to_project': required"] = function() sandbox:create_lsp_server "python" end,
      ["options: table expected, got number"] = function() sandbox:create_lsp_server("python", "p", 5) end,
      ["did you mean sandbox:create_lsp_server?"] = function() return sandbox.createLspServer end,
      ["(did you mean sandbox:create_lsp_server?)"] = function() return sandbox.lsp end,
      ["(did you mean lsp:sandbox_symbols?)"] = function() return lsp.workspaceSymbols end,
      ["(did you mean lsp:did_open?)"] = function() return lsp.didOpen end,
      ["lsp.did_open: call methods with a colon"] = function() lsp.did_open "x" end,
      ["lsp.did_open: field 'path': required"] = function() lsp:did_open() end,
      ["lsp.did_open: field 'path': must not be blank"] = function() lsp:did_open " " end,
      ["lsp.start: unknown option 'language_id' (it is an argument)"] = function() lsp:start { language_id = "x" } end,
      ["lsp.completions: field 'position': field 'character': required"] = function()
        lsp:completions("x", { line = 1 })
      end,
      ["lsp.completions: field 'position': field 'line': out of range"] = function()
        lsp:completions("x", { line = -1, character = 0 })
      end,
    } do
      local ok, message = pcall(call)
      assert.is_false(ok, expected)
      assert.truthy(message:find(expected, 1, true), message)
    end
    assert.equal(0, #server:requests())
  end)

  it("is described where it is asked for", function()
    local daytona = require "daytona"
    assert.truthy(daytona.help("lsp.did_open"):find("lsp:did_open(path, options)", 1, true))
    assert.truthy(daytona.help("sandbox.create_lsp_server"):find("(language_id, path_to_project", 1, true))
    assert.truthy(daytona.help("computer_use.mouse.move"):find("sandbox.computer_use.mouse:move(x, y, options)", 1,
      true))
  end)
end)

describe("a language server in a sandbox", function()
  local check = e2e.check
  local server, client, sandbox

  setup(function()
    server = e2e.start()
    client = check(server:client { timeout = 120 })
    sandbox = check(client:create())
  end)

  teardown(function()
    client:close()
    server:stop()
  end)

  -- pylsp computes for three seconds; what Lua has of it is above, for every Lua.
  if _VERSION == "Lua 5.4" then
    it("does what the official SDKs do with one", function()
      local project = check(sandbox:get_user_home_dir()) .. "/lsp project"
      local path = project .. "/main.py"
      check(sandbox.fs:create_folder(project))
      check(sandbox.fs:upload_file({ content = table.concat({
        "class Greeter:", "    def greet(self, name):", "        return 'Hello ' + name", "", "def main():",
        "    Greeter().greet('you')", "    'x'.upp", "",
      }, "\n") }, path))
      local lsp = sandbox:create_lsp_server("python", project)
      local none, err = lsp:document_symbols(path)
      assert.is_nil(none)
      assert.equal("LSP_SERVER_NOT_INITIALIZED", err.code)
      assert.equal("bad_request", err.kind)
      assert.is_true(check(lsp:start()))
      assert.is_true(check(lsp:start()))
      assert.is_true(check(lsp:did_open(path)))
      local kinds = {}
      for _, symbol in ipairs(check(lsp:document_symbols(path))) do
        kinds[symbol.name] = symbol.kind
        assert.equal("file://" .. project:gsub(" ", "%%20") .. "/main.py", symbol.location.uri)
        assert.equal("number", type(symbol.location.range["end"].line))
      end
      assert.equal(5, kinds.Greeter)
      assert.equal(12, kinds.main)
      local labels = {}
      for _, item in ipairs(check(lsp:completions(path, { line = 6, character = 11 })).items) do
        labels[#labels + 1] = item.label
      end
      assert.truthy(table.concat(labels, " "):find "upper")
      local found = check(lsp:sandbox_symbols "greet") -- pylsp has no search of its own
      assert.equal("Greeter", found[1].name)
      assert.equal("file://" .. project:gsub(" ", "%%20") .. "/main.py", found[1].location.uri)
      none, err = lsp:did_open(project .. "/none.py")
      assert.is_nil(none)
      assert.equal("bad_request", err.kind)
      assert.is_true(check(lsp:did_close(path)))
      assert.is_true(check(lsp:stop()))
      none, err = lsp:stop()
      assert.is_nil(none)
      assert.equal(500, err.status)
      assert.equal("never", err.retryable and "retryable" or "never")
    end)
  end

  it("says which package it lacks", function()
    check(sandbox:update_env { PATH = "/nowhere" })
    for language, package in pairs {
      python = "python3-pylsp", typescript = "npm install -g", javascript = "npm install",
    } do
      local ok, err = sandbox:create_lsp_server(language, "lacks"):start()
      assert.is_nil(ok)
      assert.equal("server", support.sound_error(err).kind)
      assert.truthy(err.message:find(package, 1, true), err.message)
    end
  end)

  it("and a desktop that is not there names what was asked for", function()
    for what, call in pairs {
      ["POST /computeruse/mouse/move"] = function() return sandbox.computer_use.mouse:move(1, 2) end,
      ["GET /computeruse/screenshot"] = function() return sandbox.computer_use.screenshot:take_full_screen() end,
      ["GET /computeruse/recordings"] = function() return sandbox.computer_use.recording:list() end,
    } do
      local value, err = call()
      assert.is_nil(value)
      assert.equal(501, err.status)
      assert.truthy(err.message:find(what .. " is not supported by daytona-local, which has no display", 1, true),
        err.message)
    end
  end)
end)
