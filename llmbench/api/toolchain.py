"""Toolchain: what a box must hold, as an image to build and as programs to find on a host."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from llmbench.errors import DatasetError

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
class Packages:
    """Packages that a task names, each in one version, to be added to a toolchain before anything runs."""

    toolchain: str
    """Name of the toolchain that they are added to."""
    names: tuple[str, ...]
    """For people: ``("requests 2.32.3",)``."""
    files: tuple[tuple[str, str], ...]
    """Files by name that say it to the package manager: ``requirements.txt``, ``package.json`` …"""

    @property
    def name(self) -> str:
        """Return the name of the toolchain with them in it: the same for the same packages."""
        digest = hashlib.sha256(repr((self.toolchain, self.files)).encode())
        return f"{self.toolchain}+{digest.hexdigest()[:12]}"


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
    packages_at: str = ""
    """Where a box has packages that a task names; empty for a toolchain that takes none.

    Below ``folder`` there are ``packages/install.sh``, a POSIX shell script that fetches what the files in
    the folder of its second argument name into the new folder of its first, and runs nothing of it; and
    ``packages/Dockerfile``, which calls it for this place, in an image that is made of the image ``BASE``.
    """
    packages_env: tuple[tuple[str, str], ...] = ()
    """What processes in a box with packages find in their environment besides."""
    packages: Packages | None = None
    """Those that are in it."""

    @property
    def id(self) -> str:
        """Return its name, with a mark of the packages that are in it."""
        return self.name if self.packages is None else self.packages.name

    def with_packages(self, packages: Packages) -> Self:
        """Return this toolchain with packages in it.

        Raises:
            DatasetError: it takes none.
        """
        if not self.packages_at:
            raise DatasetError(f"toolchain {self.name} takes no packages: a task can't name any for it")
        return replace(self, packages=packages, env=(*self.env, *self.packages_env))
