"""Expressions: paths."""

import re

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
PATH = re.compile(rf"{NAME}(?:\.(?:{NAME}|[0-9]+))*")
MISSING = object()


def path(text):
    """Return the parts of a path."""
    if not PATH.fullmatch(text.strip()):
        raise ValueError(f"{text.strip()} is no path")
    return text.strip().split(".")


def find(value, parts):
    """Follow a path."""
    for part in parts:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return MISSING
    return value
