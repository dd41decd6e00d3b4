-- What a server or a network can do wrong, and what a call then gives: nil and
-- an error of the right kind, in bounded time, and the client works on.  One
-- table for every host; it needs daytona and the fault server's ports, nothing
-- else, so it runs inside Neovim and nginx, too.

local clients = require "spec.support.clients"
local core = require "daytona.core"
local protect = require "daytona.call.protected"

local faults = {}

-- What each scenario gives: a kind, or true where the call succeeds.
-- `json`: for calls that expect JSON; `bytes`: for a download, where different.
local SCENARIOS = {
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
  { "endless-body;milliseconds=5", json = "protocol", bytes = "timeout" }, -- a file has no cap
  { "gzip-bomb", json = "protocol" },
  { "big-json;size=3000000", json = "protocol", bytes = true },
  { "informational;count=0", json = "protocol" },
  { "wrong-content-type", json = "protocol" },
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

-- The kind of each status.
local STATUS = {
  [400] = "bad_request", [401] = "unauthorized", [403] = "forbidden",
  [404] = "not_found", [408] = "timeout", [409] = "conflict", [410] = "gone",
  [422] = "unprocessable", [429] = "rate_limited", [500] = "server",
  [502] = "bad_gateway", [503] = "unavailable", [504] = "timeout",
}

-- Bodies of errors, and what of them must be in the message.
local BODIES = {
  [""] = false, ["{}"] = false, ["null"] = false, ["[]"] = false, ["no JSON"] = false,
  ['{"message": 5}'] = false, ['{"message": ""}'] = false, ['{"message": {}}'] = false,
  ['{"message": "why"}'] = "why", ['{"message": ["one", "two"]}'] = "two",
  ['{"error": "why not"}'] = "why not",
}

-- Toolboxes that are not to be believed, or are not there.
local TOOLBOXES = { "file:///etc", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x",
  "http://192.0.2.1/toolbox", "127.0.0.1", "http://", "http://user:pw@/", "" }

local function expect(condition, message, ...)
  if not condition then
    error(message:format(...), 2)
  end
end

local function equal(expected, actual, what)
  expect(expected == actual, "%s: expected %s, got %s", what, tostring(expected), tostring(actual))
end

local function contains(text, part)
  expect(tostring(text):find(part, 1, true), "'%s' is not in: %s", part, tostring(text))
end

local function write_file(path, content)
  local file = assert(io.open(path, "wb"))
  assert(file:write(content))
  assert(file:close())
  return path
end

-- A file that takes no room: there is one for each case.
local function make_sparse(path, size)
  local file = assert(io.open(path, "wb"))
  assert(file:seek("set", size - 1))
  assert(file:write "u")
  assert(file:close())
  return path
end

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local content = file:read "*a"
  file:close()
  return content
end

---@class Kit
local Kit = {}
Kit.__index = Kit

function Kit:sandbox(name, params)
  return clients.sandbox(self.client, self.server, name, params)
end

-- The client can still be used.
function Kit:usable()
  local run, err = self:sandbox("json", { body = '{"exitCode": 5}' }).process:exec "true"
  expect(run, "the client is of no more use: %s", tostring(err))
  equal(5, run.exit_code, "exit_code")
end

-- Runs call(); expects nil and an error of `kind` (or of `or_else`), soon.
function Kit:fails(kind, call, or_else)
  local started = core.now()
  local value, err = call()
  local seconds = core.now() - started
  expect(value == nil, "it succeeded")
  clients.sound_error(err)
  if err.kind ~= or_else then
    expect(kind == err.kind, "kind %s expected: %s", kind, tostring(err))
  end
  expect(seconds < self.patience, "took %.2f s", seconds)
  self:usable()
  return err
end

local function limit_of(kind)
  -- Short only where the time must run out, lest a busy machine decides.
  return { timeout = kind == "timeout" and 0.75 or 10 }
end

local function change(row)
  return function(kit)
    local sandbox = kit:sandbox(row[1])
    -- A command has no deadline of its own, so what never ends needs another
    -- call that is not idempotent.
    local operation = row.json == "timeout" and "fs.move_file" or "process.exec"
    local err = kit:fails(row.json, function()
      if operation == "fs.move_file" then
        return sandbox.fs:move_file("a", "b", limit_of "timeout")
      end
      return sandbox.process:exec "true"
    end, row.or_else)
    equal(operation, err.operation, "operation")
    equal("POST", err.method, "method")
    equal("sb-1", err.sandbox_id, "sandbox_id")
    equal(1, err.attempts, "attempts")
    if row.status and err.kind == row.json then
      equal(row.status, err.status, "status")
    end
    if row.outcome then
      equal(row.outcome, err.outcome, "outcome")
    end
  end
end

local function list(row)
  return function(kit)
    local sandbox = kit:sandbox(row[1])
    kit:fails(row.json, function()
      return sandbox.fs:list_files(".", limit_of(row.json))
    end, row.or_else)
  end
end

local function download(row, number)
  return function(kit)
    local sandbox = kit:sandbox(row[1])
    local path = write_file(("%s/%d"):format(kit.directory, number), "old content")
    local expected = row.bytes or row.json
    local function call()
      return sandbox.fs:download_file("x", path, limit_of(expected))
    end
    if expected == true then
      local file, err = call()
      expect(file, "%s", tostring(err))
    else
      kit:fails(expected, call, row.or_else)
      equal("old content", read_file(path), "the file that was there")
    end
    os.remove(path)
  end
end

local function upload(row)
  return function(kit)
    local sandbox = kit:sandbox(row[1])
    kit:fails(row.json, function()
      return sandbox.fs:upload_file(kit.up, "x", limit_of(row.json))
    end, row.or_else)
  end
end

local function status_case(status, kind)
  return function(kit)
    for body, part in pairs(BODIES) do
      -- A refusal for the rate pauses the client that meets it.
      local client = status == 429 and kit.new {} or kit.client
      local sandbox = clients.sandbox(client, kit.server, "error", { status = status, body = body })
      local err = kit:fails(kind, function()
        return sandbox.process:exec "true"
      end)
      if client ~= kit.client then
        client:close()
      end
      equal(status, err.status, "status")
      expect(#err.message > 0, "no message")
      if part then
        contains(err.message, part)
      end
    end
  end
end

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

local singles = {}

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

-- All cases, in a fixed order: { name = "...", run = function(kit) } that
-- raises what is wrong.
function faults.cases()
  local cases = {}
  local function add(name, run)
    cases[#cases + 1] = { name = name, run = run }
  end
  for number, row in ipairs(SCENARIOS) do
    add(row[1] .. ", when something is changed", change(row))
    add(row[1] .. ", when a list is read", list(row))
    add(row[1] .. ", when a file is downloaded", download(row, number))
    add(row[1] .. ", when a file is uploaded", upload(row))
  end
  for status, kind in pairs(STATUS) do
    add("status " .. status, status_case(status, kind))
  end
  for name, run in pairs(singles) do
    add(name, run)
  end
  table.sort(cases, function(a, b) return a.name < b.name end)
  return cases
end

-- What a case needs.  `new(options)` makes a client of the host under test
-- (client-options as for daytona.new, api_url and api_key among them); `server`
-- has what the fault server announced, and url(path); `directory` is an empty
-- one for files; a case may take `patience` seconds (2).
function faults.kit(new, server, directory, patience)
  local function client(options)
    local config = { api_key = clients.api_key, api_url = server:url "/api", timeout = 10,
      max_retries = 0, max_response = 1000000 }
    for name, value in pairs(options) do
      config[name] = value
    end
    return new(config)
  end
  return setmetatable({
    new = client, client = client {}, server = server, directory = directory,
    up = make_sparse(directory .. "/up", 3000000), patience = patience or 2,
  }, Kit)
end

-- Ends what a kit holds.
function Kit:close()
  self.client:close()
  os.remove(self.up)
end

-- Runs every case, `each(list, fn)` calling fn(case) for each, as many at once
-- as it likes, and coming back when all have ended.  Gives how many cases there
-- were and a list of what went wrong.
function faults.run(kit, each)
  local cases, ended, problems = faults.cases(), 0, {}
  each(cases, function(case)
    local ok, message = protect.pcall(case.run, kit)
    if not ok then
      problems[#problems + 1] = case.name .. ": " .. tostring(message)
    end
    ended = ended + 1
    return true
  end)
  if ended ~= #cases then
    problems[#problems + 1] = ("%d of %d cases came to an end"):format(ended, #cases)
  end
  return #cases, problems
end

return faults
