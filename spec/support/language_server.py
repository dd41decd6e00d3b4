#!/usr/bin/python3
"""A language server for specs. What it does wrong is said in a file "wrong" of
its project, which is read at every message:

  split       it writes each byte by itself
  late        requests are answered in the opposite order, two at a time
  mute        it answers nothing
  deaf        it reads nothing more
  flood       it prints notifications without end
  gone        it ends at the next request
  length TEXT, head TEXT    the head of the next answer is that
  claim N     it claims so many bytes, and sends them as long as they are taken
  searchless  it cannot search its project
  child       it has started a process that goes on
"""
import json
import os
import subprocess
import sys
import time
import urllib.parse

out = sys.stdout.buffer
project = "."
held = []
child = None
texts = {}


def wrong():
    try:
        with open(os.path.join(project, "wrong"), encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def write(data, mode):
    if mode == "split":
        for i in range(len(data)):
            out.write(data[i:i + 1])
            out.flush()
            time.sleep(0.0005)
    else:
        out.write(data)
        out.flush()


def send(message, mode=""):
    body = json.dumps(message).encode()
    head = "Content-Length: %d\r\n\r\n" % len(body)
    kind, _, text = mode.partition(" ")
    if kind == "length":
        head = "Content-Length: %s\r\n\r\n" % text
    elif kind == "head":
        head = text.encode().decode("unicode_escape")
    elif kind == "claim":
        head = "Content-Length: %s\r\n\r\n" % text
        body = b" " * int(text)
    write(head.encode() + body, mode)


def read():
    length = 0
    while True:
        line = sys.stdin.buffer.readline()
        if not line:
            sys.exit(0)
        line = line.strip()
        if not line:
            return json.loads(sys.stdin.buffer.read(length))
        name, value = line.split(b":", 1)
        if name.lower() == b"content-length":
            length = int(value)


def symbol(name, uri, line):
    place = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 5}}
    return {"name": name, "kind": 12, "location": {"uri": uri, "range": place}}


def answer(method, params):
    if method == "initialize":
        return {"capabilities": {}, "serverInfo": {"name": "spec"}}
    if method == "textDocument/documentSymbol":
        uri = params["textDocument"]["uri"]
        lines = texts.get(uri, "").split("\n")
        found = [symbol(line[4:].split("(")[0], uri, i) for i, line in enumerate(lines) if line.startswith("def ")]
        place = {"start": {"line": 9, "character": 0}, "end": {"line": 9, "character": 1}}
        inner = {"name": "within", "kind": 6, "range": place, "selectionRange": place}
        outer = {"name": "tree", "kind": 5, "range": place, "selectionRange": place, "children": [inner]}
        return found + ([outer] if "tree" in texts.get(uri, "") else [])
    if method == "workspace/symbol":
        return [symbol(params["query"], "file:///other", 0)] if params["query"] else None
    if method == "textDocument/completion":
        item = {"label": "one", "kind": 3, "detail": None, "sortText": "a", "data": {"private": 1}}
        where = params["position"]
        if where["line"] == 0:
            return [item]
        return {"isIncomplete": True, "items": [item, {"nonsense": 1}, dict(item, label=json.dumps(params["position"]))]}
    return None


def take(message):
    global project, child
    method, params = message.get("method"), message.get("params") or {}
    if method == "initialize":
        project = urllib.parse.unquote(params["rootUri"][len("file://"):])
    mode = wrong()
    with open("/tmp/language-server.log", "a", encoding="utf-8") as file:
        file.write("%s %s\n" % (method, json.dumps(params)))
    if mode == "gone" and "id" in message:
        sys.exit(3)
    if mode == "child" and not child:
        child = subprocess.Popen(["sleep", "4242"], stdin=subprocess.DEVNULL)
    if mode == "deaf":
        time.sleep(10000)
    while mode == "flood":
        send({"jsonrpc": "2.0", "method": "noise", "params": ["x" * 5000]})
    if method == "textDocument/didOpen":
        document = params["textDocument"]
        texts[document["uri"]] = document["text"]
        send({"jsonrpc": "2.0", "id": "s1", "method": "workspace/configuration", "params": {"items": [{}, {}]}})
        send({"jsonrpc": "2.0", "id": 99, "method": "nonsense/ask"})
        send({"jsonrpc": "2.0", "id": 4444, "result": "nobody asked"})
    elif method == "textDocument/didClose":
        texts.pop(params["textDocument"]["uri"], None)
    elif method == "exit":
        sys.exit(0)
    if not method:
        with open("/tmp/language-server.log", "a", encoding="utf-8") as file:
            file.write("answer %s\n" % json.dumps(message))
    if "id" not in message or not method or mode == "mute":
        return
    if method == "workspace/symbol" and (mode == "searchless" or params["query"] == "refuse"):
        error = {"code": -32601 if mode == "searchless" else -32600, "message": "no such thing: \u00fc" + "x" * 2000}
        send({"jsonrpc": "2.0", "id": message["id"], "error": error}, mode)
        return
    held.append({"jsonrpc": "2.0", "id": message["id"], "result": answer(method, params)})
    if mode == "late" and len(held) < 2:
        return
    while held:
        send(held.pop(), mode)


while True:
    take(read())
