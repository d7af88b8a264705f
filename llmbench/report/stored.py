"""What a sample's folder holds, read for people. Files that are not there are empty texts."""

from dataclasses import dataclass
from pathlib import Path

from llmbench.records.samples import sample_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTry:
    """The texts of one try."""

    number: int
    prompt: str
    response: str
    reasoning: str
    patch: str
    stdout: str
    stderr: str


def read_tries(run: Path, task: str, sample: int) -> list[StoredTry]:
    """Return the tries of a sample that left a folder, in order."""
    folder = sample_folder(run, task, sample)
    return [_read(folder, number) for number in try_numbers(folder)]


def try_numbers(sample: Path) -> list[int]:
    """Return the numbers of the tries that left a folder in a sample's, in order."""
    numbers = [path.name.removeprefix("try-") for path in sample.glob("try-*") if path.is_dir()]
    return sorted({int(number) for number in numbers if number.isascii() and number.isdecimal()})


def _read(folder: Path, number: int) -> StoredTry:
    def text(name: str) -> str:
        path = folder / f"try-{number}" / name
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""

    return StoredTry(
        number=number,
        prompt=text("prompt.md"),
        response=text("response.md"),
        reasoning=text("reasoning.md"),
        patch=text("patch.diff"),
        stdout=text("stdout.log"),
        stderr=text("stderr.log"),
    )
