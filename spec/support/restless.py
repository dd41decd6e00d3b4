"""A guest that does all it can to go on: ignores signals, forks in chains whose
links end at once, runs threads behind a first thread that has ended. Each one
writes to a file of the directory given, so that whether they move can be seen."""

import ctypes
import os
import signal
import sys
import threading
import time


def write(name):
    with open(os.path.join(sys.argv[1], name), "a") as file:
        file.write(".")


def chain(name):
    """A process that lives on in children only, without a parent."""
    while True:
        if os.fork():
            os._exit(0)
        os.setsid()
        write(name)


def keep(name):
    while True:
        write(name)
        time.sleep(0.005)


for number in range(1, signal.NSIG):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
for i in range(int(sys.argv[2])):
    if os.fork() == 0:
        chain("chain%d" % i)
if os.fork() == 0:
    threading.Thread(target=keep, args=("thread",)).start()
    ctypes.CDLL(None).pthread_exit(None)
keep("plain")
