"""One sample: tries of answering and grading, until one passes or no more are allowed."""

import asyncio
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from llmbench.api import Agent, Attempt, Box, Outcome, Validator, Verdict, Workspace
from llmbench.errors import (
    BudgetError,
    ContextOverflowError,
    LlmbenchError,
    ProtocolError,
)
from llmbench.records.lines import whole_text
from llmbench.records.manifest import now
from llmbench.records.masking import Mask
from llmbench.records.record import Record, TryRecord
from llmbench.records.samples import TryFolder, sample_folder
from llmbench.records.transcript import SubmissionEvent, Transcript, VerdictEvent
from llmbench.registry import explained
from llmbench.runner.asking import Desk, SampleModel, SampleTimeout, SampleTokens, total_timing, total_usage
from llmbench.runner.boxes import SandboxBoxes
from llmbench.runner.handed_in import attempt_from
from llmbench.runner.judging import Submission, judge, try_record
from llmbench.runner.monitoring import Monitors
from llmbench.runner.plan import Item

RETRIED = (Outcome.FAILED, Outcome.BUDGET_EXHAUSTED, Outcome.PROTOCOL_ERROR)
"""Outcomes of a graded try after which another may follow."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What all samples of a run share."""

    folder: Path
    desk: Desk
    agent: Agent
    validator: Validator
    boxes: SandboxBoxes
    graders: asyncio.Semaphore
    mask: Mask
    tries: int
    monitors: Monitors | None = None


async def run_sample(bench: Bench, item: Item) -> Record:
    """Make one sample. Whatever goes wrong is its outcome; only cancellation passes through."""
    folder = sample_folder(bench.folder, item.task.id, item.sample)
    transcript = Transcript(folder / "transcript.jsonl", bench.mask)
    try:
        return await _Sample(bench, item, transcript, folder).run()
    finally:
        transcript.close()


class _Sample:
    def __init__(self, bench: Bench, item: Item, transcript: Transcript, home: Path) -> None:
        self._bench = bench
        self._home = home
        self._item = item
        self._transcript = transcript
        self._workspace = Workspace(item.task)
        self._window = bench.monitors.window() if bench.monitors else None
        self._model = SampleModel(bench.desk, item, transcript, self._window)
        self._tries: list[TryRecord] = []
        self._grading_s = 0.0

    async def run(self) -> Record:
        try:
            async with self._box() as box:
                await self._make_tries(box)
        except Exception as error:  # one sample's trouble never stops the others
            self._end_with(error)
        return self._record()

    async def _make_tries(self, box: Box | None) -> None:
        attempt, feedback = Attempt(), ""
        first = self._model.number
        for number in range(first, first + self._bench.tries):
            self._model.number = number
            attempt = await self._answer(number, box, attempt, feedback, is_first=number == first)
            submission = Submission.of(self._item.task, self._workspace, attempt.cut_short)
            notes = submission.noted(attempt.notes)
            verdict, feedback = await self._judge(number, notes, submission)
            last = self._model.last
            self._tries.append(try_record(number, verdict, last, submission.refused, notes))
            if verdict.outcome not in RETRIED:
                return

    async def _answer(
        self, number: int, box: Box | None, previous: Attempt, feedback: str, *, is_first: bool
    ) -> Attempt:
        agent, task = self._bench.agent, self._item.task
        if is_first:
            made = await agent.solve(task, self._workspace, self._model, box)
        else:
            made = await agent.revise(task, self._workspace, self._model, box, previous, feedback)
        attempt = attempt_from(made, self._agent_name)
        folder = self._folder(number)
        folder.answer(self._model.prompt, self._model.last)
        folder.patch(task.starter, Submission.of(task, self._workspace).files)
        folder.logs(attempt.logs)
        return attempt

    async def _judge(self, number: int, notes: dict[str, Any], submission: Submission) -> tuple[Verdict, str]:
        """Return verdict and feedback: those stored, if this very submission has been judged before."""
        event = SubmissionEvent.of(number, submission.files, submission.refused, notes)
        stored = self._transcript.stored_verdict(number)
        if stored and event in self._transcript.earlier:
            return stored.verdict, stored.feedback
        self._transcript.append(event, self._agent_name)
        verdict = await self._graded(submission)
        feedback = "" if verdict.outcome is Outcome.PASSED else self._feedback(verdict, submission)
        validator = f"validator '{self._bench.desk.spec.validator.name}'"
        self._transcript.append(VerdictEvent(number=number, verdict=verdict, feedback=feedback), validator)
        self._folder(number).verdict(verdict)
        return verdict, feedback

    async def _graded(self, submission: Submission) -> Verdict:
        bench = self._bench
        async with bench.graders:
            started = time.monotonic()
            try:
                return await judge(
                    self._item.task, submission, self._model.last, bench.validator, bench.boxes
                )
            finally:
                self._grading_s += time.monotonic() - started

    def _feedback(self, verdict: Verdict, submission: Submission) -> str:
        # Where a limit of the agent's own ended the try, the tests have something to say all the same.
        if verdict.outcome is Outcome.BUDGET_EXHAUSTED and submission.cut_short is None:
            return f"{verdict.reason}. Answer more briefly."
        return self._bench.validator.feedback(self._item.task, verdict)

    def _end_with(self, error: Exception) -> None:
        """End the sample at the try under way, which brought no verdict."""
        outcome = _outcome_of(error)
        reason = str(error) if isinstance(error, LlmbenchError) else explained(error)
        verdict = Verdict(outcome=outcome, reason=whole_text(reason))
        if not isinstance(error, LlmbenchError):
            verdict = replace(verdict, stderr=whole_text("".join(traceback.format_exception(error))))
        number = self._model.number
        folder = self._folder(number)
        if outcome is not Outcome.SKIPPED:
            folder.answer(self._model.prompt, None)
            folder.verdict(verdict)
            self._transcript.append(VerdictEvent(number=number, verdict=verdict))
        self._tries.append(try_record(number, verdict, self._model.last))

    def _record(self) -> Record:
        completions = self._model.completions
        last = self._tries[-1]
        return Record(
            task=self._item.task.id,
            sample=self._item.sample,
            outcome=last.outcome,
            score=last.score,
            tries=tuple(self._tries),
            usage=total_usage(completions),
            timing=total_timing(completions, self._grading_s, now()),
            reason=last.reason,
            task_digest=self._item.task.digest,
            machine=self._window.measured() if self._window else None,
            models=tuple(sorted({c.model for c in completions if c.model})),
            earlier=self._item.first.tries if self._item.first else (),
            providers=tuple(sorted({c.provider for c in completions if c.provider})),
            finish_words=tuple(sorted({c.finish_word for c in completions if c.finish_word})),
            mended=dict(sum((Counter(c.mended) for c in completions), Counter())),
        )

    @property
    def _agent_name(self) -> str:
        return f"agent '{self._bench.desk.spec.agent.name}'"

    def _folder(self, number: int) -> TryFolder:
        return TryFolder(self._home, number, self._bench.mask)

    @asynccontextmanager
    async def _box(self) -> AsyncIterator[Box | None]:
        if not self._bench.agent.uses_box:
            yield None
            return
        async with self._bench.boxes.open(self._item.task.toolchain) as box:
            yield box


_OUTCOMES = {
    ContextOverflowError: Outcome.CONTEXT_OVERFLOW,
    ProtocolError: Outcome.PROTOCOL_ERROR,
    SampleTimeout: Outcome.TIMEOUT,
    SampleTokens: Outcome.BUDGET_EXHAUSTED,
    BudgetError: Outcome.SKIPPED,
}


def _outcome_of(error: Exception) -> Outcome:
    found = (outcome for kind, outcome in _OUTCOMES.items() if isinstance(error, kind))
    return next(found, Outcome.INFRA_ERROR)
