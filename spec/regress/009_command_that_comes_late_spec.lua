-- A command that may end its session is looked for when its answer takes long.  On a
-- slow way it was not there yet at the first look, and the call failed; or an older
-- one of the same text was taken for it.

local support = require "spec.support"

it("a command that comes late into its session is waited for", function()
  local server = support.fault_server()
  local client = support.client(server)
  local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/toolbox" }
  local base = "/toolbox/sb-1/process/session"
  local known = '{"id": "c", "command": "(exit 3)", "exitCode": 3}'
  server:script({ path = base }, { { status = 201, body = "{}" } })
  local older = '{"id": "a", "command": "(exit 3)", "exitCode": 0}'
  server:script({ path = base .. "/s/exec" }, {
    { body = '{"cmdId": "a", "exitCode": 0, "output": ""}' }, { body = "{}", delay_ms = 5000 },
  })
  server:script({ method = "GET", path = base .. "/s" }, {
    { body = '{"sessionId": "s", "commands": [' .. older .. "]}", times = 3 },
    { body = '{"sessionId": "s", "commands": [' .. older .. ", " .. known .. "]}", times = 0 },
  })
  server:script({ path_prefix = base .. "/s/command/c/logs" }, { { body = "\1\1\1late\n", times = 0 } })
  server:script({ path = base .. "/s/command/c" }, { { body = known, times = 0 } })
  local session = assert(sandbox.process:create_session "s")
  assert.equal("a", assert(session:exec "(exit 3)").id)
  local command, err = session:exec "(exit 3)"
  assert.truthy(command, tostring(err))
  assert.equal("late\n", command.stdout)
  assert.equal(3, command.exit_code)
  client:close()
  server:close()
  support.cleanup()
end)
