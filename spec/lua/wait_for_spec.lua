-- sandbox:wait_for, against daytona-local.

local e2e = require "spec.support.e2e"

local check, fails = e2e.check, e2e.fails

describe("sandbox:wait_for", function()
  local server, client, sandbox

  e2e.serve(function(...)
    sandbox, client, server = ...
  end)

  -- What a server on the port says for each path: a status, and where it notes the
  -- headers that it got.
  local SERVER = [[
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
  def do_GET(self):
    open("headers", "w").write(str(self.headers))
    self.send_response(int(self.path.strip("/?") or 200))
    self.end_headers()
    self.wfile.write(b"x" * 100000)
http.server.HTTPServer(("", int(sys.argv[1])), Handler).serve_forever()
]]

  -- Starts the server when `seconds` have passed.
  local function serve(port, seconds)
    check(sandbox.fs:upload_file({ content = SERVER }, "serve.py"))
    return check(sandbox.process:start(("sleep %g; exec python3 serve.py %d"):format(seconds, port)))
  end

  it("waits for a port that takes connections", function()
    local job = serve(3100, 0.3)
    assert.equal(sandbox, check(sandbox:wait_for { port = 3100 }))
    check(sandbox:wait_for { port = 3100, state = "started" })
    assert.is_true(check(sandbox:is_port_in_use(3100)))
    assert.is_false((sandbox:is_port_in_use(3199)))
    check(job:kill())
    local err = fails({ kind = "timeout", operation = "sandbox.wait_for", sandbox_id = sandbox.id, state = "started" },
      sandbox:wait_for { port = 3101, timeout = 0.3 })
    assert.matches("^port 3101 of the sandbox is not open after %d+%.%d s, it %a+ closed", err.message)
  end)

  it("waits for a server that answers with success, and shows it no credential", function()
    local job = serve(8124, 0.3)
    check(sandbox:wait_for { url = "http://localhost:8124" })
    local headers = check(sandbox.fs:download_file "headers")
    assert.is_nil(headers:lower():find("authorization", 1, true))
    assert.is_nil(headers:find(server.api_key, 1, true))
    check(sandbox:wait_for { url = "/302", port = 8124 })
    check(sandbox:wait_for { url = "http://127.0.0.1:8124/204?" })
    local err = fails({ kind = "timeout", state = "started" },
      sandbox:wait_for { url = "http://localhost:8124/404", timeout = 0.4 })
    assert.matches("^http://localhost:8124/404 in the sandbox is not answering after .* it %a+ refusing %(status 404%)",
      err.message)
    assert.is_nil(err.message:find "8124%-%w+%.") -- the preview's URL opens the port to whoever has it
    check(job:kill())
    fails({ kind = "timeout" }, sandbox:wait_for { url = "/", port = 8124, timeout = 0.3 })
  end)

  it("waits for states, also for those that have no method", function()
    local other = check(client:create())
    check(other:stop { wait = false })
    assert.equal(other, check(other:wait_for { state = "stopped" }))
    check(other:archive())
    check(other:wait_for { state = "archived", timeout = 30 })
    check(other:start { wait = false })
    check(other:wait_for { state = "started" })
    fails({ kind = "timeout", operation = "sandbox.wait_for" }, other:wait_for { state = "archived", timeout = 0.2 })
    fails({ kind = "timeout" }, other:wait_for { state = "hibernating", timeout = 0.1 }) -- a newer server's
    check(other:delete { wait = false })
    check(other:wait_for { state = "deleted" })
    fails({ kind = "not_found" }, other:wait_for { state = "started", timeout = 5 })
  end)

  it("says that the sandbox does not run", function()
    local handle = client:sandbox(sandbox:to_table()) -- which says that it is started
    check(sandbox:stop())
    fails({ kind = "state", state = "stopped", sandbox_id = sandbox.id }, handle:wait_for { port = 3100, timeout = 20 })
    handle = client:sandbox(check(sandbox:refresh()):to_table())
    fails({ kind = "state", state = "stopped" }, handle:wait_for { url = "/", port = 80, timeout = 20 })
    check(sandbox:start())
  end)
end)
