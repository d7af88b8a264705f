"""For tests of answers that are programs: run one in the workspace, as grading does in the answer's box."""

import subprocess
from collections import namedtuple

Done = namedtuple("Done", "exit_code stdout stderr")


def run(argv, stdin="", timeout_s=10.0):
    """Run a program in the current folder."""
    try:
        ran = subprocess.run(
            list(argv),
            input=stdin.encode(errors="surrogatepass"),
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError("the program was stopped: timeout") from None
    return Done(ran.returncode, ran.stdout.decode(errors="replace"), ran.stderr.decode(errors="replace"))
