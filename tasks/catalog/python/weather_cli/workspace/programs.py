"""Starts weather.py in a new folder. Leave this file as it is."""

import os
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(os.path.join(os.path.dirname(__file__), "weather.py"))


def run(args, files, env=None):
    """Start the program over ``files`` (text by path), and return its exit code, output and errors."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            with open(os.path.join(folder, path), "w", encoding="utf-8", newline="") as file:
                file.write(text)
        done = subprocess.run(
            [sys.executable, "-S", PROGRAM, *args],
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            check=False,
        )
    return [done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")]
