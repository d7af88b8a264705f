"""Which runs are asked for and in which order: the same words on a command line and in a page's address."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from llmbench.history.rows import RunRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was asked for, as it was typed; the newest runs come first where no order was."""

    dataset: str | None = None
    where: Sequence[str] = ()
    """Such as ``model=glm*``, ``cost<0.5`` or ``seed!=0``; all must hold."""
    since: str | None = None
    """``2026-11-01``, ``12h``, ``7d``, ``4w``."""
    sort: str | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether any run may be left out."""
        return bool(self.where or self.dataset is not None or self.since)

    def of(
        self, rows: Iterable[RunRow], configs: Callable[[], Mapping[int, Mapping[str, Any]]]
    ) -> list[RunRow]:
        """Return the rows that are asked for, in their order.

        Args:
            rows: of the history.
            configs: gives the runs' configurations, if a condition is about these.

        Raises:
            UsageError: a word is none that is understood, or is about what no run has.
        """
        if not (self.is_filtered or self.sort):
            return list(rows)
        from llmbench.history.where import chosen, condition, ordered, since

        conditions = [condition(text) for text in self.where]
        if self.dataset is not None:
            conditions.append(condition(f"dataset={self.dataset}"))
        earliest = since(self.since, datetime.now().astimezone()) if self.since else None
        found = chosen(rows, conditions, configs, earliest)
        return ordered(found, self.sort) if self.sort else found


def named(rows: Iterable[RunRow], word: str) -> list[RunRow]:
    """Return the runs with a word in their name."""
    return [row for row in rows if word.casefold() in row.folder.casefold()]
