"""Arguments of the verbs: argparse, with its complaints in one line like all others."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from llmbench.errors import UsageError


class Parser(argparse.ArgumentParser):
    """Parses the arguments of one verb."""

    def __init__(self, verb: str, description: str, usage: str = "") -> None:
        super().__init__(
            prog=f"llmbench {verb}",
            description=description,
            usage=f"llmbench {verb} {usage}".strip() if usage else None,
            allow_abbrev=False,
        )
        self._verb = verb

    def error(self, message: str) -> NoReturn:
        """Refuse the request.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{self._verb}: {message}; see llmbench {self._verb} --help")

    def split(self, argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
        """Return the verb's own arguments, and the overrides and flags of a run among them."""
        return self.parse_known_args(argv)


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as aligned text; quicker to start than a table of rich."""
    if not rows:
        return ""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
