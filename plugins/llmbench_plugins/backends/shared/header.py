"""Values that go into HTTP headers: what can't stand there is refused, and a secret is never shown."""

import re
from collections.abc import Mapping

from llmbench.errors import UsageError

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_QUOTES = ("'", '"', "`", "“", "‘", "«", "„")


def secret_from(secrets: Mapping[str, str], variable: str) -> str:
    """Return a key that is to be sent in a header; an empty string where the variable is not set.

    Raises:
        UsageError: it can't stand in a header, or stands in quotes; the message names the variable alone.
    """
    value = secrets.get(variable, "")
    if value[:1] in _QUOTES and value[:1]:
        raise UsageError(f"{variable}: its value begins with a quotation mark; set it without quotes")
    if complaint := _complaint(value):
        raise UsageError(f"{variable}: {complaint}, which no key has; copy the key once more")
    return value


def checked_header(name: str, value: str, key: str) -> str:
    """Return the value of a header that the user gave as option ``key``.

    Raises:
        UsageError: name or value can't stand in a header.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{key}: expected a header's name of letters, digits and '-', got '{name}'")
    if complaint := _complaint(value):
        raise UsageError(f"{key}: {complaint}, which can't stand in a header")
    return value


def _complaint(value: str) -> str:
    for place, character in enumerate(value, start=1):
        if not character.isascii():
            return f"character {place} of {len(value)} is not ASCII"
        if not character.isprintable():
            what = "a line end" if character in "\r\n" else "a control character"
            return f"character {place} of {len(value)} is {what}"
    return ""
