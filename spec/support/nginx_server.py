"""Runs nginx in the foreground on a configuration: one JSON line when it
answers, another with its status when it has ended by itself.  It ends with
whoever reads the standard output."""

import os
import select
import signal
import socket
import subprocess
import sys
import time

import lifeline


def answers(path):
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


def main(directory, preload):
    environment = dict(os.environ)
    if preload:
        environment["LD_PRELOAD"] = preload
        environment["ASAN_OPTIONS"] = "detect_leaks=0"
    program = next((p for p in ("/usr/sbin/nginx", "/usr/local/openresty/nginx/sbin/nginx")
                    if os.path.exists(p)), "nginx")
    server = subprocess.Popen(
        [program, "-p", directory, "-c", directory + "/nginx.conf",
         "-e", directory + "/error.log", "-g", "daemon off;"],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while server.poll() is None and not answers(directory + "/socket"):
        time.sleep(0.005)
    lifeline.announce({"pid": server.pid, "ended": server.poll() is not None})

    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)  # POLLERR is always reported
    poll.register(os.pidfd_open(server.pid), select.POLLIN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        events = [fd for fd, _ in poll.poll()]
        if sys.stdout.fileno() not in events:
            lifeline.announce({"status": server.wait()})
    finally:
        if server.poll() is None:
            server.terminate()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()


main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
