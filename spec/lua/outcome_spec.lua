-- What errors say of the effect, by the operation, and answers that make no
-- sense.

local loop = require "daytona.host.loop"
local support = require "spec.support"

describe("a failure", function()
  local server, client, sandbox

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    client = support.client(server, { max_retries = 0, timeout = 5 })
    sandbox = client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box",
      labels = { ["code-toolbox-language"] = "python" } }
  end)

  after_each(function()
    client:close()
  end)

  local function answers(answer)
    server:reset()
    server:script({}, { { status = answer.status, body = answer.body or '{"message": "no"}', headers = answer.headers,
      times = 0 } })
  end

  local function outcome(value, err)
    assert.is_nil(value)
    return support.sound_error(err).outcome, err
  end

  local calls = {
    exec = function() return sandbox.process:exec "true" end,
    code_run = function() return sandbox.process:code_run "1" end,
    session = function() return sandbox.process:get_session("s") end,
    create = function() return client:create {} end,
    stop = function() return sandbox:archive() end,
    read = function() return sandbox.fs:list_files "x" end,
  }

  local function statuses(names, expected)
    for status, outcomes in pairs(expected) do
      answers { status = status }
      for index, name in ipairs(names) do
        assert.equal(outcomes[index], (outcome(calls[name]())), ("%s answered with %d"):format(name, status))
      end
    end
  end

  it("goes by what the operation does and what the server says", function()
    local F, U = "failed", "unknown"
    statuses({ "exec", "code_run", "create", "stop", "read", "session" }, {
      [400] = { F, F, F, F, F, F }, [404] = { F, F, F, F, F, F }, [429] = { F, F, F, F, F, F },
      [408] = { U, U, U, U, F, F }, [410] = { U, U, F, F, F, F }, [500] = { U, U, U, U, F, F },
      [501] = { F, F, F, F, F, F }, [502] = { U, U, U, U, F, F }, [503] = { U, U, F, F, F, F },
      [504] = { U, U, U, U, F, F }, [507] = { U, U, U, U, F, F }, [524] = { U, U, U, U, F, F },
      [303] = { U, U, U, U, F, F }, [307] = { F, F, F, F, F, F },
    })
  end)

  it("of a command in a session that is told by 503 may have begun", function()
    answers { status = 201, body = "{}" }
    local session = assert(sandbox.process:create_session "s")
    answers { status = 503 }
    local what, err = outcome(session:exec "true")
    assert.equal("unknown", what)
    assert.is_false(err.retryable)
    answers { status = 503, headers = { ["Retry-After"] = "1" } }
    assert.equal("failed", (outcome(session:exec "true")))
  end)

  it("of a command whose session has ended is told by what the server lists", function()
    local listed = '{"id": "c", "command": "true"}'
    for _, case in ipairs {
      { { body = '{"sessionId": "s", "commands": []}' }, "failed" },
      { { body = ('{"sessionId": "s", "commands": [%s]}'):format(listed) }, "unknown" },
      { { status = 404, body = '{"message": "session not found"}' }, "unknown" },
      { { status = 502 }, "unknown" },
    } do
      answers { status = 201, body = "{}" }
      local session = assert(sandbox.process:create_session "s")
      server:reset()
      server:script({ method = "POST" }, { { status = 410, times = 0,
        body = '{"message": "session process has exited", "code": "SESSION_ENDED"}' } })
      server:script({ method = "GET", path = "/box/sb-1/process/session/s" }, { case[1], case[1] })
      for _, async in ipairs { false, true } do
        local what, err = outcome(session:exec("true", { async = async }))
        assert.same({ "gone", case[2] }, { err.kind, what })
        assert.is_false(err.retryable)
      end
    end
  end)

  it("by time is unknown where the server may have begun", function()
    server:script({}, { { delay_ms = 2000, times = 0 } })
    assert.equal("unknown", (outcome(sandbox.fs:move_file("a", "b", { timeout = 0.2 }))))
    assert.equal("failed", (outcome(sandbox.fs:list_files("a", { timeout = 0.2 }))))
  end)

  it("of an interpreter that is lost is unknown once it had the code, and not repeated", function()
    for _, case in ipairs {
      { "accept,read:1,drop", "unknown" }, { "accept,read:1,close:1011", "unknown" },
      { "accept,read:1,reset", "unknown" },
      { "accept,read:1,close:4008", "unknown" },
    } do
      local lost = support.sandbox(client, server, "ws", { ["do"] = case[1] })
      local what, err = outcome(lost.code_interpreter:run_code("1", { max_retries = 2 }))
      assert.equal(case[2], what, case[1])
      assert.is_false(err.retryable)
      assert.equal(1, err.attempts)
    end
    answers { status = 502 }
    assert.equal("failed", (outcome(sandbox.code_interpreter:run_code "1")))
  end)

  it("remembers what an earlier attempt may have done", function()
    server:script({}, { { status = 502 }, { status = 400, body = '{"message": "no"}', times = 0 } })
    local what, err = outcome(sandbox.fs:create_folder("x", { max_retries = 2 }))
    assert.equal("bad_request", err.kind)
    assert.equal("unknown", what)
    assert.equal(2, err.attempts)
  end)

  it("by cancelling is unknown when it was sent, and failed before", function()
    server:script({}, { { delay_ms = 3000, times = 0 } })
    local other = support.client(server, { host = loop, max_retries = 0 })
    local box = other:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
    loop.run(function()
      local results = {}
      local sent = loop.spawn(function() results.sent = { box.process:exec "true" } end)
      support.eventually(function() loop.sleep(0.01) return server:stats().requests[1] end)
      sent:cancel()
      local unsent = loop.spawn(function() results.unsent = { box.process:exec "true" } end)
      unsent:cancel()
      sent:wait()
      unsent:wait()
      assert.equal("unknown", (outcome(results.sent[1], results.sent[2])))
      if results.unsent then -- else it never ran
        assert.equal("failed", (outcome(results.unsent[1], results.unsent[2])))
      end
    end)
    other:close()
  end)

  describe("is an answer", function()
    local UUID, OTHER = "0f4a2c1e-1111-4222-8333-444455556666", "0f4a2c1e-1111-4222-8333-444455557777"

    local function protocol(value, err, text)
      assert.is_nil(value)
      assert.equal("protocol", support.sound_error(err).kind)
      assert.truthy(err.message:find(text, 1, true), err.message)
      return err
    end

    it("about another sandbox", function()
      answers { body = { id = OTHER, name = "n", state = "started" } }
      local value, err = client:get(UUID)
      assert.equal("failed", protocol(value, err, "the server answered with the sandbox " .. OTHER).outcome)
      value, err = client:sandbox(UUID):set_public(true)
      assert.equal("unknown", protocol(value, err, OTHER).outcome)
      protocol(nil, select(2, client:get "m"), OTHER)
      assert(client:get "n")
      assert(client:get(OTHER:upper()))
      answers { body = { sandboxId = OTHER, url = "http://x", token = "t" } }
      protocol(nil, select(2, client:sandbox(UUID):get_preview_link(80)), OTHER)
      answers { body = { id = OTHER, name = "DESTROYED_n_17", state = "destroyed" } }
      assert(client:sandbox("n"):delete { wait = false })
    end)

    it("without what later calls need", function()
      answers { body = { id = " ", state = "started" } }
      protocol(nil, select(2, client:create {}), "field 'id': it is blank")
      answers { body = { id = "..", state = "started" } }
      protocol(nil, select(2, client:create {}), "field 'id': it cannot be an id")
      answers { status = 200, body = "{}" }
      local session = assert(sandbox.process:create_session "s")
      protocol(nil, select(2, session:exec("true", { async = true })), "field 'command_id': it is missing")
      protocol(nil, select(2, sandbox:get_work_dir()), "field 'dir': it is missing")
      protocol(nil, select(2, sandbox.code_interpreter:create_context()), "field 'id': it is missing")
      protocol(nil, select(2, sandbox:get_preview_link(80)), "field 'url': it is missing")
      answers { body = { cmdId = "a\0b" } }
      protocol(nil, select(2, session:exec("true", { async = true })), "field 'command_id': it cannot be an id")
    end)

    it("that says nothing usable of the toolbox", function()
      for _, url in ipairs { "", "not a url", "http://x y/", "http://user@x/", 7 } do
        server:reset()
        server:script({ path = "/api/sandbox/sb-9" }, { { body = { id = "sb-9", name = "sb-9", state = "started",
          toolboxProxyUrl = url }, times = 0 } })
        server:script({ path = "/api/sandbox/sb-9/toolbox-proxy-url" }, { { body = { url = url }, times = 0 } })
        local value, err = client:sandbox("sb-9").process:exec "true"
        assert.is_nil(value)
        assert.equal("protocol", support.sound_error(err).kind)
        assert.equal("failed", err.outcome)
      end
    end)
  end)
end)
