"""Options of agent `tools`: refused where they contradict each other, the model or the backend."""

import asyncio
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Agent, Context, ModelProfile, Reasoning, Task, Wish, Workspace
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.console import Console
from llmbench.errors import ImpossibleError, UsageError
from llmbench.records.journal import Journal
from llmbench.records.masking import Mask
from llmbench.registry import load
from llmbench.runner.agents import make_agent
from llmbench.runner.dry_run import preview
from llmbench.runner.surroundings import make_context
from llmbench.runner.wishes import refuse_ignored
from llmbench.testing.agent import AgentConformance
from llmbench.testing.runs import MadeSample

Check = Callable[..., None]


def ignore(message: str) -> None:
    """Say nothing."""


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Compose a run from words, make its agent, and ask its backend what it would ignore."""
    monkeypatch.chdir(tmp_path)

    def checked(*words: str) -> None:
        spec = build_spec(compose(parse(["agent=tools", *words])))
        context = make_context(spec, ignore, ignore)
        agent = make_agent(spec, context)
        backend = load("backend", spec.backend.name)
        refuse_ignored(spec, agent, lambda: backend(spec.backend.options, spec.model, context))

    return checked


IGNORED = [
    ("ollama", "tool_choice=required", "agent.tool_choice=required: Ollama ignores it; set"),
    ("mlx", "tool_choice=required", "agent.tool_choice=required: mlx_lm.server ignores it; set"),
    ("ollama", "cache=false", "agent.cache=false: Ollama can't be told to leave its cache alone; set"),
    ("mlx", "cache=false", "agent.cache=false: mlx_lm.server can't be told"),
    ("lmstudio", "cache=false", "agent.cache=false: LM Studio can't be told"),
    ("openrouter", "cache=false", "agent.cache=false: OpenRouter can't be told"),
    ("openai", "cache=false", "agent.cache=false: backend=openai can't be told"),
    ("lmstudio", "think=false", "agent.think=false: LM Studio takes no switch for thinking in a request"),
    ("openai", "think=false", "agent.think=false: backend=openai takes no switch for thinking"),
    ("openai", "think_level=low", "agent.think_level=low: backend=openai is sent no level of thinking"),
]


@pytest.mark.parametrize(("backend", "option", "said"), IGNORED)
def test_what_a_backend_would_ignore_is_refused(check: Check, backend: str, option: str, said: str) -> None:
    words = [f"backend={backend}", "model=glm"]
    if backend == "lmstudio":
        words.append("model.sources.lmstudio.key=glm")
    check(*words)
    with pytest.raises(ImpossibleError) as caught:
        check(*words, f"agent.{option}")
    assert str(caught.value).startswith(f"backend '{backend}' can't honour this agent: {said}")


@pytest.mark.parametrize(
    "words",
    [
        ("backend=llamacpp", "agent.tool_choice=required", "agent.cache=false", "agent.think_level=low"),
        ("backend=openai", "agent.tool_choice=required"),
        ("backend=ollama", "agent.protocol=text", "agent.tool_choice=required"),
        ("backend=ollama", "agent.think_level=high", "agent.native_thinking=true"),
    ],
)
def test_what_a_backend_honours_is_not(check: Check, words: tuple[str, ...]) -> None:
    check("model=glm", *words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("agent.tool_choice=required", "agent.tools=[read,write]"),
            "agent.tool_choice=required: no tool of agent.tools ends a try, so that none could; add finish",
        ),
        (
            ("agent.tool_choice=none", "agent.protocol=text"),
            "agent.tool_choice=none: nothing is left of agent.protocol=text then; use agent.protocol=native",
        ),
        (
            ("agent.tool_choice=none", "agent.min_tool_calls=2"),
            "agent.min_tool_calls=2: with agent.tool_choice=none there are no calls",
        ),
        (
            ("agent.think=false", "agent.think_level=low"),
            "agent.think_level=low: with agent.think=false there is no thinking; leave one of them out",
        ),
        (
            ("agent.think=true",),
            "agent.think: the model 'demo' does not think (model.reasoning.style is none); set agent.think=",
        ),
        (("agent.max_iterations=0",), "agent.max_iterations: expected an integer ≥ 1, got 0 (command line)"),
        (("agent.protocol=xml",), "agent.protocol: expected one of auto, native, text, got 'xml'"),
        (("agent.tools=[]",), "agent.tools: expected a list of 1 or more, got [] (command line)"),
        (("agent.helper.max_tokens=few",), "agent.helper.max_tokens: expected an integer"),
        (("agent.max_iteration=3",), "agent.max_iteration"),
    ],
)
def test_options_that_contradict_are_named(check: Check, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        check(*words)
    assert str(caught.value).startswith(said)
    assert caught.value.exit_code == 2


def test_the_wish_says_how_the_model_is_to_think(context: Context, make_tools: Any) -> None:
    profile = ModelProfile(name="m", reasoning=Reasoning(style="separate", enabled=False, level="low"))
    agent = make_tools(context, think_level="high", native_thinking=True, protocol="native", cache=True)
    assert agent.wish(profile) == Wish(
        tools=True,
        needs_tools=True,
        reasoning=Reasoning(style="separate", enabled=True, level="high", keep=True),
        system=True,
    )
    assert make_tools(context, protocol="text").wish(profile).tools is False


def test_a_dry_run_shows_the_tools_and_the_first_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = build_spec(compose(parse(["agent=tools", "agent.tool_choice=required", "tasks=[leap]"])))
    agent = make_agent(spec, make_context(spec, ignore, ignore))
    task = Task(
        id="python/leap", instructions="Write it.", starter={"leap.py": b"x\n"}, editable=("leap.py",)
    )
    screen = io.StringIO()
    asyncio.run(preview(spec, agent, [task], Console(file=screen, width=200)))
    shown = screen.getvalue()
    assert "tools (tool_choice=required)\nls, read, write, edit, grep, shell, finish\n" in shown
    assert "Write it.\n\nThe project's files:\n- leap.py (2 bytes)\n" in shown


def test_a_dry_run_shows_prompts_to_the_letter_also_of_tasks_that_have_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = build_spec(compose(parse(["tasks=[leap]"])))
    agent = make_agent(spec, make_context(spec, ignore, ignore))
    asked = "Write [bold]it[/bold] " + "in one very long line " * 20 + "`x[0]`."
    task = Task(id="python/leap", instructions=asked, starter={"leap.py": b"x\n"}, editable=("leap.py",))
    record = MadeSample(task=task.id).record()
    spec.folder.mkdir(parents=True)
    with Journal(spec.folder / "journal.jsonl", Mask({})) as journal:
        journal.append(replace(record, task_digest=task.digest))
    screen = io.StringIO()
    asyncio.run(preview(spec, agent, [task], Console(file=screen, width=60)))
    shown = screen.getvalue()
    assert "1 made before, in" in shown
    assert "0 to make" in shown
    assert asked in shown


class TestTools(AgentConformance):
    """What every agent promises."""

    good_answer = '<call name="write"><path>leap.py</path><content>x = 1</content></call>'

    @pytest.fixture(autouse=True)
    def _make(self, make_tools: Any) -> None:
        self._make_tools = make_tools

    def make_agent(self, tmp_path: Path) -> Agent:
        context = Context(work_dir=tmp_path, cache_dir=tmp_path)
        agent: Agent = self._make_tools(
            context, protocol="text", tools=["read", "write", "finish"], max_iterations=6
        )
        return agent

    def make_task(self) -> Task:
        return Task(
            id="t",
            instructions="Write leap.py.",
            starter={"leap.py": b"pass\n"},
            editable=("leap.py",),
            tests={"test_leap.py": b"assert leap.is_leap(2024)"},
            reference={"leap.py": b"def is_leap(year): return SECRET"},
        )

    def test_the_good_answer_is_followed(self, tmp_path: Path) -> None:
        workspace, _, attempt = self.solve(tmp_path, self.good_answer, "Done.")
        assert workspace.read("leap.py") == b"x = 1"
        assert isinstance(workspace, Workspace)
        assert attempt.notes["tools"]["protocol"] == "text"
