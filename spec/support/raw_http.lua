-- HTTP by hand, for what no proper client would send: header lines are given
-- as a list, in their order and as often as wanted.

local socket = require "socket"

local raw_http = {}

local SECONDS = 20 -- a wait of this length is a failure

-- A connection to "http://HOST:PORT/...".
function raw_http.connect(url)
  local host, port = url:match "^http://([^:/]+):(%d+)"
  local tcp = assert(socket.tcp())
  tcp:settimeout(SECONDS)
  assert(tcp:connect(host, tonumber(port)))
  return tcp
end

-- Sends a request: its first line without the version, and header lines. A
-- body brings its length along.
function raw_http.ask(tcp, line, headers, body)
  local lines = { line .. " HTTP/1.1" }
  for i = 1, #headers do
    lines[i + 1] = headers[i]
  end
  if body then
    lines[#lines + 1] = "Content-Length: " .. #body
  end
  assert(tcp:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")))
end

-- The next answer { status, body, headers (names in lower case; of several of
-- one name the last), cookies (a list) }, whatever its framing. `no_body`: it
-- answers a HEAD.
function raw_http.read(tcp, no_body)
  local answer = { headers = {}, cookies = {} }
  answer.status = tonumber(assert(tcp:receive "*l"):match "^HTTP/1%.1 (%d+)")
  for line in function() return assert(tcp:receive "*l") end do
    if line == "" then
      break
    end
    local name, value = line:match "^([^:]+):%s*(.*)$"
    answer.headers[name:lower()] = value
    if name:lower() == "set-cookie" then
      answer.cookies[#answer.cookies + 1] = value
    end
  end
  local pieces, length = {}, tonumber(answer.headers["content-length"] or 0)
  if no_body then
    length = 0
  elseif answer.headers["transfer-encoding"] then
    repeat
      local size = tonumber(assert(tcp:receive "*l"), 16)
      pieces[#pieces + 1] = assert(tcp:receive(size))
      assert(tcp:receive(2))
    until size == 0
  end
  if length > 0 then
    pieces[1] = assert(tcp:receive(length))
  end
  answer.body = table.concat(pieces)
  return answer
end

-- One request over a connection of its own.
function raw_http.once(url, line, headers, body)
  local tcp = raw_http.connect(url)
  raw_http.ask(tcp, line, headers, body)
  local answer = raw_http.read(tcp, line:find "^HEAD " ~= nil)
  tcp:close()
  return answer
end

return raw_http
