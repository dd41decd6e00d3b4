-- Starting, stopping, deleting, waiting; the timers; surviving a restart.

local daytona = require "daytona"
local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

describe("a sandbox's life", function()
  local client

  e2e.serve(function(...)
    client = ...
  end, { create = false })

  it("goes on after a stop and a start, with its files", function()
    local sandbox = check(client:create { env = { KEPT = "yes" } })
    check(sandbox.fs:upload_file({ content = "kept" }, "dir/file"))
    assert.equal(sandbox, check(sandbox:stop()))
    assert.equal("stopped", sandbox.state)
    assert.equal("stopped", check(client:get(sandbox.id)).state)
    assert.equal(sandbox, check(sandbox:start()))
    assert.equal("started", sandbox.state)
    assert.equal("kept", check(sandbox.fs:download_file "dir/file"))
    assert.equal("yes\n", shell(sandbox, "echo $KEPT"))
    check(sandbox:delete())
  end)

  it("can be led from the client, by id and by name", function()
    local sandbox = check(client:create { name = "led" })
    for _, id in ipairs { sandbox.id, "led" } do
      local stopped = check(client:stop(id))
      assert.equal("stopped", stopped.state)
      assert.equal(sandbox.id, stopped.id)
      assert.equal("started", check(client:start(id)).state)
    end
    assert.equal("destroyed", check(client:delete "led").state)
    fails({ kind = "not_found" }, client:get(sandbox.id))
    for _, method in ipairs { "start", "stop", "delete" } do
      fails({ kind = "not_found", status = 404, sandbox_id = "led", operation = "sandbox." .. method },
        client[method](client, "led"))
    end
  end)

  it("ends processes when it stops", function()
    local sandbox = check(client:create())
    shell(sandbox, "sleep 1000 > /dev/null 2>&1 & disown")
    support.eventually(function()
      return check(sandbox.process:exec "pgrep -cx sleep").result == "1\n"
    end)
    check(sandbox:stop { force = true })
    check(sandbox:start())
    assert.equal("0\n", check(sandbox.process:exec "pgrep -cx sleep").result)
    check(sandbox:delete())
  end)

  describe("refuses", function()
    it("to stop what is stopped", function()
      local sandbox = check(client:create())
      check(sandbox:stop())
      fails({ kind = "bad_request", status = 400, operation = "sandbox.stop", sandbox_id = sandbox.id,
        message = "Sandbox is not in a stoppable state" }, sandbox:stop())
      assert.equal("stopped", check(sandbox:refresh()).state)
      check(sandbox:delete())
    end)

    it("anything while it is in transition", function()
      local sandbox = check(client:create())
      -- what does not heed SIGTERM makes the stop a long one
      shell(sandbox, "(trap '' TERM; touch deaf; sleep 1000) > /dev/null 2>&1 & disown; until [ -e deaf ]; do :; done")
      check(sandbox:stop { wait = false })
      assert.equal("stopping", sandbox.state)
      for _, method in ipairs { "start", "stop" } do
        fails({ kind = "conflict", status = 409, message = "Sandbox state change in progress" },
          sandbox[method](sandbox))
      end
      check(sandbox:wait_until_stopped())
      assert.equal("stopped", sandbox.state)
      check(sandbox:delete())
    end)

    it("commands while it is stopped", function()
      local sandbox = check(client:create())
      check(sandbox:stop())
      local err = fails({ operation = "process.exec", sandbox_id = sandbox.id }, sandbox.process:exec "echo x")
      assert.truthy(err.status and err.status >= 400 and err.status < 500, tostring(err))
      check(sandbox:delete())
    end)
  end)

  it("does not mind a start of what is started", function()
    local sandbox = check(client:create())
    shell(sandbox, "echo 1 > /tmp/there")
    assert.equal("started", check(sandbox:start()).state)
    assert.equal("1\n", shell(sandbox, "cat /tmp/there"))
    check(sandbox:delete())
  end)

  it("is asked for without waiting", function()
    local sandbox = check(client:create())
    assert.equal(sandbox, check(sandbox:stop { wait = false }))
    assert.equal(sandbox, check(sandbox:wait_until_stopped()))
    assert.equal(sandbox, check(sandbox:start { wait = false }))
    assert.equal(sandbox, check(sandbox:wait_until_started()))
    assert.equal("started", sandbox.state)
    check(sandbox:delete { wait = false })
    check(sandbox:wait_until_deleted())
    assert.equal("destroyed", sandbox.state)
    fails({ kind = "not_found" }, client:get(sandbox.id))
  end)

  it("ends with 404", function()
    local sandbox = check(client:create { name = "ends" })
    local id = sandbox.id
    assert.equal(sandbox, check(sandbox:delete()))
    assert.equal("destroyed", sandbox.state)
    assert.equal("ends", sandbox.name)
    assert.equal(id, sandbox.id)
    fails({ kind = "not_found", status = 404 }, client:get(id))
    fails({ kind = "not_found", status = 404 }, client:get "ends")
    fails({ kind = "not_found", operation = "sandbox.delete", sandbox_id = id }, sandbox:delete())
    fails({ kind = "not_found" }, sandbox:start())
    fails({ kind = "not_found" }, sandbox:refresh())
    for one in client:list() do
      assert.are_not.equal(id, one.id)
    end
    check(sandbox:wait_until_deleted())
    check(sandbox:wait_until_stopped())
    fails({ kind = "not_found" }, sandbox:wait_until_started { timeout = 2 })
  end)

  it("frees its name at its end", function()
    local first = check(client:create { name = "again" })
    check(first:delete { wait = false })
    local second = check(client:create { name = "again" })
    assert.are_not.equal(first.id, second.id)
    check(second:delete())
  end)

  it("ends from every state", function()
    local stopped = check(client:create())
    check(stopped:stop())
    check(stopped:delete())
    fails({ kind = "not_found" }, client:get(stopped.id))
    -- in transition: waited out
    local creating = check(client:create { wait = false })
    check(creating:delete())
    fails({ kind = "not_found" }, client:get(creating.id))
    local stopping = check(client:create())
    check(stopping:stop { wait = false })
    check(stopping:delete())
    fails({ kind = "not_found" }, client:get(stopping.id))
    local deleted = check(client:create())
    check(client:sandbox(deleted.id):delete { wait = false })
    local value, err = deleted:delete()
    if not value then
      fails({ kind = "not_found" }, value, err)
    end
    check(deleted:wait_until_deleted())
  end)

  it("ends at a stop, when it is ephemeral", function()
    local sandbox = check(client:create { ephemeral = true })
    assert.equal(sandbox, check(sandbox:stop()))
    check(sandbox:wait_until_deleted())
    fails({ kind = "not_found" }, client:get(sandbox.id))
  end)

  describe("is waited for", function()
    it("no longer than the timeout", function()
      local sandbox = check(client:create())
      for goal in pairs { stopped = 1, deleted = 1 } do
        local seconds, value, err = support.timed(sandbox["wait_until_" .. goal], sandbox, { timeout = 0.2 })
        fails({ kind = "timeout", operation = "sandbox.wait_until_" .. goal, sandbox_id = sandbox.id,
          state = "started", message = "the sandbox is not " .. goal }, value, err)
        assert.is_true(seconds >= 0.15 and seconds < 10, seconds)
      end
      check(sandbox:delete())
    end)

    it("not at all when it will not come", function()
      local sandbox = check(client:create())
      check(sandbox:stop())
      local seconds, value, err = support.timed(sandbox.wait_until_started, sandbox, { timeout = 60 })
      fails({ kind = "state", state = "stopped", sandbox_id = sandbox.id }, value, err)
      assert.is_true(seconds < 20, seconds)
      check(sandbox:delete())
    end)

    it("from another handle", function()
      local sandbox = check(client:create())
      check(sandbox:stop { wait = false })
      local other = client:sandbox(sandbox.id)
      check(other:wait_until_stopped())
      assert.equal("stopped", other.state)
      check(other:delete())
    end)
  end)

  it("can be recovered when everything in it was killed", function()
    local sandbox = check(client:create())
    check(sandbox.fs:upload_file({ content = "kept" }, "file"))
    fails({ kind = "connection", outcome = "unknown", sandbox_id = sandbox.id }, sandbox.process:exec "kill -9 -1")
    support.eventually(function()
      return check(sandbox:refresh()).state == "error"
    end)
    assert.truthy(sandbox.error_reason:find("137", 1, true))
    fails({ kind = "bad_request", status = 400, message = "errored state" }, sandbox:start())
    fails({ kind = "bad_request", status = 400, message = "Is the Sandbox started?" }, sandbox.process:exec "true")
    assert.is_true(sandbox.recoverable)
    assert.equal("started", check(sandbox:recover()).state)
    assert.equal("kept", check(sandbox.fs:download_file "file"))
    check(sandbox:delete())
  end)

  it("says what it cannot do here", function()
    local sandbox = check(client:create())
    fails({ kind = "bad_request", status = 400, message = "not stopped" }, sandbox:archive())
    fails({ kind = "bad_request", status = 400 }, sandbox:recover())
    check(sandbox:delete())
  end)
end)

describe("the timers of a sandbox", function()
  local server, client

  setup(function()
    server = e2e.start { DAYTONA_LOCAL_MINUTE_SECONDS = "0.5" }
    client = check(server:client())
  end)

  teardown(function()
    client:close()
    server:stop()
    support.cleanup()
  end)

  it("stop and delete it", function()
    local stops = check(client:create { auto_stop_interval = 0 })
    check(stops.fs:upload_file({ content = "kept" }, "file"))
    check(stops:set_auto_stop_interval(1))
    local deleted = check(client:create { auto_stop_interval = 0, auto_delete_interval = 1 })
    local ephemeral = check(client:create { auto_stop_interval = 1, ephemeral = true })
    local stays = check(client:create { auto_stop_interval = 0, auto_delete_interval = -1 })
    check(deleted:stop())
    check(stops:wait_until_stopped { timeout = 10 })
    check(ephemeral:wait_until_deleted { timeout = 10 })
    check(deleted:wait_until_deleted { timeout = 10 })
    assert.equal("stopped", stops.state)
    assert.equal("started", check(stays:refresh()).state)
    check(stops:set_auto_stop_interval(0))
    check(stops:start())
    assert.equal("kept", check(stops.fs:download_file "file"))
    check(stops:delete())
    check(stays:delete())
  end)

  it("do not stop it while it is active", function()
    local sandbox = check(client:create { auto_stop_interval = 2 })
    local start = support.now()
    support.eventually(function()
      check(sandbox:refresh_activity())
      return support.now() - start > 2
    end, 10)
    assert.equal("started", check(sandbox:refresh()).state)
    check(sandbox:delete())
  end)
end)

describe("a server that is killed", function()
  local directory, pid, pipe, client

  -- Starts it by hand, for its process id.
  local function start()
    pipe = assert(io.popen(("echo $$; exec %s serve --listen 127.0.0.1:0 --data %s 2>> %s"):format(
      support.quote(e2e.program), support.quote(directory .. "/data"), support.quote(directory .. "/log")), "r"))
    pid = tonumber(pipe:read "*l")
    local answer = support.json.decode((check(pipe:read "*l", "the server said nothing")))
    client = check(daytona.new { api_url = answer.api_url, api_key = answer.api_key })
    return answer
  end

  local function kill(signal)
    if client then
      client:close()
      client = nil
    end
    assert(os.execute(("kill -%s %d"):format(signal, pid)))
    pipe:read "*a"
    pipe:close()
    pid = nil
  end

  setup(function()
    directory = support.temp_dir()
    assert(os.execute("chmod 711 " .. support.quote(directory)))
  end)

  teardown(function()
    if pid then
      kill "KILL"
    end
    os.execute("rm -rf " .. support.quote(directory))
    support.cleanup()
  end)

  it("still has its sandboxes and their files when it comes back", function()
    local key = start().api_key
    local running = check(client:create { name = "running", labels = { a = "1" }, env = { E = "e" },
      auto_stop_interval = 7 })
    local stopped = check(client:create { name = "stopped \195\188", public = true })
    local gone = check(client:create { name = "gone" })
    check(running.fs:upload_file({ content = "one" }, "file"))
    check(stopped.fs:upload_file({ content = "two" }, "file"))
    check(stopped:stop())
    check(gone:delete())
    kill "KILL"

    assert.equal(key, start().api_key)
    local found = check(client:get "running")
    assert.equal(running.id, found.id)
    assert.equal("1", found.labels.a)
    assert.same({ E = "e" }, found.env)
    assert.equal(7, found.auto_stop_interval)
    assert.equal(running.created_at, found.created_at)
    if found.state ~= "started" then
      check(found:start())
    end
    assert.equal("one", check(found.fs:download_file "file"))
    assert.equal("e\n", shell(found, "echo $E"))

    local other = check(client:get(stopped.id))
    assert.equal("stopped", other.state)
    assert.equal("stopped \195\188", other.name)
    assert.is_true(other.public)
    check(other:start())
    assert.equal("two", check(other.fs:download_file "file"))
    fails({ kind = "not_found" }, client:get "gone")

    -- and once more, asked to end this time
    kill "TERM"
    start()
    assert.equal("one", check(check(client:start "running").fs:download_file "file"))
    check(client:delete "running")
    check(client:delete(stopped.id))
    assert.is_nil((client:list()()))
    kill "TERM"
  end)
end)
