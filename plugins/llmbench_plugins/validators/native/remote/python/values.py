"""Values between the tests' box and the answer's, both ways: plain data, or a handle.

A value whose class derives from a built-in one goes over twice: as the plain data that it holds, which is
what it equals, and as a handle, so that the attributes of a named tuple can be asked for.
"""

import base64
import math

from llmbench_native import wire

LIBRARIES = ("builtins", "collections")


def encode(value, keep):
    """Return JSON-ready data; ``keep(value)`` returns the handle of what is not plain data."""
    kind = type(value)
    if kind in wire.SCALARS:
        return value if kind is not int else wire.encode(value, keep)
    if kind is float:
        return value if math.isfinite(value) else {"f": repr(value)}
    if kind is bytes or kind is bytearray:
        return {"b": base64.b64encode(value).decode()}
    if kind is dict:
        return {"d": [[encode(k, keep), encode(v, keep)] for k, v in dict.items(value)]}
    for tag, group in wire.GROUPS.items():
        if kind is group:
            return {tag: [encode(item, keep) for item in group.__iter__(value)]}
    if kind is complex or is_changing(kind) or not any(base in kind.__mro__ for base in wire.BASES):
        return {"h": keep(value)} if is_changing(kind) else wire.encode(value, keep)
    return {"r": [wire.encode(value, keep), keep(value)]}


def is_changing(kind):
    """Say whether a class is somebody's own list, set or mapping: a copy would not follow its changes."""
    return kind.__module__ not in LIBRARIES and any(base in kind.__mro__ for base in (list, set, dict))


def decode(data, handle, join):
    """Return the value; ``join(plain, handle)`` makes one of the two halves of a derived one."""
    if type(data) is not dict:
        return data
    ((tag, body),) = data.items()
    if tag == "r":
        return join(decode(body[0], handle, join), handle(body[1]))
    if tag in wire.GROUPS:
        return wire.GROUPS[tag](decode(item, handle, join) for item in body)
    if tag == "d":
        return {decode(k, handle, join): decode(v, handle, join) for k, v in body}
    return wire.decode(data, handle)
