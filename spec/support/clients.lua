-- Clients and sandbox handles that point at the fault server, and what holds
-- for every error there is.

local clients = {}

-- Looks nothing like any other text in a message, so that a leak shows, and is
-- no other process's: specs run beside each other.
clients.api_key = ("dtn_SPEC_%s_never_to_be_seen"):format(tostring({}):match "%x+$")

-- A client whose api_url is the server's /api, or `options.api_url`; false in
-- `options` takes a default away.
function clients.client(server, options)
  local config = { api_key = clients.api_key, api_url = server:url "/api" }
  for name, value in pairs(options or {}) do
    config[name] = value or nil
  end
  return assert(require("daytona").new(config))
end

-- A scenario of the fault server with its parameters, as it stands in a path.
function clients.scenario(name, params)
  local pieces = { name }
  for key, value in pairs(params or {}) do
    pieces[#pieces + 1] = key .. "=" .. tostring(value):gsub("[^%w._-]", function(c)
      return ("%%%02X"):format(c:byte())
    end)
  end
  return table.concat(pieces, ";")
end

-- A handle made without a request, whose toolbox is that scenario.
function clients.sandbox(client, server, name, params)
  return client:sandbox {
    id = "sb-1",
    state = "started",
    toolbox_proxy_url = server:url("/fault/" .. clients.scenario(name, params)),
  }
end

-- Has the specs of a describe served by a fault server: fn(server, client) is called when
-- it has started.  `options`: of a client; nil: none is made.
function clients.serve_faults(fn, options)
  local busted, support = require "busted", require "spec.support"
  local server, client
  busted.setup(function()
    server = support.fault_server()
    client = options and clients.client(server, options)
    fn(server, client)
  end)
  busted.teardown(function()
    if client then
      client:close()
    end
    server:close()
    support.cleanup()
  end)
end

-- The same for specs that script the server's answers: before each test the server
-- has forgotten the last one, and fn(server, sandbox, client) gets a handle and a
-- client of its own; the toolbox is at /box.
function clients.serve_scripts(fn)
  local busted = require "busted"
  local server, client
  clients.serve_faults(function(started)
    server = started
  end)
  busted.before_each(function()
    server:reset()
    client = clients.client(server, { max_retries = 0, timeout = 10 })
    fn(server,
      client:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }, client)
  end)
  busted.after_each(function()
    client:close()
  end)
end

-- A client of the C core by itself, with `changes` to its configuration, and a function
-- that gives the handle of a sandbox whose toolbox is that scenario.
function clients.core_client(server, changes)
  local core, owner = require "daytona.core", {}
  local config = {
    api_url = server:url "/api", token = clients.api_key, user_agent = "spec/1",
    source = "sdk-lua", sdk_version = "0.205.1", connect_timeout = 5, max_response = 1000000,
  }
  for name, value in pairs(changes or {}) do
    config[name] = value
  end
  local client = core.client(config)
  client:own(owner)
  return client, function(scenario)
    return core.sandbox({ id = "sb-1", toolbox_proxy_url = server:url("/fault/" .. scenario) }, owner)
  end
end

local KINDS = {}
for kind in ([[bad_request unauthorized forbidden not_found timeout conflict
  gone unprocessable rate_limited server bad_gateway unavailable connection tls
  cancelled protocol file state]]):gmatch "%S+" do
  KINDS[kind] = true
end

local FIELDS = {
  kind = "string", message = "string", status = "number", code = "string",
  source = "string", operation = "string", method = "string", path = "string",
  request_id = "string", attempts = "number", elapsed = "number",
  retryable = "boolean", outcome = "string", sandbox_id = "string",
  body = "string", result = "table", retry_after = "number", budget_exhausted = "boolean",
  state = "string",
}
local REQUIRED = { "kind", "message", "operation", "attempts", "elapsed",
  "retryable", "outcome" }

local function no_key(text, where)
  if tostring(text):find(clients.api_key, 1, true) then
    error("the API key is in " .. where .. ": " .. tostring(text), 0)
  end
end

-- Checks what every error must be, and gives it back.
function clients.sound_error(err)
  if type(err) ~= "table" then
    error("not an error object: " .. tostring(err), 2)
  end
  assert(getmetatable(err).__name == "daytona.error", "not a daytona.error")
  assert(KINDS[err.kind], "unknown kind " .. tostring(err.kind))
  assert(err.outcome == "failed" or err.outcome == "unknown", "bad outcome")
  for _, name in ipairs(REQUIRED) do
    assert(err[name] ~= nil, "no " .. name .. " in the error")
  end
  for name, value in pairs(err) do
    assert(type(value) == FIELDS[name],
      ("field %s is a %s"):format(tostring(name), type(value)))
    no_key(value, "field " .. name)
  end
  local text = tostring(err)
  no_key(text, "tostring")
  assert(text:find(err.message, 1, true), "tostring lacks the message: " .. text)
  assert(not text:find "[%z\1-\8\11-\31]", "control characters in: " .. text)
  return err
end

return clients
