"""Runs in the answer's box: imports the answer's modules and does with them what the tests ask.

It shares its process with model-written code, which can make it say anything. That buys nothing: what it says
are return values, and the tests that judge them, with the values they expect, are in another box.
"""

import importlib
import json
import os
import sys

import raised
import wire

OPERATORS = {
    "len": len,
    "list": list,
    "str": str,
    "repr": repr,
    "bool": bool,
    "getitem": lambda thing, key: thing[key],
    "setitem": lambda thing, key, value: thing.__setitem__(key, value),
    "delitem": lambda thing, key: thing.__delitem__(key),
    "contains": lambda thing, item: item in thing,
    "next": next,
    "enter": lambda thing: thing.__enter__(),
    "exit": lambda thing: thing.__exit__(None, None, None),
}


class Objects:
    """What the tests hold on to, by number."""

    def __init__(self):
        self._held = []

    def keep(self, value):
        self._held.append(value)
        described = {"id": len(self._held) - 1, "name": raised.lineage(type(value))[0]}
        if isinstance(value, type) and issubclass(value, BaseException):
            names = raised.lineage(value)
            described.update(exception=names[0], base=names[-1])
        return described

    def get(self, number):
        return self._held[number]

    def do(self, request):
        args = [wire.decode(arg, self.get) for arg in request.get("args", ())]
        if request["op"] == "import":
            return importlib.import_module(request["name"])
        thing = self.get(request["on"])
        if request["op"] == "get":
            return getattr(thing, request["name"])
        if request["op"] == "set":
            return setattr(thing, request["name"], *args)
        if request["op"] == "call":
            return thing(*args, **{k: wire.decode(v, self.get) for k, v in request["kwargs"].items()})
        return OPERATORS[request["name"]](thing, *args)


def answer(objects, line):
    """Return the line that answers one request."""
    try:
        return json.dumps({"value": wire.encode(objects.do(json.loads(line)), objects.keep)})
    except BaseException as error:  # whatever the answer raises is its result
        names = raised.lineage(type(error))
        said = {"error": names[0], "base": names[-1], "text": raised.text_of(error)}
        return json.dumps({**said, "trace": raised.trace_of(error)})


def main():
    """Answer requests until standard input closes."""
    # What the answer prints must not mix with replies: it goes to standard error.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.path.insert(0, os.getcwd())
    objects = Objects()
    for line in requests:
        replies.write(answer(objects, line) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
