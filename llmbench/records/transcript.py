"""The transcript of a sample: every completion, on disk before it is used, and what each try submitted.

It is what makes a sample resumable: a completion found here is never asked for again. One JSON event a line:

``completion``  number of the try, call, digest of the request, messages new since the last call, completion
``error``       number, call, kind, message, raw: a request that brought no completion
``tool``        number, call, index, step: a tool call that was done or refused, and what came of it
``submission``  number, files, refused, notes: what a try handed to the validator
``verdict``     number, verdict, feedback
"""

import base64
import hashlib
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

from llmbench.api import Completion, Files, Message, Request, Step, Verdict
from llmbench.records.lines import (
    UNREADABLE,
    Damaged,
    append_line,
    drop_torn_line,
    encoded,
    read_lines,
    whole_text,
)
from llmbench.records.masking import Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionEvent:
    """A completion and what it answered."""

    event: Literal["completion"] = "completion"
    number: int
    """The try, from 1."""
    call: int
    """Counted through all tries, from 0."""
    digest: str
    messages: tuple[Message, ...]
    """Only what the request added to the one before."""
    completion: Completion
    task: str = ""
    sample: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvent:
    """A request that brought no completion."""

    event: Literal["error"] = "error"
    number: int
    call: int
    kind: str
    message: str
    raw: str = ""
    digest: str = ""
    """Of the request, where an answer came that could not be read: the agent may have gone on after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolEvent:
    """A tool call that an agent did or refused for its model."""

    event: Literal["tool"] = "tool"
    number: int
    call: int
    """How many requests there were before it."""
    index: int
    """Counted through all tries, from 0."""
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionEvent:
    """What a try handed to the validator; files that are not UTF-8 text are base64 in ``binary``."""

    event: Literal["submission"] = "submission"
    number: int
    text: dict[str, str]
    binary: dict[str, str]
    refused: tuple[str, ...]
    notes: dict[str, Any]

    @property
    def files(self) -> dict[str, bytes]:
        """The submitted files."""
        files = {path: content.encode() for path, content in self.text.items()}
        return files | {path: base64.b64decode(content) for path, content in self.binary.items()}

    @classmethod
    def of(
        cls, number: int, files: Files, refused: Sequence[str], notes: dict[str, Any]
    ) -> "SubmissionEvent":
        """Make the event from raw files."""
        text, binary = {}, {}
        for path, content in files.items():
            try:
                text[path] = content.decode()
            except UnicodeDecodeError:
                binary[path] = base64.b64encode(content).decode()
        names = tuple(whole_text(path) for path in refused)
        return cls(number=number, text=text, binary=binary, refused=names, notes=notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictEvent:
    """A validator's judgement of a try, and what the agent is told of it."""

    event: Literal["verdict"] = "verdict"
    number: int
    verdict: Verdict
    feedback: str = ""
    regraded: bool = False


Event = CompletionEvent | ErrorEvent | ToolEvent | SubmissionEvent | VerdictEvent
Answered = CompletionEvent | ErrorEvent
"""An error counts as one where the answer came and could not be read."""
_ENCODER = msgspec.json.Encoder()
_KINDS: dict[str, msgspec.json.Decoder[Event]] = {
    "completion": cast("msgspec.json.Decoder[Event]", msgspec.json.Decoder(CompletionEvent)),
    "error": cast("msgspec.json.Decoder[Event]", msgspec.json.Decoder(ErrorEvent)),
    "tool": cast("msgspec.json.Decoder[Event]", msgspec.json.Decoder(ToolEvent)),
    "submission": cast("msgspec.json.Decoder[Event]", msgspec.json.Decoder(SubmissionEvent)),
    "verdict": cast("msgspec.json.Decoder[Event]", msgspec.json.Decoder(VerdictEvent)),
}


@dataclass
class _Kind:
    event: str


_KIND = msgspec.json.Decoder(_Kind)
_BEGINNING = re.compile(rb'\{"event": ?"')
_SUBMISSION = re.compile(rb'^\{"event": ?"submission".*$', re.MULTILINE)


def request_digest(request: Request) -> str:
    """Return the sha256 of what a request asks, whoever asks it."""
    asked = (
        request.messages,
        request.tools,
        request.tool_choice,
        request.max_tokens,
        request.sampling,
        request.reasoning,
        request.seed,
    )
    return hashlib.sha256(_ENCODER.encode(asked)).hexdigest()


@dataclass(frozen=True, slots=True)
class TranscriptContent:
    """What a transcript holds."""

    events: tuple[Event, ...]
    unknown: Mapping[str, int]
    """How many events there are of kinds that this version does not know, by kind."""
    damaged: tuple[Damaged, ...]
    """Lines that can't be read; they stay where they are; what they held is made again where it is needed."""


def read_transcript(path: Path) -> list[Event]:
    """Return the events of a transcript that can be read; see ``scan_transcript``."""
    return list(scan_transcript(path).events)


def scan_transcript(path: Path) -> TranscriptContent:
    """Read a transcript; a torn last line is dropped.

    Raises:
        RunError: it is no file, or may not be read.
    """
    lines = read_lines(path, _event, _BEGINNING)
    events = tuple(event for event in lines.values if not isinstance(event, _Kind))
    unknown = Counter(event.event for event in lines.values if isinstance(event, _Kind))
    return TranscriptContent(events, unknown, lines.damaged)


def last_submission(path: Path) -> SubmissionEvent | None:
    """Return what was last submitted, without reading what was said before; None where that can't be read."""
    try:
        found = _SUBMISSION.findall(path.read_bytes())
        event = _event(found[-1]) if found else None
    except (OSError, *UNREADABLE):
        return None
    return event if isinstance(event, SubmissionEvent) else None


def _event(data: bytes) -> Event | _Kind:
    kind = _KIND.decode(data)
    decoder = _KINDS.get(kind.event)
    event = decoder.decode(data) if decoder else kind
    if isinstance(event, SubmissionEvent) and event.binary:
        _ = event.files  # base64 that is none raises a ValueError
    return event


class Transcript:
    """A sample's transcript, open for appending, with what earlier processes left in it."""

    def __init__(self, path: Path, mask: Mask) -> None:
        self._mask = mask
        self.earlier: list[Event] = []
        if is_there := path.exists():
            self.earlier = read_transcript(path)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        if is_there:
            drop_torn_line(self._file)

    def masked(self, text: str) -> str:
        """Return a text as it would be written."""
        return self._mask.text(text)

    def append(self, event: Event, by: str = "the run") -> None:
        """Write one event; it survives the death of this process once this returns.

        Args:
            event: what happened.
            by: who handed in what it holds, such as ``backend 'openai'``.

        Raises:
            RecordError: it could not be read back, and nothing was written; the message names ``by``.
        """
        append_line(self._file, encoded(event, _KINDS[event.event].decode, self._mask, by))

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def stored_answers(self) -> list[Answered]:
        """Return what earlier processes were answered, by call; a later answer replaces an earlier."""
        found: dict[int, Answered] = {}
        for event in self.earlier:
            if isinstance(event, CompletionEvent) or (isinstance(event, ErrorEvent) and event.digest):
                found[event.call] = event
        return [event for _, event in sorted(found.items())]

    def stored_steps(self) -> list[ToolEvent]:
        """Return the tool calls that earlier processes did, by index; a later one replaces an earlier."""
        events = [event for event in self.earlier if isinstance(event, ToolEvent)]
        return [event for _, event in sorted({event.index: event for event in events}.items())]

    def stored_verdict(self, number: int) -> VerdictEvent | None:
        """Return the last graded verdict of a try, if an earlier process got so far."""
        found = [e for e in self.earlier if isinstance(e, VerdictEvent) and e.number == number]
        return found[-1] if found and found[-1].verdict.outcome.graded else None
