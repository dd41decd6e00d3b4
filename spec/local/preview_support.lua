-- What the specs of previews share: a server with an application in a sandbox,
-- and requests of its preview by hand.

local control = require "spec.local.control_support"
local raw_http = require "spec.support.raw_http"
local support = require "spec.support"

local preview = {
  PARAMETER = "DAYTONA_SANDBOX_AUTH_KEY",
  PORT = 3000,
}

local server, id, link

-- Runs spec/support/preview_app.py at a port of a sandbox and waits for it.
function preview.start_app(sandbox, port, host)
  server:upload(sandbox, "app.py", support.read_file "spec/support/preview_app.py")
  server:sh(sandbox, ("setsid python3 app.py %d %s >/dev/null 2>&1 &"):format(port, host or ""))
  support.eventually(function()
    return server:sh(sandbox, ("python3 -c 'import socket; socket.create_connection((\"%s\", %d))' 2>&1")
      :format(host or "127.0.0.1", port)) == ""
  end, 20, "an application at the port")
end

-- Starts all of it: the server, the sandbox's id, the link of PORT.
function preview.start()
  server = control.serve()
  id = server:create().id
  link = server:get(("/sandbox/%s/ports/%d/preview-url"):format(id, preview.PORT))
  preview.start_app(id, preview.PORT)
  return server, id, link
end

function preview.stop()
  server:stop()
  support.cleanup()
end

-- The host of a preview; by default that of PORT and the sandbox.
function preview.host_of(sandbox, port)
  return ("%s-%s.localhost:%s"):format(port or preview.PORT, sandbox or id, server.api_url:match ":(%d+)/")
end

-- Asks the preview of PORT, or that of another host, with these header lines.
function preview.ask(line, headers, body, host)
  local lines = { "Host: " .. (host or preview.host_of()) }
  for _, header in ipairs(headers or {}) do
    lines[#lines + 1] = header
  end
  return raw_http.once(server.api_url, line, lines, body)
end

-- The same with the token in its header.
function preview.with_token(line, headers, body, host)
  local lines = { "X-Daytona-Preview-Token: " .. link.token }
  for _, header in ipairs(headers or {}) do
    lines[#lines + 1] = header
  end
  return preview.ask(line, lines, body, host)
end

-- What the application was sent: the request line, and its headers as a table,
-- each with the list of its values; then the whole as text.
function preview.said(answer)
  support.eq(200, answer.status)
  local told = support.json.decode(answer.body)
  local headers = {}
  for _, pair in ipairs(told.headers) do
    headers[pair[1]] = headers[pair[1]] or {}
    table.insert(headers[pair[1]], pair[2])
  end
  return told.line, headers, answer.body
end

-- Raises unless the door refused so.
function preview.refused(status, code, message, answer)
  support.eq(status, answer.status)
  support.eq({
    statusCode = status, code = code, message = message, path = support.any_string,
    method = support.any_string, timestamp = support.any_string, source = "DAYTONA_PROXY",
  }, support.json.decode(answer.body))
end

function preview.unauthorized(answer)
  preview.refused(401, "UNAUTHORIZED", "unauthorized: invalid credentials", answer)
end

return preview
