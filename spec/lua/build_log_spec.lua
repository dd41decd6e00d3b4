-- Sandboxes made of an image or a Dockerfile, and the log of their build.  The
-- fault server plays a Daytona that builds.

local support = require "spec.support" -- first: it looks after luv
local e2e = require "spec.support.e2e"
local loop = require "daytona.host.loop"
local luv = require "luv"
local uv = require "daytona.host.uv"
local clients = require "spec.support.clients"

local check, fails = e2e.check, e2e.fails

local SANDBOX = "/api/sandbox/sb-1"
local BUILDING = { body = { id = "sb-1", state = "building_snapshot" } }
local STARTED = { body = { id = "sb-1", state = "started" }, times = 0 }
local GONE = { status = 404, body = { statusCode = 404, message = "Sandbox with ID or name sb-1 not found" } }
local BROKEN = { body = { id = "sb-1", state = "build_failed", errorReason = "pip went wrong" }, times = 0 }

local function times(count, answer)
  return { body = answer.body, times = count }
end

-- The first `size` bytes that the scenario "log" gives.
local function pattern(size)
  local bytes = {}
  for index = 0, 250 do
    bytes[#bytes + 1] = string.char(index)
  end
  return table.concat(bytes):rep(math.ceil(size / 251)):sub(1, size)
end

describe("a build", function()
  local server, client, pieces

  support.serve_faults(function(...)
    server = ...
  end)

  before_each(function()
    server:reset()
    client = support.client(server, { timeout = 10, max_retries = 0 })
    pieces = {}
  end)

  after_each(function()
    client:close()
  end)

  local function keep(bytes)
    pieces[#pieces + 1] = bytes
  end

  -- Scripts a server that builds: the answers to reading the sandbox, and where
  -- the log is (a scenario with its parameters, or a URL).
  local function play(states, log, params)
    server:script({ method = "POST", path = "/api/sandbox" },
      { { body = { id = "sb-1", state = "pending_build" } } })
    server:script({ method = "GET", path = SANDBOX }, states)
    if log then
      local url = log:find "://" and log or server:url("/fault/" .. clients.scenario(log, params))
      server:script({ path = SANDBOX .. "/build-logs-url" }, { { body = { url = url }, times = 0 } })
    end
  end

  local function asked(path, method)
    local found = {}
    for _, request in ipairs(server:requests()) do
      if request.path == path and (not method or request.method == method) then
        found[#found + 1] = request
      end
    end
    return found
  end

  it("is asked for by an image or the text of a Dockerfile", function()
    for options, text in pairs {
      [{ image = "debian:12" }] = '"FROM debian:12\\u000a"',
      [{ dockerfile = "FROM a AS b\nRUN true" }] = '"FROM a AS b\\u000aRUN true"',
      [{ build_info = { dockerfile_content = "FROM c\n" } }] = '"FROM c\\u000a"',
    } do
      server:reset()
      play { BUILDING, STARTED }
      local sandbox = check(client:create(options))
      assert.equal("started", sandbox.state)
      local body = asked("/api/sandbox", "POST")[1].body
      assert.truthy(body:find('"buildInfo":{"dockerfileContent":' .. text .. "}", 1, true), body)
      assert.falsy(body:find('"image"', 1, true) or body:find('"dockerfile"', 1, true), body)
      assert.equal(0, #asked(SANDBOX .. "/build-logs-url"))
    end
  end)

  it("gives its log as it comes, while the state is looked at", function()
    -- The end of the log waits for more looks than there are before it begins.
    play({ times(4, BUILDING), STARTED }, "log",
      { size = 3000, pieces = 3, path = SANDBOX, looks = 4 })
    local sandbox = check(client:create { image = "debian:12", on_build_log = keep })
    assert.equal("started", sandbox.state)
    assert.is_true(table.concat(pieces) == pattern(3000))
    assert.is_true(#pieces >= 2)
    assert.equal(1, server:count "log")
    for _, request in ipairs(server:requests()) do
      assert.equal("Bearer " .. clients.api_key, request.headers.authorization)
      if request.scenario == "log" then
        assert.same({ "true" }, request.query.follow)
      end
    end
  end)

  it("gives nothing twice, and loses nothing, where connections break", function()
    play({ times(6, BUILDING), STARTED }, "log", { size = 200000, pieces = 7, drops = "0,1,70000,70000,199999" })
    check(client:create { image = "debian:12", on_build_log = keep })
    assert.is_true(table.concat(pieces) == pattern(200000))
    assert.is_true(server:count "log" >= 6)
  end)

  it("gives a large log", function()
    play({ times(3, BUILDING), STARTED }, "log", { size = 20000000, pieces = 9 })
    local size = 0
    check(client:create { image = "debian:12", on_build_log = function(bytes) size = size + #bytes end })
    assert.equal(20000000, size)
  end)

  it("is over when its log has ended and the sandbox is being made", function()
    play({ BUILDING, { body = { id = "sb-1", state = "creating" }, times = 3 }, STARTED }, "log", { size = 5 })
    check(client:create { image = "debian:12", on_build_log = keep })
    assert.equal(pattern(5), table.concat(pieces))
    assert.equal(1, server:count "log")
  end)

  it("is over when the state says so, though its log does not end", function()
    play({ times(3, BUILDING), STARTED }, "log", { size = 5, ["end"] = "hold" })
    check(client:create { image = "debian:12", on_build_log = keep })
    assert.equal(pattern(5), table.concat(pieces))
    assert.equal(0, client._core:live())
  end)

  it("that fails says why, with the end of its log", function()
    for _, callback in ipairs { keep, false } do
      server:reset()
      play({ BUILDING, BROKEN }, "log", { size = 10000 })
      local err = fails({ kind = "state", state = "build_failed", sandbox_id = "sb-1", message = "pip went wrong",
        body = pattern(10000):sub(-4096) },
        client:create { image = "debian:12", on_build_log = callback or nil, on_timeout = "delete" })
      assert.falsy(tostring(err):find("deleted", 1, true))
      assert.equal(1, server:count "log")
    end
    assert.is_true(table.concat(pieces) == pattern(10000))
  end)

  it("that fails with a log that shows the credential does not pass it on", function()
    play({ BROKEN }, server:url "/logs/sb-1")
    server:script({ path = "/logs/sb-1" }, { { body = "sent: " .. clients.api_key .. ("."):rep(4085), times = 0 } })
    local err = fails({ kind = "state" }, client:create { image = "debian:12" })
    assert.equal("sent: ***" .. ("."):rep(4085), err.body)
  end)

  it("goes on where there is no log", function()
    for _, url in ipairs { false, "file:///etc/passwd", "http://192.0.2.1/log", "http://", "http://u:p@127.0.0.1/",
      "http://127.0.0.1/a?b=c", "" } do
      server:reset()
      play({ times(2, BUILDING), STARTED }, url and url ~= "" and url)
      if url == "" then
        server:script({ path = SANDBOX .. "/build-logs-url" }, { { body = {} } })
      end
      check(client:create { image = "debian:12", on_build_log = keep })
      assert.same({}, pieces)
    end
    for _, scenario in ipairs { "error;status=401", "error;status=500", "error;status=404", "redirect", "garbage" } do
      server:reset()
      play({ BUILDING, STARTED }, server:url("/fault/" .. scenario))
      check(client:create { image = "debian:12", on_build_log = keep })
      assert.same({}, pieces)
    end
  end)

  it("gives a log that is there only later", function()
    play({ times(6, BUILDING), STARTED }, server:url "/logs/sb-1")
    server:script({ path = "/logs/sb-1" }, {
      { status = 404, body = "{}" }, { status = 502 }, { body = "a" }, { body = "ab", times = 0 },
    })
    check(client:create { image = "debian:12", on_build_log = keep })
    assert.equal("ab", table.concat(pieces))
  end)

  it("is not waited for longer than asked", function()
    play({ times(0, BUILDING) }, "log", { size = 5, ["end"] = "hold" })
    fails({ kind = "timeout", state = "building_snapshot", sandbox_id = "sb-1", outcome = "unknown" },
      client:create { image = "debian:12", on_build_log = keep, timeout = 0.7 })
    assert.equal(pattern(5), table.concat(pieces))
    assert.equal(0, client._core:live())
    assert.equal(0, #asked(SANDBOX, "DELETE"))
  end)

  it("that takes too long is deleted where that is asked for", function()
    play({ times(0, BUILDING) }, "log", { size = 5, ["end"] = "hold" })
    server:script({ method = "DELETE", path = SANDBOX }, { GONE })
    fails({ kind = "timeout", message = "it was deleted", state = "destroyed", sandbox_id = "sb-1" },
      client:create { image = "debian:12", on_build_log = keep, timeout = 0.5, on_timeout = "delete" })
    assert.equal(1, #asked(SANDBOX, "DELETE"))
  end)

  it("ends with an error of the function that gets its log", function()
    local function broken()
      error("no more", 0)
    end
    play({ times(0, BUILDING) }, "log", { size = 5, ["end"] = "hold" })
    server:script({ method = "DELETE", path = SANDBOX }, { GONE })
    local ok, problem = pcall(client.create, client, { image = "debian:12", on_build_log = broken })
    assert.is_false(ok)
    assert.equal("no more", problem)
    assert.equal(1, #asked(SANDBOX, "DELETE"))
    assert.equal(0, client._core:live())
    server:reset()
    local thrown = {}
    play({ times(0, BUILDING) }, "log", { size = 5 })
    server:script({ method = "DELETE", path = SANDBOX }, { GONE })
    ok, problem = pcall(client.create, client, { image = "debian:12", on_timeout = "delete",
      on_build_log = function() error(thrown) end })
    assert.is_false(ok)
    assert.equal(thrown, problem)
    assert.equal(1, #asked(SANDBOX, "DELETE"))
  end)

  it("is told to hooks, and its log can be read at any time", function()
    local seen = {}
    local watched = support.client(server, { on_response = function(event)
      seen[#seen + 1] = { event.operation, event.path, event.status }
    end })
    local params = { size = 300000 }
    play({ STARTED }, "log", params)
    local path = "/fault/" .. clients.scenario("log", params)
    assert.is_true(check(watched:sandbox("sb-1"):build_logs()) == pattern(300000))
    assert.same({ { "sandbox.get_build_logs_url", "/sandbox/sb-1/build-logs-url", 200 },
      { "sandbox.build_log", path, 200 } }, seen)
    watched:close()
    server:reset()
    fails({ kind = "not_found", status = 404, sandbox_id = "sb-1", operation = "sandbox.get_build_logs_url" },
      client:sandbox("sb-1"):build_logs())
    play({ STARTED }, "error;status=410")
    server:script({ path = SANDBOX .. "/build-logs-url" }, {})
    fails({ kind = "gone", sandbox_id = "sb-1", operation = "sandbox.build_log" },
      client:sandbox("sb-1"):build_logs())
  end)

  it("of a snapshot is read whole, or as it grows", function()
    local function log_at(scenario, params)
      server:script({ path = "/api/snapshots/s-1/build-logs-url" },
        { { body = { url = server:url("/fault/" .. clients.scenario(scenario, params)) }, times = 0 } })
    end
    log_at("log", { size = 300000 })
    assert.is_true(check(client.snapshot:build_logs "s-1") == pattern(300000))
    assert.is_true(check(client.snapshot:build_logs("s-1", { on_log = keep })))
    assert.is_true(table.concat(pieces) == pattern(300000))
    local tasks = support.client(server, { host = loop })
    pieces = {}
    loop.run(function()
      check(tasks.snapshot:build_logs("s-1", { on_log = keep }))
    end)
    tasks:close()
    assert.is_true(table.concat(pieces) == pattern(300000))
    local ok, raised = pcall(client.snapshot.build_logs, client.snapshot, "s-1", {
      on_log = function() error({ 5 }) end,
    })
    assert.same({ false, { 5 } }, { ok, raised })
    fails({ kind = "not_found", operation = "snapshot.get_build_logs_url" }, client.snapshot:build_logs "s-2")
    server:script({ path = "/api/snapshots/s-4/build-logs-url" }, { { delay_ms = 30000, times = 0 } })
    local hasty = support.client(server, { timeout = 0.2, max_retries = 0 })
    fails({ kind = "timeout", operation = "snapshot.get_build_logs_url" },
      hasty.snapshot:build_logs("s-4", { on_log = keep }))
    server:script({ path = SANDBOX .. "/ports/80/preview-url" }, { { delay_ms = 30000, times = 0 } })
    fails({ kind = "timeout", operation = "sandbox.get_preview_link" },
      hasty:sandbox("sb-1"):preview(80):open("GET", "/"))
    hasty:close()
    server:script({ path = "/api/snapshots/s-3/build-logs-url" }, { { body = { url = "file:///etc/passwd" } } })
    fails({ kind = "protocol" }, client.snapshot:build_logs "s-3")
    assert.truthy(support.raised(client.snapshot.build_logs, client.snapshot, "s-1", { on_log = 5 })
      :find("function expected, got number", 1, true))
  end)

  it("of a snapshot is read over as many connections as it takes", function()
    local function read(id, url, options)
      pieces = {}
      server:script({ path = "/api/snapshots/" .. id .. "/build-logs-url" }, { { body = { url = server:url(url) } } })
      function options.on_log(chunk)
        pieces[#pieces + 1] = chunk
      end
      return client.snapshot:build_logs(id, options)
    end
    local broken = "/fault/" .. clients.scenario("log", { size = 300000, drops = "0,1000,250000" })
    assert.is_true(check(read("s-1", broken, { timeout = 20 })))
    assert.is_true(table.concat(pieces) == pattern(300000))
    server:script({ path = "/logs" }, { { status = 503, times = 2 }, { body = "whole" }, { status = 410, times = 0 } })
    assert.is_true(check(read("s-2", "/logs", { timeout = 20 })))
    assert.equal("whole", table.concat(pieces))
    fails({ kind = "gone", attempts = 1 }, read("s-3", "/logs", { timeout = 20 }))
    server:script({ path = "/never" }, { { status = 503, times = 0 } })
    fails({ kind = "unavailable" }, read("s-4", "/never", { timeout = 20 }))
    fails({ kind = "unavailable" }, read("s-5", "/never", { timeout = 0.3 }))
  end)

  it("refuses what contradicts itself", function()
    for options, message in pairs {
      [{ image = "a", snapshot = "b" }] = "sandbox.create: field 'image': contradicts 'snapshot'",
      [{ image = "a", dockerfile = "b" }] = "sandbox.create: field 'dockerfile': contradicts 'image'",
      [{ image = "a\nRUN b" }] = "sandbox.create: field 'image': ",
      [{ image = " " }] = "sandbox.create: field 'image': ",
      [{ image = "a", on_build_log = 5 }] = "field 'on_build_log': function expected, got number",
      [{ on_build_log = print }] = "'image', 'dockerfile' or 'build_info' is needed",
      [{ image = "a", wait = false, on_build_log = print }] = "field 'on_build_log': contradicts 'wait'",
      [{ images = "a" }] = "unknown option 'images' (did you mean 'image'?)",
    } do
      local ok, problem = pcall(client.create, client, options)
      assert.is_false(ok)
      assert.truthy(problem:find(message, 1, true), problem)
    end
    assert.equal(0, #server:requests())
  end)

  describe("in the loop", function()
    local looped

    before_each(function()
      looped = support.client(server, { host = loop, timeout = 10, max_retries = 0 })
    end)

    after_each(function()
      assert.equal(0, looped._core:live())
      looped:close()
    end)

    it("goes on beside others, and its log may be waited with", function()
      play({ times(14, BUILDING), STARTED }, "log", { size = 1000, pieces = 4 })
      for _ = 2, 4 do
        play {}
      end
      local logs = { "", "", "", "" }
      loop.run(function()
        for index, sandbox in ipairs(check(loop.map({ 1, 2, 3, 4 }, function(index)
          return check(looped:create { image = "debian:12", on_build_log = function(bytes)
            loop.sleep(0)
            logs[index] = logs[index] .. bytes
          end })
        end))) do
          assert.equal("started", sandbox.state)
          assert.is_true(logs[index] == pattern(1000))
        end
      end)
    end)

    it("does so beside an event loop, where a thread turns the driver", function()
      play({ times(4, BUILDING), STARTED }, "log",
        { size = 3000, pieces = 3, drops = "0,700", path = SANDBOX, looks = 3 })
      local beside = support.client(server, { host = uv, timeout = 10, max_retries = 0 })
      local sandbox, err
      uv.run(function()
        sandbox, err = beside:create { image = "debian:12", on_build_log = function(bytes)
          uv.sleep(0.001)
          keep(bytes)
        end }
        beside:close()
      end)
      luv.run()
      check(sandbox, err)
      assert.is_true(table.concat(pieces) == pattern(3000))
    end)

    it("can be cancelled, and is deleted then", function()
      play({ times(0, BUILDING) }, "log", { size = 5, ["end"] = "hold" })
      server:script({ method = "DELETE", path = SANDBOX }, { GONE })
      loop.run(function()
        local task
        task = loop.spawn(function()
          return looped:create { image = "debian:12", on_timeout = "delete", on_build_log = function(bytes)
            keep(bytes)
            task:cancel()
          end }
        end)
        fails({ kind = "cancelled", message = "it was deleted", sandbox_id = "sb-1" }, task:wait())
      end)
      assert.equal(1, #asked(SANDBOX, "DELETE"))
      assert.equal(pattern(5), table.concat(pieces))
    end)
  end)
end)
