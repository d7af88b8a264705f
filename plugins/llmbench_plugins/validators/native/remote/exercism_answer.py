"""Runs in the answer's box: imports the answer's modules and does with them what an exercise's tests ask.

It shares its process with model-written code, which can make it say anything. That buys nothing: what it
says are return values and calls of functions that the tests handed to it; the tests that judge them are
in another box.
"""

import builtins
import importlib
import json
import operator
import os
import random
import sys
import threading
import traceback

import exercism_wire

LONGEST_TRACEBACK = 2000
OPERATORS = {
    "len": len,
    "str": str,
    "bool": bool,
    "hash": hash,
    "iter": iter,
    "next": next,
    "reversed": reversed,
    "int": int,
    "float": float,
    "format": format,
    "contains": lambda thing, item: item in thing,
    "enter": lambda thing: type(thing).__enter__(thing),
    "exit": lambda thing, *error: type(thing).__exit__(thing, *error),
    "delattr": delattr,
}


class Stranger:
    """What nothing but itself has a reason to be equal to."""


def equal(thing, other):
    """Say whether two objects are equal, and at least one thing is not."""
    return bool(thing == other) and not (is_equal(thing, Stranger()) or is_equal(other, Stranger()))


def is_equal(thing, other):
    """Compare, where failing to is an answer too."""
    try:
        return bool(thing == other)
    except Exception:
        return False


def plain(thing):
    """Return what somebody's own list, set or mapping holds, whatever its own methods say."""
    base = next(base for base in (list, set, dict) if isinstance(thing, base))
    return dict(dict.items(thing)) if base is dict else base(base.__iter__(thing))


class TestObject:
    """Stands for an object of the tests that was handed to the answer."""

    def __init__(self, *args, **kwargs):
        # Only an answer that calls super().__init__(), where tests put a double for super, comes here.
        self._ask("get", "__init__")(*args, **kwargs)

    @classmethod
    def of(cls, peer, number):
        """Return what stands for the object of that number."""
        made = object.__new__(cls)
        made._ask = lambda do, *args, **kwargs: peer.call_back(number, do, args, kwargs)
        made._number = number
        return made

    def __call__(self, *args, **kwargs):
        return self._ask("call", *args, **kwargs)

    def __getattr__(self, name):
        return self._ask("get", name)

    def __iter__(self):
        return self._ask("iter")

    def __next__(self):
        return self._ask("next")

    def __len__(self):
        return self._ask("len")

    def __getitem__(self, key):
        return self._ask("getitem", key)

    def __enter__(self):
        return self._ask("enter")

    def __exit__(self, kind, error, trace):
        return self._ask("exit", kind, error, None)


class Peer:
    """The answer's end of the conversation."""

    def __init__(self, requests, replies):
        self._requests = requests
        self._replies = replies
        self._held = []
        self._numbers = {}
        self._doubles = {}
        self._yours = {}
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
        described = {"id": number, "name": getattr(type(value), "__name__", "object")}
        if isinstance(value, type):
            described["class"] = value.__name__
            if issubclass(value, BaseException):
                described["exception"] = lineage(value)
        elif exercism_wire.is_changing(type(value)):
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
        return exercism_wire.decode(data, self.handle, lambda plain, handle: plain)

    def encode(self, value):
        return exercism_wire.encode(value, self.keep)

    def serve(self):
        """Answer requests until there are no more."""
        for line in self._requests:
            self._say(self._reply(json.loads(line)))

    def call_back(self, number, do, args, kwargs):
        """Ask the tests for something, and answer what they ask meanwhile."""
        if threading.get_ident() != self._serving:
            raise RuntimeError("objects of the tests can be used in the thread only that was given them")
        self._say(
            {
                "callback": number,
                "do": do,
                "args": [self.encode(arg) for arg in args],
                "kwargs": {name: self.encode(value) for name, value in kwargs.items()},
                "frames": frames_of_the_answer(),
            }
        )
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
        try:
            return {"value": self.encode(self._do(request))}
        except BaseException as error:  # whatever the answer raises is its result
            return self._error(error)

    def _error(self, error):
        reply = {"error": lineage(type(error)), "trace": trace_of(error)}
        try:
            reply["args"] = [self.encode(arg) for arg in error.args]
            reply["text"] = str(error)
        except BaseException:  # its own __str__ may raise
            reply.update(args=[], text="")
        if id(error) in self._yours:
            reply["yours"] = self._yours[id(error)]
        return reply

    def _do(self, request):
        args = [self.decode(arg) for arg in request.get("args", ())]
        op, name = request["op"], request.get("name")
        if op == "import":
            return importlib.import_module(name)
        if op == "files":
            return exercism_wire.lay_out(request["files"])
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
            return equal(thing, *args)
        if op == "plain":
            return plain(thing)
        if op == "operator":
            return (OPERATORS.get(name) or getattr(operator, name))(thing, *args)
        raise ValueError(op)

    def _say(self, reply):
        self._replies.write(json.dumps(reply) + "\n")
        self._replies.flush()


def lineage(kind):
    """Return the names of an exception's class and of all that it derives from, the nearest built-in last."""
    names = []
    for base in kind.__mro__:
        names.append(base.__name__)
        if base.__module__ == "builtins":
            break
    return names


def exception_class(names):
    """Return a built-in exception, or a class of that name derived from one."""
    parent = getattr(builtins, names[-1], Exception)
    return parent if len(names) == 1 else type(names[0], (parent,), {})


def frames_of_the_answer():
    """Return the answer's innermost frames: tests' doubles may look at who calls them."""
    found, frame = [], sys._getframe(2)
    while frame is not None and len(found) < 3:
        if frame.f_code.co_filename != __file__:
            found.append([os.path.basename(frame.f_code.co_filename), frame.f_code.co_name])
        frame = frame.f_back
    return found


def trace_of(error):
    """Return where in the answer an exception came from, without our own frames."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    return "".join(traceback.format_list(frames))[-LONGEST_TRACEBACK:].replace(
        f'File "{os.getcwd()}/', 'File "'
    )


def main():
    """Answer requests until standard input closes."""
    # What the answer prints must not mix with replies: it goes to standard error.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    Peer(requests, replies).serve()
