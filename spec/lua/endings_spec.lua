-- How a connection ends says nothing of what ran: only the server's word counts.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("when the server closes a connection,", function()
  local server, client, sandbox

  support.serve_faults(function(...)
    server, client = ...
    sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
  end, { max_retries = 0 })

  before_each(function()
    server:reset()
  end)

  local function frame(fields)
    return "frame:1%2F1%2F" .. support.json.encode(fields):gsub(".", function(c)
      return ("%02x"):format(c:byte())
    end)
  end

  local function speaks(path, ...)
    server:script({ path_prefix = path }, { { times = 0,
      scenario = "ws;do=" .. table.concat({ "accept:X-Daytona-SDK-Version~0.205.1", ... }, ",") } })
  end

  local OUTPUT = frame { type = "stdout", text = "half\n" }

  it("code that did not say how it ended is no success", function()
    for ending, kind in pairs { ["close:1000"] = "connection", ["close:1001"] = "unavailable", drop = "connection",
      reset = "connection" } do
      server:reset()
      speaks("/box", "read:1", OUTPUT, ending)
      local err = fails({ kind = kind, outcome = "unknown", operation = "code_interpreter.run_code",
        sandbox_id = "sb-1" }, sandbox.code_interpreter:run_code "print(1)")
      assert.equal("half\n", err.result.stdout)
    end
  end)

  it("code that did has ended, whatever becomes of the connection", function()
    for _, ending in ipairs { "close:1000", "close:1011", "reset", "hold" } do
      server:reset()
      speaks("/box", "read:1", OUTPUT, frame { type = "control", text = "completed" }, ending)
      assert.equal("half\n", check(sandbox.code_interpreter:run_code "print(1)").stdout)
    end
    server:reset()
    speaks("/box", "read:1", OUTPUT, frame { type = "control", text = "interrupted" }, "hold")
    fails({ kind = "timeout", outcome = "unknown" }, sandbox.code_interpreter:run_code "print(1)")
  end)

  local CONNECTED = frame { type = "control", status = "connected" }

  it("a terminal whose shell is listed runs on, one that is not has ended", function()
    for _, case in ipairs {
      { '[{"id": "t", "active": true}]', "connection", "runs on" },
      { '[{"id": "other", "active": true}]', "gone", "not known" },
    } do
      server:reset()
      server:script({ method = "GET", path = "/box/sb-1/process/pty" },
        { { body = ('{"sessions": %s}'):format(case[1]), times = 0 } })
      speaks("/box", CONNECTED, "close:1000")
      local pty = check(sandbox.process:connect_pty "t")
      fails({ kind = case[2], message = case[3] }, pty:wait())
      assert.is_nil(pty.exit_code)
    end
  end)

  it("a terminal's exit code is what the server says", function()
    speaks("/box", CONNECTED, frame { type = "control", status = "exited", exitCode = 3 }, "reset")
    assert.equal(3, check(check(sandbox.process:connect_pty "t"):wait()).exit_code)
  end)

  it("a session that is not there is said to be so, however late the answer to its command is", function()
    server:script({ method = "POST" }, { { status = 201 }, { delay_ms = 30000, times = 0 } })
    local session = check(sandbox.process:create_session "gone")
    server:script({ method = "GET" }, { { status = 404, body = { message = "session not found" }, times = 0 } })
    local err = fails({ kind = "not_found", outcome = "unknown", operation = "session.exec" }, session:exec "exit 3")
    assert.has_match("session 'gone'", tostring(err))
  end)
end)
