"""Weights from the Hugging Face hub: fetched once, resumed where broken off, checked before they are used."""

import asyncio
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from llmbench.api import Context
from llmbench.api.extras import installing
from llmbench.errors import PrerequisiteError
from llmbench_plugins.backends.shared import hub_fetch
from llmbench_plugins.backends.shared.process import guarded

_PART = re.compile(r"-00001-of-(\d{5})\.gguf$")
_OF_THE_HUB = re.compile(r"HF_\w+|(?i:\w+_PROXY)|SSL_CERT_(?:FILE|DIR)")
_LINE_BYTES = 2**20
_GIB = 2**30


@dataclass(frozen=True, slots=True)
class Fetched:
    """Files of a repository on this machine, whole."""

    folder: Path
    revision: str
    """The commit."""
    files: tuple[Path, ...]


async def fetch(
    repo: str,
    *,
    context: Context,
    files: Sequence[str] = (),
    patterns: Sequence[str] = (),
    revision: str | None = None,
) -> Fetched:
    """Return the named files of a repository, or those that fit the patterns.

    The hub is asked only if one is missing here.

    Raises:
        PrerequisiteError: the package that fetches is not installed, or the files can't be had.
    """
    answer = await _asked(repo, context, revision, files=list(files), patterns=list(patterns))
    if "folder" not in answer:
        what = f"{repo}{f' ({files[0]})' if files else ''}"
        raise PrerequisiteError(f"{what} can't be fetched: {answer.get('error', 'the download ended early')}")
    return Fetched(Path(answer["folder"]), answer["revision"], tuple(Path(file) for file in answer["files"]))


async def files_of(
    repo: str, *, context: Context, pattern: str, revision: str | None, here: bool
) -> tuple[str, ...]:
    """Return the names of a repository's files that fit: those on this machine (``here``), or all of them.

    Raises:
        PrerequisiteError: the package that asks is not installed, or the hub refuses.
    """
    answer = await _asked(repo, context, revision, listed=pattern, here=here)
    if "names" not in answer:
        raise PrerequisiteError(
            f"{repo} can't be looked up: {answer.get('error', 'the look-up ended early')}"
        )
    return tuple(answer["names"])


async def _asked(repo: str, context: Context, revision: str | None, **wanted: Any) -> dict[str, Any]:
    if importlib.util.find_spec("huggingface_hub") is None:
        raise PrerequisiteError(
            f"fetching {repo} needs the package huggingface_hub: {installing('embedded')} "
            "(or get the files yourself and set the source's path)"
        )
    request = {
        "repo": repo,
        "revision": revision,
        "cache_dir": str(context.cache_dir),
        "hub_dir": str(context.cache_dir / "hub"),
        **wanted,
    }
    argv = (sys.executable, "-P", hub_fetch.__file__, msgspec.json.encode(request).decode())
    return await _run(argv, repo, context)


def parts_of_gguf(file: str) -> list[str]:
    """Return the names of all parts of a split GGUF, given the first; else the one name."""
    found = _PART.search(file)
    if not found:
        return [file]
    count, stem = int(found[1]), file[: found.start()]
    return [f"{stem}-{number:05}-of-{count:05}.gguf" for number in range(1, count + 1)]


def hub_environment(context: Context) -> dict[str, str]:
    """Return our environment with what ``.env`` says of the hub (HF_TOKEN, …) and of the way to it."""
    told = {name: value for name, value in context.secrets.items() if _OF_THE_HUB.fullmatch(name)}
    return {**os.environ, **told, "HF_HUB_DISABLE_TELEMETRY": "1"}


async def _run(argv: Sequence[str], repo: str, context: Context) -> dict[str, Any]:
    """Run the fetching process and show its progress; it ends with us, also when we are cancelled."""
    log = context.work_dir / "download.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            *guarded(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=hub_environment(context),
            start_new_session=True,
            limit=_LINE_BYTES,
        )
    answer: dict[str, Any] = {}
    try:
        assert process.stdout is not None  # noqa: S101 - asked for as a pipe
        async for line in process.stdout:
            told = msgspec.json.decode(line)
            if "total" in told:
                context.progress(_shown(repo, told))
            else:
                answer = told
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await asyncio.shield(process.wait())
    return answer


def _shown(repo: str, answer: Mapping[str, int]) -> str:
    done, total = answer["done"], answer["total"]
    return f"fetching {repo}: {done / _GIB:.2f} of {total / _GIB:.2f} GiB ({100 * done // max(total, 1)} %)"
