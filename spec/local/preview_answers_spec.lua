-- What an application answers that no proper one would: a guest writes it.

local preview = require "spec.local.preview_support"
local support = require "spec.support"

local PORT = 3100
local APP = [[
import socket, threading

MIB = 1 << 20
HEAD = b"HTTP/1.1 200 OK\r\n"
answers = {
    b"/negative": HEAD + b"Content-Length: -5\r\n\r\nhello",
    b"/word": HEAD + b"Content-Length: abc\r\n\r\nhello",
    b"/sign": HEAD + b"Content-Length: +5\r\n\r\nhello",
    b"/list": HEAD + b"Content-Length: 5, 5\r\n\r\nhello",
    b"/empty": HEAD + b"Content-Length:\r\n\r\nhello",
    b"/huge": HEAD + b"Content-Length: 18446744073709551615\r\n\r\nhello",
    b"/differ": HEAD + b"Content-Length: 5\r\nContent-Length: 4\r\n\r\nhello",
    b"/coding": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"/identity": HEAD + b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello",
    b"/same": HEAD + b"Content-Length: 5\r\nContent-Length: 5 \r\n\r\nhello",
    b"/chunked": HEAD + b"Transfer-Encoding: Chunked\t\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"/hint": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 20 + HEAD + b"Content-Length: 5\r\n\r\nhello",
}

def answer(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(65536)
    path = head.split(b" ")[1]
    try:
        if path == b"/interim":
            while True:
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)
        elif path == b"/pieces":
            connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
            piece = b"1;" + b"e" * 4000 + b"\r\nx\r\n"
            for i in range(32 * MIB // len(piece)):
                connection.sendall(piece)
            connection.sendall(b"0\r\n\r\n")
        else:
            connection.sendall(answers[path])
    except OSError:
        pass
    connection.close()

listener = socket.create_server(("127.0.0.1", 3100))
while True:
    threading.Thread(target=answer, args=(listener.accept()[0],)).start()
]]

describe("an application's answer", function()
  local server, id

  setup(function()
    server, id = preview.start()
    server:upload(id, "odd.py", APP)
    server:sh(id, "setsid python3 odd.py >/dev/null 2>&1 &")
    support.eventually(function()
      return server:sh(id, "cat /proc/net/tcp"):find("0100007F:0C1C", 1, true)
    end, 20, "the application")
  end)

  teardown(preview.stop)

  local function ask(path)
    return preview.ask("GET " .. path, { "Authorization: Bearer " .. server.api_key }, nil, preview.host_of(nil, PORT))
  end

  -- The most memory that the toolbox has had.
  local function most()
    return tonumber(server:sh(id, [[for p in /proc/[0-9]*; do
      read -r name < $p/comm; [ $name = daytona-local ] && grep VmHWM $p/status; done]]):match "%d+") * 1024
  end

  it("is 502 where its length can be read in two ways, or not at all", function()
    for _, path in ipairs {
      "/negative", "/word", "/sign", "/list", "/empty", "/huge", "/differ", "/coding", "/identity",
    } do
      local answer = ask(path)
      support.eq({ path, 502, "" }, { path, answer.status, answer.body })
    end
    for _, path in ipairs { "/same", "/chunked", "/hint" } do
      local answer = ask(path)
      support.eq({ path, 200, "hello" }, { path, answer.status, answer.body })
    end
  end)

  it("is 502 where it never comes, for all the interim ones", function()
    assert.equal(502, ask("/interim").status)
  end)

  it("is not kept, however many pieces it comes in", function()
    local before = most()
    local answer = ask "/pieces"
    assert.equal(200, answer.status)
    assert.is_true(#answer.body > 8000)
    assert.is_true(most() - before < 16 * 1024 * 1024, ("%d bytes more"):format(most() - before))
  end)
end)
