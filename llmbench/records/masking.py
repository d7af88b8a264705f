"""Secrets never reach a file or the screen: their values are replaced in everything written."""

from collections.abc import Collection, Mapping

_SHORTEST = 6
MASKED = "[secret]"


def looks_secret(name: str) -> bool:
    """Say whether an environment variable's name announces a secret."""
    return name.upper().endswith(("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIALS"))


class Mask:
    """Replaces the values of secrets in text and in JSON."""

    def __init__(self, secrets: Mapping[str, str], named: Collection[str] = ()) -> None:
        """Prepare to mask.

        Args:
            secrets: variables of the environment and ``.env`` with their values.
            named: those among them that options name, which are secret whatever they are called.
        """
        secret = {value for name, value in secrets.items() if looks_secret(name) or name in named}
        values = {value for value in secret if len(value) >= _SHORTEST}
        # The longest first: one secret may be the beginning of another.
        self._values = sorted(values | {_in_json(value) for value in values}, key=len, reverse=True)
        self._encoded = [value.encode() for value in self._values]

    def text(self, text: str) -> str:
        """Return ``text`` with every secret replaced."""
        for value in self._values:
            text = text.replace(value, MASKED)
        return text

    def data(self, data: bytes) -> bytes:
        """Return ``data``, UTF-8 or JSON, with every secret replaced."""
        for value in self._encoded:
            data = data.replace(value, MASKED.encode())
        return data


def _in_json(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
