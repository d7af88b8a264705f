"""A folder of the user's own, for `llmbench solve`: what of it is read, and how changes are written back.

Only regular text files are read, no link is followed, and nothing is ever written outside of the folder.
"""

import os
import stat
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile

from llmbench.api import Files, PathError, as_text, clean_path
from llmbench.api.scope import FILE_BYTES, TOTAL_BYTES
from llmbench.errors import RunError, UsageError
from llmbench.records.lines import whole_text
from llmbench.records.masking import Mask

PROTECTED = (".git", ".git/*", "*/.git", "*/.git/*")
"""What an agent may not write: a hook in there would run with the user's rights."""
_MOST_FILES = 2000
_MOST_LISTED = 20_000
"""A look at a whole disk would take minutes, only to say that it is too much."""
_OTHERS = frozenset(("__pycache__", "node_modules", "target", "venv"))
_GIT = ("git", "-c", "core.fsmonitor=false", "ls-files", "-z", "--cached", "--others", "--exclude-standard")

Changes = Mapping[str, bytes | None]
"""New contents by path; None for a file that is removed."""


@dataclass(slots=True)
class OwnFolder:
    """What was read of a folder."""

    path: Path
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    """Files that are not for the agent, by path, each with the reason."""


def read_folder(path: Path, but: Path, mask: Mask) -> OwnFolder:
    """Read the files of a folder that an agent may see.

    Args:
        path: the folder, which exists.
        but: a folder that is left out wherever it is: that of all runs.
        mask: files that hold a secret which it knows are left out.

    Raises:
        UsageError: it holds more than an agent can be given.
    """
    found, total = OwnFolder(path), 0
    for name in sorted(islice(_listed(path, but.resolve()), _MOST_LISTED)):
        reason, content = _look(path / name, mask)
        if reason:
            found.left_out[name] = reason
            continue
        found.files[name] = content
        total += len(content)
        if total > TOTAL_BYTES or len(found.files) > _MOST_FILES:
            raise UsageError(
                f"{path}: more than {_MOST_FILES} files or {TOTAL_BYTES >> 20} MiB of text; name a folder "
                "below it, or list what is not needed in .gitignore"
            )
    return found


def _look(file: Path, mask: Mask) -> tuple[str, bytes]:
    """Return why a file is left out, or its content."""
    try:
        status = file.lstat()
        if not stat.S_ISREG(status.st_mode):
            return "a link" if stat.S_ISLNK(status.st_mode) else "no file", b""
        if status.st_size > FILE_BYTES:
            return f"larger than {FILE_BYTES >> 20} MiB", b""
        content = file.read_bytes()
    except OSError as error:
        return str(error.strerror), b""
    if as_text(content) is None:
        return "not text", b""
    return ("holds a secret", b"") if mask.hides(content) else ("", content)


def _listed(folder: Path, but: Path) -> Iterator[str]:
    """Yield what may be read: by git's rules where there is a repository, else what is not hidden."""
    for name in _by_git(folder) or _by_walking(folder, but):
        parts = PurePosixPath(name).parts
        hidden = is_protected(name) or parts[-1].startswith(".env") or whole_text(name) != name
        with suppress(PathError):
            if not hidden and clean_path(name) == name and but not in (folder / name).resolve().parents:
                yield name


def _by_git(folder: Path) -> list[str]:
    """Return the files that git tracks or would track; none where it is no repository or has no git."""
    try:
        done = subprocess.run(_GIT, cwd=folder, capture_output=True, check=True, stdin=subprocess.DEVNULL)
        names = {name for name in done.stdout.decode().split("\0") if name}
    except (OSError, subprocess.CalledProcessError, UnicodeDecodeError):
        return []
    return [name for name in names if os.path.lexists(folder / name) and not _leads_away(folder, name)]


def _by_walking(folder: Path, but: Path) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        below = Path(place)
        folders[:] = [name for name in folders if not _is_passed_over(below / name, but)]
        for name in files:
            yield (below / name).relative_to(folder).as_posix()


def _is_passed_over(folder: Path, but: Path) -> bool:
    if folder.resolve() == but:
        return True
    return folder.name.startswith(".") or folder.name in _OTHERS or (folder / "pyvenv.cfg").exists()


def is_protected(path: str) -> bool:
    """Say whether a path is git's own, however it is spelled."""
    return ".git" in path.lower().split("/")


def changes(before: Files, after: Files) -> dict[str, bytes | None]:
    """Return what became of files."""
    found: dict[str, bytes | None] = dict.fromkeys(before.keys() - after.keys())
    found |= {path: content for path, content in after.items() if before.get(path) != content}
    return {path: content for path, content in sorted(found.items()) if not is_protected(path)}


def conflicts(folder: Path, before: Files, changed: Changes) -> dict[str, str]:
    """Return the files that can't be written back, by path, each with the reason."""
    found = {path: _conflict(folder, path, before.get(path)) for path in changed}
    return {path: reason for path, reason in found.items() if reason}


def _conflict(folder: Path, path: str, before: bytes | None) -> str:
    if clean_path(path) != path or is_protected(path):
        return "may not be written"
    if _leads_away(folder, path) or (folder / path).is_symlink():
        return "a link leads elsewhere"
    try:
        now = (folder / path).read_bytes()
    except FileNotFoundError:
        return "" if before is None else "was removed meanwhile"
    except OSError as error:
        return str(error.strerror)
    if before is None:
        return "is there, and was not given to the agent"
    return "" if now == before else "was changed meanwhile"


def _leads_away(folder: Path, path: str) -> bool:
    """Say whether a link stands between a folder and a file below it."""
    return any((folder / parent).is_symlink() for parent in PurePosixPath(path).parents)


def write_back(folder: Path, before: Files, changed: Changes) -> None:
    """Write changes into the folder, all of them or, where one conflicts, none.

    Raises:
        RunError: files were changed meanwhile; the message names them.
    """
    if found := conflicts(folder, before, changed):
        told = "; ".join(f"{path} {reason}" for path, reason in found.items())
        raise RunError(f"{folder}: nothing was written: {told}")
    for path, content in changed.items():
        try:
            _settle(folder / path, content)
        except OSError as error:
            raise RunError(f"{folder / path}: can't be written: {error.strerror}") from None


def _settle(file: Path, content: bytes | None) -> None:
    """Remove a file, or write it as a whole; it keeps its mode."""
    if content is None:
        file.unlink()
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o644
    with NamedTemporaryFile(dir=file.parent, prefix=".llmbench.", delete=False) as written:
        draft = Path(written.name)
        written.write(content)
    try:
        draft.chmod(mode)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
