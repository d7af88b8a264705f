"""The command line: a verb, or else a run. Imports nothing heavy, for every command starts here."""

import shlex
import sys
from collections.abc import Sequence

from llmbench import __version__
from llmbench.streams import replace_what_is_lacking

VERBS = (
    "check",
    "clean",
    "compare",
    "completion",
    "diff",
    "doctor",
    "du",
    "estimate",
    "export",
    "fitness",
    "grade",
    "index",
    "leaderboard",
    "list",
    "new",
    "pause",
    "prepare",
    "prompts",
    "report",
    "resume",
    "rm",
    "serve",
    "server",
    "show",
    "solve",
    "stop",
    "verify",
)
"""Each is a module of llmbench.commands with ``main(argv) -> int``."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    replace_what_is_lacking()
    words = [_as_text(word) for word in (sys.argv[1:] if argv is None else argv)]
    if None in words:
        print("llmbench: an argument is not UTF-8; expected text", file=sys.stderr)
        return 2
    return _main([word for word in words if word is not None])


def _main(words: list[str]) -> int:
    first = words[0] if words else ""
    if first in ("--version", "-V", "version"):
        if words[1:]:
            return _refused(f"{first} takes no more words, got '{words[1]}'")
        print(f"llmbench {__version__}")
        return 0
    if first in ("help", "-h", "--help"):
        return _help(words[1:])
    if words[:3] == ["completion", "words", "--"]:
        return _complete(words[3:])
    if first in VERBS:
        return _verb(first, words[1:])
    if first == "run":
        # The word of other tools for what no word stands for here.
        return _main(words[1:]) if words[1:2] not in (["run"], ["version"]) else _unknown(words[1])
    if first.startswith("~/") or (first and first[0] not in "-+~" and "=" not in first):
        return _unknown(first, words[1:])
    if "-h" in words or "--help" in words:
        return _help([])
    from llmbench.app import run_app

    return run_app(words)


def _as_text(word: str) -> str | None:
    """Return an argument as text whatever the locale makes of it; None where it is none."""
    try:
        return word.encode(errors="surrogateescape").decode()
    except UnicodeError:
        return None


def _verb(name: str, argv: list[str]) -> int:
    from importlib import import_module

    from llmbench.app import guarded

    command = import_module(f"llmbench.commands.{name}")
    return guarded(lambda: int(command.main(argv)))


def _complete(words: list[str]) -> int:
    """Print what the last of the words typed so far may become; the shells' scripts ask for it."""
    from llmbench.commands.candidates import candidates

    *before, word = words or [""]
    sys.stdout.writelines(f"{found}\n" for found in candidates(VERBS, before, word))
    return 0


def _help(words: list[str]) -> int:
    if words and words[0] in VERBS:
        if words[1:]:
            return _refused(f"help {words[0]} takes no more words, got '{words[1]}'")
        return _verb(words[0], ["--help"])
    if words:
        return _unknown(words[0])
    from llmbench.app import guarded
    from llmbench.commands.help import main as show_help

    return guarded(show_help)


def _refused(message: str) -> int:
    print(f"llmbench: {message}", file=sys.stderr)
    return 2


_RUN = ("bench", "benchmark", "eval", "evaluate", "start", "test")
_CALLED = {"ls": "list", "info": "doctor", "results": "report", "download": "prepare"}
"""Words of other tools for a command, and the word here."""


def _unknown(word: str, rest: Sequence[str] = ()) -> int:
    from difflib import get_close_matches

    close = [_CALLED[word]] if word in _CALLED else get_close_matches(word, VERBS, n=1)
    hint = f"did you mean '{close[0]}'? " if close else ""
    if word in _RUN:
        hint = f"a run needs none: {shlex.join(['llmbench', *rest])}; "
    elif any(mark in word for mark in "/:~.") and not word.endswith(":"):
        hint = f"to run a model: {shlex.join(['llmbench', f'model={word}', *rest])}; "
    return _refused(
        f"no command '{word}'; {hint}commands: {', '.join(VERBS)}; or key=value to run (llmbench --help)"
    )
