"""For tests of answers that are programs: run one in the answer's box.

Example::

    from llmbench_answer import run

    done = run(["./a.out", "3"], stdin="1 2 3")
    self.assertEqual((done.exit_code, done.stdout), (0, "6"))
"""

import json
import os
import socket
from collections import namedtuple

Done = namedtuple("Done", "exit_code stdout stderr")


def run(argv, stdin="", timeout_s=10.0):
    """Run a program in the answer's box, in its work folder."""
    request = {"op": "program", "argv": list(argv), "stdin": stdin, "timeout_s": timeout_s}
    with socket.socket(socket.AF_UNIX) as channel:
        channel.connect(os.environ["LLMBENCH_ANSWER"])
        channel.sendall((json.dumps(request) + "\n").encode())
        reply = json.loads(channel.makefile("r", encoding="utf-8").readline())
    if "ended" in reply:
        raise TimeoutError(reply["ended"])
    return Done(**reply["value"])
