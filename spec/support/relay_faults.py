"""What goes wrong on the connections of relay.py."""

import ctypes
import socket
import struct

SO_ATTACH_FILTER = 26


def drop_segments(sock):
    """Has the kernel drop what comes in, so that not even TCP answers."""
    code = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))  # return 0
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                    struct.pack("HP", 1, ctypes.addressof(code)))


class Fault:
    """What is to happen to a connection, and when.

    how    "hole": from then on nothing passes and nobody is told, neither by
           FIN nor by RST; with "acks", TCP still acknowledges what is sent,
           as a proxy on the way does.  "reset": RST to the client.
           "finish": FIN to the client.
    at     "hello": when the client's first bytes are there, which are not
           passed on; "answer": in the middle of the server's first bytes;
           "up" or "down": when so many further bytes have passed in that
           direction; else at once.
    """

    def __init__(self, order):
        self.how = order["how"]
        self.acks = order.get("acks", False)
        self.at = order.get("at")
        self.left = {name: order[name] for name in ("up", "down") if name in order}
        if self.how not in ("hole", "reset", "finish") or self.at not in (None, "hello", "answer"):
            raise ValueError("no such fault: %r" % order)

    def at_once(self):
        return not self.at and not self.left

    def judge(self, direction, data):
        """How many bytes of `data` still pass before the fault, or None."""
        if self.at:
            if self.at == "hello" and direction == "up":
                return 0
            return len(data) // 2 if self.at == "answer" and direction == "down" else None
        if direction not in self.left:
            return None
        if self.left[direction] <= len(data):
            return self.left[direction]
        self.left[direction] -= len(data)
        return None


class WebSocketWatch:
    """Looks at the heads of a plain connection's first request and answer."""

    def __init__(self, link):
        self.link, self.head, self.offset = link, {"up": b"", "down": b""}, None

    def received(self, side, data):
        """What of the connection's bytes may go on."""
        name = side.direction
        if name not in self.head:
            return data
        self.head[name] += data
        end = self.head[name].find(b"\r\n\r\n") + 4
        if end < 4:
            return b""
        head = self.head.pop(name)
        if name == "down":
            if self.offset is not None:
                how = "reset" if self.offset % 2 else "finish"
                self.link.fault = Fault({"how": how, "down": end + self.offset})
            return head
        return self.request(head)

    def request(self, head):
        relay = self.link.relay
        is_newer = b"/create-connect?" in head.split(b"\r\n")[0]
        upgrades = b"upgrade: websocket" in head.lower()
        status = None
        if relay.websockets == "older" and is_newer:
            status = b"404 Not Found"
        elif relay.websockets == "refuse" and upgrades:
            status = b"400 Bad Request"
        elif relay.websockets == "cut" and upgrades and relay.offsets:
            self.offset = relay.offsets.pop(0)
        if not status:
            return head
        answer = b"HTTP/1.1 " + status + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        self.link.server.out.send(answer)
        self.link.server.out.send(lambda: self.link.fail(Fault({"how": "finish"})))
        return b""
