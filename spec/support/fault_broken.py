"""Scenarios of connections that break, and of answers that never begin or
never end."""

from fault_answers import ok_json
from fault_scenarios import scenario


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
