"""What idle sandboxes cost the server: bench/idle.py [COUNT] (DAYTONA_LOCAL: the
program). Prints the KiB of private memory that each of COUNT sandboxes adds to
the server's own process, and what its toolbox's processes have."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request


def private_kib(pid):
    total = 0
    with open("/proc/%d/smaps_rollup" % pid) as f:
        for line in f:
            if line.startswith("Private_"):
                total += int(line.split()[1])
    return total


def descendants(pid):
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % name) as f:
                parents[int(name)] = int(f.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, fresh = [], [pid]
    while fresh:
        fresh = [p for p, parent in parents.items() if parent in fresh]
        found += fresh
    return found


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    program = os.environ.get("DAYTONA_LOCAL", "build/daytona-local")
    with tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o755)
        server = subprocess.Popen(
            [program, "serve", "--while-read", "--listen", "127.0.0.1:0",
             "--data", top + "/data", "--api-key", "key"],
            stdout=subprocess.PIPE)
        api = json.loads(server.stdout.readline())["api_url"]

        def create():
            urllib.request.urlopen(urllib.request.Request(
                api + "/sandbox", b"{}", {"Authorization": "Bearer key",
                                          "Content-Type": "application/json"})).read()

        for _ in range(10):  # whatever the first ones need once
            create()
        before = private_kib(server.pid)
        for _ in range(count):
            create()
        time.sleep(2)
        after = private_kib(server.pid)
        below = sum(map(private_kib, descendants(server.pid)))
        print("server: %.1f KiB for each of %d idle sandboxes (%d KiB with 10); "
              "their processes: %d KiB for each"
              % ((after - before) / count, count, before, below / (count + 10)))
        server.stdout.close()
        server.wait()


if __name__ == "__main__":
    main()
