"""Runs a program on a terminal of its own and types into it:

    terminal.py STEPS PROGRAM ARGUMENT...

STEPS is JSON, a list of [text, action, ...]: when the text has appeared, each
action is done: a string is typed, {"resize": [columns, rows]}, {"signal": n}.
Prints JSON: output, status (negative: the signal), and whether the terminal is
as it was before and was another in between.
"""

import fcntl
import json
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time

SECONDS = 10  # without the text for that long is a failure


def read_until(fd, output, start, text):
    deadline = time.monotonic() + SECONDS
    while text not in output[start:]:
        if time.monotonic() > deadline:
            return None
        if select.select([fd], [], [], 0.1)[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:
                return None
            if not data:
                return None
            output += data
    return output.index(text, start) + len(text)


def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def act(fd, process, action):
    if isinstance(action, str):
        os.write(fd, action.encode())
    elif "resize" in action:
        resize(fd, *action["resize"])
    else:
        process.send_signal(action["signal"])


def main():
    steps, command = json.loads(sys.argv[1]), sys.argv[2:]
    master, slave = os.openpty()
    resize(master, 100, 30)
    before = termios.tcgetattr(slave)
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                               preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    output, position, changed, missing = bytearray(), 0, False, None
    for text, *actions in steps:
        found = read_until(master, output, position, text.encode())
        if found is None:
            missing = text
            process.send_signal(signal.SIGKILL)
            break
        position = found
        changed = changed or termios.tcgetattr(slave) != before
        for action in actions:
            act(master, process, action)
    deadline = time.monotonic() + SECONDS
    while process.poll() is None:
        if select.select([master], [], [], 0.05)[0]:
            output += os.read(master, 65536)
        if time.monotonic() > deadline:
            process.send_signal(signal.SIGKILL)
    print(json.dumps({
        "output": output.decode(errors="replace"), "status": process.returncode, "missing": missing,
        "restored": termios.tcgetattr(slave) == before, "changed": changed,
    }))


main()
