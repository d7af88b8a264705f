"""Released files: downloaded once, and kept only when they are what was expected."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmbench.api import Context
from llmbench.errors import DatasetError

_SILENCE_S = 60.0
_LONGEST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One file to fetch."""

    name: str
    """What it is called while it comes."""
    url: str
    target: Path
    complaint: Callable[[bytes], str]
    """Returns what is wrong with a file, or an empty string."""
    cure: str
    """What to do where it can't be had, after "try again, or"."""


async def fetch_once(download: Download, context: Context) -> None:
    """Download a file unless a whole copy is there.

    Raises:
        DatasetError: the server can't be reached, or sends something else than what is expected.
    """
    target = download.target
    if target.exists() and not download.complaint(target.read_bytes()):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            await _receive(download, file, context)
        if complaint := download.complaint(part.read_bytes()):
            raise DatasetError(f"{download.url}: {complaint}; nothing is kept. Try again, or {download.cure}")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


async def _receive(download: Download, file: Any, context: Context) -> None:
    # Most runs download nothing, and what speaks HTTP takes its time to import.
    from llmbench_plugins.shared.http import HTTP_ERRORS, open_client, words_of

    url, done = download.url, 0
    try:
        async with (
            open_client(timeout=_SILENCE_S, environment=context.secrets) as client,
            client.stream("GET", url) as reply,
        ):
            reply.raise_for_status()
            size = int(reply.headers.get("content-length", 0))
            async for chunk in reply.aiter_raw():
                done += len(chunk)
                if done > _LONGEST_BYTES:
                    raise DatasetError(f"{url}: more than {_LONGEST_BYTES >> 20} MB, so another file")
                file.write(chunk)
                context.progress(_progress(download.name, done, size))
    except (*HTTP_ERRORS, OSError) as error:
        raise DatasetError(f"{url}: {words_of(error)}; try again, or {download.cure}") from None


def _progress(name: str, done: int, total: int) -> str:
    whole = f" of {total / 1e6:.1f}" if total else ""
    return f"downloading {name}: {done / 1e6:.1f}{whole} MB"
