-- Whatever the server or the network does: nil and an error of the right kind,
-- in bounded time, nothing left behind, and the client works on.

local faults = require "spec.support.faults"
local support = require "spec.support"
local daytona = require "daytona"

describe("a server that fails", function()
  local server, kit, client, directory, fds_before

  support.serve_faults(function(...)
    server = ...
    -- What a first use opens for good is no leak.
    local first = support.client(server)
    first:request("GET", "/x")
    first:close()
    fds_before = select(2, support.open_fds()) -- for all: its collections take a third of this file's time
  end)

  before_each(function()
    server:reset()
    directory = support.temp_dir()
    kit = faults.kit(function(options)
      return assert(daytona.new(options))
    end, server, directory)
    client = kit.client
  end)

  after_each(function()
    kit:close()
    kit, client = nil, nil -- luacheck: ignore
    support.check_fds(fds_before)
    assert.same({}, support.files_under(directory))
    support.cleanup()
  end)

  for _, case in ipairs(faults.cases()) do
    it("by " .. case.name, function()
      case.run(kit)
    end)
  end

  it("by silence, when a command has a time limit: the server has five seconds more", function()
    local sandbox = support.sandbox(client, server, "stall")
    kit.patience = 8
    local err = kit:fails("timeout", function()
      return sandbox.process:exec("sleep 100", { timeout = 1 })
    end)
    assert.is_true(err.elapsed > 5.9, err.elapsed)
    assert.equal("unknown", err.outcome)
    assert.is_false(err.retryable)
  end)

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

  it("is not asked when a file of ours is not there", function()
    for _, case in ipairs(faults.cases()) do
      if case.name == "a file is not there" then
        case.run(kit)
      end
    end
    assert.equal(0, #server:requests())
  end)
end)
