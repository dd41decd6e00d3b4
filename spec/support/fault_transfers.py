"""Scenarios of large bodies: downloads, uploads and logs."""

import time

from fault_scenarios import pattern, scenario


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
