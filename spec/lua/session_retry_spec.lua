-- A command of a session is sent again only where the server does not have it.

local loop = require "daytona.host.loop"
local support = require "spec.support"

describe("a command of a session whose request the server refused for a while", function()
  local server

  support.serve_faults(function(...)
    server = ...
  end)

  local PATH = "/box/sb-1/process/session/s"
  local LISTED = '{"id": "first", "command": "true", "exitCode": 0}'
  local BUSY = { status = 503, headers = { ["Retry-After"] = "0" }, body = "<html>busy</html>" }

  before_each(function()
    server:reset()
  end)

  -- Answers the first request of the command with `first`, and lists `commands`.
  local function script(first, commands)
    server:script({ method = "POST", path = "/box/sb-1/process/session" }, { { status = 201, body = "{}" } })
    server:script({ method = "POST", path = PATH .. "/exec" },
      { first, { body = '{"cmdId": "second", "exitCode": 0, "output": "again"}', times = 0 } })
    server:script({ method = "GET", path = PATH },
      { { body = ('{"sessionId": "s", "commands": [%s]}'):format(commands), times = 0 } })
    server:script({ method = "GET", path = PATH .. "/command/first" }, { { body = LISTED, times = 0 } })
    server:script({ method = "GET", path = PATH .. "/command/first/logs" }, { { body = "\1\1\1once\n", times = 0 } })
  end

  local function count(method, path)
    local found = 0
    for _, request in ipairs(server:requests()) do
      found = found + ((request.method == method and request.path == path) and 1 or 0)
    end
    return found
  end

  local function exec(host)
    local client = support.client(server, { host = host, max_retries = 2 })
    local command, err
    local function call()
      local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
      local session = assert(sandbox.process:create_session "s")
      command, err = session:exec("true", { timeout = 20 })
    end
    if host then
      loop.run(call)
    else
      call()
    end
    client:close()
    return command, err
  end

  for name, host in pairs { ["a script"] = false, ["a task"] = loop } do
    it("is followed where the server has it all the same, in " .. name, function()
      script(BUSY, LISTED)
      local command, err = exec(host or nil)
      assert.truthy(command, tostring(err))
      assert.same({ "first", "once\n", 0 }, { command.id, command.stdout, command.exit_code })
      assert.equal(1, count("POST", PATH .. "/exec"))
    end)

    it("is sent again where the server does not have it, in " .. name, function()
      script(BUSY, "")
      local command, err = exec(host or nil)
      assert.truthy(command, tostring(err))
      assert.same({ "second", "again" }, { command.id, command.stdout })
      assert.equal(2, count("POST", PATH .. "/exec"))
    end)
  end

  it("is not started again where the server has it all the same", function()
    script(BUSY, LISTED)
    local client = support.client(server, { max_retries = 2 })
    local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
    local command = assert(assert(sandbox.process:create_session "s"):exec("true", { async = true }))
    assert.same({ "first", 0 }, { command.id, command.exit_code })
    assert.is_nil(command.stdout)
    assert.equal(1, count("POST", PATH .. "/exec"))
    client:close()
  end)

  it("is not started again by process:run and start", function()
    local posts = "/box/sb-1/process/session"
    for _, method in ipairs { "start", "run" } do
      server:reset()
      server:script({ method = "POST", path = posts }, { { status = 201, body = "{}" } })
      server:script({ method = "POST", path_prefix = posts .. "/run-" }, { BUSY, { body = '{"cmdId": "second"}' } })
      server:script({ method = "GET", path_prefix = posts .. "/run-" },
        { { body = '{"sessionId": "s", "commands": [{"id": "first", "command": "x", "exitCode": 0}]}' },
          { body = "", headers = { ["Content-Type"] = "text/plain" }, times = 0 } })
      server:script({ method = "DELETE" }, { { status = 204, times = 0 } })
      local client = support.client(server, { max_retries = 2 })
      local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
      local result, err = sandbox.process[method](sandbox.process, "true", { timeout = 20 })
      assert.truthy(result, tostring(err))
      local sent = 0
      for _, request in ipairs(server:requests()) do
        sent = sent + (request.path:find "/exec$" and 1 or 0)
      end
      assert.equal(1, sent, method)
      client:close()
    end
  end)

  it("is not sent again when a look beside its request has found it", function()
    local sessions = require "daytona.process.session"
    local before = sessions.LONGEST_HELD_OPEN
    sessions.LONGEST_HELD_OPEN = 0.8 -- between the refusal and the next attempt
    script({ status = 503, headers = { ["Retry-After"] = "1" }, body = "" }, LISTED)
    local command, err = exec(loop)
    sessions.LONGEST_HELD_OPEN = before
    assert.truthy(command, tostring(err))
    assert.equal("first", command.id)
    assert.equal(1, count("POST", PATH .. "/exec"))
  end)

  it("is sent again where the one that is found may be an earlier one of the same text", function()
    local client = support.client(server, { max_retries = 2 })
    local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
    script({ status = 502, body = "" }, LISTED) -- whether that has begun, nobody knows
    local session = assert(sandbox.process:create_session "s")
    assert.is_nil((session:exec "true"))
    server:reset()
    script(BUSY, LISTED)
    assert.equal("second", assert(session:exec "true").id)
    local known = assert(sandbox.process:get_session "s") -- has run it before
    server:reset()
    script(BUSY, LISTED)
    assert.equal("second", assert(known:exec "true").id)
    client:close()
  end)

  it("is not confused with one of the same text that was refused", function()
    local client = support.client(server, { max_retries = 2 })
    local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
    script({ status = 400, body = '{"message": "no"}' }, "")
    local session = assert(sandbox.process:create_session "s")
    assert.is_nil((session:exec "true"))
    server:reset()
    script(BUSY, LISTED)
    assert.equal("first", assert(session:exec "true").id)
    client:close()
  end)

  it("is not confused with one of the same text that went on beside it", function()
    local sessions, tasks = nil, {}
    loop.run(function()
      local client = support.client(server, { max_retries = 2, host = loop })
      local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
      script({ body = '{"cmdId": "one", "exitCode": 0, "output": ""}' }, "")
      sessions = assert(sandbox.process:create_session "s")
      for index = 1, 3 do
        tasks[index] = loop.spawn(sessions.exec, sessions, "true")
      end
      for _, task in ipairs(tasks) do
        assert(task:wait())
      end
      server:reset()
      script(BUSY, LISTED)
      assert.equal("first", assert(sessions:exec "true").id)
      client:close()
    end)
  end)

  it("takes no memory for ever where nobody knows what became of it", function()
    local client = support.client(server, { max_retries = 0 })
    local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
    server:script({ method = "POST", path = "/box/sb-1/process/session" }, { { status = 201, body = "{}" } })
    server:script({ method = "POST", path = PATH .. "/exec" }, { { status = 502, body = "", times = 0 } })
    local session = assert(sandbox.process:create_session "s")
    local text = ("x"):rep(100000)
    local function lose(from, to)
      for index = from, to do
        assert.equal("unknown", select(2, session:exec(index .. text)).outcome)
      end
      collectgarbage()
      collectgarbage()
      return collectgarbage "count"
    end
    local before = lose(1, 66)
    assert.is_true(lose(67, 90) < before + 600) -- KiB; the texts are four times as much
    client:close()
  end)

  it("is told from earlier ones of the same text, in whatever order they are listed", function()
    local client = support.client(server, { max_retries = 2 })
    local sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
    local older = { "older", "oldest" }
    for _, order in ipairs { { older[1], older[2], "first" }, { "first", older[2], older[1] } } do
      server:reset()
      server:script({ method = "POST", path = PATH .. "/exec" }, {
        { body = '{"cmdId": "oldest", "exitCode": 1}' }, { body = '{"cmdId": "older", "exitCode": 2}' } })
      local listed = {}
      for index, id in ipairs(order) do
        listed[index] = ('{"id": "%s", "command": "true", "exitCode": 0}'):format(id)
      end
      script(BUSY, table.concat(listed, ", "))
      local session = assert(sandbox.process:create_session "s")
      assert.equal("oldest", assert(session:exec "true").id)
      assert.equal("older", assert(session:exec "true").id)
      assert.equal("first", assert(session:exec "true").id)
      assert.equal(3, count("POST", PATH .. "/exec"))
    end
    client:close()
  end)

  it("is not looked for where only the rate was too high", function()
    script({ status = 429, headers = { ["Retry-After"] = "0" }, body = "" }, LISTED)
    assert.equal("second", assert(exec()).id)
    assert.equal(0, count("GET", PATH))
  end)
end)
