"""Secrets: from the environment, and from .env below it; never from YAML."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from llmbench.api.text import read_text
from llmbench.errors import UsageError
from llmbench.records.masking import looks_secret


def find_secrets(named: Iterable[str] = ()) -> dict[str, str]:
    """Return what plugins may read and nothing may write.

    That is all of ``.env`` in the current folder, every variable of the environment whose name ends like a
    secret's, and those that options name (``api_key_env``). The environment wins. Blanks and line ends around
    a secret are none of it, and are left out.

    Raises:
        UsageError: ``.env`` can't be read.
    """
    named = set(named)
    found = dotenv()
    wanted = set(found) | named | {name for name in os.environ if looks_secret(name)}
    found |= {name: os.environ[name] for name in sorted(wanted & os.environ.keys())}
    return {
        name: value.strip() if name in named or looks_secret(name) else value for name, value in found.items()
    }


def dotenv() -> dict[str, str]:
    """Return the variables of ``.env`` in the current folder.

    Raises:
        UsageError: it can't be read.
    """
    return _read(Path(".env"))


def _read(path: Path) -> dict[str, str]:
    """Return the variables of a file, values as they stand there: ``$`` is a character like any other."""
    if path.is_dir():
        if (path / "pyvenv.cfg").exists():
            return {}  # a virtual environment may be called so
        raise UsageError(f"{path} is a folder; expected a file with lines such as NAME=value")
    if not path.exists():
        return {}
    from io import StringIO

    from dotenv.parser import parse_stream

    found = {}
    for binding in parse_stream(StringIO(read_text(path))):
        if binding.error:
            line = binding.original.line
            print(f"llmbench: warning: {path}, line {line}: no NAME=value; it is left out", file=sys.stderr)
        elif binding.key is not None and binding.value is not None:
            found[binding.key] = binding.value
    return found
