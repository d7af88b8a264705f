"""The history as the verbs use it: its troubles are warnings on stderr."""

import sys
from pathlib import Path

from llmbench.history.history import History


def history_of(root: Path) -> History:
    """Return the history of a folder of runs.

    Raises:
        UsageError: LLMBENCH_HISTORY_URL is wrong.
        PrerequisiteError: what speaks to its server is not installed.
    """
    return History(root, warn=_warn, busy=_say)


def _warn(message: str) -> None:
    print(f"llmbench: warning: {message}", file=sys.stderr)


def _say(message: str) -> None:
    print(f"llmbench: {message}", file=sys.stderr)
