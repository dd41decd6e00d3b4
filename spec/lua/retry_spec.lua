-- What is tried again, how often, and when.

local support = require "spec.support"

local RUN = '{"exitCode": 0, "result": "done"}'

describe("a failed attempt", function()
  local server, client

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    client = support.client(server, { timeout = 10 })
  end)

  after_each(function()
    client:close()
  end)

  -- Scripts the API's answers to GET /sandbox/x and asks.
  local function get(answers, options)
    server:script({ path_prefix = "/api/sandbox" }, answers)
    return client:get("x", options)
  end

  local GOOD = { body = '{"id": "x"}' }

  local function refusal(status, headers)
    return { status = status, headers = headers, body = '{"message": "not now"}' }
  end

  it("is repeated after 429 and 503, when the server says so", function()
    for _, status in ipairs { 429, 503 } do
      for _, name in ipairs { "Retry-After", "Retry-After-sandbox-create", "retry-after-x" } do
        server:reset()
        local found = assert(get { refusal(status, { [name] = "0" }), GOOD })
        assert.equal("x", found.id)
        assert.equal(2, #server:requests())
      end
    end
  end)

  it("is repeated for a command, too, when it was refused unread", function()
    for _, status in ipairs { 429, 503 } do
      server:reset()
      local sandbox = support.sandbox(client, server, "retry", { status = status, body = RUN })
      local run = assert(sandbox.process:exec "true")
      assert.equal("done", run.result)
      assert.equal(2, server:count "retry")
    end
  end)

  it("is repeated as often as asked, and no more", function()
    for _, retries in ipairs { 0, 1, 4 } do
      server:reset()
      local sandbox = support.sandbox(client, server, "retry;n=1000;retry_after=0")
      local value, err = sandbox.fs:get_file_info("x", { max_retries = retries })
      assert.is_nil(value)
      assert.equal("unavailable", support.sound_error(err).kind)
      assert.equal(retries + 1, err.attempts)
      assert.equal(retries + 1, server:count "retry")
    end
  end)

  it("is repeated when the answer to a reading call is lost", function()
    for _, scenario in ipairs { "reset-before-headers", "reset-in-body", "truncated-body" } do
      server:reset()
      local found = assert(get { { scenario = scenario }, GOOD })
      assert.equal("x", found.id)
      assert.equal(2, #server:requests())
    end
  end)

  it("is not repeated when the answer to a command is lost", function()
    for _, scenario in ipairs { "reset-before-headers", "reset-in-headers", "reset-in-body",
      "truncated-body", "html-502" } do
      server:reset()
      local sandbox = support.sandbox(client, server, scenario)
      local value, err = sandbox.process:exec "true"
      assert.is_nil(value)
      assert.equal("unknown", support.sound_error(err).outcome)
      assert.equal(1, err.attempts)
      assert.equal(1, server:count(scenario))
    end
  end)

  it("is not repeated when it would fail again", function()
    for _, status in ipairs { 400, 401, 403, 404, 409, 410, 422, 500 } do
      server:reset()
      local value, err = get { refusal(status), GOOD }
      assert.is_nil(value)
      assert.equal(1, support.sound_error(err).attempts)
      assert.equal(1, #server:requests())
    end
    for _, scenario in ipairs { "invalid-json", "redirect", "http-version" } do
      server:reset()
      local sandbox = support.sandbox(client, server, scenario)
      local _, err = sandbox.fs:list_files "."
      assert.equal(1, support.sound_error(err).attempts)
      assert.equal(1, server:count(scenario))
    end
  end)

  it("is repeated when nothing was sent, whatever the call", function()
    local refused = support.client(server, {
      api_url = ("http://127.0.0.1:%d/api"):format(server.refused_port), max_retries = 2,
    })
    local value, err = refused:create { wait = false }
    assert.is_nil(value)
    assert.equal("connection", support.sound_error(err).kind)
    assert.equal(3, err.attempts)
    refused:close()
  end)

  it("waits as long as the server says", function()
    local seconds, found = support.timed(get, { refusal(503, { ["Retry-After"] = "1" }), GOOD })
    assert(found)
    assert.is_true(seconds >= 0.9 and seconds < 10, seconds)
  end)

  it("understands a date", function()
    local past = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() - 100)
    local seconds, found = support.timed(get, { refusal(503, { ["Retry-After"] = past }), GOOD })
    assert(found)
    assert.is_true(seconds < 10, seconds)
  end)

  it("is the end when the wait would pass the deadline", function()
    for _, value in ipairs { "3600", "99999999999999999999", "1e300", "-1", "nonsense", "",
      "Fri, 31 Dec 9999 23:59:59 GMT" } do
      server:reset()
      local seconds, found, err = support.timed(get,
        { refusal(503, { ["Retry-After"] = value }), GOOD }, { timeout = 0.6 })
      assert.is_true(seconds < 10, ("%q took %.2f s"):format(value, seconds))
      if not found then
        assert.equal("unavailable", support.sound_error(err).kind)
      end
    end
  end)

  it("leaves the attempts after it only the time that is left", function()
    local seconds, found, err = support.timed(get,
      { refusal(503, { ["Retry-After"] = "0" }), { scenario = "stall" } }, { timeout = 0.5 })
    assert.is_nil(found)
    assert.equal("timeout", support.sound_error(err).kind)
    assert.equal(2, err.attempts)
    assert.is_true(seconds < 10, seconds)
    assert.is_true(err.elapsed >= 0.4 and err.elapsed < 10, err.elapsed)
  end)

  it("of an upload sends the whole file again", function()
    local directory = support.temp_dir()
    local path = support.write_file(directory .. "/up", ("0123456789"):rep(30000))
    local sandbox = support.sandbox(client, server, "retry",
      { body = '{"files": [{"path": "x", "bytes": 300000}]}' })
    for _, source in ipairs { path, { content = ("0123456789"):rep(30000), name = "up" } } do
      server:reset()
      local done = assert(sandbox.fs:upload_file(source, "x"))
      assert.equal(300000, done.bytes)
      local requests = server:requests()
      assert.equal(2, #requests)
      assert.equal(requests[1].body_size, requests[2].body_size)
      assert.is_true(requests[1].complete and requests[2].complete)
    end
    support.cleanup()
  end)

  it("of a download leaves nothing of the first try in the file", function()
    local directory = support.temp_dir()
    server:script({ path_prefix = "/toolbox" }, {
      { scenario = "download;n=100000;end=reset" },
      { scenario = "download;n=1000" },
    })
    local sandbox = client:sandbox {
      id = "sb-1", state = "started", toolbox_proxy_url = server:url "/toolbox",
    }
    local done = assert(sandbox.fs:download_file("x", directory .. "/x"))
    assert.equal(1000, done.bytes)
    assert.equal(1000, #support.read_file(directory .. "/x"))
    assert.same({ "x" }, support.files_under(directory))
    support.cleanup()
  end)

  it("does not repeat a body that is gone", function()
    local chunks = { "one", "two" }
    local source = { read = function() return table.remove(chunks, 1) end }
    local sandbox = support.sandbox(client, server, "retry;n=1;retry_after=0")
    local value, err = sandbox.fs:upload_file(source, "x")
    if not value then
      assert.equal(1, support.sound_error(err).attempts)
    else
      -- or all of it was kept and sent again
      local requests = server:requests()
      assert.equal(requests[1].body_size, requests[2].body_size)
    end
  end)
end)
