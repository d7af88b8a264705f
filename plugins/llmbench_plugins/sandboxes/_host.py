"""What of the host a bubblewrap box shows: the system's programs, and a toolchain's own folder."""

import os
import platform
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import llmbench.api
from llmbench.api import Toolchain

from ._environment import PATH

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime")
_OLDEST_KERNEL = (5, 14)
"""The first that counts processes per user namespace; earlier ones would count all of the user's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A toolchain on this host, as a box sees it."""

    mounts: tuple[str, ...]
    """Arguments for bubblewrap."""
    path: str
    hidden: tuple[str, ...]
    """Folders inside the mounts to cover: llmbench itself, where tests and reference solutions are."""


def show(toolchain: Toolchain, private: Sequence[Path]) -> Shown:
    """Return what a box of ``toolchain`` sees; of ``private`` and llmbench's own folders, nothing."""
    mounts: list[str] = []
    for name in _SYSTEM:
        if Path(name).is_symlink():
            mounts += ["--symlink", str(Path(name).readlink()), name]
        elif Path(name).is_dir():
            mounts += ["--ro-bind", name, name]
    for name in _ETC:
        mounts += ["--ro-bind-try", name, name]
    prefixes = [prefix for program in toolchain.programs if (prefix := _own_prefix(program.name))]
    for prefix in dict.fromkeys(prefixes):
        mounts += ["--ro-bind", str(prefix), str(prefix)]
    path = ":".join([*(f"{prefix}/bin" for prefix in dict.fromkeys(prefixes)), PATH])
    roots = [*(Path(name) for name in _SYSTEM), *prefixes]
    return Shown(mounts=tuple(mounts), path=path, hidden=_hidden(roots, private))


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


def _hidden(roots: Sequence[Path], private: Sequence[Path]) -> tuple[str, ...]:
    """Return the folders below ``roots`` that hold llmbench, its plugins, or what is private."""
    packages = [Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    # In a checkout, tasks lie beside the package.
    own = [Path(llmbench.api.__file__).parents[2], Path(__file__).parents[2]]
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


def _own_prefix(program: str) -> Path | None:
    """Return the folder to show for a program that the system's folders do not have."""
    if shutil.which(program, path=PATH) is not None:
        return None
    if program.startswith("python"):
        return Path(sys.base_prefix)
    found = shutil.which(program)
    prefix = Path(found).resolve().parent.parent if found else None
    # A program right in the home folder's bin/ would show the whole home.
    return prefix if prefix is not None and not Path(os.path.expanduser("~")).is_relative_to(prefix) else None  # noqa: PTH111 - tolerates a missing home
