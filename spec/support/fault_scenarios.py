"""The scenarios of the fault server.

A scenario is a function of one Exchange. It returns normally when the
connection may carry another request, or ends it by an exchange method that
raises Gone. Parameters come, later ones winning, from the declared defaults,
from the path (/fault/error/404), from the scenario's own segment
(/fault/error;status=404) and from the query (?status=404).
"""

import urllib.parse

SCENARIOS = {}
_BLOCK = bytes(i % 251 for i in range(251 * 256))


class Exchange:
    """One request and the connection to answer on."""

    def __init__(self, connection, request, stats, name, params, rest):
        self.conn = connection
        self.request = request
        self.stats = stats
        self.name = name
        self.params = params
        self.rest = rest

    def text(self, name):
        return str(self.params[name])

    def number(self, name):
        return float(self.params[name])

    def integer(self, name):
        return int(self.params[name])


class Scenario:
    def __init__(self, run, defaults, early):
        self.run = run
        self.defaults = defaults
        self.positional = list(defaults)
        self.early = early


def scenario(name, /, early=False, **defaults):
    """Registers a scenario. An early one runs before the body is read."""
    def register(run):
        SCENARIOS[name] = Scenario(run, defaults, early)
        return run
    return register


def parse(path, query):
    """'/fault/NAME;k=v/rest' -> Scenario, name, parameters, rest."""
    first, _, rest = path[len("/fault/"):].partition("/")
    pieces = first.split(";")
    found = SCENARIOS.get(pieces[0])
    if found is None:
        return None, pieces[0], {}, rest
    params = dict(found.defaults)
    if len(pieces) == 1:
        for name, value in zip(found.positional, rest.split("/")):
            if value.isdigit():
                params[name] = value
    for piece in pieces[1:]:
        name, _, value = piece.partition("=")
        params[name] = urllib.parse.unquote(value)
    for name, values in query.items():
        if name in found.defaults:
            params[name] = values[-1]
    return found, pieces[0], params, rest


def pattern(size):
    """Byte i of a download is i % 251; yields it in blocks."""
    while size > 0:
        yield _BLOCK[:size]
        size -= len(_BLOCK)
