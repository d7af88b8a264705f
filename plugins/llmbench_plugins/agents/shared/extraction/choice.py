"""Which passage becomes which file. docs/reference/extraction.md states the rules: keep it the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llmbench_plugins.agents.shared.extraction.languages import TEXT, is_test_name, related
from llmbench_plugins.agents.shared.extraction.passage import Passage
from llmbench_plugins.agents.shared.extraction.reader import Parsed
from llmbench_plugins.agents.shared.extraction.targets import Target

_NAMED, _UNNAMED, _TEXT, _FOREIGN = 3, 2, 1, 0


@dataclass(frozen=True, slots=True)
class Judged:
    """A passage, seen as the content of one file."""

    passage: Passage
    target: Target
    parsed: Parsed
    fits: int
    final: bool

    @property
    def covers(self) -> int:
        """How many of the names that the file must define it defines."""
        return len(self.target.wanted & self.parsed.names)

    @property
    def stub(self) -> bool:
        """Whether it has nothing of its own."""
        return self.parsed.stub or self.passage.text.strip() == self.target.starter

    @property
    def good(self) -> bool:
        """Whether it is code, and all that was asked for."""
        return self.parsed.whole and self.covers == len(self.target.wanted) and not self.stub

    @property
    def rank(self) -> tuple[int | bool, ...]:
        """What is compared, the weightiest first; of equals the last one counts."""
        return (
            self.good,
            self.covers,
            not self.stub,
            self.fits,
            self.parsed.whole,
            self.final,
            self.passage.method != "run",
            self.passage.end,
        )

    def why(self) -> str:
        """Return what speaks for it, in words."""
        facts = [
            "ends before it is whole" if self.target.reader.strict and not self.parsed.whole else "",
            "named so" if self.fits == _NAMED else "",
            f"labelled {self.passage.language}" if self._is_mislabelled() else "",
            f"named {self.passage.path}" if self.fits == _FOREIGN and self.passage.path else "",
            "parses" if self.target.reader.strict and self.parsed.whole else "",
            self._defines(),
            "a stub" if self.stub else "",
            f"without {self.passage.mended}" if self.passage.mended else "",
        ]
        facts[0] = "does not parse" if facts[0] else ""
        return ", ".join(filter(None, facts))

    def _is_mislabelled(self) -> bool:
        language = self.passage.language
        return self.fits == _FOREIGN and bool(language) and not related(language, self.target.family)

    def _defines(self) -> str:
        wanted = self.target.wanted
        if not wanted:
            return ""
        some = ", ".join(sorted(wanted)[:3]) + (" …" if len(wanted) > 3 else "")
        return (
            f"defines {some}"
            if self.covers == len(wanted)
            else f"defines {self.covers} of {len(wanted)} ({some})"
        )


def judged(passages: Iterable[Passage], target: Target, final: int, files: frozenset[str]) -> list[Judged]:
    """Return the passages that may be a file at all, as this file."""
    return [
        Judged(passage, target, target.reader(passage.text), fits, passage.start >= final)
        for passage in passages
        if (fits := _fits(passage, target, files)) is not None and passage.text.strip()
    ]


def best(candidates: Sequence[Judged]) -> Judged | None:
    """Return the best candidate: one of another name or language only where it is all that was asked for."""
    own = max((one for one in candidates if one.fits), key=lambda one: one.rank, default=None)
    if own is not None and (own.covers or not own.target.wanted):
        return own
    foreign = [one for one in candidates if not one.fits and one.good and one.target.wanted]
    return max(foreign, key=lambda one: one.rank, default=own)


def _fits(passage: Passage, target: Target, files: frozenset[str]) -> int | None:
    """Return how well name and label fit a file; None where they are those of another one."""
    if passage.path == target.path:
        if passage.language and not related(passage.language, target.family) and passage.language != TEXT:
            return None
        return _NAMED if passage.sure else _UNNAMED
    if passage.path:
        return None if passage.path in files or is_test_name(passage.path) else _FOREIGN
    if not passage.language or related(passage.language, target.family):
        return _UNNAMED
    return _TEXT if passage.language == TEXT else _FOREIGN
