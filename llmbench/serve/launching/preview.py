"""What a launch would ask and cost: the command line's own dry run, in a bounded process of its own."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass

from llmbench.serve.launching.processes import environment_of
from llmbench.serve.launching.words import Words
from llmbench.serve.settings import Settings

_LONGEST_S = 60.0
_MOST_CHARACTERS = 64 << 10


@dataclass(frozen=True, slots=True)
class Preview:
    """What a dry run printed."""

    text: str = ""
    estimate: str = ""
    """What it says at its end: how much is asked, how long it will take and what it will cost."""
    wrong: str = ""
    """Why there is none."""
    is_cut: bool = False


def preview(words: Words, settings: Settings) -> Preview:
    """Run ``llmbench … dry_run=true`` and return what it says; nothing is asked and no run is made."""
    if words.is_sweep:
        return Preview(wrong="a dry run is of one run: choose one value of each, for now")
    argv = [*words.argv(settings.root), "dry_run=true"]
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "llmbench", *argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=environment_of({"COLUMNS": "100", "NO_COLOR": "1"}),
    )
    try:
        told, faults = child.communicate(timeout=_LONGEST_S)
    except subprocess.TimeoutExpired:
        return Preview(wrong=f"not done in {_LONGEST_S:.0f} s; the dataset may have to be fetched first")
    finally:
        if child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
    if child.returncode:
        return Preview(wrong=_last_line(faults.decode(errors="replace")))
    text = told.decode(errors="replace")
    return Preview(
        text=text[:_MOST_CHARACTERS], estimate=_estimate(text), is_cut=len(text) > _MOST_CHARACTERS
    )


def _estimate(text: str) -> str:
    """Return what stands behind the last rule: all questions stand before it."""
    lines = text.splitlines()
    rules = [place for place, line in enumerate(lines) if line and set(line) == {"─"}]
    return " ".join(line.strip() for line in lines[rules[-1] + 1 :]) if rules else ""


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("llmbench: ") if lines else "it ended without a word"
