"""The history of a folder of runs: brought up to date by a look at the folders, and asked for its rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmbench.history import quick
from llmbench.history.faults import HistoryFault, Lost, Outdated
from llmbench.history.folders import Look, look
from llmbench.history.place import find_place
from llmbench.history.rows import COLUMNS, Indexed, RunRow, TaskRow, is_keepable, row_id

if TYPE_CHECKING:
    from llmbench.history.tables import Tables

_BATCH = 50
"""Runs that are written at once: whoever reads meanwhile sees them come."""
_ALL = f"SELECT {', '.join(COLUMNS)} FROM runs"  # noqa: S608 - names of our own

Say = Callable[[str], None]


class History:
    """The runs of a folder, and what others keep in the same database.

    What is wrong with the database is said once and never raised: rows are then made of the folders alone.
    """

    def __init__(self, root: Path, url: str | None = None, *, warn: Say, busy: Say | None = None) -> None:
        """Find the database; nothing is opened yet.

        Args:
            root: the folder of runs.
            url: what ``history_url`` says.
            warn: is told what is wrong with the database.
            busy: is told what takes long.

        Raises:
            UsageError: the URL is wrong.
            PrerequisiteError: what speaks to the server is not installed.
        """
        self.place = find_place(root, url)
        self._warn = warn
        self._busy = busy or (lambda message: None)
        self._tables: Tables | None = None
        self._is_usable = True
        self._unkept: dict[int, str] = {}
        """The configurations of runs that could not be written."""

    def runs(self) -> list[RunRow]:
        """Bring the history up to date, and return its rows, the newest first."""
        seen, stored = look(self.place.root), self._stored()
        ours = {row.folder: row for row in stored if row.place == self.place.name}
        others = [row for row in stored if row.place != self.place.name]
        changed = [
            found
            for found in seen.values()
            if found.folder not in ours or ours[found.folder].stamp != found.stamp
        ]
        if self.place.root.is_dir():  # else it may only be out of reach
            self._forget([row for folder, row in ours.items() if folder not in seen])
        current = {folder: row for folder, row in ours.items() if folder in seen}
        current |= {row.folder: row for row in self._read(changed)}
        return sorted([*current.values(), *others], key=lambda row: (-row.changed, row.folder))

    def rebuild(self) -> list[RunRow]:
        """Forget this folder's runs, read all of them again, and return all rows."""
        if self._has_tables:
            self._do(lambda tables: tables.clear())
        return self.runs()

    def keep(self, found: Sequence[Indexed]) -> None:
        """Write rows that somebody has made; what can't be written is remembered."""
        fit = [one for one in found if is_keepable(one)]
        is_saved = bool(fit) and self._do(lambda tables: tables.save(fit))
        kept = {one.row.id for one in fit} if is_saved else set()
        self._unkept |= {one.row.id: one.config for one in found if one.row.id not in kept}

    def forget(self, folder: Path) -> None:
        """Forget the run of a folder that was removed."""
        path, root = folder.absolute(), self.place.root.absolute()
        if path.is_relative_to(root) and self._has_tables:
            number = row_id(self.place.name, path.relative_to(root).as_posix())
            self._do(lambda tables: tables.drop([number]))

    def configs(self) -> dict[int, Mapping[str, Any]]:
        """Return the composed configuration of each run, by the row's id."""
        import msgspec

        kept: dict[int, str] = dict(self._query("SELECT id, config FROM runs"))
        kept |= self._unkept
        return {number: msgspec.json.decode(text) for number, text in kept.items()}

    def tasks(self, row: RunRow) -> list[TaskRow]:
        """Return how the tasks of a run went."""
        if row.id in self._unkept:
            from llmbench.history.indexing import read

            return list(read(self.place.root, row.place, Look(row.folder, row.stamp, row.changed)).tasks)
        statement = "SELECT task, n, passed, passed_within FROM tasks_of_run WHERE run = ? ORDER BY task"
        return [TaskRow(*cells) for cells in self._query(statement, [row.id])]

    def task(self, name: str, rows: Iterable[RunRow]) -> dict[int, TaskRow]:
        """Return how one task went in those of the runs that were asked it, by the row's id."""
        statement = "SELECT run, task, n, passed, passed_within FROM tasks_of_run WHERE task = ?"
        found = {number: TaskRow(*cells) for number, *cells in self._query(statement, [name])}
        listed = list(rows)
        unkept = (row for row in listed if row.id in self._unkept)
        found |= {row.id: one for row in unkept for one in self.tasks(row) if one.task == name}
        return {row.id: found[row.id] for row in listed if row.id in found}

    def solved(self, dataset: str) -> dict[str, TaskRow]:
        """Return how the tasks of a dataset went in all runs together that kept them."""
        statement = (
            "SELECT t.task, SUM(t.n), SUM(t.passed), SUM(t.passed_within) FROM tasks_of_run t "
            "JOIN runs r ON r.id = t.run WHERE r.dataset = ? GROUP BY t.task"
        )
        found = (TaskRow(str(task), *map(int, sums)) for task, *sums in self._query(statement, [dataset]))
        return {row.task: row for row in found}

    def stamp(self, number: int) -> str | None:
        """Return the stamp of the row with this id; None where there is none."""
        found = self._query("SELECT stamp FROM runs WHERE id = ?", [number])
        return str(found[0][0]) if found else None

    @property
    def _has_tables(self) -> bool:
        return self.place.file.exists() if self.place.file else bool(self.place.url)

    def _stored(self) -> list[RunRow]:
        return [RunRow(*cells) for cells in self._query(_ALL)]

    def _query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        file = self.place.file
        if not self._has_tables:
            return []
        found: list[tuple[Any, ...]] = []
        if file:
            self._guarded(lambda: found.extend(quick.query(file, statement, values)))
        else:
            self._do(lambda tables: found.extend(tables.query(statement, values)))
        return found

    def _read(self, changed: Sequence[Look]) -> Iterable[RunRow]:
        """Read run folders, keep what they say, and yield their rows."""
        if not changed:
            return
        from llmbench.history.indexing import read_all

        made: list[Indexed] = []
        for number, one in enumerate(read_all(self.place.root, self.place.name, changed, self._busy), 1):
            made.append(one)
            if len(made) == _BATCH or number == len(changed):
                self.keep(made)
                yield from (kept.row for kept in made)
                made = []

    def _forget(self, rows: Sequence[RunRow]) -> None:
        if rows:
            self._do(lambda tables: tables.drop(row.id for row in rows))

    def _do(self, action: Callable[["Tables"], None]) -> bool:
        """Do something with the tables, which are made anew where they are lost; say whether it was done."""
        return self._guarded(lambda: action(self._opened())) or (
            self._is_usable and self._guarded(lambda: action(self._opened()))
        )

    def _opened(self) -> "Tables":
        from llmbench.history.tables import Tables

        if self._tables is None:
            self._tables = Tables(self.place)
        return self._tables

    def _guarded(self, action: Callable[[], None]) -> bool:
        """Say whether an action went well; after a fault the tables are new, or not used again."""
        if not self._is_usable:
            return False
        try:
            action()
        except Lost as lost:
            self._replace(lost)
        except HistoryFault as fault:
            self._give_up(fault)
        else:
            return True
        return False

    def _replace(self, lost: Lost) -> None:
        from llmbench.history.tables import damaged_name, make_anew

        self._tables = None
        keep = not isinstance(lost, Outdated)
        try:
            make_anew(self.place, keep=keep)
        except HistoryFault as fault:
            self._give_up(fault)
            return
        if keep:
            aside = f" (it is kept as {damaged_name(self.place.file).name})" if self.place.file else ""
            self._warn(f"the history in {self.place.shown} is damaged{aside} and made anew: {lost}")

    def _give_up(self, fault: HistoryFault) -> None:
        self._is_usable = False
        self._warn(f"the history in {self.place.shown} can't be used ({fault}); the folders are read instead")
