"""Toolchain: what a box must hold, as an image to build and as programs to find on a host."""

from dataclasses import dataclass
from pathlib import Path


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
