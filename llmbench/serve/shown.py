"""What may be seen of a run's settings: nothing that could be a secret, whoever typed it; no long text."""

import re
from collections.abc import Mapping
from typing import Any

from llmbench.records.masking import MASKED, looks_secret

_SECTIONS = frozenset(("headers", "env", "environment"))
"""Mappings of which only the keys are shown: a header is as often a password as not."""
_LOGIN = re.compile(r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]*://)[^\s/?#@]*@")
_PARAMETER = re.compile(
    r"(?P<name>[?&;](?:[\w-]*(?:key|token|secret|password|passwd|credentials|signature)|sig|auth|pass)=)[^&;#\s]+",
    re.IGNORECASE,
)


LONGEST = 4000
"""Characters of a text that is shown."""


def shown(value: Any, name: str = "", *, hidden: bool = False) -> Any:
    """Return a setting as it may be shown.

    Args:
        value: of JSON.
        name: its key.
        hidden: whether all texts in it are taken for secrets.
    """
    if isinstance(value, Mapping):
        below = hidden or name.lower() in _SECTIONS
        return {clipped(str(key)): shown(content, str(key), hidden=below) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [shown(content, name, hidden=hidden) for content in value]
    if isinstance(value, str):
        is_reference = value.startswith("env:")
        return MASKED if value and not is_reference and (hidden or looks_secret(name)) else shown_text(value)
    return value


def shown_text(text: str) -> str:
    """Return a text without the logins and keys of the URLs in it."""
    return _PARAMETER.sub(rf"\g<name>{MASKED}", _LOGIN.sub(r"\g<scheme>", clipped(text)))


def clipped(text: str, longest: int = LONGEST) -> str:
    """Return at most so many characters of a text."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def shown_word(word: str) -> str:
    """Return an override of the command line as it may be shown: ``backend.headers.X-Key=[secret]``."""
    key, sign, value = word.partition("=")
    parts = key.lstrip("+~").split(".")
    if sign and (looks_secret(parts[-1]) or _SECTIONS & {part.lower() for part in parts}):
        return f"{key}={value if value.startswith('env:') else MASKED}"
    return shown_text(word)
