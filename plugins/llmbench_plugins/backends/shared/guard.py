"""Run a command and end it when stdin closes: ``python guard.py COMMAND [ARGUMENT…]``.

Its parent holds the other end of stdin, so the command ends with the parent however that dies. The exit code
is the command's own (128 + N after signal N). ``--last JSON`` before the command is an argument list to run
after the command has ended, such as the removal of its container. Uses the standard library only, so that it
starts in no time.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from types import FrameType

GRACE_S = 5.0
LAST = "--last"
LAST_S = 20.0


def main(argv: list[str]) -> int:
    """Run ``argv`` and return its exit code; 127 where it can't be started."""
    last: list[str] = []
    if argv[0] == LAST:
        last, argv = json.loads(argv[1]), argv[2:]
    try:
        # A group of its own: what the command starts ends with it.
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, process_group=0)
    except OSError as error:
        sys.stderr.write(f"{argv[0]}: {error.strerror}\n")
        return 127

    def on_signal(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=_end, args=(child,), daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, on_signal)
    threading.Thread(target=_end_with_stdin, args=(child,), daemon=True).start()
    code = child.wait()
    _signal(child, signal.SIGKILL)
    if last:
        _run_last(last)
    return code if code >= 0 else 128 - code


def _end_with_stdin(child: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1024):
        pass
    _end(child)


def _end(child: "subprocess.Popen[bytes]") -> None:
    _signal(child, signal.SIGTERM)
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        _signal(child, signal.SIGKILL)


def _run_last(argv: list[str]) -> None:
    try:
        subprocess.run(argv, stdin=subprocess.DEVNULL, timeout=LAST_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"{argv[0]}: {error}\n")


def _signal(child: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
