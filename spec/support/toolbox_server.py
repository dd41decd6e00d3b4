"""A toolbox whose commands end after a while, whatever becomes of the ways on which
that is told. The id of a sandbox is its scenario, words joined by '-':

    closes      followed logs are closed as at the end, at once
    lingers     they stay open after the end
    bad         following is answered with 502
    silent      following is never answered
    forgets     the first answers to a look are 404
    stalls      the first look is answered after 3 seconds
    down        the first answers to a look are 503
    lost        starting a command is not answered, though it runs
    json        logs are JSON, whatever level the client says it has
    gone        the command is never found
    endless     the command does not end

GET /api/requests lists what came, as "METHOD path". Says {"port": N} when it listens, and
lives as long as its output is read.
"""

import base64
import hashlib
import json
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lifeline import announce, serve_until_reader_gone

ENDS_AFTER = 0.3
OUTPUT = b"\x01\x01\x01one\n\x02\x02\x02two\n"
requests, begun, looks = [], {}, {}
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", kind="application/json"):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # the client has given up

    def has_ended(self):
        return "endless" not in self.words and time.monotonic() - begun.get(self.id, 0) > ENDS_AFTER

    def frame(self, opcode, payload):
        self.connection.sendall(bytes([0x80 | opcode, len(payload)]) + payload)

    def follow(self):
        if "bad" in self.words:
            return self.reply(502)
        if "silent" in self.words:
            time.sleep(30)
        key = self.headers["Sec-WebSocket-Key"].encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         b"Sec-WebSocket-Accept: " + base64.b64encode(hashlib.sha1(key).digest()) + b"\r\n\r\n")
        if "lingers" in self.words:
            self.frame(2, OUTPUT)
            time.sleep(30)
        self.frame(8, struct.pack(">H", 1000))
        self.close_connection = True
        return None

    def look(self):
        with lock:
            looks[self.id] = looks.get(self.id, 0) + 1
            count = looks[self.id]
        if "stalls" in self.words and count == 1:
            time.sleep(3)
        if "gone" in self.words or "forgets" in self.words and count == 1:
            return self.reply(404, {"statusCode": 404, "message": "not found: command not found"})
        if "down" in self.words and count < 6:
            return self.reply(503)
        return self.reply(200, dict({"id": "c", "command": "x"}, **({"exitCode": 3} if self.has_ended() else {})))

    def toolbox(self, rest):
        if rest.endswith("/exec"):
            begun[self.id] = time.monotonic()
            if "lost" in self.words:
                self.close_connection = True
                return None
            return self.reply(202, {"cmdId": "c", "output": None, "stdout": None, "stderr": None, "exitCode": None})
        if rest == "process/execute":
            return self.reply(200, {"exitCode": 0, "result": ""})
        if self.command == "POST":
            return self.reply(201)
        if self.command == "DELETE":
            return self.reply(204)
        if rest.endswith("/logs"):
            if self.headers.get("Upgrade"):
                return self.follow()
            text = OUTPUT if self.has_ended() or "lingers" in self.words else b""
            if "json" in self.words:
                return self.reply(200, {"output": text.decode(), "stdout": "one\n", "stderr": "two\n"})
            return self.reply(200, text, "text/plain")
        if "/command/" in rest:
            return self.look()
        return self.reply(200, {"sessionId": "s", "commands": [{"id": "c", "command": "x"}] if self.id in begun else []})

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        del body
        parts = self.path.split("?")[0].strip("/").split("/")
        if parts[-1] == "requests":
            return self.reply(200, requests)
        with lock:
            requests.append(self.command + " " + self.path)
        self.id = parts[1] if parts[0] == "toolbox" else parts[-1]
        self.words = self.id.split("-")
        if parts[0] == "toolbox":
            return self.toolbox("/".join(parts[2:]))
        return self.reply(200, {"id": self.id, "name": self.id, "organizationId": "o", "state": "started",
                                "toolboxProxyUrl": "http://127.0.0.1:%d/toolbox" % server.server_address[1]})

    do_GET = do_POST = do_DELETE = answer


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
announce({"port": server.server_address[1]})
serve_until_reader_gone()
