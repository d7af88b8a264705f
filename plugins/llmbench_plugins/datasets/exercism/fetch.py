"""The files of the polyglot benchmark: fetched once as an archive of the pinned commit, checked, and read."""

import hashlib
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from llmbench.api import Context, Files, PathError, clean_path
from llmbench.errors import DatasetError, UsageError
from llmbench_plugins.datasets.shared.download import Download, fetch_once

_PRACTICE = ("exercises", "practice")

Tree = Mapping[tuple[str, str], Files]
"""The files of each exercise, by language and slug."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The pinned commit."""

    repository: str
    commit: str
    sha256: str
    """Of the names and contents of all exercises' files: the same whoever packed them."""
    exercises: int

    @property
    def url(self) -> str:
        """Where GitHub serves it."""
        return f"{self.repository}/archive/{self.commit}.tar.gz"

    def cached(self, context: Context) -> Path:
        """Return where the archive is kept."""
        return context.cache_dir / "datasets" / f"polyglot-benchmark-{self.commit[:7]}.tar.gz"


RELEASE = Release(
    repository="https://github.com/Aider-AI/polyglot-benchmark",
    commit="7e0611e77b54e2dea774cdc0aa00cf9f7ed6144f",
    sha256="50b3091a5f7be5e13964c0fabe98de2fc2dc31173107899b037e554cac59edc1",
    exercises=225,
)


async def fetch(url: str, context: Context, release: Release = RELEASE) -> None:
    """Download the archive unless a whole copy is there.

    Raises:
        DatasetError: the server can't be reached, or sends something else than what is pinned.
    """
    download = Download(
        name="the polyglot benchmark",
        url=url,
        target=release.cached(context),
        complaint=partial(_complaint, release=release),
        cure=f"give a checkout of {release.repository}: dataset.path=FOLDER",
    )
    await fetch_once(download, context)


def read_archive(context: Context, languages: Iterable[str], release: Release = RELEASE) -> Tree:
    """Return the exercises of some languages, once the whole archive is known to be whole.

    Raises:
        DatasetError: the archive is missing, damaged or another one; the message names it and the cure.
    """
    file = release.cached(context)
    if not file.is_file():
        raise DatasetError(
            f"the polyglot benchmark is not here ({file}); fetch it: llmbench prepare dataset=exercism"
        )
    raw = file.read_bytes()
    if complaint := _complaint(raw, release):
        raise DatasetError(f"{file}: {complaint}; fetch it again: llmbench prepare dataset=exercism")
    return _by_exercise(_members(raw), languages)


def read_folder(path: str, languages: Iterable[str]) -> Tree:
    """Return the exercises of some languages in a checkout; those that it has not are left out.

    Raises:
        UsageError: the folder holds none.
    """
    root = Path(path).expanduser()
    folders = [root.joinpath(language, *_PRACTICE) for language in languages]
    found = _by_exercise(_below(root, folders), languages)
    if not found:
        raise UsageError(
            f"dataset.path: expected a checkout of {RELEASE.repository}, with {folders[0]}; "
            f"'{root}' has no exercises of: {', '.join(languages)}"
        )
    return found


def _below(root: Path, folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.is_symlink():
                yield file.relative_to(root).as_posix(), file.read_bytes()


def _members(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the regular files of an archive, without the folder that GitHub puts around them."""
    with tarfile.open(fileobj=BytesIO(raw), mode="r:gz") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                yield clean_path(member.name).partition("/")[2], content.read()


def _by_exercise(files: Iterable[tuple[str, bytes]], languages: Iterable[str]) -> Tree:
    wanted = frozenset(languages)
    found: dict[tuple[str, str], dict[str, bytes]] = {}
    for path, content in files:
        parts = path.split("/", 4)
        if len(parts) == 5 and tuple(parts[1:3]) == _PRACTICE and parts[0] in wanted:
            found.setdefault((parts[0], parts[3]), {})[parts[4]] = content
    return found


def _complaint(raw: bytes, release: Release) -> str:
    """Return what is wrong with an archive, or an empty string."""
    try:
        found = content_sha256(_members(raw))
    except (tarfile.TarError, OSError, EOFError, zlib.error, PathError) as error:
        return f"damaged or not complete ({error})"
    if found != release.sha256:
        return f"the sha256 of its exercises is {found}, expected {release.sha256} ({release.commit[:7]})"
    return ""


def content_sha256(files: Iterable[tuple[str, bytes]]) -> str:
    """Return one sum over the names and contents of all exercises' files."""
    lines = sorted(
        f"{path}\0{hashlib.sha256(content).hexdigest()}\n"
        for path, content in files
        if tuple(path.split("/", 4)[1:3]) == _PRACTICE
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()
