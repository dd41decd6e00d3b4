-- What the specs of the toolbox share: one sandbox on a server of its own, and
-- requests to its toolbox whose refusals are easy to compare.

local daytona = require "daytona"
local e2e = require "spec.support.e2e"
local support = require "spec.support"
local websocket = require "spec.support.websocket"

local toolbox = {}

local Toolbox = {}
Toolbox.__index = Toolbox

-- A server with one running sandbox; `options` as for client:create,
-- `arguments`, `env` and `expose` as for spec.support.e2e.start.
function toolbox.start(options, arguments, env, expose)
  local server = e2e.start(env, arguments, expose)
  local client = e2e.check(daytona.new { api_key = server.api_key, api_url = server.api_url })
  local sandbox = e2e.check(client:create(options or {}))
  return setmetatable({ server = server, client = client, sandbox = sandbox }, Toolbox)
end

function Toolbox:stop()
  self.client:close()
  self.server:stop()
end

-- One request to the toolbox: the decoded answer, or nil and the error.
-- `options`: query, body, headers, raw.
function Toolbox:call(method, path, options)
  -- Not under the name of our client, whose own requests are looked at.
  local all = { sandbox = self.sandbox, max_retries = 0, headers = { ["User-Agent"] = "spec" } }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return self.client:request(method, path, all)
end

-- The same; raises if it fails.
function Toolbox:ask(method, path, options)
  return e2e.check(self:call(method, path, options))
end

-- Raises unless the request is refused with this status and code; gives the
-- message. The envelope is looked at as a whole.
function Toolbox:refuses(status, code, method, path, options)
  local value, err = self:call(method, path, options)
  if value ~= nil then
    error(("%s %s was not refused"):format(method, path), 2)
  end
  local envelope = support.json.decode(err.body)
  envelope.errors, envelope.files = nil, nil -- bulk-upload has these, too
  support.eq({
    statusCode = status, code = code, message = support.any_string, path = path,
    method = method, timestamp = support.any_string, source = "DAYTONA_DAEMON",
  }, envelope)
  support.eq(status, err.status)
  return envelope.message
end

-- Connects a WebSocket of the toolbox; arguments and results as those of
-- spec.support.websocket.connect, the credential added.
function Toolbox:websocket(path, options)
  local all = { headers = { Authorization = "Bearer " .. self.server.api_key } }
  for name, value in pairs(options or {}) do
    if name ~= "headers" then
      all[name] = value
    end
  end
  for name, value in pairs(options and options.headers or {}) do
    all.headers[name] = value
  end
  return websocket.connect(self.sandbox.toolbox_proxy_url .. "/" .. self.sandbox.id .. path, all)
end

-- What POST /process/execute answers. `more`: cwd, envs, timeout.
function Toolbox:execute(command, more)
  local body = { command = command }
  for name, value in pairs(more or {}) do
    body[name] = value
  end
  return self:ask("POST", "/process/execute", { body = body })
end

-- What a shell command prints in the sandbox.
function Toolbox:sh(command)
  return self:execute(command).result
end

-- How many descriptors the toolbox has open. Only it can tell: nobody else in
-- the sandbox may look.
function Toolbox:descriptors()
  return #self:ask("GET", "/files", { query = { path = "/proc/self/fd" } })
end

-- A multipart body of { name, content, filename } parts, and its headers.
function toolbox.form(parts, unfinished)
  local text = {}
  for _, part in ipairs(parts) do
    local filename = part[3] and ('; filename="%s"'):format(part[3]) or ""
    text[#text + 1] = ('--BOUND\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n')
      :format(part[1], filename, part[2])
  end
  text[#text + 1] = unfinished and "" or "--BOUND--\r\n"
  return {
    body = table.concat(text),
    headers = { ["Content-Type"] = "multipart/form-data; boundary=BOUND" },
  }
end

return toolbox
