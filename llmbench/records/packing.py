"""Packing a run into a bundle: the same bytes wherever it is packed, and nothing of the machine in them.

Tasks, prompts and reasoning are left out unless they are asked for: they are others' work, and not needed to
grade an answer again.
"""

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from llmbench.errors import UsageError
from llmbench.records import journal, manifest, monitors
from llmbench.records.anonymous import Anonymous
from llmbench.records.bundle import FILE, Bundle, bundle_of
from llmbench.records.names import fitting_path
from llmbench.records.record import Record
from llmbench.records.samples import sample_folder
from llmbench.records.transcript import CompletionEvent, Event, SubmissionEvent, VerdictEvent, scan_transcript

TRANSCRIPT = "transcript.jsonl"
TEXTS = ("response.md", "patch.diff", "stdout.log", "stderr.log")
"""What of a try goes in, as far as it is there."""
MORE_TEXTS = ("prompt.md", "reasoning.md", "agent.stdout.log", "agent.stderr.log")
"""What goes in with the transcripts."""
_DATE = (1980, 1, 1, 0, 0, 0)
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Masks:
    """What keeps the machine out of a bundle: strict in the manifest, lenient in answers, which are code."""

    manifest: Anonymous
    texts: Anonymous
    answers: Anonymous


@dataclass(frozen=True, slots=True)
class Packed:
    """What was written."""

    samples: int
    bundle: Bundle
    lost: Sequence[str]
    """Samples whose transcript can't be read as a whole."""


def pack(run: Path, output: Path, masks: Masks, *, transcripts: bool) -> Packed:
    """Write the bundle of a run folder.

    Raises:
        UsageError: it is no run folder, its manifest can't be read, or ``output`` can't be written.
    """
    packing = _Packing(run, masks, transcripts=transcripts)
    files = dict(sorted(packing.files()))
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    earlier = bundle_of(run)
    known = earlier.bundle.altered if earlier else ()
    bundle = Bundle(
        run=f"{run.resolve().parent.name}/{run.resolve().name}",
        transcripts=transcripts and (earlier is None or earlier.bundle.transcripts),
        altered=tuple(dict.fromkeys([*known, *packing.altered])),
        files=digests,
    )
    head = msgspec.json.format(_ENCODER.encode(bundle), indent=2) + b"\n"
    _write(output, {FILE: head, **files})
    return Packed(packing.samples, bundle, packing.lost)


class _Packing:
    def __init__(self, run: Path, masks: Masks, *, transcripts: bool) -> None:
        self._run = run
        self._masks = masks
        self._transcripts = transcripts
        self.altered: list[str] = []
        self.lost: list[str] = []
        self.samples = 0

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the files by name."""
        about = manifest.read_manifest(self._run)
        data = _ENCODER.encode(self._masks.manifest.value(about))
        yield manifest.FILE, msgspec.json.format(data, indent=2) + b"\n"
        records = journal.read_journal(self._run / journal.FILE)
        yield journal.FILE, _lines(self._masks.texts.value(record) for record in records.values())
        if (watched := self._run / monitors.FILE).is_file():
            yield monitors.FILE, self._masks.texts.text(_text(watched)).encode()
        for record in records.values():
            self.samples += 1
            yield from self._sample(record)

    def _sample(self, record: Record) -> Iterator[tuple[str, bytes]]:
        folder = sample_folder(self._run, *record.key)
        place = f"samples/{fitting_path(record.task)}/{record.sample}"
        content = scan_transcript(folder / TRANSCRIPT)
        name = f"{record.task}#{record.sample}"
        if content.damaged:
            self.lost.append(name)
        kept = content.events if self._transcripts else tuple(_needed(content.events))
        events = [self._masked(event) for event in kept]
        if any(_submits(one) != _submits(other) for one, other in zip(kept, events, strict=True)):
            self.altered.append(name)
        if events:
            yield f"{place}/{TRANSCRIPT}", _lines(events)
        for path in sorted(folder.glob("try-*/*")):
            if path.name in (TEXTS + MORE_TEXTS if self._transcripts else TEXTS) and path.is_file():
                yield f"{place}/{path.parent.name}/{path.name}", self._masks.texts.text(_text(path)).encode()

    def _masked(self, event: Event) -> Event:
        answers = self._masks.answers
        if isinstance(event, CompletionEvent):
            masked: Event = answers.value(event)
        elif isinstance(event, SubmissionEvent):
            files = {answers.text(path): answers.data(data) for path, data in event.files.items()}
            refused = [answers.text(path) for path in event.refused]
            masked = SubmissionEvent.of(event.number, files, refused, self._masks.texts.value(event.notes))
        else:
            masked = self._masks.texts.value(event)
        return masked


def _needed(events: Sequence[Event]) -> Iterator[Event]:
    """Yield what an answer is graded by: of each try the last answer, what was submitted, and the verdict."""
    for number in sorted({event.number for event in events}):
        for kind in (CompletionEvent, SubmissionEvent, VerdictEvent):
            found = [event for event in events if event.number == number and isinstance(event, kind)]
            yield from map(_bare, found[-1:])


def _bare(event: Event) -> Event:
    if isinstance(event, CompletionEvent):
        return replace(event, messages=(), completion=replace(event.completion, reasoning="", raw={}))
    return replace(event, feedback="") if isinstance(event, VerdictEvent) else event


def _submits(event: Event) -> object:
    """Return what of an event grading depends on."""
    if isinstance(event, SubmissionEvent):
        return event.files
    return event.completion.content if isinstance(event, CompletionEvent) else None


def _lines(values: Iterator[object] | Sequence[object]) -> bytes:
    return b"".join(_ENCODER.encode(value) + b"\n" for value in values)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _write(output: Path, files: dict[str, bytes]) -> None:
    """Write the archive by way of a second file; times and rights are no part of what is packed."""
    temporary = output.with_name(f".{output.name}.part")
    try:
        with zipfile.ZipFile(temporary, "w") as archive:
            for name, data in files.items():
                entry = zipfile.ZipInfo(name, _DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3  # Unix, wherever it is packed
                entry.external_attr = 0o100644 << 16
                archive.writestr(entry, data, compresslevel=9)
        temporary.replace(output)
    except OSError as error:
        raise UsageError(f"export: --bundle {output} can't be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            temporary.unlink()
