"""Values that come out of a box: tagged JSON, decoded into exact built-in types and nothing else."""

import json
from collections.abc import Callable, Mapping
from typing import Any


class OddValueError(Exception):
    """What a box sent is no value: a lie, and so a wrong answer."""


def decode(text: str) -> Any:
    """Return the value.

    Raises:
        OddValueError: the text is not what our worker writes, or nests too deeply.
    """
    try:
        return _decoded(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError, OverflowError) as error:
        raise OddValueError(str(error)[:200]) from None


def _decoded(data: Any) -> Any:
    if isinstance(data, list):
        return [_decoded(item) for item in data]
    if not isinstance(data, dict):
        return data
    ((tag, body),) = data.items()
    return _TAGS[tag](body)


_TAGS: Mapping[str, Callable[[Any], Any]] = {
    "i": lambda body: int(body, 16),
    "f": float.fromhex,
    "c": lambda body: complex(float.fromhex(body[0]), float.fromhex(body[1])),
    "b": bytes.fromhex,
    "t": lambda body: tuple(_decoded(item) for item in body),
    "s": lambda body: {_decoded(item) for item in body},
    "z": lambda body: frozenset(_decoded(item) for item in body),
    "d": lambda body: {_decoded(key): _decoded(item) for key, item in body},
}
