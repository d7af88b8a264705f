"""The floor of a run: where samples are made side by side."""

import asyncio
from collections.abc import Iterator, Mapping

from llmbench.api import Backend, Outcome
from llmbench.errors import BudgetError, RecordError, RunError
from llmbench.records.journal import Journal
from llmbench.records.manifest import now
from llmbench.records.record import Record, SampleTiming, UsageTotal
from llmbench.runner.gate import Gate
from llmbench.runner.plan import Item
from llmbench.runner.progress import RunProgress
from llmbench.runner.sample import Bench, run_sample
from llmbench.runner.watch import Watch
from llmbench.runner.workers import work_through

_IN_A_ROW = 10
"""After so many samples in a row that end as infra_error, the server is taken for dead."""


class Floor:
    """Workers take from one queue while the gate is open; every finished sample is journaled at once."""

    def __init__(
        self, bench: Bench, journal: Journal, progress: RunProgress, unfit: Mapping[str, str], gate: Gate
    ) -> None:
        self._bench = bench
        self._unfit = unfit
        self._journal = journal
        self._progress = progress
        self._gate = gate
        self._under_way: dict[asyncio.Task[Record], Item] = {}
        self._in_a_row = 0
        self._suspecting: Watch | None = None
        self.is_held = False
        """Whether the gate was shut before all samples were begun."""

    @property
    def backend(self) -> Backend | None:
        """What is asked; None where the agent asks nothing."""
        return self._bench.desk.backend

    async def work(self, todo: list[Item], workers: int, watch: Watch | None = None) -> None:
        """Make all samples of ``todo``, so many at once.

        Raises:
            RunError: too many in a row ended as infra_error.
            SuspiciousError: ``watch`` found a sign that the set-up is broken.
        """
        if not todo or self.is_held:
            return
        self._suspecting = watch
        self._progress.begin(len(todo), again=todo[0].first is not None)
        await work_through(self._admitted(todo), self._make, min(workers, len(todo)))

    def hold(self, *, at_once: bool) -> None:
        """Break off what has not been asked yet; at once: all that is under way."""
        for task, item in self._under_way.items():
            if at_once or self._bench.desk.waits(item):
                task.cancel()

    def _admitted(self, todo: list[Item]) -> Iterator[Item]:
        for item in todo:
            if self._gate.why:
                self.is_held = True
                return
            yield item

    async def _make(self, item: Item) -> None:
        record = self._left_out(item) or await self._made(item)
        if record is None:
            self.is_held = True
            return
        try:
            self._journal.append(record)
        except RecordError as error:
            record = _unmade(item, Outcome.INFRA_ERROR, str(error))
            self._journal.append(record)
        self._progress.finished(record)
        self._watch(record)

    async def _made(self, item: Item) -> Record | None:
        """Make a sample; None where it was broken off for a pause, to be made later."""
        task = asyncio.create_task(run_sample(self._bench, item))
        self._under_way[task] = item
        try:
            return await task
        except asyncio.CancelledError:
            worker = asyncio.current_task()
            if worker is None or worker.cancelling():
                raise
            return None
        finally:
            del self._under_way[task]
            self._bench.desk.asked.discard((item.task.id, item.sample))

    def _left_out(self, item: Item) -> Record | None:
        """Return the record of a sample that can't be graded, or for which the budget has nothing left."""
        if (reason := self._unfit.get(item.task.id)) is not None:
            return skipped(item, reason)
        try:
            self._bench.desk.budget.check()
        except BudgetError as error:
            return skipped(item, str(error))
        return None

    def _watch(self, record: Record) -> None:
        self._in_a_row = self._in_a_row + 1 if record.outcome is Outcome.INFRA_ERROR else 0
        if self._in_a_row >= _IN_A_ROW:
            raise RunError(
                f"stopped: {_IN_A_ROW} samples in a row ended as infra_error, the last with: "
                f"{record.reason}. Mend that and run the same command again; what was answered is kept"
            )
        if self._suspecting is not None:
            self._suspecting.finished(record)


def skipped(item: Item, reason: str) -> Record:
    """Return the record of a sample that was not made; a later command makes it."""
    return _unmade(item, Outcome.SKIPPED, reason)


def _unmade(item: Item, outcome: Outcome, reason: str) -> Record:
    return Record(
        task=item.task.id,
        sample=item.sample,
        outcome=outcome,
        score=0.0,
        tries=(),
        usage=UsageTotal(),
        timing=SampleTiming(finished_at=now()),
        reason=reason,
        task_digest=item.task.digest,
    )
