"""A TCP relay that treats WebSockets badly:

    relay.py PORT cut OFFSET...   cuts the first one after so many bytes of what
                                  the server says behind its handshake, the
                                  next one at the next offset, then none
    relay.py PORT refuse          answers their handshakes with 400
    relay.py PORT older           knows nothing of create-connect

Says {"port": N} when it listens. GET /relay tells how many were treated so.
It lives as long as its output is read.
"""

import json
import socket
import struct
import sys
import threading

from lifeline import announce, serve_until_reader_gone

treated = 0
lock = threading.Lock()


def next_offset(offsets):
    global treated
    with lock:
        if treated >= len(offsets):
            return None
        treated += 1
        return offsets[treated - 1]


def read_head(source):
    head = b""
    while b"\r\n\r\n" not in head:
        data = source.recv(65536)
        if not data:
            return None
        head += data
    return head


def pump(source, target):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def pump_up_to(source, target, limit):
    """Passes the answer's head and `limit` bytes on, then cuts both sides off."""
    head = read_head(source)
    if head is None:
        return
    end = head.index(b"\r\n\r\n") + 4
    rest = head[end:][:limit]
    target.sendall(head[:end] + rest)
    left = limit - len(rest)
    while left > 0:
        data = source.recv(min(65536, left))
        if not data:
            return
        target.sendall(data)
        left -= len(data)
    if limit % 2:  # the end is a reset
        target.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def serve(client, port, mode, offsets):
    global treated
    server = socket.create_connection(("127.0.0.1", port))
    try:
        head = read_head(client)
        if head is None:
            return
        if head.startswith(b"GET /relay "):
            body = json.dumps({"treated": treated}).encode()
            client.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            return
        upgrades = b"upgrade: websocket" in head.lower()
        is_newer = b"/create-connect?" in head.split(b"\r\n")[0]
        if upgrades and mode == "refuse" or is_newer and mode == "older":
            with lock:
                treated += 1
            status = b"404 Not Found" if is_newer else b"400 Bad Request"
            client.sendall(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            return
        server.sendall(head)
        up = threading.Thread(target=pump, args=(client, server), daemon=True)
        up.start()
        offset = next_offset(offsets) if upgrades and mode == "cut" else None
        if offset is None:
            pump(server, client)
            up.join()
        else:
            pump_up_to(server, client, offset)
            client.shutdown(socket.SHUT_RD)  # wakes the other thread, tells nobody
            up.join()
    except OSError:
        pass
    finally:
        client.close()
        server.close()


def main():
    port, mode = int(sys.argv[1]), sys.argv[2]
    offsets = [int(text) for text in sys.argv[3:]]
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)

    def accept():
        while True:
            client, _ = listener.accept()
            threading.Thread(target=serve, args=(client, port, mode, offsets), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    announce({"port": listener.getsockname()[1]})
    serve_until_reader_gone()


main()
