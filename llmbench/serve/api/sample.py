"""``GET /api/runs/…/samples/TASK``: one sample, and the beginning of each of its texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from llmbench.records.record import Record, SampleTiming, TryRecord, UsageTotal
from llmbench.report.words import inert
from llmbench.serve.answers import answer
from llmbench.serve.api.asked import NamePart
from llmbench.serve.faults import NotFound
from llmbench.serve.parts import RunsPart
from llmbench.serve.texts import Text, relative_folder, text_of, try_texts

router = APIRouter(tags=["samples"])

_LONGEST_REASON = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class TryLine:
    """A try of a sample."""

    number: int
    outcome: str
    score: float
    reason: str
    finish: str
    tests_run: int
    tests_passed: int
    tests_expected: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample; its texts are those of one try."""

    task: str
    sample: int
    outcome: str
    """`not run` where there is no record of it."""
    failure: str
    score: float
    reason: str
    finished_at: str
    generation_s: float
    grading_s: float
    completions: int
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: float | None
    tries: Sequence[TryLine]
    number: int
    """Of the try whose texts these are."""
    texts: Mapping[str, Text]
    """`prompt answer reasoning patch stdout stderr`, as far as they are there."""
    transcript: Text | None
    """The conversation as it was recorded, a line of JSON an event."""


@router.get("/api/runs/{dataset}/{name}/samples/{task:path}", response_model=Sample)
def sample(
    request: Request,
    runs: RunsPart,
    name: NamePart,
    task: Annotated[str, Path(max_length=1000)],
    sample: Annotated[int, Query(ge=0, le=1_000_000, description="which sample of the task")] = 0,
    number: Annotated[
        int | None, Query(alias="try", ge=1, le=10_000, description="which try; the last by default")
    ] = None,
) -> Response:
    """Return one sample. Of each text there are the first 64 kB, and where the whole is."""
    row = next((row for row in runs.opened(name).rows if row.key == (task, sample)), None)
    if row is None:
        raise NotFound(f"run '{name}' has no sample {sample} of '{task}'")
    record = row.record
    chosen = _number(record, number, task)
    base = request.scope.get("root_path", "")
    transcript = f"{relative_folder(row.key)}/transcript.jsonl"
    found = Sample(
        task=task,
        sample=sample,
        outcome=row.outcome,
        failure=row.failure,
        score=record.score if record else 0.0,
        reason=_reason(record.reason) if record else "",
        **_spent(record),
        tries=[_line(one) for one in record.tries] if record else [],
        number=chosen,
        texts=try_texts(runs.root, name, row.key, chosen, base),
        transcript=text_of(runs.root, name, transcript, base),
    )
    return answer(request, found)


def _number(record: Record | None, wanted: int | None, task: str) -> int:
    numbers = [one.number for one in record.tries] if record else []
    if wanted is None:
        return numbers[-1] if numbers else 1
    if numbers and wanted not in numbers:
        raise NotFound(f"'{task}' has no try {wanted}; there are: {', '.join(map(str, numbers))}")
    return wanted


def _line(one: TryRecord) -> TryLine:
    return TryLine(
        number=one.number,
        outcome=str(one.outcome),
        score=one.score,
        reason=_reason(one.reason),
        finish=inert(one.finish),
        tests_run=one.tests_run,
        tests_passed=one.tests_passed,
        tests_expected=one.tests_expected,
    )


def _reason(text: str) -> str:
    return inert(text[:_LONGEST_REASON])


def _spent(record: Record | None) -> dict[str, Any]:
    """Return what a sample took; of one that was not run, nothing."""
    usage, timing = (record.usage, record.timing) if record else (UsageTotal(), SampleTiming())
    return {
        "finished_at": timing.finished_at,
        "generation_s": timing.generation_s,
        "grading_s": timing.grading_s,
        "completions": usage.completions,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "cost_usd": usage.cost_usd,
    }
