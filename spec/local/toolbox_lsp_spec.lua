-- Language servers in a sandbox: what is asked of them and answered, and servers
-- that do not behave.

local support = require "spec.support"
local toolbox = require "spec.local.toolbox_support"

describe("a language server of the toolbox", function()
  local box

  setup(function()
    box = toolbox.start()
    box:sh "mkdir -p ~/p ~/.local/bin"
    local program = support.read_file "spec/support/language_server.py"
    assert(box.sandbox.fs:upload_file({ content = program }, "server.py"))
    assert(box.sandbox:update_env { PATH = "/home/daytona/bin:/usr/local/bin:/usr/bin:/bin" })
    box:sh "mkdir -p ~/bin && for n in pylsp typescript-language-server; do install -m 755 ~/server.py ~/bin/$n; done"
    assert(box.sandbox.fs:upload_file({ content = "x = 1\ndef add(a, b):\n  return a + b\n\ndef sub(a):\n  pass\n" },
      "p/a b#.py"))
  end)

  teardown(function()
    box:stop()
  end)

  local PROJECT = { languageId = "python", pathToProject = "/home/daytona/p" }
  local URI = "file:///home/daytona/p/a b#.py"

  local function with(more)
    local all = {}
    for _, part in ipairs { PROJECT, more or {} } do
      for name, value in pairs(part) do
        all[name] = value
      end
    end
    return all
  end

  local function post(action, more)
    return box:call("POST", "/lsp/" .. action, { body = with(more) })
  end

  local function get(what, more)
    return box:call("GET", "/lsp/" .. what, { query = with(more) })
  end

  local function misbehave(how)
    box:sh("printf %s " .. support.quote(how) .. " > ~/p/wrong; rm -f /tmp/language-server.log")
  end

  local function start(how)
    post "stop"
    misbehave ""
    assert(post "start")
    misbehave(how or "")
  end

  local function refused(status, pattern, value, err)
    assert.is_nil(value)
    assert.equal(status, err.status, tostring(err))
    assert.truthy(err.message:find(pattern), err.message)
  end

  local function processes(name)
    return tonumber(box:sh("pgrep -fc " .. name .. " || true"))
  end

  it("is started once, asked, and stopped", function()
    start()
    assert(post "start")
    assert.equal(1, processes "[b]in/pylsp")
    assert(post("did-open", { uri = URI }))
    local symbols = assert(get("document-symbols", { uri = URI }))
    support.eq({
      { kind = 12, name = "add", location = { uri = "file:///home/daytona/p/a%20b%23.py",
        range = { start = { line = 1, character = 0 }, ["end"] = { line = 1, character = 5 } } } },
      { kind = 12, name = "sub", location = { uri = support.any_string, range = support.any },
      },
    }, { symbols[1], { kind = symbols[2].kind, name = symbols[2].name,
      location = { uri = symbols[2].location.uri, range = support.any } } })
    assert.equal("found", assert(get("workspacesymbols", { query = "found" }))[1].name)
    support.eq({}, assert(get("workspacesymbols", { query = "" })))
    support.eq({ isIncomplete = false, items = { { label = "one", kind = 3, sortText = "a" } } },
      assert(post("completions", { uri = URI, position = { line = 0, character = 0 } })))
    local more = assert(post("completions", { uri = URI, position = { line = 2, character = 3 },
      context = { triggerKind = 1 } }))
    assert.is_true(more.isIncomplete)
    assert.equal(2, #more.items)
    assert(post("did-close", { uri = URI }))
    support.eq({}, assert(get("document-symbols", { uri = URI })))
    local log = box:sh "cat /tmp/language-server.log"
    assert.truthy(log:find('answer {"jsonrpc": "2.0", "id": "s1", "result": [null, null]}', 1, true), log)
    assert.truthy(log:find('"id": 99, "error": {"code": -32601', 1, true), log)
    assert(post "stop")
    assert.equal(0, processes "[b]in/pylsp")
    assert.truthy(box:sh("cat /tmp/language-server.log"):find "\nshutdown .*\nexit ")
    refused(500, "no server for language: python", post "stop")
  end)

  it("is one for each language and project, told from another by both", function()
    start()
    assert(box:call("POST", "/lsp/start", { body = { languageId = "javascript", pathToProject = "p" } }))
    assert(box:call("POST", "/lsp/start", { body = { languageId = "typescript", pathToProject = "p" } }))
    assert.equal(2, processes "[t]ypescript-language-server")
    for _, language in ipairs { "javascript", "typescript" } do
      assert(box:call("POST", "/lsp/stop", { body = { languageId = language, pathToProject = "p" } }))
    end
    assert.equal(0, processes "[t]ypescript-language-server")
    assert.equal(1, processes "[b]in/pylsp")
    for i = 1, 7 do
      assert(box:call("POST", "/lsp/start", { body = { languageId = "python", pathToProject = "p" .. i } }))
    end
    refused(409, "too many language servers", box:call("POST", "/lsp/start",
      { body = { languageId = "python", pathToProject = "p8" } }))
    for i = 1, 7 do
      assert(box:call("POST", "/lsp/stop", { body = { languageId = "python", pathToProject = "p" .. i } }))
    end
  end)

  it("says what it cannot be asked", function()
    post "stop"
    for _, call in ipairs {
      function() return post("did-open", { uri = URI }) end,
      function() return post("did-close", { uri = URI }) end,
      function() return get("document-symbols", { uri = URI }) end,
      function() return get("workspacesymbols", { query = "x" }) end,
      function() return post("completions", { uri = URI, position = { line = 1, character = 1 } }) end,
    } do
      local _, err = call()
      assert.equal("LSP_SERVER_NOT_INITIALIZED", err.code)
      refused(400, "server not initialized", call())
    end
    refused(400, "unsupported language: cobol", post("start", { languageId = "cobol" }))
    refused(400, "unsupported language: cobol", get("workspacesymbols", { languageId = "cobol", query = "" }))
    refused(400, "PathToProject", box:call("POST", "/lsp/start", { body = { languageId = "python" } }))
    refused(400, "pathToProject is required", box:call("GET", "/lsp/workspacesymbols",
      { query = { languageId = "python", query = "" } }))
    refused(400, "uri is required", get "document-symbols")
    refused(400, "query is required", get "workspacesymbols")
    refused(404, "", box:call("POST", "/lsp/nonsense", { body = "{}" }))
    start()
    refused(400, "no such file", post("did-open", { uri = "file:///home/daytona/p/none.py" }))
    refused(400, "is a directory", post("did-open", { uri = "file:///home/daytona/p" }))
    box:sh "mkfifo ~/p/fifo; truncate -s 100M ~/p/large.py"
    refused(400, "invalid argument", post("did-open", { uri = "file:///home/daytona/p/fifo" }))
    refused(400, "too large", post("did-open", { uri = "file:///home/daytona/p/large.py" }))
    refused(400, "position needs line", post("completions", { uri = URI, position = { line = -1, character = 0 } }))
    refused(400, "position needs line", post("completions", { uri = URI, position = { line = 1.5, character = 0 } }))
    refused(400, "triggerKind", post("completions", { uri = URI, position = { line = 1, character = 0 },
      context = { triggerCharacter = "." } }))
    local _, err = get("workspacesymbols", { query = "refuse" })
    assert.equal(400, err.status)
    assert.truthy(err.message:find "no such thing: \195\188x+$")
    assert.is_true(#err.message < 600)
  end)

  it("that cannot search its project is asked about what is open of it", function()
    start "searchless"
    box:sh [[printf 'def Add_one(): pass\ndef other(): pass\n' > ~/p/one.py; echo 'def add_two(): pass' > ~/p/two.py]]
    support.eq({}, assert(get("workspacesymbols", { query = "add" })))
    for _, name in ipairs { "one", "two", "two" } do
      assert(post("did-open", { uri = "file:///home/daytona/p/" .. name .. ".py" }))
    end
    local function names(text)
      local list = {}
      for i, symbol in ipairs(assert(get("workspacesymbols", { query = text }))) do
        list[i] = symbol.name .. " " .. symbol.location.uri:match "[^/]+$"
      end
      table.sort(list)
      return list
    end
    support.eq({ "Add_one one.py", "add_two two.py" }, names "ADD")
    support.eq({ "other one.py" }, names "ther")
    support.eq({}, names "none")
    assert.equal(3, #names "")
    assert(post("did-close", { uri = "file:///home/daytona/p/one.py" }))
    support.eq({ "add_two two.py" }, names "add")
  end)

  it("is told of what a file holds, whatever that is", function()
    start()
    box:sh [[printf 'def caf\351(x):\n\000tree' > ~/p/bytes.py]]
    assert(post("did-open", { uri = "p/bytes.py" })) -- relative to the working directory
    local symbols = assert(get("document-symbols", { uri = "file:///home/daytona/p/bytes.py" }))
    assert.equal(3, #symbols)
    assert.equal("caf\239\191\189", symbols[1].name)
    support.eq({ "tree", "within" }, { symbols[2].name, symbols[3].name })
    assert.equal("file:///home/daytona/p/bytes.py", symbols[3].location.uri)
  end)

  it("answers several requests at once, in any order", function()
    local loop = require "daytona.host.loop"
    start "late"
    local client = require("daytona").new { api_key = box.server.api_key, api_url = box.server.api_url, host = loop }
    loop.run(function()
      local lsp = client:sandbox(box.sandbox:to_table()):create_lsp_server("python", PROJECT.pathToProject)
      local names = loop.map({ "a", "b", "c", "d" }, function(name)
        return assert(lsp:sandbox_symbols(name))[1].name
      end)
      assert.equal("a b c d", table.concat(names, " "))
    end)
    client:close()
  end)

  it("may write each byte by itself", function()
    start "split"
    for _ = 1, 3 do
      assert.equal("found", assert(get("workspacesymbols", { query = "found" }))[1].name)
    end
  end)

  for _, how in ipairs {
    "length 100", "length -1", "length 1x", "length 104857600", "length 99999999999999999999", "length ",
    "head Length: 5\\r\\n\\r\\n", "head Content-Length: 5\\n\\n",
    "head Content-Length: 5\\r\\nContent-Length: 6\\r\\n\\r\\n",
    "head warning: no settings\\r\\n\\r\\n", "head " .. ("x"):rep(5000), "length 3", "claim 104857600",
  } do
    it("that does not speak the protocol is ended: " .. how:sub(1, 50), function()
      start(how)
      if how == "length 100" then -- more than comes: what follows is taken for the rest
        misbehave "length 60"
      end
      refused(400, "the language server has ended", get("workspacesymbols", { query = "found" }))
      support.eventually(function()
        return processes "[b]in/pylsp" == 0
      end, 20, "the end of the server")
      refused(400, "server not initialized", get("workspacesymbols", { query = "found" }))
    end)
  end

  it("can be started again once it has ended", function()
    start "gone"
    refused(400, "the language server has ended", get("workspacesymbols", { query = "found" }))
    misbehave ""
    assert(post "start")
    assert.equal("found", assert(get("workspacesymbols", { query = "found" }))[1].name)
  end)

  -- KiB of memory that the toolbox, which reads this file, has.
  local function resident()
    return tonumber(box.sandbox.fs:download_file("/proc/self/status"):match "VmRSS:%s+(%d+)")
  end

  it("that floods or does not read is stopped, and holds up nobody", function()
    local before = resident()
    for _, how in ipairs { "flood", "deaf", "mute" } do
      start()
      misbehave(how)
      assert(post("did-open", { uri = URI })) -- it is on its way
      if how == "deaf" then
        box:sh "head -c 4000000 /dev/zero | tr '\\0' x > ~/p/long.py"
        local taken = 0
        repeat
          local ok = post("did-open", { uri = "file:///home/daytona/p/long.py" })
          taken = taken + 1
        until not ok or taken > 40
        assert.is_true(taken < 40, "it is told without end")
      end
      assert.equal("1\n", box:sh "echo 1")
      if how == "flood" then
        assert.is_nil((box.sandbox:create_lsp_server("python", PROJECT.pathToProject):sandbox_symbols("x",
          { timeout = 2, max_retries = 0 }))) -- it floods meanwhile
        local most = support.is_sanitized() and 400 or 30 -- MiB; a sanitizer keeps what is freed
        assert.is_true(resident() < before + most * 1024, "it is kept")
      end
      assert(post "stop")
      assert.equal(0, processes "[b]in/pylsp")
    end
  end)

  it("ends with what it has started", function()
    start "child"
    assert(get("workspacesymbols", { query = "x" }))
    assert.equal(1, processes "[s]leep.4242")
    assert(post "stop")
    assert.equal(0, processes "[s]leep.4242")
  end)

  it("leaves no descriptors behind", function()
    start()
    post "stop"
    local before = box:descriptors()
    for _ = 1, 3 do
      start()
      assert(post "stop")
      start "gone"
      get("workspacesymbols", { query = "x" })
      post "stop"
    end
    support.eventually(function()
      return box:descriptors() <= before
    end, 10, "descriptors given back")
  end)

  it("that ends before it has begun is said", function()
    post "stop"
    misbehave ""
    box:sh "mv ~/bin/pylsp ~/bin/kept; printf '#!/bin/sh\\nexit 1\\n' > ~/bin/pylsp; chmod +x ~/bin/pylsp"
    refused(500, "the language server has ended", post "start")
    box:sh "rm ~/bin/pylsp"
    box:sh "mv ~/bin/kept ~/bin/pylsp"
    assert(post "start")
  end)

  it("ends when its sandbox stops, and starts again after", function()
    start()
    assert(box.sandbox:stop())
    assert(box.sandbox:start())
    refused(400, "server not initialized", get("workspacesymbols", { query = "x" }))
  end)
end)
