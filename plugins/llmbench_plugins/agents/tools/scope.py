"""The scope of an agent's tools: ``api.Scope`` with a box behind ``run``, and whom to delegate to."""

from collections.abc import Awaitable, Callable, Sequence

from llmbench.api import Box, BoxRun, Scope, Task, ToolError, Workspace
from llmbench_plugins.agents.tools.box_files import BoxFiles

_ARGUMENT_BYTES = 100_000
"""Linux takes 128 KiB for one argument; a longer one would be a fault of the box and not of the model."""

Delegate = Callable[[str], Awaitable[str]]


class TryScope(Scope):
    """One try of one sample. A second agent that works on the same files gets ``for_helper``."""

    def __init__(
        self,
        task: Task,
        workspace: Workspace,
        box: Box | None,
        *,
        delegate: Delegate | None = None,
        files: BoxFiles | None = None,
    ) -> None:
        super().__init__(task, workspace)
        self._files = files or (BoxFiles(box, task, workspace) if box else None)
        self._delegate = delegate

    def for_helper(self, delegate: Delegate | None = None) -> "TryScope":
        """Return a scope over the same files and the same box, with a state of its own."""
        return TryScope(self.task, self.workspace, None, delegate=delegate, files=self._files)

    async def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float | None = None) -> BoxRun:
        """Run a program in the agent's box over the workspace's files, and take back what it changed.

        Raises:
            ToolError: this run's agent has no box, or no program can be started like that.
            SandboxError: the box broke.
        """
        if self._files is None:
            raise ToolError("nothing can be run here: this agent was given no box; go on without running")
        for word in argv:
            _check_word(word)
        return await self._files.run(argv, stdin=stdin, timeout_s=timeout_s)

    async def delegate(self, question: str) -> str:
        """Have a second agent work on the same files and return what it says.

        Raises:
            ToolError: there is none to ask, or its budget is spent.
        """
        if self._delegate is None:
            raise ToolError("no further agent can be asked from here; do it yourself")
        return await self._delegate(question)


def _check_word(word: str) -> None:
    try:
        size = len(word.encode())
    except UnicodeEncodeError:
        raise ToolError("the command holds half of a surrogate pair; expected plain text") from None
    if "\0" in word:
        raise ToolError("the command holds a NUL character; expected plain text")
    if size > _ARGUMENT_BYTES:
        raise ToolError(
            f"the command is {size} bytes long; expected at most {_ARGUMENT_BYTES}: put its data into a file"
        )
