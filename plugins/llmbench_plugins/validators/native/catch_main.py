"""The main program of C++ tests, with Catch2 in it: the same for all tasks, and compiled once a machine.

It takes a compiler longer than any task, so the object is kept in the user's cache, under what it was made
of: the compiler's version and the preprocessed source. It is made in a box of its own, with no answer in it.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from llmbench.api import Box, Boxes, Files, Limits
from llmbench.errors import SandboxError
from llmbench_plugins.validators.native.attested import said, support
from llmbench_plugins.validators.native.suite import Suite

MAIN = "llmbench_main.o"
_DIGEST_BYTES = 32
# cksum is everywhere, and nobody tries to deceive it: all that goes in is ours or the machine's.
_MADE_OF = 'g++ --version && g++ -dumpmachine && g++ "$@" -E main.cpp | cksum'


@dataclass(frozen=True, slots=True)
class Catch:
    """Catch2's header as the tests include it: their own, or the toolchain's."""

    include: str
    files: Files

    @classmethod
    def of(cls, suite: Suite) -> "Catch":
        """Return what the tests of a suite include."""
        own = {p: c for p, c in suite.hidden.items() if PurePosixPath(p).name == "catch.hpp"}
        return cls(f'"{min(own)}"', own) if own else cls("<catch2/catch.hpp>", {})

    @property
    def digest(self) -> str:
        """What changes with the header, if the tests bring it."""
        return hashlib.sha256(self.include.encode() + b"".join(self.files.values())).hexdigest()


async def compiled_main(catch: Catch, boxes: Boxes, limits: Limits, folder: Path | None) -> bytes:
    """Return the object of our main program, from ``folder`` if it is kept there.

    Raises:
        SandboxError: it does not compile here.
    """
    flags = ("-std=c++17", "-I.", f"-DLLMBENCH_CATCH={catch.include}")
    async with boxes.open("cpp", limits) as box:
        await box.put({**catch.files, "main.cpp": support("main.cpp")})
        kept = folder / f"main-{await _made_of(box, flags, limits)}" if folder else None
        if kept and (content := _read(kept)):
            return content
        ran = await box.run(["g++", *flags, "-c", "main.cpp", "-o", MAIN], timeout_s=max(limits.wall_s, 180))
        files = await box.get()
    if MAIN not in files:
        raise SandboxError(f"the main program of C++ tests does not compile here: {said(ran)[-2000:]}")
    if kept:
        _write(kept, files[MAIN])
    return files[MAIN]


async def _made_of(box: Box, flags: tuple[str, ...], limits: Limits) -> str:
    ran = await box.run(["sh", "-c", _MADE_OF, "sh", *flags], timeout_s=max(limits.wall_s, 60))
    return hashlib.sha256(ran.stdout + ran.stderr).hexdigest()


def _read(file: Path) -> bytes | None:
    """Return what is kept; None if nothing is, or it is damaged."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    digest, made = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    return made if made and hashlib.sha256(made).digest() == digest else None


def _write(file: Path, made: bytes) -> None:
    """Keep it, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(dir=file.parent, prefix=".part-")
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(hashlib.sha256(made).digest() + made)
    Path(part).replace(file)
