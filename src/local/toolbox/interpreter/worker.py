# The interpreter of a context: runs one piece of code after the other in the
# same module. Requests come as JSON lines over descriptor 3, which also takes
# what is said of their end; what the code prints goes to 1 and 2, so that
# programs it starts print in order with it. `requests` is given by the starter.

import json
import os
import signal
import sys
import traceback
import types

CHANNEL = 3
OLD = globals().get("OLD", False)  # as an older server: see Printer
LONGEST = 1 << 20  # characters of one text of an error



class Printer:
    """What code that runs on an older server has for standard output: text
    goes out line by line, what is written to the descriptors goes nowhere."""

    encoding = "utf-8"

    def __init__(self, number):
        self.number = os.dup(number)
        self.text = ""

    def write(self, text):
        self.text += text
        if "\n" in text or len(self.text) >= 1024:
            self.flush()
        return len(text)

    def flush(self):
        data = self.text.encode("utf-8", "backslashreplace")
        self.text = ""
        while data:
            data = data[os.write(self.number, data):]

    def isatty(self):
        return False


def close_descriptors():
    """Nothing is read from 0, ever, and what 1 and 2 are given is lost."""
    sys.stdout, sys.stderr = Printer(1), Printer(2)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    reads, writes = os.pipe()
    os.dup2(reads, 0)
    os.set_inheritable(writes, False)


module = types.ModuleType("__main__")
own_pid = os.getpid()
running = False


def on_interrupt(_number, _frame):
    # One that comes too late, between two pieces of code, is nobody's.
    if running:
        raise KeyboardInterrupt


def tell(message):
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(CHANNEL, data):]


def clean(text):
    text = text if len(text) <= LONGEST else text[:LONGEST] + "..."
    return text.encode("utf-8", "backslashreplace").decode()


def text_of(error):
    try:
        return str(error)
    except Exception:
        return "<no text: its __str__ failed>"


def trace_of(error):
    frames = error.__traceback__
    while frames and frames.tb_frame.f_globals is globals():
        frames = frames.tb_next
    try:
        if frames is None:
            return traceback.format_exception_only(type(error), error)[-1]
        return lines_of(error, frames)
    except Exception:
        return type(error).__name__ + "\n"


def lines_of(error, frames):
    """A traceback as the original's: the lines of the code, without sources,
    and nothing of libraries."""
    lines = ["Traceback (most recent call last):\n"]
    while frames:
        if frames.tb_frame.f_code.co_filename == "<stdin>":
            lines.append('  File "<stdin>", line %d\n' % frames.tb_lineno)
        frames = frames.tb_next
    lines.append(traceback.format_exception_only(type(error), error)[-1])
    return "".join(lines)


def report(error):
    tell({"type": "error", "name": clean(type(error).__name__),
          "value": clean(text_of(error)), "traceback": clean(trace_of(error))})


def execute(request):
    before = {}
    try:
        for name, value in request["envs"].items():
            before[name] = os.environ.get(name)
            os.environ[name] = value
        exec(compile(request["code"], "<stdin>", "exec"), module.__dict__)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def attempt(request):
    """How the code ended: "completed" or "interrupted"."""
    global running
    try:
        signal.signal(signal.SIGINT, on_interrupt)
        running = True
        try:
            execute(request)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            report(error)
        finally:
            running = False
    except SystemExit:
        pass
    except KeyboardInterrupt:
        return "interrupted"
    return "completed"


def flush():
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except Exception:
            pass


def serve():
    os.set_inheritable(CHANNEL, False)
    sys.modules["__main__"] = module
    sys.argv = [""]
    if OLD:
        close_descriptors()
    for stream in () if OLD else (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace",
                           line_buffering=True)
    for line in requests:
        ending = attempt(json.loads(line))
        if os.getpid() != own_pid:
            flush()
            os._exit(0)  # a child that the code forked and forgot to end
        flush()
        tell({"type": "control", "text": ending})


serve()
