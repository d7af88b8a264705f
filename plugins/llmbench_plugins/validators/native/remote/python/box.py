"""What both sides do first in their boxes."""

import base64
import json
import os
import sys


def lay_out(files):
    """Write what a side shall find in its box, and let it be imported from there."""
    for path, content in files.items():
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(content))
    sys.path.insert(0, os.getcwd())


def line_to_host():
    """Return the two ends of the line to llmbench; what is printed goes to standard error from now on."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return requests, replies


class TooLarge(ValueError):
    """More than tests and answer can exchange at once."""


def packed(message, most, what):
    """Return a message as text, or raise an error that says what is too large: what ``what()`` returns."""
    text = json.dumps(message)
    if len(text) > most:
        raise TooLarge(f"{what()} takes {len(text)} bytes; tests and answer can exchange {most} at once")
    return text
