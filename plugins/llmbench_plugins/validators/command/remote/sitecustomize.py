"""Runs in the tests' box: makes ``import leap`` give a stand-in for the answer's module in the other box.

Python imports this file by its name at start-up, so that tests of any runner are ordinary tests.
"""

import builtins
import importlib.abc
import importlib.machinery
import json
import os
import socket
import sys
import types


class AnswerEnded(Exception):
    """The answer's process ended, or took too long."""


class Channel:
    """Asks the answer's box, by way of the harness."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._exceptions = {}

    def ask(self, **request):
        """Return the reply's value, or raise the exception that the answer raised."""
        self._socket.sendall((json.dumps(request) + "\n").encode())
        reply = self._reply()
        if "ended" in reply:
            raise AnswerEnded(reply["ended"])
        if "error" in reply:
            raise self._exception(reply)
        return reply["value"]

    def _reply(self):
        try:
            reply = json.loads(self._lines.readline() or '{"ended": "the harness is gone"}')
        except (ValueError, RecursionError):
            reply = None
        return reply if type(reply) is dict else {"ended": "the answer's process said what is no reply"}

    def value(self, **request):
        """Return the reply as plain data, stand-ins where it is not."""
        return wire.decode(self.ask(**request), self.stand_in)

    def stand_in(self, description):
        """Return what stands for an object of the answer's box."""
        if "exception" in description:
            return self._exception_class(description["exception"], description["base"])
        return Remote(self, description)

    def _exception_class(self, name, base):
        parent = getattr(builtins, base, Exception)
        # SystemExit and KeyboardInterrupt of the answer must not end the tests.
        if not (isinstance(parent, type) and issubclass(parent, Exception)):
            parent = RuntimeError
        if name == parent.__name__:
            return parent
        return self._exceptions.setdefault((name, parent), type(name, (parent,), {"__module__": "__main__"}))

    def _exception(self, reply):
        kind = self._exception_class(str(reply["error"]), str(reply["base"]))
        try:
            error = kind(reply["text"])
        except TypeError:  # UnicodeDecodeError and the like want more arguments
            error = RuntimeError("{}: {}".format(reply["error"], reply["text"]))
        if hasattr(error, "add_note") and reply.get("trace"):
            error.add_note("in the answer:\n" + reply["trace"].rstrip())
        return error


class Remote:
    """Stands for an object of the answer's box. Two of them are equal only if they are the same stand-in."""

    def __init__(self, channel, description):
        object.__setattr__(self, "_channel", channel)
        object.__setattr__(self, "_description", description)

    def __call__(self, *args, **kwargs):
        packed = {name: wire.encode(value, _handle) for name, value in kwargs.items()}
        return self._ask(op="call", args=_pack(args), kwargs=packed)

    def __getattr__(self, name):
        return self._ask(op="get", name=name)

    def __setattr__(self, name, value):
        self._ask(op="set", name=name, args=_pack([value]))

    def _ask(self, **request):
        return self._channel.value(on=self._description["id"], **request)

    def _operator(self, name, *args):
        return self._ask(op="operator", name=name, args=_pack(args))

    def __len__(self):
        return self._operator("len")

    def __iter__(self):
        return iter(self._operator("list"))

    def __next__(self):
        return self._operator("next")

    def __getitem__(self, key):
        return self._operator("getitem", key)

    def __setitem__(self, key, value):
        self._operator("setitem", key, value)

    def __delitem__(self, key):
        self._operator("delitem", key)

    def __contains__(self, item):
        return self._operator("contains", item) is True

    def __str__(self):
        return str(self._operator("str"))

    def __repr__(self):
        return "<{} in the answer>".format(self._description["name"])

    def __bool__(self):
        return self._operator("bool") is True

    def __enter__(self):
        return self._operator("enter")

    def __exit__(self, *error):
        self._operator("exit")


def _handle(value):
    if type(value) is Remote:
        return value._description["id"]
    raise TypeError(
        f"tests can pass plain data and the answer's own objects to it, not {type(value).__name__}"
    )


def _pack(args):
    return [wire.encode(arg, _handle) for arg in args]


class StandIn(types.ModuleType):
    """Stands for a module of the answer."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self.__dict__["_remote"], name)
        self.__dict__[name] = value
        return value


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the answer's modules, and no others."""

    def __init__(self, names, path):
        self._names = names
        self._path = path
        self._channel = None

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self._names:
            return None
        package = any(name.startswith(fullname + ".") for name in self._names)
        return importlib.machinery.ModuleSpec(fullname, self, is_package=package)

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        if self._channel is None:
            self._channel = Channel(self._path)
        module.__dict__["_remote"] = self._channel.value(op="import", name=module.__name__)


if "LLMBENCH_ANSWER" in os.environ:
    import wire

    sys.meta_path.insert(
        0, Finder(set(json.loads(os.environ["LLMBENCH_MODULES"])), os.environ["LLMBENCH_ANSWER"])
    )
