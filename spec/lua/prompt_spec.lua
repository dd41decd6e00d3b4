-- What one sees in a prompt: results, sandboxes and lists print readably, and
-- daytona.help tells what a method does.

local daytona = require "daytona"
local e2e = require "spec.support.e2e"
local show = require "daytona.text.show"

local check = e2e.check
local HAS_PAIRS = pcall(function()
  local seen = {}
  for key in pairs(setmetatable({}, { __pairs = function() return next, { a = 1 } end })) do
    seen[key] = true
  end
  assert(seen.a)
end)

describe("in a prompt", function()
  local server, client, sandbox

  e2e.serve(function(...)
    sandbox, client, server = ...
  end, { create = { language = "python", labels = { job = "42" } } })

  it("a command's result shows its code and its output, and loads what it needs when it is shown", function()
    package.loaded["daytona.text.show"] = nil
    local run = check(sandbox.process:run "echo hello; echo oops >&2; exit 3")
    assert.is_nil(package.loaded["daytona.text.show"])
    local text = tostring(run)
    assert.is_truthy(package.loaded["daytona.text.show"])
    assert.equal(1, (text:find('{ exit_code = 3, stdout = "hello\\n", stderr = "oops\\n"', 1, true)), text)
    assert.equal('{ exit_code = 0, result = "hi\\n" }', tostring(check(sandbox.process:exec "echo hi")))
  end)

  it("a list shows its items, and each item itself", function()
    check(sandbox.fs:upload_file({ content = "abc", name = "a.txt" }, "shown/"))
    check(sandbox.fs:create_folder "shown/b")
    local files = check(sandbox.fs:list_files "shown")
    local text = tostring(files)
    assert.is_truthy(text:find('name = "a.txt"', 1, true), text)
    assert.is_truthy(text:find('name = "b"', 1, true), text)
    assert.is_truthy(tostring(files[1]):find "^{ *\n? *name = ", tostring(files[1]))
    assert.equal("{}", tostring(check(sandbox.fs:list_files "shown/b")))
  end)

  it("a result is a plain table in all other ways", function()
    local run = check(sandbox.process:exec "echo hi")
    assert.same({ exit_code = 0, result = "hi\n" }, run)
    local listed = check(sandbox.fs:list_files "shown")
    local count = 0
    for _ in pairs(listed) do
      count = count + 1
    end
    assert.equal(#listed, count)
    assert.equal(run, check(client:with_sandbox({ language = "python" }, function()
      return run
    end)))
    local mine = {}
    check(client:with_sandbox({}, function()
      return mine
    end))
    assert.is_nil(getmetatable(mine)) -- what the program made stays as it is
  end)

  it("nothing stands behind a value, and an error behind nil", function()
    assert.equal(1, select("#", sandbox.process:exec "true"))
    assert.equal(1, select("#", sandbox:refresh()))
    assert.equal(2, select("#", sandbox.fs:get_file_info "nowhere"))
  end)

  it("a context that was shown can still be given back", function()
    local context = check(sandbox.code_interpreter:create_context())
    assert.is_truthy(tostring(context):find('id = "', 1, true))
    assert.equal("1\n", check(sandbox.code_interpreter:run_code("print(1)", { context = context })).stdout)
    check(sandbox.code_interpreter:delete_context(context))
  end)

  it("sandboxes and the client say what they are", function()
    assert.equal(("daytona.sandbox %s (started)"):format(sandbox.id), tostring(sandbox))
    local page = check(client:list_page {})
    assert.is_truthy(tostring(page):find(tostring(sandbox), 1, true))
    local other = check(server:client())
    assert.is_nil(tostring(other):find("closed", 1, true))
    other:close()
    assert.is_truthy(tostring(other):find(", closed)", 1, true))
  end)

  it("nothing secret is shown", function()
    local link = check(sandbox:get_preview_link(3000))
    assert.is_truthy(#link.token > 3)
    assert.is_nil(tostring(link):find(link.token, 1, true))
    assert.is_truthy(tostring(link):find("token = ***", 1, true))
    local signed = check(sandbox:create_signed_preview_url(3000))
    assert.is_nil(tostring(signed):find(signed.token, 1, true), tostring(signed))
    local secret = { env = { A = "hidden" }, password = "hidden", git_token = "hidden", api_key = "hidden" }
    assert.is_nil(show.text(secret):find "hidden")
    for _, name in ipairs { "apiKey", "API_KEY", "accessToken", "Authorization", "set-cookie", "private_key", "passwd",
      "x-daytona-preview-token", "client_secret", "credentials" } do
      assert.is_nil(show.text({ [name] = "hidden" }):find("hidden", 1, true), name)
    end
    assert.equal('{ monkey = "shown", secrets = 2 }', show.text { monkey = "shown", secrets = 2 })
    local remotes = { { name = "origin", url = "https://me:hidden@host/x.git" }, "ssh://me@host/x a@b:c" }
    assert.equal('{ { name = "origin", url = "https://me:***@host/x.git" }, "ssh://me@host/x a@b:c" }',
      show.text(remotes))
    local token = ("t0k"):rep(100) -- longer than what is shown of a text
    assert.is_nil(show.text { token = token, url = "http://80-" .. token .. ".host/" }:find "t0kt0k")
  end)

  it("pairs gives the fields of a sandbox, to_table everywhere", function()
    local fields = sandbox:to_table()
    assert.equal(sandbox.id, fields.id)
    if HAS_PAIRS then
      local seen = {}
      for name, value in pairs(sandbox) do
        seen[name] = value
      end
      assert.same(fields, seen)
      seen.id = "changed"
      assert.not_equal("changed", sandbox.id)
    else
      assert.has_error(function()
        pairs(sandbox)
      end)
    end
  end)

  describe("a text", function()
    it("has no control characters", function()
      assert.equal([[{ text = "a\027[31m\000\n?b" }]], show.text { text = "a\27[31m\0\n\194\155b" })
      assert.equal([[{ ["a b\007"] = 1 }]], show.text { ["a b\7"] = 1 })
    end)

    it("is bounded", function()
      local long = show.text { stdout = ("x"):rep(1e6) }
      assert.equal('{ stdout = "' .. ("x"):rep(200) .. '"... (1000000 bytes) }', (long:gsub("%s+", " ")))
      local cut = show.text { (("\195\164"):rep(300)) }
      assert.is_truthy(cut:find("... (600 bytes)", 1, true))
      local list = {}
      for index = 1, 10000 do
        list[index] = index
      end
      assert.is_truthy(show.text(list):find("... 9960 more", 1, true))
      local map, started = {}, os.clock()
      for index = 1, 50000 do
        map["k" .. index] = index
      end
      local shown = show.text(map)
      assert.is_truthy(shown:find("k1 = 1,%s+k10 = 10,%s+k100 = 100,"), shown)
      assert.is_truthy(shown:find("... 49960 more", 1, true), shown)
      assert.is_true(os.clock() - started < 3) -- sorting all of it takes longer than reading it
      local wide = {}
      for index = 1, 40 do
        wide[index] = {}
        for inner = 1, 40 do
          wide[index]["key" .. inner] = ("y"):rep(150)
        end
      end
      assert.is_true(#show.text(wide) < 8100)
    end)

    it("ends where a table has itself, or goes too deep", function()
      local around = { name = "n" }
      around.again = around
      assert.equal('{ name = "n", again = {...} }', show.text(around))
      assert.equal("{ a = { a = { a = { a = {...} } } } }", show.text { a = { a = { a = { a = { a = {} } } } } })
    end)
  end)

  describe("daytona.help", function()
    it("shows a method's arguments, options and results, by any of its names", function()
      local text = daytona.help "git.clone"
      assert.equal(1, (text:find("sandbox.git:clone(url, path, options)\n", 1, true)), text)
      assert.is_truthy(text:find("\n  branch ", 1, true))
      for _, name in ipairs { "sandbox.git:clone", "sandbox.git.clone", "git:clone", "git:clone()" } do
        assert.equal(text, daytona.help(name))
      end
      assert.equal(daytona.help "sandbox.create", daytona.help "client:create")
      assert.equal(1, (daytona.help("client:create"):find("client:create(", 1, true)))
      assert.is_truthy(daytona.help("fs.list_files"):find("each result", 1, true))
    end)

    it("shows an area, and the areas", function()
      assert.is_truthy(daytona.help("fs"):find("sandbox.fs:upload_file", 1, true))
      assert.equal(daytona.help "fs", daytona.help "sandbox.fs")
      local areas = daytona.help()
      for _, area in ipairs { "sandbox", "process", "fs", "git", "session", "pty", "code_interpreter" } do
        assert.is_truthy(areas:find("\n  " .. area .. " ", 1, true), area)
      end
      for line in areas:gmatch "[^\n]+" do
        assert.is_true(#line <= 100, line)
      end
    end)

    it("says what may be meant, and what is no name", function()
      assert.equal("nothing is called 'git.clon' (did you mean git.clone?)", daytona.help "git.clon")
      assert.equal("nothing is called 'fs.upload' (did you mean fs.upload_file?)", daytona.help "fs.upload")
      assert.equal("nothing is called 'sandbox.exec' (did you mean process.exec?)", daytona.help "sandbox.exec")
      assert.equal(1, (daytona.help("process.run"):find("sandbox.process:run(..., options)\n", 1, true)))
      assert.equal("nothing is called 'x?y'", daytona.help "x\27y")
      local ok, err = pcall(daytona.help, 3)
      assert.is_false(ok)
      assert.is_truthy(tostring(err):find("daytona.help: string expected, got number", 1, true))
    end)
  end)
end)
