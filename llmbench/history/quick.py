"""Reading SQLite without SQLAlchemy, whose import takes about as long as a leaderboard may take in all."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from llmbench.history.faults import Unavailable, check_version, fault

BUSY_S = 10.0
"""How long to wait for another process that writes."""


def query(file: Path, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return what a statement finds.

    Raises:
        HistoryFault: the database can't be read.
    """
    try:
        return _query(f"file:{quote(str(file))}?mode=ro", statement, values)
    except Unavailable:
        # Where the folder may not be written, SQLite reads only what it is told nobody writes.
        if _may_write_beside(file):
            raise
        return _query(f"file:{quote(str(file))}?mode=ro&immutable=1", statement, values)


def _query(uri: str, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_S)) as connection:
            check_version(_version(connection))
            return connection.execute(statement, values).fetchall()
    except sqlite3.Error as error:
        raise fault(error) from None


def _version(connection: sqlite3.Connection) -> int:
    found = connection.execute("SELECT version FROM history").fetchone()
    return found[0] if found and isinstance(found[0], int) else 0


def _may_write_beside(file: Path) -> bool:
    return os.access(file.parent, os.W_OK)
