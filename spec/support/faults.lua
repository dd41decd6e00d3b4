-- What a server or a network can do wrong, and what a call then gives: nil and
-- an error of the right kind, in bounded time, and the client works on.  One
-- table for every host; it needs daytona and the fault server's ports, nothing
-- else, so it runs inside Neovim and nginx, too.

local clients = require "spec.support.clients"
local faults_kit = require "spec.support.faults_kit"
local protect = require "daytona.call.protected"
local singles = require "spec.support.faults_single"

local faults = { kit = faults_kit.new }

local expect, equal, contains = faults_kit.expect, faults_kit.equal, faults_kit.contains

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

local function write_file(path, content)
  local file = assert(io.open(path, "wb"))
  assert(file:write(content))
  assert(file:close())
  return path
end

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local content = file:read "*a"
  file:close()
  return content
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
