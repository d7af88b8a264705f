"""What tests may do with an object of the answer."""

import operator

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


def do(name, thing, args):
    """Return what an operation on an object gives."""
    return (OPERATORS.get(name) or getattr(operator, name))(thing, *args)
