"""Filters and orders of runs: what ``--where``, ``--since`` and ``--sort`` take."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from llmbench.errors import UsageError
from llmbench.history.leaders import LeaderTable
from llmbench.history.rows import COLUMNS, RunRow

Configs = Callable[[], Mapping[int, Mapping[str, Any]]]

SHORT = {
    "accuracy": "pass_at_1",
    "changed": "when",
    "cost": "cost_usd",
    "date": "when",
    "pass@1": "pass_at_1",
    "run": "folder",
    "speed": "decode_tokens_per_s",
    "time": "wall_s",
    "tokens/s": "decode_tokens_per_s",
}
"""Shorter words for what filters and orders are about."""
FACTS = frozenset((*COLUMNS, "tokens", "when")) - {"id", "stamp", "changed"}
_RISING = ("cost_usd", "wall_s", "generation_s", "grading_s", "tokens", "prompt_tokens", "completion_tokens")
"""Of these, less is better: the least comes first."""
_CONDITION = re.compile(r"(?P<key>[A-Za-z_][\w.\-]*)\s*(?P<sign>!=|>=|<=|=|>|<)(?P<value>.*)", re.DOTALL)
_AGO = re.compile(r"(?P<number>\d{1,6})(?P<unit>[hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">": lambda found, wanted: found > wanted,
    "<": lambda found, wanted: found < wanted,
    ">=": lambda found, wanted: found >= wanted,
    "<=": lambda found, wanted: found <= wanted,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is asked of a run: ``model=glm*,qwen*``, ``cost<0.5``, ``seed!=0``."""

    key: str
    """A fact of a row, or a dotted key of its configuration."""
    sign: str
    values: tuple[str, ...]

    @property
    def is_about_configuration(self) -> bool:
        """Whether the row alone can't tell."""
        return self.key not in FACTS

    def holds(self, found: Any) -> bool:
        """Say whether it holds of what a run has; what is not known fulfils only ``null`` and ``!=``."""
        if self.sign in _SIGNS:
            number, wanted = _number(found), _number(self.values[0])
            return number is not None and wanted is not None and _SIGNS[self.sign](number, wanted)
        return any(_alike(found, value) for value in self.values) == (self.sign == "=")


def condition(text: str) -> Condition:
    """Read a condition.

    Raises:
        UsageError: it is none.
    """
    match = _CONDITION.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"--where {text}: expected KEY=VALUE, such as model=glm or cost<0.5")
    sign, value = match["sign"], match["value"].strip()
    if sign in _SIGNS and _number(value) is None:
        raise UsageError(f"--where {text}: expected a number after {sign}, got '{value}'")
    values = tuple(part.strip() for part in value.split(",")) if sign in ("=", "!=") else (value,)
    return Condition(SHORT.get(match["key"], match["key"]), sign, values)


def since(text: str, now: datetime) -> datetime:
    """Return the moment that a text means: a date, a time, or so long ago (``12h``, ``7d``, ``4w``).

    Raises:
        UsageError: it is none.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            return now - timedelta(**{_UNITS[ago["unit"]]: int(ago["number"])})
        moment = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise UsageError(f"--since {text}: expected a date such as 2026-11-01, or 12h, 7d, 4w") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def chosen(
    rows: Iterable[RunRow],
    conditions: Sequence[Condition],
    configs: Configs,
    earliest: datetime | None = None,
) -> list[RunRow]:
    """Return the rows of which all conditions hold.

    Args:
        rows: of the history.
        conditions: all of which must hold.
        configs: gives the runs' configurations, if a condition is about these.
        earliest: runs that ended before are left out.

    Raises:
        UsageError: a condition is about something that no run has.
    """
    known = configs() if any(one.is_about_configuration for one in conditions) else {}
    listed = list(rows)
    for one in conditions:
        if one.is_about_configuration and listed:
            _check_key(one.key, [known.get(row.id, {}) for row in listed])
    return [
        row
        for row in listed
        if all(one.holds(fact(row, one.key, known)) for one in conditions)
        and (earliest is None or _ended(row) >= earliest.timestamp())
    ]


def table_in_order(table: LeaderTable, key: str) -> LeaderTable:
    """Return a table of the leaderboard with its leaders by a fact, the best first.

    Raises:
        UsageError: there is no such fact.
    """
    leaders = {leader.row.id: leader for leader in table.leaders}
    rows = ordered([leader.row for leader in table.leaders], key)
    return replace(table, leaders=tuple(leaders[row.id] for row in rows))


def fact(row: RunRow, key: str, configs: Mapping[int, Mapping[str, Any]]) -> Any:
    """Return what a run has under a key; None where it has nothing."""
    return getattr(row, key) if key in FACTS else _value(configs.get(row.id, {}), key)


def ordered(rows: Iterable[RunRow], key: str) -> list[RunRow]:
    """Return rows by a fact, the best first: the most, or the least of what is spent; unknown ones last.

    Raises:
        UsageError: there is no such fact.
    """
    name = SHORT.get(key, key)
    if name not in FACTS:
        raise UsageError(
            f"--sort {key}: {_suggested(key)}expected one of {', '.join(sorted(FACTS | SHORT.keys()))}"
        )
    listed = list(rows)
    known = [row for row in listed if getattr(row, name) not in (None, "")]
    falls = not (name in _RISING or (known and isinstance(getattr(known[0], name), str) and name != "when"))
    known.sort(key=lambda row: getattr(row, name), reverse=falls)
    return [*known, *(row for row in listed if getattr(row, name) in (None, ""))]


def _check_key(key: str, configs: Sequence[Mapping[str, Any]]) -> None:
    if not any(_has(config, key) for config in configs):
        known = ", ".join(sorted(FACTS | SHORT.keys()))
        raise UsageError(
            f"--where {key}: no run has it; {_suggested(key)}known: {known}, and the keys of a run's "
            "configuration, such as model.reasoning.answer_tokens"
        )


def _suggested(key: str) -> str:
    close = get_close_matches(key, [*FACTS, *SHORT], n=1)
    return f"did you mean '{close[0]}'? " if close else ""


def _has(config: Any, key: str) -> bool:
    head, _, rest = key.partition(".")
    return isinstance(config, Mapping) and head in config and (not rest or _has(config[head], rest))


def _value(config: Any, key: str) -> Any:
    for part in key.split("."):
        config = config.get(part) if isinstance(config, Mapping) else None
    return config


def _alike(found: Any, wanted: str) -> bool:
    if found is None or found == "":
        return wanted.lower() in ("null", "")
    if isinstance(found, bool):
        return str(found).lower() == wanted.lower()
    if isinstance(found, int | float):
        return _number(wanted) == found
    return fnmatchcase(str(found).lower(), wanted.lower())


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _ended(row: RunRow) -> float:
    return datetime.fromisoformat(row.when).timestamp() if row.when else row.changed
