#!/usr/bin/env python3
"""Services of the host that sandboxes must not reach, and the world outside of
it. Without arguments: one on IPv4's loopback, one on IPv6's, one on every
address, one at an abstract unix socket. Each says "host NAME" and ends; prints
one line of JSON with their ports when ready, and lives until its output has no
reader.

    host_services.py world ADDRESS   a far end: HTTP (port 80) that says "world",
                                     and a DNS server that knows one name,
                                     far.example, which is at that address
"""

import http.server
import os
import socket
import socketserver
import sys
import threading

from lifeline import announce, serve_until_reader_gone


def serve(listener, text):
    def run():
        while True:
            connection = listener.accept()[0]
            with connection:
                connection.sendall(text)
    threading.Thread(target=run, daemon=True).start()


def tcp(family, address, text):
    listener = socket.socket(family)
    listener.bind((address, 0))
    listener.listen()
    serve(listener, text)
    return listener.getsockname()[1]


def main():
    name = "daytona-spec-%d" % os.getpid()
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind("\0" + name)
    abstract.listen()
    serve(abstract, b"host abstract\n")
    announce({
        "port": tcp(socket.AF_INET, "127.0.0.1", b"host v4\n"),
        "port6": tcp(socket.AF_INET6, "::1", b"host v6\n"),
        "any_port": tcp(socket.AF_INET, "0.0.0.0", b"host any\n"),
        "abstract": name,
    })
    serve_until_reader_gone()


class World(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"world\n")

    def log_message(self, *_):
        pass


class Names(socketserver.BaseRequestHandler):
    """Answers every question for an A record of the one name."""
    address = None

    def handle(self):
        query, sock = self.request
        end = query.index(b"\0", 12) + 5
        known = (query[12:end - 5] == b"\x03far\x07example"
                 and query[end - 4:end - 2] == b"\0\x01")
        answer = (b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04"
                  + socket.inet_aton(self.address)) if known else b""
        flags = b"\x81\x80" if query[12:end - 5] == b"\x03far\x07example" \
            else b"\x81\x83"
        sock.sendto(query[:2] + flags + b"\0\x01" + b"\0" + bytes([known])
                    + b"\0\0\0\0" + query[12:end] + answer,
                    self.client_address)


def world(address):
    Names.address = address
    servers = (http.server.ThreadingHTTPServer(("0.0.0.0", 80), World),
               socketserver.UDPServer(("0.0.0.0", 53), Names))
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    announce({"port": 80})
    serve_until_reader_gone()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        world(sys.argv[2])
    else:
        main()
    sys.exit(0)
