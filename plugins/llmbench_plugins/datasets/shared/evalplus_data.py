"""Release files of EvalPlus: fetched once, checked against a pinned sum, and read into tasks."""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from llmbench.api import Context, Task
from llmbench.errors import DatasetError, UsageError
from llmbench_plugins.datasets.shared.download import Download, fetch_once
from llmbench_plugins.datasets.shared.twins import RENAMED, in_other_words, twin_of

_DEFINED = re.compile(r"^def (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release file."""

    name: str
    dataset: str
    """What ``dataset=`` calls it."""
    version: str
    url: str
    sha256: str
    """Of the lines, unpacked: a file that was packed anew is the same release."""
    tasks: int

    def cached(self, context: Context) -> Path:
        """Return where a downloaded copy is kept."""
        return context.cache_dir / "datasets" / f"{self.name}-{self.version}.jsonl.gz"


async def fetch(release: Release, url: str, context: Context) -> None:
    """Download the release unless a whole copy is there.

    Raises:
        DatasetError: the server can't be reached, or sends something else than what is pinned.
    """
    download = Download(
        name=f"{release.name} {release.version}",
        url=url,
        target=release.cached(context),
        complaint=partial(_complaint, release=release),
        cure="give a local copy: dataset.path=FILE",
    )
    await fetch_once(download, context)


def read_rows(release: Release, path: str | None, context: Context) -> Iterator[Mapping[str, Any]]:
    """Yield the problems of a release in its order, once the whole file is known to be whole.

    Raises:
        UsageError: ``path`` names no file.
        DatasetError: the file is missing, damaged or another one; the message names it and the cure.
    """
    file = release.cached(context) if path is None else Path(path).expanduser()
    content = _content(file, release, given=path is not None)
    rows = [json.loads(line) for line in content.split(b"\n") if line.strip()]
    if len(rows) != release.tasks:
        raise DatasetError(f"{file}: expected {release.tasks} problems, found {len(rows)}")
    yield from rows


def as_task(
    row: Mapping[str, Any], wordings: Sequence[str], suite: str, *, twin: int = 0, **more: Any
) -> Task:
    """Return a problem as a task, or a twin of it.

    Args:
        row: the problem.
        wordings: of its instructions, that of the original first.
        suite: whose rules it is graded by.
        twin: the number of the twin.
        more: what its suite adds to the grading.
    """
    task = _original(row, wordings[0], suite, more)
    if not twin:
        return task
    name = str(row["entry_point"])
    reworded = in_other_words(wordings, twin).replace("{name}", name)
    # The inputs are data, whatever words they hold.
    bare = replace(task, tests={})
    made = twin_of(bare, twin, asked=[name, *_DEFINED.findall(row["prompt"])], instructions=reworded)
    if name not in made.about[RENAMED]:
        return replace(task, about={RENAMED: {}})
    grading = {**task.grading, "entry_point": made.about[RENAMED][name], "known_as": name}
    return replace(made, digest="", tests=task.tests, grading=grading)


def _original(row: Mapping[str, Any], instructions: str, suite: str, more: Mapping[str, Any]) -> Task:
    name = row["entry_point"]
    base, plus = list(row["base_input"]), list(row["plus_input"])
    grading = {"suite": suite, "entry_point": name, "atol": float(row["atol"]), "base": len(base)}
    return Task(
        id=row["task_id"],
        instructions=instructions.replace("{name}", name),
        starter={"solution.py": row["prompt"].encode()},
        editable=("solution.py",),
        grading={**grading, **more},
        tests={"inputs.json": json.dumps([*base, *plus]).encode()},
        reference={"solution.py": (row["prompt"] + row["canonical_solution"]).encode()},
    )


def _content(file: Path, release: Release, *, given: bool) -> bytes:
    cure = (
        "give another file: dataset.path=FILE"
        if given
        else f"fetch it: llmbench prepare dataset={release.dataset}"
    )
    if not file.is_file():
        if given:
            raise UsageError(f"dataset.path: no file '{file}'; expected {release.name}'s .jsonl or .jsonl.gz")
        raise DatasetError(f"{release.name} {release.version} is not here ({file}); {cure}")
    raw = file.read_bytes()
    if complaint := _complaint(raw, release):
        raise DatasetError(f"{file}: {complaint}; {cure}")
    return _unpacked(raw)


def _complaint(raw: bytes, release: Release) -> str:
    """Return what is wrong with a file, or an empty string."""
    try:
        found = hashlib.sha256(_unpacked(raw)).hexdigest()
    except (OSError, EOFError, zlib.error) as error:
        return f"damaged or not complete ({error})"
    if found != release.sha256:
        return (
            f"damaged, not complete or another version: the sha256 of its lines is {found}, "
            f"expected {release.sha256} ({release.name} {release.version})"
        )
    return ""


def _unpacked(raw: bytes) -> bytes:
    return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
