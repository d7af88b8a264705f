"""What may be wrong with the database. None of it ever harms a run, for rows can be made again."""

from typing import Any

VERSION = 1
"""Of the tables. Whoever changes them, or what a column means, counts it up: rows are made anew."""
_LOST = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR")
"""How SQLite's names begin for: damaged, no database, and (as our statements are right) tables that lack."""


class HistoryFault(Exception):
    """The database can't be used; the text says why."""


class Lost(HistoryFault):
    """What it holds is damaged or incomplete: it is made anew."""


class Outdated(Lost):
    """It is of an older version: it is made anew, and nobody need be told."""


class Unavailable(HistoryFault):
    """It can't be reached, read or written just now, or belongs to a newer llmbench: it is left alone."""


def check_version(found: int) -> None:
    """Refuse tables that are not ours to read.

    Raises:
        Outdated: they are of an older version.
        Unavailable: they are of a newer one.
    """
    if found > VERSION:
        raise Unavailable(f"it was made by a newer llmbench (version {found}); upgrade llmbench to use it")
    if found < VERSION:
        raise Outdated(f"it is of version {found}, and this llmbench keeps version {VERSION}")


def fault(error: Any) -> HistoryFault:
    """Return what an error of SQLite or of PostgreSQL's driver means."""
    name, text = getattr(error, "sqlite_errorname", ""), " ".join(str(error).split())
    # PostgreSQL's class 42 is about tables and columns that are not there, but for 42501, missing rights.
    state = getattr(error, "sqlstate", None) or ""
    if name.startswith(_LOST) or (state.startswith("42") and state != "42501"):
        return Lost(text)
    return Unavailable(text)
