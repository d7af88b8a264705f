"""Workspace: the files that an agent works on, held in memory so that no path can lead out of it."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from llmbench.api.task import Files, Task
from llmbench.errors import LlmbenchError


class PathError(LlmbenchError):
    """A path that does not name a file inside the workspace."""


class Workspace:
    """The files that a task begins with and what the agent made of them.

    An agent with a box copies the files in with ``Box.put`` and takes them back with ``update``.
    """

    def __init__(self, task: Task) -> None:
        self._starter = dict(task.workspace)
        self._files = dict(task.workspace)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._files))

    def __contains__(self, path: str) -> bool:
        return clean_path(path) in self._files

    @property
    def files(self) -> Files:
        """All files as they are now (a copy)."""
        return dict(self._files)

    def read(self, path: str) -> bytes:
        """Return a file's content; KeyError where there is none."""
        return self._files[clean_path(path)]

    def write(self, path: str, content: bytes) -> None:
        """Create or replace a file."""
        self._files[clean_path(path)] = content

    def delete(self, path: str) -> None:
        """Remove a file; KeyError where there is none."""
        del self._files[clean_path(path)]

    def update(self, files: Files) -> None:
        """Replace the whole content by ``files``, as taken from a box."""
        self._files = {clean_path(path): content for path, content in files.items()}

    def changed(self) -> dict[str, bytes]:
        """Return the files that were added or differ from the starter."""
        return {
            path: content
            for path, content in sorted(self._files.items())
            if self._starter.get(path) != content
        }

    def deleted(self) -> tuple[str, ...]:
        """Return the starter files that are gone."""
        return tuple(sorted(self._starter.keys() - self._files.keys()))


def clean_path(path: str) -> str:
    """Return ``path`` as a relative POSIX path without ``.`` parts.

    Raises:
        PathError: for an absolute path, one with ``..``, a NUL, a backslash, or none at all.
    """
    pure = PurePosixPath(path)
    if not pure.parts or pure.is_absolute() or ".." in pure.parts or "\0" in path or "\\" in path:
        raise PathError(f"{path!r} is not a path inside the workspace; expected a relative one without '..'")
    return str(pure)
