"""One run from beginning to end: choose, check the grader, ask and grade, and leave a whole journal."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

from llmbench.api import (
    Backend,
    Context,
    Dataset,
    Outcome,
    Prices,
    SelfTest,
    Task,
    Validator,
    Watched,
)
from llmbench.console import Console
from llmbench.errors import SuspiciousError
from llmbench.records.journal import Journal
from llmbench.records.lock import run_lock
from llmbench.records.masking import Mask
from llmbench.registry import load
from llmbench.runner.agents import answers_are_known, make_agent
from llmbench.runner.asking import Desk
from llmbench.runner.book import Book
from llmbench.runner.boxes import SandboxBoxes
from llmbench.runner.budget import BudgetMeter
from llmbench.runner.dry_run import preview
from llmbench.runner.estimate import estimate, estimate_or_why_not, prices_of
from llmbench.runner.floor import Floor, skipped
from llmbench.runner.foresight import Foresight
from llmbench.runner.gate import Gate
from llmbench.runner.live import LiveStatus
from llmbench.runner.monitoring import Monitors, Site, check_named
from llmbench.runner.naming import refuse_another
from llmbench.runner.pausing import Pausing
from llmbench.runner.plan import Item, out_of_tokens, pending, planned, select
from llmbench.runner.progress import RunProgress
from llmbench.runner.rendering import conversation, read_back
from llmbench.runner.sample import Bench
from llmbench.runner.sandboxes import Chosen, choose
from llmbench.runner.spec import RunSpec
from llmbench.runner.subset import Cut, within
from llmbench.runner.surroundings import RunResult, make_context, undone_if_barren
from llmbench.runner.toolchains import needed_toolchains, unfit_tasks
from llmbench.runner.untrusted import untrusted
from llmbench.runner.warm import warm_server
from llmbench.runner.watch import Watch
from llmbench.runner.wishes import probe_of, refuse_ignored, refuse_misnamed
from llmbench.wording import plural


def execute(spec: RunSpec, *, console: Console, foresight: Foresight | None = None) -> RunResult:
    """Run, or resume, one configuration.

    Args:
        spec: the run.
        console: where it is watched.
        foresight: knows what earlier runs say of this one.

    Raises:
        UsageError: the selection fits no task.
        PrerequisiteError: no sandbox, or what the backend needs is missing; nothing was asked.
        SelfTestError: the grader misjudges its reference; nothing was asked.
        RunLockedError: another process works on the run.
        RunError: too many samples in a row ended as infra_error; what was done is in the journal.
    """
    warm = warm_server()
    run = _Run(spec, console, foresight)
    try:
        return asyncio.run(run.run()) if warm is None else warm.run(run.run())
    except asyncio.CancelledError:
        if not run.pausing.gate.stops:
            raise
        raise KeyboardInterrupt from None  # somebody's wish from elsewhere is a Ctrl-C


class _Run:
    def __init__(self, spec: RunSpec, console: Console, foresight: Foresight | None) -> None:
        self.spec = spec
        self.mask = Mask(spec.secrets, spec.secret_names)
        self.progress = RunProgress(console)
        self.warnings: list[str] = []
        self.context = make_context(spec, self.warn, self.progress.waiting)
        self.agent = make_agent(spec, self.context)
        self.foresight = foresight if self.agent.asks_model else None
        self.validator: Validator = load("validator", spec.validator.name)(
            spec.validator.options, self.context
        )
        self.dataset: Dataset = load("dataset", spec.dataset.name)(spec.dataset.options, self.context)
        self.journal = spec.folder / "journal.jsonl"
        self.book = Book(spec, self.agent, self.dataset, self.mask, self.warn, self.warnings)
        started = self.book.session.started
        self.live = LiveStatus(spec.folder, spec.run_id, started, self.progress, self.mask)
        self.pausing = Pausing(Gate(spec.folder, spec.quiet), self.live, self.progress, spec.run_id)
        self._self_test: tuple[frozenset[str], SelfTest] | None = None
        """Of this command, and of which tasks: it is not made again after a pause."""
        self._worked_s = 0.0
        """So long this command has worked, up to the last pause."""
        self._stopped = ""

    def warn(self, message: str) -> None:
        self.warnings.append(message)
        self.progress.warn(self.mask.text(message))

    async def run(self) -> RunResult:
        if self.agent.asks_model:
            refuse_misnamed(self.spec)
        with self.progress:
            await self.dataset.prepare()
            self.book.every = list(self.dataset.tasks())
            tasks: Sequence[Task] = select(self.book.every, self.spec.selection, self.spec.seed)
            refuse_ignored(self.spec, self.agent, self._backend)
            if self.spec.dry_run:
                await preview(self.spec, self.agent, tasks, self.progress.console)
                await self._show_estimate(tasks)
                return RunResult(self.spec.folder, len(self._wanted(tasks)), 0, 0)
            tasks, made = await self._in_time(tasks)
        return self._result(tasks, made)

    async def _in_time(self, tasks: Sequence[Task]) -> tuple[Sequence[Task], int]:
        """Make those of the tasks for which there is time; return them, and how many samples were made."""
        cut, made = self._cut(tasks), 0
        if cut.is_trial and self.foresight is not None:
            made = await self._work_on(cut.tasks)
            if self._stopped:
                return cut.tasks, made
            self.foresight.look_again()
            cut = self._cut(tasks)
            if cut.is_trial:  # they have told nothing
                cut = Cut(tasks)
        return cut.tasks, made + await self._work_on(cut.tasks)

    def _cut(self, tasks: Sequence[Task]) -> Cut:
        hours, todo = self.spec.budget.hours, self._todo(tasks)
        if hours is None or self.foresight is None or not todo:
            return Cut(tasks)
        cut = within(hours - self._worked_s / 3600, tasks, todo, self.foresight, self.spec.seed)
        if cut.told:
            self.progress.say(cut.told)
        return cut

    async def _work_on(self, tasks: Sequence[Task]) -> int:
        return await self._make(tasks) if self._todo(tasks) else await self._settle(tasks)

    def _wanted(self, tasks: Sequence[Task]) -> list[tuple[Task, int]]:
        return planned(tasks, self.spec.samples, self.spec.selection)

    def _todo(self, tasks: Sequence[Task]) -> list[Item]:
        return [*pending(self._wanted(tasks), self.book.standing.refreshed()), *self._once_more(tasks)]

    def _once_more(self, tasks: Sequence[Task]) -> list[Item]:
        """Return the samples that get a larger budget; last of all, as they take longest."""
        if self.spec.retry_budget is None:
            return []
        return list(out_of_tokens(self._wanted(tasks), self.book.standing.refreshed()))

    async def _settle(self, tasks: Sequence[Task]) -> int:
        """Note what was asked for, when the journal has all of it already."""
        with run_lock(self.spec.folder), self.live as live:
            self.book.read()
            live.plan(planned=len(self._wanted(tasks)), made_before=len(self._wanted(tasks)))
            self_test = self.book.earlier.self_test if self.book.earlier else await self._tested(tasks)
            self.book.write(tasks, self_test)
        self._say_what_is_there(tasks, [])
        return 0

    async def _tested(self, tasks: Sequence[Task]) -> SelfTest:
        """Test the grader for a run whose manifest is lost: without that there is no score."""
        async with AsyncExitStack() as stack:
            chosen = await self._sandbox(stack, tasks)
            unfit = unfit_tasks(self.validator, self.agent, tasks, chosen.lacking)
            fit = [task for task in tasks if task.id not in unfit]
            return await self.validator.self_test(fit, SandboxBoxes(chosen.sandbox, self.spec.box, tasks))

    async def _tested_once(self, fit: Sequence[Task], boxes: SandboxBoxes) -> SelfTest:
        """Test the grader, unless that was done with these tasks before a pause."""
        ids = frozenset(task.id for task in fit)
        if self._self_test is None or self._self_test[0] != ids:
            self._self_test = (ids, await self.validator.self_test(fit, boxes))
        return self._self_test[1]

    def _say_what_is_there(self, tasks: Sequence[Task], todo: Sequence[Item]) -> None:
        every = len(self._wanted(tasks))
        if not todo:
            self.progress.say(f"{plural(every, 'sample was', 'samples were')} made before: nothing is asked")
        elif len(todo) < every:
            self.progress.say(f"resuming: {every - len(todo)} of {plural(every, 'sample')} were made before")

    async def _make(self, tasks: Sequence[Task]) -> int:
        spec = self.spec
        check_named(spec.monitoring, self.context)
        async with AsyncExitStack() as stack:
            await self.agent.prepare(spec.model)
            chosen = await self._sandbox(stack, tasks)
            is_new = not spec.folder.exists()
            stack.enter_context(run_lock(spec.folder))
            stack.enter_context(undone_if_barren(spec.folder, is_new=is_new))
            await stack.enter_async_context(self.pausing.obeying())
            stack.enter_context(self.live)
            # Only now: another process may have finished samples while this one waited for a sandbox.
            todo = self._begin_session(tasks)
            self.context.work_dir.mkdir(parents=True, exist_ok=True)
            described = self.book.facts("agent", self.agent.describe())
            self.book.note(sandbox=chosen.name, agent=described)
            boxes = SandboxBoxes(chosen.sandbox, spec.box, tasks)
            unfit = unfit_tasks(self.validator, self.agent, tasks, chosen.lacking)
            if all(item.task.id in unfit for item in todo):
                return self._leave_out(tasks, todo, unfit)
            return await self._in_turns(tasks, todo, boxes, unfit)

    def _begin_session(self, tasks: Sequence[Task]) -> list[Item]:
        """Look at what is there, say so, and return what is to be made."""
        self.book.read()
        todo, every = self._todo(tasks), len(self._wanted(tasks))
        self._say_what_is_there(tasks, todo)
        if self.foresight is not None and todo and (told := self.foresight.told(len(todo))):
            self.progress.say(f"expected for {told}")
        self.live.plan(planned=every, made_before=every - sum(item.first is None for item in todo))
        return todo

    async def _in_turns(
        self, tasks: Sequence[Task], todo: Sequence[Item], boxes: SandboxBoxes, unfit: Mapping[str, str]
    ) -> int:
        """Make samples until none is left; while the run is paused, the server is down."""
        made = 0
        while True:
            await self.pausing.opened()
            began = time.monotonic()
            async with AsyncExitStack() as turn:
                floor = await self._make_floor(turn, tasks, todo, boxes, unfit)
                made += await self._ask(floor, tasks, todo)
            self.pausing.floor = self.live.monitors = None
            self._worked_s += time.monotonic() - began
            if self._stopped or not floor.is_held:
                return made
            if (warm := warm_server()) is not None:
                await warm.release()
            await self.pausing.opened()
            self.book.begin_again()
            self.live.new_session(self.book.session.started)
            todo = self._begin_session(tasks)

    async def _make_floor(
        self,
        stack: AsyncExitStack,
        tasks: Sequence[Task],
        todo: Sequence[Item],
        boxes: SandboxBoxes,
        unfit: Mapping[str, str],
    ) -> Floor:
        """Start the server, and open the floor on which samples are made with it."""
        spec = self.spec
        fit = [task for task in tasks if task.id not in unfit]
        self_test, backend = await self._make_ready(stack, tasks, fit, boxes)
        await self._look_at(backend)
        refuse_another(spec, self.book.session.server, self.book.earlier)
        self.book.write(tasks, self_test)
        prices = await prices_of(backend)
        if prices is not None:
            self.context.progress(estimate(spec, todo, prices))
        stack.push(partial(self.book.close, tasks, self_test))
        return self._floor(stack, backend, boxes, prices, unfit)

    def _floor(
        self,
        stack: AsyncExitStack,
        backend: Backend | None,
        boxes: SandboxBoxes,
        prices: Prices | None,
        unfit: Mapping[str, str],
    ) -> Floor:
        """Open the journal, and what measures meanwhile, until the stack is left."""
        journal = stack.enter_context(Journal(self.journal, self.mask))
        watched = backend is not None and self.spec.monitoring.is_wanted
        monitors = stack.enter_context(self._monitors()) if watched else None
        self.live.monitors = monitors
        bench = self._bench(backend, boxes, prices, monitors)
        return Floor(bench, journal, self.progress, unfit, self.pausing.gate)

    async def _ask(self, floor: Floor, tasks: Sequence[Task], todo: Sequence[Item]) -> int:
        """Make all samples, or as many as there may be; return how many."""
        backend = floor.backend
        workers = self.spec.in_flight or (backend.capacity if backend else 0) + self.spec.graders
        first = [item for item in todo if item.first is None]
        self.pausing.begin(floor)
        try:
            await floor.work(first, workers, self._watch(first, backend))
            await floor.work(self._once_more(tasks), workers)
        except SuspiciousError as error:
            self._stopped = str(error)
            self.live.begin("stopped", error.what)
            self.book.note(stopped=error.what)
        if self._stopped or floor.is_held:
            return len(todo) - len(self._todo(tasks))
        return len(todo)

    def _watch(self, todo: Sequence[Item], backend: Backend | None) -> Watch | None:
        """Return what ends the run early; None where that is switched off, or answers are known already."""
        known = answers_are_known(self.agent, self.spec.model) or (backend and backend.answers_are_stored)
        if known or not self.spec.stop_when_suspicious:
            return None
        return Watch(todo, asks_again=self.spec.retry_budget is not None)

    def _leave_out(self, tasks: Sequence[Task], todo: Sequence[Item], unfit: Mapping[str, str]) -> int:
        """Note that what is left can't be graded here; no server is started for that."""
        self.book.write(tasks, self.book.earlier.self_test if self.book.earlier else None)
        with Journal(self.journal, self.mask) as journal:
            for item in todo:
                journal.append(skipped(item, unfit[item.task.id]))
        return len(todo)

    async def _show_estimate(self, tasks: Sequence[Task]) -> None:
        todo = self._todo(tasks)
        if self.foresight is not None and todo and (told := self.foresight.told(len(todo))):
            self.progress.console.print(f"expected for {told}", highlight=False)
        backend = self._backend() if self.agent.asks_model else None
        line = await estimate_or_why_not(self.spec, todo, backend)
        if line is not None:
            self.progress.console.print(line, highlight=False)

    def _backend(self, context: Context | None = None) -> Backend:
        kind: type[Backend] = load("backend", self.spec.backend.name)
        surroundings = replace(context or self.context, probe=probe_of(self.spec, self.agent))
        return kind(self.spec.backend.options, self.spec.model, surroundings)

    async def _entered(self, stack: AsyncExitStack) -> Backend:
        """Enter the backend, or borrow the one that the sweep keeps warm."""
        backend, warm = self._backend(), warm_server()
        if warm is not None and backend.serves_many_runs:
            return await warm.lend(self.spec, self.context, self._backend)
        if warm is not None:
            await warm.release()
        return await stack.enter_async_context(backend)

    async def _look_at(self, backend: Backend | None) -> None:
        """Note what the server is, and what it makes of messages."""
        if backend is None:
            return
        server = self.book.facts("backend", await backend.describe())
        rendered = await read_back(backend, conversation(self.spec, self.agent))
        self.book.note(server=server, rendered=rendered)

    def _monitors(self) -> Monitors:
        site = Site(
            folder=self.spec.folder,
            started=self.book.session.started,
            server=Watched(facts=self.book.session.server),
            mask=self.mask,
        )
        return Monitors(self.spec.monitoring, self.context, site)

    def _bench(
        self,
        backend: Backend | None,
        boxes: SandboxBoxes,
        prices: Prices | None,
        monitors: Monitors | None,
    ) -> Bench:
        spec = self.spec
        slots = asyncio.Semaphore(backend.capacity if backend else 1)
        known = self.book.standing.refreshed()
        budget = BudgetMeter(
            spec.budget,
            tokens=known.tokens,
            cost_usd=known.cost_usd,
            prices=prices,
            worked_s=self._worked_s,
        )
        return Bench(
            folder=spec.folder,
            desk=Desk(
                spec, backend, slots, budget, self.book.session.server.get("context"), self.progress.under_way
            ),
            agent=self.agent,
            validator=self.validator,
            boxes=boxes,
            graders=asyncio.Semaphore(spec.graders),
            monitors=monitors,
            mask=self.mask,
            tries=spec.tries,
        )

    async def _sandbox(self, stack: AsyncExitStack, tasks: Sequence[Task]) -> Chosen:
        spec = self.spec
        trusted = answers_are_known(self.agent, spec.model)
        toolchains = needed_toolchains(self.validator, self.agent, tasks)
        chosen = await choose(spec.sandbox, self.context, toolchains, trusted=trusted, partly=True)
        stack.push_async_callback(chosen.sandbox.close)
        return chosen

    async def _make_ready(
        self, stack: AsyncExitStack, tasks: Sequence[Task], fit: Sequence[Task], boxes: SandboxBoxes
    ) -> tuple[SelfTest, Backend | None]:
        """Test the grader while the server loads; no question is asked before both are done."""
        backend = None
        testing = asyncio.create_task(self._tested_once(fit, boxes))
        try:
            if self.agent.asks_model:
                self.live.begin("starting")
                backend = entered = await self._entered(stack)
                refuse_ignored(self.spec, self.agent, lambda: entered)
            self_test = await testing
        finally:
            testing.cancel()
            await asyncio.wait([testing])
        if not self_test.passed:
            self.book.write(tasks, self_test)
            raise untrusted(
                self.spec,
                self_test,
                "No model was asked and no score is given; look closer at the tasks: llmbench check tasks",
            )
        return self_test, backend

    def _result(self, tasks: Sequence[Task], made: int) -> RunResult:
        known = self.book.standing.refreshed()
        keys = [(task.id, sample) for task, sample in self._wanted(tasks)]
        broken = [key for key in keys if known.outcome(key) is Outcome.INFRA_ERROR]
        selected = tuple(task.id for task in tasks)
        return RunResult(
            self.spec.folder, len(keys), made, len(broken), selected, self.mask.text(self._stopped)
        )
