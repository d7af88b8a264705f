"""What the API answers: JSON without a secret, and without a character that acts on a terminal."""

import re
from typing import Any

import msgspec
from fastapi import Request
from fastapi.responses import Response

from llmbench.records.masking import Mask

_ACTING = re.compile("[\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
"""What JSON may hold as it is and a terminal or a line would obey: C1 controls, marks of direction."""


def answer(request: Request, value: Any, status: int = 200) -> Response:
    """Return a value as JSON: of msgspec, which is quicker by far than the way through pydantic."""
    mask: Mask = request.app.state.mask
    return Response(encoded(value, mask), status, media_type="application/json")


def encoded(value: Any, mask: Mask) -> bytes:
    """Return a value as JSON in which secrets are masked."""
    data = msgspec.json.encode(value)
    if mask.hides(data):
        data = msgspec.json.encode(mask.value(msgspec.to_builtins(value)))
    return data if data.isascii() else _ACTING.sub(_escaped, data.decode()).encode()


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
