"""Keeps the files of a workspace and those of a box alike, around each program that runs in the box.

What is in the box never changes but by ``run``, and one program runs at a time: so what was put in last is
what is there, and only differences travel.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from llmbench.api import Box, BoxRun, Files, Ran, Task, ToolError, Workspace, as_text
from llmbench.api.scope import FILE_BYTES, TOTAL_BYTES
from llmbench.errors import SandboxError

BUILD_FOLDERS = frozenset(
    ("__pycache__", "bin", "build", "coverage", "dist", "node_modules", "obj", "out", "target", "venv")
)
"""New files in folders of these names, or of hidden ones, stay in the box: they are outputs, not sources."""

_EMPTY = 'rm -rf -- ./* ./.[!.]* ./..?* "${TMPDIR:?}"/* "${TMPDIR:?}"/.[!.]*'
"""Removes everything in the work folder and in that for temporary files; links, not what they name."""
_NEW_FILES = 1000
_AT_ONCE = 200


@dataclass(slots=True)
class _Taken:
    """What of a box's files goes into the workspace, and what does not."""

    changed: dict[str, bytes | None] = field(default_factory=dict)
    undone: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    outgrown: list[str] = field(default_factory=list)

    def told(self, ran: Ran, problem: str) -> BoxRun:
        """Return what a tool is told."""
        too_big = f"too big, and as before again: {', '.join(self.outgrown)}" if self.outgrown else ""
        return BoxRun(
            ran=ran,
            changed=tuple(self.changed),
            undone=tuple(self.undone),
            left=tuple(self.left),
            problem=f"{problem}{too_big}".removesuffix("; "),
        )


class BoxFiles:
    """A workspace in a box. The agents of one try share it."""

    def __init__(self, box: Box, task: Task, workspace: Workspace) -> None:
        self._box = box
        self._task = task
        self._workspace = workspace
        self._lock = asyncio.Lock()
        self._known: dict[str, bytes] | None = None
        """The workspace's files as the box has them; None where that has to be looked up."""

    async def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float | None = None) -> BoxRun:
        """Put in what changed, run a program, and take back what it changed.

        Raises:
            ToolError: the files do not fit into the box.
            SandboxError: the box broke.
        """
        async with self._lock:
            before = dict(self._workspace.files)
            known, self._known = self._known, None
            skip = _outputs(before)
            # Whatever happens between here and the last line, a cancellation too: what is known is void.
            emptied = await self._put(before, await self._look(skip) if known is None else known)
            ran = await self._box.run(argv, stdin=stdin, timeout_s=timeout_s)
            found, problem = await self._get(skip)
            if found is None:
                told = f"nothing of what it wrote was taken back: {problem}"
                return BoxRun(ran=ran, problem=f"{emptied}{told}")
            taken = self._sort(before, found)
            self._bring(taken)
            ours = (*before, *taken.changed, *taken.undone)
            self._known = {path: found[path] for path in ours if path in found}
            return taken.told(ran, emptied)

    async def _look(self, skip: Sequence[str]) -> dict[str, bytes]:
        found, _ = await self._get(skip)
        return {
            path: content for path, content in (found or {}).items() if not self._stays(path, found or {})
        }

    async def _put(self, files: Mapping[str, bytes], known: Mapping[str, bytes]) -> str:
        """Bring the box up to date; say so if its own files had to go for that."""
        # What is known comes from `get`, which follows no link, and nothing has run since: nor does rm.
        await self._remove(sorted(known.keys() - files.keys()))
        try:
            await self._box.put({path: new for path, new in files.items() if known.get(path) != new})
            return ""
        except SandboxError as error:
            await self._check_alive(error)
        # Left as it is, no program could run again, not even one that makes room.
        await self._box.run(["sh", "-c", _EMPTY])
        try:
            await self._box.put(files)
        except SandboxError as error:
            await self._check_alive(error)
            raise ToolError(
                f"the workspace does not fit into the box: {error}; make files smaller"
            ) from error
        return "the box was full: what is not in the workspace was removed from it; "

    async def _remove(self, paths: Sequence[str]) -> None:
        for start in range(0, len(paths), _AT_ONCE):
            await self._box.run(["rm", "-f", "--", *paths[start : start + _AT_ONCE]])

    async def _get(self, skip: Sequence[str]) -> tuple[Files | None, str]:
        """Return the files of the box, or why they can't be had although the box is well."""
        try:
            return await self._box.get(skip=skip), ""
        except SandboxError as error:
            await self._check_alive(error)
            return None, f"{error}; remove the big files there"

    async def _check_alive(self, error: SandboxError) -> None:
        """Tell a broken box, which is nobody's answer, from one that model-written code has filled."""
        try:
            await self._box.run(["true"])
        except SandboxError:
            raise error from None

    def _bring(self, taken: _Taken) -> None:
        # Only differences: a tool that wrote a file meanwhile keeps it.
        for path, content in taken.changed.items():
            if content is not None:
                self._workspace.write(path, content)
            elif path in self._workspace:
                self._workspace.delete(path)

    def _sort(self, before: Files, found: Files) -> _Taken:
        taken = _Taken()
        room = TOTAL_BYTES - sum(map(len, before.values()))
        added = 0
        for path in sorted(found.keys() | before.keys()):
            new, old = found.get(path), before.get(path)
            if new == old or (old is None and self._is_output(path)):
                continue
            growth = len(new or b"") - len(old or b"")
            added += old is None
            if not self._may_change(path):
                taken.undone.append(path)
            elif old is None and (added > _NEW_FILES or growth > room or self._is_left(path, found, taken)):
                taken.left.append(path)
            elif new is not None and growth > 0 and (len(new) > FILE_BYTES or growth > room):
                taken.outgrown.append(path)
            else:
                taken.changed[path] = new
                room -= growth
        return taken

    def _may_change(self, path: str) -> bool:
        """Say whether a program may: new files beside the answer are for the agent's own use."""
        if self._task.is_protected(path):
            return False
        return self._task.may_change(path) or path not in self._task.workspace

    def _is_left(self, path: str, found: Files, taken: _Taken) -> bool:
        in_place_of_a_file = any(f"{above}{name}" in taken.undone for above, name in _folders(path))
        return in_place_of_a_file or self._stays(path, found)

    def _stays(self, path: str, found: Files) -> bool:
        """Say whether a new file belongs to the box alone."""
        if self._is_output(path) or len(found[path]) > FILE_BYTES or not path.isprintable():
            return True
        return not self._task.may_change(path) and as_text(found[path]) is None

    def _is_output(self, path: str) -> bool:
        return any(
            _is_output_folder(name) and not self._has_sources(f"{above}{name}/")
            for above, name in _folders(path)
        )

    def _has_sources(self, folder: str) -> bool:
        return any(path.startswith(folder) for path in self._task.workspace)


def _outputs(files: Iterable[str]) -> list[str]:
    """Return which folders of a box need not be read: reading what a compiler left can cost seconds."""
    used = {name for path in files for name in path.split("/")[:-1]}
    hidden = [] if any(name.startswith(".") for name in used) else [".*"]
    return sorted(BUILD_FOLDERS - used) + hidden


def _folders(path: str) -> Iterable[tuple[str, str]]:
    """Yield the folders above a file, each with what stands before its name."""
    *names, _ = path.split("/")
    for at, name in enumerate(names):
        yield "".join(f"{other}/" for other in names[:at]), name


def _is_output_folder(name: str) -> bool:
    return name in BUILD_FOLDERS or name.startswith(".")
