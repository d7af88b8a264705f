"""Runs in the answer's box: imports the answer's modules and does with them what tests ask.

It shares its process with model-written code, which can make it say anything. That buys nothing: what it
says are return values and calls of functions that the tests handed to it; the tests that judge them are
in another box.
"""

import importlib
import json
import operator
import random
import sys
import threading

from llmbench_native import operations, raised, values
from llmbench_native.box import lay_out, line_to_host, packed
from llmbench_native.doubles import TestObject, exception_class, frames_of_the_answer

LONGEST_NAME = 100
LONGEST_ARGUMENTS = 100_000
"""Of an exception, as text; it is its own words that pass where they hold more."""


class Peer:
    """The answer's end of the conversation."""

    def __init__(self, requests, replies):
        self._requests = requests
        self._replies = replies
        self._held = []
        self._numbers = {}
        self._doubles = {}
        self._yours = {}
        self._most = sys.maxsize
        self._serving = threading.get_ident()

    def keep(self, value):
        """Return the description of an object, with the number under which it is held."""
        if type(value) is TestObject:
            return {"yours": value._number}
        if id(value) in self._yours:
            return {"yours": self._yours[id(value)]}
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._held)
            self._held.append(value)
        described = {"id": number, "name": raised.lineage(type(value))[0]}
        if isinstance(value, type):
            described["class"] = value.__name__
            if issubclass(value, BaseException):
                described["exception"] = raised.lineage(value)
        elif values.is_changing(type(value)):
            described["derived"] = True
        return described

    def handle(self, description):
        """Return what the tests mean by a handle."""
        if type(description) is int:
            return self._held[description]
        number = description["yours"]
        if number not in self._doubles:
            self._doubles[number] = double = self._double(number, description)
            self._yours[id(double)] = number
        return self._doubles[number]

    def _double(self, number, description):
        if "exception" in description:
            return exception_class(description["exception"])
        if "raised" in description:
            return self.handle(description["raised"])(*[self.decode(arg) for arg in description["args"]])
        return TestObject.of(self, number)

    def decode(self, data):
        return values.decode(data, self.handle, lambda plain, handle: plain)

    def encode(self, value):
        return values.encode(value, self.keep)

    def serve(self):
        """Answer requests until there are no more."""
        for line in self._requests:
            self._say(self._reply(json.loads(line)))

    def call_back(self, number, do, args, kwargs):
        """Ask the tests for something, and answer what they ask meanwhile."""
        if threading.get_ident() != self._serving:
            raise RuntimeError("objects of the tests can be used in the thread only that was given them")
        asked = {
            "callback": number,
            "do": do,
            "args": [self.encode(arg) for arg in args],
            "kwargs": {name: self.encode(value) for name, value in kwargs.items()},
            "frames": frames_of_the_answer(),
        }
        self._say(packed(asked, self._most, lambda: "what the answer hands to the tests"))
        for line in self._requests:
            request = json.loads(line)
            if request["op"] != "back":
                self._say(self._reply(request))
            elif "error" in request:
                raise self.handle(request["error"])
            else:
                return self.decode(request["value"])
        raise SystemExit

    def _reply(self, request):
        """Return the line that answers a request."""
        try:
            value = self.encode(self._do(request))
            return packed({"value": value}, self._most, lambda: f"what {self._named(request)} returns")
        except BaseException as error:  # whatever the answer raises is its result
            return json.dumps(self._error(error))

    def _named(self, request):
        """Return what is asked for, as the tests name it."""
        called = self._held[request["on"]] if request["op"] == "call" else None
        name = getattr(called, "__name__", request.get("name"))
        return str(name or f"the answer's {request['op']}")[:LONGEST_NAME]

    def _error(self, error):
        text = raised.text_of(error)
        reply = {"error": raised.lineage(type(error)), "text": text, "trace": raised.trace_of(error)}
        try:
            reply["args"] = [self.encode(arg) for arg in error.args]
            if len(json.dumps(reply["args"])) > LONGEST_ARGUMENTS:
                reply["args"] = [text]
        except BaseException:  # its class is its own, and so are its arguments
            reply["args"] = [text]
        if id(error) in self._yours:
            reply["yours"] = self._yours[id(error)]
        return reply

    def _do(self, request):
        args = [self.decode(arg) for arg in request.get("args", ())]
        op, name = request["op"], request.get("name")
        if op == "import":
            return importlib.import_module(name)
        if op == "files":
            self._most = request["most"]
            return lay_out(request["files"])
        if op == "seed":
            return random.seed(*args)
        if op == "binary":
            return getattr(operator, name)(*args)
        thing = self._held[request["on"]]
        if op == "get":
            return getattr(thing, name)
        if op == "set":
            return setattr(thing, name, *args)
        if op == "call":
            return thing(*args, **{k: self.decode(v) for k, v in request["kwargs"].items()})
        if op == "isinstance":
            return isinstance(args[0], thing)
        if op == "eq":
            return operations.equal(thing, *args)
        if op == "plain":
            return operations.plain(thing)
        if op == "operator":
            return operations.do(name, thing, args)
        raise ValueError(op)

    def _say(self, line):
        self._replies.write(line + "\n")
        self._replies.flush()


def main():
    """Answer requests until standard input closes."""
    Peer(*line_to_host()).serve()
