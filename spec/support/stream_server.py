"""A server that ends each stream of HTTP/2 with an error, and answers HTTP/1.1.

    stream_server.py CERTIFICATES CODE

Frames are all it knows: what a request is about is in headers that it does not
read.  Over HTTP/1.1 everything is a command that has run.
"""

import socket
import ssl
import struct
import sys
import threading

import lifeline

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, RST_STREAM, SETTINGS = 1, 3, 4
BODY = b'{"exitCode": 0, "result": "by HTTP/1.1"}'


def exactly(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def end_streams(connection, code):
    exactly(connection, len(PREFACE))
    connection.sendall(frame(SETTINGS, 0, 0, b""))
    while True:
        head = exactly(connection, 9)
        kind, flags, stream = struct.unpack(">BBI", head[3:])
        exactly(connection, int.from_bytes(head[:3], "big"))
        if kind == SETTINGS and not flags & 1:
            connection.sendall(frame(SETTINGS, 1, 0, b""))
        elif kind == HEADERS:
            connection.sendall(frame(RST_STREAM, 0, stream, struct.pack(">I", code)))


def answer(connection):
    while True:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += exactly(connection, 1)
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                exactly(connection, int(line[15:]))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                           b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY)


def serve(connection, context, code):
    try:
        with context.wrap_socket(connection, server_side=True) as tls:
            if tls.selected_alpn_protocol() == "h2":
                end_streams(tls, code)
            else:
                answer(tls)
    except (EOFError, OSError):
        pass


def main(certificates, code):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates + "/good.pem", certificates + "/good.key")
    context.set_alpn_protocols(["h2", "http/1.1"])
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, context, code), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    lifeline.announce({"port": listener.getsockname()[1]})
    lifeline.serve_until_reader_gone()


main(sys.argv[1], int(sys.argv[2]))
