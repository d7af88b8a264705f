"""Measures in which form a model writes calls well: the probes, through the agent, on the model's server."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from llmbench.api import (
    Agent,
    AgentContext,
    Backend,
    Completion,
    Context,
    Message,
    ModelProfile,
    Reasoning,
    Request,
    Step,
    Task,
    Tool,
    ToolSpec,
    Workspace,
)
from llmbench.errors import (
    BackendError,
    BudgetError,
    ContextOverflowError,
    ImpossibleError,
    ProtocolError,
    RunError,
    UsageError,
)
from llmbench.records.fitness import INFRA, Called, FitnessAttempt
from llmbench.registry import load
from llmbench.runner.budget import BudgetMeter
from llmbench.runner.estimate import prices_of
from llmbench.runner.probe_tools import Calls
from llmbench.runner.probes import PROBES, Found, Probe, long_text
from llmbench.runner.spec import RunSpec
from llmbench.runner.wishes import refuse_ignored

PROTOCOLS = ("native", "text")
_MOST_INFRA = 3
_ANSWER_TOKENS = 1024
_LONG_TOKENS = 6000
_CHARACTERS_A_TOKEN = 3
_OWN_TOKENS = 1200
"""What instructions, tools and the agent's own words take of a prompt."""
_UNLIMITED = 2**20
_NO_CALL = ("no_call", "cut_off")
"""What an agent may say of an answer without a call, whether one was wanted or not."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is tried, and for how long at most."""

    repetitions: int
    minutes: float
    protocols: tuple[str, ...] = PROTOCOLS


@dataclass(slots=True)
class Measured:
    """What came of a plan, also of one that was broken off."""

    planned: int = 0
    attempts: list[FitnessAttempt] = field(default_factory=list)
    server: dict[str, Any] = field(default_factory=dict)
    not_possible: dict[str, str] = field(default_factory=dict)
    stopped: str = ""
    """Why not all of the plan was tried."""


@dataclass(frozen=True, slots=True)
class _Item:
    protocol: str
    probe: Probe
    repetition: int

    def seed(self, base: int) -> int:
        """Return a seed that both protocols share."""
        told = f"{base}:{self.probe.name}:{self.repetition}".encode()
        return int.from_bytes(hashlib.sha256(told).digest()[:4], "big") >> 1


def check_agent(spec: RunSpec) -> None:
    """Look whether the agent has what is to be compared.

    Raises:
        UsageError: it has no choice of protocol.
    """
    if "protocol" not in {part.name for part in fields(spec.agent.options)}:
        raise UsageError(
            f"fitness: agent '{spec.agent.name}' has no option 'protocol', and so nothing to choose; "
            "leave agent= out, or name an agent that calls tools (agent=tools)"
        )


async def measure(
    spec: RunSpec, context: Context, plan: Plan, measured: Measured, tell: Callable[[int, int], None]
) -> None:
    """Try the plan's probes on the model's server; ``measured`` has what was done, however this ends.

    Raises:
        RunError: the server failed again and again, or nothing could be tried.
        LlmbenchError: the server did not start.
    """
    async with AsyncExitStack() as stack:
        kind: type[Backend] = load("backend", spec.backend.name)
        backend = await stack.enter_async_context(kind(spec.backend.options, spec.model, context))
        measured.server = dict(await backend.describe())
        work = _Work(spec, context, backend, measured, tell)
        work.budget = BudgetMeter(spec.budget, prices=await prices_of(backend))
        await work.run(plan)


class _Work:
    def __init__(
        self,
        spec: RunSpec,
        context: Context,
        backend: Backend,
        measured: Measured,
        tell: Callable[[int, int], None],
    ) -> None:
        self.budget = BudgetMeter(spec.budget)
        self._spec = spec
        self._context = context
        self._backend = backend
        self._measured = measured
        self._tell = tell
        window = measured.server.get("context")
        self._window = window if isinstance(window, int) else None

    async def run(self, plan: Plan) -> None:
        """Go through the plan, every probe of a repetition before the next, until time is up."""
        possible = [name for name in plan.protocols if self._is_possible(name)]
        items = list(_items(plan, possible))
        self._measured.planned = len(items)
        queue = iter(items)
        workers = [self._worker(queue) for _ in range(min(self._backend.capacity, len(items)))]
        try:
            async with asyncio.timeout(plan.minutes * 60), asyncio.TaskGroup() as group:
                for worker in workers:
                    group.create_task(worker)
        except TimeoutError:
            self._measured.stopped = f"the time was up (--minutes {plan.minutes:g})"
        except BaseExceptionGroup as group_error:
            error = group_error.exceptions[0]
            if not isinstance(error, BudgetError):
                raise error from None
            self._measured.stopped = str(error)
        if not self._measured.attempts:
            reason = self._measured.stopped or "; ".join(self._measured.not_possible.values())
            raise RunError(f"fitness: nothing could be tried: {reason}")

    def _is_possible(self, protocol: str) -> bool:
        agent = self._agent(protocol, {})
        try:
            refuse_ignored(self._spec, agent, lambda: self._backend)
        except ImpossibleError as error:
            self._measured.not_possible[protocol] = str(error)
            return False
        return True

    async def _worker(self, queue: Iterator[_Item]) -> None:
        for item in queue:
            attempt = await self._attempt(item)
            self._measured.attempts.append(attempt)
            self._tell(len(self._measured.attempts), self._measured.planned)
            broken = [attempt for attempt in self._measured.attempts if attempt.kind == INFRA]
            if len(broken) >= _MOST_INFRA:
                raise RunError(f"fitness: the server failed {len(broken)} times: {broken[-1].detail}")

    async def _attempt(self, item: _Item) -> FitnessAttempt:
        calls, probe = Calls(), item.probe
        says = probe.says(item.repetition)
        tools = {kind.name: kind(self._context, calls, says.get(kind.name, "done")) for kind in probe.tools}
        model = _ProbeModel(
            self._spec, self._backend, self.budget, self._window, item.seed(self._spec.seed or 0)
        )
        started = time.monotonic()
        found = await self._found(item, self._agent(item.protocol, tools, probe.answers), model, calls)
        return FitnessAttempt(
            protocol=item.protocol,
            probe=probe.name,
            repetition=item.repetition,
            seed=item.seed(self._spec.seed or 0),
            kind=found.kind,
            detail=found.detail,
            calls=tuple(model.calls),
            answers=tuple(completion.content for completion in model.completions),
            completion_tokens=model.completion_tokens,
            wall_s=round(time.monotonic() - started, 3),
        )

    async def _found(self, item: _Item, agent: Agent, model: "_ProbeModel", calls: Calls) -> Found:
        task = self._task(item)
        try:
            attempt = await agent.solve(task, Workspace(task), model, None)
        except ContextOverflowError as error:
            return Found(kind="overflow", detail=str(error))
        except ProtocolError as error:
            return Found(kind="unreadable", detail=str(error))
        except BackendError as error:
            return Found(kind=INFRA, detail=str(error))
        return _judged(item, model, calls, attempt.notes)

    def _task(self, item: _Item) -> Task:
        before = ""
        if item.probe.is_long:
            before = f"This is a part of the project:\n\n{long_text(self._long_characters())}\n\n"
        return Task(
            id=f"fitness/{item.probe.name}",
            instructions=before + item.probe.instructions(item.repetition),
            starter={},
            editable=("*",),
        )

    def _long_characters(self) -> int:
        """Return how long a text fits beside everything else, however small the context is."""
        if self._window is None:
            return _LONG_TOKENS * _CHARACTERS_A_TOKEN
        left = self._window - _limit(self._spec.model.reasoning, self._window) - _OWN_TOKENS
        return max(200, min(_LONG_TOKENS, left)) * _CHARACTERS_A_TOKEN

    def _agent(self, protocol: str, tools: Mapping[str, Tool], answers: int = 1) -> Agent:
        """Make the agent with one protocol, for so many answers; what would hide a mistake is off."""
        wanted = {
            "protocol": protocol,
            "tool_choice": "auto",
            "max_iterations": answers,
            "max_format_retries": 0,
            "min_tool_calls": 0,
            "require_code_change": False,
            "auto_tool_call_on_failure": False,
            "instructions": "{instructions}",
        }
        options = self._spec.agent.options
        known = {part.name for part in fields(options)}
        options = replace(options, **{name: value for name, value in wanted.items() if name in known})
        context = AgentContext.of(self._context, tools)
        agent: Agent = load("agent", self._spec.agent.name)(options, context)
        return agent


def _items(plan: Plan, protocols: Sequence[str]) -> Iterator[_Item]:
    for repetition in range(plan.repetitions):
        for probe in PROBES:
            for protocol in protocols:
                yield _Item(protocol, probe, repetition)


def _judged(item: _Item, model: "_ProbeModel", calls: Calls, notes: Mapping[str, Any]) -> Found:
    """Judge what was called; a call that could not be read weighs more than others that were right."""
    problems = [called for called in model.calls if called.problem]
    noted = notes.get("tools", {}).get("mistakes", {}) if isinstance(notes.get("tools"), Mapping) else {}
    kinds = [kind for kind in (*(called.problem for called in problems), *noted) if kind not in _NO_CALL]
    if kinds:
        return Found(kind=kinds[0], detail=", ".join(called.name for called in problems))
    found = item.probe.judge(item.repetition, calls.made)
    if found.kind == "no_call" and model.was_cut_off:
        return Found(kind="cut_off", detail="the answer reached its limit of tokens")
    return found


def _limit(reasoning: Reasoning, window: int | None) -> int:
    """Return the tokens of one answer: enough for any call here, and never more than half of the context."""
    thinking = reasoning.think_tokens if reasoning.enabled else 0
    limit = min(reasoning.max_tokens, thinking + _ANSWER_TOKENS)
    return limit if window is None else max(16, min(limit, window // 2))


class _ProbeModel:
    """Implements ``api.Model`` for one attempt."""

    def __init__(
        self, spec: RunSpec, backend: Backend, budget: BudgetMeter, window: int | None, seed: int
    ) -> None:
        self._spec = spec
        self._backend = backend
        self._budget = budget
        self._window = window
        self._seed = seed
        self.calls: list[Called] = []
        self.completions: list[Completion] = []

    @property
    def profile(self) -> ModelProfile:
        """The model's profile."""
        return self._spec.model

    @property
    def context_tokens(self) -> int | None:
        """What the server says."""
        return self._window

    @property
    def was_cut_off(self) -> bool:
        """Whether the last answer reached its limit of tokens."""
        return bool(self.completions) and self.completions[-1].finish == "length"

    @property
    def completion_tokens(self) -> int | None:
        """Tokens of all answers; None where one is not known."""
        counts = [completion.usage.completion_tokens for completion in self.completions]
        known = [number for number in counts if number is not None]
        return sum(known) if known and len(known) == len(counts) else None

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
        """Ask the server."""
        thinking = reasoning or self.profile.reasoning
        request = Request(
            messages=tuple(messages),
            max_tokens=min(max_tokens or _UNLIMITED, _limit(thinking, self._window)),
            sampling=self._spec.sampling,
            reasoning=thinking,
            seed=None if self._spec.seed is None else (self._seed + len(self.completions)) % 2**31,
            tools=tuple(tools),
            tool_choice=tool_choice,
            prompt_cache=self._spec.prompt_cache if prompt_cache is None else prompt_cache,
            task="fitness",
        )
        async with self._budget.held_back(request):
            completion = await self._backend.complete(request)
        self._budget.add(completion.usage)
        self.completions.append(completion)
        return completion

    def keep(self, step: Step) -> Step:
        """Write a call down."""
        self.calls.append(Called(name=step.name, arguments=dict(step.arguments), problem=step.problem))
        return step
