"""Values in a box, for the worker beside this: reduced to plain data, digested, tagged for the way out."""

import marshal
from itertools import chain

try:
    from _blake2 import blake2b
except ImportError:  # another Python than CPython: the same by its public name, a little later
    from hashlib import blake2b

PLAIN = 2  # of marshal's formats, the one without back references: equal values give equal bytes
SLICE = 1 << 16
LONG = 1000
WHOLE = 1 << 53  # up to there, every integer is a float
NEGATIVE_ZERO = b"\0\0\0\0\0\0\0\x80"
SIMPLE = frozenset((int, str, type(None)))
EXACT = SIMPLE | {bool, float, complex, bytes}
NUMBERS = frozenset((bool, int, float))
LISTS = frozenset((list, tuple))
BASES = (bool, int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset, dict)
MRO = type.__dict__["__mro__"].__get__
dumps = marshal.dumps


def holds_only(wanted, kinds, value):
    """Say whether a list or tuple holds only some types, itself or one level down; at C's speed."""
    return kinds <= wanted or (kinds <= LISTS and wanted.issuperset(map(type, chain.from_iterable(value))))


def plain(value):
    """Return the value in exact built-in types only, read by the base types' own methods."""
    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str, bytes):
        return value
    if kind is list or kind is tuple:
        done = holds_only(EXACT, set(map(type, value)), value)
        return value if done else kind([plain(item) for item in value])
    if kind is dict:
        return {plain(key): plain(item) for key, item in value.items()}
    if kind is set or kind is frozenset:
        return kind([plain(item) for item in value])
    for base in BASES:
        if base in MRO(kind):
            return plain(reduced(base, value))
    return number(kind, value)


def reduced(base, value):
    """Return an instance of a subclass as its base."""
    if base in (int, float, complex):
        return base.__add__(value, base())
    if base is str:
        return str.__add__("", value)
    if base is bytes or base is bytearray:
        return bytes(base.__getitem__(value, slice(None)))
    if base is dict:
        return {key: dict.__getitem__(value, key) for key in dict.__iter__(value)}
    return base(list(base.__iter__(value)))


def number(kind, value):
    """Return numbers of other libraries as the built-in number that they equal; refuse all else."""
    home = kind.__module__
    if home == "numpy":
        value = kind.item(value)
        if type(value) in (bool, int, float, complex, str):
            return value
    elif home in ("decimal", "fractions"):
        above, below = value.as_integer_ratio()
        if below == 1:
            return above
        if (above / below).as_integer_ratio() == (above, below):
            return above / below
    raise TypeError(f"returned {kind.__name__}, which is no plain data")


def equal_form(value):
    """Return what is the same for all plain values that are equal (``1 == 1.0 == True``)."""
    kind = type(value)
    if kind is bool:
        return int(value)
    if kind is float:
        return int(value) if value.is_integer() else value
    if kind is complex:
        return value if value.imag else equal_form(value.real)
    if kind is list or kind is tuple:
        return equal_list(kind, value)
    if kind is dict:
        items = [
            (dumps(equal_form(key), PLAIN), dumps(equal_form(item), PLAIN)) for key, item in value.items()
        ]
        return {"dict": sorted(items)}
    if kind is set or kind is frozenset:
        return {"set": sorted([dumps(equal_form(item), PLAIN) for item in value])}
    return value


def equal_list(kind, value):
    kinds = set(map(type, value))
    if len(value) > LONG and kinds <= NUMBERS:
        return {kind.__name__: packed_floats(kinds, value) or [equal_form(item) for item in value]}
    if holds_only(SIMPLE, kinds, value) and (kinds <= SIMPLE or max(map(len, value)) <= LONG):
        return value
    return kind([equal_form(item) for item in value])


def packed_floats(kinds, value):
    """Return many numbers as floats, or nothing where that is not what they equal or is not unique."""
    from array import array

    try:
        floats = array("d", value)
    except OverflowError:
        return None
    is_same = kinds == {float} or (min(value) >= -WHOLE and max(value) <= WHOLE)
    if not is_same and floats.tolist() != list(value):
        return None
    data = floats.tobytes()
    # -0.0 equals 0.0; what is found may also lie across two numbers, which costs only time.
    return array("d", [number + 0.0 for number in floats]).tobytes() if NEGATIVE_ZERO in data else data


def is_large(value):
    return type(value) in LISTS and len(value) > SLICE


def digest_of(form, packed=None):
    """Return the digest of an equal form; long lists slice by slice, as they may fill half the memory."""
    if not is_large(form):
        return blake2b(packed or dumps(form, PLAIN), digest_size=16).hexdigest()
    state = blake2b(dumps((type(form) is list, len(form)), PLAIN), digest_size=16)
    for start in range(0, len(form), SLICE):
        state.update(dumps(form[start : start + SLICE], PLAIN))
    return state.hexdigest()


def is_floats(value):
    if type(value) is float:
        return True
    return type(value) in LISTS and bool(value) and set(map(type, value)) == {float}


def tagged(value):
    """Return JSON-ready data that tells the types apart; the other side is _evalplus/values.py."""
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind is int:
        return value if abs(value) < 1 << 53 else {"i": hex(value)}
    if kind is float:
        return {"f": value.hex()}
    if kind is complex:
        return {"c": [value.real.hex(), value.imag.hex()]}
    if kind is bytes:
        return {"b": value.hex()}
    if kind is list:
        return [tagged(item) for item in value]
    if kind is dict:
        return {"d": [[tagged(key), tagged(item)] for key, item in value.items()]}
    return {{tuple: "t", set: "s", frozenset: "z"}[kind]: [tagged(item) for item in value]}
