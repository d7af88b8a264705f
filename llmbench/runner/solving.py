"""An agent at work on files of the user's own: one conversation, without a dataset and without a grade."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from llmbench.api import (
    Agent,
    Backend,
    Box,
    Completion,
    Context,
    Message,
    Model,
    ModelProfile,
    Reasoning,
    Step,
    Task,
    ToolSpec,
    Workspace,
)
from llmbench.errors import ImpossibleError, UsageError
from llmbench.records.masking import Mask
from llmbench.records.own_folder import PROTECTED
from llmbench.records.samples import TryFolder
from llmbench.records.transcript import Event, SubmissionEvent, Transcript
from llmbench.registry import load, names
from llmbench.runner.agents import make_agent
from llmbench.runner.asking import Desk, SampleModel
from llmbench.runner.boxes import SandboxBoxes
from llmbench.runner.budget import BudgetMeter
from llmbench.runner.estimate import prices_of
from llmbench.runner.handed_in import attempt_from
from llmbench.runner.plan import Item
from llmbench.runner.sandboxes import choose
from llmbench.runner.spec import RunSpec
from llmbench.runner.toolchains import toolchain_named
from llmbench.runner.wishes import probe_of, refuse_ignored, refuse_misnamed

_MARKS = {
    "Cargo.toml": "rust",
    "go.mod": "go",
    "pom.xml": "java",
    "build.gradle": "java",
    "CMakeLists.txt": "cpp",
    "package.json": "node",
}
"""Files by which the toolchain of a folder is known; python where there is none of them."""


@dataclass(slots=True)
class Conversation:
    """What there is to do, and what came of it, also where it was broken off."""

    prompt: str
    files: dict[str, bytes]
    """The files to work on; afterwards as they were left."""
    earlier: Sequence[Message] = ()
    """What was said before."""
    completions: list[Completion] = field(default_factory=list)
    cut_short: bool = False
    """A limit of the agent's own ended it, such as agent.max_iterations."""


class _Told(Transcript):
    """A transcript that is followed while it is written."""

    def __init__(self, path: Path, mask: Mask, tell: Callable[[Event], None]) -> None:
        super().__init__(path, mask)
        self._tell = tell

    def append(self, event: Event, by: str = "the run") -> None:
        super().append(event, by)
        self._tell(self._mask.value(event))


class _Continued:
    """A model that is reminded, with each question, of what was said before."""

    def __init__(self, model: Model, earlier: Sequence[Message]) -> None:
        self._model = model
        self._earlier = earlier

    @property
    def profile(self) -> ModelProfile:
        return self._model.profile

    @property
    def context_tokens(self) -> int | None:
        return self._model.context_tokens

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
        system = [message for message in messages[:1] if message.role == "system"]
        return await self._model.ask(
            [*system, *self._earlier, *messages[len(system) :]],
            tools=tools,
            tool_choice=tool_choice,
            max_tokens=max_tokens,
            reasoning=reasoning,
            prompt_cache=prompt_cache,
        )

    def keep(self, step: Step) -> Step:
        return self._model.keep(step)


def toolchain_for(files: Sequence[str], wanted: str | None) -> str:
    """Return the toolchain of the agent's box.

    Raises:
        UsageError: there is none of that name.
    """
    if wanted is None:
        return next((name for mark, name in _MARKS.items() if mark in files), "python")
    if wanted not in names("toolchain"):
        raise UsageError(f"--toolchain: no '{wanted}'; there are: {', '.join(names('toolchain'))}")
    return wanted


def _checked_agent(spec: RunSpec, context: Context, *, goes_on: bool) -> Agent:
    """Return the agent, if it can do something about a prompt."""
    agent = make_agent(spec, context)
    if agent.trusted:
        raise ImpossibleError(f"solve: agent '{spec.agent.name}' reads no prompt; use agent=tools")
    if goes_on and not agent.asks_model:
        raise ImpossibleError(
            f"solve: --continue: agent '{spec.agent.name}' asks a model of its own, which can't be told what "
            "was said before; leave --continue out"
        )
    if agent.asks_model:
        refuse_misnamed(spec)
    refuse_ignored(spec, agent, lambda: _backend(spec, agent, context))
    return agent


async def converse(
    spec: RunSpec,
    context: Context,
    conversation: Conversation,
    *,
    toolchain: str,
    place: Callable[[], Path],
    tell: Callable[[Event], None],
) -> None:
    """Let the agent work on the conversation's files; they are as it left them, however this ends.

    Args:
        spec: model, backend, agent and limits; its dataset is not looked at.
        context: the surroundings of all plugins.
        conversation: what there is to do.
        toolchain: of the box that the agent may run programs in.
        place: makes the folder for the transcript, once everything is ready.
        tell: is told what happens, secrets masked.

    Raises:
        PrerequisiteError: no sandbox, or what the backend needs is missing; nothing was asked.
        ImpossibleError: the agent reads no prompt or can't go on, or the backend would ignore what it asks.
        LlmbenchError: the server failed, or a limit was reached.
    """
    agent = _checked_agent(spec, context, goes_on=bool(conversation.earlier))
    task = _task(conversation, toolchain)
    async with AsyncExitStack() as stack:
        await agent.prepare(spec.model)
        box = await _box(stack, spec, context, toolchain) if agent.uses_box else None
        desk = await _desk(stack, spec, agent, context)
        mask, folder = Mask(spec.secrets, spec.secret_names), place()
        transcript = _Told(folder / "transcript.jsonl", mask, tell)
        stack.callback(transcript.close)
        model = SampleModel(desk, Item(task, 0), transcript)
        conversation.completions = model.completions
        workspace = Workspace(task)
        asked = _Continued(model, conversation.earlier) if conversation.earlier else model
        notes: dict[str, Any] = {}
        try:
            made = await agent.solve(task, workspace, asked, box)
            attempt = attempt_from(made, f"agent '{spec.agent.name}'")
            TryFolder(folder, 1, mask).logs(attempt.logs)
            notes, conversation.cut_short = attempt.notes, attempt.cut_short is not None
        finally:
            conversation.files = dict(workspace.files)
            transcript.append(SubmissionEvent.of(1, workspace.changed(), (), notes))


def _task(conversation: Conversation, toolchain: str) -> Task:
    return Task(
        id="solve",
        instructions=conversation.prompt,
        starter=conversation.files,
        editable=("*",),
        protected=PROTECTED,
        toolchain=toolchain,
        language=toolchain,
    )


async def _box(stack: AsyncExitStack, spec: RunSpec, context: Context, toolchain: str) -> Box:
    # What a model makes of a prompt of one's own is never known beforehand.
    chosen = await choose(spec.sandbox, context, [toolchain_named(toolchain)], trusted=False)
    stack.push_async_callback(chosen.sandbox.close)
    return await stack.enter_async_context(SandboxBoxes(chosen.sandbox, spec.box, ()).open(toolchain))


async def _desk(stack: AsyncExitStack, spec: RunSpec, agent: Agent, context: Context) -> Desk:
    """Start the server, or do without where the agent asks none of ours."""
    if not agent.asks_model:
        return Desk(spec, None, asyncio.Semaphore(1), BudgetMeter(spec.budget))
    backend = await stack.enter_async_context(_backend(spec, agent, context))
    refuse_ignored(spec, agent, lambda: backend)
    server = await backend.describe()
    budget = BudgetMeter(spec.budget, prices=await prices_of(backend))
    # An agent may ask several things at once, and a server knows how much it can take.
    return Desk(spec, backend, asyncio.Semaphore(backend.capacity), budget, server.get("context"))


def _backend(spec: RunSpec, agent: Agent, context: Context) -> Backend:
    kind: type[Backend] = load("backend", spec.backend.name)
    return kind(spec.backend.options, spec.model, replace(context, probe=probe_of(spec, agent)))
