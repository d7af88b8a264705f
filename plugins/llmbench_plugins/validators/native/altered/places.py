"""What of a test may be altered: the contract of the modules by language.

A module a language (``go.py``, ``rust.py``), with one function ``places(suite) -> Iterable[Place]``: it reads
the sources of tests and returns what stands in them as an expected value. It need not be right: an alteration
counts only once the reference has failed by it. But what is no expectation (a test's input) should have no
place, or the last rank: a right answer may treat other inputs otherwise than the reference does.
"""

import importlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from llmbench_plugins.validators.native.suite import Suite

LANGUAGES = ("cpp", "go", "java", "javascript", "python", "rust")
"""Those whose tests can be altered."""
_STRING = re.compile(rb"""[a-z]{0,2}["'`](?=[^\n]{2,}$)""")
_LIKELY = 3
"""So many strings of other tests may stand for one."""


class Rank(IntEnum):
    """How surely a place is an expectation: the lower, the sooner it is taken."""

    COMPARED = 0
    """A value that an assertion compares with what the answer returned."""
    NAMED = 1
    """A value that is called what expectations are called, or takes part in a comparison by another name."""
    UNKNOWN = 2
    """A value in a table of cases, of which nothing more is known."""
    NEGATED = 3
    """A whole assertion, turned round: what equals everything fails it as the reference does."""
    OUTCOME = 4
    """Whether a test is to panic or to fail: nothing that it compares is altered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Bytes of a file of tests for which others may stand, so that a right answer fails."""

    path: str
    start: int
    end: int
    replacements: tuple[bytes, ...]
    """Each compiles in this place, as far as can be told, and no line begins or ends in it. The likelier ones
    come first, and last what is tried where others had no effect."""
    unit: str
    """What takes one alteration at a time: a test, or a row of a table of cases."""
    tests: frozenset[str]
    """The names of the tests that it reaches, as the runner says them."""
    parts: frozenset[str] = frozenset()
    """Of a row: its names where its tests report rows apart (``TestRun.parts``)."""
    rank: Rank = Rank.COMPARED

    @property
    def where(self) -> str:
        """The place's own name."""
        return f"{self.path}:{self.start}"


def places_of(suite: Suite) -> Sequence[Place]:
    """Return the places of a suite's tests; none in languages that have no module."""
    if suite.language not in LANGUAGES:
        return ()
    module = importlib.import_module(f"{__package__}.{suite.language}")
    found: Iterable[Place] = module.places(suite)
    return with_likely_strings([place for place in found if place.replacements and place.tests], suite)


def with_likely_strings(places: Sequence[Place], suite: Suite) -> list[Place]:
    """Let a string be replaced by what other tests expect, first of all.

    Another letter makes a word that is none, which could be seen without knowing what is right.
    """
    texts = [suite.hidden[place.path][place.start : place.end] for place in places]
    alike: dict[tuple[str, bytes], dict[bytes, None]] = {}
    for place, text in zip(places, texts, strict=True):
        if found := _STRING.match(text):
            alike.setdefault((place.path, found[0]), {})[text] = None
    changed = []
    for place, text in zip(places, texts, strict=True):
        found = _STRING.match(text)
        others = alike.get((place.path, found[0] if found else b""), {})
        nearest = sorted((other for other in others if other != text), key=lambda o: abs(len(o) - len(text)))
        changed.append(replace(place, replacements=(*nearest[:_LIKELY], *place.replacements)))
    return changed
