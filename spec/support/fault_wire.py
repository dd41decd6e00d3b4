"""One connection of the fault server: reads requests byte by byte as they are
on the wire, and writes whatever bytes a scenario asks for, valid or not."""

import hashlib
import json
import select
import socket
import struct
import threading
import time
import urllib.parse

KEPT_BODY = 256 * 1024  # bytes of each request body kept for assertions
MAX_HEAD = 1024 * 1024
PLAIN_REASON = {200: "OK", 201: "Created", 204: "No Content", 302: "Found",
                404: "Not Found", 413: "Content Too Large",
                429: "Too Many Requests", 502: "Bad Gateway",
                503: "Service Unavailable"}


class Gone(Exception):
    """The peer closed or reset the connection."""


class Request:
    """What arrived. Header names and values stay as sent."""

    def __init__(self, head, caller):
        self.head = head
        self.caller = caller
        lines = head.split(b"\r\n")
        words = lines[0].decode("latin-1").split(" ")
        if len(words) != 3:
            raise Gone("not HTTP: %r" % lines[0][:80])
        self.method, self.target, self.version = words
        target = self.target
        if "://" in target:  # as a proxy sees it
            rest = target.split("://", 1)[1]
            target = rest[rest.index("/"):] if "/" in rest else "/"
        self.path, _, self.query_string = target.partition("?")
        self.headers = []
        for line in lines[1:]:
            name, _, value = line.decode("latin-1").partition(":")
            self.headers.append((name, value.strip()))
        self.body = b""
        self.body_size = 0
        self.digest = hashlib.sha256()
        self.complete = False
        self.frames = []  # of a WebSocket

    def header(self, name, default=None):
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return default

    def query(self):
        return urllib.parse.parse_qs(self.query_string, keep_blank_values=True)

    def take_body(self, data):
        self.digest.update(data)
        self.body_size += len(data)
        if len(self.body) < KEPT_BODY:
            self.body += data[:KEPT_BODY - len(self.body)]

    def as_dict(self):
        return {
            "method": self.method, "target": self.target, "path": self.path,
            "query": self.query(),
            "header_list": [list(h) for h in self.headers],
            "headers": {n.lower(): v for n, v in self.headers},
            "head_hex": self.head.hex(), "body_hex": self.body.hex(),
            "body_size": self.body_size, "sha256": self.digest.hexdigest(),
            "complete": self.complete, "frames": self.frames,
        }


class Caller:
    """Whoever has connected, and whether it had hung up when the server was
    told to forget what was: what it asked then counts no more."""

    def __init__(self, sock):
        self.fd = sock.fileno()
        self.has_left = False

    def look(self):
        poll = select.poll()
        poll.register(self.fd, select.POLLRDHUP)
        self.has_left = self.has_left or bool(poll.poll(0))

    def check(self):
        if self.has_left:
            raise Gone("asked before the reset")


class Connection:
    def __init__(self, sock, caller):
        self.sock = sock
        self.caller = caller
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.served = 0
        self.reset_next = False  # answer the next request with a reset

    # --- reading

    def _fill(self):
        try:
            data = self.sock.recv(65536)
        except OSError as e:
            raise Gone(str(e)) from e
        if not data:
            raise Gone("closed by the client")
        self.buffer += data

    def read_head(self):
        while b"\r\n\r\n" not in self.buffer:
            if len(self.buffer) > MAX_HEAD:
                raise Gone("request head too large")
            self._fill()
            if self.buffer[0] == 0x16:  # a TLS handshake where none belongs
                self.send(self.head(400, [("Content-Length", "0")]))
                raise Gone("TLS")
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return Request(head, self.caller)

    def _line(self):
        while b"\r\n" not in self.buffer:
            self._fill()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def _exactly(self, size, sink):
        while size > 0:
            if not self.buffer:
                self._fill()
            piece, self.buffer = self.buffer[:size], self.buffer[size:]
            size -= len(piece)
            sink(piece)

    def read_body(self, request, limit=None):
        """Reads the body, or its first `limit` bytes, into the request."""
        if (request.header("expect") or "").lower() == "100-continue":
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in (request.header("transfer-encoding") or "").lower():
            while True:
                size = int(self._line().split(b";")[0], 16)
                self._exactly(size, request.take_body)
                self._line()
                if size == 0:
                    break
                if limit is not None and request.body_size >= limit:
                    return
        else:
            size = int(request.header("content-length") or 0)
            if limit is not None and limit < size:
                return self._exactly(limit, request.take_body)
            self._exactly(size, request.take_body)
        request.complete = True

    # --- writing

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as e:
            raise Gone(str(e)) from e

    def send_forever(self, data, pause=0.0):
        """Sends `data` until the peer goes away, every `pause` seconds."""
        while True:
            self.send(data)
            if pause > 0 and self._readable(pause):
                self._fill()

    def _readable(self, seconds):
        return bool(select.select([self.sock], [], [], seconds)[0])

    def head(self, status, headers=(), version="HTTP/1.1", reason=None):
        if reason is None:
            reason = PLAIN_REASON.get(status, "Status")
        lines = ["%s %d %s" % (version, status, reason)]
        lines += ["%s: %s" % pair for pair in headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def reply(self, status, body=b"", headers=(), content_type=None,
              bodiless=False):
        """A well-formed answer with a Content-Length."""
        headers = list(headers)
        if content_type and not any(h[0].lower() == "content-type"
                                    for h in headers):
            headers.append(("Content-Type", content_type))
        if status != 204:
            headers.append(("Content-Length", str(len(body))))
        self.send(self.head(status, headers) + (b"" if bodiless else body))

    def reply_json(self, status, value, headers=(), bodiless=False):
        self.reply(status, json.dumps(value).encode(), headers,
                   "application/json", bodiless)

    def tunnel(self, target):
        """Answers a CONNECT and passes bytes both ways until one side ends.
        Any host below .test is this server."""
        host, _, port = target.rpartition(":")
        address = (host, int(port))
        if host.endswith(".test"):
            address = self.sock.getsockname()
        try:
            other = socket.create_connection(address)
        except OSError as e:
            self.reply(502)
            raise Gone(str(e)) from e
        self.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        pairs = {self.sock: other, other: self.sock}
        with other:
            while True:
                for sock in select.select(list(pairs), [], [])[0]:
                    data = sock.recv(65536)
                    if not data:
                        raise Gone("the tunnel has ended")
                    pairs[sock].sendall(data)

    # --- endings

    def hold(self):
        """Says nothing more until the peer gives up."""
        while True:
            self._fill()
            self.buffer = b""

    def finish(self):
        """Sends FIN and reads what the peer still has to say, so that the
        kernel does not turn the close into a reset."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            return
        self.hold()

    def reset(self):
        """Closes with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        self.sock.close()
        raise Gone("reset by the scenario")

    def close(self):
        try:
            self.sock.close()
        except OSError:
            pass


class Stats:
    """Counts per scenario and the latest requests, shared by all threads."""

    KEPT = 200

    def __init__(self):
        self.lock = threading.Lock()
        self.open_connections = 0
        self.reset()

    def reset(self):
        with self.lock:
            self.scenarios = {}
            self.keys = {}
            self.windows = {}
            self.requests = []
            self.connections = 0
            self.handshake_failures = 0
            self.resumed = 0

    def add(self, name, amount):
        with self.lock:
            setattr(self, name, getattr(self, name) + amount)

    def record(self, scenario, request):
        with self.lock:
            request.caller.check()
            self.scenarios[scenario] = self.scenarios.get(scenario, 0) + 1
            self.requests.append((scenario, request))
            del self.requests[:-self.KEPT]

    def next_of(self, key):
        """How often this key came, this time included."""
        with self.lock:
            self.keys[key] = self.keys.get(key, 0) + 1
            return self.keys[key]

    def asked_for(self, path):
        """How often the path was asked for, of the latest requests."""
        with self.lock:
            return sum(request.path == path for _, request in self.requests)

    def window_of(self, key, seconds):
        """How many came for this key in its window of time, which the first
        of them opens, this one included; and the seconds left of it."""
        with self.lock:
            now = time.monotonic()
            end, count = self.windows.get(key, (0, 0))
            if now >= end:
                end, count = now + seconds, 0
            self.windows[key] = (end, count + 1)
            return count + 1, end - now

    def as_dict(self):
        with self.lock:
            requests = [dict(request.as_dict(), scenario=name)
                        for name, request in self.requests]
            return {
                "scenarios": dict(self.scenarios), "requests": requests,
                "connections": self.connections,
                "open_connections": self.open_connections,
                "handshake_failures": self.handshake_failures,
                "resumed": self.resumed,
            }
