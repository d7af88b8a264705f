"""From what a try submitted to its verdict: for a sample under way, and for one that is graded again."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from llmbench.api import Boxes, Completion, Finish, Outcome, Task, Validator, Verdict, Workspace
from llmbench.records.record import TryRecord
from llmbench.runner.handed_in import verdict_from

_CUT_SHORT = "cut_short"
_TEMPLATE_MARKS = re.compile(r"<\|[a-z_]{2,32}\|>|\[/?INST\]|<(?:start|end)_of_turn>|<</?SYS>>")
"""What stands between the turns of a conversation, by the most usual chat templates."""


def cut_short(notes: Mapping[str, Any]) -> Outcome | None:
    """Return the limit of the agent's own that ended a try, as its notes have it."""
    noted = notes.get(_CUT_SHORT)
    return Outcome(noted) if noted else None


@dataclass(frozen=True, slots=True)
class Submission:
    """What a try hands in: the files it may change, and the names of those that it touched besides."""

    files: Mapping[str, bytes]
    refused: tuple[str, ...]
    cut_short: Outcome | None = None
    """The limit of the agent's own that ended the try."""

    @classmethod
    def of(cls, task: Task, workspace: Workspace, cut_short: Outcome | None = None) -> "Submission":
        """Take what an agent left in its workspace."""
        changed = workspace.changed()
        touched = (*changed, *workspace.deleted())
        return cls(
            files={path: content for path, content in changed.items() if task.may_change(path)},
            refused=tuple(path for path in touched if not task.may_change(path)),
            cut_short=cut_short,
        )

    @classmethod
    def stored(cls, files: Mapping[str, bytes], refused: tuple[str, ...], notes: Mapping[str, Any]) -> Self:
        """Return what a transcript keeps of a submission."""
        return cls(files, refused, cut_short(notes))

    def noted(self, notes: Mapping[str, Any]) -> dict[str, Any]:
        """Return an agent's notes with what ``stored`` needs to find in them."""
        return dict(notes) | ({_CUT_SHORT: str(self.cut_short)} if self.cut_short else {})


async def judge(
    task: Task, submission: Submission, last: Completion | None, validator: Validator, boxes: Boxes
) -> Verdict:
    """Return the verdict on a submission; ``last`` is the try's last completion, if its agent asks a model.

    Raises:
        SandboxError: a box broke.
        RecordError: the validator returned no verdict.
    """
    verdict = _ungraded(task, submission, last)
    if verdict is None:
        graded = await validator.grade(task, submission.files, boxes)
        verdict = verdict_from(graded, f"validator {type(validator).__name__}")
    return _censored(verdict, submission, last)


def _ungraded(task: Task, submission: Submission, last: Completion | None) -> Verdict | None:
    """Return the verdict on what needs no grading: tampering, and answers that hold no code."""
    tampered = [path for path in (*submission.files, *submission.refused) if task.is_protected(path)]
    if tampered:
        reason = f"changed what could steer the grader: {', '.join(tampered)}"
        return Verdict(outcome=Outcome.TAMPERED, reason=reason)
    if last is None or submission.files:
        return None
    if not last.content.strip() and not last.tool_calls and last.finish is not Finish.LENGTH:
        reason = f"empty answer, finish reason {last.finish}"
        return Verdict(outcome=Outcome.PROTOCOL_ERROR, reason=reason)
    return Verdict(outcome=Outcome.FAILED, reason="the answer changes none of the files it may change")


def _censored(verdict: Verdict, submission: Submission, last: Completion | None) -> Verdict:
    """Turn the failure of a try or an answer that was cut off into what it is."""
    if verdict.outcome is not Outcome.FAILED:
        return verdict
    if submission.cut_short is not None:
        reason = f"a limit of the agent's own ended the try: {verdict.reason}"
        return replace(verdict, outcome=submission.cut_short, reason=reason)
    if last is None or last.finish is not Finish.LENGTH:
        return verdict
    used = last.usage.completion_tokens
    spent = f"all {used} tokens" if used is not None else "its tokens"
    what = "the answer is empty" if not last.content.strip() else "the answer was cut off"
    reason = f"{what}: it used {spent} it was allowed"
    return replace(verdict, outcome=Outcome.BUDGET_EXHAUSTED, reason=reason)


def try_record(
    number: int,
    verdict: Verdict,
    last: Completion | None,
    refused: tuple[str, ...] = (),
    notes: Mapping[str, Any] | None = None,
) -> TryRecord:
    """Return what the journal keeps of a try."""
    return TryRecord(
        number=number,
        outcome=verdict.outcome,
        score=verdict.score,
        reason=verdict.reason,
        finish=str(last.finish) if last else "",
        answer_chars=len(last.content) if last else 0,
        answer_digest=answer_digest(last.content) if last else "",
        template_marks=tuple(dict.fromkeys(_TEMPLATE_MARKS.findall(last.content))) if last else (),
        tests_run=verdict.tests_run,
        tests_passed=verdict.tests_passed,
        tests_skipped=verdict.tests_skipped,
        tests_expected=verdict.tests_expected,
        refused=refused,
        notes=dict(notes or {}),
        details=dict(verdict.details),
    )


def answer_digest(content: str) -> str:
    """Return the digest by which answers are told apart in the journal."""
    return hashlib.blake2b(content.encode(errors="surrogatepass"), digest_size=8).hexdigest()
