"""What the verbs share that ask something of a run under way: pause, resume, stop."""

import time
from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.errors import UsageError
from llmbench.records.control import find_at_work
from llmbench.records.runs import find_run
from llmbench.records.status import ENDED, read_status

_LOOK_S = 0.2


def asking_parser(verb: str, description: str, flags: str = "") -> Parser:
    """Return a parser with the arguments of all of them."""
    runs = "RUN is a folder, a run's id or part of its name; it may be left out where one run is under way."
    parser = Parser(verb, f"{description} {runs}", f"[RUN] {flags}[--root DIR]")
    parser.add_argument("run", nargs="?", default="", metavar="RUN")
    parser.add_argument("--root", type=Path, default=Path("outputs"), help="where the runs are (outputs)")
    return parser


def named_run(word: str, root: Path) -> Path:
    """Return the folder of the run that is meant: of those under way, if it means one of them.

    Raises:
        UsageError: there is no such run, or several.
    """
    folder = find_at_work(word, root)
    if folder is not None:
        return folder
    if word:
        return find_run(word, root)
    raise UsageError(f"{root}: no run is under way there; name a run, or another folder with --root")


def wait(folder: Path, *states: str) -> None:
    """Wait until a run is in one of some states, or no command works on it any more; say what it is."""
    while (status := read_status(folder)) is not None and status.state not in (*states, *ENDED):
        time.sleep(_LOOK_S)
    if status is not None:
        print(f"{status.run_id} is {status.state}")
