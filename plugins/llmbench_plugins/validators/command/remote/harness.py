"""Runs in the tests' box: starts the tests' command, and passes what it asks of the answer out of the box.

Standard input and output are the line to llmbench: one JSON object a line, every line out answered by one in.
"""

import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile

KEPT = 200_000


def start(order, folder):
    """Start the command with everything it needs to find the answer."""
    environment = dict(os.environ)
    ours = os.path.dirname(os.path.abspath(__file__))
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (ours, environment.get("PYTHONPATH"))))
    environment["LLMBENCH_ANSWER"] = os.path.join(folder, "answer")
    environment["LLMBENCH_MODULES"] = json.dumps(order["modules"])
    environment["LLMBENCH_REPORT"] = os.path.join(folder, "report.xml")
    files = [open(os.path.join(folder, name), "wb") for name in ("stdout", "stderr")]
    process = subprocess.Popen(
        order["command"], stdin=subprocess.DEVNULL, stdout=files[0], stderr=files[1], env=environment
    )
    for file in files:
        file.close()
    return process


def relay(process, listener):
    """Carry requests of the tests to llmbench and replies back, until the command ends."""
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        while process.poll() is None:
            for key, _ in selector.select(timeout=0.02):
                if key.fileobj is listener:
                    connection, _ = listener.accept()
                    selector.register(connection, selectors.EVENT_READ, connection.makefile("rb"))
                    continue
                line = key.data.readline()
                if line:
                    key.fileobj.sendall(exchange({"ask": json.loads(line)}))
                else:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()


def exchange(message):
    """Say one line to llmbench and return its reply."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
    return sys.stdin.buffer.readline()


def text(folder, name):
    """Return the end of a file, or nothing."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            return file.read()[-KEPT:]
    except FileNotFoundError:
        return ""


def main():
    """Run one command to its end."""
    order = json.loads(sys.stdin.buffer.readline())
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.join(folder, "answer"))
        listener.listen()
        try:
            process = start(order, folder)
        except OSError as error:
            exchange({"done": {"exit_code": 127, "stdout": "", "stderr": str(error), "report": ""}})
            return
        relay(process, listener)
        done = {name: text(folder, name) for name in ("stdout", "stderr")}
        done.update(exit_code=process.returncode, report=text(folder, "report.xml"))
        exchange({"done": done})


if __name__ == "__main__":
    main()
