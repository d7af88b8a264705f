"""One sample: tries of answering and grading, until one passes or no more are allowed."""

import asyncio
import time
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from llmbench.api import Agent, Attempt, Box, Finish, Outcome, Validator, Verdict, Workspace
from llmbench.errors import (
    BudgetError,
    ContextOverflowError,
    LlmbenchError,
    ProtocolError,
)
from llmbench.records.manifest import now
from llmbench.records.masking import Mask
from llmbench.records.record import Record, TryRecord
from llmbench.records.samples import TryFolder, sample_folder
from llmbench.records.transcript import SubmissionEvent, Transcript, VerdictEvent
from llmbench.runner.asking import Desk, SampleModel, SampleTimeout, SampleTokens, total_timing, total_usage
from llmbench.runner.boxes import SandboxBoxes
from llmbench.runner.plan import Item

_RETRIED = (Outcome.FAILED, Outcome.BUDGET_EXHAUSTED, Outcome.PROTOCOL_ERROR)
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


@dataclass(slots=True)
class _Submission:
    files: dict[str, bytes]
    refused: tuple[str, ...]
    tampered: tuple[str, ...]


async def run_sample(bench: Bench, item: Item) -> Record:
    """Make one sample. Whatever goes wrong is its outcome; only cancellation passes through."""
    transcript = Transcript(
        sample_folder(bench.folder, item.task.id, item.sample) / "transcript.jsonl", bench.mask
    )
    try:
        return await _Sample(bench, item, transcript).run()
    finally:
        transcript.close()


class _Sample:
    def __init__(self, bench: Bench, item: Item, transcript: Transcript) -> None:
        self._bench = bench
        self._item = item
        self._transcript = transcript
        self._workspace = Workspace(item.task)
        self._model = SampleModel(bench.desk, item, transcript)
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
        for number in range(1, self._bench.tries + 1):
            self._model.number = number
            attempt = await self._answer(number, box, attempt, feedback)
            verdict, feedback = await self._judge(number, attempt)
            self._tries.append(_try_record(number, verdict, attempt, self._model, self._submission().refused))
            if verdict.outcome not in _RETRIED:
                return

    async def _answer(self, number: int, box: Box | None, previous: Attempt, feedback: str) -> Attempt:
        agent, task = self._bench.agent, self._item.task
        if number == 1:
            attempt = await agent.solve(task, self._workspace, self._model, box)
        else:
            attempt = await agent.revise(task, self._workspace, self._model, box, previous, feedback)
        folder = self._folder(number)
        folder.answer(self._model.prompt, self._model.last)
        folder.patch(task.starter, self._submission().files)
        return attempt

    async def _judge(self, number: int, attempt: Attempt) -> tuple[Verdict, str]:
        """Return verdict and feedback: those stored, if this very submission has been judged before."""
        submission = self._submission()
        event = SubmissionEvent.of(number, submission.files, submission.refused, attempt.notes)
        stored = self._transcript.stored_verdict(number)
        if stored and event in self._transcript.earlier:
            return stored.verdict, stored.feedback
        self._transcript.append(event)
        verdict = self._ungraded(submission) or await self._grade(submission)
        verdict = _censored(verdict, self._model)
        feedback = "" if verdict.outcome is Outcome.PASSED else self._feedback(verdict)
        self._transcript.append(VerdictEvent(number=number, verdict=verdict, feedback=feedback))
        self._folder(number).verdict(verdict)
        return verdict, feedback

    def _ungraded(self, submission: _Submission) -> Verdict | None:
        """Return the verdict on what needs no grading: tampering, and answers that hold no code."""
        if submission.tampered:
            names = ", ".join(submission.tampered)
            return Verdict(outcome=Outcome.TAMPERED, reason=f"changed what could steer the grader: {names}")
        last = self._model.last
        if last is None or submission.files:
            return None
        if not last.content.strip() and last.finish is not Finish.LENGTH:
            return Verdict(
                outcome=Outcome.PROTOCOL_ERROR, reason=f"empty answer, finish reason {last.finish}"
            )
        return Verdict(outcome=Outcome.FAILED, reason="the answer changes none of the files it may change")

    async def _grade(self, submission: _Submission) -> Verdict:
        async with self._bench.graders:
            started = time.monotonic()
            try:
                return await self._bench.validator.grade(self._item.task, submission.files, self._bench.boxes)
            finally:
                self._grading_s += time.monotonic() - started

    def _feedback(self, verdict: Verdict) -> str:
        if verdict.outcome is Outcome.BUDGET_EXHAUSTED:
            return f"{verdict.reason}. Answer more briefly."
        return self._bench.validator.feedback(self._item.task, verdict)

    def _submission(self) -> _Submission:
        task, changed = self._item.task, self._workspace.changed()
        touched = (*changed, *self._workspace.deleted())
        return _Submission(
            files={path: content for path, content in changed.items() if task.may_change(path)},
            refused=tuple(path for path in touched if not task.may_change(path)),
            tampered=tuple(path for path in touched if task.is_protected(path)),
        )

    def _end_with(self, error: Exception) -> None:
        """End the sample at the try under way, which brought no verdict."""
        outcome = _outcome_of(error)
        reason = str(error) if isinstance(error, LlmbenchError) else f"{type(error).__name__}: {error}"
        verdict = Verdict(outcome=outcome, reason=reason)
        if not isinstance(error, LlmbenchError):
            verdict = replace(verdict, stderr="".join(traceback.format_exception(error)))
        number = self._model.number
        folder = self._folder(number)
        if outcome is not Outcome.SKIPPED:
            folder.answer(self._model.prompt, None)
            folder.verdict(verdict)
            self._transcript.append(VerdictEvent(number=number, verdict=verdict))
        self._tries.append(_try_record(number, verdict, Attempt(), self._model, ()))

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
            models=tuple(sorted({c.model for c in completions if c.model})),
            providers=tuple(sorted({c.provider for c in completions if c.provider})),
        )

    def _folder(self, number: int) -> TryFolder:
        return TryFolder(
            sample_folder(self._bench.folder, self._item.task.id, self._item.sample),
            number,
            self._bench.mask,
        )

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


def _censored(verdict: Verdict, model: SampleModel) -> Verdict:
    """Turn the failure of an answer that was cut off into what it is."""
    last = model.last
    if last is None or last.finish is not Finish.LENGTH or verdict.outcome is not Outcome.FAILED:
        return verdict
    used = last.usage.completion_tokens
    spent = f"all {used} tokens" if used is not None else "its tokens"
    what = "the answer is empty" if not last.content.strip() else "the answer was cut off"
    return replace(
        verdict, outcome=Outcome.BUDGET_EXHAUSTED, reason=f"{what}: it used {spent} it was allowed"
    )


def _try_record(
    number: int, verdict: Verdict, attempt: Attempt, model: SampleModel, refused: tuple[str, ...]
) -> TryRecord:
    last = model.last
    return TryRecord(
        number=number,
        outcome=verdict.outcome,
        score=verdict.score,
        reason=verdict.reason,
        finish=str(last.finish) if last else "",
        answer_chars=len(last.content) if last else 0,
        tests_run=verdict.tests_run,
        tests_passed=verdict.tests_passed,
        tests_skipped=verdict.tests_skipped,
        tests_expected=verdict.tests_expected,
        refused=refused,
        notes=attempt.notes,
    )
