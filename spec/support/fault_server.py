#!/usr/bin/env python3
"""A server that misbehaves on request, for the specs.

/fault/SCENARIO...   see fault_scenarios.py and the modules that register some
GET /stats, POST /stats/reset, POST /script   the control plane, also reached
                     without a network through two named pipes (see lifeline)
anything else        answered by the script, else 404 with a JSON envelope

Prints one line of JSON when ready and lives until its output has no reader.
"""

import json
import os
import select
import socket
import ssl
import sys
import threading

import certs
import fault_answers  # noqa: F401 (this and the next register their scenarios)
import fault_broken  # noqa: F401
import fault_retry  # noqa: F401
import fault_scenarios
import fault_senseless  # noqa: F401
import fault_transfers  # noqa: F401
import fault_websocket  # noqa: F401
from fault_wire import Caller, Connection, Gone, Stats
from lifeline import Control, announce, serve_until_reader_gone, temp_dir


class Script:
    """Answers given beforehand for requests that match, used up in order."""

    def __init__(self):
        self.lock = threading.Lock()
        self.rules = []

    def clear(self):
        with self.lock:
            self.rules = []

    def add(self, rule):
        answers = [dict(a, left=a.get("times", 1)) for a in rule["answers"]]
        with self.lock:
            self.rules.append((rule.get("match") or {}, answers))

    def next_answer(self, request):
        """The next answer for this request, or None. times = 0: for ever."""
        with self.lock:
            request.caller.check()
            for match, answers in self.rules:
                if answers and self._matches(match, request):
                    answer = answers[0]
                    if answer["left"] == 1:
                        answers.pop(0)
                    elif answer["left"] > 1:
                        answer["left"] -= 1
                    return answer
        return None

    @staticmethod
    def _matches(match, request):
        return (match.get("method") in (None, request.method)
                and match.get("path") in (None, request.path)
                and request.path.startswith(match.get("path_prefix", "")))


class Server:
    def __init__(self):
        self.stats = Stats()
        self.script = Script()
        self.stopping = threading.Event()
        self.lock = threading.RLock()
        self.listeners = []
        self.callers = set()

    # --- listening

    def listen(self, context=None):
        """Starts a listener on a free loopback port; gives the port."""
        sock = socket.create_server(("127.0.0.1", 0), backlog=128)
        sock.setblocking(False)
        self.listeners.append((sock, context))
        self._thread(self._accept, sock, context)
        return sock.getsockname()[1]

    @staticmethod
    def _thread(target, *args):
        threading.Thread(target=target, args=args, daemon=True).start()

    def _accept(self, listener, context):
        while True:
            select.select([listener], [], [])
            self._take(listener, context)

    def _take(self, listener, context):
        """Serves who has connected; false: nobody has."""
        with self.lock:
            try:
                sock, _ = listener.accept()
            except OSError:
                return False
            sock.setblocking(True)
            caller = Caller(sock)
            self.callers.add(caller)
            self.stats.add("connections", 1)
            self.stats.add("open_connections", 1)
            self._thread(self._serve, sock, context, caller)
            return True

    def _serve(self, sock, context, caller):
        try:
            if context:
                sock = context.wrap_socket(sock, server_side=True)
                self.stats.add("resumed", int(sock.session_reused))
            connection = Connection(sock, caller)
            while self._serve_one(connection):
                pass
        except (ssl.SSLError, ConnectionError, Gone, TimeoutError) as e:
            if isinstance(e, ssl.SSLError) and not caller.has_left:
                self.stats.add("handshake_failures", 1)
        finally:
            with self.lock:
                self.callers.discard(caller)
            sock.close()
            self.stats.add("open_connections", -1)

    # --- one request

    def _serve_one(self, connection):
        request = connection.read_head()
        if connection.reset_next:
            self.stats.record("reset-of-idle", request)
            connection.read_body(request)
            connection.reset()
        if request.method == "CONNECT":
            self.stats.record("connect", request)
            if not self._refuse_tunnel(connection, request):
                connection.tunnel(request.target)
        elif request.path in ("/stats", "/stats/reset", "/script"):
            connection.read_body(request)
            connection.reply_json(
                200, self.control(request.path, request.body or b"null"))
        elif request.path.startswith("/fault/"):
            self._run_scenario(connection, request, request.path,
                               request.query())
        else:
            self._run_script(connection, request)
        connection.served += 1
        return request.header("connection", "").lower() != "close"

    def _run_scenario(self, connection, request, path, query):
        found, name, params, rest = fault_scenarios.parse(path, query)
        self.stats.record(name, request)
        if found is None:
            connection.read_body(request)
            connection.reply_json(404, {"message": "no scenario " + name})
            return
        if not found.early and not request.complete:
            connection.read_body(request)
        found.run(fault_scenarios.Exchange(connection, request, self.stats,
                                           name, params, rest))

    def _refuse_tunnel(self, connection, request):
        answer = self.script.next_answer(request)
        if answer is not None:
            connection.reply(answer.get("status", 502), self._body(answer))
        return answer is not None

    def _run_script(self, connection, request):
        answer = self.script.next_answer(request)
        if answer is not None and "scenario" in answer:
            self._run_scenario(connection, request,
                               "/fault/" + answer["scenario"], {})
            return
        self.stats.record("script" if answer else "unscripted", request)
        connection.read_body(request)
        if answer is None:
            connection.reply_json(404, {
                "statusCode": 404, "error": "Not Found",
                "message": "no answer scripted for %s %s"
                           % (request.method, request.path)},
                bodiless=request.method == "HEAD")
            return
        if answer.get("delay_ms"):
            self.stopping.wait(answer["delay_ms"] / 1000)
        headers = [(n, str(v)) for n, v in answer.get("headers", {}).items()]
        connection.reply(answer.get("status", 200), self._body(answer),
                         headers, "application/json",
                         request.method == "HEAD")

    @staticmethod
    def _body(answer):
        if "body_hex" in answer:
            return bytes.fromhex(answer["body_hex"])
        body = answer.get("body", "")
        text = body if isinstance(body, str) else json.dumps(body)
        return text.encode("utf-8", "surrogateescape")

    # --- control

    def forget(self):
        """Everything until now, with what is still on its way from callers
        that have given it up."""
        with self.lock:
            for listener, context in self.listeners:
                while self._take(listener, context):
                    pass
            for caller in self.callers:
                caller.look()
        self.stats.reset()
        self.script.clear()

    def control(self, path, body):
        if path == "/script":
            self.script.add(json.loads(body))
        elif path == "/stats/reset":
            self.forget()
        else:
            return self.stats.as_dict()
        return {"ok": True}


def tls_context(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def refused_port(keep):
    """A port that refuses: bound, so nobody else gets it, not listening."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    keep.append(sock)
    return sock.getsockname()[1]


def unanswered_port(keep):
    """A port whose queue is full: connecting to it never completes."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    keep.append(listener)
    for _ in range(4):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(listener.getsockname())
        keep.append(sock)
    return listener.getsockname()[1]


def mute_port(keep):
    """A port that takes connections and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    keep.append(listener)
    return listener.getsockname()[1]


def main():
    directory = temp_dir("fault-server-")
    made = certs.make(directory)
    server = Server()
    keep = []
    info = {
        "port": server.listen(),
        "tls_port": server.listen(tls_context(*made["good"])),
        "self_signed_port": server.listen(tls_context(*made["self_signed"])),
        "expired_port": server.listen(tls_context(*made["expired"])),
        "wrong_host_port": server.listen(tls_context(*made["wrong_host"])),
        "refused_port": refused_port(keep),
        "unanswered_port": unanswered_port(keep),
        "mute_port": mute_port(keep),
        "ca_file": made["ca"][0],
        "directory": directory,
        "pid": os.getpid(),
    }
    Control(server.control, directory).start()
    announce(info)
    serve_until_reader_gone()
    return 0


if __name__ == "__main__":
    sys.exit(main())
