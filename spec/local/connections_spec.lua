-- Nothing that a client does at the server's socket keeps others from it.

local socket = require "socket"
local control = require "spec.local.control_support"
local servers = require "spec.support.servers"
local support = require "spec.support"

local server

local function connect()
  local host, port = server.api_url:match "^http://([^:/]+):(%d+)/api$"
  local tcp = assert(socket.tcp())
  tcp:settimeout(20)
  assert(tcp:connect(host, tonumber(port)))
  return tcp
end

-- Sends these bytes and gives all that comes back until the server closes,
-- which it does by itself where it has refused the request, or is told to.
local function send(bytes)
  local tcp = connect()
  tcp:send(bytes)
  local data, why, rest = tcp:receive "*a"
  tcp:close()
  assert.not_equal("timeout", why)
  return data or rest
end

local function status(answer)
  return tonumber((answer:match "^HTTP/1%.1 (%d+) "))
end

local function body_of(answer)
  return support.json.decode((answer:match "\r\n\r\n(.*)$"))
end

-- Seconds of processor time of the server's process.
local function processor_time()
  local fields = support.read_file("/proc/" .. server.pid .. "/stat"):match "%) (.*)$"
  local n, ticks = 0, 0
  for field in fields:gmatch "%S+" do
    n = n + 1
    if n == 12 or n == 13 then
      ticks = ticks + tonumber(field)
    end
  end
  return ticks / 100
end

-- How many sockets the server's process has.
local function sockets()
  return tonumber((support.run(("ls -l /proc/%d/fd 2>/dev/null | grep -c socket:"):format(server.pid))))
end

-- Clients that ask nothing, of whom there are soon as many as the server takes.
local function crowd(silent, dripping, most)
  local host, port = server.api_url:match "^http://([^:/]+):(%d+)/api$"
  local people = servers.crowd(host, tonumber(port), silent, dripping)
  support.eventually(function()
    return sockets() >= most
  end, 10, "crowd")
  return people
end

teardown(support.cleanup)

-- The lines of a request, without the empty one at the end.
local function head(method, path, key)
  return ("%s %s HTTP/1.1\r\nHost: x\r\n%s"):format(method, path,
    key and "Authorization: Bearer " .. key .. "\r\n" or "")
end

-- A request with the key in a connection of its own.
local function ask(method, path, body)
  return send(head(method, path, server.api_key) .. "Connection: close\r\nContent-Length: " .. #(body or "")
    .. "\r\n\r\n" .. (body or ""))
end

describe("a crowd that asks nothing", function()
  after_each(function()
    server:stop()
  end)

  it("locks nobody out, and closes no connection on which somebody is served", function()
    server = control.serve { env = "bash -c 'ulimit -n 2256; exec \"$@\"' bash" } -- so there are 1000
    local id = server:create().id
    server:sh(id, "mkfifo fifo")
    local served, body = connect(), '{"command":"cat fifo"}'
    served:send(head("POST", "/toolbox/" .. id .. "/process/execute", server.api_key)
      .. "Connection: close\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body)
    local people = crowd(700, 500, 1000)
    for _ = 1, 20 do
      assert.equal("here\n", server:sh(id, "echo here"))
      assert.equal(200, status(ask("GET", "/api/sandbox/" .. id)))
    end
    server:sh(id, "echo there > fifo")
    assert.equal("there\n", body_of(served:receive "*a").result)
    served:close()
    people:close()
  end)

  it("locks nobody out of a server that has few descriptors, which does not spin", function()
    server = control.serve { env = "bash -c 'ulimit -n 80; exec \"$@\"' bash" }
    local id = server:create().id
    local people = crowd(150, 50, 20)
    local began, used = support.now(), processor_time()
    for _ = 1, 5 do
      assert.equal("here\n", server:sh(id, "echo here"))
    end
    support.run "sleep 1" -- in which a server that spins would use all of it
    assert.is_true(processor_time() - used < 0.5 * (support.now() - began))
    people:close()
  end)
end)

describe("a lack of descriptors", function()
  it("is what a sandbox is told to have failed of, and passes", function()
    server = control.serve { env = "bash -c 'ulimit -n 64; exec \"$@\"' bash" }
    local ids = {}
    support.eventually(function()
      local sandbox, err = server:call("POST", "/sandbox", {})
      ids[#ids + 1] = sandbox and sandbox.id
      return err and assert.matches("Sandbox failed to start: .*Too many open files", err.message)
    end, 20)
    assert(server:call("DELETE", "/sandbox/" .. ids[1]))
    server:await(ids[1], "gone")
    assert.equal("here\n", server:sh(ids[2], "echo here"))
    server:stop()
  end)
end)

describe("who keeps the server waiting", function()
  local id

  setup(function()
    server = control.serve { env = "DAYTONA_LOCAL_HEAD_SECONDS=0.5" }
    id = server:create().id
  end)

  teardown(function()
    server:stop()
  end)

  -- Sends a byte of `what` again and again until the server closes.
  local function drip(tcp, what)
    return support.eventually(function()
      for _ = 1, 3 do
        tcp:send(what)
        socket.sleep(0.05)
      end
      tcp:settimeout(0)
      local _, why = tcp:receive(65536)
      return why == "closed"
    end)
  end

  it("is cut off, if it is with the head of a request, silent or not", function()
    assert.equal("", send "")
    assert.equal("", send "GET /api/health HTTP/1.1\r\n")
    drip(connect(), "X")
    local tcp = connect()
    tcp:send "GET /api/health HTTP/1.1\r\n"
    drip(tcp, "X-a: b\r\n")
  end)

  it("is cut off, if it is with the body of a request that is refused", function()
    local tcp = connect()
    tcp:send(head("POST", "/api/sandbox") .. "Content-Length: 1000000\r\n\r\n")
    drip(tcp, "x")
  end)

  it("is cut off, if it has shown the key and begins another request", function()
    local tcp = connect()
    tcp:send(head("GET", "/api/sandbox/" .. id, server.api_key) .. "\r\n")
    assert.equal("HTTP/1.1 200 OK", tcp:receive "*l")
    drip(tcp, "G")
  end)

  it("is not, if it has shown the key and only waits, or if what it asked takes long", function()
    local tcp = connect()
    tcp:send(head("GET", "/api/config", server.api_key) .. "\r\n")
    assert.equal("HTTP/1.1 200 OK", tcp:receive "*l")
    assert.equal(200, status(ask("POST", "/toolbox/" .. id .. "/process/execute", '{"command":"sleep 1.5"}')))
    tcp:send(head("GET", "/api/config", server.api_key) .. "Connection: close\r\n\r\n")
    assert.matches("HTTP/1.1 200 OK\r\n", (tcp:receive "*a"))
    tcp:close()
  end)
end)

describe("a sandbox", function()
  setup(function()
    server = control.serve { env = "bash -c 'ulimit -n 200; exec \"$@\"' bash" }
  end)

  teardown(function()
    server:stop()
  end)

  -- With so few descriptors there are 50 connections.
  it("that answers nobody keeps others from being served by theirs neither with nor without the key", function()
    local busy, other = server:create().id, server:create().id
    server:sh(busy, "mkfifo fifo")
    local waiting, refused, body = {}, {}, '{"command":"cat fifo"}'
    for i = 1, 45 do
      waiting[i] = connect()
      waiting[i]:send(head("POST", "/toolbox/" .. busy .. "/process/execute", server.api_key)
        .. "Connection: close\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body)
    end
    support.eventually(function()
      refused = socket.select(waiting, nil, 0)
      return #refused == 45 - 26
    end)
    for _, tcp in ipairs(refused) do
      local answer = tcp:receive "*a"
      assert.equal(503, status(answer))
      assert.matches("\r\nRetry%-After: 1\r\n", answer)
      assert.equal("too many connections to this sandbox", body_of(answer).message)
    end
    assert.equal("here\n", server:sh(other, "echo here"))
    for _, tcp in ipairs(waiting) do
      tcp:close()
    end
    support.eventually(function()
      return server:sh(busy, "echo here") == "here\n"
    end)
  end)

  it("has few places for the visitors of its previews", function()
    local id = server:create().id
    local link = server:get("/sandbox/" .. id .. "/ports/3000/preview-url")
    server:sh(id, "setsid python3 -c 'import socket, time; s = socket.create_server((\"127.0.0.1\", 3000), "
      .. "backlog=100); open(\"up\", \"w\"); time.sleep(600)' >/dev/null 2>&1 & while ! [ -e up ]; do sleep 0.1; done")
    local visitors = {}
    for i = 1, 10 do
      visitors[i] = connect()
      visitors[i]:send(("GET /toolbox/%s/proxy/3000/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        .. "X-Daytona-Preview-Token: %s\r\n\r\n"):format(id, link.token))
    end
    local refused = support.eventually(function()
      local answers = socket.select(visitors, nil, 0)
      return #answers == 10 - 6 and answers
    end)
    assert.equal(503, status((refused[1]:receive "*a")))
    assert.equal("here\n", server:sh(id, "echo here"))
    for _, tcp in ipairs(visitors) do
      tcp:close()
    end
  end)
end)

describe("a request", function()
  local id

  setup(function()
    server = control.serve()
    id = server:create().id
  end)

  teardown(function()
    server:stop()
  end)

  it("that others might read differently is refused, and the connection closed", function()
    local get = head("GET", "/api/config", server.api_key)
    local post = head("POST", "/toolbox/" .. id .. "/process/execute", server.api_key)
    local key = "Authorization: Bearer " .. server.api_key
    for name, bytes in pairs {
      ["two lengths"] = post .. "Content-Length: 3\r\nContent-Length: 4\r\n\r\n{}xx",
      ["one length twice"] = post .. "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
      ["a length and chunks"] = post .. "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ["chunks and a length"] = post .. "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
      ["another coding"] = post .. "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      ["two codings"] = post .. "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ["a blank before the colon"] = post .. "Content-Length : 2\r\n\r\n{}",
      ["a tab before the colon"] = post .. "Content-Length\t: 2\r\n\r\n{}",
      ["no name"] = get .. ": x\r\n\r\n",
      ["no colon"] = get .. "nothing\r\n\r\n",
      ["a line that goes on"] = get .. "X-a: b\r\n c\r\n\r\n",
      ["a bare LF after the request line"] = "GET /api/config HTTP/1.1\nHost: x\r\n" .. key .. "\r\n\r\n",
      ["a bare LF after a header"] = get .. "X-a: b\nX-c: d\r\n\r\n",
      ["a bare LF after the last header"] = get .. "X-a: b\n\r\n",
      ["a bare LF as the end"] = get .. "\n",
      ["bare LFs only"] = (get .. "\r\n"):gsub("\r", ""),
      ["a NUL in a header"] = get .. "X-a: b\0c\r\n\r\n",
      ["a NUL behind the key"] = "GET /api/config HTTP/1.1\r\nHost: x\r\n" .. key .. "\0junk\r\n\r\n",
      ["a NUL in a name"] = get .. "X-a\0: b\r\n\r\n",
      ["no host"] = "GET /api/config HTTP/1.1\r\n" .. key .. "\r\n\r\n",
      ["two hosts"] = get .. "Host: y\r\n\r\n",
      ["two keys"] = get .. "Authorization: Bearer other\r\n\r\n",
    } do
      support.eq({ name, 400 }, { name, status(send(bytes)) })
    end
    assert.equal(200, status(send(get .. "Connection: close\r\nX-a:  b: c \r\nX-e:\r\n\r\n")))
  end)

  it("whose path is no UTF-8 is answered as any other", function()
    local byte = "\255"
    for path, expected in pairs {
      ["/api/" .. byte] = 404, ["/api/sandbox/" .. byte] = 404, ["/api/config?x=" .. byte] = 200,
      ["/toolbox/" .. byte .. "/version"] = 404, ["/toolbox/" .. id .. "/process/session/" .. byte] = 404,
      ["/toolbox/" .. id .. "/files/info?path=" .. byte] = 404, ["/" .. byte] = 404,
      ["/api/sandbox/" .. byte .. "/%ff"] = 404,
    } do
      local answer = ask("GET", path)
      support.eq({ path, expected }, { path, status(answer) })
      assert.equal("table", type(body_of(answer)))
      if not path:find "config" then
        answer = send(head("GET", path) .. "Connection: close\r\n\r\n")
        support.eq({ path, 401 }, { path, status(answer) })
        assert.equal("table", type(body_of(answer)))
      end
    end
  end)
end)
