"""Secrets: from the environment, and from .env below it; never from YAML."""

import os
from collections.abc import Iterable
from pathlib import Path

from llmbench.records.masking import looks_secret


def find_secrets(named: Iterable[str] = ()) -> dict[str, str]:
    """Return what plugins may read and nothing may write.

    That is all of ``.env`` in the current folder, every variable of the environment whose name ends like a
    secret's, and those that options name (``api_key_env``). The environment wins.
    """
    path = Path(".env")
    found = _read(path) if path.is_file() else {}
    wanted = set(found) | set(named) | {name for name in os.environ if looks_secret(name)}
    return {**found, **{name: os.environ[name] for name in sorted(wanted & os.environ.keys())}}


def _read(path: Path) -> dict[str, str]:
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(path).items() if value is not None}
