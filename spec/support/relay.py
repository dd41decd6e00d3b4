"""A TCP relay: the way to a server, and what goes wrong on it.

    relay.py '{"ports": {NAME: TARGET, ...}, ...}'

A TARGET is a port of this machine or the path of a unix socket.  Further
options: "rtt", a round-trip time in seconds, which a new connection costs once
more; "rate", bytes per second in each direction of a connection; "limit", how
many connections may be open, others being reset; and "websockets" with
"offsets", for plain HTTP:

    "cut"      cuts the first WebSocket after so many bytes of what the server
               says behind its handshake, the next one at the next offset, then
               none; an odd offset ends in a reset
    "refuse"   answers their handshakes with 400
    "older"    knows nothing of create-connect

Says {NAME + "_port": N, ..., "directory": D} when it listens, and takes orders
over the pipes in D (see lifeline.Control):

    /stats         connections, open, ended (of those open, by the server),
                   failed (by an order, or a WebSocket), and bytes, up and down
    /forget        sets the counts to zero; what new connections were to meet
                   is given up
    /set           other values of "rtt", "rate" and "limit"
    /fail          {"how": "hole" | "reset" | "finish", ...}: what happens to
                   all connections there are, or to the "next" so many new
                   ones; only to those of the port "on".  See relay_faults.py.

It lives as long as its output is read.
"""

import asyncio
import collections
import json
import socket
import struct
import sys
import threading

import lifeline
from relay_faults import Fault, WebSocketWatch, drop_segments

IN_FLIGHT = 1 << 24  # bytes that may be on the way before a sender has to wait


class Way:
    """One direction of a connection: what is sent arrives later, in order."""

    def __init__(self, link, direction):
        self.link, self.direction = link, direction
        self.source = self.target = None
        self.queue, self.size = collections.deque(), 0
        self.due, self.blocked, self.timer = 0, False, None

    def send(self, thing):
        """Passes bytes on, or calls a function when all before has arrived."""
        settings, now = self.link.relay.settings, self.link.relay.loop.time()
        self.due = max(self.due, now + settings["rtt"] / 2)
        if isinstance(thing, bytes):
            self.link.relay.counts[self.direction] += len(thing)
            self.size += len(thing)
            if settings["rate"]:
                self.due += len(thing) / settings["rate"]
        self.queue.append((self.due, thing))
        self.flush()
        if self.size > IN_FLIGHT:
            self.source.pause()

    def flush(self):
        self.timer = None
        loop = self.link.relay.loop
        while self.queue and not self.blocked and self.target.transport:
            due, thing = self.queue[0]
            if due > loop.time() + 0.0005:
                self.timer = self.timer or loop.call_at(due, self.flush)
                return
            self.queue.popleft()
            if isinstance(thing, bytes):
                self.size -= len(thing)
                self.target.write(thing)
            else:
                thing()
        if self.size <= IN_FLIGHT and self.source:
            self.source.resume()

    def clear(self):
        self.queue.clear()
        self.size = 0
        if self.timer:
            self.timer.cancel()


class Side(asyncio.Protocol):
    """One end of a connection: towards the client, or towards the server."""

    def __init__(self, link, direction):
        self.link, self.direction = link, direction
        self.transport = self.out = self.into = None
        self.paused = False

    def connection_made(self, transport):
        self.transport = transport
        sock = transport.get_extra_info("socket")
        if sock.family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.link.connected(self)

    def data_received(self, data):
        self.link.received(self, data)

    def eof_received(self):
        self.link.ended(self)
        return True  # the other direction stays open

    def connection_lost(self, error):
        self.link.lost(self, error)

    def pause_writing(self):
        self.into.blocked = True

    def resume_writing(self):
        self.into.blocked = False
        self.into.flush()

    def pause(self):
        if not self.paused and not self.transport.is_closing():
            self.paused = True
            self.transport.pause_reading()

    def resume(self):
        if self.paused and not self.transport.is_closing():
            self.paused = False
            self.transport.resume_reading()

    def write(self, data):
        if not self.transport.is_closing():
            self.transport.write(data)

    def finish(self):
        try:
            if self.transport and not self.transport.is_closing():
                self.transport.write_eof()
        except OSError:  # it has been reset, and asyncio does not know yet
            self.close()

    def close(self, reset=False):
        if not self.transport or self.transport.is_closing():
            return
        if reset:
            sock = self.transport.get_extra_info("socket")
            if sock.family == socket.AF_INET:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            self.transport.close()


class Link:
    """A connection of a client, and the one to the server that belongs to it."""

    def __init__(self, relay, name, target):
        self.relay, self.name, self.target = relay, name, target
        self.client, self.server = Side(self, "up"), Side(self, "down")
        up, down = Way(self, "up"), Way(self, "down")
        for way, source, sink in (up, self.client, self.server), (down, self.server, self.client):
            way.source, way.target = source, sink
            source.out, sink.into = way, way
        self.fault, self.silent, self.ends = None, False, set()
        self.watch = relay.websockets and WebSocketWatch(self)

    def connected(self, side):
        if side is self.server:
            self.client.out.flush()
            return
        relay = self.relay
        self.client.out.due = relay.loop.time() + 1.5 * relay.settings["rtt"]
        self.server.out.due = relay.loop.time() + relay.settings["rtt"]
        if not relay.admit(self):
            return self.fail(Fault({"how": "reset"}))
        if self.fault and self.fault.at_once():
            return self.server.out.send(lambda: self.fail(self.fault))
        relay.loop.create_task(self.connect())

    async def connect(self):
        make, loop = (lambda: self.server), self.relay.loop
        try:
            if isinstance(self.target, str):
                await loop.create_unix_connection(make, self.target)
            else:
                await loop.create_connection(make, "127.0.0.1", self.target)
        except OSError:
            self.client.close(reset=True)

    def received(self, side, data):
        if self.silent:
            return
        if self.watch:
            data = self.watch.received(side, data)
            if not data:
                return
        passes = self.fault and self.fault.judge(side.direction, data)
        if passes is None:
            return side.out.send(data)
        fault, self.fault = self.fault, None
        if passes:
            side.out.send(data[:passes])
        self.server.out.send(lambda: self.fail(fault))

    def ended(self, side):
        if not self.silent:
            self.ends.add(side)
            side.out.send(side.out.target.finish)
            if len(self.ends) == 2:
                side.out.send(self.close)
        elif self.client is side and not self.fault:
            self.close()

    def lost(self, side, error):
        if side is self.client:
            self.relay.links.discard(self)
            self.relay.holes.discard(self)
        if not self.silent and side.out.target.transport:
            side.out.send(lambda: side.out.target.close(isinstance(error, ConnectionResetError)))

    def close(self):
        self.client.close()
        self.server.close()

    def fail(self, fault):
        """Lets the fault happen now."""
        self.fault, self.silent = None, True
        self.relay.counts["failed"] += 1
        self.relay.links.discard(self)
        self.client.out.clear()
        self.server.out.clear()
        if fault.how == "hole":
            self.fault = fault  # no end is told any more
            self.relay.holes.add(self)
            if not fault.acks:
                drop_segments(self.client.transport.get_extra_info("socket"))
            return
        self.server.close()
        if fault.how == "reset":
            self.client.close(reset=True)
        else:
            self.client.finish()  # and reads on, lest the end becomes a reset


class Relay:
    def __init__(self, options):
        self.settings = {name: options.get(name, 0) for name in ("rtt", "rate", "limit")}
        self.websockets, self.offsets = options.get("websockets"), options.get("offsets", [])
        self.links, self.holes, self.planned, self.loop = set(), set(), [], None
        self.counts = dict.fromkeys(("connections", "failed", "up", "down"), 0)

    def admit(self, link):
        self.counts["connections"] += 1
        for plan in self.planned:
            if plan["on"] in (None, link.name):
                link.fault = Fault(plan["order"])
                plan["left"] -= 1
                if not plan["left"]:
                    self.planned.remove(plan)
                break
        self.links.add(link)
        return not self.settings["limit"] or len(self.links) <= self.settings["limit"]

    def fail(self, order):
        Fault(order)  # raises where it makes no sense
        count, on = order.pop("next", None), order.pop("on", None)
        if count:
            self.planned.append({"order": order, "left": count, "on": on})
            return
        present = self.links | (self.holes if order["how"] == "reset" else set())
        for link in [link for link in present if on in (None, link.name)]:
            fault = Fault(order)
            if fault.at_once():
                link.fail(fault)
            else:
                link.fault = fault

    def obey(self, path, body):
        if path == "/fail":
            self.fail(body)
        elif path == "/set":
            self.settings.update((k, v) for k, v in body.items() if k in self.settings)
        elif path == "/forget":
            self.counts = dict.fromkeys(self.counts, 0)
            self.planned.clear()
        elif path != "/stats":
            raise ValueError("no such order: " + path)
        ended = sum(link.server in link.ends for link in self.links)
        return dict(self.counts, open=len(self.links), ended=ended)

    async def listen(self, ports):
        self.loop = asyncio.get_running_loop()
        listening = {}
        for name, target in ports.items():
            server = await self.loop.create_server(
                lambda name=name, target=target: Link(self, name, target).client,
                "127.0.0.1", 0, backlog=512)
            listening[name + "_port"] = server.sockets[0].getsockname()[1]
        return listening


def main():
    options = json.loads(sys.argv[1])
    relay, loop = Relay(options), asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()

    def in_loop(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    async def obey(path, body):
        return relay.obey(path, json.loads(body))

    directory = lifeline.temp_dir("relay-")
    lifeline.Control(lambda path, body: in_loop(obey(path, body)), directory).start()
    lifeline.announce(dict(in_loop(relay.listen(options["ports"])), directory=directory))
    lifeline.serve_until_reader_gone()


main()
