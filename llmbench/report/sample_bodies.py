"""What is to be seen of a sample that did not pass: its answer, its changes and what the tests printed."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from llmbench.records.record import Record
from llmbench.records.samples import sample_folder
from llmbench.records.transcript import last_submission
from llmbench.report.excerpts import Excerpt, excerpt, file_excerpt
from llmbench.report.sample_rows import Row
from llmbench.report.words import count, inert, one_line, plural

_ANSWER, _DIFF, _OUTPUT = 6_000, 6_000, 4_000
"""Characters that are shown of a part."""
_MOST_FILES = 10
_UNCLEAR = ("no code found", "changed nothing", "unreadable answer", "tool never called")
"""Classes in which the files say less than what the model said."""
_CHANGED = re.compile(r"^@@ -(?!0,0 )", re.MULTILINE)
_RUNS = re.compile(
    r"(?P<add>(?:^\+(?!\+\+ ).*\n?)+)|(?P<drop>(?:^-(?!-- ).*\n?)+)|(?:^(?:[^+\n-]|\+\+\+ |--- ).*\n?|^\n)+",
    re.MULTILINE,
)
"""Lines of a diff that belong together."""


@dataclass(frozen=True, slots=True)
class Part:
    """A text with a title."""

    title: str
    text: str
    note: str = ""
    is_diff: bool = False

    @property
    def runs(self) -> Iterator[tuple[str, str]]:
        """The text in pieces, each with the HTML element that says whether it was added or taken away."""
        if not self.is_diff:
            yield "", self.text
            return
        for found in _RUNS.finditer(self.text):
            yield "ins" if found["add"] else "del" if found["drop"] else "", found[0]


@dataclass(frozen=True, slots=True)
class Body:
    """What a sample's fold holds."""

    facts: str
    parts: tuple[Part, ...]
    command: str
    """Shows all of it on a terminal."""
    folder: str
    """Where the whole texts are, in the run's folder."""


def body_of(folder: Path, name: str, row: Row) -> Body:
    """Read a sample's texts from a run's folder.

    Args:
        folder: the run's.
        name: by which commands know the run.
        row: of a sample that has a body.
    """
    sample = sample_folder(folder, *row.key)
    record = row.record
    tries = record.tries if record is not None else ()
    texts = sample / f"try-{tries[-1].number if tries else 1}"
    words = ["llmbench", "show", name, row.key[0], *(["--sample", str(row.key[1])] if row.key[1] else [])]
    return Body(
        facts=_facts(row, record, len(tries)),
        parts=tuple(part for part in _parts(sample, texts, row.failure) if part.text),
        command=inert(shlex.join(words)),
        folder=inert(str(texts.relative_to(folder))),
    )


def _facts(row: Row, record: Record | None, tries: int) -> str:
    told = [
        f"try {tries} of {tries}, the last" if tries > 1 else "",
        f"{row.tests} tests passed" if row.tests else "",
        f"{row.tokens} completion tokens" if row.tokens else "",
        row.seconds,
    ]
    chosen = record.tries[-1].notes.get("chosen") if record is not None and record.tries else None
    if isinstance(chosen, dict):
        told += [one_line(f"{path}: {why}", 200) for path, why in chosen.items()][:_MOST_FILES]
    return " · ".join(fact for fact in told if fact)


def _parts(sample: Path, texts: Path, failure: str) -> Iterator[Part]:
    files = list(submitted(sample / "transcript.jsonl"))
    if not files or failure in _UNCLEAR:
        said = file_excerpt(texts / "response.md", _ANSWER)
        yield _part("What the model said", said)
    yield from files
    patch = file_excerpt(texts / "patch.diff", _DIFF)
    if _CHANGED.search(patch.text):
        yield Part("Changes to the starter files", patch.text, patch.note, is_diff=True)
    yield _part("Test output", file_excerpt(texts / "stdout.log", _OUTPUT))
    yield _part("Test errors", file_excerpt(texts / "stderr.log", _OUTPUT))


def submitted(transcript: Path, room: int = _ANSWER) -> Iterator[Part]:
    """Yield the files that were last submitted, in about ``room`` characters together."""
    event = last_submission(transcript)
    files = list(event.files.items()) if event else []
    for path, content in files[:_MOST_FILES]:
        shown = _content(content, room)
        room = max(room - len(shown.text), 200)
        yield _part(f"Answer: {one_line(path)}", shown)
    if len(files) > _MOST_FILES:
        yield Part("Answer", f"[… {plural(len(files) - _MOST_FILES, 'file')} more]")


def _content(content: bytes, room: int) -> Excerpt:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return Excerpt(f"[no text: {count(len(content))} bytes]")
    return excerpt(text, room) if text.strip() else Excerpt("[an empty file]")


def _part(title: str, shown: Excerpt) -> Part:
    return Part(title, shown.text, shown.note)
