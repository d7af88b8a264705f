"""The search for alterations by which the reference fails: what to try next, and what a trial has shown."""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from llmbench_plugins.validators.native.altered.places import Place, Rank
from llmbench_plugins.validators.native.altered.sets import Alteration, AlteredSet
from llmbench_plugins.validators.native.runner import TestRun

_KEPT = 10
"""One test in so many stays as it is."""
_FEWEST = 3
"""Where there are fewer, none does."""


class Search:
    """Looks for one alteration a unit; some units stay as they are, others for every set."""

    def __init__(self, places: Sequence[Place], tests: Iterable[str], seed: str, number: int) -> None:
        """Take the places, the tests that the reference passes, and the number of the set.

        Sets of one ``seed`` keep other tests and begin with other places, each by its number.
        """
        self._tests = set(tests)
        chance = random.Random(seed)  # noqa: S311 - the seed is the secret
        units: dict[str, list[Place]] = {}
        for place in places:
            units.setdefault(place.unit, []).append(place)
        kept = self._kept(units, chance, number)
        self._units = {
            unit: _ordered(found, chance, number)
            # What reaches few tests comes first: what reaches many makes them fail together.
            for unit, found in sorted(units.items(), key=lambda each: len(each[1][0].tests))
            if not _touches(unit, found, kept)
        }
        self._chance = random.Random(f"{seed} {number}")  # noqa: S311 - likewise
        self.good: list[Alteration] = []
        self._failing: set[str] = set()
        self._loose: set[str] = set()

    def _kept(self, units: Mapping[str, list[Place]], chance: random.Random, number: int) -> set[str]:
        """Return which rows stay as they are, or, where there are hardly any, which tests."""
        rows = sorted(unit for unit, found in units.items() if found[0].parts)
        names = rows if len(rows) >= _FEWEST else sorted(self._tests)
        if len(names) < _FEWEST:
            return set()
        chance.shuffle(names)
        count = max(1, len(names) // _KEPT)
        return {names[(number * count + each) % len(names)] for each in range(count)}

    def next(self) -> list[Alteration]:
        """Return what to try beside what is good already; nothing where there is no more to try."""
        pending = self._tests - self._failing
        chosen: list[Alteration] = []
        for unit, places in self._units.items():
            if not places or not self._wants(unit, places[0], pending):
                continue
            taken = [*self.good, *chosen]
            if found := self._untried(places, taken):
                chosen.append(found)
                if not found.parts:
                    pending -= found.tests
        return chosen

    def _wants(self, unit: str, place: Place, pending: set[str]) -> bool:
        """Say whether a unit could make a test fail that does not, or is a row that has no alteration yet."""
        if place.parts and not any(one.unit == unit for one in self.good):
            return True
        return bool(place.tests & pending) and not self._waits(unit, place.tests & pending)

    def _waits(self, unit: str, tests: Iterable[str]) -> bool:
        """Say whether rows of the same tests are still to be tried: what is no row alters all at once."""
        places = self._units[unit]
        if not places or places[0].parts:
            return False
        reached = set(tests)
        return any(
            found and found[0].parts and found[0].rank < Rank.NEGATED and reached & found[0].tests
            for found in self._units.values()
        )

    def _untried(self, places: list[Place], taken: Sequence[Alteration]) -> Alteration | None:
        while places:
            place = places.pop(0)
            made = Alteration.of(place, place.replacements[0])
            if not any(made.overlaps(other) for other in taken):
                return made
        return None

    def refused(self, tried: list[Alteration], run: TestRun, sources: "Lines") -> None:
        """Learn of alterations that did not compile, or after which the process ended early."""
        blamed = [each for each in tried if sources.blames(each, run.output)] if not run.cases else []
        if not blamed:
            silent = [each for each in tried if not each.tests & run.cases.keys()] or tried
            blamed = self._chance.sample(silent, (len(silent) + 1) // 2)
        tried[:] = [each for each in tried if each not in blamed]

    def learn(self, tried: Sequence[Alteration], run: TestRun) -> None:
        """Learn which alterations had an effect: the others are dropped."""
        failed = _names(run, "failed")
        effective = [one for one in tried if _reached(one, run) & failed]
        for one in tried:
            if one not in effective and one.rank <= Rank.NAMED:
                self._loose |= _reached(one, run)
        self.good += effective
        self._failing |= {test for one in self.good for test in one.tests} & failed

    def found(self, run: TestRun) -> AlteredSet:
        """Return the set that a run of the reference has proven: one over what is good alone."""
        failed, passed = _names(run, "failed"), _names(run, "passed")
        reached: dict[str, set[str]] = {}
        touched: set[str] = set()
        for one in self.good:
            touched |= one.tests | one.parts
            if not one.parts:
                touched |= {part for part in run.parts for test in one.tests if part.startswith(f"{test}/")}
            for name in (one.tests | one.parts) & failed:
                reached.setdefault(name, set()).add(one.where)
        return AlteredSet(
            alterations=tuple(self.good),
            fails={name: frozenset(places) for name, places in reached.items()},
            passes=frozenset((passed - touched) & self._tests),
            rows=frozenset((passed - touched) & run.parts.keys()),
            failing_rows=frozenset(reached.keys() & run.parts.keys()),
            loose=frozenset(self._loose & reached.keys()),
        )


class Lines:
    """Where alterations stand, for compilers' words about lines."""

    def __init__(self, sources: dict[str, bytes]) -> None:
        self._sources = sources

    def blames(self, one: Alteration, output: str) -> bool:
        """Say whether an output names the line of an alteration."""
        line = self._sources[one.path].count(b"\n", 0, one.start) + 1
        name = one.path.rpartition("/")[2]
        return bool(re.search(rf"{re.escape(name)}:{line}\b", output))


def _ordered(places: list[Place], chance: random.Random, number: int) -> list[Place]:
    """Return places by rank, each several times with one of its replacements; the sets begin with others."""
    ordered: list[Place] = []
    for rank in Rank:
        alike = [place for place in places if place.rank is rank]
        chance.shuffle(alike)
        start = number % len(alike) if alike else 0
        alike = [*alike[start:], *alike[:start]]
        for numbers in zip(*(_tried(place, chance, number) for place in alike), strict=True):
            ordered += [_with_one(place, each) for place, each in zip(alike, numbers, strict=True)]
    return ordered


def _tried(place: Place, chance: random.Random, number: int) -> tuple[int, int, int]:
    """Return which of a place's replacements are tried: a likely one, any other, and the last."""
    count = len(place.replacements)
    likely = (chance.randrange(_FEWEST) + number) % min(count, _FEWEST)
    return likely, likely + 1 + chance.randrange(count), count - 1


def _with_one(place: Place, number: int) -> Place:
    return replace(place, replacements=(place.replacements[number % len(place.replacements)],))


def _touches(unit: str, places: Sequence[Place], kept: set[str]) -> bool:
    return unit in kept or any(place.tests & kept for place in places)


def _names(run: TestRun, status: str) -> set[str]:
    return {name for named in (run.cases, run.parts) for name, case in named.items() if case.status == status}


def _reached(one: Alteration, run: TestRun) -> frozenset[str]:
    """Return the names that tell of an alteration: of rows where they are known, else of tests."""
    return (one.parts & run.parts.keys()) or one.tests
