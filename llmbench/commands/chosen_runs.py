"""Which runs ``llmbench list runs`` shows, and in what order."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from llmbench.errors import UsageError
from llmbench.registry import suggestion
from llmbench.report.axes import AXES

Data = Mapping[str, Any]

ORDERS: Mapping[str, str] = {
    "changed": "changed",
    "pass@1": "pass_at_1",
    "graded": "graded",
    "tokens/s": "decode_tokens_per_s",
    **{axis: axis for axis in AXES},
}
"""What can be sorted by, and the key of a run's data that it stands for."""


def chosen(rows: Sequence[Data], words: Sequence[str]) -> list[Data]:
    """Return the runs that fit all words: ``model=glm*``, ``samples=3``, or a part of a run's name.

    Raises:
        UsageError: no run has such a key, or such a name.
    """
    left = list(rows)
    for word in words if rows else ():
        key, equals, value = word.partition("=")
        if not equals:
            _refuse_unknown_name(word, rows)
        elif key not in AXES:
            _refuse_unknown_key(key, rows)
        left = [row for row in left if (_has(row, key, value) if equals else _is_named(row, word))]
    return left


def in_order(rows: Sequence[Data], order: str) -> list[Data]:
    """Return the runs sorted: numbers and times from the highest, names from A; what is not known last."""
    key = ORDERS[order]
    known = [row for row in rows if row[key] is not None]
    unknown = [row for row in rows if row[key] is None]
    return [*sorted(known, key=lambda row: row[key], reverse=key not in AXES), *unknown]


def _has(row: Data, key: str, value: str) -> bool:
    found = row[key] if key in AXES else row["settings"].get(key)
    return found is not None and fnmatchcase(str(found).casefold(), value.casefold())


def _is_named(row: Data, word: str) -> bool:
    return word.casefold() in row["run"].casefold()


def _refuse_unknown_name(word: str, rows: Sequence[Data]) -> None:
    if not any(_is_named(row, word) for row in rows):
        raise UsageError(
            f"list runs: no run has '{word}' in its name; expected a part of one, or key=value, "
            "such as model=glm"
        )


def _refuse_unknown_key(key: str, rows: Sequence[Data]) -> None:
    known = dict.fromkeys(name for row in rows for name in row["settings"])
    if key not in known:
        hint = suggestion(key, [*AXES, *known])
        raise UsageError(
            f"list runs: no run has the key '{key}'; {hint}{' ' if hint else ''}expected {', '.join(AXES)} "
            "or a key of a run's configuration, such as samples or sampling.temperature"
        )
