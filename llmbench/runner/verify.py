"""Grading somebody's answers anew, to see whether verdicts hold: nothing of theirs is believed or changed."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from llmbench.api import Completion, Dataset, Task, Validator
from llmbench.console import Console
from llmbench.errors import DatasetError, SandboxError
from llmbench.records.manifest import Manifest
from llmbench.records.masking import MASKED
from llmbench.records.record import Record, TryRecord
from llmbench.records.samples import sample_folder
from llmbench.records.transcript import CompletionEvent, Event, SubmissionEvent, read_transcript
from llmbench.registry import load
from llmbench.runner.agents import make_agent
from llmbench.runner.boxes import SandboxBoxes
from llmbench.runner.judging import Submission, answer_digest, judge, try_record
from llmbench.runner.progress import RunProgress
from llmbench.runner.sandboxes import choose
from llmbench.runner.spec import RunSpec
from llmbench.runner.surroundings import make_context
from llmbench.runner.toolchains import needed_toolchains, unfit_tasks
from llmbench.runner.untrusted import untrusted
from llmbench.runner.workers import work_through
from llmbench.score.verification import (
    OF_GRADING,
    Checked,
    State,
    Verification,
    difference,
    inconsistent,
    worst,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What is to be verified."""

    folder: Path
    """Of the run; it is only read."""
    manifest: Manifest
    records: Sequence[Record]
    altered: frozenset[str] = frozenset()
    """Samples whose answers are known to be changed: ``task#0``."""


def verify(spec: RunSpec, claims: Claims, *, console: Console, work_dir: Path) -> Verification:
    """Grade every answer of ``claims`` in a box of this machine.

    Whatever the run says of its model or agent, only a sandbox that isolates is used.

    Raises:
        DatasetError: a task is not in the dataset here, or is another one.
        PrerequisiteError: no sandbox that isolates can be used here.
        SelfTestError: the grader misjudges its reference here.
    """
    return asyncio.run(_Verifying(spec, claims, console, work_dir).run())


class _Verifying:
    def __init__(self, spec: RunSpec, claims: Claims, console: Console, work_dir: Path) -> None:
        self._spec = spec
        self._claims = claims
        self._progress = RunProgress(console)
        context = make_context(spec, self._progress.warn, self._progress.waiting)
        self._context = replace(context, work_dir=work_dir, label=claims.manifest.run_id)
        self._agent = make_agent(spec, self._context)
        self._dataset: Dataset = load("dataset", spec.dataset.name)(spec.dataset.options, self._context)
        kind: type[Validator] = load("validator", spec.validator.name)
        self._validator = kind(spec.validator.options, self._context)

    async def run(self) -> Verification:
        with self._progress:
            await self._dataset.prepare()
            tasks = self._tasks()
            async with AsyncExitStack() as stack:
                needed = needed_toolchains(self._validator, self._agent, list(tasks.values()))
                chosen = await choose(self._spec.sandbox, self._context, needed, trusted=False, partly=True)
                stack.push_async_callback(chosen.sandbox.close)
                boxes = SandboxBoxes(chosen.sandbox, self._spec.box, tasks.values())
                unfit = unfit_tasks(self._validator, self._agent, list(tasks.values()), chosen.lacking)
                await self._test_grader([task for task in tasks.values() if task.id not in unfit], boxes)
                return Verification(sandbox=chosen.name, checked=await self._check_all(tasks, unfit, boxes))

    def _tasks(self) -> dict[str, Task]:
        """Return the tasks by id, which must be those of the run to the letter."""
        plan = self._claims.manifest.plan
        wanted = dict(zip(plan.tasks, plan.digests, strict=True))
        found = {task.id: task for task in self._dataset.tasks() if task.id in wanted}
        other = [name for name in wanted if name not in found or found[name].digest != wanted[name]]
        if not other:
            return found
        first = other[0]
        what = (
            f"is {found[first].digest[:12]} here and was {wanted[first][:12]}"
            if first in found
            else "is missing"
        )
        raise DatasetError(
            f"dataset '{self._spec.dataset.name}': {len(other)} of {len(wanted)} tasks are not those of the "
            f"run: {first!r} {what}{self._versions()}; other tasks say nothing of its verdicts; get the same "
            "version of the data, or name it: dataset.path=…"
        )

    def _versions(self) -> str:
        then, here = self._claims.manifest.dataset, self._dataset.describe()
        keys = [key for key in ("version", "source") if then.get(key) != here.get(key)]
        said = "; ".join(f"{key} {then.get(key)} then, {here.get(key)} here" for key in keys)
        return f" ({said})" if said else ""

    async def _test_grader(self, tasks: Sequence[Task], boxes: SandboxBoxes) -> None:
        tested = await self._validator.self_test(tasks, boxes)
        if not tested.passed:
            raise untrusted(self._spec, tested, "Nothing was verified")

    async def _check_all(
        self, tasks: Mapping[str, Task], unfit: Mapping[str, str], boxes: SandboxBoxes
    ) -> Sequence[Checked]:
        done: dict[tuple[str, int], Checked] = {}
        records = self._claims.records
        if records:
            self._progress.begin(len(records))

        async def check(record: Record) -> None:
            checked = await self._check(record, tasks[record.task], unfit.get(record.task, ""), boxes)
            done[record.key] = checked
            self._progress.finished(checked.here or record)

        await work_through(records, check, self._spec.graders)
        return [done[record.key] for record in records]

    async def _check(self, record: Record, task: Task, lacking: str, boxes: SandboxBoxes) -> Checked:
        reason = lacking or ("" if record.outcome.graded else f"not judged by the run: {record.outcome}")
        if reason:
            return Checked(claimed=record, here=None, state="unchecked", why=reason)
        events = read_transcript(sample_folder(self._claims.folder, *record.key) / "transcript.jsonl")
        whys: list[tuple[State, str]] = [*inconsistent(record)]
        tries = []
        for claimed in record.tries:
            state, why, here = await self._try(record, claimed, events, task, boxes)
            whys.append((state, why))
            tries.append(here or claimed)
        state, why = worst(whys)
        last = tries[-1]
        found = replace(
            record, tries=tuple(tries), outcome=last.outcome, score=last.score, reason=last.reason
        )
        return Checked(claimed=record, here=None if state == "unchecked" else found, state=state, why=why)

    async def _try(
        self, record: Record, claimed: TryRecord, events: Sequence[Event], task: Task, boxes: SandboxBoxes
    ) -> tuple[State, str, TryRecord | None]:
        submitted = _last(SubmissionEvent, events, claimed.number)
        if submitted is None:
            if claimed.outcome in OF_GRADING:
                return "differs", f"{claimed.outcome} is claimed, and its answer is missing", None
            return "unchecked", f"{claimed.outcome}: ended before there was an answer to grade", None
        answered = _last(CompletionEvent, events, claimed.number)
        last = answered.completion if answered else None
        if f"{record.task}#{record.sample}" not in self._claims.altered and _is_another(claimed, last):
            return "differs", "the answer is not the one that the journal is about", None
        submission = Submission.stored(submitted.files, submitted.refused, submitted.notes)
        try:
            verdict = await judge(task, submission, last, self._validator, boxes)
        except SandboxError as error:
            return "unchecked", f"a box broke here: {error}", None
        if not verdict.outcome.graded:
            return "unchecked", f"not judged here: {verdict.reason}", None
        here = try_record(claimed.number, verdict, last, submitted.refused, submitted.notes)
        why = difference(claimed, here)
        return ("differs" if why else "agrees"), why, here


def _is_another(claimed: TryRecord, last: Completion | None) -> bool:
    """Say whether the stored answer is another than the journal's; masked ones can't be compared."""
    if last is None or not claimed.answer_digest or MASKED in last.content:
        return False
    return answer_digest(last.content) != claimed.answer_digest


def _last(kind: type[Any], events: Sequence[Event], number: int) -> Any:
    found = [event for event in events if isinstance(event, kind) and event.number == number]
    return found[-1] if found else None
