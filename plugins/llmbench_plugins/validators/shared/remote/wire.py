"""Plain data as JSON, exact types only: what may pass between the tests' box and the answer's.

An instance of a subclass is not plain data: it could lie about what it equals. Sequences and mappings derived
from a built-in type are copied by that type's own methods; everything else stays where it is, as a handle.
"""

import base64
import math

SCALARS = (type(None), bool, int, str)
GROUPS = {"l": list, "t": tuple, "s": set, "z": frozenset}
LONG_BITS = 8000
"""Of whole numbers that go over as text: Python refuses to read and write longer ones in the usual way."""
BASES = (bool, int, float, complex, str, bytes, list, tuple, set, frozenset, dict)


def encode(value, keep):
    """Return JSON-ready data; ``keep(value)`` returns the handle of what is not plain data."""
    kind = type(value)
    if kind in SCALARS:
        return value if kind is not int or value.bit_length() < LONG_BITS else {"i": hex(value)}
    if kind is float:
        return value if math.isfinite(value) else {"f": repr(value)}
    if kind is bytes or kind is bytearray:
        return {"b": base64.b64encode(value).decode()}
    if kind is complex:
        return {"c": [encode(value.real, keep), encode(value.imag, keep)]}
    if kind is dict:
        return {"d": [[encode(k, keep), encode(v, keep)] for k, v in dict.items(value)]}
    for tag, group in GROUPS.items():
        if kind is group:
            return {tag: [encode(item, keep) for item in group.__iter__(value)]}
    return _reduced(value, keep)


def _reduced(value, keep):
    for base in BASES:
        if isinstance(type(value), type) and base in type(value).__mro__:
            if base is dict:
                return encode({key: dict.__getitem__(value, key) for key in dict.__iter__(value)}, keep)
            if base in GROUPS.values():
                return encode(base(base.__iter__(value)), keep)
            return encode(_scalar(base, value), keep)
    return {"h": keep(value)}


def _scalar(base, value):
    if base is str:
        return str.__str__(value) if type(str.__str__(value)) is str else str.__add__("", value)
    if base is bytes:
        return bytes.__add__(b"", value)
    if base is int:
        return int.__add__(value, 0)
    if base is float:
        return float.__add__(value, 0.0)
    return complex.__add__(value, 0j)


def decode(data, handle):
    """Return the value; ``handle(number_or_description)`` returns the stand-in of what is not plain data."""
    if type(data) is not dict:
        return data
    ((tag, body),) = data.items()
    if tag in GROUPS:
        return GROUPS[tag](decode(item, handle) for item in body)
    if tag == "d":
        return {decode(k, handle): decode(v, handle) for k, v in body}
    if tag == "b":
        return base64.b64decode(body)
    if tag == "f":
        return float(body)
    if tag == "i":
        return int(body, 16)
    if tag == "c":
        return complex(decode(body[0], handle), decode(body[1], handle))
    return handle(body)
