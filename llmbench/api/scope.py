"""Scope: one try of one sample as its tools see it; the rules on files are here and nowhere else."""

import difflib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llmbench.api.sandbox import Ran
from llmbench.api.task import Task
from llmbench.api.workspace import PathError, Workspace, clean_path
from llmbench.errors import LlmbenchError

BOX_FOLDER = "/box"
"""Where boxes have the workspace: models that saw it in an error message use it with file tools too."""

FILE_BYTES = 2 << 20
"""What one file may grow to."""
TOTAL_BYTES = 16 << 20
"""What all files of a workspace may grow to: more would not fit into the box of a careful configuration."""

_NAME_BYTES = 255
_DEPTH = 32
_NAMED = 12


class ToolError(LlmbenchError):
    """A call could not be done as asked. The message goes back to the model and says what to do instead."""


class ToolRefused(ToolError):
    """A call would have changed a file that the task does not let an agent change; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxRun:
    """How a program ended that ran over the workspace, and what became of the files it touched."""

    ran: Ran
    changed: tuple[str, ...] = ()
    """Files that it added, changed or removed; the workspace has them so now."""
    undone: tuple[str, ...] = ()
    """Files that it changed and the agent may not: they are as they were again."""
    left: tuple[str, ...] = ()
    """New files that only the box has: too big, or binary. Folders for build outputs are not named."""
    problem: str = ""
    """Why something was not taken back, where that is no everyday matter."""


class Scope(ABC):
    """One try of one sample, as its tools see it.

    Any path may be read. The file tools change only what ``task.editable`` names, so that a model learns at
    once, and not from a failed grading, that it wrote to the wrong place.
    """

    def __init__(self, task: Task, workspace: Workspace) -> None:
        self.task = task
        """The task; its tests and its reference are not for tools."""
        self.workspace = workspace
        """The files that the agent works on."""
        self.state: dict[str, Any] = {}
        """What tools keep for the length of a try (a plan), as JSON-ready data by the tool's name."""

    def path(self, given: str) -> str:
        """Return ``given`` as a path of the workspace.

        Raises:
            ToolError: it leads out of it, or no file can have that name.
        """
        inside = given.strip()
        if inside.startswith(f"{BOX_FOLDER}/"):
            inside = inside.removeprefix(BOX_FOLDER).lstrip("/")
        try:
            path = clean_path(inside)
        except PathError:
            raise ToolError(
                f"{_short(given)} is no path in the workspace; expected a relative one without '..'"
            ) from None
        names = path.split("/")
        if len(names) > _DEPTH or not all(_is_name(name) for name in names):
            raise ToolError(f"no file can be named {_short(given)}; expected short, printable names")
        return path

    def folder(self, given: str) -> str:
        """Return how the paths below a folder begin: empty for the root, else ending in ``/``.

        Raises:
            ToolError: it leads out of the workspace, or there is no such folder.
        """
        if given.strip().rstrip("/") in ("", ".", "./.", BOX_FOLDER):
            return ""
        prefix = f"{self.path(given)}/"
        if not any(path.startswith(prefix) for path in self.workspace):
            raise ToolError(f"there is no folder {_short(given)}; {self._files_there(prefix.rstrip('/'))}")
        return prefix

    def read(self, given: str) -> bytes:
        """Return a file's content.

        Raises:
            ToolError: there is no such file.
        """
        path = self.path(given)
        try:
            return self.workspace.read(path)
        except KeyError:
            what = f"{path} is a folder" if self._is_folder(path) else f"there is no file {path}"
            raise ToolError(f"{what}; {self._files_there(path)}") from None

    def write(self, given: str, content: bytes) -> str:
        """Create or replace a file and return its path.

        Raises:
            ToolRefused: the agent may not change it.
            ToolError: it can't be there, or is too big.
        """
        path = self.check_writable(given)
        self._check_room(path, content)
        self.workspace.write(path, content)
        return path

    def delete(self, given: str) -> str:
        """Remove a file and return its path.

        Raises:
            ToolRefused: the agent may not change it.
            ToolError: there is no such file.
        """
        path = self.check_writable(given)
        self.read(path)
        self.workspace.delete(path)
        return path

    def check_writable(self, given: str) -> str:
        """Return the path of a file that may be created, changed or removed.

        Raises:
            ToolRefused: the agent may not change it.
            ToolError: a folder is in its place, or a file in the place of its folder.
        """
        path = self.path(given)
        if self.task.is_protected(path):
            raise ToolRefused(f"{path} belongs to the grading and may not be changed; leave it as it is")
        if not self.task.may_change(path):
            raise ToolRefused(
                f"{path} may not be changed: this task lets you change {_listed(self.task.editable)}; "
                "nothing else is handed in"
            )
        above = [path[:at] for at, letter in enumerate(path) if letter == "/"]
        if blocked := next((folder for folder in above if folder in self.workspace), ""):
            raise ToolError(f"{path} can't be written: {blocked} is a file and not a folder")
        if self._is_folder(path):
            raise ToolError(f"{path} can't be written: it is a folder")
        return path

    @abstractmethod
    async def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float | None = None) -> BoxRun:
        """Run a program in the agent's box over the workspace's files, and take back what it changed.

        Raises:
            ToolError: this run's agent has no box, or no program can be started like that.
            SandboxError: the box broke.
        """

    @abstractmethod
    async def delegate(self, question: str) -> str:
        """Have a second agent, with a budget of its own, work on the same files and return what it says.

        Raises:
            ToolError: no further depth is allowed, or its budget is spent.
        """

    def _check_room(self, path: str, content: bytes) -> None:
        files = self.workspace.files
        before = len(files.get(path, b""))
        if len(content) > max(FILE_BYTES, before):
            raise ToolError(f"{path} would hold {len(content)} bytes; expected at most {FILE_BYTES}")
        total = sum(map(len, files.values())) - before + len(content)
        if total > TOTAL_BYTES and len(content) > before:
            raise ToolError(f"the workspace would hold {total} bytes; expected at most {TOTAL_BYTES}")

    def _is_folder(self, path: str) -> bool:
        return any(other.startswith(f"{path}/") for other in self.workspace)

    def _files_there(self, path: str) -> str:
        known = list(self.workspace)
        close = difflib.get_close_matches(path[:_NAME_BYTES], known, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        return f"{hint}files: {_listed(known)}"


def as_text(content: bytes) -> str | None:
    """Return a file's text, or None where it is binary."""
    try:
        return None if b"\0" in content else content.decode()
    except UnicodeDecodeError:
        return None


def _is_name(name: str) -> bool:
    # A longer one, or one that is no UTF-8, would break the box and not the model's answer.
    broken = any(ord(letter) < 32 or letter == "\x7f" or 0xD800 <= ord(letter) < 0xE000 for letter in name)
    return not broken and len(name.encode()) <= _NAME_BYTES


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (", ".join(names[:_NAMED]) or "none") + more


def _short(given: str) -> str:
    return repr(given if len(given) <= 100 else f"{given[:97]}…")
