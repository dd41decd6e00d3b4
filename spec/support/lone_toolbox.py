"""The toolbox of daytona-local, a plain process of this user that listens on a port,
with the limits of the first argument (JSON). Says {"port": N, "pid": N} when it
serves sandbox "lone", and lives as long as its output is read."""

import json
import os
import socket
import subprocess
import sys

from lifeline import announce, serve_until_reader_gone, temp_dir

home = temp_dir("lone-toolbox-")
listener = socket.create_server(("127.0.0.1", 0), backlog=128)
ours, theirs = socket.socketpair()
toolbox = subprocess.Popen(
    [os.environ.get("DAYTONA_LOCAL", "build/daytona-local"), "toolbox",
     "--listen-fd", str(listener.fileno()), "--control-fd", str(theirs.fileno())],
    pass_fds=[listener.fileno(), theirs.fileno()], stdin=subprocess.DEVNULL)
theirs.close()
ours.sendall(json.dumps({"sandbox_id": "lone", "home": home, "limits": json.loads(sys.argv[1])}).encode() + b"\n")
if ours.recv(6) != b"ready\n":
    sys.exit("the toolbox did not start")
try:
    announce({"port": listener.getsockname()[1], "pid": toolbox.pid})
    serve_until_reader_gone()
finally:
    ours.sendall(b"stop\n")
    toolbox.wait()
