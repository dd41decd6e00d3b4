-- The helper servers, started by io.popen. They live as long as their output
-- is read, so nobody needs their process ids.

local json = require("cjson").new()

local control = require "spec.support.control"
local files = require "spec.support.files"

local servers = {}

local Server = {}
Server.__index = Server

local function start(script)
  -- A sanitizer that is preloaded into the specs is not meant for Python.
  local command = ("unset LD_PRELOAD; exec %s %s"):format(files.helper, script)
  local pipe = assert(io.popen(command, "r"))
  local line = pipe:read "*l"
  if not line then
    error(script .. " did not start", 3)
  end
  local server = json.decode(line)
  for key, value in pairs(server) do
    if type(value) == "number" then
      server[key] = math.floor(value) -- cjson gives floats
    end
  end
  server.pipe = pipe
  return setmetatable(server, Server)
end

-- Ends the server: it lives as long as its output is read.
function Server:close()
  if self.pipe then
    self.pipe:close()
    self.pipe = nil
  end
end

-- The fault server; see fault_server.py for what it announces, which is what
-- the object holds.
function servers.fault_server()
  return start "fault_server.py"
end

-- A toolbox that tells of its commands in odd ways; see toolbox_server.py.
function servers.toolbox_server()
  return start "toolbox_server.py"
end

-- A toolbox of daytona-local without a sandbox and a server around it; see
-- lone_toolbox.py. `limits` as the server would tell it.
function servers.lone_toolbox(limits)
  return start("lone_toolbox.py " .. files.quote(json.encode(limits)))
end

-- A toolbox in the place of a sandbox's own, by its socket, that lends what it
-- should not; see lender.py.
function servers.lender(place, directory)
  return start(("lender.py %s %s"):format(files.quote(place), files.quote(directory)))
end

-- Git over HTTP; see git_server.py.
function servers.git_server()
  return start "git_server.py"
end

-- Services that sandboxes must not reach; see host_services.py.
function servers.host_services()
  return start "host_services.py"
end

-- Clients that hold connections and ask nothing; see crowd.py.
function servers.crowd(host, port, silent, dripping)
  return start(("crowd.py %s %d %d %d"):format(files.quote(host), port, silent, dripping))
end

-- A server that ends each stream of HTTP/2 with an error; see stream_server.py.
function servers.stream_server(certificates, code)
  return start(("stream_server.py %s %d"):format(files.quote(certificates), code))
end

-- A relay to ports of this machine or unix sockets; see relay.py for the
-- options. spec.support.front has orders for it.
function servers.relay(options)
  return start("relay.py " .. files.quote(json.encode(options)))
end

function Server:url(path)
  return ("http://127.0.0.1:%d%s"):format(self.port, path or "")
end

-- https on one of the announced ports: "tls", "self_signed", "expired" or
-- "wrong_host".
function Server:tls_url(kind, path)
  return ("https://127.0.0.1:%d%s"):format(self[kind .. "_port"], path or "")
end

function Server:control(path, body)
  return control(self.directory, path, body)
end

-- Forgets counts, requests and scripted answers.
function Server:reset()
  self:control "/stats/reset"
end

-- { scenarios = { name = count }, requests, connections, open_connections }
function Server:stats()
  return self:control "/stats"
end

-- How often a scenario was asked for.
function Server:count(scenario)
  return self:stats().scenarios[scenario] or 0
end

-- Answers for requests that match { method, path, path_prefix }, used up in
-- order: { status, headers, body (JSON text or a table), body_hex, delay_ms }
-- or { scenario = "error;status=404" }; `times` repeats one, 0 for ever.
function Server:script(match, answers)
  self:control("/script", { match = match, answers = answers })
end

local function unhex(text)
  return (text:gsub("%x%x", function(pair)
    return string.char(tonumber(pair, 16))
  end))
end

-- All requests since the last reset, oldest first, with `head` and `body` as
-- the bytes that were on the wire.
function Server:requests()
  local requests = self:stats().requests
  for _, request in ipairs(requests) do
    request.head = unhex(request.head_hex)
    request.body = unhex(request.body_hex)
    request.head_hex, request.body_hex = nil, nil
  end
  return requests
end

function Server:last()
  local requests = self:requests()
  return requests[#requests]
end

return servers
