"""An application for the ports of a sandbox: preview_app.py PORT [HOST].

It says what reached it, echoes bodies of either framing, redirects, and speaks
WebSocket (an echo of texts). "/" is a page whose parts have absolute paths; its
script posts to /report what became of them, which a GET of /report then gives,
with the headers of all that the browser asked for, since the last of /forget.
"""

import base64
import hashlib
import http.server
import json
import socket
import sys

PORT = int(sys.argv[1])
HOST = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"

PAGE = b"""<!doctype html>
<html><head><title>page</title>
<link rel="stylesheet" href="/assets/page.css">
<script src="/assets/page.js" defer></script></head>
<body><p>text</p></body></html>
"""

STYLE = b"p { color: rgb(1, 2, 3) }\n"

SCRIPT = b"""
const socket = () => new Promise((done) => {
  const ws = new WebSocket('ws://' + location.host + '/socket')
  ws.onopen = () => ws.send('hello')
  ws.onmessage = (message) => done(message.data)
  ws.onerror = () => done('error')
})
const moved = async (path) => {
  const answer = await fetch(path)
  return new URL(answer.url).host + ' ' + new URL(answer.url).pathname + ' ' + await answer.text()
}
const report = async () => ({
  address: location.href,
  cookies: document.cookie,
  color: getComputedStyle(document.querySelector('p')).color,
  moved: await moved('/old'),
  moved_by_host: await moved('/old-by-host'),
  socket: await socket(),
})
report().catch(String).then((what) => fetch('/report', { method: 'POST', body: JSON.stringify(what) }))
"""

seen = []  # the paths and headers of what a browser asked for
reported = [b""]


class App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, body, kind="text/plain", status=200, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def said(self):
        return json.dumps({
            "line": self.requestline, "headers": [[name.lower(), value] for name, value in self.headers.items()],
        }).encode()

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        whole = b""
        while True:
            size = int(self.rfile.readline(), 16)
            whole += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return whole

    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/forget":
            seen.clear()
            reported[0] = b""
            return self.answer(b"")
        if path == "/report":
            return self.answer(json.dumps({"page": json.loads(reported[0] or b"null"), "seen": seen}).encode())
        if "Mozilla" in self.headers.get("User-Agent", ""):
            seen.append([self.path] + ["%s: %s" % header for header in self.headers.items()])
        if self.headers.get("Upgrade"):
            return self.websocket()
        if path == "/":
            return self.answer(PAGE, "text/html")
        if path == "/assets/page.js":
            return self.answer(SCRIPT, "text/javascript")
        if path == "/assets/page.css":
            return self.answer(STYLE, "text/css")
        if path == "/old":
            return self.answer(b"", status=302, Location="/new")
        if path == "/old-by-host":
            return self.answer(b"", status=302, Location="http://%s/new?a=b" % self.headers["Host"])
        if path == "/elsewhere":
            return self.answer(b"", status=302, Location="http://localhost:%d1/" % PORT)
        if path == "/new":
            return self.answer(b"moved")
        if path == "/missing":
            return self.answer(b"nothing here", status=404)
        if path == "/cookies":
            self.send_response(204)
            self.send_header("Set-Cookie", "one=1; Path=/")
            self.send_header("Set-Cookie", "two=2; Path=/")
            self.end_headers()
            return None
        if path == "/pieces":
            return self.pieces()
        if path == "/garbage":
            self.close_connection = True
            return self.wfile.write(b"this is no HTTP\r\n\r\n")
        return self.answer(self.said(), "application/json")

    def do_POST(self):
        body = self.body()
        if self.path == "/report":
            reported[0] = body
        self.answer(body)

    do_HEAD = do_OPTIONS = do_DELETE = do_GET
    do_PUT = do_PATCH = do_POST

    def pieces(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if self.command == "HEAD":
            return
        for i in range(1, 21):
            piece = b"%d" % (i % 10) * (i * 5000)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def websocket(self):
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        if "?choose=" in self.path:  # the server's subprotocol, whatever was offered
            self.send_header("Sec-WebSocket-Protocol", self.path.split("?choose=")[1])
        self.end_headers()
        self.close_connection = True
        while True:
            head = self.rfile.read(2)
            if len(head) < 2 or head[0] & 15 == 8:
                return
            size = head[1] & 127
            if size == 126:
                size = int.from_bytes(self.rfile.read(2), "big")
            mask = self.rfile.read(4)
            text = bytes(c ^ mask[i % 4] for i, c in enumerate(self.rfile.read(size)))
            length = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
            self.wfile.write(b"\x81" + length + text)


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6 if ":" in HOST else socket.AF_INET


Server((HOST, PORT), App).serve_forever()
