-- Whatever the server or the network does: nil and an error of the right kind,
-- in bounded time, nothing left behind, and the client works on.

local support = require "spec.support"

-- What each scenario gives: a kind, or true where the call succeeds.
-- `json`: for calls that expect JSON; `bytes`: for a download, where different.
local TABLE = {
  { "reset-before-headers", json = "connection", outcome = "unknown" },
  { "reset-in-headers", json = "connection", outcome = "unknown" },
  { "reset-in-body", json = "connection", outcome = "unknown" },
  { "close-before-headers", json = "connection", outcome = "unknown" },
  { "truncated-body", json = "connection", outcome = "unknown" },
  { "truncated-chunks", json = "connection", outcome = "unknown" },
  { "download;end=truncate", json = "connection" },
  { "download;end=reset", json = "connection" },
  { "bad-chunking", json = "protocol", outcome = "unknown" },
  { "http-version", json = "protocol" },
  { "garbage", json = "protocol" },
  { "nul-header", json = "protocol" },
  { "dup-headers", json = "connection" },
  { "endless-headers", json = "protocol" },
  { "endless-header", json = "protocol" },
  { "endless-body", json = "protocol", bytes = "protocol" },
  { "gzip-bomb", json = "protocol", bytes = true },
  { "gzip;force=1", json = "protocol", bytes = true },
  { "big-json;size=3000000", json = "protocol", bytes = true },
  { "informational;count=0", json = "protocol" },
  { "wrong-content-type", json = "protocol", bytes = true },
  { "invalid-json", json = "protocol", bytes = true },
  { "invalid-json;body=%7B%7D%20x", json = "protocol", bytes = true },
  { "deep-json;depth=100000", json = "protocol", bytes = true },
  { "empty-body", json = "protocol", bytes = true },
  { "empty-body;status=204", json = "protocol", bytes = true },
  { "redirect", json = "protocol" },
  { "redirect;status=307", json = "protocol" },
  { "redirect;status=301;to=file:%2F%2F%2Fetc%2Fpasswd", json = "protocol" },
  { "html-502", json = "bad_gateway", status = 502 },
  { "proxy-auth", json = "bad_request", status = 407 },
  { "early-413", json = "bad_request", status = 413 },
  -- The reset may overtake the answer.
  { "early-413;drain=0", json = "bad_request", or_else = "connection", status = 413 },
  { "stall", json = "timeout", outcome = "unknown" },
  { "stall-after-headers", json = "timeout", outcome = "unknown" },
  { "slow-drip", json = "timeout", outcome = "unknown" },
  { "slow-headers", json = "timeout", outcome = "unknown" },
}

-- DESIGN 5: the kind of each status.
local STATUS = {
  [400] = "bad_request", [401] = "unauthorized", [403] = "forbidden",
  [404] = "not_found", [408] = "timeout", [409] = "conflict", [410] = "gone",
  [422] = "unprocessable", [429] = "rate_limited", [500] = "server",
  [502] = "bad_gateway", [503] = "unavailable", [504] = "timeout",
}

describe("a server that fails", function()
  local server, client, directory, fds_before, old

  local function fd_count()
    return select(2, support.open_fds())
  end

  setup(function()
    server = support.fault_server()
    -- What a first use opens for good is no leak.
    local first = support.client(server)
    first:request("GET", "/x")
    first:close()
  end)

  teardown(function()
    server:close()
    support.cleanup()
  end)

  before_each(function()
    server:reset()
    directory = support.temp_dir()
    old = support.write_file(directory .. "/old", "old content")
    support.write_file(directory .. "/up", ("u"):rep(3000000))
    fds_before = fd_count()
    client = support.client(server, { timeout = 5, max_retries = 0, max_response = 1000000 })
  end)

  after_each(function()
    client:close()
    client = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    assert.equal(fds_before, fd_count())
    assert.same({ "old", "up" }, support.files_under(directory))
    assert.equal("old content", support.read_file(old))
    support.cleanup()
  end)

  local function usable()
    local run = assert(support.sandbox(client, server, "json", { body = '{"exitCode": 5}' })
      .process:exec "true")
    assert.equal(5, run.exit_code)
  end

  -- Runs call(); expects nil and an error of `kind` (or of `or_else`), soon.
  local function fails(kind, within, call, or_else)
    local seconds, value, err = support.timed(call)
    assert.is_nil(value)
    support.sound_error(err)
    if err.kind ~= or_else then
      assert.equal(kind, err.kind, tostring(err))
    end
    assert.is_true(seconds < within, ("took %.2f s"):format(seconds))
    usable()
    return err
  end

  for _, row in ipairs(TABLE) do
    local scenario = row[1]
    -- Short only where the time must run out, lest a busy machine decides.
    local limit = { timeout = row.json == "timeout" and 0.25 or 5 }

    it("by " .. scenario .. ", when something is changed", function()
      local sandbox = support.sandbox(client, server, scenario)
      -- A command has no deadline of its own, so what never ends needs another
      -- call that is not idempotent.
      local operation = row.json == "timeout" and "fs.move_file" or "process.exec"
      local err = fails(row.json, 2, function()
        if operation == "fs.move_file" then
          return sandbox.fs:move_file("a", "b", limit)
        end
        return sandbox.process:exec "true"
      end, row.or_else)
      assert.equal(operation, err.operation)
      assert.equal("POST", err.method)
      assert.equal("sb-1", err.sandbox_id)
      assert.equal(1, err.attempts)
      if row.status and err.kind == row.json then
        assert.equal(row.status, err.status)
      end
      if row.outcome then
        assert.equal(row.outcome, err.outcome)
      end
    end)

    it("by " .. scenario .. ", when a list is read", function()
      local sandbox = support.sandbox(client, server, scenario)
      fails(row.json, 2, function()
        return sandbox.fs:list_files(".", limit)
      end, row.or_else)
    end)

    it("by " .. scenario .. ", when a file is downloaded", function()
      local sandbox = support.sandbox(client, server, scenario)
      local expected = row.bytes or row.json
      local function download()
        return sandbox.fs:download_file("x", old, limit)
      end
      if expected == true then
        assert(download())
        support.write_file(old, "old content")
      elseif scenario == "endless-body" then
        -- A file has no cap: only the deadline ends this.
        fails("timeout", 2, function()
          return sandbox.fs:download_file("x", old, { timeout = 0.25 })
        end)
      else
        fails(expected, 2, download, row.or_else)
      end
    end)

    it("by " .. scenario .. ", when a file is uploaded", function()
      local sandbox = support.sandbox(client, server, scenario)
      fails(row.json, 2, function()
        return sandbox.fs:upload_file(directory .. "/up", "x", limit)
      end, row.or_else)
    end)
  end

  it("by silence, when a command has a time limit: the server has five seconds more", function()
    local sandbox = support.sandbox(client, server, "stall")
    local err = fails("timeout", 8, function()
      return sandbox.process:exec("sleep 100", { timeout = 1 })
    end)
    assert.is_true(err.elapsed > 5.9, err.elapsed)
    assert.equal("unknown", err.outcome)
    assert.is_false(err.retryable)
  end)

  for status, kind in pairs(STATUS) do
    it("with status " .. status, function()
      local bodies = {
        [""] = false, ["{}"] = false, ["null"] = false, ["[]"] = false, ["no JSON"] = false,
        ['{"message": 5}'] = false, ['{"message": ""}'] = false, ['{"message": {}}'] = false,
        ['{"message": "why"}'] = "why", ['{"message": ["one", "two"]}'] = "two",
        ['{"error": "why not"}'] = "why not",
      }
      for body, part in pairs(bodies) do
        local sandbox = support.sandbox(client, server, "error", { status = status, body = body })
        local err = fails(kind, 2, function()
          return sandbox.process:exec "true"
        end)
        assert.equal(status, err.status)
        assert.is_true(#err.message > 0)
        if part then
          assert.truthy(err.message:find(part, 1, true), err.message)
        end
      end
    end)
  end

  it("with an envelope gives every field of it", function()
    local sandbox = support.sandbox(client, server, "error", {
      status = 404, header = "X-Request-Id: r-7", body = [[{"message": "no such file",
        "code": "FILE_NOT_FOUND", "source": "DAYTONA_DAEMON", "statusCode": 404}]],
    })
    local run, err = sandbox.process:exec "true"
    assert.is_nil(run)
    support.eq({
      kind = "not_found", message = support.any_string, status = 404,
      code = "FILE_NOT_FOUND", source = "DAYTONA_DAEMON", operation = "process.exec",
      method = "POST", path = support.any_string, request_id = "r-7",
      attempts = 1, elapsed = support.any_number, retryable = false,
      outcome = "failed", sandbox_id = "sb-1", body = support.any_string,
    }, support.sound_error(err))
    assert.truthy(err.message:find("no such file", 1, true))
  end)

  it("bounds the body an error keeps", function()
    server:script({ path_prefix = "/api" }, { { status = 500, body = ("x"):rep(500000) } })
    local _, err = client:request("GET", "/x")
    assert.equal("server", support.sound_error(err).kind)
    assert.is_true(#err.body <= 65536, #err.body)
    assert.is_true(#tostring(err) <= 4096, #tostring(err))
  end)

  it("refuses connections", function()
    local refused = support.client(server, {
      api_url = ("http://127.0.0.1:%d/api"):format(server.refused_port), max_retries = 0,
    })
    local err = fails("connection", 2, function()
      return refused:get "sb-1"
    end)
    assert.equal("failed", err.outcome)
    assert.is_true(err.retryable)
    assert.truthy(err.message:find(tostring(server.refused_port), 1, true), err.message)
    refused:close()
  end)

  it("refuses connections to a toolbox, which is then named", function()
    local sandbox = client:sandbox {
      id = "sb-1", state = "started",
      toolbox_proxy_url = ("http://127.0.0.1:%d/toolbox"):format(server.refused_port),
    }
    local err = fails("connection", 2, function()
      return sandbox.process:exec "true"
    end)
    assert.equal("failed", err.outcome)
    assert.truthy(err.message:find(tostring(server.refused_port), 1, true), err.message)
  end)

  it("does not answer a connection attempt", function()
    local quiet = support.client(server, {
      api_url = ("http://127.0.0.1:%d/api"):format(server.unanswered_port),
      connect_timeout = 0.2, max_retries = 0,
    })
    local seconds, found, err = support.timed(quiet.get, quiet, "sb-1", { timeout = 30 })
    assert.is_nil(found)
    assert.is_true(seconds < 2, seconds)
    assert.equal("failed", support.sound_error(err).outcome)
    assert.truthy(err.kind == "connection" or err.kind == "timeout", err.kind)
    quiet:close()
  end)

  it("is a name that does not exist", function()
    local nowhere = support.client(server, {
      api_url = "https://no-such-host.invalid/api", max_retries = 0,
    })
    local err = fails("connection", 5, function()
      return nowhere:get "sb-1"
    end)
    assert.truthy(err.message:find("no-such-host.invalid", 1, true), err.message)
    nowhere:close()
  end)

  it("falls silent in the TLS handshake", function()
    local mute = support.client(server, {
      api_url = ("https://127.0.0.1:%d/api"):format(server.mute_port), max_retries = 0,
    })
    local seconds, found, err = support.timed(mute.get, mute, "sb-1", { timeout = 0.3 })
    assert.is_nil(found)
    assert.is_true(seconds < 2, seconds)
    assert.equal("timeout", support.sound_error(err).kind)
    mute:close()
  end)

  it("sends elsewhere, and the key does not go there", function()
    local other = support.fault_server()
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      local sandbox = support.sandbox(client, server, "redirect",
        { status = status, to = other:url "/fault/ok-json" })
      local _, err = sandbox.fs:list_files "."
      assert.equal("protocol", support.sound_error(err).kind)
      assert.equal(status, err.status)
    end
    assert.equal(0, #other:requests())
    other:close()
  end)

  it("says where its toolbox is, and only http and https are believed", function()
    for _, url in ipairs { "file:///etc", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x",
      "http://192.0.2.1/toolbox", "127.0.0.1", "http://", "http://user:pw@/", "" } do
      server:script({ path_prefix = "/api/sandbox" }, {
        { body = { id = "sb-2", state = "started", toolboxProxyUrl = url } },
        { status = 404, body = { message = "no toolbox" }, times = 0 },
      })
      local sandbox = assert(client:get "sb-2")
      local seconds, run, err = support.timed(sandbox.process.exec, sandbox.process, "true")
      assert.is_nil(run, url)
      support.sound_error(err)
      assert.is_true(seconds < 1, seconds)
      server:reset()
    end
  end)

  it("does not say where the toolbox is", function()
    for _, answer in ipairs { "{}", '{"url": ""}', '{"url": null}', '{"url": 5}', "[]", "null" } do
      server:script({ path_prefix = "/api/sandbox/sb-2/toolbox-proxy-url" },
        { { body = answer, times = 0 } })
      server:script({ path_prefix = "/api/sandbox/sb-2" },
        { { body = '{"id": "sb-2", "state": "started"}', times = 0 } })
      local run, err = client:sandbox("sb-2").process:exec "true"
      assert.is_nil(run)
      assert.equal("protocol", support.sound_error(err).kind, answer)
      server:reset()
    end
  end)

  it("answers with a sandbox that has no id", function()
    for _, answer in ipairs { "{}", '{"id": null}', '{"id": ""}', '{"state": "started"}' } do
      server:script({ path_prefix = "/api/sandbox" }, { { body = answer, times = 0 } })
      local handle = client:sandbox "sb-2"
      for _, call in ipairs {
        function() return handle:refresh() end,
        function() return handle:set_auto_stop_interval(5) end,
        function() return client:get "sb-2" end,
        function() return client:create { wait = false } end,
      } do
        local value, err = call()
        assert.is_nil(value)
        assert.equal("protocol", support.sound_error(err).kind, answer)
      end
      assert.equal("sb-2", handle.id)
      server:reset()
    end
  end)

  it("closes or resets a connection that was kept, and nobody notices", function()
    local patient = support.client(server, { timeout = 5 }) -- with its retries
    local sandbox = support.sandbox(patient, server, "idle-close")
    for _ = 1, 5 do
      assert(sandbox.fs:get_file_info "x")
    end
    sandbox = support.sandbox(patient, server, "idle-reset")
    assert(sandbox.fs:get_file_info "x")
    local again = support.sandbox(patient, server, "ok-json")
    assert(again.fs:get_file_info "x")
    assert.equal(1, server:count "ok-json")
    patient:close()
  end)

  it("resets a kept connection under a command: it is not run twice", function()
    local sandbox = support.sandbox(client, server, "idle-reset")
    assert(sandbox.fs:get_file_info "x")
    local again = support.sandbox(client, server, "json", { body = '{"exitCode": 0}' })
    local run, err = again.process:exec "true"
    local arrived = 0
    for _, request in ipairs(server:requests()) do
      -- The first was read whole, so it may have been acted on.
      arrived = arrived + (request.method == "POST" and request.complete and 1 or 0)
    end
    assert.equal(1, arrived)
    assert.is_nil(run)
    assert.equal("connection", support.sound_error(err).kind)
    assert.equal("unknown", err.outcome)
  end)

  it("breaks an upload off half-way", function()
    for _, ending in ipairs { "close", "reset" } do
      local sandbox = support.sandbox(client, server, "sink;half=1;end=" .. ending)
      local err = fails("connection", 2, function()
        return sandbox.fs:upload_file(directory .. "/up", "x")
      end)
      assert.equal("fs.upload_file", err.operation)
    end
  end)

  it("is done with before it is reached", function()
    for name, call in pairs {
      upload = function()
        return support.sandbox(client, server, "ok-json").fs
          :upload_file(directory .. "/none", "x")
      end,
      directory = function()
        return support.sandbox(client, server, "ok-json").fs:upload_file(directory, "x")
      end,
      download = function()
        return support.sandbox(client, server, "ok-json").fs
          :download_file("x", directory .. "/none/deeper/x")
      end,
      onto_directory = function()
        return support.sandbox(client, server, "ok-json").fs:download_file("x", directory)
      end,
    } do
      local value, err = call()
      assert.is_nil(value, name)
      assert.equal("file", support.sound_error(err).kind)
      assert.equal("failed", err.outcome)
      assert.equal(0, server:count "ok-json", name)
    end
  end)

  it("cannot make a call wait longer than its deadline, whatever it repeats", function()
    local sandbox = support.sandbox(client, server, "retry;n=1000;status=503;retry_after=100")
    local err = fails("unavailable", 2, function()
      return sandbox.fs:list_files(".", { timeout = 0.5, max_retries = 50 })
    end)
    assert.equal(503, err.status)
  end)
end)
