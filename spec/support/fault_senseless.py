"""Scenarios of answers that make no sense, or that a client may not trust."""

import json
import time

from fault_scenarios import scenario


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


@scenario("excess", body='{"exitCode": 0, "result": "first"}', more="0\r\n\r\n")
def excess(ex):
    """More bytes than the length says, which come when the answer has been read."""
    body = ex.text("body").encode()
    ex.conn.send(ex.conn.head(200, [("Content-Type", "application/json"),
                                    ("Content-Length", str(len(body)))]))
    time.sleep(0.002)
    ex.conn.send(body + ex.text("more").encode())
