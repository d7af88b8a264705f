"""samples/<task>/<sample>/: the transcript, and a readable folder for each try."""

import difflib
from dataclasses import replace
from pathlib import Path

import msgspec

from llmbench.api import Completion, Files, Message, Verdict
from llmbench.records.masking import Mask


def sample_folder(run: Path, task: str, sample: int) -> Path:
    """Return the folder of one sample."""
    return run / "samples" / task / str(sample)


class TryFolder:
    """Writes ``try-<n>/``. Empty contents leave no file."""

    def __init__(self, sample: Path, number: int, mask: Mask) -> None:
        self._folder = sample / f"try-{number}"
        self._mask = mask
        self._made = False

    def answer(self, prompt: tuple[Message, ...], completion: Completion | None) -> None:
        """Write ``prompt.md``, ``response.md`` and ``reasoning.md``."""
        self._write("prompt.md", "\n\n".join(f"## {m.role}\n\n{m.content}" for m in prompt))
        if completion is not None:
            self._write("response.md", completion.content)
            self._write("reasoning.md", completion.reasoning)

    def patch(self, starter: Files, files: Files) -> None:
        """Write ``patch.diff``: what was submitted, against the starter files."""
        self._write("patch.diff", "".join(_diff(path, starter.get(path, b""), files[path]) for path in files))

    def verdict(self, verdict: Verdict) -> None:
        """Write ``verdict.json`` and the grader's output; an earlier verdict is kept under a number."""
        self._keep_earlier("verdict.json")
        self._write("stdout.log", verdict.stdout)
        self._write("stderr.log", verdict.stderr)
        judged = replace(verdict, stdout="", stderr="")
        self._write("verdict.json", msgspec.json.format(msgspec.json.encode(judged)).decode() + "\n")

    def _keep_earlier(self, name: str) -> None:
        path = self._folder / name
        if self._made or not path.exists():
            return
        number = sum(1 for _ in self._folder.glob(f"{path.stem}.*{path.suffix}")) + 1
        path.rename(self._folder / f"{path.stem}.{number}{path.suffix}")

    def _write(self, name: str, text: str) -> None:
        if not text:
            return
        if not self._made:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._made = True
        data = self._mask.text(text).encode(errors="replace")
        with (self._folder / name).open("wb", buffering=0) as file:
            file.write(data)


def _diff(path: str, before: bytes, after: bytes) -> str:
    try:
        old, new = before.decode().splitlines(keepends=True), after.decode().splitlines(keepends=True)
    except UnicodeDecodeError:
        return f"Binary file {path} differs\n"
    lines = difflib.unified_diff(old, new, f"a/{path}", f"b/{path}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
