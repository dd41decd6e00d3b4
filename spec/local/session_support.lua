-- Sessions of a sandbox's toolbox, for specs. The requests are written by hand:
-- much depends on what a client says it is.

local socket = require "socket"
local support = require "spec.support"
local toolbox = require "spec.local.toolbox_support"

local sessions = {}

sessions.MODERN = { ["X-Daytona-SDK-Version"] = "0.205.1" }

local Sessions = {}
Sessions.__index = Sessions

-- A sandbox; arguments as those of spec.local.toolbox_support.start.
function sessions.start(...)
  return setmetatable({ box = toolbox.start(...), count = 0 }, Sessions)
end

function Sessions:stop()
  self.box:stop()
end

-- Sends a request; the function that is returned waits for the answer and
-- gives { status, body, json }, as often as it is called.
function Sessions:ask_later(method, path, body, headers)
  local sandbox = self.box.sandbox
  local host, port, prefix = sandbox.toolbox_proxy_url:match "^http://([^:/]+):(%d+)(.*)$"
  local text = body and support.json.encode(body) or ""
  local lines = {
    ("%s %s/%s%s HTTP/1.0"):format(method, prefix, sandbox.id, path),
    "Authorization: Bearer " .. self.box.server.api_key,
    "Content-Length: " .. #text,
  }
  for name, value in pairs(headers or sessions.MODERN) do
    lines[#lines + 1] = name .. ": " .. value
  end
  local tcp = assert(socket.tcp())
  tcp:settimeout(20)
  assert(tcp:connect(host, tonumber(port)))
  assert(tcp:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. text))
  local answer
  return function()
    if answer then
      return answer
    end
    local all = assert(tcp:receive "*a")
    tcp:close()
    local head, rest = all:match "^(.-)\r\n\r\n(.*)$"
    answer = { status = tonumber(head:match "^HTTP/1.%d (%d+)"), head = head .. "\r\n", body = rest }
    if head:find "[Cc]ontent%-[Tt]ype: application/json" then
      answer.json = support.json.decode(rest)
    end
    return answer
  end
end

function Sessions:ask(...)
  return self:ask_later(...)()
end

-- A new session: its id.
function Sessions:new()
  self.count = self.count + 1
  local id = "s" .. self.count
  support.eq(201, self:ask("POST", "/process/session", { sessionId = id }).status)
  return id
end

-- Sends a command; the function that is returned waits for the answer.
function Sessions:exec_later(id, command, more, headers)
  local body = { command = command }
  for name, value in pairs(more or {}) do
    body[name] = value
  end
  return self:ask_later("POST", "/process/session/" .. id .. "/exec", body, headers)
end

-- Runs a command to its end: what it answers.
function Sessions:exec(...)
  local answer = self:exec_later(...)()
  if answer.status ~= 200 then
    error(answer.body, 2)
  end
  return answer.json
end

-- Starts a command: its path.
function Sessions:start(id, command, more)
  local body = { runAsync = true }
  for name, value in pairs(more or {}) do
    body[name] = value
  end
  local answer = self:exec_later(id, command, body)()
  if answer.status ~= 202 then
    error(answer.body, 2)
  end
  return ("/process/session/%s/command/%s"):format(id, answer.json.cmdId)
end

-- Waits for a command: its exit code.
function Sessions:wait(path)
  return support.eventually(function()
    return self:ask("GET", path).json.exitCode
  end)
end

function Sessions:logs(path)
  return self:ask("GET", path .. "/logs").json
end

function Sessions:input(path, data)
  return self:ask("POST", path .. "/input", { data = data })
end

-- Follows a log: what spec.support.websocket.connect gives.
function Sessions:follow(path, options)
  return self.box:websocket(path .. "/logs?follow=true", options or { headers = sessions.MODERN })
end

function Sessions:delete(id)
  return self:ask("DELETE", "/process/session/" .. id)
end

-- The content of a file in the sandbox.
function Sessions:file(path)
  return self:ask("GET", "/files/download?path=" .. path).body
end

-- Raises unless the request is refused exactly so.
function Sessions:refuses(status, code, message, method, path, body)
  local answer = self:ask(method, path, body)
  support.eq({
    statusCode = status, code = code, message = message, method = method,
    path = path, timestamp = support.any_string, source = "DAYTONA_DAEMON",
  }, answer.json)
  support.eq(status, answer.status)
end

-- The two streams of a whole log.
function sessions.split(text)
  local streams, at, current = { {}, {} }, 1, nil
  while at <= #text do
    local marker = text:find("\1\1\1", at, true) or #text + 1
    local to = math.min(marker, text:find("\2\2\2", at, true) or #text + 1)
    if to > at then
      table.insert(streams[current], text:sub(at, to - 1))
    end
    current = text:byte(to)
    at = to + 3
  end
  return table.concat(streams[1]), table.concat(streams[2])
end

return sessions
