"""The file ``.env`` of the current folder: variables for those that are not set in the environment."""

import sys
from pathlib import Path

from llmbench.api.text import read_text
from llmbench.errors import UsageError

FILE = Path(".env")


def read_dot_env(*, quiet: bool = False) -> dict[str, str]:
    """Return the variables of ``.env``, values as they stand there: ``$`` is a character like any other.

    Args:
        quiet: leave out lines that are none without a word.

    Raises:
        UsageError: it can't be read.
    """
    path = FILE
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
        if binding.error and not quiet:
            line = binding.original.line
            print(f"llmbench: warning: {path}, line {line}: no NAME=value; it is left out", file=sys.stderr)
        if binding.key is not None and binding.value is not None:
            found[binding.key] = binding.value
    return found
