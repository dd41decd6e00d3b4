-- Cases of faults.lua that are one of a kind: addresses where nobody answers as
-- a server should, toolboxes and answers that cannot be trusted, uploads that
-- break off, files that are not there.  Gives { NAME = function(kit) }.

local clients = require "spec.support.clients"
local core = require "daytona.core"
local faults_kit = require "spec.support.faults_kit"

local expect, equal, contains = faults_kit.expect, faults_kit.equal, faults_kit.contains

local singles = {}

-- Toolboxes that are not to be believed, or are not there.
local TOOLBOXES = { "file:///etc", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x",
  "http://192.0.2.1/toolbox", "127.0.0.1", "http://", "http://user:pw@/", "" }

-- What a client gets that is not pointed at the server, or at an odd place of
-- it: { name, function(kit) -> options, call, judge }
local function elsewhere(options, seconds, kinds, judge)
  return function(kit)
    local config = options(kit)
    config.max_retries = 0
    local client = kit.new(config)
    local started = core.now()
    local value, err = client:get("sb-1", { timeout = seconds })
    expect(value == nil, "it succeeded")
    clients.sound_error(err)
    contains(kinds, err.kind)
    expect(core.now() - started < kit.patience, "took %.2f s", core.now() - started)
    if judge then
      judge(err, kit)
    end
    client:close()
  end
end

local function api_at(port_name)
  return function(kit)
    return { api_url = ("http://127.0.0.1:%d/api"):format(kit.server[port_name]), connect_timeout = 0.2 }
  end
end

singles["a connection is refused"] = elsewhere(api_at "refused_port", 30, "connection", function(err, kit)
  equal("failed", err.outcome, "outcome")
  equal(true, err.retryable, "retryable")
  contains(err.message, tostring(kit.server.refused_port))
end)

singles["a connection attempt is not answered"] = elsewhere(api_at "unanswered_port", 30,
  "connection timeout", function(err)
    equal("failed", err.outcome, "outcome")
  end)

singles["the name does not exist"] = elsewhere(function()
  return { api_url = "https://no-such-host.invalid/api" }
end, 30, "connection", function(err)
  contains(err.message, "no-such-host.invalid")
end)

singles["silence in the TLS handshake"] = elsewhere(function(kit)
  return { api_url = ("https://127.0.0.1:%d/api"):format(kit.server.mute_port) }
end, 0.3, "timeout")

singles["the certificate is nobody's"] = elsewhere(function(kit)
  return { api_url = ("https://127.0.0.1:%d/api"):format(kit.server.self_signed_port) }
end, 30, "tls", function(err)
  equal("failed", err.outcome, "outcome")
end)

singles["a toolbox refuses connections, and is named"] = function(kit)
  local sandbox = kit.client:sandbox {
    id = "sb-1", state = "started",
    toolbox_proxy_url = ("http://127.0.0.1:%d/toolbox"):format(kit.server.refused_port),
  }
  local err = kit:fails("connection", function()
    return sandbox.process:exec "true"
  end)
  equal("failed", err.outcome, "outcome")
  contains(err.message, tostring(kit.server.refused_port))
end

singles["a toolbox is nowhere a credential may go"] = function(kit)
  for _, url in ipairs(TOOLBOXES) do
    local client = kit.new {
      api_url = kit.server:url("/fault/" .. clients.scenario("json", {
        body = ('{"id": "sb-2", "state": "started", "toolboxProxyUrl": "%s", "url": "%s"}'):format(url, url),
      })),
    }
    local sandbox, problem = client:get("sb-2")
    expect(sandbox, "%s", tostring(problem))
    local run, err = sandbox.process:exec "true"
    expect(run == nil, "%s: it succeeded", url)
    clients.sound_error(err)
    client:close()
  end
end

singles["a sandbox has no id"] = function(kit)
  for _, answer in ipairs { "{}", '{"id": null}', '{"id": ""}', '{"state": "started"}' } do
    local client = kit.new {
      api_url = kit.server:url("/fault/" .. clients.scenario("json", { body = answer })),
    }
    local handle = client:sandbox "sb-2"
    for _, call in ipairs {
      function() return handle:refresh() end,
      function() return handle:set_auto_stop_interval(5) end,
      function() return client:get "sb-2" end,
      function() return client:create { wait = false } end,
    } do
      local value, err = call()
      expect(value == nil, "%s: it succeeded", answer)
      equal("protocol", clients.sound_error(err).kind, answer)
    end
    equal("sb-2", handle.id, "id")
    client:close()
  end
end

for _, ending in ipairs { "close", "reset" } do
  singles["an upload is broken off half-way by a " .. ending] = function(kit)
    local sandbox = kit:sandbox("sink;half=1;end=" .. ending)
    local err = kit:fails("connection", function()
      return sandbox.fs:upload_file(kit.up, "x")
    end)
    equal("fs.upload_file", err.operation, "operation")
  end
end

singles["a file is not there"] = function(kit)
  local fs = kit:sandbox("ok-json").fs
  for name, call in pairs {
    upload = function() return fs:upload_file(kit.directory .. "/none", "x") end,
    directory = function() return fs:upload_file(kit.directory, "x") end,
    download = function() return fs:download_file("x", kit.directory .. "/none/deeper/x") end,
    onto_directory = function() return fs:download_file("x", kit.directory) end,
  } do
    local value, err = call()
    expect(value == nil, "%s: it succeeded", name)
    equal("file", clients.sound_error(err).kind, name)
    equal("failed", err.outcome, name)
  end
end

singles["a server that is always busy, until the deadline"] = function(kit)
  local sandbox = kit:sandbox "retry;n=1000;status=503;retry_after=100"
  local err = kit:fails("unavailable", function()
    return sandbox.fs:list_files(".", { timeout = 0.5, max_retries = 50 })
  end)
  equal(503, err.status, "status")
end

return singles
