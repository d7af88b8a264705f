"""A terminal of 80 columns for a command, as a person has one."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_terminal(
    words: Sequence[str], here: Path, *, columns: int = 80, timeout_s: float = 120, **environment: str
) -> tuple[int, str]:
    """Run a command on a pseudo terminal; return its exit code and all that it wrote there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    unwanted = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
    known = {name: value for name, value in os.environ.items() if name not in unwanted}
    process = subprocess.Popen(
        words,
        cwd=here,
        env=known | {"TERM": "xterm-256color", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    pieces: list[bytes] = []
    with suppress(OSError):  # how Linux says that the other side is closed
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    os.close(ours)
    return process.wait(timeout_s), b"".join(pieces).decode(errors="replace")


def plain_lines(told: str) -> list[str]:
    """Return what was written as lines without control codes; lines drawn anew are lines of their own."""
    return [line.rstrip() for line in re.split(r"[\r\n]+", _CONTROL.sub("", told))]
