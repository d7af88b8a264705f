"""Toolchain: what a box must hold, as an image to build and as programs to find on a host."""

from dataclasses import dataclass
from pathlib import Path

LIBRARIES = "/opt/llmbench"
"""Where a box has what its toolchain's ``install`` script made, in a folder of the toolchain's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program that a host must have to serve this toolchain without Docker."""

    name: str
    version_argv: tuple[str, ...] = ("--version",)
    cure: str = ""
    """How to install it, as a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolchain:
    """Compilers, runners and libraries for a box. Entry points of ``llmbench.toolchains`` name instances."""

    name: str
    folder: Path
    """Holds the Dockerfile; its content's hash tags the image."""
    programs: tuple[Program, ...]
    env: tuple[tuple[str, str], ...] = ()
    """Environment of every process in a box of this toolchain."""
    install: str = ""
    """A POSIX shell script in ``folder`` that fetches libraries into the new folder named by its argument.

    The Dockerfile runs it for ``/opt/llmbench/<name>``. A sandbox that uses the host's programs runs it in
    ``prepare``, once, for a folder of the user's cache, and shows that folder read-only at the same place.
    """
