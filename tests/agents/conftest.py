"""Conversations of agent `tools` with a scripted model, written down as in a run, in real boxes."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from llmbench.api import AgentContext, Attempt, Box, Context, Message, ModelProfile, Request, Task, Workspace
from llmbench.api.options import NoOptions, from_mapping
from llmbench.records.masking import Mask
from llmbench.records.transcript import Event, Transcript, read_transcript
from llmbench.registry import load
from llmbench.resources import resource_dir
from llmbench.runner.asking import Desk, SampleModel
from llmbench.runner.budget import BudgetMeter
from llmbench.runner.plan import Item
from llmbench.runner.spec import Budget, Part, RunSpec
from llmbench.testing.scripted import Reply, Replying, ScriptedBackend
from llmbench.testing.validator import OpenBoxes
from llmbench_plugins.agents.tools import Tools
from llmbench_plugins.toolchains.python import PYTHON

NOTHING = Part(name="none", options=NoOptions())
LEAP = Task(
    id="leap",
    instructions="Write is_leap(year).",
    starter={"leap.py": b"def is_leap(year):\n    raise NotImplementedError\n", "notes.txt": b"n\n" * 2000},
    editable=("leap.py",),
    commands={"run_tests": ("python3", "-c", "import leap; assert leap.is_leap(4); print('ok')")},
)


@dataclass
class Talk:
    """What became of a conversation."""

    attempt: Attempt
    workspace: Workspace
    backend: ScriptedBackend
    events: list[Event]

    @property
    def notes(self) -> dict[str, Any]:
        """The counts in the record."""
        notes: dict[str, Any] = self.attempt.notes["tools"]
        return notes

    @property
    def requests(self) -> list[Request]:
        """What the model was asked."""
        return self.backend.requests

    @property
    def last(self) -> Message:
        """The last message that the model was told."""
        return self.requests[-1].messages[-1]


Talking = Callable[..., Talk]


def _make_tools(context: Context, **options: Any) -> Tools:
    """Make the agent as a run does, from conf/agent/tools.yaml with some options changed."""
    data = yaml.safe_load((resource_dir("conf") / "agent" / "tools.yaml").read_text(encoding="utf-8"))
    data = {key: value for key, value in (data | options).items() if key != "name"}
    checked = from_mapping(Tools.Options, data, "agent")
    tools = {}
    for name in checked.tools:
        kind = load("tool", name)
        tools[name] = kind(from_mapping(kind.Options, checked.tool_options.get(name, {}), name), context)
    return Tools(checked, AgentContext.of(context, tools))


@pytest.fixture
def make_tools() -> Callable[..., Tools]:
    """Make the agent as a run does, with some options changed."""
    return _make_tools


@pytest.fixture
def talk(context: Context, tmp_path: Path, request: pytest.FixtureRequest) -> Talking:
    """Let the agent talk to scripted replies; ``feedback`` asks for a further try."""

    def talking(
        replies: Iterable[Reply] | Replying,
        *,
        task: Task = LEAP,
        feedback: str = "",
        profile: ModelProfile | None = None,
        context_tokens: int | None = None,
        boxed: bool = False,
        folder: str = "sample",
        **options: Any,
    ) -> Talk:
        options.setdefault("tools", ["read", "write", "edit", "finish"])
        agent = _make_tools(context, **options)
        profile = profile or ModelProfile(name="scripted")
        backend = ScriptedBackend(replies, context=context, model=profile)
        path = tmp_path / folder / "transcript.jsonl"
        workspace = Workspace(task)

        async def work(box: Box | None) -> Attempt:
            transcript = Transcript(path, Mask({}))
            desk = Desk(_spec(profile), backend, asyncio.Semaphore(1), BudgetMeter(Budget()), context_tokens)
            model = SampleModel(desk, Item(task, 0), transcript)
            try:
                attempt = await agent.solve(task, workspace, model, box)
                if feedback:
                    model.number = 2
                    attempt = await agent.revise(task, workspace, model, box, attempt, feedback)
                return attempt
            finally:
                transcript.close()

        async def in_box(boxes: OpenBoxes) -> Attempt:
            async with boxes.open("python") as box:
                return await work(box)

        if boxed:
            # The fixture runs an event loop of its own, so it can't wait until there is one.
            sandbox = request.getfixturevalue("isolating_sandbox")
            attempt = asyncio.run(in_box(OpenBoxes(sandbox, [PYTHON])))
        else:
            attempt = asyncio.run(work(None))
        return Talk(attempt, workspace, backend, read_transcript(path))

    return talking


def _spec(profile: ModelProfile) -> RunSpec:
    return RunSpec(
        backend=NOTHING,
        agent=NOTHING,
        dataset=NOTHING,
        validator=NOTHING,
        sandbox=(),
        model=profile,
        folder=Path(),
        run_id="0",
    )
