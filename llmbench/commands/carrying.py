"""What `llmbench solve --continue` takes over from the last conversation: what was said, and the files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from llmbench.api import Files, Message
from llmbench.errors import UsageError
from llmbench.records.solves import Changed, last_solve, read_solve, sum_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A conversation to go on with; empty where there is none."""

    folder: Path | None
    """The user's folder."""
    place: Path = Path()
    """Where the last conversation is."""
    prompts: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    changed: Mapping[str, Changed] = field(default_factory=dict)

    @property
    def messages(self) -> list[Message]:
        """What was said: each prompt, and what the model said at last and did."""
        done = f"(Files changed so far: {', '.join(self.changed) or 'none'}.)"
        said: list[Message] = []
        for prompt, answer in zip(self.prompts, self.answers, strict=True):
            said += (Message("user", prompt), Message("assistant", answer or "Done."))
        if said:
            said[-1] = Message("assistant", f"{said[-1].content}\n\n{done}")
        return said

    def laid_over(self, files: Files) -> dict[str, bytes]:
        """Return the folder's files as the last conversation left them, applied since or not.

        Raises:
            UsageError: one of them was changed since, so that going on would undo that.
        """
        found = dict(files)
        for path, change in self.changed.items():
            now = sum_of(files.get(path))
            if now == change.after:
                continue
            if now != change.before:
                raise UsageError(
                    f"solve: --continue: {path} was changed since the last conversation; begin anew without "
                    "--continue"
                )
            found.pop(path, None)
            if change.after:
                found[path] = self._left(path, change)
        return found

    def _left(self, path: str, change: Changed) -> bytes:
        file = self.place / "folder" / path
        content = file.read_bytes() if file.is_file() else None
        if content is None or sum_of(content) != change.after:
            raise UsageError(
                f"solve: --continue: {file} is not as it was left (secrets in it were masked, or it was "
                "changed); begin anew without --continue"
            )
        return content


def nothing_carried(folder: Path | None) -> Carried:
    """Return the beginning of a conversation."""
    return Carried(folder=folder)


def carried(root: Path, folder: Path | None) -> Carried:
    """Return the last conversation below the folder of all runs.

    Raises:
        UsageError: there is none, or it was about another folder.
    """
    place = last_solve(root)
    last = read_solve(place)
    if folder is not None and str(folder.resolve()) != last.folder:
        raise UsageError(
            f"solve: --continue: the last conversation was about {last.folder or 'no folder'}; "
            "leave --folder out, or begin anew without --continue"
        )
    return Carried(
        folder=Path(last.folder) if last.folder else None,
        place=place,
        prompts=last.prompts,
        answers=last.answers,
        changed=last.changed,
    )
