"""Where the history is kept: in the folder of runs, or in a database that several machines share."""

import hashlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from llmbench.errors import PrerequisiteError, UsageError

FILE = "history.db"
VARIABLE = "LLMBENCH_HISTORY_URL"
_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql+psycopg://", "postgresql://")
_NETWORK = (
    "9p", "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "glusterfs", "gpfs", "lustre",
    "ncpfs", "nfs", "nfs4", "smb3", "smbfs",
)  # fmt: skip
"""File systems of other machines, on which SQLite's log can't be shared."""


@dataclass(frozen=True, slots=True)
class Place:
    """A database, and under which name it keeps the runs of this folder."""

    root: Path
    """The folder of runs."""
    name: str
    """Empty where the database knows no other folder of runs."""
    file: Path | None = None
    """Of SQLite."""
    url: str = ""
    """Of a server, as SQLAlchemy takes it. With neither, nothing can be kept."""

    @property
    def shown(self) -> str:
        """What to call it in messages; a password is none of it."""
        return str(self.file) if self.file else _without_password(self.url)


def find_place(root: Path, url: str | None = None) -> Place:
    """Return where the history of a folder of runs is.

    Args:
        root: the folder of runs.
        url: what ``history_url`` says; else LLMBENCH_HISTORY_URL counts, of the environment or ``.env``.

    Raises:
        UsageError: the URL is none that is known, or leads to a network file system.
        PrerequisiteError: what speaks to the server is not installed.
    """
    chosen = url or os.environ.get(VARIABLE) or _from_file()
    if not chosen:
        return _own_place(root)
    name = f"{socket.gethostname()}:{root.resolve()}"
    if chosen.startswith(_SQLITE):
        file = Path(chosen.removeprefix(_SQLITE)).expanduser()
        if kind := network_kind(file):
            raise UsageError(
                f"history_url: {file} is on a network file system ({kind}), where SQLite loses data; "
                "name a file on a local disk, or postgresql+psycopg://…"
            )
        return Place(root, name, file)
    if not chosen.startswith(_POSTGRES):
        raise UsageError(
            f"history_url: expected sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE, got "
            f"'{_without_password(chosen)}'"
        )
    _need_psycopg()
    return Place(root, name, url=chosen.replace(_POSTGRES[1], _POSTGRES[0], 1))


def _from_file() -> str:
    if not Path(".env").exists():
        return ""
    # What reads it takes longer to import than `llmbench list` to answer.
    from llmbench.records.dot_env import read_dot_env

    return read_dot_env(quiet=True).get(VARIABLE, "")


def password_in(url: str) -> bool:
    """Say whether a URL holds a password."""
    login, at, _ = url.partition("://")[2].rpartition("@")
    return bool(at) and ":" in login


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    login, at, host = rest.rpartition("@")
    return f"{scheme}{separator}{login.partition(':')[0]}{at}{host}"


def _need_psycopg() -> None:
    from importlib.util import find_spec

    if find_spec("psycopg") is None:
        from llmbench.api.extras import installing  # not beside the others: what only lists needs no API

        raise PrerequisiteError(
            f"history_url: PostgreSQL needs psycopg, which is not installed; {installing('postgres')}"
        )


def _own_place(root: Path) -> Place:
    """Return the database in the folder of runs, or one in the user's cache where that is no local disk."""
    file = root / FILE
    if file.exists() or not network_kind(file):
        return Place(root, "", file)
    import platformdirs

    mark = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]
    kept = Path(platformdirs.user_cache_dir("llmbench")) / "history" / f"{mark}.db"
    return Place(root, "", None if network_kind(kept) else kept)


def network_kind(path: Path, mounts: Mapping[str, str] | None = None) -> str:
    """Return which network file system a path is on; empty for a local one, as far as can be seen.

    Args:
        path: of a file or folder, there or not.
        mounts: the kinds of file systems by where they are mounted; else those of this machine.
    """
    real = path.resolve()
    known = _mounts() if mounts is None else mounts
    above = [mounted for mounted in known if real.is_relative_to(mounted)]
    kind = known[max(above, key=len)] if above else ""
    return kind if kind in _NETWORK else ""


def _mounts() -> dict[str, str]:
    import psutil

    return {part.mountpoint: part.fstype for part in psutil.disk_partitions(all=True)}
