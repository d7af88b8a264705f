"""control.json: what somebody asks of the command that works on a run, which looks at it once a second.

It lies in the run's folder, so that a terminal, a dashboard or another machine can ask. It is removed when a
command begins: what was asked of an earlier one is settled then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from llmbench.errors import RunError, UsageError
from llmbench.records.lines import UNREADABLE, check_moment
from llmbench.records.manifest import now, replace_json
from llmbench.records.runs import NEWEST
from llmbench.records.status import ENDED, Status, read_status, read_statuses

FILE = "control.json"

Wish = Literal["running", "paused", "stopping"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What is asked of a command."""

    schema: Literal["llmbench.control/1"] = "llmbench.control/1"
    state: Wish
    by: str
    """Who asks: ``llmbench pause``, ``the dashboard``."""
    at: str
    """When: ISO 8601, UTC."""
    now: bool = False
    """Whether samples under way are broken off; a later command or the end of the pause makes them anew."""


_DECODER = msgspec.json.Decoder(Control)


def ask(folder: Path, state: Wish, *, by: str, at_once: bool = False) -> Status:
    """Ask the command that works on a run to pause, to go on or to stop; return what it was doing.

    Args:
        folder: the run's.
        state: what the command shall do.
        by: who asks, as the run will say it.
        at_once: whether samples under way are broken off, not finished.

    Raises:
        UsageError: no command works on the run.
        RunError: the folder can't be written.
    """
    status = read_status(folder)
    if status is None or status.state in ENDED:
        raise UsageError(f"{folder}: {_how_it_ended(status)}")
    wish = Control(state=state, by=by, at=now(), now=at_once)
    try:
        replace_json(folder / FILE, msgspec.json.encode(wish))
    except OSError as error:
        raise RunError(f"{folder / FILE} can't be written: {error.strerror}") from None
    return status


def read_control(folder: Path) -> Control | None:
    """Return what is asked; None where nothing is, or nothing that can be read."""
    try:
        control = _DECODER.decode((folder / FILE).read_bytes())
        check_moment(control.at)
    except (OSError, *UNREADABLE):
        return None
    return control


def forget(folder: Path) -> None:
    """Settle what was asked of an earlier command; the caller holds the run's lock."""
    (folder / FILE).unlink(missing_ok=True)


def at_work(root: Path) -> dict[Path, Status]:
    """Return the runs below ``root`` on which a command works, by folder."""
    return {folder: status for folder, status in read_statuses(root).items() if status.state not in ENDED}


def find_at_work(word: str, root: Path) -> Path | None:
    """Return the folder of the run under way that ``word`` means; None where it means none of them.

    It is a folder, a run id or part of a name; ``last``, ``-`` or an empty word mean the only one there is.

    Raises:
        UsageError: it fits several runs that are under way; the message names them.
    """
    status = read_status(Path(word)) if word else None
    if status is not None and word not in NEWEST:
        return Path(word) if status.state not in ENDED else None
    runs = at_work(root)
    if word in ("", *NEWEST):
        fitting = list(runs)
    else:
        fitting = [one for one in runs if word.casefold() in _name(one).casefold()]
        fitting = [one for one in fitting if word in _exact(one, runs)] or fitting
    if len(fitting) > 1:
        names = ", ".join(map(_name, fitting))
        raise UsageError(f"'{word}' fits {len(fitting)} runs that are under way; name one of: {names}")
    return fitting[0] if fitting else None


def _name(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def _exact(folder: Path, runs: Mapping[Path, Status]) -> tuple[str, ...]:
    return (_name(folder), folder.name, runs[folder].run_id)


def _how_it_ended(status: Status | None) -> str:
    if status is None:
        return "no command works on it"
    because = f": {status.reason}" if status.reason else ""
    return f"no command works on it any more; the last one has {status.state}{because}"
