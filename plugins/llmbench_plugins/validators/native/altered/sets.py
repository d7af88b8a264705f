"""Alterations of a suite's tests: which, and what became of the reference by them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from llmbench.api import Files
from llmbench_plugins.validators.native.altered.places import Place, Rank
from llmbench_plugins.validators.native.suite import Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """Bytes that stand for others."""

    path: str
    start: int
    end: int
    new: bytes
    unit: str
    tests: frozenset[str]
    parts: frozenset[str]
    rank: Rank

    @classmethod
    def of(cls, place: Place, new: bytes) -> "Alteration":
        """Take one of a place's replacements."""
        return cls(
            path=place.path,
            start=place.start,
            end=place.end,
            new=new,
            unit=place.unit,
            tests=place.tests,
            parts=place.parts,
            rank=place.rank,
        )

    @property
    def where(self) -> str:
        """The place's own name."""
        return f"{self.path}:{self.start}"

    def overlaps(self, other: "Alteration") -> bool:
        """Say whether both change the same bytes."""
        return self.path == other.path and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredSet:
    """Alterations that are made together, and what the reference did then."""

    alterations: tuple[Alteration, ...]
    fails: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The names of tests and of their parts that the reference fails, each with the places that reach it."""
    passes: frozenset[str] = frozenset()
    """The tests that nothing altered reaches, which it passes as before."""
    rows: frozenset[str] = frozenset()
    """Likewise parts of tests."""
    failing_rows: frozenset[str] = frozenset()
    """Those of ``fails`` that are parts of tests."""
    loose: frozenset[str] = frozenset()
    """Those that it passed though an expectation was altered: they may have several right answers."""

    def agreed(self, other: "AlteredSet") -> "AlteredSet":
        """Return what two runs over the same alterations agree on."""
        return replace(
            self,
            fails={name: places for name, places in self.fails.items() if name in other.fails},
            passes=self.passes & other.passes,
            rows=self.rows & other.rows,
            failing_rows=self.failing_rows & other.failing_rows,
        )

    def ranks(self) -> dict[str, Rank]:
        """Return what was altered of each test that the reference fails."""
        found: dict[str, Rank] = {}
        for one in sorted(self.alterations, key=lambda each: each.rank, reverse=True):
            found |= dict.fromkeys(one.tests & self.fails.keys(), one.rank)
        return found


def altered(suite: Suite, alterations: Iterable[Alteration]) -> Suite:
    """Return a suite with alterations made, of which no two overlap."""
    made = list(alterations)
    return replace(suite, tests=_altered(suite.tests, made), support=_altered(suite.support, made))


def _altered(files: Files, alterations: list[Alteration]) -> dict[str, bytes]:
    changed = dict(files)
    for one in sorted(alterations, key=lambda each: each.start, reverse=True):
        if one.path in changed:
            before = changed[one.path]
            changed[one.path] = before[: one.start] + one.new + before[one.end :]
    return changed
