#!/usr/bin/env python3
"""Git over HTTP for the specs: `git http-backend` behind a small server.

/public/demo.git    anybody
/private/demo.git   the same repository, basic auth
/public/modules.git, /private/modules.git  with demo.git as a submodule
/public/broken.git, /private/broken.git    with a submodule that is missing

The repository has the branches main and feature on a common first commit; its
hashes are the same on every machine. Prints one line of JSON when ready and
lives until its output has no reader.
"""

import base64
import http.server
import os
import subprocess
import sys
import threading
import urllib.parse

from lifeline import announce, serve_until_reader_gone, temp_dir

USERNAME = "reader"
PASSWORD = "p@ss:word/%"  # awkward on purpose: must survive a URL


def git_environment(directory):
    """Nothing of the machine's or the user's configuration."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": directory,
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "Spec", "GIT_AUTHOR_EMAIL": "spec@example.com",
        "GIT_COMMITTER_NAME": "Spec", "GIT_COMMITTER_EMAIL": "spec@example.com",
        "GIT_AUTHOR_DATE": "2024-01-02T03:04:05Z",
        "GIT_COMMITTER_DATE": "2024-01-02T03:04:05Z",
    }


class Repository:
    """A work tree that is pushed into a bare repository to be served."""

    def __init__(self, directory):
        self.work = os.path.join(directory, "work")
        self.root = os.path.join(directory, "served")
        self.environment = git_environment(directory)
        os.makedirs(self.work)
        os.makedirs(self.root)

    def git(self, *args):
        done = subprocess.run(("git",) + args, cwd=self.work, check=True,
                              env=self.environment, text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
        return done.stdout.strip()

    def commit(self, name, text):
        path = os.path.join(self.work, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        self.git("add", name)
        self.git("commit", "-q", "-m", "Add " + name)
        return self.git("rev-parse", "HEAD")

    def make(self):
        """Gives {"first", "main", "feature"}: the commit hashes."""
        self.git("init", "-q", "-b", "main")
        first = self.commit("README.md", "# Demo\n")
        main = self.commit("data/n\u00fcmbers.txt", "1\n2\n3\n")
        self.git("checkout", "-q", "-b", "feature", first)
        feature = self.commit("feature.txt", "only on the branch\n")
        bare = os.path.join(self.root, "demo.git")
        self.git("clone", "-q", "--bare", self.work, bare)
        self.git("--git-dir=" + bare, "symbolic-ref", "HEAD",
                 "refs/heads/main")
        self.git("--git-dir=" + bare, "config", "http.receivepack", "true")
        self.make_with_submodule("modules", main, "../demo.git")
        self.make_with_submodule("broken", main, "../missing.git")
        return {"first": first, "main": main, "feature": feature}

    def make_with_submodule(self, name, commit, url):
        """A repository with demo.git's commit at lib/demo."""
        self.git("checkout", "-q", "--orphan", name)
        self.git("rm", "-rfq", ".")
        self.git("update-index", "--add", "--cacheinfo",
                 "160000,%s,lib/demo" % commit)
        self.commit(".gitmodules", '[submodule "lib/demo"]\n'
                    "\tpath = lib/demo\n\turl = %s\n" % url)
        bare = os.path.join(self.root, name + ".git")
        self.git("clone", "-q", "--bare", "--single-branch", "--branch", name,
                 self.work, bare)
        self.git("--git-dir=" + bare, "config", "http.receivepack", "true")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    repository = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def serve(self):
        body = self.read_body()
        path, _, query = self.path.partition("?")
        area, _, rest = urllib.parse.unquote(path).lstrip("/").partition("/")
        if area == "private" and not self.authorized():
            self.refuse(401, [("WWW-Authenticate", 'Basic realm="demo"')])
        elif area in ("public", "private"):
            self.backend("/" + rest, query, body)
        else:
            self.refuse(404)

    def authorized(self):
        expected = base64.b64encode(
            ("%s:%s" % (USERNAME, PASSWORD)).encode()).decode()
        return self.headers.get("Authorization") == "Basic " + expected

    def read_body(self):
        if "chunked" not in (self.headers.get("Transfer-Encoding") or ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return body

    def refuse(self, status, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def backend(self, path, query, body):
        """Runs git http-backend as the CGI program it is."""
        environment = dict(
            self.repository.environment,
            GIT_PROJECT_ROOT=self.repository.root, GIT_HTTP_EXPORT_ALL="1",
            PATH_INFO=path, QUERY_STRING=query, REQUEST_METHOD=self.command,
            CONTENT_TYPE=self.headers.get("Content-Type") or "",
            CONTENT_LENGTH=str(len(body)), REMOTE_ADDR="127.0.0.1",
            HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding") or "",
            GIT_PROTOCOL=self.headers.get("Git-Protocol") or "")
        done = subprocess.run(("git", "http-backend"), input=body,
                              env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        head, _, answer = done.stdout.partition(b"\r\n\r\n")
        if done.returncode != 0 and not head:
            return self.refuse(500)
        headers = [line.partition(":")[::2]
                   for line in head.decode("latin-1").split("\r\n") if line]
        status = dict(headers).get("Status", " 200 OK").split()
        self.send_response(int(status[0]), " ".join(status[1:]))
        for name, value in headers:
            if name != "Status":
                self.send_header(name, value.strip())
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        return None


def main():
    repository = Repository(temp_dir("git-server-"))
    commits = repository.make()
    Handler.repository = repository
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = "http://127.0.0.1:%d" % server.server_address[1]
    announce({
        "port": server.server_address[1],
        "public_url": base + "/public/demo.git",
        "private_url": base + "/private/demo.git",
        "missing_url": base + "/public/nothing.git",
        "username": USERNAME, "password": PASSWORD,
        "branches": ["main", "feature"], "commits": commits,
        "pid": os.getpid(),
    })
    serve_until_reader_gone()
    return 0


if __name__ == "__main__":
    sys.exit(main())
