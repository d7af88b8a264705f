"""Takes the files out of an answer: candidates by several methods, a choice by rank, and a second look."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from llmbench.api import Task
from llmbench_plugins.agents.shared.extraction.audit import overlooked
from llmbench_plugins.agents.shared.extraction.choice import Judged, best, judged
from llmbench_plugins.agents.shared.extraction.data import in_data
from llmbench_plugins.agents.shared.extraction.fences import Fences
from llmbench_plugins.agents.shared.extraction.languages import family_of, is_test_name, related
from llmbench_plugins.agents.shared.extraction.marks import boundaries, final_start, marks_in, normalised
from llmbench_plugins.agents.shared.extraction.naming import Names
from llmbench_plugins.agents.shared.extraction.parts import joined
from llmbench_plugins.agents.shared.extraction.passage import Passage
from llmbench_plugins.agents.shared.extraction.reader import Allowance, Reader
from llmbench_plugins.agents.shared.extraction.runs import bared, runs
from llmbench_plugins.agents.shared.extraction.tags import tagged, written
from llmbench_plugins.agents.shared.extraction.targets import Target, main_file, target_of, targets_of

_MOST_MARKS = 4000
_PARTS_OF_PAGES = ("css", "javascript")
_VISIBLE = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True)
class Extracted:
    """The files of an answer and how they were found."""

    files: dict[str, str]
    how: str
    """named, fence, tag, heredoc, data, run, whole, joined, or none: of the main file or the first."""
    fences: int
    unused_code: bool = False
    """What was taken is no answer, although something else in the text looks like one."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """For each file, which passage it was and why."""


def extract(content: str, task: Task) -> Extracted:
    """Return the files that an answer holds for this task."""
    return _Extraction(content, task).result()


class _Extraction:
    def __init__(self, content: str, task: Task) -> None:
        self._content = content
        self._task = task
        self._text = normalised(content)
        self._allowance = Allowance.of(self._text)
        self._names = Names(task)
        self._targets = targets_of(task, self._allowance)
        self._main = next((target for target in self._targets if target.path == main_file(task)), None)
        self._files = frozenset(target.path for target in self._targets)
        self._final = final_start(self._text)
        self._fences = self._found_fences()

    def result(self) -> Extracted:
        passages = [*self._fences, *self._others()]
        found = self._others_than_main(passages)
        if self._main is not None and (main := self._for_main(self._main, passages, found)):
            found = {self._main.path: main} | found
        files = {path: one.passage.text for path, one in found.items()}
        first = next(iter(found.values()), None)
        steering = {p.path: p.text for p in self._fences if p.sure and self._steers(p.path)}
        return Extracted(
            files={**steering, **files},
            how=_how(first) if first else "none",
            fences=len(self._fences),
            unused_code=self._main is not None
            and overlooked(self._content, self._main, files.get(self._main.path, "")),
            chosen={path: self._reason(one, len(passages)) for path, one in found.items()},
        )

    def _found_fences(self) -> list[Passage]:
        marks = [mark for mark, _ in zip(marks_in(self._text, self._names), range(_MOST_MARKS), strict=False)]
        return list(Fences(self._text, marks, boundaries(self._text), self._names, self._reader_of))

    def _others(self) -> Iterator[Passage]:
        html = any(target.family in ("vue", "html", "javascript") for target in self._targets)
        yield from tagged(self._text, self._names, self._reader_of, beside_html=html)
        yield from written(self._text, self._names)
        yield from in_data(self._text, self._names)

    def _reader_of(self, language: str, path: str) -> Reader | None:
        """Return what reads a passage of this label and name; None where only its form can be gone by."""
        family = language or (family_of(path) if path else self._main.family if self._main else "")
        target = next((t for t in self._targets if t.path == path), None) or next(
            (t for t in self._targets if t.family == family), None
        )
        if target is None and path and self._task.may_change(path):
            target = target_of(path, self._task, self._allowance)
        return target.reader if target and related(target.family, family) else None

    def _others_than_main(self, passages: Sequence[Passage]) -> dict[str, Judged]:
        """Return the files beside the main one: those that are named, or define all of what one should."""
        found = {}
        named = {
            p.path for p in passages if p.sure and p.path not in self._files and self._task.may_change(p.path)
        }
        new = [target_of(path, self._task, self._allowance) for path in sorted(named)]
        for target in [*self._targets, *new]:
            if target is self._main:
                continue
            candidates = self._judged(passages, target)
            own = [
                one
                for one in candidates
                if one.passage.path == target.path
                or (one.good and target.wanted)
                or self._is_part_of_page(one.passage, target)
            ]
            if (one := best(own)) is not None and one.fits:
                found[target.path] = one
        return found

    def _is_part_of_page(self, passage: Passage, target: Target) -> bool:
        """Say whether a fence without a name is the one script or style sheet of a page."""
        of_a_page = (
            self._main is not None and self._main.family == "html" and target.family in _PARTS_OF_PAGES
        )
        alone = [each.family for each in self._targets].count(target.family) == 1
        return of_a_page and alone and not passage.path and passage.language == target.family

    def _for_main(
        self, target: Target, passages: Sequence[Passage], others: Mapping[str, Judged]
    ) -> Judged | None:
        taken = {one.passage.start for one in others.values()}
        mine = [p for p in passages if p.start not in taken or p.path == target.path]
        seen = self._judged([*self._whole(target), *mine], target)
        one = best(seen)
        if one is None or not one.good:
            seen += self._judged(self._runs(target), target)
            one = best(seen)
        if one and target.family == "python" and one.parsed.whole and (whole := joined(one, seen)):
            one = self._judged([whole], target)[0]
        if one and others and one.passage.path != target.path and not (one.covers or one.good):
            return None
        return one

    def _judged(self, passages: Iterable[Passage], target: Target) -> list[Judged]:
        return judged(passages, target, self._final, self._files)

    def _whole(self, target: Target) -> Iterator[Passage]:
        """Yield the answer itself, where all of it is code."""
        whole = Passage(method="whole", text=self._text, start=0, end=len(self._text))
        python = target.family == "python"
        if target.reader.strict and (python or not self._fences) and target.reader(self._text).whole:
            yield whole

    def _runs(self, target: Target) -> Iterator[Passage]:
        """Yield what is code without regard for marks; in another file's fence it keeps that file's name."""
        others = [p for p in self._fences if p.path and p.path != target.path]
        closed = [p for p in others if p.path in self._files or is_test_name(p.path)]
        text = _without(self._text, closed)
        for run in runs(text, target.reader, target.family):
            around = next((p for p in others if p.start <= run.start < p.end), None)
            yield replace(run, path=around.path) if around else run
        for passage in [*self._fences, Passage(method="run", text=text, start=0, end=len(text))]:
            for bare, mended in bared(passage.text):
                yield replace(passage, text=bare, mended=mended)

    def _steers(self, path: str) -> bool:
        """Say whether a file is handed on although it may not be changed: one that could steer the grader."""
        known = path in self._files or not path
        return not known and self._task.is_protected(path) and not is_test_name(path)

    def _reason(self, one: Judged, count: int) -> str:
        line = self._text.count("\n", 0, one.passage.start) + 1
        others = f" (of {count} passages)" if count > 1 else ""
        why = one.why()
        return f"{one.passage.method} at line {line}{others}{': ' if why else ''}{why}"


def _how(one: Judged) -> str:
    return "named" if one.passage.path == one.target.path and one.passage.sure else one.passage.method


def _without(text: str, passages: Iterable[Passage]) -> str:
    """Return a text with blanks in place of passages, so that places in it stay what they are."""
    pieces, at = [], 0
    for passage in passages:
        pieces += [text[at : passage.start], _VISIBLE.sub(" ", text[passage.start : passage.end])]
        at = passage.end
    return "".join([*pieces, text[at:]])
