"""Servers that `llmbench server start` keeps in the background, found again by a small file each."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from llmbench.records.process import is_alive


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A server that is kept, and the process that keeps it."""

    key: str
    pid: int
    started: float
    """When that process began, in seconds since 1970: a later one with its number is another."""
    backend: str
    model: str
    words: tuple[str, ...] = ()
    """The overrides it was started with."""
    server: Mapping[str, Any] = field(default_factory=dict)
    """What the backend says of it."""

    @property
    def alive(self) -> bool:
        """Whether the process that keeps it still runs."""
        return is_alive(self.pid, self.started)

    @property
    def url(self) -> str:
        """Where it listens."""
        return str(self.server.get("url", ""))


def servers_dir() -> Path:
    """Return the folder of the user that holds the files and logs."""
    return Path(platformdirs.user_state_dir("llmbench")) / "servers"


def write_kept(kept: Kept) -> None:
    """Make the server known."""
    file = _file(kept.key)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(asdict(kept), default=str), encoding="utf-8")
    draft.replace(file)


def forget(key: str) -> None:
    """Remove what makes a server known; its log stays."""
    _file(key).unlink(missing_ok=True)


def read_kept() -> list[Kept]:
    """Return all servers that are known, the oldest first, also those whose process is dead."""
    known = {part.name for part in fields(Kept)}
    found = []
    for file in servers_dir().glob("*.json"):
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            data["words"] = tuple(data.get("words", ()))
            found.append(Kept(**{key: value for key, value in data.items() if key in known}))
        except (OSError, ValueError, TypeError):
            continue
    return sorted(found, key=lambda kept: kept.started)


def _file(key: str) -> Path:
    return servers_dir() / f"{key}.json"
