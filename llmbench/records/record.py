"""Record: the line that a finished sample leaves in the journal."""

from dataclasses import dataclass, field
from typing import Any, Literal

from llmbench.api import Finish, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageTotal:
    """Tokens and cost of several completions together; None where any of them is unknown."""

    completions: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTiming:
    """Seconds and speeds of one sample; None where the server does not say."""

    generation_s: float = 0.0
    """Waiting for the model, all completions together."""
    grading_s: float = 0.0
    ttft_s: float | None = None
    """Time to the first token of the first completion."""
    prefill_tokens_per_s: float | None = None
    """Mean over completions, as the server measured it."""
    decode_tokens_per_s: float | None = None
    """Mean over completions: as the server measured it, else ours (after the first token)."""
    finished_at: str = ""
    """ISO 8601, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the monitors saw while the model answered; samples that are answered at once see the same."""

    seconds: float
    """How long the model answered, as far as it was watched."""
    readings: int
    """Readings of the monitors in that time; 0 where it was too short for one."""
    mean: dict[str, float] = field(default_factory=dict)
    peak: dict[str, float] = field(default_factory=dict)
    energy_j: float | None = None
    """Mean power of all GPUs, times the seconds: shared with the samples that are answered at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRecord:
    """One round of answer and grading."""

    number: int
    """From 1."""
    outcome: Outcome
    score: float = 0.0
    reason: str = ""
    finish: str = ""
    """Finish reason of its last completion."""
    answer_chars: int = 0
    """Length of its last completion's content."""
    answer_digest: str = ""
    """Of the same content: equal answers have equal ones; empty where no model was asked."""
    template_marks: tuple[str, ...] = ()
    """Marks of a chat template in the same content (``<|im_end|>``), which the server should have read."""
    tests_run: int = 0
    tests_passed: int = 0
    tests_skipped: int = 0
    tests_expected: int | None = None
    refused: tuple[str, ...] = ()
    """Files that the agent changed and was not allowed to; they were left out of grading."""
    notes: dict[str, Any] = field(default_factory=dict)
    """What the agent noted (``Attempt.notes``)."""
    details: dict[str, Any] = field(default_factory=dict)
    """What the validator noted (``Verdict.details``)."""

    @property
    def is_empty(self) -> bool:
        """Whether its last completion has no content; one that only calls tools is none such."""
        return bool(self.finish) and self.finish != Finish.TOOL_CALLS and not self.answer_chars


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What became of one sample. The first eight fields are fixed for all time."""

    schema: Literal["llmbench.record/1"] = "llmbench.record/1"
    task: str
    sample: int
    outcome: Outcome
    score: float
    tries: tuple[TryRecord, ...]
    usage: UsageTotal
    timing: SampleTiming
    reason: str = ""
    task_digest: str = ""
    """sha256 of the task as it was; a record of a task that has changed since does not count as done."""
    models: tuple[str, ...] = ()
    """Names under which the server answered; more than one is a finding."""
    providers: tuple[str, ...] = ()
    finish_words: tuple[str, ...] = ()
    """Words of the server for the end of an answer that nobody knows; they were taken as ``stop``."""
    mended: dict[str, int] = field(default_factory=dict)
    """Faults of the server that the client repaired, by kind."""
    earlier: tuple[TryRecord, ...] = ()
    """Tries that ran out of tokens, before the sample was asked once more with more (``retry_budget``)."""
    machine: Measured | None = None
    """What the monitors saw while it was answered; None where nothing was."""
    regraded: bool = False
    """Written by ``llmbench grade``: the answers are those of the earlier record."""

    @property
    def key(self) -> tuple[str, int]:
        """Task and sample: what the record is about."""
        return (self.task, self.sample)
