"""Forks the Python helpers of the specs from one process that has loaded what
they need: a start is milliseconds then, and there are hundreds.

    helpers.py DIRECTORY

Each line of the pipe DIRECTORY/orders is the id of a process of ./helper.  The
fork takes its environment, directory, output and errors, and runs the script
in DIRECTORY/ID.args; while it runs, it holds the pipe DIRECTORY/ID open.
"""

import atexit
import gc
import os
import signal
import sys


def leave():
    """Ends without the interpreter's own clean-up, which touches every page that
    a helper shares with the others."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


atexit.register(leave)  # the first, so it is called last

# What the helpers import.
import asyncio  # noqa: E402, F401
import http.server  # noqa: F401
import resource  # noqa: F401
import subprocess  # noqa: F401
import tempfile  # noqa: F401

import certs  # noqa: F401
import fault_answers  # noqa: F401
import fault_broken  # noqa: F401
import fault_retry  # noqa: F401
import fault_senseless  # noqa: F401
import fault_transfers  # noqa: F401
import fault_websocket  # noqa: F401
import fault_wire  # noqa: F401
import lifeline  # noqa: F401
import relay_faults  # noqa: F401

HERE = os.path.dirname(os.path.abspath(__file__))
compiled = {}


def code_of(script):
    if script not in compiled:
        with open(os.path.join(HERE, script), encoding="utf-8") as f:
            compiled[script] = compile(f.read(), script, "exec")
    return compiled[script]


def become(directory, pid, script, arguments):
    """Makes this process the helper that process `pid` has asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open("/proc/%s/fd/1" % pid, os.O_WRONLY), 1)
    os.dup2(os.open("/proc/%s/fd/2" % pid, os.O_WRONLY | os.O_APPEND), 2)
    with open("/proc/%s/environ" % pid, "rb") as f:
        variables = f.read().split(b"\0")
    os.environb.clear()
    os.environb.update(v.split(b"=", 1) for v in variables if b"=" in v)
    os.chdir("/proc/%s/cwd" % pid)
    os.open(os.path.join(directory, pid), os.O_WRONLY)  # until the end
    os.unlink(os.path.join(directory, pid))
    sys.argv = [os.path.join(HERE, script)] + arguments


def helper(directory):
    """Forks for each order; gives the program, in the process that is to run it."""
    for line in open(os.path.join(directory, "orders"), "r+b", buffering=0):
        pid = line.decode().strip()
        path = os.path.join(directory, pid + ".args")
        with open(path, encoding="utf-8", errors="surrogateescape") as f:
            script, *arguments = f.read().split("\0")[:-1]
        os.unlink(path)
        code = code_of(script)
        if os.fork() == 0:
            become(directory, pid, script, arguments)
            return code


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
# Ids of processes mean the same only there; see ./helper.
os.symlink("/proc/%d/ns/pid" % os.getpid(), os.path.join(sys.argv[1], "namespace"))
for each in "fault_server.py", "relay.py", "toolbox_server.py", "nginx_server.py":
    code_of(each)
gc.freeze()
exec(helper(sys.argv[1]))
