"""Grading a run's stored answers again: no model is asked, and earlier verdicts are kept."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from llmbench.api import Completion, Dataset, Outcome, SelfTest, Task, Validator
from llmbench.console import Console
from llmbench.errors import DatasetError
from llmbench.records.journal import Journal, read_journal, set_aside
from llmbench.records.lock import run_lock
from llmbench.records.manifest import Manifest, read_manifest, write_manifest
from llmbench.records.masking import Mask
from llmbench.records.record import Record, TryRecord
from llmbench.records.samples import TryFolder, sample_folder
from llmbench.records.transcript import CompletionEvent, Event, SubmissionEvent, Transcript, VerdictEvent
from llmbench.registry import load
from llmbench.runner.agents import answers_are_known, make_agent
from llmbench.runner.boxes import SandboxBoxes
from llmbench.runner.judging import Submission, judge, try_record
from llmbench.runner.progress import RunProgress
from llmbench.runner.sandboxes import choose
from llmbench.runner.spec import RunSpec
from llmbench.runner.surroundings import make_context
from llmbench.runner.toolchains import needed_toolchains, unfit_tasks
from llmbench.runner.untrusted import untrusted
from llmbench.runner.workers import work_through


@dataclass(frozen=True, slots=True)
class Change:
    """A sample whose outcome is another than before."""

    task: str
    sample: int
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True)
class Regraded:
    """What came of grading a run again."""

    graded: int
    changes: tuple[Change, ...]


def regrade(spec: RunSpec, *, console: Console) -> Regraded:
    """Grade every stored submission of the run in ``spec.folder`` again.

    Raises:
        UsageError: the folder holds no run.
        DatasetError: none of its tasks is in the dataset any more.
        PrerequisiteError: no sandbox can be used here.
        SelfTestError: the grader misjudges its reference; nothing was changed.
        SandboxError: a box broke; what was graded until then is kept.
    """
    return asyncio.run(_Regrading(spec, console).run())


def _digests(manifest: Manifest, tasks: Mapping[str, Task]) -> tuple[str, ...]:
    """Return the digests of the plan's tasks as they are now; of those that are not here, as they were."""
    before = zip(manifest.plan.tasks, manifest.plan.digests, strict=True)
    return tuple(tasks[task].digest if task in tasks else digest for task, digest in before)


class _Regrading:
    def __init__(self, spec: RunSpec, console: Console) -> None:
        self._spec = spec
        self._mask = Mask(spec.secrets, spec.secret_names)
        self._progress = RunProgress(console)
        context = make_context(spec, self._progress.warn, self._progress.waiting)
        self._context = context
        self._agent = make_agent(spec, context)
        self._validator: Validator = load("validator", spec.validator.name)(spec.validator.options, context)
        self._dataset: Dataset = load("dataset", spec.dataset.name)(spec.dataset.options, context)

    async def run(self) -> Regraded:
        folder = self._spec.folder
        manifest = read_manifest(folder)
        tasks = self._tasks(manifest)
        async with AsyncExitStack() as stack:
            stack.enter_context(self._progress)
            stack.enter_context(run_lock(folder))
            boxes, self_test, unfit = await self._ready(stack, list(tasks.values()))
            for sentence in set_aside(folder / "journal.jsonl"):
                self._progress.warn(sentence)
            records = read_journal(folder / "journal.jsonl")
            fit = tasks.keys() - unfit.keys()
            todo = [record for record in records.values() if record.task in fit and record.tries]
            journal = stack.enter_context(Journal(folder / "journal.jsonl", self._mask))
            changes = await self._grade_all(todo, tasks, boxes, journal)
            plan = replace(manifest.plan, digests=_digests(manifest, tasks))
            write_manifest(folder, replace(manifest, plan=plan, self_test=self_test), self._mask)
        return Regraded(len(todo), tuple(changes))

    def _tasks(self, manifest: Manifest) -> dict[str, Task]:
        wanted = set(manifest.plan.tasks)
        found = {task.id: task for task in self._dataset.tasks() if task.id in wanted}
        missing = sorted(wanted - found.keys())
        if missing and not found:
            raise DatasetError(f"task '{missing[0]}' of this run is not in the dataset any more")
        if missing:
            self._context.warn(
                f"{len(missing)} of {len(wanted)} tasks of this run keep their verdicts, first "
                f"'{missing[0]}': the dataset as the run chose it last does not hold them; to grade them "
                "too, give the run's command for all its tasks first"
            )
        changed = [
            task
            for task, digest in zip(manifest.plan.tasks, manifest.plan.digests, strict=True)
            if task in found and found[task].digest != digest
        ]
        if changed:
            self._context.warn(f"changed since the run, and graded as they are now: {', '.join(changed)}")
        return found

    async def _ready(
        self, stack: AsyncExitStack, tasks: Sequence[Task]
    ) -> tuple[SandboxBoxes, SelfTest, Mapping[str, str]]:
        """Return the boxes, what the self-test said, and the tasks whose verdicts stay as they are."""
        spec = self._spec
        toolchains = needed_toolchains(self._validator, self._agent, tasks)
        trusted = answers_are_known(self._agent, spec.model)
        chosen = await choose(spec.sandbox, self._context, toolchains, trusted=trusted, partly=True)
        stack.push_async_callback(chosen.sandbox.close)
        boxes = SandboxBoxes(chosen.sandbox, spec.box, tasks)
        unfit = unfit_tasks(self._validator, self._agent, tasks, chosen.lacking)
        self_test = await self._validator.self_test([t for t in tasks if t.id not in unfit], boxes)
        if not self_test.passed:
            raise untrusted(spec, self_test, "Nothing was changed")
        return boxes, self_test, unfit

    async def _grade_all(
        self, todo: Sequence[Record], tasks: dict[str, Task], boxes: SandboxBoxes, journal: Journal
    ) -> list[Change]:
        changes: list[Change] = []
        if not todo:
            return changes
        self._progress.begin(len(todo))

        async def grade(record: Record) -> None:
            graded = await self._grade(record, tasks[record.task], boxes)
            journal.append(graded)
            self._progress.finished(graded)
            if graded.outcome is not record.outcome:
                changes.append(Change(record.task, record.sample, record.outcome, graded.outcome))

        await work_through(todo, grade, self._spec.graders)
        return changes

    async def _grade(self, record: Record, task: Task, boxes: SandboxBoxes) -> Record:
        """Grade a sample's tries up to the first that passes; those without a submission stay as is."""
        folder = sample_folder(self._spec.folder, record.task, record.sample)
        transcript = Transcript(folder / "transcript.jsonl", self._mask)
        tries: list[TryRecord] = []
        try:
            for earlier in record.tries:
                tries.append(await self._try_again(transcript, folder, earlier, task, boxes))
                if tries[-1].outcome is Outcome.PASSED:
                    break
        finally:
            transcript.close()
        last = tries[-1]
        return replace(
            record,
            outcome=last.outcome,
            score=last.score,
            reason=last.reason,
            tries=tuple(tries),
            task_digest=task.digest,
            regraded=True,
        )

    async def _try_again(
        self, transcript: Transcript, folder: Path, earlier: TryRecord, task: Task, boxes: SandboxBoxes
    ) -> TryRecord:
        number = earlier.number
        event = _submission(transcript.earlier, number)
        if event is None:
            return earlier
        submission = Submission.stored(event.files, event.refused, event.notes)
        last = _last_completion(transcript.earlier, number)
        verdict = await judge(task, submission, last, self._validator, boxes)
        feedback = "" if verdict.outcome is Outcome.PASSED else self._validator.feedback(task, verdict)
        judged = VerdictEvent(number=number, verdict=verdict, feedback=feedback, regraded=True)
        transcript.append(judged, f"validator '{self._spec.validator.name}'")
        TryFolder(folder, number, self._mask).verdict(verdict)
        return try_record(number, verdict, last, event.refused, event.notes)


def _submission(events: Sequence[Event], number: int) -> SubmissionEvent | None:
    found = [event for event in events if isinstance(event, SubmissionEvent) and event.number == number]
    return found[-1] if found else None


def _last_completion(events: Sequence[Event], number: int) -> Completion | None:
    found = [event for event in events if isinstance(event, CompletionEvent) and event.number == number]
    return found[-1].completion if found else None
