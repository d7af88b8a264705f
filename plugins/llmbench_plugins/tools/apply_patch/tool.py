"""Tool ``apply_patch``: unified diffs over several files, all of it or nothing."""

from dataclasses import dataclass, field
from typing import Annotated

from llmbench.api import Scope, Tool, ToolError, ToolResult, option
from llmbench_plugins.tools.apply_patch.envelope import is_envelope, parse_envelope
from llmbench_plugins.tools.apply_patch.hunks import apply_hunks
from llmbench_plugins.tools.apply_patch.patch import NOWHERE, FilePatch, parse_diff
from llmbench_plugins.tools.shared.text import counted, lines_of, read_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPatchArguments:
    """What to change."""

    patch: Annotated[str, option(help="a unified diff")]


class ApplyPatch(Tool):
    """Applies a unified diff, atomically; wrong line numbers and counts are forgiven, wrong lines are not."""

    name = "apply_patch"
    aliases = ("patch_files",)
    description = (
        "Apply a unified diff to one or more files: '--- a/FILE', '+++ b/FILE' (/dev/null for a new or "
        "deleted file), '@@ -LINE,COUNT +LINE,COUNT @@', then lines that begin with a space (unchanged), "
        "'-' or '+'. Unchanged and removed lines must be in the file. All of it is applied, or nothing."
    )
    kind = "write"
    Arguments = ApplyPatchArguments
    argument_aliases = {  # noqa: RUF012
        "diff": "patch",
        "input": "patch",
        "patch_text": "patch",
        "content": "patch",
    }

    async def call(self, arguments: ApplyPatchArguments, scope: Scope) -> ToolResult:
        """Work everything out first, then change the files."""
        patches = (
            parse_envelope(arguments.patch) if is_envelope(arguments.patch) else parse_diff(arguments.patch)
        )
        plan = _Plan(scope)
        for patch in patches:
            plan.add(patch)
        return ToolResult(text="\n".join(plan.apply()))


@dataclass(slots=True)
class _Plan:
    """The files as they will be; None for one that will be gone."""

    scope: Scope
    files: dict[str, str | None] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def add(self, patch: FilePatch) -> None:
        """Work out what a patch does to its file."""
        old, new = self._name(patch.old), self._name(patch.new)
        if old != NOWHERE and not self._is_there(old) and new != NOWHERE and self._is_there(new):
            old = new
        if old != NOWHERE and not self._is_there(old) and not any(hunk.old for hunk in patch.hunks):
            old = NOWHERE
        if old == new == NOWHERE:
            raise ToolError("the patch leads from /dev/null to /dev/null; expected the name of a file")
        for path in {old, new} - {NOWHERE}:
            self.scope.check_writable(path)
        if old == NOWHERE and self._is_there(new):
            raise ToolError(f"{new} is there already, and the patch makes it anew: change it, or use write")
        if old != new and NOWHERE not in (old, new) and self._is_there(new):
            raise ToolError(f"{old} can't become {new}, which is there already")
        text = "" if old == NOWHERE else self._text(old)
        self._note(patch, old, new, apply_hunks(text, patch.hunks, new if old == NOWHERE else old))

    def apply(self) -> list[str]:
        """Change the files; when one of them can't be, none is."""
        before = self.scope.workspace.files
        try:
            # What goes makes room for what comes: a folder in the place of a file.
            for path in [path for path, text in self.files.items() if text is None and path in before]:
                self.scope.delete(path)
            for path, text in self.files.items():
                if text is not None:
                    self.scope.write(path, text.encode())
        except ToolError:
            self.scope.workspace.update(before)
            raise
        return self.told

    def _note(self, patch: FilePatch, old: str, new: str, text: str) -> None:
        signs = [sign for hunk in patch.hunks for sign, _ in hunk.body]
        lines = f"+{signs.count('+')} -{signs.count('-')}"
        if new == NOWHERE:
            if text and patch.hunks:
                left = counted(len(lines_of(text)), "line")
                raise ToolError(
                    f"the patch deletes {old} but leaves {left} of it; expected all of them removed"
                )
            self.files[old] = None
            self.told.append(f"deleted {old}")
            return
        if old not in (new, NOWHERE):
            self.files[old] = None
        self.files[new] = text
        done = f"created {new}" if old == NOWHERE else f"patched {new}"
        self.told.append(f"{done}: {lines}" if old in (new, NOWHERE) else f"moved {old} to {new}: {lines}")

    def _name(self, given: str) -> str:
        """Return the path that a patch means, without the ``a/`` of a diff that has it on one side only."""
        if given == NOWHERE:
            return given
        path = self.scope.path(given)
        plain = path[2:] if path.startswith(("a/", "b/")) else path
        return plain if not self._is_there(path) and self._is_there(plain) else path

    def _is_there(self, path: str) -> bool:
        return self.files[path] is not None if path in self.files else path in self.scope.workspace

    def _text(self, path: str) -> str:
        planned = self.files.get(path)
        if path in self.files and planned is None:
            raise ToolError(f"the patch changes {path} after it took it away")
        return planned if planned is not None else read_text(self.scope, path)
