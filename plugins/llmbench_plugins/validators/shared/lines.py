"""What the tests' box says to this host, read with as little trust in its texts as may be.

Texts of an answer are among it, and can hold what JSON allows and no UTF-8: halves of characters, say.
"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

_JSON = msgspec.json.Decoder()


class Unreadable(ValueError):
    """A line is no JSON object, whoever is to blame."""


def read(line: bytes) -> Mapping[str, Any]:
    """Return the object that a line holds.

    Raises:
        Unreadable: it holds none.
    """
    try:
        found = _JSON.decode(line)
    except (msgspec.DecodeError, RecursionError):
        found = _leniently(line)
    if not isinstance(found, dict):
        raise Unreadable("a line that is no JSON object")
    return found


def written(message: Mapping[str, Any]) -> bytes:
    """Return a message as a line."""
    try:
        return msgspec.json.encode(message)
    except (UnicodeEncodeError, OverflowError, RecursionError, TypeError):
        return json.dumps(message).encode()


def _leniently(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from None
