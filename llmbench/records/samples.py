"""samples/<task>/<sample>/: the transcript, and a readable folder for each try."""

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from llmbench.api import Completion, Files, Message, Verdict
from llmbench.records.lines import write_whole
from llmbench.records.masking import Mask
from llmbench.records.names import fitting_name, fitting_path

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def sample_folder(run: Path, task: str, sample: int) -> Path:
    """Return the folder of one sample."""
    return run / "samples" / fitting_path(task) / str(sample)


class TryFolder:
    """Writes ``try-<n>/`` in a sample's folder, which exists. Empty contents leave no file."""

    def __init__(self, sample: Path, number: int, mask: Mask) -> None:
        # Plain strings and descriptors: pathlib was a tenth of what a sample costs.
        self._folder = f"{sample}/try-{number}"
        self._mask = mask

    def answer(self, prompt: tuple[Message, ...], completion: Completion | None) -> None:
        """Write ``prompt.md``, ``response.md`` and ``reasoning.md``."""
        self._write("prompt.md", "\n\n".join(f"## {m.role}\n\n{m.content}" for m in prompt))
        if completion is not None:
            self._write("response.md", completion.content)
            self._write("reasoning.md", completion.reasoning)

    def patch(self, starter: Files, files: Files) -> None:
        """Write ``patch.diff``: what was submitted, against the starter files."""
        self._write(
            "patch.diff", "".join(file_diff(path, starter.get(path, b""), files[path]) for path in files)
        )

    def logs(self, logs: Mapping[str, str]) -> None:
        """Write what an agent wants to be kept, each text under the last part of its name."""
        for name, text in logs.items():
            self._write(fitting_name(os.path.basename(name)), text)  # noqa: PTH119 - see __init__

    def verdict(self, verdict: Verdict) -> None:
        """Write ``verdict.json`` and the grader's output; those of an earlier verdict are kept, numbered."""
        self._keep_earlier("verdict.json", "stdout.log", "stderr.log")
        self._write("stdout.log", verdict.stdout)
        self._write("stderr.log", verdict.stderr)
        judged = replace(verdict, stdout="", stderr="")
        self._write("verdict.json", msgspec.json.format(msgspec.json.encode(judged)).decode() + "\n")

    def _keep_earlier(self, judged: str, *others: str) -> None:
        if not os.path.exists(f"{self._folder}/{judged}"):  # noqa: PTH110 - see __init__
            return
        folder = Path(self._folder)
        stem, suffix = judged.split(".")
        number = sum(1 for _ in folder.glob(f"{stem}.*.{suffix}")) + 1
        for path in (folder / name for name in (judged, *others)):
            if path.exists():
                path.rename(path.with_name(f"{path.stem}.{number}{path.suffix}"))

    def _write(self, name: str, text: str) -> None:
        if not text:
            return
        data = self._mask.text(text).encode(errors="replace")
        path = f"{self._folder}/{name}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        try:
            file = os.open(path, flags, 0o644)
        except FileNotFoundError:
            os.mkdir(self._folder)  # noqa: PTH102 - see __init__
            file = os.open(path, flags, 0o644)
        try:
            write_whole(file, data)
        finally:
            os.close(file)


def file_diff(path: str, before: bytes | None, after: bytes | None) -> str:
    """Return what became of a file as a unified diff; None stands for no file."""
    try:
        # Not splitlines: a form feed ends no line for those who read a diff.
        old, new = (_LINE.findall((content or b"").decode()) for content in (before, after))
    except UnicodeDecodeError:
        return f"Binary file {path} differs\n"
    names = ("/dev/null" if before is None else f"a/{path}", "/dev/null" if after is None else f"b/{path}")
    lines = difflib.unified_diff(old, new, *names)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
