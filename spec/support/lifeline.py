"""What both helper servers share: one JSON line when ready, then live only as
long as whoever started the server still reads its standard output."""

import atexit
import json
import os
import select
import shutil
import signal
import stat
import sys
import tempfile


def temp_dir(prefix):
    """A private directory that is gone when the process is."""
    path = tempfile.mkdtemp(prefix=prefix)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def announce(info):
    print(json.dumps(info), flush=True)


def _is_pipe(fd):
    mode = os.fstat(fd).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def serve_until_reader_gone():
    """Blocks until standard output has no reader; on a terminal or a file,
    until standard input ends. SIGTERM and SIGINT end it as well. Threads of the
    server must be daemons: they may be in the middle of an endless answer."""
    def stop(*_):
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if _is_pipe(sys.stdout.fileno()):
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)  # POLLERR is always reported
        poll.poll()
    else:
        while os.read(sys.stdin.fileno(), 4096):
            pass
