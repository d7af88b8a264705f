"""Agent `cli`, with real programs: what it takes back, what it ends, what it lets be seen."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from llmbench.api import (
    Agent,
    Attempt,
    Completion,
    Context,
    Finish,
    ModelProfile,
    Outcome,
    Task,
    Workspace,
)
from llmbench.api.options import from_mapping
from llmbench.errors import AgentError, BudgetError, ContextOverflowError, PrerequisiteError, UsageError
from llmbench.resources import resource_dir
from llmbench.testing.agent import AgentConformance, ScriptedModel
from llmbench_plugins.agents.cli import Cli
from llmbench_plugins.agents.cli.options import CliOptions

# One worker for all of them: they look for processes that another might have started just now.
pytestmark = pytest.mark.xdist_group("outside-agents")
GOOD = b"def is_leap(year):\n    return year % 4 == 0\n"
STARTER = b"def is_leap(year):\n    ...\n"
HOST: dict[str, Any] = {"isolation": "none", "network": True, "asks": "its_own"}
BOXED: dict[str, Any] = {"isolation": "bubblewrap", "network": True, "asks": "its_own"}
boxed = pytest.mark.bubblewrap
both = pytest.mark.parametrize("how", [HOST, pytest.param(BOXED, marks=boxed)], ids=["host", "boxed"])
PROFILE = ModelProfile(name="outsider")


def task() -> Task:
    return Task(
        id="python/leap",
        instructions="# Leap\n\nWrite `is_leap`.\n",
        starter={"leap.py": STARTER, "notes.txt": b"keep me\n"},
        editable=("leap.py",),
        tests={"test_leap.py": b"hidden"},
    )


@pytest.fixture
def context(tmp_path: Path) -> Context:
    for name in ("run/server", "cache"):
        (tmp_path / name).mkdir(parents=True)
    return Context(work_dir=tmp_path / "run/server", cache_dir=tmp_path / "cache", label="cli-tests")


@pytest.fixture
def agent(program: str, context: Context) -> Callable[..., Cli]:
    """Make the agent as it ships, with other options laid over."""
    shipped = yaml.safe_load((resource_dir("conf") / "agent/cli.yaml").read_text(encoding="utf-8"))
    del shipped["name"]

    def make(*words: str, **options: Any) -> Cli:
        given = {**shipped, "argv": [program, *words], "memory_mb": 1024, **options}
        return Cli(from_mapping(Cli.Options, given, "agent"), context)

    return make


def solve(agent: Cli, model: Any = None) -> tuple[Workspace, Attempt]:
    workspace = Workspace(task())

    async def bounded() -> Attempt:
        await agent.prepare(PROFILE)
        return await asyncio.wait_for(agent.solve(task(), workspace, model or ScriptedModel(), None), 120)

    return workspace, asyncio.run(bounded())


class TestCliConforms(AgentConformance):
    def make_agent(self, tmp_path: Path) -> Agent:
        options = CliOptions(argv=("true",), prompt="{instructions}", feedback="{output}", **HOST)
        return Cli(options, Context(work_dir=tmp_path / "run", cache_dir=tmp_path, label="cli-tests"))

    def make_task(self) -> Task:
        return replace(task(), digest="", reference={"leap.py": GOOD})


def outliving(*words: str) -> list[int]:
    """Return the processes that still run when the kernel has had time to end what was killed."""
    deadline = time.monotonic() + 10
    while (found := running(*words)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def running(*words: str) -> list[int]:
    return [
        process.pid for process in psutil.process_iter(["cmdline"]) if process.info["cmdline"] == list(words)
    ]


@both
def test_what_it_writes_is_taken_back_without_junk(agent: Callable[..., Cli], how: dict[str, Any]) -> None:
    made = agent("edit", version_argv=[], **how)
    workspace, attempt = solve(made)
    assert workspace.files == {"leap.py": GOOD, "notes.txt": b"keep me\n", "notes.md": b"mine"}
    assert attempt.notes["exit_code"] == 0
    assert attempt.cut_short is None
    assert "told: # Leap" in attempt.logs["agent.stdout.log"]
    assert "Change only: leap.py" in attempt.logs["prompt.md"]
    assert "hidden" not in attempt.logs["agent.stdout.log"]


@pytest.mark.parametrize("word", ["{prompt}", "{prompt_file}"])
@both
def test_the_prompt_can_be_an_argument(agent: Callable[..., Cli], how: dict[str, Any], word: str) -> None:
    _, attempt = solve(agent("edit", word, **how))
    said = attempt.logs["agent.stdout.log"]
    assert "told: # Leap" in said if word == "{prompt}" else said.strip().endswith("prompt.md")


@both
def test_one_that_hangs_is_ended_with_all_that_it_started(
    agent: Callable[..., Cli], how: dict[str, Any]
) -> None:
    workspace, attempt = solve(agent("hang", wall_s=3, **how))
    assert attempt.cut_short is Outcome.TIMEOUT
    assert attempt.notes["stopped"] == "timeout"
    assert attempt.logs["agent.stdout.log"] == "thinking\n"
    assert workspace.read("leap.py") == GOOD
    assert outliving("sleep", "4711") == []


@both
def test_nothing_outlives_it(agent: Callable[..., Cli], how: dict[str, Any]) -> None:
    workspace, _ = solve(agent("fork", **how))
    assert workspace.read("leap.py") == GOOD
    assert outliving("sleep", "4712") == []


@both
def test_cancelling_ends_everything(agent: Callable[..., Cli], how: dict[str, Any]) -> None:
    async def cancelled() -> None:
        solving = asyncio.ensure_future(
            agent("hang", **how).solve(task(), Workspace(task()), ScriptedModel(), None)
        )
        while not running("sleep", "4711"):  # noqa: ASYNC110 - a process sets no asyncio.Event
            await asyncio.sleep(0.02)
        solving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await solving

    asyncio.run(asyncio.wait_for(cancelled(), 60))
    assert outliving("sleep", "4711") == []


@both
def test_links_are_not_followed(agent: Callable[..., Cli], how: dict[str, Any]) -> None:
    workspace, _ = solve(agent("link", **how))
    assert workspace.files == {"notes.txt": b"changed"}
    assert workspace.deleted() == ("leap.py",)


def test_a_program_that_fails_before_it_did_anything_is_no_failure_of_the_model(
    agent: Callable[..., Cli],
) -> None:
    with pytest.raises(AgentError, match="exit code 1 and changed nothing: Error: not logged in"):
        solve(agent("fail", **HOST))


def test_one_that_changes_nothing_in_good_order_is_graded(agent: Callable[..., Cli]) -> None:
    workspace, attempt = solve(agent("nothing", **HOST))
    assert workspace.changed() == {}
    assert attempt.notes["exit_code"] == 0


@boxed
def test_a_box_shows_no_more_than_it_must(
    agent: Callable[..., Cli], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / ".config/outside").mkdir(parents=True)
    (home / "private.txt").write_text("private")
    (home / ".config/outside/settings.json").write_text("{}")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SOME_PASSWORD", "x")
    secret = str(resource_dir("tasks") / "python/leap/solution/leap.py")
    assert Path(secret).exists()
    how = {**BOXED, "network": False, "asks": "our_model", "copy": ["~/.config/outside"]}
    made = agent("look", secret, env={"URL": "{base_url}"}, **how)
    _, attempt = solve(made)
    seen = json.loads(attempt.logs["agent.stdout.log"])
    assert seen["home"] == [".config"]
    assert "SOME_PASSWORD" not in seen["environment"]
    assert (seen["folder"], seen["secret"], seen["writable"]) == ("/work", False, [])
    assert seen["network"] == ["lo"]


@boxed
@pytest.mark.parametrize("resumes", [True, False])
def test_a_further_try_goes_on_in_the_same_folder(
    agent: Callable[..., Cli], program: str, resumes: bool
) -> None:
    made = agent("remember", resume_argv=[program, "remember"] if resumes else [], **BOXED)
    workspace = Workspace(task())

    async def twice() -> tuple[Attempt, Attempt]:
        first = await made.solve(task(), workspace, ScriptedModel(), None)
        return first, await made.revise(task(), workspace, ScriptedModel(), None, first, "1 failed")

    first, second = asyncio.run(twice())
    assert first.logs["agent.stdout.log"].startswith("run 1: # Leap")
    said = second.logs["agent.stdout.log"]
    assert said.startswith("run 2: The tests failed" if resumes else "run 2: # Leap")
    assert "1 failed" in said
    assert workspace.read("leap.py") == b"TIMES = 2\n"


@boxed
def test_the_folder_can_be_a_repository(agent: Callable[..., Cli], program: str) -> None:
    script = "cd {folder} && git log --oneline | wc -l > count.txt && git status --short > status.txt"
    made = replace(agent("x", git=True, **BOXED).options, argv=("sh", "-c", script))
    workspace, _ = solve(Cli(made, agent("x", **BOXED).context))
    assert workspace.read("count.txt").strip() == b"1"
    assert not [path for path in workspace if path.startswith(".git")]


# The model behind it


@pytest.mark.parametrize(
    "how",
    [
        {"isolation": "none", "network": True},
        pytest.param({"network": True}, marks=boxed),
        pytest.param({"network": False}, marks=boxed),
    ],
    ids=["host", "network", "relay"],
)
def test_it_asks_the_run_s_model(agent: Callable[..., Cli], how: dict[str, Any]) -> None:
    model = ScriptedModel("x = 1\n", "y = 2\n")
    words = ("ask", "{base_url}", "{api_key}", "plain", "stream it")
    workspace, attempt = solve(agent(*words, **how), model)
    assert workspace.read("leap.py") == b"x = 1\ny = 2\n"
    assert [question[-1].content for question in model.questions] == ["plain", "stream it"]
    assert attempt.notes["requests"] == 2
    assert attempt.notes["not_honoured"] == ["temperature"]
    assert "prompt.md" not in attempt.logs


def test_a_wrong_key_is_refused(agent: Callable[..., Cli]) -> None:
    model = ScriptedModel("never")
    workspace, _ = solve(agent("ask", "{base_url}", "guessed", "hi", isolation="none", network=True), model)
    assert workspace.read("leap.py") == b"401 invalid_api_key\n"
    assert model.questions == []


class Failing(ScriptedModel):
    """Raises instead of answering."""

    def __init__(self, error: Exception) -> None:
        super().__init__("")
        self.error = error

    async def ask(self, *args: Any, **more: Any) -> Completion:
        """Raise."""
        raise self.error


def test_an_error_that_it_can_live_with_is_told(agent: Callable[..., Cli]) -> None:
    made = agent("ask", "{base_url}", "{api_key}", "hi", isolation="none", network=True)
    workspace, _ = solve(made, Failing(ContextOverflowError("too long")))
    assert workspace.read("leap.py") == b"400 context_length_exceeded\n"


def test_the_end_of_the_budget_ends_it_and_keeps_its_name(agent: Callable[..., Cli]) -> None:
    made = agent("ask", "{base_url}", "{api_key}", "hi", isolation="none", network=True)
    with pytest.raises(BudgetError, match="spent"):
        solve(made, Failing(BudgetError("spent")))


class Slow(ScriptedModel):
    """Thinks longer than the agent may take."""

    async def ask(self, *args: Any, **more: Any) -> Completion:
        """Answer late."""
        await asyncio.sleep(4)
        return Completion(content="late\n", finish=Finish.STOP)


def test_waiting_for_the_model_is_not_the_agent_s_time(agent: Callable[..., Cli]) -> None:
    words = ("ask", "{base_url}", "{api_key}", "hi", "hi", "hi")
    workspace, attempt = solve(agent(*words, isolation="none", network=True, wall_s=10), Slow("x"))
    assert workspace.read("leap.py") == b"late\n" * 3
    assert attempt.cut_short is None


# What is refused beforehand


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"isolation": "none", "asks": "its_own"}, "agent.isolation=none: .* agent.network=true"),
        ({"asks": "its_own"}, "agent.network=false: this agent asks a model of its own"),
        ({}, "nothing tells the agent where the model is"),
        ({"argv": [], "asks": "its_own", "network": True}, "agent.argv: expected a command"),
    ],
)
def test_contradictions_are_refused(agent: Callable[..., Cli], options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        agent("edit", **options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"argv": ["no-such-agent"], "install": "npm install -g x"}, "'no-such-agent' .* install it: npm"),
        ({"version_argv": ["sh", "-c", "echo error: broken >&2; echo at >&2; exit 3"]}, "3: error: broken"),
        ({"env": {"KEY": "env:NOT_SET"}}, "agent.env.KEY: the variable 'NOT_SET' is not set"),
        ({"copy": ["settings"]}, "agent.copy: expected paths"),
    ],
)
def test_what_is_missing_is_said_beforehand(
    agent: Callable[..., Cli], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(PrerequisiteError, match=said):
        asyncio.run(agent("edit", **{**HOST, **options}).prepare(PROFILE))


@pytest.mark.parametrize("profile", [ModelProfile(name="demo", trusted=True), ModelProfile(name="any")])
def test_a_model_that_is_not_asked_gets_no_score(agent: Callable[..., Cli], profile: ModelProfile) -> None:
    with pytest.raises(UsageError, match="say which"):
        asyncio.run(agent("edit", **HOST).prepare(profile))


@both
def test_it_says_what_it_ran(agent: Callable[..., Cli], program: str, how: dict[str, Any]) -> None:
    made = agent("edit", version_argv=[program, "version"], **how)
    asyncio.run(made.prepare(PROFILE))
    assert made.describe() == {
        "program": program,
        "version": "outside 1.2.3",
        "isolation": how["isolation"],
        "network": True,
        "model": "outsider",
    }
