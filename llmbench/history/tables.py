"""The tables, and all writing to them, through SQLAlchemy: the one module that imports it.

Imported where something is to be written, or a server to be read; see ``quick`` for the rest.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, get_type_hints

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.schema import CreateTable

from llmbench.history.faults import VERSION, Unavailable, check_version, fault
from llmbench.history.place import Place
from llmbench.history.quick import BUSY_S
from llmbench.history.rows import COLUMNS, Indexed, RunRow

_KINDS: dict[Any, Any] = {str: sa.Text, int: sa.BigInteger, float: sa.Double}
_LOCK = 5_413_170_221
"""Of PostgreSQL, while tables are made: any number that nobody else is likely to use."""


def _columns() -> Iterator[sa.Column[Any]]:
    for name, hint in get_type_hints(RunRow).items():
        kinds = [kind for kind in _KINDS if kind is hint or kind in getattr(hint, "__args__", ())]
        optional = type(None) in getattr(hint, "__args__", ())
        yield sa.Column(
            name, _KINDS[kinds[0]], primary_key=name == "id", autoincrement=False, nullable=optional
        )


METADATA = sa.MetaData()
HISTORY = sa.Table("history", METADATA, sa.Column("version", sa.BigInteger, nullable=False))
RUNS = sa.Table("runs", METADATA, *_columns(), sa.Column("config", sa.Text, nullable=False))
TASKS = sa.Table(
    "tasks_of_run",
    METADATA,
    sa.Column("run", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("task", sa.Text, primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("passed", sa.BigInteger, nullable=False),
    sa.Column("passed_within", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


class Tables:
    """The tables of a place, made if they are missing."""

    def __init__(self, place: Place) -> None:
        """Open them.

        Raises:
            HistoryFault: the database can't be used.
        """
        self._place = place
        self._engine = _engine_of(place)
        self._insert: Any = postgresql_insert if place.url else sqlite_insert
        if place.file and not place.file.exists():
            _make_file(place.file)
        with self._writing() as connection:
            if place.url:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
                _create(connection)
            check_version(connection.scalar(sa.select(HISTORY.c.version)) or 0)

    def query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return what a statement finds; its parameters are question marks.

        Raises:
            HistoryFault: the database can't be read.
        """
        placed = statement.replace("?", "%s") if self._place.url else statement
        with self._writing() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(placed, tuple(values))]

    def save(self, found: Sequence[Indexed]) -> None:
        """Write runs, in place of what was known of them.

        Raises:
            HistoryFault: nothing was written.
        """
        # In one order everywhere, so that two processes can't wait for each other.
        ordered = sorted(found, key=lambda one: one.row.id)
        runs = [
            {"config": one.config, **{name: getattr(one.row, name) for name in COLUMNS}} for one in ordered
        ]
        tasks = [
            {
                "run": one.row.id,
                "task": t.task,
                "n": t.n,
                "passed": t.passed,
                "passed_within": t.passed_within,
            }
            for one in ordered
            for t in one.tasks
        ]
        with self._writing() as connection:
            # The run's own row first: whoever holds it may change its tasks.
            statement = self._insert(RUNS)
            given = {column.name: statement.excluded[column.name] for column in RUNS.columns}
            upsert = statement.on_conflict_do_update(index_elements=["id"], set_=given)
            connection.execute(upsert, runs)
            self._forget_tasks(connection, [one.row.id for one in ordered])
            if tasks:
                connection.execute(sa.insert(TASKS), tasks)

    def drop(self, ids: Iterable[int]) -> None:
        """Forget runs.

        Raises:
            HistoryFault: nothing was forgotten.
        """
        wanted = sorted(ids)
        with self._writing() as connection:
            self._forget_tasks(connection, wanted)
            for part in _parts(wanted):
                connection.execute(sa.delete(RUNS).where(RUNS.c.id.in_(part)))

    def clear(self) -> None:
        """Forget all runs of this place.

        Raises:
            HistoryFault: nothing was forgotten.
        """
        with self._writing() as connection:
            ours = sa.select(RUNS.c.id).where(RUNS.c.place == self._place.name)
            connection.execute(sa.delete(TASKS).where(TASKS.c.run.in_(ours)))
            connection.execute(sa.delete(RUNS).where(RUNS.c.place == self._place.name))

    def _forget_tasks(self, connection: sa.Connection, ids: Sequence[int]) -> None:
        for part in _parts(ids):
            connection.execute(sa.delete(TASKS).where(TASKS.c.run.in_(part)))

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with _faults(), self._engine.begin() as connection:
            yield connection


def make_anew(place: Place, *, keep: bool) -> None:
    """Put empty tables in place of what is lost, or make room for a new file.

    Args:
        place: where the tables are.
        keep: whether a file is worth a look: it is set aside, else removed.

    Raises:
        HistoryFault: that can't be done.
    """
    if place.file:
        _remove(place.file, keep=keep)
        return
    with _faults(), _engine_of(place).begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        METADATA.drop_all(connection)
        _create(connection)


def _remove(file: Path, *, keep: bool) -> None:
    with _faults():
        # The log first, so that no other file of this name is ever given it.
        for ending in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                path = Path(f"{file}{ending}")
                path.replace(f"{damaged_name(file)}{ending}") if keep else path.unlink()


def damaged_name(file: Path) -> Path:
    """Return where a damaged database is kept."""
    return file.with_name(f"{file.stem}.damaged{file.suffix}")


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    # SQLite of old takes 999 parameters.
    return (ids[start : start + 900] for start in range(0, len(ids), 900))


def _engine_of(place: Place) -> sa.Engine:
    if place.url:
        return sa.create_engine(place.url, poolclass=sa.NullPool, connect_args={"connect_timeout": 5})
    return _sqlite(place.file) if place.file else _nowhere()


def _nowhere() -> sa.Engine:
    raise Unavailable("there is no local disk to keep it on")


def _sqlite(file: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool, connect_args={"timeout": BUSY_S})

    @sa.event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        # The driver would begin transactions by rules of its own; we begin each with the lock for writing.
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=NORMAL")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _make_file(file: Path) -> None:
    """Make a database whole and give it its name only then: nobody ever sees half of one."""
    with _faults():
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            temporary.unlink(missing_ok=True)
            engine = _sqlite(temporary)
            with engine.connect() as connection:
                connection.connection.driver_connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[union-attr]
            with engine.begin() as connection:
                _create(connection)
            _name(temporary, file)
        finally:
            temporary.unlink(missing_ok=True)


def _name(temporary: Path, file: Path) -> None:
    try:
        file.hardlink_to(temporary)
    except FileExistsError:
        pass  # another process was quicker, and its database is as good
    except OSError:  # a file system without links
        if not file.exists():
            temporary.replace(file)


def _create(connection: sa.Connection) -> None:
    for table in METADATA.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
    if connection.scalar(sa.select(sa.func.count()).select_from(HISTORY)) == 0:
        connection.execute(sa.insert(HISTORY).values(version=VERSION))


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise fault(error.orig) from None
    except OSError as error:
        raise Unavailable(f"{error.strerror}: {error.filename}") from None
