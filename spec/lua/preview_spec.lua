-- sandbox:preview(port): requests and WebSockets to a server in a sandbox.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

local PORT = 3000

describe("a preview", function()
  local server, client, sandbox, preview

  e2e.serve(function(...)
    sandbox, client, server = ...
    check(sandbox.fs:upload_file("spec/support/preview_app.py", "app.py"))
    shell(sandbox, ("setsid python3 app.py %d >/dev/null 2>&1 &"):format(PORT))
    check(sandbox:wait_for { port = PORT, timeout = 30 })
    preview = sandbox:preview(PORT)
  end)

  local function said(options)
    local answer = check(preview:request("GET", "/said", options))
    assert.equal(200, answer.status)
    local told = support.json.decode(answer.body)
    local headers = {}
    for _, pair in ipairs(told.headers) do
      headers[pair[1]] = pair[2]
    end
    return headers, told.line
  end

  it("gives what the server answers, whatever its status", function()
    local answer = check(preview:request("GET", "/missing"))
    assert.same({ 404, "nothing here", "text/plain", "12" },
      { answer.status, answer.body, answer.headers["content-type"], answer.headers["content-length"] })
    answer = check(preview:request("GET", "/old"))
    assert.equal(302, answer.status)
    assert.equal("/new", answer.headers.location)
    answer = check(preview:request("GET", "/cookies"))
    assert.same({ 204, "", { "one=1; Path=/", "two=2; Path=/" } },
      { answer.status, answer.body, answer.headers["set-cookie"] })
  end)

  it("says which server and port in a prompt", function()
    assert.equal(("daytona.preview (port %d of %s)"):format(PORT, sandbox.id), tostring(preview))
  end)

  it("sends method, query, headers and body, and no credential of the client", function()
    local headers, line = said { query = { a = "1 2", b = { "x", "y" } }, headers = { ["X-Own"] = "mine" } }
    assert.equal("mine", headers["x-own"])
    assert.truthy(line:find "^GET /said%?[ab]=")
    assert.truthy(line:find("a=1%202", 1, true) and line:find("b=x&b=y", 1, true))
    local everything = support.json.encode(headers)
    assert.is_nil(everything:find(server.api_key, 1, true))
    assert.is_nil(headers.authorization)
    assert.is_nil(headers["x-daytona-source"])
    assert.truthy(headers["user-agent"]:find "^sdk%-lua")
    assert.equal("Basic eDp5", said({ headers = { Authorization = "Basic eDp5" } }).authorization)
  end)

  it("sends bodies: bytes as they are, tables as JSON", function()
    local bytes = "\0\1\255" .. ("x"):rep(100000)
    assert.is_true(bytes == check(preview:request("POST", "/echo", { body = bytes })).body)
    assert.equal('{"a":[1,2]}', check(preview:request("PUT", "/echo", { body = { a = { 1, 2 } } })).body)
    assert.equal("", check(preview:request("POST", "/echo")).body)
    local head = check(preview:request("HEAD", "/missing"))
    assert.same({ 404, "", "12" }, { head.status, head.body, head.headers["content-length"] })
  end)

  it("gives a large answer in chunks, with its head", function()
    local whole = check(preview:request("GET", "/pieces")).body
    assert.equal(1050000, #whole)
    local reader = check(preview:open("GET", "/pieces", { chunk_size = 10000 }))
    assert.same({ 200, "chunked" }, { reader.status, reader.headers["transfer-encoding"] })
    local parts = {}
    for chunk in reader do
      assert(#chunk <= 10000)
      parts[#parts + 1] = chunk
    end
    assert.is_true(whole == table.concat(parts))
    reader = check(preview:open("GET", "/missing"))
    assert.same({ 404, "nothing here" }, { reader.status, reader:read() })
    assert.is_nil((reader:read()))
    reader = check(preview:open("GET", "/pieces"))
    assert.equal("string", type(reader:read()))
    reader:close()
    assert.is_nil((reader:read()))
  end)

  it("speaks WebSocket", function()
    local socket = check(preview:connect "/socket")
    for _, text in ipairs { "hello", ("gr\195\188n "):rep(1000), "" } do
      check(socket:send(text))
      local data, kind = check(socket:receive { timeout = 20 })
      assert.is_true(data == text)
      assert.equal("text", kind)
    end
    fails({ kind = "timeout" }, socket:receive { timeout = 0.05 })
    check(socket:send "still there")
    assert.equal("still there", (check(socket:receive { timeout = 20 })))
    socket:close()
  end)

  it("tells which subprotocol the server chose, and takes no other than was offered", function()
    local function connect(choice, offered)
      return preview:connect("/socket", { query = { choose = choice }, subprotocols = offered })
    end
    local socket = check(connect("two", { "one", "two" }))
    assert.equal("two", socket.subprotocol)
    check(socket:send "x")
    assert.equal("x", (check(socket:receive { timeout = 20 })))
    socket:close()
    socket = check(connect(nil, { "one" }))
    assert.is_nil(socket.subprotocol)
    socket:close()
    for choice, offered in pairs {
      three = { "one", "two" }, ONE = { "one" }, two = {}, ["one,two"] = { "one", "two" },
    } do
      local err = fails({ kind = "protocol", operation = "preview.connect", sandbox_id = sandbox.id },
        connect(choice, offered))
      assert.matches("^the server chose the subprotocol '.*', which was not offered$", err.message)
    end
  end)

  it("is asked with another token after another start", function()
    local other = check(client:create())
    local page = other:preview(2280) -- the toolbox itself answers there
    assert.equal(200, check(page:request("GET", "/version")).status)
    check(other:stop())
    assert.equal(400, check(page:request("GET", "/version")).status)
    check(other:start())
    assert.equal(200, check(page:request("GET", "/version")).status)
    check(other:delete())
    local answer, err = page:request("GET", "/version")
    assert.truthy(answer and answer.status >= 400 or err.kind == "not_found")
  end)

  it("fails in words where nobody listens or nothing comes", function()
    local answer = check(sandbox:preview(3999):request("GET", "/"))
    assert.equal(502, answer.status)
    shell(sandbox, [[setsid python3 -c 'import socket, time
s = socket.create_server(("127.0.0.1", 3001)); time.sleep(60)' >/dev/null 2>&1 &]])
    check(sandbox:wait_for { port = 3001, timeout = 30 })
    fails({ kind = "timeout", operation = "preview.request", sandbox_id = sandbox.id },
      sandbox:preview(3001):request("GET", "/", { timeout = 0.3 }))
    fails({ kind = "not_found" }, client:sandbox("no-such-sandbox"):preview(80):request("GET", "/"))
    local garbage, problem = preview:request("GET", "/garbage", { max_retries = 0 })
    assert.truthy(garbage and garbage.status == 502 or problem)
  end)

  it("refuses what cannot be meant", function()
    local function raises(text, fn, ...)
      local message = support.raised(fn, ...)
      assert.truthy(message:find(text, 1, true), message)
    end
    raises("field 'port'", sandbox.preview, sandbox, 0)
    raises("must start with '/'", preview.request, preview, "GET", "x")
    raises("not an HTTP method", preview.request, preview, "G T", "/")
    raises("unknown option 'hedaers' (did you mean 'headers'?)", preview.request, preview, "GET", "/", { hedaers = {} })
    raises("unknown option 'url'", preview.request, preview, "GET", "/", { url = "http://x" })
    raises("contains NUL, CR or LF", preview.request, preview, "GET", "/", { headers = { a = "b\r\nc: d" } })
    for _, name in ipairs { "Content-Length", "transfer-encoding" } do
      local options = { body = "x", headers = { [name] = "5" } }
      raises("is for the client to say", preview.request, preview, "POST", "/", options)
      raises("is for the client to say", preview.open, preview, "POST", "/", options)
      raises("is for the client to say", client.request, client, "POST", "/x", options)
      raises("is for the client to say", preview.connect, preview, "/socket", { headers = { [name] = "5" } })
    end
    for _, name in ipairs { "Connection", "upgrade", "Sec-WebSocket-Key", "sec-websocket-protocol" } do
      raises("is for the client to say", preview.connect, preview, "/socket", { headers = { [name] = "x" } })
    end
    raises("call methods with a colon", preview.request, "GET", "/")
    local socket = check(preview:connect "/socket")
    raises("string expected", socket.send, socket, 5)
    raises("unknown option 'time'", socket.receive, socket, { time = 1 })
    raises("text has to be UTF-8", socket.send, socket, "\255", { kind = "text" })
    socket:close()
  end)

  it("works for tasks of a loop", function()
    local loop = require "daytona.host.loop"
    local tasks = check(server:client { host = loop })
    loop.run(function()
      local page = check(tasks:get(sandbox.id)):preview(PORT)
      local bodies = check(loop.map({ "one", "two", "three" }, function(text)
        return check(page:request("POST", "/echo", { body = text })).body
      end))
      assert.equal("one two three", table.concat(bodies, " "))
      local socket = check(page:connect "/socket")
      check(socket:send "from a task")
      assert.equal("from a task", (check(socket:receive())))
      socket:close()
    end)
    tasks:close()
  end)
end)

describe("a preview behind a front with HTTP/2", function()
  teardown(support.cleanup)

  it("is asked, read in chunks, and spoken to by WebSocket", function()
    local front = require("spec.support.front").start { rtt = 0.005 }
    local client = front:client()
    local sandbox = check(client:create())
    check(sandbox.fs:upload_file("spec/support/preview_app.py", "app.py"))
    shell(sandbox, ("setsid python3 app.py %d >/dev/null 2>&1 &"):format(PORT))
    check(sandbox:wait_for { port = PORT, timeout = 30 })
    front:forget()
    local preview = sandbox:preview(PORT)
    assert.same({ 404, "nothing here" }, { check(preview:request("GET", "/missing")).status,
      check(preview:request("GET", "/missing")).body })
    assert.equal("{}", check(preview:request("POST", "/echo", { body = "{}" })).body)
    local reader, bytes = check(preview:open("GET", "/pieces")), 0
    for chunk in reader do
      bytes = bytes + #chunk
    end
    assert.equal(1050000, bytes)
    local socket = check(preview:connect "/socket")
    check(socket:send "hello")
    assert.equal("hello", (check(socket:receive { timeout = 20 })))
    socket:close()
    local seen = front:requests "^/preview/3000%-"
    assert.same({ 5, "HTTP/2.0" }, { #seen, seen[1].protocol })
    check(sandbox:delete())
    client:close()
    front:close()
  end)
end)
