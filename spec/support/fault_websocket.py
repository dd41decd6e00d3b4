"""The scenario of the fault server that speaks WebSocket, right or wrong:
/fault/ws;do=STEP,STEP,... where a step is NAME or NAME:ARGUMENT.

accept[:SUBPROTOCOL]  answers the handshake         badaccept  with a wrong key
raw:HEX               bytes                         split      later: byte by byte
text:TEXT  binary:HEX  ping:TEXT                    a whole frame each
frame:FIN/OPCODE/HEX  any frame                     masked     one as clients send
bytes:N[/SIZE]        N bytes of the pattern, in one message of frames of SIZE
numbers:N             N texts "1", "2", ...
close[:CODE[/TEXT]]   a close frame
read:N                waits for N frames            report     tells what it read
echo                  echoes messages until a close frame, and answers that
await                 reads until a close frame and answers it
pause:MS  deaf        reads nothing for so long; until the client is gone
hold  drop  reset     silence; the connection ends
"""

import base64
import hashlib
import json
import select
import struct
import time

from fault_scenarios import pattern, scenario

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def accept_key(request):
    key = (request.header("sec-websocket-key") or "").encode()
    return base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()


class Peer:
    def __init__(self, exchange):
        self.conn = exchange.conn
        self.request = exchange.request
        self.received = exchange.request.frames
        self.split = False

    # --- bytes

    def send(self, data):
        if not self.split:
            self.conn.send(data)
            return
        for i in range(len(data)):
            self.conn.send(data[i:i + 1])

    def frame(self, opcode, payload=b"", fin=1, mask=None):
        n = len(payload)
        head = bytes([fin << 7 | opcode])
        bit = 128 if mask else 0
        if n < 126:
            head += bytes([bit | n])
        elif n < 65536:
            head += bytes([bit | 126]) + struct.pack(">H", n)
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", n)
        if mask:
            payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
            head += mask
        self.send(head + payload)

    def read_frame(self):
        def take(n):
            pieces = []
            self.conn._exactly(n, pieces.append)
            return b"".join(pieces)

        first, second = take(2)
        n = second & 127
        if n == 126:
            n, = struct.unpack(">H", take(2))
        elif n == 127:
            n, = struct.unpack(">Q", take(8))
        mask = take(4) if second & 128 else b"\0\0\0\0"
        payload = take(n)
        if any(mask):
            long_mask = mask * (n // 4 + 1)
            payload = (int.from_bytes(payload, "big")
                       ^ int.from_bytes(long_mask[:n], "big")).to_bytes(n, "big")
        self.received.append({
            "fin": first >> 7, "opcode": first & 15, "masked": second >> 7,
            "size": n, "hex": payload[:64].hex(),
            "sha256": hashlib.sha256(payload).hexdigest()})
        return first & 15, payload

    # --- steps

    def do_accept(self, subprotocol):
        headers = [("Upgrade", "WebSocket"), ("Connection", "keep-alive, Upgrade"),
                   ("Sec-WebSocket-Accept", accept_key(self.request))]
        if subprotocol:
            headers.append(("Sec-WebSocket-Protocol", subprotocol))
        self.send(self.conn.head(101, headers))

    def do_badaccept(self, _):
        self.send(self.conn.head(101, [
            ("Upgrade", "websocket"), ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")]))

    def do_raw(self, text):
        self.send(bytes.fromhex(text))

    def do_split(self, _):
        self.split = True

    def do_text(self, text):
        self.frame(TEXT, text.encode("utf-8", "surrogateescape"))

    def do_binary(self, text):
        self.frame(BINARY, bytes.fromhex(text))

    def do_ping(self, text):
        self.frame(PING, text.encode())

    def do_frame(self, text):
        fin, opcode, payload = text.split("/")
        self.frame(int(opcode), bytes.fromhex(payload), int(fin))

    def do_masked(self, _):
        self.frame(TEXT, b"masked", 1, b"\1\2\3\4")

    def do_bytes(self, text):
        total, _, size = text.partition("/")
        total, size = int(total), int(size or total)
        data = b"".join(pattern(total)) if total <= 1 << 24 else None
        opcode, at = BINARY, 0
        while True:
            n = min(size, total - at)
            piece = data[at:at + n] if data is not None else bytes(n)
            at += n
            self.frame(opcode, piece, int(at == total))
            if at == total:
                return
            opcode = 0

    def do_numbers(self, text):
        for i in range(1, int(text) + 1):
            self.frame(TEXT, str(i).encode())

    def do_close(self, text):
        code, _, reason = text.partition("/")
        payload = struct.pack(">H", int(code)) + reason.encode() if code else b""
        self.frame(CLOSE, payload)

    def do_read(self, text):
        for _ in range(int(text)):
            self.read_frame()

    def do_report(self, _):
        self.frame(TEXT, json.dumps(self.received).encode())

    def _until_close(self, echo):
        while True:
            opcode, payload = self.read_frame()
            if opcode == CLOSE:
                self.frame(CLOSE, payload)
                self.conn.finish()
            elif opcode == PING:
                self.frame(PONG, payload)
            elif echo:
                self.frame(opcode, payload)

    def do_echo(self, _):
        self._until_close(True)

    def do_await(self, _):
        self._until_close(False)

    def do_pause(self, text):
        time.sleep(int(text) / 1000)

    def do_deaf(self, _):
        select.poll().poll(60000)

    def do_hold(self, _):
        self.conn.hold()

    def do_drop(self, _):
        self.conn.finish()

    def do_reset(self, _):
        self.conn.reset()


@scenario("ws", do="accept,echo")
def websocket(ex):
    peer = Peer(ex)
    for step in ex.text("do").split(","):
        name, _, argument = step.partition(":")
        getattr(peer, "do_" + name)(argument)
    peer.conn.finish()
