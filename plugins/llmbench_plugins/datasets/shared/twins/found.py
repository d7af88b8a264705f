"""What a source file says about names: those that it defines, and those that mean something else there."""

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Names in one file, or in several."""

    free: frozenset[str] = frozenset()
    """Defined outside of any class: used bare, or after the name of a module."""
    members: frozenset[str] = frozenset()
    """Methods: used after a dot, on values whose type nobody tells."""
    barred: frozenset[str] = frozenset()
    """Names that stand for something of somebody else's, or for data."""
    barred_members: frozenset[str] = frozenset()
    """The same, but after a dot alone."""
    modules: frozenset[str] = frozenset()
    """What modules and packages of the task's own are called here: ``cache`` in ``cache.New``."""
    named: frozenset[str] = frozenset()
    """Names that stand as whole strings, and nowhere as data: ``__all__``, ``getattr``."""
    fields: frozenset[str] = frozenset()
    """Types that are embedded in others, where their names are those of fields."""
    quoted: frozenset[str] = frozenset()
    """All words that stand in quotes as a whole."""


def together(found: Iterable[Found]) -> Found:
    """Return what several files say."""
    listed = list(found)
    merged: dict[str, frozenset[str]] = {
        field.name: frozenset().union(*(getattr(each, field.name) for each in listed))
        for field in fields(Found)
    }
    return Found(**merged)
