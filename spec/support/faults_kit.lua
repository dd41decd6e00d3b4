-- What a case of faults.lua needs: a client of the host under test, the fault
-- server and a directory, with checks that raise what is wrong.

local clients = require "spec.support.clients"
local core = require "daytona.core"

local faults_kit = {}

function faults_kit.expect(condition, message, ...)
  if not condition then
    error(message:format(...), 2)
  end
end

function faults_kit.equal(expected, actual, what)
  faults_kit.expect(expected == actual, "%s: expected %s, got %s", what, tostring(expected), tostring(actual))
end

function faults_kit.contains(text, part)
  faults_kit.expect(tostring(text):find(part, 1, true), "'%s' is not in: %s", part, tostring(text))
end

-- A file that takes no room: there is one for each case.
local function make_sparse(path, size)
  local file = assert(io.open(path, "wb"))
  assert(file:seek("set", size - 1))
  assert(file:write "u")
  assert(file:close())
  return path
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
  faults_kit.expect(run, "the client is of no more use: %s", tostring(err))
  faults_kit.equal(5, run.exit_code, "exit_code")
end

-- Runs call(); expects nil and an error of `kind` (or of `or_else`), soon.
function Kit:fails(kind, call, or_else)
  local started = core.now()
  local value, err = call()
  local seconds = core.now() - started
  faults_kit.expect(value == nil, "it succeeded")
  clients.sound_error(err)
  if err.kind ~= or_else then
    faults_kit.expect(kind == err.kind, "kind %s expected: %s", kind, tostring(err))
  end
  faults_kit.expect(seconds < self.patience, "took %.2f s", seconds)
  self:usable()
  return err
end

-- What a case needs.  `new(options)` makes a client of the host under test
-- (client-options as for daytona.new, api_url and api_key among them); `server`
-- has what the fault server announced, and url(path); `directory` is an empty
-- one for files; a case may take `patience` seconds (2).
function faults_kit.new(new, server, directory, patience)
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

return faults_kit
