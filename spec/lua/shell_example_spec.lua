-- examples/shell.lua on a terminal of its own.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

describe("examples/shell.lua", function()
  local server, client, sandbox

  e2e.serve(function(...)
    sandbox, client, server = ...
  end)

  -- Runs it with the arguments and does the steps of terminal.py.
  local function shell(arguments, steps)
    local code = ("arg = {[0] = 'shell.lua'}; assert(loadfile(%q))(%s)"):format(support.root .. "/examples/shell.lua",
      arguments)
    local command = support.lua_command(code, {
      DAYTONA_API_URL = server.api_url, DAYTONA_API_KEY = server.api_key, TERM = "dumb",
    })
    local text, status = support.run(("env -u LD_PRELOAD python3 -B %s %s sh -c %s"):format(
      support.quote(support.root .. "/spec/support/terminal.py"), support.quote(support.json.encode(steps)),
      support.quote("exec " .. command)))
    assert.equal(0, status, text)
    local result = support.json.decode(text)
    assert.equal(support.json.null, result.missing, result.output)
    return result
  end

  local function same_sandbox(terminal)
    return ("%q"):format(sandbox.id) .. (terminal and (", %q"):format(terminal) or "")
  end

  it("is a terminal of the size, and of every size after", function()
    local result = shell(same_sandbox(), {
      { "$ ", "stty size; echo fir''st\r" },
      { "30 100" }, { "first", { resize = { 90, 20 } }, "sleep 1; stty size; echo sec''ond\r" },
      { "20 90" }, { "second", "exit 7\r" },
    })
    assert.same({ 7, true, true }, { result.status, result.changed, result.restored })
  end)

  -- The rest is the terminal's and the server's affair.
  local once = _VERSION == "Lua 5.4" and it or function() end

  once("passes keys like Ctrl-C on", function()
    local result = shell(same_sandbox(), {
      { "$ ", "sh -c 'trap \"echo cau\\\"\\\"ght; exit\" INT; echo be\"\"gun; while :; do sleep 0.05; done'\r" },
      { "begun", "\3" }, { "caught" }, { "$ ", "echo st''ill; exit\r" }, { "still" },
    })
    assert.same({ 0, true }, { result.status, result.restored })
  end)

  once("leaves with ~. and comes back", function()
    local left = shell(same_sandbox "kept", {
      { "$ ", "A=ke''pt; echo rea''dy; sleep 60\r" }, { "ready", "~." }, { "left terminal kept" },
    })
    assert.same({ 0, true, true }, { left.status, left.changed, left.restored })
    local again = shell(same_sandbox "kept", { { "^L", "\3" }, { "$ ", "echo $A; exit 3\r" }, { "kept" } })
    assert.same({ 3, true }, { again.status, again.restored })
  end)

  once("puts the terminal right when it is killed", function()
    for _, signal in ipairs { 15, 1, 6 } do
      local result = shell(same_sandbox(), { { "$ ", { signal = signal } } })
      assert.same({ -signal, true, true }, { result.status, result.changed, result.restored })
    end
  end)

  once("makes a sandbox of its own and deletes it", function()
    local result = shell("", { { "$ ", "exit\r" } })
    assert.same({ 0, true }, { result.status, result.restored })
    assert.equal(1, #e2e.check(client:list_page()).items)
  end)

  it("says what is wrong", function()
    local result = shell("'no-such'", { { "not found" } })
    assert.same({ 1, true }, { result.status, result.restored })
  end)

  it("needs a terminal", function()
    local core = require "daytona.core"
    local terminal, message = core.terminal(-1)
    assert.is_nil(terminal)
    assert.equal("not a terminal", message)
  end)
end)
