"""A toolbox that lends what it should not: listens in the place of a sandbox's own
(the first argument) and answers by the last word of the path. The files that it
makes are in the directory of the second argument."""

import array
import os
import socket
import sys
import threading

from lifeline import announce, serve_until_reader_gone

place, top = sys.argv[1:3]
MIB = 1 << 20


def made(name, size):
    path = os.path.join(top, name)
    with open(path, "wb") as f:
        f.write(b"x" * size)
    return path


def fifo():
    path = os.path.join(top, "fifo")
    os.mkfifo(path)
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK)


def at(path, offset):
    fd = os.open(path, os.O_RDONLY)
    os.lseek(fd, offset, os.SEEK_SET)
    return fd


plain = made("plain", 2 * MIB)
read_only = os.open(plain, os.O_RDONLY)
LENGTH = "Content-Length: %d"
# what is lent, and the head of the answer
CASES = {
    "plain": ([read_only], "200 OK", LENGTH % (2 * MIB)),
    "part": ([at(plain, MIB + 5)], "206 Partial Content", LENGTH % 100),
    "shrinks": ([os.open(made("shrinks", 64 * MIB), os.O_RDONLY)], "200 OK", LENGTH % (64 * MIB)),
    "many": ([read_only, read_only, read_only], "200 OK", LENGTH % (2 * MIB)),
    "fifo": ([fifo()], "200 OK", LENGTH % 10),
    "device": ([os.open("/dev/zero", os.O_RDONLY)], "200 OK", LENGTH % 10),
    "socket": ([socket.socketpair()[0].detach()], "200 OK", LENGTH % 10),
    "directory": ([os.open(top, os.O_RDONLY)], "200 OK", LENGTH % 10),
    "kernel": ([os.open("/proc/self/status", os.O_RDONLY)], "200 OK", LENGTH % 10),
    "writable": ([os.open(plain, os.O_RDWR)], "200 OK", LENGTH % (2 * MIB)),
    "named": ([os.open(plain, os.O_PATH)], "200 OK", LENGTH % (2 * MIB)),
    "short": ([read_only], "200 OK", LENGTH % (2 * MIB + 1)),
    "behind": ([at(plain, 3 * MIB)], "200 OK", LENGTH % 1),
    "endless": ([read_only], "200 OK", "Transfer-Encoding: chunked"),
    "bodiless": ([read_only], "204 No Content", "X-Nothing: here"),
}


def serve(client):
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(65536)
        if not data:
            return
        head += data
    case = head.split(b" ")[1].split(b"/")[-1].decode()
    if case not in CASES:
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(head) + head)
        return
    fds, status, framing = CASES[case]
    os.lseek(read_only, 0, os.SEEK_SET)
    client.sendmsg([b"HTTP/1.1 102 Processing\r\n\r\n"],
                   [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])
    client.sendall(("HTTP/1.1 %s\r\n%s\r\n\r\n" % (status, framing)).encode())
    client.recv(1)  # until the reader is done


def accept(listener):
    while True:
        client = listener.accept()[0]

        def run(client=client):
            with client:
                serve(client)
        threading.Thread(target=run, daemon=True).start()


os.unlink(place)
listener = socket.socket(socket.AF_UNIX)
listener.bind(place)
os.chmod(place, 0o666)
listener.listen(16)
threading.Thread(target=accept, args=(listener,), daemon=True).start()
announce({"pid": os.getpid()})
serve_until_reader_gone()
