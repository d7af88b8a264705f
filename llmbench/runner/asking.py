"""The model as one sample's agent sees it: asks the backend, or finds the answer in the transcript."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from llmbench.api import Backend, Completion, Message, ModelProfile, Request, Timing, ToolSpec, Usage
from llmbench.errors import BackendError, BudgetError, LlmbenchError
from llmbench.records.record import SampleTiming, UsageTotal
from llmbench.records.transcript import CompletionEvent, ErrorEvent, Transcript, request_digest
from llmbench.runner.budget import BudgetMeter
from llmbench.runner.plan import Item
from llmbench.runner.spec import RunSpec


class SampleTimeout(LlmbenchError):
    """The sample has waited for the model as long as limits.wall_s allows."""


class SampleTokens(LlmbenchError):
    """The sample has used the completion tokens that limits.tokens allows."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What all samples of a run share when they ask."""

    spec: RunSpec
    backend: Backend | None
    """None where the agent never asks."""
    slots: asyncio.Semaphore
    budget: BudgetMeter


class SampleModel:
    """Implements ``api.Model`` for one sample."""

    def __init__(self, desk: Desk, item: Item, transcript: Transcript) -> None:
        self._desk = desk
        self._item = item
        self._transcript = transcript
        self._stored = transcript.stored_completions()
        self._last_messages: tuple[Message, ...] = ()
        first = item.first.tries[-1].number if item.first else 0
        # Asked once more, a sample goes on where it had ended: earlier calls keep their numbers and count.
        self.completions: list[Completion] = [e.completion for e in self._stored if e.number <= first]
        self._factor = (desk.spec.retry_budget or 1) if item.first else 1
        self.number = first + 1
        """The try under way."""
        self.prompt: tuple[Message, ...] = ()
        """The messages of the last question."""

    @property
    def profile(self) -> ModelProfile:
        """The model's profile."""
        return self._desk.spec.model

    @property
    def last(self) -> Completion | None:
        """The last completion, if there is one."""
        return self.completions[-1] if self.completions else None

    async def ask(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        tool_choice: Literal["auto", "required", "none"] = "auto",
        max_tokens: int | None = None,
    ) -> Completion:
        """Return the stored answer to this very question, else the backend's, which is stored first."""
        request = self._request(tuple(messages), tuple(tools), tool_choice, max_tokens)
        self.prompt = request.messages
        digest = request_digest(request)
        call = len(self.completions)
        if call < len(self._stored) and self._stored[call].digest == digest:
            completion = self._stored[call].completion
        else:
            self._stored = self._stored[:call]
            completion = await self._ask_backend(request, call)
            self._store(request, digest, call, completion)
        self._last_messages = request.messages
        self.completions.append(completion)
        return completion

    def _request(
        self,
        messages: tuple[Message, ...],
        tools: tuple[ToolSpec, ...],
        tool_choice: Literal["auto", "required", "none"],
        max_tokens: int | None,
    ) -> Request:
        spec, reasoning = self._desk.spec, self.profile.reasoning
        return Request(
            messages=messages,
            max_tokens=min((max_tokens or reasoning.max_tokens) * self._factor, self._tokens_left()),
            sampling=spec.sampling,
            reasoning=reasoning,
            seed=_seed(spec.seed, self._item.sample, len(self.completions)),
            tools=tools,
            tool_choice=tool_choice,
            prompt_cache=spec.prompt_cache,
            task=self._item.task.id,
            sample=self._item.sample,
        )

    def _tokens_left(self) -> int:
        limit = self._desk.spec.limits.tokens
        if limit is None:
            return 2**31
        used = sum(completion.usage.completion_tokens or 0 for completion in self.completions)
        if used >= limit:
            raise SampleTokens(f"limits.tokens: {used} of {limit} completion tokens used")
        return limit - used

    async def _ask_backend(self, request: Request, call: int) -> Completion:
        if self._desk.backend is None:
            raise RuntimeError("an agent whose asks_model is False asked the model")
        try:
            async with self._desk.slots, self._desk.budget.held_back(request):
                return await self._complete(self._desk.backend, request)
        except BudgetError:
            raise
        except LlmbenchError as error:
            raw = error.raw if isinstance(error, BackendError) else ""
            event = ErrorEvent(
                number=self.number, call=call, kind=type(error).__name__, message=str(error), raw=raw
            )
            self._transcript.append(event)
            raise

    async def _complete(self, backend: Backend, request: Request) -> Completion:
        limit = self._desk.spec.limits.wall_s
        left = None if limit is None else limit - sum(c.timing.wall_s for c in self.completions)
        started = time.monotonic()
        try:
            async with asyncio.timeout(left) as scope:
                completion = await backend.complete(request)
        except TimeoutError as error:
            if scope.expired():
                raise SampleTimeout(f"limits.wall_s: no answer within {limit:g} s") from None
            raise BackendError(f"the server took too long: {error}") from error
        self._desk.budget.add(completion.usage)
        if completion.timing.wall_s:
            return completion
        return replace(completion, timing=replace(completion.timing, wall_s=time.monotonic() - started))

    def _store(self, request: Request, digest: str, call: int, completion: Completion) -> None:
        known = len(self._last_messages)
        grown = request.messages[:known] == self._last_messages
        self._transcript.append(
            CompletionEvent(
                number=self.number,
                call=call,
                digest=digest,
                messages=request.messages[known:] if grown else request.messages,
                completion=completion,
                task=request.task,
                sample=request.sample,
            )
        )


def _seed(seed: int, sample: int, call: int) -> int:
    """Return a seed of its own for every sample and call, in the 31 bits that all servers take."""
    if sample == call == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}:{sample}:{call}".encode()).digest()[:4], "big") >> 1


def total_usage(completions: Sequence[Completion]) -> UsageTotal:
    """Add usages up; what one completion does not tell, the total does not either."""

    def add(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return sum(known) if known and len(known) == len(values) else None

    usages: list[Usage] = [completion.usage for completion in completions]
    counts = {
        name: add([getattr(usage, name) for usage in usages])
        for name in ("prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens", "cost_usd")
    }
    return UsageTotal(completions=len(completions), **counts)  # type: ignore[arg-type]  # sums of ints are ints


def total_timing(completions: Sequence[Completion], grading_s: float, finished_at: str) -> SampleTiming:
    """Sum the waiting and average the speeds."""
    timings = [completion.timing for completion in completions]
    return SampleTiming(
        generation_s=sum(timing.wall_s for timing in timings),
        grading_s=grading_s,
        ttft_s=timings[0].ttft_s if timings else None,
        prefill_tokens_per_s=_mean([timing.prefill_tokens_per_s for timing in timings]),
        decode_tokens_per_s=_mean([_decode_speed(c.timing, c.usage) for c in completions]),
        finished_at=finished_at,
    )


def _decode_speed(timing: Timing, usage: Usage) -> float | None:
    if timing.decode_tokens_per_s is not None:
        return timing.decode_tokens_per_s
    if timing.ttft_s is None or usage.completion_tokens is None or usage.completion_tokens < 2:
        return None
    took = timing.wall_s - timing.ttft_s
    return (usage.completion_tokens - 1) / took if took > 0 else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
