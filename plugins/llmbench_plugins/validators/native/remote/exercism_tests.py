"""Runs in the tests' box: an exercise's unittest tests, with stand-ins where they import the answer.

Standard input and output are the line to llmbench: one JSON object a line, every line out answered by one
in. No model-written code is here; what the answer returns arrives as plain data, or as a handle to ask
further through.
"""

import builtins
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import random
import sys
import threading
import types
import unittest

import exercism_wire
from run_tests import Result, worst_by_test

EXAMINED = 8
"""Instances of one class that are kept to see whether they are all equal."""
LIFELESS = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, types.ModuleType, type)
"""Of these the answer gets no attributes: they would lead it into the tests."""


class AnswerEnded(Exception):
    """The answer's process ended, or took too long."""


class Peer:
    """The tests' end of the conversation."""

    def __init__(self, requests, replies):
        self._requests = requests
        self._replies = replies
        self._lock = threading.RLock()
        self._handed = []
        self._numbers = {}
        self._exceptions = {}
        self._remotes = {}
        self.built = {}
        self.compared = set()

    def exchange(self, message):
        """Say one line and return the reply to it."""
        self._replies.write(json.dumps(message) + "\n")
        self._replies.flush()
        line = self._requests.readline()
        return json.loads(line) if line else {"ended": "the conversation is over"}

    def ask(self, **request):
        """Return what the answer returns, or raise what it raises."""
        with self._lock:
            reply = self.exchange({"ask": request})
            while "callback" in reply:
                reply = self.exchange({"ask": self._called(reply)})
        if "ended" in reply:
            raise AnswerEnded(reply["ended"])
        if "error" in reply:
            raise self._raised(reply)
        return self.decode(reply["value"])

    def encode(self, value):
        return exercism_wire.encode(value, self._hand_out)

    def decode(self, data):
        return exercism_wire.decode(data, self._stand_in, joined)

    def _hand_out(self, value):
        """Return the handle of an object of the tests, or of one of the answer's."""
        if type(value) is Remote:
            return value._description["id"]
        number = self._numbers.setdefault(identity(value), len(self._handed))
        if number == len(self._handed):
            self._handed.append(value)
        if isinstance(value, type) and issubclass(value, BaseException):
            return {"exception": lineage(value), "yours": number}
        if isinstance(value, BaseException):
            kind = self._hand_out(type(value))
            return {"raised": kind, "args": self.pack(value.args), "yours": number}
        return {"yours": number}

    def _stand_in(self, description):
        if "yours" in description:
            return self._handed[description["yours"]]
        if "exception" in description:
            return self._exception_class(description["exception"])
        number = description["id"]
        if number not in self._remotes:
            self._remotes[number] = Remote(self, description)
        return self._remotes[number]

    def _exception_class(self, names):
        parent = getattr(builtins, str(names[-1]), Exception)
        # SystemExit and KeyboardInterrupt of the answer must not end the tests.
        if not (isinstance(parent, type) and issubclass(parent, Exception)):
            parent = RuntimeError
        for name in reversed([str(name) for name in names[:-1]]):
            parent = self._exceptions.setdefault((name, parent), type(name, (parent,), {}))
        return parent

    def _raised(self, reply):
        if "yours" in reply:
            return self._handed[reply["yours"]]
        kind = self._exception_class(reply["error"])
        try:
            error = kind(*[self.decode(arg) for arg in reply["args"]])
        except Exception:  # its arguments are not those of the built-in one
            error = RuntimeError("{}: {}".format(reply["error"][0], reply["text"]))
        if hasattr(error, "add_note") and reply.get("trace"):
            error.add_note("in the answer:\n" + reply["trace"].rstrip())
        return error

    def _called(self, reply):
        """Do what the answer asks of an object that it was handed, and return the message that says so."""
        try:
            thing = self._handed[reply["callback"]]
            args = [self.decode(arg) for arg in reply["args"]]
            kwargs = {name: self.decode(value) for name, value in reply["kwargs"].items()}
            return {
                "op": "back",
                "value": self.encode(allowed(thing, reply["do"], args, kwargs, reply["frames"])),
            }
        except AnswerEnded:
            raise
        except Exception as error:
            return {"op": "back", "error": self._hand_out(error)}

    def same_for_all(self):
        """Return the name of a class of which all instances are equal, whatever they were made of."""
        for number in self.compared & self.built.keys():
            found = list(self.built[number].values())
            if len(found) > 2 and all(
                found[0]._ask(op="eq", args=self.pack([one])) is True for one in found[1:]
            ):
                return str(self._remotes[number]._description["class"])
        return ""

    def pack(self, args):
        return [self.encode(arg) for arg in args]


def identity(value):
    """Return what tells objects apart; a method is another object each time that it is looked up."""
    if isinstance(value, (types.MethodType, types.BuiltinMethodType)):
        return id(value.__self__), value.__name__
    return id(value)


def lineage(kind):
    """Return the names of an exception's class and of what it derives from, down to a built-in one."""
    names = [base.__name__ for base in kind.__mro__]
    builtin = next(base.__name__ for base in kind.__mro__ if base.__module__ == "builtins")
    return names[: names.index(builtin) + 1]


def allowed(thing, do, args, kwargs, frames):
    """Do one of the few things that the answer may do with an object of the tests."""
    if do == "call":
        return below(frames, thing)(*args, **kwargs)
    if isinstance(thing, LIFELESS):
        raise TypeError(f"the answer may call {type(thing).__name__}, and nothing else")
    if do == "get":
        name = str(args[0])
        if name.startswith("_") and name not in ("__init__", "__enter__", "__exit__", "__iter__", "__next__"):
            raise AttributeError(name)
        mock = sys.modules.get("unittest.mock")  # imported by few tests, and slow to import
        if mock and isinstance(thing, mock.NonCallableMock) and hasattr(mock.Mock, name):
            raise AttributeError(name)
        return getattr(thing, name)
    if do in ("iter", "next", "len"):
        return {"iter": iter, "next": next, "len": len}[do](thing)
    if do in ("enter", "exit", "getitem"):
        return getattr(thing, f"__{do}__")(*args)
    raise TypeError(do)


def below(frames, function):
    """Return ``function`` called below frames that look like the answer's."""
    for file, name in frames:
        if str(name).isidentifier():
            code = compile(f"def {name}(*a, **k): return function(*a, **k)", str(file), "exec")
            scope = {"function": function}
            exec(code, scope)  # noqa: S102 - the name is an identifier, the file only a label
            function = scope[name]
    return function


class Remote:
    """Stands for an object of the answer's box."""

    def __init__(self, peer, description):
        object.__setattr__(self, "_peer", peer)
        object.__setattr__(self, "_description", description)

    def __call__(self, *args, **kwargs):
        packed = {name: self._peer.encode(value) for name, value in kwargs.items()}
        made = self._ask(op="call", args=self._peer.pack(args), kwargs=packed)
        if "class" in self._description and type(made) is Remote:
            known = self._peer.built.setdefault(self._description["id"], {})
            if len(known) < EXAMINED:
                known.setdefault(json.dumps([self._peer.pack(args), packed]), made)
            object.__setattr__(made, "_class", self._description["id"])
        return made

    def __getattr__(self, name):
        if name == "_class":
            return None
        return self._ask(op="get", name=name)

    def __setattr__(self, name, value):
        self._ask(op="set", name=name, args=self._peer.pack([value]))

    def __delattr__(self, name):
        self._operator("delattr", name)

    def _ask(self, **request):
        return self._peer.ask(on=self._description["id"], **request)

    def _operator(self, name, *args):
        return self._ask(op="operator", name=name, args=self._peer.pack(args))

    def __eq__(self, other):
        if type(other) is not Remote:
            return "derived" in self._description and self._ask(op="plain") == other
        if other is self:
            return True
        equal = self._ask(op="eq", args=self._peer.pack([other])) is True
        if equal:
            self._peer.compared.update({self._class, other._class})
        return equal

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return int(self._operator("hash"))

    def __instancecheck__(self, thing):
        return self._ask(op="isinstance", args=self._peer.pack([thing])) is True

    def __repr__(self):
        return "<{} of the answer>".format(self._description.get("class") or self._description["name"])

    def __str__(self):
        return str(self._operator("str"))

    def __format__(self, spec):
        return str(self._operator("format", spec))

    def __bool__(self):
        return self._operator("bool") is True

    def __int__(self):
        return int(self._operator("int"))

    def __float__(self):
        return float(self._operator("float"))

    def __contains__(self, item):
        return self._operator("contains", item) is True

    def __exit__(self, *error):
        return self._operator("exit", *error[:2], None)


def _unary(name):
    return lambda self, *args: self._operator(name, *args)


def _binary(name, *, reflected=False):
    def method(self, other):
        sides = [other, self] if reflected else [self, other]
        return self._peer.ask(op="binary", name=name, args=self._peer.pack(sides))

    return method


UNARY = (
    "len",
    "iter",
    "next",
    "reversed",
    "enter",
    "getitem",
    "setitem",
    "delitem",
    "neg",
    "pos",
    "abs",
    "invert",
)
BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and_", "or_", "xor", "lshift", "rshift")
for _name in UNARY:
    setattr(Remote, f"__{_name}__", _unary(_name))
for _name in ("lt", "le", "gt", "ge"):
    setattr(Remote, f"__{_name}__", _binary(_name))
for _name in BINARY:
    setattr(Remote, "__{}__".format(_name.rstrip("_")), _binary(_name))
    setattr(Remote, "__r{}__".format(_name.rstrip("_")), _binary(_name, reflected=True))


def joined(plain, remote):
    """Return plain data that has the attributes of the answer's object it was taken from."""
    if isinstance(plain, (bool, type(None))):
        return plain

    def __getattr__(self, name):  # noqa: N807 - it becomes one
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(remote, name)

    kind = type(plain)
    return type(kind.__name__, (kind,), {"__getattr__": __getattr__})(plain)


class StandIn(types.ModuleType):
    """Stands for a module of the answer."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.__dict__["_remote"], name)

    def __setattr__(self, name, value):
        if name.startswith("_"):
            self.__dict__[name] = value
        else:
            setattr(self.__dict__["_remote"], name, value)

    def __delattr__(self, name):
        delattr(self.__dict__["_remote"], name)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the answer's modules, and no others."""

    def __init__(self, names, peer):
        self._names = names
        self._peer = peer

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self._names:
            return None
        package = any(name.startswith(fullname + ".") for name in self._names)
        return importlib.machinery.ModuleSpec(fullname, self, is_package=package)

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        module.__dict__["_remote"] = self._peer.ask(op="import", name=module.__name__)


def seeding(peer):
    """Let tests that seed the random numbers seed the answer's too."""
    seed = random.seed

    def both(*args, **kwargs):
        seed(*args, **kwargs)
        peer.ask(op="seed", args=peer.pack(args))

    random.seed = both


def run(order, peer):
    """Run the tests and return what became of each."""
    exercism_wire.lay_out(order["files"])
    sys.meta_path.insert(0, Finder(set(order["modules"]), peer))
    seeding(peer)
    result = Result()
    suite = unittest.defaultTestLoader.loadTestsFromNames([])
    for name in order["tests"]:
        suite.addTests(unittest.defaultTestLoader.loadTestsFromName(name))
    suite.run(result)
    tests = worst_by_test(result.seen)
    return {"cases": tests, "problem": all_equal(peer)}


def all_equal(peer):
    """Say that a class can't be judged, or nothing."""
    try:
        name = peer.same_for_all()
    except Exception:  # an answer that has ended, or raises now, has failed already
        return ""
    return f"all instances of {name} are equal to each other, whatever they hold" if name else ""


def main():
    """Run the tests of one order."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    peer = Peer(requests, replies)
    order = json.loads(requests.readline())
    peer.exchange({"done": run(order, peer)})
