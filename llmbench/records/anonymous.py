"""What others read of a run says nothing of the machine it was made on: no paths, no names, no secrets."""

import getpass
import ipaddress
import re
import socket
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs

from llmbench.records.manifest import Manifest
from llmbench.records.masking import Mask

MARK = "[path]"
"""Stands for a folder of the machine."""
HOST = "[host]"
USER = "[user]"
_TAIL = r"(?P<tail>(?:/[^\s\"'<>|:;,)\]}\\`]+)*)/?"
_HOMES = r"(?<![\w.])/(?:home|Users)/[^\s/\"'<>|:;,)\]}\\`]+"
_NO_MARK = re.escape(MARK)
_ABSOLUTE = re.compile(
    rf"(?<![\w:/.\]~-])(?:~[\w.-]*|/(?!{_NO_MARK})[^\s/\"'=,;:\]}})]+)(?:/(?!{_NO_MARK})[^\s/\"',;:\]}})]+)+/?"
)
_WHOLE = re.compile(r"(?P<key>[\w.+~@-]+=)?(?P<path>(?:~[\w.-]*|\.{1,2})?/.+|~)")
_URL = re.compile(
    r"(?P<scheme>\b[a-z][a-z+.-]*://)(?:[^\s/@\"']*@)?(?P<host>\[(?:host|[0-9a-fA-F:]+)\]|[^\s/:\"',\]})]+)"
)
_PRIVATE = (".local", ".lan", ".internal", ".intranet", ".corp", ".home", ".localdomain", ".home.arpa")
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/dev", "/proc", "/sys", "/tmp", "/opt", "/var")  # noqa: S108
_SHORTEST_NAME = 3


class Anonymous(Mask):
    """Replaces secrets, folders and names."""

    def __init__(
        self,
        secrets: Mapping[str, str],
        named: Collection[str] = (),
        *,
        folders: Iterable[str] = (),
        names: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare.

        Args:
            secrets: as ``Mask`` takes them.
            named: likewise.
            folders: they, and what lies in them, keep only their last name.
            names: words with what stands for them.
        """
        super().__init__(secrets, named)
        # The longest first: one folder may lie in another.
        roots = sorted({folder.rstrip("/") for folder in folders} - {""}, key=lambda root: (-len(root), root))
        known = "|".join([*(f"{re.escape(root)}(?![\\w-])" for root in roots), _HOMES])
        self._paths = re.compile(f"(?:{known}){_TAIL}")
        self._names = [
            (re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])"), mark)
            for name, mark in (names or {}).items()
            if len(name) >= _SHORTEST_NAME
        ]

    def text(self, text: str) -> str:
        """Return ``text`` without secrets, folders and names."""
        text = self._paths.sub(_shortened, super().text(text))
        for pattern, mark in self._names:
            text = pattern.sub(mark, text)
        return text

    def data(self, data: bytes) -> bytes:
        """Return the content of a file, likewise; one that is no text keeps its other bytes."""
        try:
            return self.text(data.decode()).encode()
        except UnicodeDecodeError:
            return self.text(data.decode("latin-1")).encode("latin-1", errors="replace")


class OfManifest(Anonymous):
    """For the manifest, where every path and every address of a private network gives the machine away."""

    def text(self, text: str) -> str:
        """Return ``text`` with every path shortened to its last name, as far as it is one of a machine."""
        if match := _WHOLE.fullmatch(text):
            key, path = match["key"] or "", super().text(match["path"])
            return key + (_without_paths(path) if path.startswith(MARK) else _last(path))
        return super().text(_without_paths(_URL.sub(_address, text)))


def _without_paths(text: str) -> str:
    return _ABSOLUTE.sub(lambda found: _last(found[0]), text)


def names_of_this_machine() -> dict[str, str]:
    """Return the names of host and user, with what stands for them."""
    host, found = socket.gethostname(), {}
    if host not in ("localhost", ""):
        found = {host: HOST, host.partition(".")[0]: HOST}
    with suppress(OSError, KeyError):
        # An administrator's name is a word of its own, and everybody's.
        if (user := getpass.getuser()) != "root":
            found[user] = USER
    return found


def own_folders(run: Path) -> set[str]:
    """Return the folders of this machine in which llmbench and the run are."""
    place = run.resolve()
    here = (Path.home(), Path.cwd(), place, place.parent.parent, Path(tempfile.gettempdir()))
    ours = (Path(platformdirs.user_cache_dir("llmbench")), Path(sys.prefix), Path(__file__).parents[2])
    found = {str(form) for folder in (*here, *ours) for form in (folder.absolute(), folder.resolve())}
    return {folder for folder in found if _is_telling(folder)}


def named_folders(manifest: Manifest) -> set[str]:
    """Return what a manifest names: the run may have been made on another machine."""
    return {path for path in _absolute(_builtins(manifest)) if _is_telling(path)}


def not_of_system(folders: Iterable[str]) -> set[str]:
    """Return folders without those that are on every machine, and may well stand in code."""
    return {folder for folder in folders if not folder.startswith(_SYSTEM)}


def _is_telling(folder: str) -> bool:
    return folder.count("/") > 1 or folder == str(Path.home())


def _builtins(manifest: Manifest) -> Any:
    sessions = [[session.server, session.agent, session.warnings] for session in manifest.sessions]
    return [manifest.config, list(manifest.overrides), manifest.origins, manifest.dataset, sessions]


def _absolute(value: Any) -> Iterator[str]:
    """Yield the absolute paths in texts."""
    if isinstance(value, str):
        if (match := _WHOLE.fullmatch(value)) and match["path"].startswith("/"):
            yield match["path"]
        else:
            yield from (found[0] for found in _ABSOLUTE.finditer(value) if found[0].startswith("/"))
    elif isinstance(value, Mapping):
        for content in value.values():
            yield from _absolute(content)
    elif isinstance(value, list | tuple):
        for content in value:
            yield from _absolute(content)


def _shortened(found: re.Match[str]) -> str:
    name = found["tail"].rpartition("/")[2]
    return f"{MARK}/{name}" if name else MARK


def _last(path: str) -> str:
    """Return the last name of a path, behind the mark; a name with no folder before it stays."""
    parts = [part for part in path.rstrip("/").split("/") if part not in ("", ".", "..")]
    if len(parts) < 2 and not path.startswith(("..", "~", ".")):
        return path
    return f"{MARK}/{parts[-1]}" if parts and not parts[-1].startswith("~") else MARK


def _address(found: re.Match[str]) -> str:
    host = found["host"]
    return found["scheme"] + (HOST if _is_private(host.strip("[]")) else host)


def _is_private(host: str) -> bool:
    if host == "localhost":
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.lower().endswith(_PRIVATE)
    return not address.is_loopback and not address.is_global
