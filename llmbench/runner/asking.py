"""The model as one sample's agent sees it: asks the backend, or finds the answer in the transcript."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Literal

from llmbench.api import (
    Backend,
    Completion,
    Message,
    ModelProfile,
    Reasoning,
    Request,
    Step,
    Timing,
    ToolSpec,
    Usage,
)
from llmbench.errors import BackendError, BudgetError, LlmbenchError, ProtocolError, RecordError
from llmbench.records.lines import UNWRITABLE, misfit, whole_text
from llmbench.records.record import SampleTiming, UsageTotal
from llmbench.records.transcript import CompletionEvent, ErrorEvent, ToolEvent, Transcript, request_digest
from llmbench.runner.budget import BudgetMeter
from llmbench.runner.handed_in import completion_from
from llmbench.runner.plan import Item
from llmbench.runner.readings import Window
from llmbench.runner.spec import RunSpec
from llmbench.runner.under_way import UnderWay


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
    context_tokens: int | None = None
    """What prompt and answer may have together, as the server says."""
    under_way: UnderWay = field(default_factory=UnderWay)
    asked: set[tuple[str, int]] = field(default_factory=set)
    """Samples that have had a slot, or an answer of an earlier process: by task and number."""

    def waits(self, item: Item) -> bool:
        """Say whether a sample waits for its first slot: what it has done costs nothing to do again."""
        return self.backend is not None and (item.task.id, item.sample) not in self.asked


class SampleModel:
    """Implements ``api.Model`` for one sample."""

    def __init__(self, desk: Desk, item: Item, transcript: Transcript, window: Window | None = None) -> None:
        self._desk = desk
        self._window = window
        self._item = item
        self._transcript = transcript
        self._answers = {event.call: event for event in transcript.stored_answers()}
        self._steps = {event.index: event for event in transcript.stored_steps()}
        self._last_messages: tuple[Message, ...] = ()
        first = item.first.tries[-1].number if item.first else 0
        # Asked once more, a sample goes on where it had ended: earlier calls keep their numbers and count.
        ended = [event for event in self._answers.values() if event.number <= first]
        self.completions = [event.completion for event in ended if isinstance(event, CompletionEvent)]
        self._calls = len(ended)
        self._index = sum(event.number <= first for event in self._steps.values())
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
    def context_tokens(self) -> int | None:
        """Tokens of a slot's context, as the server says."""
        return self._desk.context_tokens

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
        reasoning: Reasoning | None = None,
        prompt_cache: bool | None = None,
    ) -> Completion:
        """Return the stored answer to this very question, else the backend's, which is stored first."""
        request = self._request(
            tuple(messages), tuple(tools), tool_choice, max_tokens, reasoning or self.profile.reasoning
        )
        if prompt_cache is not None:
            request = replace(request, prompt_cache=prompt_cache)
        self.prompt = request.messages
        try:
            digest = request_digest(request)
        except UNWRITABLE as error:
            by = f"agent '{self._desk.spec.agent.name}'"
            raise RecordError(f"{by} asks what can't be kept: {misfit(request, error)}") from None
        call = self._calls
        self._calls += 1
        if self._answers:
            self._desk.asked.add(self._key)
        stored = self._answers.get(call)
        if stored is None or stored.digest != digest:
            self._forget_from(call)
            completion = await self._ask_backend(request, digest, call)
            self._store(request, digest, call, completion)
        elif isinstance(stored, CompletionEvent):
            completion = stored.completion
        else:
            raise ProtocolError(stored.message, raw=stored.raw)
        self._last_messages = request.messages
        self.completions.append(completion)
        return completion

    def keep(self, step: Step) -> Step:
        """Return the stored step of an earlier process if it is this very one; else write this one."""
        index = self._index
        self._index += 1
        stored = self._steps.get(index)
        if stored is not None and _is_same(stored.step, step):
            return stored.step
        # The model is told what is written, so that a resumed sample asks to the letter what this one asks.
        step = replace(step, text=self._transcript.masked(step.text), apart=stored is not None)
        self._steps = {place: event for place, event in self._steps.items() if place < index}
        event = ToolEvent(number=self.number, call=self._calls, index=index, step=step)
        self._transcript.append(event, f"tool '{whole_text(step.name)}'")
        return step

    def _forget_from(self, call: int) -> None:
        """Drop what earlier processes were answered to other questions than ours, and what followed."""
        self._answers = {number: event for number, event in self._answers.items() if number < call}
        self._steps = {index: event for index, event in self._steps.items() if event.call <= call}

    def _request(
        self,
        messages: tuple[Message, ...],
        tools: tuple[ToolSpec, ...],
        tool_choice: Literal["auto", "required", "none"],
        max_tokens: int | None,
        reasoning: Reasoning,
    ) -> Request:
        spec = self._desk.spec
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

    async def _ask_backend(self, request: Request, digest: str, call: int) -> Completion:
        if self._desk.backend is None:
            raise RuntimeError("an agent whose asks_model is False asked the model")
        try:
            async with self._desk.slots, self._desk.budget.held_back(request):
                self._desk.asked.add(self._key)
                return await self._complete(self._desk.backend, request)
        except BudgetError:
            raise
        except LlmbenchError as error:
            raw = error.raw if isinstance(error, BackendError) else ""
            event = ErrorEvent(
                number=self.number,
                call=call,
                kind=type(error).__name__,
                message=whole_text(str(error)),
                raw=whole_text(raw),
                digest=digest if isinstance(error, ProtocolError) else "",
            )
            self._transcript.append(event, self._backend_name)
            raise

    @property
    def _key(self) -> tuple[str, int]:
        return (self._item.task.id, self._item.sample)

    @property
    def _backend_name(self) -> str:
        return f"backend '{self._desk.spec.backend.name}'"

    async def _complete(self, backend: Backend, request: Request) -> Completion:
        limit = self._desk.spec.limits.wall_s
        left = None if limit is None else limit - sum(c.timing.wall_s for c in self.completions)
        started = time.monotonic()
        try:
            async with asyncio.timeout(left) as scope:
                answering = self._window.answering() if self._window else nullcontext()
                with answering, self._desk.under_way.asking():
                    completion = completion_from(await backend.complete(request), self._backend_name)
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
            ),
            self._backend_name,
        )


def _is_same(stored: Step, step: Step) -> bool:
    """Say whether two steps are one call that found and left the same files; how it was told may differ."""
    return all(
        getattr(stored, name) == getattr(step, name)
        for name in ("name", "arguments", "before", "after", "depth")
    )


def _seed(seed: int | None, sample: int, call: int) -> int | None:
    """Return a seed of its own for every sample and call, in the 31 bits that all servers take."""
    if seed is None or sample == call == 0:
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
        generation_s=sum((timing.wall_s for timing in timings), 0.0),
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
