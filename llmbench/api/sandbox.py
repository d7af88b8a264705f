"""Sandbox: makes boxes, places with a toolchain and no network where untrusted code runs."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Protocol

from llmbench.api.context import Context
from llmbench.api.options import NoOptions, option
from llmbench.api.task import Files
from llmbench.api.toolchain import Toolchain


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one box may use."""

    wall_s: Annotated[float, option(gt=0)] = 60.0
    """For one ``run``; a ``serve`` lives until it is closed."""
    memory_mb: Annotated[int, option(ge=1)] = 1024
    processes: Annotated[int, option(ge=1)] = 128
    disk_mb: Annotated[int, option(ge=1)] = 256
    """All files in the box together, /tmp included."""
    output_bytes: Annotated[int, option(ge=1)] = 1_000_000
    """Kept of each of stdout and stderr; the rest is read and dropped, and ``truncated`` is set."""


Stop = Literal["timeout", "memory", "disk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a program in a box ended."""

    exit_code: int
    """Negative for a signal, as in ``subprocess``."""
    stdout: bytes
    stderr: bytes
    duration_s: float
    stopped: Stop | None = None
    """The limit that ended it, if one did; all its processes are gone then."""
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonProgram:
    """A Python program of ours that answers lines, and that a sandbox may start as a copy of one kept warm.

    ``main()`` of its module runs in a fresh box. Importing the module may have happened before, once for many
    boxes and with their common hash seed: it neither touches a box nor holds what a box must not know. Its
    folder leads ``sys.path`` while it is imported, and is not there any more when ``main()`` begins.
    """

    module: str
    files: Files
    """Its modules, ``{"worker.py": …}``; compiled ones (``worker.pyc``) will do."""
    interpreter: Sequence[str] = ("python3",)
    preload: Sequence[str] = ()
    """Modules of the interpreter that code inside often wants: a warm copy has them imported."""

    @property
    def argv(self) -> list[str]:
        """What starts it in a box that has its files in the folder ``PythonProgram.FOLDER``."""
        lines = (
            f"import sys; sys.path[0] = {self.FOLDER!r}",
            f"import {self.module} as program",
            "del sys.path[0]; sys.exit(program.main())",
        )
        return [*self.interpreter, "-c", "\n".join(lines)]

    FOLDER: ClassVar[str] = ".llmbench/program"


class Service(Protocol):
    """A long-lived process in a box that speaks lines on its standard streams."""

    async def ask(self, line: bytes, *, timeout_s: float) -> bytes:
        """Send one line and return the next line it writes, without the newline.

        Raises:
            TimeoutError: no line came in time; the service is stopped.
            ServiceEnded: it ended, or wrote a line longer than the output limit.
        """
        ...

    async def close(self) -> Ran:
        """Stop it with all its processes; ``stdout`` is empty, ``stderr`` is what it wrote there."""
        ...


class ServiceEnded(Exception):
    """A service ended by itself: the doing of the code inside it, not an error of the sandbox."""


class Box(ABC):
    """A live sandbox.

    Nothing inside has a network, runs as root, can write outside the work folder and /tmp, or sees another
    box. The work folder is the current folder of every process. No process outlives the ``run`` that
    began it.
    """

    @abstractmethod
    async def put(self, files: Files, *, read_only: bool = False) -> None:
        """Write files below the work folder; code in the box can't change those put ``read_only``."""

    @abstractmethod
    async def get(self, *, skip: Sequence[str] = ()) -> Files:
        """Return the regular files of the work folder; links and special files are left out.

        Args:
            skip: patterns of the names of folders that are not looked into, at any depth (``target``).

        Raises:
            SandboxError: they hold more than the disk limit.
        """

    @abstractmethod
    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Ran:
        """Run a program to its end; a failing, killed or missing (exit code 127) one is data, not an error.

        Raises:
            SandboxError: the box itself broke.
        """

    @abstractmethod
    async def serve(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> Service:
        """Start a long-lived process; it ends at the latest when the box is closed."""

    @abstractmethod
    async def close(self) -> None:
        """Kill what runs and remove what is left; safe to call twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Something that a run has made and not removed: a container, a process, a folder."""

    what: str
    """For people: ``container llmbench-0123456789-ab12cd``."""
    label: str
    """Whose it is (``Context.label``)."""
    in_use: bool
    """Whether the process that made it still lives, or can't be looked up."""
    is_ours: bool = True
    """Whether this user made it."""
    remove: Callable[[], bool]
    """Removes it and waits until it is gone; False where it had gone already. Called in a thread."""


class Sandbox(ABC):
    """A maker of boxes. Everything it leaves on the machine bears ``context.label``."""

    Options: ClassVar[type] = NoOptions
    isolates: ClassVar[bool] = True
    """False where untrusted code could reach the host; then only trusted models and agents may use it."""

    def __init__(self, options: Any, context: Context) -> None:
        self.options = options
        self.context = context

    @abstractmethod
    async def missing(self, toolchain: Toolchain) -> str:
        """Return why boxes of this toolchain can't be opened here, with the cure, or an empty string.

        Something that ``prepare`` would make is not missing.
        """

    @abstractmethod
    async def prepare(self, toolchain: Toolchain) -> None:
        """Build or fetch what boxes of this toolchain need; quick where it is there already.

        Raises:
            PrerequisiteError: it can't be made here.
        """

    @abstractmethod
    async def open(self, toolchain: Toolchain, limits: Limits) -> Box:
        """Open a fresh box: nothing of an earlier one is in it.

        Raises:
            SandboxError: the box could not be opened.
        """

    async def serve(self, toolchain: Toolchain, limits: Limits, program: PythonProgram) -> Service:
        """Start a program as the only one in a fresh box, which is closed with it.

        A sandbox that can keep the program warm does better than this, which starts it anew for each box.

        Raises:
            SandboxError: the box could not be opened.
        """
        box = await self.open(toolchain, limits)
        try:
            files = {f"{program.FOLDER}/{name}": content for name, content in program.files.items()}
            await box.put(files, read_only=True)
            return _OnlyService(box, await box.serve(program.argv))
        except BaseException:
            await box.close()
            raise

    @abstractmethod
    async def close(self) -> None:
        """Remove all boxes and whatever was kept warm; safe to call twice."""

    @abstractmethod
    async def leftovers(self) -> Sequence[Leftover]:
        """Return all that runs have made on this machine and not removed, still in use or not."""

    async def clean(self, label: str | None) -> Sequence[str]:
        """Remove leftovers that bear ``label`` (None: any of this user's); return what was removed.

        Leaves alone what a living process still uses, unless it is named by its label.
        """
        # Readers of reports import this module, and need no event loop.
        import asyncio

        found = [
            left
            for left in await self.leftovers()
            if left.label == label or (label is None and left.is_ours and not left.in_use)
        ]
        return [left.what for left in found if await asyncio.to_thread(left.remove)]


class Boxes(Protocol):
    """A sandbox as validators see it: boxes by the toolchain's name, closed for sure."""

    def open(self, toolchain: str, limits: Limits | None = None) -> AbstractAsyncContextManager[Box]:
        """Open a fresh box for the body of an ``async with``."""
        ...

    def serve(
        self, toolchain: str, program: PythonProgram, limits: Limits | None = None
    ) -> AbstractAsyncContextManager[Service]:
        """Run a program as the only one in a fresh box for the body of an ``async with``."""
        ...


class _OnlyService:
    """The service of a box that has no other purpose."""

    def __init__(self, box: Box, service: Service) -> None:
        self._box = box
        self._service = service

    async def ask(self, line: bytes, *, timeout_s: float) -> bytes:
        return await self._service.ask(line, timeout_s=timeout_s)

    async def close(self) -> Ran:
        try:
            return await self._service.close()
        finally:
            await self._box.close()


@asynccontextmanager
async def closing(box: Box) -> AsyncIterator[Box]:
    """Close a box at the end of an ``async with``."""
    try:
        yield box
    finally:
        await box.close()
