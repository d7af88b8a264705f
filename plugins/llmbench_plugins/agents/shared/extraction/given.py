"""Files that are given as data, for answers that nobody has to read: a JSON object of contents by path."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from llmbench.api import PathError, clean_path


def given_files(content: str) -> Mapping[str, bytes]:
    """Return the files of a JSON object, byte for byte; nothing where the answer is no such object.

    A content is a text, or ``{"base64": …}`` where it is not UTF-8.
    """
    try:
        data = json.loads(content)
        items = data.items() if isinstance(data, dict) else ()
        return {clean_path(path): _bytes(value) for path, value in items}
    except (ValueError, PathError, RecursionError):
        return {}


def _bytes(value: Any) -> bytes:
    """Return a content.

    Raises:
        ValueError: it is neither a text nor base64.
    """
    if isinstance(value, str):
        return value.encode(errors="replace")
    packed = value.get("base64") if isinstance(value, dict) else None
    if not isinstance(packed, str):
        raise ValueError("a content is a text or an object with the key base64")
    try:
        return base64.b64decode(packed, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
