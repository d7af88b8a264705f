"""The summary of a run: a pure function of its manifest and its journal."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from math import comb
from typing import Literal, TypeVar

from llmbench.api import Outcome
from llmbench.records.journal import by_task
from llmbench.records.manifest import Manifest, Session
from llmbench.records.monitors import WatchedSession
from llmbench.records.record import Record, UsageTotal
from llmbench.score.failures import Failures, failures
from llmbench.score.groups import Group, groups_by_facts, groups_of
from llmbench.score.machine import MachineUse, machine_use
from llmbench.score.passk import Count, Interval, interval_95, mean_pass_at_k
from llmbench.score.published import Beside, Published, foremost, published
from llmbench.score.tools import ToolUse, tool_use
from llmbench.score.trust import Finding, Level, damaged_lines, findings, set_apart, worst
from llmbench.score.twins import Gap

N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well the answers did; None where nothing was graded, or the grader can't be trusted."""

    pass_at_1: float | None
    """Chance that one sample passes at its first try: the mean over tasks."""
    interval_95: Interval | None
    bounds: Interval | None
    """pass@1 if all samples that a limit or the protocol ended had failed, and if they had passed."""
    censored: int
    """How many graded samples a limit or the protocol ended at their first try."""
    by_try: tuple[float, ...]
    """Share of samples that pass within 1, 2, … tries."""
    pass_at_k: Mapping[str, float]
    """For k = 2, 4, 8 … up to the number of samples a task, at the first try."""
    pass_at_k_95: Mapping[str, Interval] = field(default_factory=dict)
    """The 95 % interval of each, over tasks."""
    pass_at_k_without: Mapping[str, int] = field(default_factory=dict)
    """How many tasks each leaves out, as fewer than k of their samples have a grade; none is not told."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """pass@1 of each part of the tests, where the validator grades in parts (``base`` and ``plus``)."""
    composite: float | None = None
    """From 0 to 10, where the validator grades so: of first tries, the mean over tasks."""
    agreement: float | None = None
    """Share of pairs of a task's samples with the same first answer, to the letter: the mean over tasks."""
    outcomes_agree: float | None = None
    """Share of pairs of a task's samples that both passed at the first try, or neither: the same mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Medians over samples, as far as the server tells."""

    ttft_s: float | None
    prefill_tokens_per_s: float | None
    decode_tokens_per_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a report says of a run."""

    schema: Literal["llmbench.summary/1"] = "llmbench.summary/1"
    run_id: str
    names: Mapping[str, str]
    notice: str
    tasks: int
    samples: int
    """Of each task, or at most."""
    planned: int
    graded: int
    outcomes: Mapping[str, int]
    """How often each occurred, in the order of ``api.Outcome``; ``not run``: samples without a record."""
    score: Score
    completions: int
    """Answers of the model, all tries together; 0 where no model was asked."""
    prompt_tokens: int | None
    """Of all completions, like the next three; None where any of them is unknown."""
    completion_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: float | None
    speed: Speed
    generation_s: float
    grading_s: float
    wall_s: float
    """All commands that worked on the run together."""
    trust: tuple[Finding, ...]
    published: Published | None = None
    """The foremost of ``published_figures`` that is a pass@1 and can be compared with this one."""
    published_figures: tuple[Beside, ...] = ()
    """What others published for this model on this dataset, the most comparable first."""
    groups: Mapping[str, Group] = field(default_factory=dict)
    """By what stands before the first slash of the tasks' ids, where that differs: a language."""
    groups_by: Mapping[str, Mapping[str, Group]] = field(default_factory=dict)
    """By what tasks say of themselves: ``difficulty``, ``kind`` and ``tag``, as far as they differ."""
    machine: MachineUse | None = None
    """What the monitors saw; None where none watched."""
    tools: ToolUse | None = None
    """How the model called tools; None where it could not call any."""
    twins: tuple[Gap, ...] = ()
    """How much more often its tasks are solved than their twins, where a report is about both."""
    failures: Mapping[str, Failures] = field(default_factory=dict)
    """Why graded samples did not pass, by class (``score.failures.CLASSES``), the most frequent first."""
    damaged: int = 0
    """Lines of the journal that can't be read."""

    @property
    def has_problem(self) -> bool:
        """Whether something speaks against the number."""
        return worst(self.trust) is Level.RED


def summarize(
    manifest: Manifest,
    records: Mapping[tuple[str, int], Record],
    watched: Sequence[WatchedSession] = (),
    *,
    damaged: int = 0,
) -> Summary:
    """Summarize the planned samples of a run; there is no score unless the grader's self-test passed."""
    plan = manifest.plan
    total = len(plan.planned)
    planned = planned_records(manifest, records)
    graded = [record for record in planned if record.outcome.graded]
    believable = manifest.self_test is not None and manifest.self_test.passed
    beside = published(manifest, graded) if believable else ()
    return Summary(
        run_id=manifest.run_id,
        names=manifest.names,
        notice=manifest.notice,
        tasks=len(plan.tasks),
        samples=plan.samples,
        planned=total,
        graded=len(graded),
        outcomes=_outcomes(planned, missing=total - len(planned)),
        score=score_of(graded if believable else [], plan.samples, plan.tries),
        completions=sum(record.usage.completions for record in planned),
        prompt_tokens=_total(planned, lambda usage: usage.prompt_tokens),
        completion_tokens=_total(planned, lambda usage: usage.completion_tokens),
        reasoning_tokens=_total(planned, lambda usage: usage.reasoning_tokens),
        cost_usd=_total(planned, lambda usage: usage.cost_usd),
        speed=_speed(planned),
        generation_s=sum(record.timing.generation_s for record in planned),
        grading_s=sum(record.timing.grading_s for record in planned),
        wall_s=_wall(manifest.sessions, records.values()),
        trust=(
            *findings(manifest, planned, total),
            *set_apart(_outside(manifest, records.values())),
            *damaged_lines(damaged),
        ),
        damaged=damaged,
        published=foremost(beside),
        published_figures=beside,
        groups=groups_of(planned, plan.tries) if believable else {},
        groups_by=groups_by_facts(planned, _about(manifest), plan.tries) if believable else {},
        tools=tool_use(planned),
        failures=failures(graded) if believable else {},
        machine=machine_use(watched, manifest.sessions, _solved(records.values())),
    )


def _outside(manifest: Manifest, records: Iterable[Record]) -> int:
    """Count graded samples of tasks that the plan does not have: an older llmbench left such a plan."""
    known = set(manifest.plan.tasks)
    return sum(record.outcome.graded and record.task not in known for record in records)


def _about(manifest: Manifest) -> Mapping[str, Mapping[str, object]]:
    return dict(zip(manifest.plan.tasks, manifest.plan.about, strict=False))


def _solved(records: Iterable[Record]) -> int:
    """Count all that passed, planned now or by an earlier command: the energy is that of all of them."""
    return sum(record.outcome is Outcome.PASSED for record in records)


def planned_records(manifest: Manifest, records: Mapping[tuple[str, int], Record]) -> list[Record]:
    """Return the records that the score is about, in the plan's order.

    Those of samples outside the plan, and of tasks that have changed since, are left out.
    """
    plan = manifest.plan
    digests = dict(zip(plan.tasks, plan.digests, strict=True))
    return [
        records[key] for key in plan.planned if key in records and records[key].task_digest == digests[key[0]]
    ]


def score_of(graded: Sequence[Record], samples: int, tries: int) -> Score:
    """Score graded samples."""
    first = _counts(graded, lambda record: record.tries[0].outcome is Outcome.PASSED)
    possible = _counts(graded, lambda record: _may_pass(record.tries[0].outcome))
    ks = [2**power for power in range(1, samples.bit_length())]
    low, high = mean_pass_at_k(first, 1), mean_pass_at_k(possible, 1)
    return Score(
        pass_at_1=low,
        interval_95=interval_95(first),
        bounds=None if low is None or high is None else Interval(low, high),
        censored=sum(record.tries[0].outcome.censored for record in graded),
        by_try=tuple(_within(graded, number) for number in range(1, tries + 1)) if graded else (),
        pass_at_k={str(k): value for k in ks if (value := mean_pass_at_k(first, k)) is not None},
        pass_at_k_95={str(k): found for k in ks if (found := interval_95(first, k)) is not None},
        pass_at_k_without={
            str(k): few for k in ks if 0 < (few := sum(count.n < k for count in first)) < len(first)
        },
        parts=_parts(graded),
        composite=_composite(graded),
        agreement=_agreement(graded, lambda record: record.tries[0].answer_digest or None),
        outcomes_agree=_agreement(graded, lambda record: record.tries[0].outcome is Outcome.PASSED),
    )


def _agreement(graded: Sequence[Record], told: Callable[[Record], object]) -> float | None:
    """Measure how alike the samples of a task are; None where nothing was repeated."""
    shares = []
    for records in by_task(graded).values():
        counts = Counter(value for value in map(told, records) if value is not None)
        if pairs := comb(counts.total(), 2):
            shares.append(sum(comb(count, 2) for count in counts.values()) / pairs)
    return sum(shares) / len(shares) if shares else None


def _parts(graded: Sequence[Record]) -> dict[str, float]:
    """Return pass@1 of each part that validators name in ``Verdict.details["parts"]``, in their order."""
    names = dict.fromkeys(name for record in graded for name in _parts_of(record))
    counts = {name: _counts(graded, partial(_passes_part, name)) for name in names}
    return {name: mean_pass_at_k(found, 1) or 0.0 for name, found in counts.items()}


def _composite(graded: Sequence[Record]) -> float | None:
    """Return the mean of ``Verdict.details["composite"]``, 0 for an answer that was not graded so far."""
    if not any("composite" in record.tries[0].details for record in graded):
        return None
    means = [
        sum(float(record.tries[0].details.get("composite", 0)) for record in records) / len(records)
        for records in by_task(graded).values()
    ]
    return sum(means) / len(means)


def _passes_part(name: str, record: Record) -> bool:
    return _parts_of(record).get(name) == "pass"


def _parts_of(record: Record) -> Mapping[str, object]:
    parts = record.tries[0].details.get("parts", {})
    return parts if isinstance(parts, Mapping) else {}


def _may_pass(outcome: Outcome) -> bool:
    return outcome is Outcome.PASSED or outcome.censored


def _within(graded: Sequence[Record], number: int) -> float:
    """Return the share that passes within ``number`` tries, the mean over tasks."""
    counts = _counts(
        graded, lambda record: any(done.outcome is Outcome.PASSED for done in record.tries[:number])
    )
    return mean_pass_at_k(counts, 1) or 0.0


def _counts(records: Iterable[Record], passed: Callable[[Record], bool]) -> list[Count]:
    groups: dict[str, list[bool]] = {}
    for record in records:
        groups.setdefault(record.task, []).append(passed(record))
    return [Count(len(group), sum(group)) for group in groups.values()]


def _outcomes(planned: Sequence[Record], missing: int) -> dict[str, int]:
    found = Counter(record.outcome for record in planned)
    counts = {str(outcome): found[outcome] for outcome in Outcome if found[outcome]}
    return counts | ({"not run": missing} if missing else {})


def _speed(records: Sequence[Record]) -> Speed:
    timings = [record.timing for record in records]
    return Speed(
        ttft_s=_median(timing.ttft_s for timing in timings),
        prefill_tokens_per_s=_median(timing.prefill_tokens_per_s for timing in timings),
        decode_tokens_per_s=_median(timing.decode_tokens_per_s for timing in timings),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    middle = len(known) // 2
    return known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) / 2


def _total(records: Sequence[Record], amount: Callable[[UsageTotal], N | None]) -> N | None:
    """Add up over the records that hold completions; what one of them does not tell, the total does not."""
    amounts = [amount(record.usage) for record in records if record.usage.completions]
    known = [value for value in amounts if value is not None]
    return sum(known) if known and len(known) == len(amounts) else None


def _wall(sessions: Sequence[Session], records: Iterable[Record]) -> float:
    """Add up the sessions; one that was killed ended with the last sample that it finished."""
    finished = sorted(record.timing.finished_at for record in records if record.timing.finished_at)
    total = 0.0
    for position, session in enumerate(sessions):
        following = sessions[position + 1].started if position + 1 < len(sessions) else "~"
        inside = [time for time in finished if session.started <= time < following]
        ended = session.ended or (inside[-1] if inside else session.started)
        took = datetime.fromisoformat(ended) - datetime.fromisoformat(session.started)
        total += took.total_seconds()
    return total
