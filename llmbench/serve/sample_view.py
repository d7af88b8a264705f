"""One sample as tabs: what was asked, answered, changed, printed and judged, as far as a page can hold it."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from llmbench.errors import LlmbenchError
from llmbench.records.record import TryRecord
from llmbench.records.samples import sample_folder
from llmbench.report.excerpts import excerpt, file_excerpt
from llmbench.report.read import Run, reference
from llmbench.report.sample_bodies import Part, submitted
from llmbench.report.sample_rows import Row
from llmbench.report.stored import try_numbers
from llmbench.report.transcript import Entry, read_entries
from llmbench.report.words import count, inert, one_line, seconds
from llmbench.serve.runs import RunName

LONGEST = 64_000
"""Characters of a text on a page; the whole of it is a file of its own."""
_SHORTEST = 400
"""Characters of an entry of a conversation, however long the others are."""
_MOST_ENTRIES = 300
_REASON = 1000
_MOST_FILES = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """A text of a tab: its parts, or why there is none."""

    part: Part
    whole: str = ""
    """Address of all of it, where that is not all."""
    said: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Pane:
    """A tab."""

    anchor: str
    title: str
    pieces: Sequence[Piece] = ()
    missing: str = ""
    """What stands there where nothing is."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a sample's folder."""

    path: str
    size: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A sample as a page shows it."""

    row: Row
    number: int
    """The try that is shown."""
    tries: Mapping[int, str]
    """What became of each, by number."""
    reason: str
    """Why it did not pass, in a line."""
    facts: Sequence[str]
    chosen: Sequence[str]
    """Which passage of the answer each file was taken from, and why."""
    panes: Sequence[Pane]
    files: Sequence[File]
    command: str


def view(run: Run, name: RunName, row: Row, wanted: int | None) -> View:
    """Read a sample from its folder.

    Args:
        run: that it is of.
        name: of the run, in addresses.
        row: of the sample.
        wanted: the try; None for the last.
    """
    folder = sample_folder(run.folder, *row.key)
    done = {one.number: one for one in row.record.tries} if row.record else {}
    numbers = sorted({*done, *(try_numbers(folder) if _is_plain(run.folder, folder) else ())})
    last = numbers[-1] if numbers else 1
    number = wanted if wanted is not None and wanted in numbers else last
    reader = _Reader(run, name, row, folder, number, is_last=number == last)
    return View(
        row=row,
        number=number,
        tries={one: str(done[one].outcome) if one in done else "not judged" for one in numbers},
        reason=one_line(done[number].reason if number in done else row.reason, _REASON),
        facts=tuple(_facts(row, done.get(number))),
        chosen=tuple(_chosen(done.get(number))),
        panes=tuple(reader.panes()),
        files=tuple(reader.files()),
        command=_command(run, row),
    )


def conversation(folder: Path, task: str, sample: int) -> list[Entry]:
    """Return a sample's conversation.

    Raises:
        LlmbenchError: it can't be read, or a link stands in its place.
    """
    path = sample_folder(folder, task, sample)
    if not _is_plain(folder, path / "transcript.jsonl"):
        raise LlmbenchError("a link is not followed")
    return read_entries(path)


def artifact(name: RunName, path: str) -> str:
    """Return the address of a file of a run, below the dashboard's own."""
    return f"/artifacts/{quote(name.dataset, safe='')}/{quote(name.name, safe='')}/{quote(path)}"


def sample_address(name: RunName, task: str) -> str:
    """Return the address of a task's sample, below the dashboard's own; its number is a parameter."""
    return f"/runs/{quote(name.dataset, safe='')}/{quote(name.name, safe='')}/samples/{quote(task)}"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the texts of one try."""

    run: Run
    name: RunName
    row: Row
    sample: Path
    number: int
    is_last: bool

    def panes(self) -> Iterator[Pane]:
        yield self._pane("prompt", "Prompt", [("", "prompt.md")], "No model was asked.")
        yield self._answer()
        yield self._pane("reasoning", "Reasoning", [("", "reasoning.md")], "It told of no reasoning.")
        yield self._diff()
        logs = [("Test output", "stdout.log"), ("Test errors", "stderr.log")]
        yield self._pane("test-log", "Test log", logs, "The tests printed nothing, or did not run.")
        yield self._transcript()
        yield self._pane("verdict", "Verdict", [("", "verdict.json")], "It was not judged.")

    def files(self) -> Iterator[File]:
        """Yield the files of the sample's folder, links left out."""
        if not _is_plain(self.run.folder, self.sample):
            return
        found = [self.sample / "transcript.jsonl", *sorted((self.sample / self._try).glob("*"))]
        for path in found[:_MOST_FILES]:
            if path.is_file() and _is_plain(self.run.folder, path):
                below = path.relative_to(self.sample).as_posix()
                yield File(inert(below), f"{count(path.stat().st_size)} bytes", self._href(path))

    @property
    def _try(self) -> str:
        return f"try-{self.number}"

    def _pane(self, anchor: str, title: str, files: Sequence[tuple[str, str]], missing: str) -> Pane:
        pieces = [piece for label, file in files if (piece := self._file(label, file))]
        return Pane(anchor, title, pieces, missing)

    def _file(self, title: str, file: str, *, is_diff: bool = False) -> Piece | None:
        path = self.sample / self._try / file
        if not _is_plain(self.run.folder, path):
            return Piece(Part(title, ""), said=f"{file}: a link is not followed")
        shown = file_excerpt(path, LONGEST)
        if shown.text:
            whole = self._href(path) if shown.note else ""
            return Piece(Part(title, shown.text, shown.note, is_diff=is_diff), whole)
        problem = _unreadable(path)
        return Piece(Part(title, ""), said=f"{file} can't be read: {problem}") if problem else None

    def _answer(self) -> Pane:
        transcript = self.sample / "transcript.jsonl"
        files = (
            submitted(transcript, LONGEST) if self.is_last and _is_plain(self.run.folder, transcript) else ()
        )
        taken = [Piece(part, self._href(transcript) if part.note else "") for part in files]
        said = self._file("What the model said", "response.md")
        return Pane(
            "answer", "Answer", [*([said] if said else []), *taken], "Nothing was stored of its answer."
        )

    def _diff(self) -> Pane:
        piece = self._file("", "patch.diff", is_diff=True)
        missing = "It changed none of the starter files."
        return Pane("diff", "Diff", [piece] if piece else [], missing)

    def _transcript(self) -> Pane:
        missing = "Nothing was stored of the conversation."
        try:
            entries = conversation(self.run.folder, *self.row.key)
        except (LlmbenchError, OSError) as error:
            said = f"transcript.jsonl can't be read: {one_line(str(error))}"
            return Pane("transcript", "Transcript", [Piece(Part("", ""), said=said)])
        own = [entry for entry in entries if entry.number in (0, self.number)]
        return Pane("transcript", "Transcript", list(self._entries(own)), missing)

    def _entries(self, entries: Sequence[Entry]) -> Iterator[Piece]:
        asked = urlencode({"sample": self.row.key[1], "as": "text"})
        whole = f"{sample_address(self.name, self.row.key[0])}?{asked}"
        room = LONGEST
        for entry in entries[:_MOST_ENTRIES]:
            shown = excerpt(entry.text, max(room, _SHORTEST))
            room -= len(shown.text)
            part = Part(one_line(entry.title), shown.text, shown.note)
            yield Piece(part, whole if shown.note else "", one_line(entry.facts), entry.kind)
        if len(entries) > _MOST_ENTRIES:
            yield Piece(Part("", ""), whole, f"{count(len(entries) - _MOST_ENTRIES)} more entries")

    def _href(self, path: Path) -> str:
        return artifact(self.name, path.relative_to(self.run.folder).as_posix())


def _facts(row: Row, done: TryRecord | None) -> Iterator[str]:
    record = row.record
    if done is not None and (done.tests_expected or done.tests_run):
        yield f"{done.tests_passed} of {done.tests_expected or done.tests_run} tests passed"
    if record is None:
        return
    if row.tokens:
        yield f"{row.tokens} completion tokens"
    yield f"asked {seconds(record.timing.generation_s)}, graded {seconds(record.timing.grading_s)}"
    if record.models:
        yield f"answered by {one_line(', '.join(record.models))}"


def _chosen(done: TryRecord | None) -> Iterator[str]:
    noted = done.notes.get("chosen") if done else None
    for path, why in list(noted.items())[:_MOST_FILES] if isinstance(noted, Mapping) else ():
        yield one_line(f"{path}: {why}", 300)


def _command(run: Run, row: Row) -> str:
    several = ["--sample", str(row.key[1])] if row.key[1] else []
    return inert(shlex.join(["llmbench", "show", reference(run.folder), row.key[0], *several]))


def _is_plain(folder: Path, path: Path) -> bool:
    """Say whether a path leads below a folder without a link."""
    below = path.relative_to(folder).parts
    return not any(folder.joinpath(*below[:end]).is_symlink() for end in range(1, len(below) + 1))


def _unreadable(path: Path) -> str:
    """Return why a file that is there gave no text; an empty string where it is empty or missing."""
    try:
        with path.open("rb"):
            return ""
    except FileNotFoundError:
        return ""
    except OSError as error:
        return error.strerror or type(error).__name__
