"""What the helper servers share: one JSON line when ready, then live only as
long as whoever started the server still reads its standard output; and two
pipes by which it is told what to do."""

import atexit
import json
import os
import select
import shutil
import signal
import stat
import sys
import tempfile
import threading


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


class Control(threading.Thread):
    """Orders over two named pipes, so that a spec needs no HTTP client but the
    one under test: write 'PATH\\nJSON' to `control`, close it, read the answer
    from `answer`.  `obey(path, body)` gives what becomes the answer."""

    def __init__(self, obey, directory):
        super().__init__(daemon=True)
        self.obey = obey
        self.control = os.path.join(directory, "control")
        self.answer = os.path.join(directory, "answer")
        os.mkfifo(self.control)
        os.mkfifo(self.answer)

    def run(self):
        while True:
            with open(self.control, encoding="utf-8",
                      errors="surrogateescape") as f:
                path, _, body = f.read().partition("\n")
            try:
                reply = self.obey(path, body or "null")
            except (ValueError, KeyError, TypeError, AttributeError) as e:
                reply = {"error": repr(e)}
            with open(self.answer, "w", encoding="utf-8") as f:
                json.dump(reply, f)
