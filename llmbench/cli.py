"""The command line: a verb, or else a run. Imports nothing heavy, for every command starts here."""

import sys
from collections.abc import Sequence

from llmbench import __version__

VERBS = (
    "check",
    "clean",
    "doctor",
    "export",
    "fitness",
    "grade",
    "list",
    "new",
    "prepare",
    "prompts",
    "report",
    "server",
    "show",
)
"""Each is a module of llmbench.commands with ``main(argv) -> int``."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    first = words[0] if words else ""
    if first == "--version":
        print(f"llmbench {__version__}")
        return 0
    if first in ("help", "-h", "--help"):
        return _help(words[1:])
    if first in VERBS:
        return _verb(first, words[1:])
    if first and first[0] not in "-+~" and "=" not in first:
        return _unknown(first)
    if "-h" in words or "--help" in words:
        return _help([])
    from llmbench.app import run_app

    return run_app(words)


def _verb(name: str, argv: list[str]) -> int:
    from importlib import import_module

    from llmbench.app import guarded

    command = import_module(f"llmbench.commands.{name}")
    return guarded(lambda: int(command.main(argv)))


def _help(words: list[str]) -> int:
    if words and words[0] in VERBS:
        return _verb(words[0], ["--help"])
    from llmbench.app import guarded
    from llmbench.commands.help import main as show_help

    return guarded(show_help)


def _unknown(word: str) -> int:
    from difflib import get_close_matches

    close = get_close_matches(word, VERBS, n=1)
    hint = f"did you mean '{close[0]}'? " if close else ""
    print(
        f"llmbench: no command '{word}'; {hint}commands: {', '.join(VERBS)}; "
        "or key=value to run (llmbench --help)",
        file=sys.stderr,
    )
    return 2
