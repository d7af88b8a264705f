"""outputs/solve/<time>/: what `llmbench solve` was asked, what was said, and the files it worked on.

``solve.json``        what it was asked for and with, and which files it changed
``prompt.md``         the prompt
``transcript.jsonl``  as of a sample (``records.transcript``)
``patch.diff``        what became of the files
``folder/``           the files as they were left
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from llmbench import __version__
from llmbench.api import Files
from llmbench.errors import UsageError
from llmbench.records.lines import UNREADABLE, encoded
from llmbench.records.manifest import replace_json
from llmbench.records.masking import Mask
from llmbench.records.own_folder import Changes
from llmbench.records.samples import file_diff

FILE = "solve.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A file that was changed: sha256 of what it was and became, empty for no file."""

    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Solve:
    """One conversation about a folder."""

    schema: Literal["llmbench.solve/1"] = "llmbench.solve/1"
    started: str
    ended: str
    llmbench: str = __version__
    folder: str
    """Where the files came from; empty where none was named."""
    overrides: tuple[str, ...]
    prompts: tuple[str, ...]
    """The prompts so far, the last one that of this command."""
    answers: tuple[str, ...]
    """What the model said at last to each of them."""
    changed: Mapping[str, Changed]
    left_out: Mapping[str, str]
    """Files of the folder that the agent was not given, each with the reason."""


_DECODER = msgspec.json.Decoder(Solve)


def new_solve_folder(root: Path) -> Path:
    """Make a folder below that of all runs, named after the time."""
    name = datetime.now().astimezone().strftime("%Y-%m-%d_%H-%M-%S")
    for number in range(1, 1000):
        folder = root / "solve" / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise UsageError(f"{root / 'solve'}: no new folder can be made there")


def last_solve(root: Path) -> Path:
    """Return the folder of the last conversation.

    Raises:
        UsageError: there is none.
    """
    found = sorted((root / "solve").glob(f"*/{FILE}"), key=lambda path: path.stat().st_mtime_ns)
    if not found:
        raise UsageError(f"{root / 'solve'}: holds no conversation to go on with; leave --continue out")
    return found[-1].parent


def read_solve(folder: Path) -> Solve:
    """Return what is noted of a conversation.

    Raises:
        UsageError: it can't be read.
    """
    try:
        return _DECODER.decode((folder / FILE).read_bytes())
    except (OSError, *UNREADABLE) as error:
        raise UsageError(f"{folder / FILE} is not what llmbench solve writes: {error}") from None


def write_solve(
    folder: Path, solve: Solve, before: Files, after: Files, changed: Changes, mask: Mask
) -> None:
    """Write what came of a conversation; secrets are masked."""
    _write(folder / "prompt.md", solve.prompts[-1].encode(errors="replace"), mask)
    patch = patch_of(before, changed)
    if patch:
        _write(folder / "patch.diff", patch.encode(errors="replace"), mask)
    (folder / "folder").mkdir(exist_ok=True)
    for path, content in after.items():
        _write(folder / "folder" / path, content, mask)
    replace_json(folder / FILE, encoded(solve, _DECODER.decode, mask, "the conversation"))


def patch_of(before: Files, changed: Changes) -> str:
    """Return changes as a diff that `git apply` takes, empty files included."""
    return "".join(_git_diff(path, before.get(path), content) for path, content in changed.items())


def _git_diff(path: str, before: bytes | None, after: bytes | None) -> str:
    mode = (
        "new file mode 100644\n" if before is None else "deleted file mode 100644\n" if after is None else ""
    )
    return f"diff --git a/{path} b/{path}\n{mode}{file_diff(path, before, after)}"


def noted(before: Files, changed: Changes) -> dict[str, Changed]:
    """Return which files were changed, by their sums."""
    return {
        path: Changed(before=sum_of(before.get(path)), after=sum_of(content))
        for path, content in changed.items()
    }


def sum_of(content: bytes | None) -> str:
    """Return the sha256 of a file; empty for no file."""
    return "" if content is None else hashlib.sha256(content).hexdigest()


def _write(file: Path, content: bytes, mask: Mask) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if mask.hides(content):
        content = mask.text(content.decode(errors="replace")).encode(errors="replace")
    file.write_bytes(content)
