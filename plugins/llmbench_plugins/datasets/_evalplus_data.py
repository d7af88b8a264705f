"""Release files of EvalPlus: fetched once, checked against a pinned sum, and read into tasks."""

import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmbench.api import Context, Task
from llmbench.errors import DatasetError, UsageError

_CHUNK = 1 << 16
_SILENCE_S = 60.0
_LONGEST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release file."""

    name: str
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
    target = release.cached(context)
    if target.exists() and _unpacked_sha256(target.read_bytes()) == release.sha256:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            await _download(url, file, release, context)
        if (found := _unpacked_sha256(part.read_bytes())) != release.sha256:
            raise DatasetError(
                f"{url}: the sha256 of the lines is {found or 'none, as the file is damaged'}, "
                f"expected {release.sha256}; nothing is kept. "
                "Try again, or give a local copy: dataset.path=FILE"
            )
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


async def _download(url: str, file: Any, release: Release, context: Context) -> None:
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_SILENCE_S, sock_read=_SILENCE_S)
    done = 0
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.get(url) as reply,
        ):
            reply.raise_for_status()
            async for chunk in reply.content.iter_chunked(_CHUNK):
                done += len(chunk)
                if done > _LONGEST_BYTES:
                    raise DatasetError(f"{url}: more than {_LONGEST_BYTES >> 20} MB, so another file")
                file.write(chunk)
                context.progress(_progress(release, done, reply.content_length))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise DatasetError(
            f"{url}: {type(error).__name__}: {error}; try again, or give a local copy: dataset.path=FILE"
        ) from None


def _progress(release: Release, done: int, total: int | None) -> str:
    whole = f" of {total / 1e6:.1f}" if total else ""
    return f"downloading {release.name} {release.version}: {done / 1e6:.1f}{whole} MB"


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


def as_task(row: Mapping[str, Any], instructions: str, suite: str, **more: Any) -> Task:
    """Return a problem as a task; ``more`` is what its suite adds to the grading."""
    name = row["entry_point"]
    base, plus = list(row["base_input"]), list(row["plus_input"])
    grading = {"suite": suite, "entry_point": name, "atol": float(row["atol"]), "base": len(base)}
    return Task(
        id=row["task_id"],
        instructions=instructions.replace("{name}", name),
        starter={"solution.py": row["prompt"].encode()},
        editable=("solution.py",),
        grading=grading | more,
        tests={"inputs.json": json.dumps([*base, *plus]).encode()},
        reference={"solution.py": (row["prompt"] + row["canonical_solution"]).encode()},
    )


def _content(file: Path, release: Release, *, given: bool) -> bytes:
    cure = "give another file: dataset.path=FILE" if given else "fetch it: llmbench prepare"
    if not file.is_file():
        if given:
            raise UsageError(f"dataset.path: no file '{file}'; expected {release.name}'s .jsonl or .jsonl.gz")
        raise DatasetError(f"{release.name} {release.version} is not here ({file}); {cure}")
    raw = file.read_bytes()
    try:
        content = _unpacked(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{file} is damaged or not complete ({error}); {cure}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != release.sha256:
        raise DatasetError(
            f"{file} is damaged, not complete or another version: the sha256 of its lines is {found}, "
            f"expected {release.sha256} ({release.name} {release.version}); {cure}"
        )
    return content


def _unpacked(raw: bytes) -> bytes:
    return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw


def _unpacked_sha256(raw: bytes) -> str:
    """Return the sha256 of what a file holds, or an empty string where it can't be unpacked."""
    try:
        return hashlib.sha256(_unpacked(raw)).hexdigest()
    except (OSError, EOFError, zlib.error):
        return ""
