"""What one model of Anthropic's can do: as its API says, else as its name tells."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from llmbench_plugins.backends.shared.foreign import count, mapping, section, word

_NUMBER = re.compile(r"(?<=-)\d{1,2}(?=-|$)")
_FIRST_ADAPTIVE = (4, 6)
_LAST_WITH_BUDGETS = (4, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claude:
    """A model, and which words for thinking it takes."""

    id: str
    context: int | None = None
    max_tokens: int | None = None
    """The longest answer that it gives."""
    budgets: bool
    """It takes a number of tokens for thinking."""
    adaptive: bool
    """It finds out itself how much to think, and may think unasked."""
    efforts: frozenset[str] | None = None
    """The levels of effort that it takes; None where that is not known."""

    @classmethod
    def of(cls, name: str, entry: object) -> Self:
        """Return what ``/v1/models/NAME`` tells; gateways often tell nothing."""
        told = mapping(entry)
        can = section(told, "capabilities")
        types = section(section(can, "thinking"), "types")
        version = _version(name)
        budgets, adaptive = _says(types, "enabled"), _says(types, "adaptive")
        return cls(
            id=word(told.get("id")) or name,
            context=count(told.get("max_input_tokens")),
            max_tokens=count(told.get("max_tokens")),
            budgets=version <= _LAST_WITH_BUDGETS if budgets is None else budgets,
            adaptive=version >= _FIRST_ADAPTIVE if adaptive is None else adaptive,
            efforts=_efforts(can),
        )

    @property
    def rest(self) -> str:
        """The word that keeps it from thinking."""
        return "between_tools" if self.id.startswith("claude-sonnet-5-5") else "disabled"


def _version(name: str) -> tuple[int, int]:
    """Return the version in a model's name; one without is taken for a new one."""
    numbers = [int(found) for found in _NUMBER.findall(name)[:2]]
    return (numbers[0], numbers[1] if len(numbers) > 1 else 0) if numbers else (99, 0)


def _says(known: Mapping[str, Any], key: str) -> bool | None:
    told = section(known, key).get("supported")
    return told if isinstance(told, bool) else None


def _efforts(can: Mapping[str, Any]) -> frozenset[str] | None:
    effort = mapping(can.get("effort"))
    if "supported" not in effort:
        return None
    return frozenset(level for level in effort if level != "supported" and _says(effort, level))
