-- Terminals on a real server.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("terminals", function()
  local client, sandbox, process, pty

  e2e.serve(function(...)
    sandbox, client = ...
    process = sandbox.process
  end)

  after_each(function()
    if pty then
      pty:kill()
      pty:disconnect()
      pty = nil
    end
  end)

  -- Reads until the pattern is there; gives all that was read.
  local function read_until(terminal, pattern)
    local text = ""
    while not text:find(pattern) do
      text = text .. check(terminal:read { timeout = 30 })
    end
    return text
  end

  it("run a shell of the size, directory and environment they are given", function()
    pty = check(process:create_pty(nil, { cols = 101, rows = 31, cwd = "/tmp", env = { HELLO = "it's \195\164" } }))
    assert.equal("daytona.pty (" .. pty.id .. ")", tostring(pty))
    check(pty:write "stty -echo; stty size; pwd; echo \"<$HELLO>\"\n")
    local text = read_until(pty, ">\r\n")
    assert.truthy(text:find("31 101\r\n/tmp\r\n<it's \195\164>", 1, true))
    local info = check(process:get_pty_session_info(pty.id))
    assert.same({ pty.id, 101, 31, "/tmp", true }, { info.id, info.cols, info.rows, info.cwd, info.active })
    assert.equal("it's \195\164", info.env.HELLO)
    assert.is_true(pty:is_connected())
  end)

  it("show the first prompt", function()
    pty = check(process:create_pty(nil, { env = { PS1 = "prompt> " } }))
    read_until(pty, "prompt> ")
  end)

  it("have a size by themselves", function()
    pty = check(process:create_pty())
    check(pty:write "stty size\n")
    read_until(pty, "24 80\r\n")
  end)

  it("end with the exit code of the shell, all output read before", function()
    pty = check(process:create_pty())
    check(pty:write "stty -echo; seq 1 20000; exit 7\n")
    local parts = {}
    for chunk in pty do
      parts[#parts + 1] = chunk
    end
    assert.truthy(table.concat(parts):find("\n19999\r\n20000\r\n", 1, true))
    assert.same({ 7, "non-zero exit", false }, { pty.exit_code, pty.exit_reason, pty:is_connected() })
    assert.is_nil((pty:read()))
    fails({ kind = "gone", operation = "pty.write" }, pty:write "x")
    assert.same({ exit_code = 7, exit_reason = "non-zero exit" }, check(pty:wait()))
    assert.is_true(check(pty:kill()))
  end)

  it("can be waited for", function()
    pty = check(process:create_pty())
    check(pty:write "echo so''me; exit\n")
    local text = ""
    assert.same({ exit_code = 0 }, check(pty:wait { on_data = function(chunk) text = text .. chunk end }))
    assert.truthy(text:find("some\r\n", 1, true))
  end)

  it("stay connected when a wait is over", function()
    pty = check(process:create_pty())
    -- No prompt comes late: cat only says what it is told.
    check(pty:write "stty -echo; echo rea''dy; exec cat\n")
    read_until(pty, "ready\r\n")
    fails({ kind = "timeout", operation = "pty.wait" }, pty:wait { timeout = 0.1 })
    fails({ kind = "timeout", operation = "pty.read" }, pty:read { timeout = 0.05 })
    check(pty:write "still\n")
    read_until(pty, "still\r\n")
  end)

  it("change their size", function()
    pty = check(process:create_pty())
    check(pty:write "stty -echo; trap 'stty size' WINCH; echo rea''dy\n")
    read_until(pty, "ready\r\n")
    assert.equal(90, check(pty:resize(90, 20)).cols)
    check(pty:write "\n")
    read_until(pty, "20 90\r\n")
    assert.equal("process.resize_pty_session: field 'cols': out of range (1 to 1000)",
      support.raised(pty.resize, pty, 0, 20))
  end)

  it("are killed", function()
    pty = check(process:create_pty())
    check(pty:write "sleep 60\n")
    check(pty:kill())
    assert.same({ exit_code = 137, exit_reason = "SIGKILL" }, check(pty:wait()))
    fails({ kind = "gone", operation = "process.resize_pty_session" }, pty:resize(80, 24))
    fails({ kind = "not_found", operation = "process.kill_pty_session" }, process:kill_pty_session(pty.id))
    assert.is_true(check(pty:kill()))
  end)

  it("live on when nobody is connected", function()
    pty = check(process:create_pty "kept")
    check(pty:write "stty -echo; A=kept; echo rea''dy\n")
    read_until(pty, "ready\r\n")
    check(pty:write "cd /tmp\n")
    pty:disconnect()
    pty:disconnect()
    assert.is_false(pty:is_connected())
    assert.is_nil((pty:read()))
    assert.equal(1, #check(process:list_pty_sessions()))
    pty = check(process:connect_pty "kept")
    check(pty:write "echo $A; pwd\n")
    read_until(pty, "kept\r\n.*/tmp\r\n")
  end)

  it("show the same to all who are connected", function()
    pty = check(process:create_pty "shared")
    local other = check(process:connect_pty "shared")
    check(other:write "stty -echo; echo to''all\n")
    read_until(pty, "toall\r\n")
    read_until(other, "toall\r\n")
    other:disconnect()
    assert.is_true(pty:is_connected())
  end)

  it("can be made without a connection", function()
    local id = check(process:create_pty_session("lazy", {
      cols = 50, rows = 10, env = { A = "lazy" }, lazy_start = true,
    }))
    assert.equal("lazy", id)
    assert.is_false(check(process:get_pty_session_info(id)).active)
    pty = check(process:connect_pty(id))
    check(pty:write "stty size; echo $A\n")
    read_until(pty, "10 50\r\n.*lazy\r\n")
  end)

  it("are made in two steps where the server knows no other way", function()
    local port = tonumber(sandbox.toolbox_proxy_url:match "^http://[^/:]+:(%d+)")
    local relay = support.relay { ports = { toolbox = port }, websockets = "older" }
    local other = client:sandbox {
      id = sandbox.id, state = "started",
      toolbox_proxy_url = sandbox.toolbox_proxy_url:gsub("^(http://[^/:]+:)%d+", "%1" .. relay.toolbox_port),
    }
    pty = check(other.process:create_pty("two-steps", { cols = 70, rows = 22, env = { A = "two" } }))
    check(pty:write "stty size; echo $A; exit 4\n")
    read_until(pty, "22 70\r\n.*two\r\n")
    assert.equal(4, check(pty:wait()).exit_code)
    assert.equal(1, relay:stats().failed)
    relay:close()
  end)

  it("take and give much", function()
    pty = check(process:create_pty())
    check(pty:write "stty raw -echo; echo rea''dy; head -c 300000 | wc -c; stty sane\n")
    read_until(pty, "ready")
    check(pty:write(("x"):rep(300000)))
    read_until(pty, "300000")
  end)

  it("refuse what cannot be", function()
    pty = check(process:create_pty "taken")
    fails({ kind = "conflict", status = 409, operation = "process.create_pty" }, process:create_pty "taken")
    fails({ kind = "not_found", operation = "process.connect_pty" }, process:connect_pty "no-such")
    fails({ kind = "not_found" }, process:get_pty_session_info "no-such")
    local err = fails({ operation = "process.create_pty" }, process:create_pty(nil, { cwd = "/no/such" }))
    assert.truthy(err.kind)
    assert.equal(1, #check(process:list_pty_sessions()))
    for message, call in pairs {
      ["process.create_pty: field 'cols': out of range (1 to 1000)"] = function()
        process:create_pty(nil, { cols = 1001 })
      end,
      ["process.create_pty: unknown option 'envs' (did you mean 'env'?)"] = function()
        process:create_pty(nil, { envs = {} })
      end,
      ["pty.write: field 'data': string expected, got nil"] = function() pty:write() end,
      ["pty.wait: field 'on_data': function expected, got boolean"] = function() pty:wait { on_data = true } end,
      ["process.connect_pty: field 'session_id': must not be blank"] = function() process:connect_pty "" end,
      ["process.create_pty: field 'id': 'x/y' cannot be an id"] = function() process:create_pty "x/y" end,
      ["process.create_pty_session: field 'id': '..' cannot be an id"] = function() process:create_pty_session ".." end,
    } do
      assert.equal(message, support.raised(call))
    end
  end)
end)
