"""The scenarios of the fault server.

A scenario is a function of one Exchange. It returns normally when the
connection may carry another request, or ends it by an exchange method that
raises Gone. Parameters come, later ones winning, from the declared defaults,
from the path (/fault/error/404), from the scenario's own segment
(/fault/error;status=404) and from the query (?status=404).
"""

import gzip
import json
import time
import urllib.parse

SCENARIOS = {}
_BLOCK = bytes(i % 251 for i in range(251 * 256))


class Exchange:
    """One request and the connection to answer on."""

    def __init__(self, connection, request, stats, name, params, rest):
        self.conn = connection
        self.request = request
        self.stats = stats
        self.name = name
        self.params = params
        self.rest = rest

    def text(self, name):
        return str(self.params[name])

    def number(self, name):
        return float(self.params[name])

    def integer(self, name):
        return int(self.params[name])


class Scenario:
    def __init__(self, run, defaults, early):
        self.run = run
        self.defaults = defaults
        self.positional = list(defaults)
        self.early = early


def scenario(name, /, early=False, **defaults):
    """Registers a scenario. An early one runs before the body is read."""
    def register(run):
        SCENARIOS[name] = Scenario(run, defaults, early)
        return run
    return register


def parse(path, query):
    """'/fault/NAME;k=v/rest' -> Scenario, name, parameters, rest."""
    first, _, rest = path[len("/fault/"):].partition("/")
    pieces = first.split(";")
    found = SCENARIOS.get(pieces[0])
    if found is None:
        return None, pieces[0], {}, rest
    params = dict(found.defaults)
    if len(pieces) == 1:
        for name, value in zip(found.positional, rest.split("/")):
            if value.isdigit():
                params[name] = value
    for piece in pieces[1:]:
        name, _, value = piece.partition("=")
        params[name] = urllib.parse.unquote(value)
    for name, values in query.items():
        if name in found.defaults:
            params[name] = values[-1]
    return found, pieces[0], params, rest


def pattern(size):
    """Byte i of a download is i % 251; yields it in blocks."""
    while size > 0:
        yield _BLOCK[:size]
        size -= len(_BLOCK)


# --- well-formed answers

@scenario("ok-json")
def ok_json(ex):
    request = ex.request
    ex.conn.reply_json(200, {
        "method": request.method, "path": request.path,
        "query": request.query(),
        "headers": {n.lower(): v for n, v in request.headers},
        "body": request.body.decode("utf-8", "replace"),
    })


@scenario("json", body="{}", status=200)
def literal_json(ex):
    ex.conn.reply(ex.integer("status"), ex.text("body").encode(),
                  content_type="application/json")


@scenario("split", body='{"exitCode": 0, "result": "sp\\u00fclit\\n"}')
def split(ex):
    body = ex.text("body").encode()
    whole = ex.conn.head(200, [("Content-Type", "application/json"),
                               ("Content-Length", str(len(body)))]) + body
    for i in range(len(whole)):
        ex.conn.send(whole[i:i + 1])


@scenario("gzip", force=0)
def gzipped(ex):
    """Compressed when the client asked for it, or when forced."""
    asked = "gzip" in ex.request.header("accept-encoding", "")
    body = json.dumps({"exitCode": 0, "result": "zipped"}).encode()
    if asked or ex.integer("force"):
        ex.conn.reply(200, gzip.compress(body),
                      [("Content-Encoding", "gzip")], "application/json")
    else:
        ex.conn.reply(200, body, content_type="application/json")


@scenario("gzip-bomb", mebibytes=256)
def gzip_bomb(ex):
    zeros = b" " * (1 << 20)
    packed = gzip.compress(zeros)  # members may follow one another
    size = len(packed) * ex.integer("mebibytes")
    ex.conn.send(ex.conn.head(200, [("Content-Type", "application/json"),
                                    ("Content-Encoding", "gzip"),
                                    ("Content-Length", str(size))]))
    for _ in range(ex.integer("mebibytes")):
        ex.conn.send(packed)


@scenario("close-delimited")
def close_delimited(ex):
    """No length: the body ends with the connection."""
    ex.conn.send(ex.conn.head(200, [("Content-Type", "application/json"),
                                    ("Connection", "close")]))
    ex.conn.send(b'{"exitCode": 0, "result": "closed"}')
    ex.conn.finish()


@scenario("informational", count=1000)
def informational(ex):
    """A storm of 1xx answers, then 200; count 0 means for ever."""
    one = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    if ex.integer("count") == 0:
        ex.conn.send_forever(one * 100)
    ex.conn.send(one * ex.integer("count"))
    ok_json(ex)


@scenario("big-json", size=1 << 20)
def big_json(ex):
    fill = max(ex.integer("size") - len('{"fill": ""}'), 0)
    ex.conn.send(ex.conn.head(200, [
        ("Content-Type", "application/json"),
        ("Content-Length", str(fill + len('{"fill": ""}')))]))
    ex.conn.send(b'{"fill": "')
    for start in range(0, fill, 1 << 20):
        ex.conn.send(b"x" * min(1 << 20, fill - start))
    ex.conn.send(b'"}')


@scenario("deep-json", depth=2000)
def deep_json(ex):
    depth = ex.integer("depth")
    ex.conn.reply(200, b"[" * depth + b"]" * depth,
                  content_type="application/json")


# --- the connection breaks

@scenario("reset-before-headers")
def reset_before_headers(ex):
    ex.conn.reset()


@scenario("reset-in-headers")
def reset_in_headers(ex):
    ex.conn.send(b"HTTP/1.1 200 OK\r\nContent-Type: applica")
    ex.conn.reset()


@scenario("reset-in-body")
def reset_in_body(ex):
    ex.conn.send(ex.conn.head(200, [("Content-Type", "application/json"),
                                    ("Content-Length", "4096")]))
    ex.conn.send(b'{"result": "half')
    ex.conn.reset()


@scenario("close-before-headers")
def close_before_headers(ex):
    ex.conn.finish()


@scenario("truncated-body", length=4096)
def truncated_body(ex):
    ex.conn.send(ex.conn.head(200, [("Content-Type", "application/json"),
                                    ("Content-Length", ex.text("length"))]))
    ex.conn.send(b'{"exitCode": 0, "result": "cut"}')
    ex.conn.finish()


@scenario("truncated-chunks")
def truncated_chunks(ex):
    ex.conn.send(ex.conn.head(200, [("Content-Type", "application/json"),
                                    ("Transfer-Encoding", "chunked")]))
    ex.conn.send(b"20\r\n" + b'{"exitCode": 0, "result": "cut"}' + b"\r\n")
    ex.conn.finish()


@scenario("bad-chunking")
def bad_chunking(ex):
    ex.conn.send(ex.conn.head(200, [("Content-Type", "application/json"),
                                    ("Transfer-Encoding", "chunked")]))
    ex.conn.send(b"5\r\nhello\r\nZZZ\r\nnot a chunk size\r\n\r\n")
    ex.conn.finish()


@scenario("idle-close")
def idle_close(ex):
    """Answers as if the connection would stay, then closes it."""
    ok_json(ex)
    ex.conn.finish()


@scenario("idle-reset")
def idle_reset(ex):
    """The next request on the same connection gets a reset."""
    ok_json(ex)
    ex.conn.reset_next = True


# --- the answer never ends, or never begins

@scenario("stall", early=True)
def stall(ex):
    ex.conn.hold()


@scenario("stall-after-headers")
def stall_after_headers(ex):
    ex.conn.send(ex.conn.head(200, [("Content-Type", "application/json"),
                                    ("Content-Length", "4096")]))
    ex.conn.hold()


@scenario("endless-headers")
def endless_headers(ex):
    ex.conn.send(b"HTTP/1.1 200 OK\r\n")
    ex.conn.send_forever(b"X-Fill: " + b"f" * 1000 + b"\r\n")


@scenario("endless-header")
def endless_header(ex):
    ex.conn.send(b"HTTP/1.1 200 OK\r\nX-Fill: ")
    ex.conn.send_forever(b"f" * 65536)


@scenario("endless-body", milliseconds=0)
def endless_body(ex):
    ex.conn.send(ex.conn.head(200, [("Content-Type", "application/json"),
                                    ("Transfer-Encoding", "chunked")]))
    ex.conn.send_forever(b"10000\r\n" + b"[" * 65536 + b"\r\n", ex.number("milliseconds") / 1000)


@scenario("slow-drip", milliseconds=20)
def slow_drip(ex):
    ex.conn.send(ex.conn.head(200, [("Content-Type", "application/json"),
                                    ("Transfer-Encoding", "chunked")]))
    ex.conn.send_forever(b"1\r\n \r\n", ex.number("milliseconds") / 1000)


@scenario("slow-headers", milliseconds=20)
def slow_headers(ex):
    ex.conn.send(b"HTTP/1.1 200 OK\r\nX-Fill: ")
    ex.conn.send_forever(b"f", ex.number("milliseconds") / 1000)


# --- answers that make no sense

@scenario("wrong-content-type", body="<p>Welcome to the hotel network</p>")
def wrong_content_type(ex):
    ex.conn.reply(200, ex.text("body").encode(), content_type="text/html")


@scenario("html-502")
def html_502(ex):
    ex.conn.reply(502, b"<html><body><h1>502 Bad Gateway</h1></body></html>",
                  content_type="text/html")


@scenario("invalid-json", body='{"exitCode": 0, "result": ')
def invalid_json(ex):
    ex.conn.reply(200, ex.text("body").encode(),
                  content_type="application/json")


@scenario("json-null")
def json_null(ex):
    ex.conn.reply(200, b"null", content_type="application/json")


@scenario("empty-body", status=200)
def empty_body(ex):
    ex.conn.reply(ex.integer("status"))


@scenario("empty-4xx", status=404)
def empty_4xx(ex):
    ex.conn.reply(ex.integer("status"))


@scenario("error", status=400, body='{"message": "refused"}',
          type="application/json", header="")
def error(ex):
    """Any status, body and one extra header 'Name: value'."""
    name, _, value = ex.text("header").partition(":")
    extra = [(name, value.strip())] if name else []
    ex.conn.reply(ex.integer("status"), ex.text("body").encode(), extra,
                  ex.text("type"))


@scenario("echo-error", status=400, type="application/json")
def echo_error(ex):
    """A hostile answer: the credential wherever it can be put."""
    secret = ex.request.header("authorization", "none")
    fields = {name: secret for name in (
        "message", "code", "source", "error", "path", "method", "requestId")}
    body = json.dumps(fields) if "json" in ex.text("type") else secret * 3
    ex.conn.reply(ex.integer("status"), body.encode(),
                  [("X-Request-Id", secret), ("X-Echo", secret)],
                  ex.text("type"))


@scenario("http-version", version="HTTP/9.9")
def http_version(ex):
    ex.conn.send(ex.conn.head(200, [("Content-Length", "2")],
                              version=ex.text("version")) + b"{}")
    ex.conn.finish()


@scenario("garbage")
def garbage(ex):
    ex.conn.send(bytes(range(256)) * 8)
    ex.conn.finish()


@scenario("nul-header")
def nul_header(ex):
    ex.conn.send(b"HTTP/1.1 200 OK\r\nX-Request-Id: a\0b\r\n"
                 b"Content-Type: application/json\r\n"
                 b"Content-Length: 2\r\n\r\n{}")
    ex.conn.finish()


@scenario("dup-headers")
def dup_headers(ex):
    """Two lengths that disagree, two types, two request ids."""
    ex.conn.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                 b"Content-Type: application/json\r\nX-Request-Id: one\r\n"
                 b"X-Request-Id: two\r\nContent-Length: 2\r\n"
                 b"Content-Length: 4096\r\n\r\n{}")
    ex.conn.finish()


@scenario("redirect", status=302, to="http://127.0.0.1:9/elsewhere")
def redirect(ex):
    ex.conn.reply(ex.integer("status"), b"", [("Location", ex.text("to"))])


@scenario("proxy-auth")
def proxy_auth(ex):
    ex.conn.reply(407, b"proxy authentication required",
                  [("Proxy-Authenticate", 'Basic realm="spec"')],
                  "text/plain")


# --- retries

@scenario("download", n=1 << 20, length=1, end="", milliseconds=0)
def download(ex):
    """n bytes of the pattern; end=truncate or end=reset breaks off half-way;
    length=0 gives no Content-Length; milliseconds: between two blocks."""
    size = ex.integer("n")
    headers = [("Content-Type", "application/octet-stream")]
    if ex.integer("length"):
        headers.append(("Content-Length", str(size)))
    else:
        headers.append(("Connection", "close"))
    ex.conn.send(ex.conn.head(200, headers))
    end = ex.text("end")
    for block in pattern(size // 2 if end else size):
        ex.conn.send(block)
        if ex.number("milliseconds") > 0:
            time.sleep(ex.number("milliseconds") / 1000)
    if end == "reset":
        ex.conn.reset()
    if end or not ex.integer("length"):
        ex.conn.finish()


@scenario("sink", early=True, half=0, end="close", status=200)
def sink(ex):
    """Counts what is uploaded. half=1: breaks off after half of it, by
    end=close, end=reset, or end=answer (an answer, then close)."""
    request = ex.request
    if not ex.integer("half"):
        ex.conn.read_body(request)
        ex.conn.reply_json(ex.integer("status"), {
            "bytes": request.body_size, "sha256": request.digest.hexdigest()})
        return
    length = int(request.header("content-length") or 0)
    ex.conn.read_body(request, length // 2 if length else 65536)
    if ex.text("end") == "reset":
        ex.conn.reset()
    if ex.text("end") == "answer":
        ex.conn.reply_json(ex.integer("status"), {"message": "enough"},
                           [("Connection", "close")])
    ex.conn.close()


@scenario("early-413", early=True, drain=1)
def early_413(ex):
    """Refuses the body while it is still being sent."""
    ex.conn.reply_json(413, {"message": "too large"},
                       [("Connection", "close")])
    if ex.integer("drain"):
        ex.conn.finish()
    ex.conn.reset()


@scenario("log", size=1000, pieces=1, drops="", looks=0, path="", end="close")
def log(ex):
    """A log of `size` bytes of the pattern, sent in `pieces` chunks. The last
    one comes when `path` was asked for `looks` times, and end=hold does not end
    after it. The nth connection is reset after the nth number of `drops`."""
    size = ex.integer("size")
    data = b"".join(pattern(size))
    drops = [int(n) for n in ex.text("drops").split(",") if n]
    turn = ex.stats.next_of("log " + ex.request.path)
    ex.conn.send(ex.conn.head(200, [
        ("Content-Type", "application/octet-stream"),
        ("Transfer-Encoding", "chunked")]))
    if turn <= len(drops):
        data = data[:drops[turn - 1]]
    step = max(1, -(-len(data) // ex.integer("pieces")))
    for start in range(0, len(data), step):
        if start + step >= size:
            while ex.stats.asked_for(ex.text("path")) < ex.integer("looks"):
                time.sleep(0.005)
        piece = data[start:start + step]
        ex.conn.send(b"%x\r\n%s\r\n" % (len(piece), piece))
    if turn <= len(drops):
        time.sleep(0.05)  # what was sent is not to be lost by the reset
        ex.conn.reset()
    if ex.text("end") == "hold":
        ex.conn.hold()
    ex.conn.send(b"0\r\n\r\n")
