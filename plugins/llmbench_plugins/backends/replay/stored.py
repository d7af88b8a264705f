"""Stored answers: an earlier run's transcripts, or a file of JSON lines, indexed by task, sample and call."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from llmbench.api import Completion, Finish, Timing, Usage
from llmbench.api.text import read_text
from llmbench.errors import BackendError, ContextOverflowError, ProtocolError, UsageError
from llmbench_plugins.backends.shared.foreign import NotJson, leniently, storable, strictly

_TRANSCRIPTS = "samples/**/transcript.jsonl"
_FAULTS: Mapping[str, type[BackendError]] = {
    "ContextOverflowError": ContextOverflowError,
    "ProtocolError": ProtocolError,
}
"""Outcomes that are the model's or the setting's: they are replayed. Other errors were not answers."""


class Key(NamedTuple):
    """Where an answer belongs; calls are counted from 0 through all tries of a sample."""

    task: str
    sample: int
    call: int


Stored = Completion | BackendError


@dataclass(slots=True)
class Index:
    """All stored answers."""

    answers: dict[Key, Stored] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)


def read_stored(path: Path) -> Index:
    """Read a run's folder or a file of JSON lines.

    Raises:
        UsageError: nothing is there, or a line is not what it should be (file and number are named).
    """
    if path.is_dir():
        files = sorted(path.glob(_TRANSCRIPTS))
        if not files:
            raise UsageError(f"backend.path: '{path}' is no run: it holds no {_TRANSCRIPTS}")
    elif path.is_file():
        files = [path]
    else:
        raise UsageError(
            f"backend.path: no file or folder '{path}'; give the folder of a run or a file of JSON lines"
        )
    index = Index(files=files)
    for file in files:
        index.answers.update(_transcript(file, path) if path.is_dir() else _answers(file))
    return index


def _transcript(file: Path, run: Path) -> Iterator[tuple[Key, Stored]]:
    *task, sample, _ = file.relative_to(run / "samples").parts
    call = 0
    for where, event in _lines(file, drop_torn=True):
        kind = event.get("event")
        if kind == "completion":
            completion = _convert(event.get("completion"), Completion, where)
            call = int(event.get("call", call))
            key = Key(str(event.get("task") or "/".join(task)), int(event.get("sample", sample)), call)
            yield key, replace(completion, timing=Timing(), raw={"replayed": where})
            call += 1
        elif kind == "error" and event.get("kind") in _FAULTS:
            fault = _FAULTS[event["kind"]](str(event.get("message", "")), raw=str(event.get("raw", "")))
            yield Key("/".join(task), int(sample), int(event.get("call", call))), fault


def _answers(file: Path) -> Iterator[tuple[Key, Stored]]:
    """Yield a file's answers; each further line that names neither sample nor try is another sample."""
    samples: Counter[str] = Counter()
    calls: Counter[tuple[str, int]] = Counter()
    for where, line in _lines(file, drop_torn=False):
        answer = _convert(line, _Answer, where)
        task, content = answer.task or answer.task_id, answer.text
        if not task or content is None:
            raise UsageError(
                f"{where}: expected the keys 'task' and 'content', or 'task_id' and 'solution' or "
                f"'completion', got {', '.join(line) or 'none'}"
            )
        sample = answer.sample
        if sample is None:
            sample = 0 if answer.try_ else samples[task]
            samples[task] += 1
        call = answer.try_ - 1 if answer.try_ else calls[task, sample]
        calls[task, sample] = call + 1
        completion = Completion(
            content=content,
            reasoning=answer.reasoning,
            finish=answer.finish,
            usage=answer.usage,
            raw={"replayed": where},
        )
        yield Key(task, sample, call), completion


class _Answer(msgspec.Struct, rename={"try_": "try"}):
    """A line of an answers file: ours, or EvalPlus's."""

    task: str = ""
    task_id: str = ""
    sample: int | None = None
    try_: int | None = None
    content: str | None = None
    solution: str | None = None
    completion: str | None = None
    reasoning: str = ""
    finish: Finish = Finish.STOP
    usage: Usage = Usage()

    @property
    def text(self) -> str | None:
        if self.content is not None:
            return self.content
        code = self.completion if self.solution is None else self.solution
        if code is None or "```" in code:
            return code
        return f"```python\n{code.rstrip()}\n```"


def _lines(file: Path, *, drop_torn: bool) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each line that holds something, with its place for messages."""
    # What people wrote is text; what we wrote may have a torn last line.
    lines = file.read_bytes().split(b"\n")[:-1] if drop_torn else read_text(file).encode().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{file}:{number}"
        try:
            decoded = _decoded(line)
        except NotJson as error:
            raise UsageError(f"{where}: expected a JSON object, got something else: {error}") from None
        if not isinstance(decoded, dict):
            raise UsageError(f"{where}: expected a JSON object, got {type(decoded).__name__}")
        yield where, decoded


def _decoded(line: bytes) -> Any:
    """Decode a line; answers of others may hold half a character, as theirs did."""
    try:
        return strictly(line)
    except NotJson as error:
        return storable(leniently(line, error))


def _convert(data: Any, kind: type[Any], where: str) -> Any:
    try:
        return msgspec.convert(data, kind, strict=True)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {error}") from None
