"""What stands in the tests' box for objects and modules of the answer."""

import importlib.abc
import importlib.machinery
import json
import types

EXAMINED = 8
"""Instances of one class that are kept to see whether they are all equal."""


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
