"""What the door costs a large file: one goes up to a sandbox and down again, by
the server's address and by the toolbox's own socket, in turn.

    bench/door.py [MIB [ROUNDS]]        (DAYTONA_LOCAL: the program)

Prints for each way the median of MiB/s, the processor seconds of server and
toolbox for a GiB, and the ratio of the two ways' medians."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def toolbox_of(server):
    """The process below the server that serves the sandbox."""
    found = None
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % name) as f:
                words = f.read().split("\0")
            with open("/proc/%s/stat" % name) as f:
                parent = int(f.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if "--control-fd" in words and parent != server and "bwrap" not in words[0]:
            found = int(name)
    return found


def curl(*words):
    subprocess.run(["curl", "-sf", "-H", "Authorization: Bearer key", *words],
                   check=True, stdout=subprocess.DEVNULL)


def measure(pids, mib, *words):
    before = [processor_seconds(p) for p in pids]
    began = time.monotonic()
    curl(*words)
    seconds = time.monotonic() - began
    used = [processor_seconds(p) - b for p, b in zip(pids, before)]
    return [mib / seconds] + [u * 1024 / mib for u in used]


def main():
    mib = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    program = os.environ.get("DAYTONA_LOCAL", "build/daytona-local")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as shm, \
            tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o755)
        os.chmod(shm, 0o777)
        server = subprocess.Popen(
            [program, "serve", "--while-read", "--listen", "127.0.0.1:0",
             "--data", top + "/data", "--api-key", "key", "--isolation", "none"],
            stdout=subprocess.PIPE)
        api = json.loads(server.stdout.readline())["api_url"]
        request = urllib.request.Request(
            api + "/sandbox", b"{}", {"Authorization": "Bearer key",
                                      "Content-Type": "application/json"})
        box = json.load(urllib.request.urlopen(request))["id"]
        pids = [server.pid, toolbox_of(server.pid)]
        source, target = shm + "/source", shm + "/target"
        with open(source, "wb") as f:
            f.write(b"\0" * (mib << 20))
        os.chmod(source, 0o644)
        door = api[:-len("/api")] + "/toolbox/" + box
        ways = {"door": ([], door),
                "direct": (["--unix-socket", top + "/data/run/" + box],
                           "http://x/toolbox/" + box)}
        jobs = {
            "up": lambda at: ["-F", "file=@" + source,
                              at + "/files/upload?path=" + target],
            "down": lambda at: ["-o", "/dev/null",
                                at + "/files/download?path=" + source]}
        figures = {}
        for _ in range(rounds):
            for job, words in jobs.items():
                for way, (options, at) in ways.items():
                    figures.setdefault((job, way), []).append(
                        measure(pids, mib, *options, *words(at)))
        for job in jobs:
            medians = {}
            for way in ways:
                columns = list(zip(*figures[job, way]))
                medians[way] = statistics.median(columns[0])
                print("%-4s %-6s %5.0f MiB/s   server %.2f s, toolbox %.2f s for a GiB"
                      % (job, way, medians[way], statistics.median(columns[1]),
                         statistics.median(columns[2])))
            ratios = [d[0] / t[0] for d, t in zip(figures[job, "door"], figures[job, "direct"])]
            print("%-4s door/direct %.2f (%.2f to %.2f)" % (
                job, medians["door"] / medians["direct"], min(ratios), max(ratios)))
        server.stdout.close()
        server.wait()


if __name__ == "__main__":
    main()
