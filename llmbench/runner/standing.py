"""Where a run stands: what its journal says of every sample, as much as going on needs; no line is held."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from llmbench.api import Outcome
from llmbench.records.journal import records_in
from llmbench.records.lines import Damaged, unreadable
from llmbench.records.record import Record
from llmbench.runner.judging import cut_short


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a sample, in few bytes: a run may have a hundred thousand."""

    outcome: Outcome
    digest: str
    """Of its task as it was."""
    tokens: int
    cost_usd: float


class Standing:
    """Follows a journal: each look reads only the lines that came since the last one."""

    def __init__(self, journal: Path, *, keeps_spent: bool = False) -> None:
        """Look at nothing yet.

        Args:
            journal: the file; it need not be there.
            keeps_spent: whether records of samples that ran out of tokens are kept, to ask them once more.
        """
        self._journal = journal
        self._keeps_spent = keeps_spent
        self._forget()

    def _forget(self) -> None:
        self._file: tuple[int, int] | None = None
        """Which file was read: a journal that was mended is another."""
        self._offset = self._lines = 0
        self._settled: dict[tuple[str, int], Settled] = {}
        self._spent: dict[tuple[str, int], Record] = {}
        self.damaged: list[Damaged] = []
        """Lines that can't be read."""
        self.models: set[str] = set()
        """Names under which servers answered."""

    def refreshed(self) -> Self:
        """Read what is new, and return this.

        Raises:
            RunError: the journal is no file, or may not be read.
        """
        try:
            with self._journal.open("rb") as file:
                seen = os.fstat(file.fileno())
                if self._file != (seen.st_dev, seen.st_ino) or seen.st_size < self._offset:
                    self._forget()
                    self._file = seen.st_dev, seen.st_ino
                file.seek(self._offset)
                for line in file:
                    if not line.endswith(b"\n"):  # torn, or just being written
                        break
                    self._take(line)
        except (FileNotFoundError, NotADirectoryError):
            self._forget()
        except OSError as error:
            raise unreadable(self._journal, error) from None
        return self

    def _take(self, line: bytes) -> None:
        self._offset += len(line)
        self._lines += 1
        for record in records_in(self._lines, line, self.damaged):
            self.add(record)

    def add(self, record: Record) -> None:
        """Take a record; the last about a sample counts."""
        used, key = record.usage, (sys.intern(record.task), record.sample)
        self._settled[key] = Settled(
            record.outcome,
            sys.intern(record.task_digest),
            (used.prompt_tokens or 0) + (used.completion_tokens or 0),
            used.cost_usd or 0.0,
        )
        self.models.update(record.models)
        if self._keeps_spent and _is_spent(record):
            self._spent[key] = record
        else:
            self._spent.pop(key, None)

    def is_done(self, key: tuple[str, int], digest: str) -> bool:
        """Say whether a sample is settled: graded, and about the task as it is now."""
        found = self._settled.get(key)
        return found is not None and found.outcome.graded and found.digest == digest

    def outcome(self, key: tuple[str, int]) -> Outcome | None:
        """Return what became of a sample; None where nothing did."""
        found = self._settled.get(key)
        return found.outcome if found else None

    def spent(self, key: tuple[str, int]) -> Record | None:
        """Return the record of a sample that ran out of tokens, and has not been asked once more."""
        return self._spent.get(key)

    @property
    def tasks(self) -> frozenset[str]:
        """The tasks that have records."""
        return frozenset(task for task, _ in self._settled)

    @property
    def tokens(self) -> int:
        """Of all prompts and answers of the records that count, as far as they are known."""
        return sum(found.tokens for found in self._settled.values())

    @property
    def cost_usd(self) -> float:
        """Of the same."""
        return sum(found.cost_usd for found in self._settled.values())


def _is_spent(record: Record) -> bool:
    """Say whether more tokens may help: none where a limit of the agent's own ended it."""
    if record.outcome is not Outcome.BUDGET_EXHAUSTED or record.earlier:
        return False
    return not cut_short(record.tries[-1].notes)
