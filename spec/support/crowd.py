"""A crowd of clients that never ask anything: crowd.py HOST PORT SILENT DRIPPING.
SILENT connections send half a request and no more, DRIPPING ones a further
header line twice in a second; what the server closes is opened again."""

import resource
import socket
import sys
import threading
import time

from lifeline import announce, serve_until_reader_gone

HALF = b"GET /api/health HTTP/1.1\r\nHost: x\r\n"


class Client:
    def __init__(self, address, drips):
        self.address, self.drips, self.socket = address, drips, None

    def open(self):
        try:
            self.socket = socket.create_connection(self.address, timeout=10)
            self.socket.sendall(HALF)
            self.socket.setblocking(False)
        except OSError:
            self.socket = None

    def is_closed(self):
        try:
            return self.socket is None or self.socket.recv(4096) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def turn(self):
        if self.is_closed():
            if self.socket:
                self.socket.close()
            self.open()
        elif self.drips:
            try:
                self.socket.sendall(b"X-a: b\r\n")
            except OSError:
                pass


def keep_on(clients):
    while True:
        for client in clients:
            client.turn()
        time.sleep(0.5)


def main():
    host, port, silent, dripping = sys.argv[1], *map(int, sys.argv[2:5])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    clients = [Client((host, port), i >= silent)
               for i in range(silent + dripping)]
    for client in clients:
        client.open()
    threading.Thread(target=keep_on, args=(clients,), daemon=True).start()
    announce({"opened": len(clients)})
    serve_until_reader_gone()
    return 0


if __name__ == "__main__":
    sys.exit(main())
