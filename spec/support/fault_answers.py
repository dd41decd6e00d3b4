"""Scenarios of well-formed answers, whole but perhaps odd or large."""

import gzip
import json

from fault_scenarios import scenario


@scenario("ok-json")
def ok_json(ex):
    request = ex.request
    ex.conn.reply_json(200, {
        "name": "x", "method": request.method, "path": request.path,
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
