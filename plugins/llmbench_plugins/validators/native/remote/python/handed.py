"""What the answer may do with objects that tests have handed to it."""

import sys
import types

LIFELESS = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, types.ModuleType, type)
"""Of these the answer gets no attributes: they would lead it into the tests."""


def identity(value):
    """Return what tells objects apart; a method is another object each time that it is looked up."""
    if isinstance(value, (types.MethodType, types.BuiltinMethodType)):
        return id(value.__self__), value.__name__
    return id(value)


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
