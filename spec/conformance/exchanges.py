"""Compares recorded exchanges with the published API documents.

    exchanges.py DOCUMENTS RECORDS [all]

DOCUMENTS has api.json (OpenAPI 3.0) and toolbox.json (Swagger 2), RECORDS the
files that daytona-local writes with DAYTONA_LOCAL_RECORD. Every answer is
looked at, and of the requests those of the Lua client that were granted. What
differs and does not stand in exchange_differences.py is printed, with one
exchange that has it, and fails; with "all", so does an entry of that file that
nothing needs. The last line is "N passed, N failed, N skipped", a pair of
operation and status being one test.
"""

import collections
import fnmatch
import glob
import json
import re
import sys
import urllib.parse

import jsonschema
from jsonschema import validators

from exchange_differences import DIFFERENCES

OUR_CLIENT = "sdk-lua/"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")

TEXT = {"type": "string"}
# What both servers answer where the documents are silent about an error.
API_ERROR = {
    "type": "object",
    "required": ["path", "timestamp", "statusCode", "error", "message"],
    "properties": {
        "path": TEXT, "timestamp": {"type": "string", "format": "date-time"},
        "statusCode": {"type": "integer"}, "error": TEXT, "message": TEXT,
        "code": TEXT, "source": TEXT,
    },
}
# The one of a body that is no JSON.
API_MALFORMED = {
    "type": "object",
    "required": ["message", "error", "statusCode"],
    "properties": {
        "message": {"enum": ["Invalid JSON in request body"]},
        "error": {"enum": ["Bad Request"]}, "statusCode": {"enum": [400]},
    },
}

checker = jsonschema.FormatChecker(formats=())


@checker.checks("date-time")
def is_date(value):
    return not isinstance(value, str) or DATE.fullmatch(value) is not None


def known_fields(validator, properties, instance, schema):
    """The keyword `properties`, which also names the fields that the document
    does not have."""
    yield from validators.Draft4Validator.VALIDATORS["properties"](
        validator, properties, instance, schema)
    if not validator.is_type(instance, "object") or "additionalProperties" in schema:
        return
    for name in sorted(set(instance) - set(properties)):
        yield jsonschema.ValidationError(f"has {name}, which the document does not")


Validator = validators.extend(validators.Draft4Validator, {"properties": known_fields})


def nullable(node):
    """OpenAPI's `nullable` as JSON Schema has it."""
    if isinstance(node, list):
        return [nullable(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {name: nullable(each) for name, each in node.items()}
    if plain.pop("nullable", False) is True:
        return {"anyOf": [{"type": "null"}, plain]}
    return plain


def date_fields(node):
    """Swagger's definitions say of moments that they are strings: by their names
    they get the format that OpenAPI's have."""
    for name, each in node.get("properties", {}).items():
        if each.get("type") == "string" and (name == "timestamp" or name.endswith("At")):
            each["format"] = "date-time"


class Operation:
    def __init__(self, document, method, path, item, source):
        self.document, self.method, self.path = document, method, path
        self.responses = source["responses"]
        self.params = [document.resolve(param) for param in
                       item.get("parameters", []) + source.get("parameters", [])]
        self.body = source.get("requestBody")
        segments = re.split(r"\{[^}]*\}", path)
        self.matches = re.compile("[^/]+".join(map(re.escape, segments)) + "/?").fullmatch

    def name(self):
        return f"{self.document.name} {self.method} {self.path}"

    def queries(self):
        return {param["name"]: param for param in self.params if param["in"] == "query"}

    def request_schema(self):
        """Of a body in JSON; None for others."""
        if self.body:
            content = self.document.resolve(self.body).get("content", {})
            return content.get("application/json", {}).get("schema")
        for param in self.params:
            if param["in"] == "body":
                return param["schema"]
        return None

    def answer_schema(self, status):
        """Of a documented status: the schema, None for no body, and whether a
        document stands behind it."""
        found = self.responses.get(str(status))
        if found is None:
            return None, False
        found = self.document.resolve(found)
        content = found.get("content", {}).get("application/json", {})
        return found.get("schema", content.get("schema")), True


class Document:
    def __init__(self, name, path):
        with open(path, encoding="utf-8") as file:
            self.root = nullable(json.load(file))
        self.name = name
        for definition in self.root.get("definitions", {}).values():
            date_fields(definition)
        self.resolver = jsonschema.RefResolver("", self.root)
        self.operations = collections.defaultdict(list)
        for template, item in self.root["paths"].items():
            for method, source in item.items():
                if isinstance(source, dict):
                    self.operations[method.upper()].append(
                        Operation(self, method.upper(), template, item, source))
        for found in self.operations.values():  # a word before any word
            found.sort(key=lambda operation: operation.path.replace("{", "\x7f"))

    def resolve(self, node):
        return self.resolver.resolve(node["$ref"])[1] if "$ref" in node else node

    def find(self, method, path):
        return next((each for each in self.operations[method] if each.matches(path)), None)

    def errors(self, schema, value):
        validator = Validator(schema, resolver=self.resolver, format_checker=checker)
        for error in validator.iter_errors(value):
            yield from sentences(error)


def sentences(error):
    """What is wrong where, without the values."""
    branches = [each for each in error.context if each.validator != "type"
                or each.validator_value != "null"]
    if error.validator == "anyOf" and branches:  # a nullable one that is not null
        for each in branches:
            yield from sentences(each)
        return
    where = "".join("[]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    if error.validator == "type":
        text = f"is {type_name(error.instance)}, the document says {error.validator_value}"
    elif error.validator == "enum":
        text = f"is {json.dumps(error.instance)}, which is none of the document's"
    elif error.validator == "format":
        text = f"is no {error.validator_value}"
    elif error.validator == "required":
        text = "lacks " + error.message.split("'")[1]
    else:
        text = error.message
    yield f"{where or '.'} {text}"


def type_name(value):
    for python, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"),
                         (list, "array"), (dict, "object")):
        if isinstance(value, python):
            return name
    return "null"


class Findings:
    def __init__(self):
        self.tests, self.found = set(), {}  # sentence -> (test, exchange)
        self.seen, self.needed = set(), set()

    def add(self, operation, status, sentence, exchange):
        text = f"{operation} {status}: {sentence}"
        if text in self.seen:
            return
        self.seen.add(text)
        known = [pattern for _, patterns in DIFFERENCES for pattern in patterns
                 if fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))]
        self.needed.update(known)
        if not known:
            self.found[text] = (f"{operation} {status}", exchange)


def plane_of(exchange):
    """(document's name, path in it) of an exchange; None for what is neither."""
    path = urllib.parse.unquote(exchange["path"].replace("%2F", "%252F").replace("%2f", "%252f"))
    if path.startswith("/api/"):
        return "api", path[len("/api"):]
    match = re.match(r"/toolbox/[^/]+(/.*)", path)
    return ("toolbox", match[1]) if match else (None, None)


def is_json(body):
    return body["type"].startswith("application/json")


def default_error(documents, name, exchange):
    """The envelope of an error that its operation does not describe."""
    document = documents[name]
    answer = exchange["answer"]
    if name == "toolbox":
        return document.root["definitions"]["ErrorResponse"]
    malformed = exchange["status"] == 400 and "path" not in (answer.get("json") or {})
    return API_MALFORMED if malformed else API_ERROR


def answer_sentences(documents, name, operation, exchange):
    status, answer = exchange["status"], exchange["answer"]
    document = documents[name]
    schema, told = operation.answer_schema(status) if operation else (None, False)
    if status >= 400 and not schema:
        schema = default_error(documents, name, exchange)
    elif not operation:
        yield "not in the document"
        return
    elif not told:
        yield "a status that the document does not have"
        return
    if answer["cut"] or status in (101, 206) or exchange["method"] == "HEAD":
        return
    if not schema:
        if not answer["empty"]:
            yield "has a body, the document knows none"
    elif schema.get("type") == "file":
        return
    elif not is_json(answer):
        yield f"is {answer['type'] or 'empty'}, the document says JSON"
    elif "json" not in answer:
        yield "is no JSON"
    else:
        yield from document.errors(schema, answer["json"])
        said = answer["json"].get("statusCode", status) if status >= 400 else status
        if said != status:
            yield f"says that its status is {said}"


def request_sentences(operation, exchange):
    queries = operation.queries()
    pairs = urllib.parse.parse_qsl(exchange["query"], keep_blank_values=True)
    names = {name[:-2] if name.endswith("[]") else name for name, _ in pairs}
    for name in sorted(names - set(queries)):
        yield f"request: query {name} is not in the document"
    for name, param in sorted(queries.items()):
        if param.get("required") and name not in names:
            yield f"request: lacks the query {name}"
    schema, body = operation.request_schema(), exchange["request"]
    if body["cut"] or not is_json(body) or body["empty"]:
        return
    if not schema:
        yield "request: has a JSON body, the document knows none"
    else:
        for sentence in operation.document.errors(schema, body.get("json")):
            yield "request: " + sentence


def compare(documents, exchange, findings):
    name, path = plane_of(exchange)
    if not name or path.startswith("/proxy/"):
        return
    operation = documents[name].find(exchange["method"], path)
    status = exchange["status"]
    if not operation and status in (404, 501) and name == "toolbox" and not is_json(exchange["answer"]):
        return  # the router's own text
    title = operation.name() if operation else f"{name} {exchange['method']} {path}"
    findings.tests.add(f"{title} {status}")
    for sentence in answer_sentences(documents, name, operation, exchange):
        findings.add(title, status, sentence, exchange)
    if operation and status < 400 and exchange["agent"].startswith(OUR_CLIENT):
        for sentence in request_sentences(operation, exchange):
            findings.add(title, status, sentence, exchange)


def read(directory):
    for path in glob.glob(directory + "/*.jsonl"):
        with open(path, encoding="utf-8") as file:
            for line in file:
                if line.endswith("\n"):  # else its server was killed over it
                    yield json.loads(line)


def main(arguments):
    documents = {name: Document(name, f"{arguments[0]}/{name}.json") for name in ("api", "toolbox")}
    findings = Findings()
    count = 0
    for exchange in read(arguments[1]):
        compare(documents, exchange, findings)
        count += 1
    for text, (_, exchange) in sorted(findings.found.items()):
        print(text)
        print("    " + json.dumps(exchange)[:600])
    bad = {test for test, _ in findings.found.values()}
    unused = [pattern for _, patterns in DIFFERENCES for pattern in patterns
              if pattern not in findings.needed] if "all" in arguments[2:] else []
    for pattern in unused:
        print(f"listed as a difference, and there is none: {pattern}")
    failed = len(bad) + len(unused)
    print(f"{count} exchanges that differ from each other")
    print(f"{len(findings.tests) - len(bad)} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
