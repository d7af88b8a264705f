"""Secrets never reach a file or the screen: their values are replaced in everything written."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any
from urllib.parse import unquote

import msgspec

_SHORTEST = 6
MASKED = "[secret]"
_DIGESTS = ("digest", "digests", "task_digest", "answer_digest")
_TIMES = ("started", "ended", "finished_at")
_OURS = frozenset(("schema", "event", "role", "task", "tasks", "run_id", *_DIGESTS, *_TIMES))
"""Fields by which records are known again: what stands there is ours, even if it looks like a secret."""


def looks_secret(name: str) -> bool:
    """Say whether an environment variable's name announces a secret."""
    return name.upper().endswith(("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIALS"))


class Mask:
    """Replaces the values of secrets in text and in what is written as JSON."""

    def __init__(self, secrets: Mapping[str, str], named: Collection[str] = ()) -> None:
        """Prepare to mask.

        Args:
            secrets: variables of the environment and ``.env`` with their values.
            named: those among them that options name, which are secret whatever they are called.
        """
        secret = {value for name, value in secrets.items() if looks_secret(name) or name in named}
        secret |= {part for value in secrets.values() for part in _login(value)}
        values = {value for value in secret if len(value) >= _SHORTEST}
        # The longest first: one secret may be the beginning of another.
        self._values = sorted(values | {_in_json(value) for value in values}, key=len, reverse=True)
        self._encoded = [value.encode(errors="surrogateescape") for value in self._values]

    def text(self, text: str) -> str:
        """Return ``text`` with every secret replaced."""
        for value in self._values:
            text = text.replace(value, MASKED)
        return text

    def hides(self, data: bytes) -> bool:
        """Say whether JSON holds a secret."""
        return any(value in data for value in self._encoded)

    def value(self, value: Any) -> Any:
        """Return what is to be written with secrets replaced in its texts.

        Numbers, names of fields and our own words stay: a password such as ``123456`` is in many a number,
        and a file in which it were replaced there could not be read.
        """
        if isinstance(value, Enum):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.value(key): self.value(content) for key, content in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(content) for content in value]
        if is_dataclass(value) and not isinstance(value, type):
            names = [field.name for field in fields(value) if field.init and field.name not in _OURS]
            return replace(value, **{name: self.value(getattr(value, name)) for name in names})
        return value


def _login(value: str) -> Iterator[str]:
    """Yield what is secret in a URL with a password, such as a proxy's or a database's."""
    login, at, _ = value.partition("://")[2].partition("/")[0].rpartition("@")
    _, colon, password = login.partition(":")
    if at and colon and password:
        yield from (login, password, unquote(password))


def _in_json(value: str) -> str:
    try:
        return msgspec.json.encode(value).decode()[1:-1]
    except UnicodeEncodeError:  # not UTF-8: it can't stand in JSON
        return value
