"""The agents in the box."""

import asyncio
import dataclasses
from pathlib import Path

import pytest
import yaml

from llmbench.api import Agent, Attempt, Context, Message, Task, Workspace
from llmbench.api.options import from_mapping
from llmbench.errors import DatasetError
from llmbench.resources import resource_dir
from llmbench.testing.agent import AgentConformance, ScriptedModel
from llmbench_plugins.agents.nop import Nop
from llmbench_plugins.agents.oracle import Oracle
from llmbench_plugins.agents.prompt.agent import Options, Prompt

GOOD = "`leap.py`\n```python\ndef is_leap(year):\n    return True\n```"


def task() -> Task:
    return Task(
        id="python/leap",
        instructions="# Leap\n\nWrite `is_leap`. Mind {files} and {braces}.\n",
        starter={"leap.py": b"def is_leap(year):\n    ...\n", "notes.txt": b"{instructions}\n"},
        editable=("leap.py",),
        tests={"test_leap.py": b"assert is_leap(2000)  # hidden"},
        reference={"leap.py": b"def is_leap(year):\n    return year % 4 == 0\n"},
    )


def shipped_options() -> Options:
    data = yaml.safe_load((resource_dir("conf") / "agent/prompt.yaml").read_text())
    del data["name"]
    return from_mapping(Options, data, "agent")


class TestPrompt(AgentConformance):
    good_answer = GOOD

    def make_agent(self, tmp_path: Path) -> Agent:
        return Prompt(shipped_options(), Context(work_dir=tmp_path, cache_dir=tmp_path))

    def make_task(self) -> Task:
        return task()


class TestOracle(AgentConformance):
    def make_agent(self, tmp_path: Path) -> Agent:
        return Oracle(Oracle.Options(), Context(work_dir=tmp_path, cache_dir=tmp_path))

    def make_task(self) -> Task:
        return task()


class TestNop(AgentConformance):
    def make_agent(self, tmp_path: Path) -> Agent:
        return Nop(Nop.Options(), Context(work_dir=tmp_path, cache_dir=tmp_path))

    def make_task(self) -> Task:
        return task()


def solve(agent: Agent, *answers: str) -> tuple[Workspace, ScriptedModel, Attempt]:
    workspace, model = Workspace(task()), ScriptedModel(*answers)
    attempt = asyncio.run(agent.solve(task(), workspace, model, None))
    return workspace, model, attempt


def test_the_prompt_holds_instructions_and_files_once(context: Context) -> None:
    _, model, _ = solve(Prompt(shipped_options(), context), GOOD)
    system, user = model.questions[0]
    assert (system.role, user.role) == ("system", "user")
    assert user.content.startswith("# Leap\n\nWrite `is_leap`. Mind {files} and {braces}.")
    assert "`leap.py`\n```python\ndef is_leap(year):\n    ...\n```" in user.content
    assert "`notes.txt`\n```" in user.content
    assert user.content.count("{instructions}") == 1
    assert "(allowed: leap.py)" in user.content


def test_tests_that_are_shown_stand_below_a_heading_and_data_is_named(context: Context) -> None:
    shown = {
        "test_leap.py": b"fence = '````'\nassert is_leap(2000)",
        "data/large.csv": b"1,2\n" * 20_000,
        "data/small.bin": b"\0",
    }
    told = dataclasses.replace(task(), shown_tests=shown, digest="")
    model = ScriptedModel(GOOD)
    asyncio.run(Prompt(shipped_options(), context).solve(told, Workspace(told), model, None))
    files, tests = model.questions[0][1].content.split("## Tests\n")
    assert "`leap.py`\n```python" in files
    assert "test_leap" not in files
    assert "`test_leap.py`\n`````\nfence = '````'\nassert is_leap(2000)\n`````\n" in tests
    assert "`data/large.csv` (80000 bytes, not shown)" in tests
    assert "`data/small.bin` (1 bytes, not shown)" in tests
    assert "1,2" not in tests


def test_the_answer_is_written_and_its_origin_noted(context: Context) -> None:
    workspace, _, attempt = solve(Prompt(shipped_options(), context), GOOD)
    assert workspace.changed() == {"leap.py": b"def is_leap(year):\n    return True\n"}
    assert attempt.notes["extraction"] == "named"
    assert attempt.messages[-1] == Message("assistant", GOOD)


def test_feedback_continues_the_conversation_and_is_kept_short(context: Context) -> None:
    agent, workspace, model = Prompt(shipped_options(), context), Workspace(task()), ScriptedModel("no", GOOD)

    async def two_tries() -> None:
        first = await agent.solve(task(), workspace, model, None)
        await agent.revise(task(), workspace, model, None, first, "begin" + "x" * 50_000 + "end")

    asyncio.run(two_tries())
    second = model.questions[1]
    assert [message.role for message in second] == ["system", "user", "assistant", "user"]
    assert second[:2] == model.questions[0]
    told = second[-1].content
    assert len(told) < 5000
    assert "begin" in told
    assert "end" in told
    assert "characters left out" in told


def test_the_oracle_knows_and_nop_does_nothing(context: Context) -> None:
    workspace, model, _ = solve(Oracle(Oracle.Options(), context))
    assert workspace.changed() == task().reference
    workspace, _, _ = solve(Nop(Nop.Options(), context))
    assert workspace.changed() == {}
    assert model.questions == []


def test_the_oracle_says_when_it_can_not_know(context: Context) -> None:
    unanswered = Task(id="x/y", instructions="", starter={}, editable=("a.py",))
    with pytest.raises(DatasetError, match="x/y has no reference solution"):
        asyncio.run(
            Oracle(Oracle.Options(), context).solve(unanswered, Workspace(unanswered), ScriptedModel(), None)
        )
