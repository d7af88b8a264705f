"""Reads patches between ``*** Begin Patch`` and ``*** End Patch``, as models trained for Codex write them."""

import re

from llmbench.api import ToolError
from llmbench_plugins.tools.apply_patch.patch import NOWHERE, FilePatch, Hunk

_SECTION = re.compile(r"\*\*\* (Add|Update|Delete) File: (.+)")
_MOVE = "*** Move to: "
_END = "*** End of File"


def is_envelope(text: str) -> bool:
    """Say whether a patch has this form."""
    return any(_SECTION.match(line) for line in text.splitlines())


def parse_envelope(text: str) -> list[FilePatch]:
    """Return what the patch does.

    Raises:
        ToolError: a line can't be understood.
    """
    patches: list[FilePatch] = []
    for number, line in enumerate((line.removesuffix("\r") for line in text.split("\n")), 1):
        if section := _SECTION.match(line):
            patches.append(_begin(section[1], section[2].strip()))
        elif line.startswith(_MOVE) and patches:
            patches[-1].new = line.removeprefix(_MOVE).strip()
        elif line.startswith("*** ") or not patches:
            continue
        else:
            _add(patches[-1], line, number)
    for patch in patches:
        patch.hunks = [hunk for hunk in patch.hunks if any(sign != " " for sign, _ in hunk.body)]
    return patches


def _begin(verb: str, path: str) -> FilePatch:
    if verb == "Add":
        # A file may be added empty: its one hunk is there from the start.
        return FilePatch(old=NOWHERE, new=path)
    return FilePatch(old=path, new=path if verb == "Update" else NOWHERE)


def _add(patch: FilePatch, line: str, number: int) -> None:
    if line.startswith("@@"):
        anchor = line[2:].strip()
        patch.hunks.append(
            Hunk(head=line, anchor="" if anchor.startswith("-") else anchor.removesuffix("@@").strip())
        )
        return
    if not line and not (patch.hunks and patch.old != NOWHERE):
        return
    if line[:1] not in ("", " ", "+", "-"):
        raise ToolError(
            f"line {number} of the patch begins with neither a space, '-', '+' nor '@@': {line[:80]!r}"
        )
    if not patch.hunks:
        patch.hunks.append(Hunk(head="its first lines"))
    hunk = patch.hunks[-1]
    hunk.body.append((line[0], line[1:]) if line else (" ", ""))
    hunk.doubtful = 0 if line else hunk.doubtful + 1
