"""What of the host a bubblewrap box shows: the system's programs, and a toolchain's own folder."""

import functools
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import llmbench.api
from llmbench.api import Toolchain
from llmbench.api.toolchain import LIBRARIES
from llmbench_plugins.sandboxes.shared.environment import PATH

ROOT = "/tmp"  # noqa: S108 - where the tmpfs of a box covers the host's, in its own namespace only

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime")
_PRIVATE = (".cargo", ".local", ".config", ".cache")
"""Folders of a home with keys, passwords or the data of other programs beside their ``bin``."""
_ASK = {
    "rustc": ("rustc", "--print", "sysroot"),
    "cargo": ("rustc", "--print", "sysroot"),
    "go": ("go", "env", "GOROOT"),
}
"""How a program says where it is installed: what is on the search path may be a stand-in for it."""
_OLDEST_KERNEL = (5, 14)
"""The first that counts processes per user namespace; earlier ones would count all of the user's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A toolchain on this host, as a box sees it."""

    mounts: tuple[str, ...]
    """Arguments for bubblewrap."""
    folders: tuple[Path, ...]
    """Folders of the host that the box's place has at ``handed(0)``, ``handed(1)`` …, for mounts to name."""
    path: str
    hidden: tuple[str, ...]
    """Folders inside the mounts to cover: llmbench itself, where tests and reference solutions are."""


@dataclass(frozen=True, slots=True)
class Libraries:
    """Folders of the user's cache that a box shows, by the places where it has them."""

    places: tuple[tuple[str, Path], ...] = ()

    @classmethod
    def of(cls, toolchain: Toolchain, libraries: Path | None, packages: Path | None) -> Self:
        """Return the libraries of a toolchain, and the packages that are in it."""
        found = ((f"{LIBRARIES}/{toolchain.name}", libraries), (toolchain.packages_at, packages))
        return cls(tuple((place, folder) for place, folder in found if folder is not None))


def handed(number: int) -> str:
    """Return where the place of a box has a folder of the host, from which the mounts take it."""
    return f"{ROOT}/handed{number}"


def show(toolchain: Toolchain, private: Sequence[Path], libraries: Libraries | None = None) -> Shown:
    """Return what a box of ``toolchain`` sees; of ``private`` and llmbench's own folders, nothing."""
    mounts: list[str] = []
    for name in _SYSTEM:
        if Path(name).is_symlink():
            mounts += ["--symlink", str(Path(name).readlink()), name]
        elif Path(name).is_dir():
            mounts += ["--ro-bind", name, name]
    # Debian keeps the configuration of Java there, without which it does not start.
    for name in (*_ETC, *map(str, sorted(Path("/etc").glob("java*")))):
        mounts += ["--ro-bind-try", name, name]
    prefixes = own_prefixes(toolchain)
    places = {str(prefix): prefix for prefix in prefixes if not _in_system(prefix)}
    places |= dict(libraries.places if libraries else ())
    for number, place in enumerate(places):
        mounts += ["--ro-bind", handed(number), place]
    roots = [*(Path(name) for name in _SYSTEM), *prefixes]
    return Shown(
        mounts=tuple(mounts),
        folders=tuple(places.values()),
        path=":".join([*(f"{prefix}/bin" for prefix in prefixes), PATH]),
        hidden=hidden_places(roots, private),
    )


def own_prefixes(toolchain: Toolchain) -> list[Path]:
    """Return the folders of a toolchain's programs that the system's folders do not have, each once."""
    found = (_own_prefix(program.name) for program in toolchain.programs)
    return list(dict.fromkeys(prefix for prefix in found if prefix is not None))


def lacking_programs(names: Sequence[str]) -> list[str]:
    """Return those of ``names`` that are not on the search path."""
    return [name for name in names if shutil.which(name) is None]


def old_kernel() -> str:
    """Return the kernel's version if it is too old to limit processes, else an empty string."""
    release = platform.release()
    numbers = tuple(int(part) for part in release.split("-")[0].split(".")[:2] if part.isdigit())
    return release if numbers < _OLDEST_KERNEL else ""


def namespace_cure() -> str:
    """Return what most likely forbids user namespaces here, and the cure."""
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor forbids user namespaces to programs without a profile; allow them: "
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (or install a profile for bwrap)"
        )
    if _setting("kernel/unprivileged_userns_clone") == "0":
        return (
            "user namespaces are switched off; allow them: sudo sysctl -w kernel.unprivileged_userns_clone=1"
        )
    if _setting("user/max_user_namespaces") == "0":
        return "user namespaces are switched off; allow them: sudo sysctl -w user.max_user_namespaces=15000"
    return "inside a container, its engine may forbid user namespaces; use sandbox=docker there"


def hidden_places(roots: Sequence[Path], private: Sequence[Path]) -> tuple[str, ...]:
    """Return the folders below ``roots`` that hold llmbench, its plugins, or what is private."""
    packages = [Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    # In a checkout, tasks lie beside the package.
    own = [Path(llmbench.api.__file__).parents[2], Path(__file__).parents[3]]
    places = {path.resolve() for path in (*packages, *own, *private) if path.is_dir()}
    shown = [path for path in places if any(path.is_relative_to(root.resolve()) for root in roots)]
    return tuple(str(path) for path in sorted(shown) if not _has_python(path))


def _has_python(path: Path) -> bool:
    """Say whether hiding a folder would hide the interpreter itself."""
    return Path(sys.base_prefix).resolve().is_relative_to(path)


def _setting(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _in_system(path: Path) -> bool:
    return any(path.is_relative_to(name) for name in _SYSTEM)


def _own_prefix(program: str) -> Path | None:
    """Return the folder to show for a program that the system's folders do not have."""
    if shutil.which(program, path=PATH) is not None:
        return None
    if program.startswith("python"):
        return Path(sys.base_prefix)
    if (found := shutil.which(program)) is None:
        return None
    prefix = _said_prefix(program, found) or Path(found).resolve().parent.parent
    return None if _is_private(prefix) else prefix


@functools.cache
def _said_prefix(program: str, found: str) -> Path | None:
    """Return where a program that is found through a version manager's stand-in says it really is."""
    if (words := _ASK.get(program)) is None:
        return None
    try:
        # Beside the program, so that cargo of one rustup does not get the answer of another.
        asked = str(Path(found).with_name(words[0]))
        said = subprocess.run(
            [asked, *words[1:]], capture_output=True, check=True, timeout=30, text=True, cwd="/"
        )
    except (OSError, subprocess.SubprocessError):
        return None
    prefix = Path(said.stdout.strip())
    return prefix.resolve() if prefix.is_absolute() and (prefix / "bin" / program).is_file() else None


def _is_private(prefix: Path) -> bool:
    """Say whether showing a folder would show the home, or what people and programs keep secret in it."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - tolerates a missing home
    return home.is_relative_to(prefix) or prefix in [home / name for name in _PRIVATE]
