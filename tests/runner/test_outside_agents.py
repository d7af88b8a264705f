"""Whole runs with agent `cli`: what becomes of a sample, what is kept, and that nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from llmbench.api import Outcome
from llmbench.errors import PrerequisiteError, UsageError
from llmbench.records.manifest import read_manifest
from llmbench.report.read import read_run
from llmbench.report.transcript import read_entries
from llmbench.score.trust import Level
from llmbench.testing.servers import Answer, StubServer

Answering = Callable[[Mapping[str, Any]], Answer | str]
# One worker for all of them: they look for processes that another might have started just now.
pytestmark = pytest.mark.xdist_group("outside-agents")
SOLVE = 'solve,"{base_url}","{api_key}","{prompt_file}","{files}"'
HOST = ("agent.isolation=none", "agent.network=true")
OWN = (*HOST, "agent.asks=its_own", "model.name=outsider")
SAMPLE = "samples/python/leap/0"
ROOT = Path(__file__).parents[2]


def agent(program: str, words: str) -> tuple[str, ...]:
    return ("agent=cli", f"agent.argv=[{program},{words}]", "tasks=[leap]")


@pytest.mark.bubblewrap
def test_an_agent_in_its_box_solves_with_the_run_s_model(run: Any, program: str, solver: Answering) -> None:
    with StubServer(solver) as stub:
        words = ("backend=openai", f"backend.url={stub.url}", f"agent.version_argv=[{program},version]")
        result = run(*words, *agent(program, SOLVE))
        again = run(*words, *agent(program, SOLVE))
    (record,) = run.records(result).values()
    assert (record.outcome, result.exit_code, again.made) == (Outcome.PASSED, 0, 0)
    assert record.usage.completion_tokens
    assert record.tries[0].notes["requests"] == 1
    folder = result.folder / SAMPLE
    assert "```python" in (folder / "try-1/agent.stdout.log").read_text()
    assert [entry.kind for entry in read_entries(folder)] == ["user", "answer", "program", "files", "verdict"]
    (session,) = (s for s in read_manifest(result.folder).sessions if s.agent)
    assert session.agent["version"] == "outside 1.2.3"
    trust = {finding.rule: finding for finding in read_run(result.folder).summary.trust}
    assert trust["outside agent"].level is Level.GREEN
    assert "in a box of its own, without a network" in trust["outside agent"].text


def test_an_agent_with_a_model_of_its_own_has_unknown_tokens(run: Any, program: str) -> None:
    result = run(*agent(program, "edit"), *OWN)
    (record,) = run.records(result).values()
    assert record.outcome is Outcome.FAILED
    assert (record.usage.completions, record.usage.prompt_tokens, record.usage.completion_tokens) == (
        0,
        None,
        None,
    )
    assert "leap" in (result.folder / SAMPLE / "try-1/prompt.md").read_text()
    manifest = read_manifest(result.folder)
    names = {axis: manifest.names[axis] for axis in ("model", "backend", "agent")}
    assert names == {"model": "outsider", "backend": "its own", "agent": "cli (outside)"}
    assert manifest.sessions[0].server == {}
    summary = read_run(result.folder).summary
    red = {finding.rule: finding.text for finding in summary.trust if finding.level is Level.RED}
    assert "could reach this machine's files" in red["outside agent"]


@pytest.mark.parametrize(
    ("words", "more", "outcome", "said"),
    [
        ("fail", (), Outcome.INFRA_ERROR, "not logged in"),
        ("hang", ("agent.wall_s=2",), Outcome.TIMEOUT, "a limit of the agent's own"),
        ("nothing", (), Outcome.FAILED, ""),
    ],
)
def test_what_happened_has_a_type(
    run: Any, program: str, words: str, more: tuple[str, ...], outcome: Outcome, said: str
) -> None:
    result = run(*agent(program, words), *OWN, *more)
    (record,) = run.records(result).values()
    assert record.outcome is outcome
    assert said in record.reason
    assert result.exit_code == (1 if outcome is Outcome.INFRA_ERROR else 0)


def test_nothing_begins_without_the_program_or_the_model_s_name(run: Any, program: str) -> None:
    with pytest.raises(PrerequisiteError, match="no program 'no-such-agent'"):
        run("agent=cli", "agent.argv=[no-such-agent]", *OWN)
    with pytest.raises(UsageError, match=r"model\.name"):
        run(*agent(program, "edit"), *OWN[:-1])
    assert not list(run.root.rglob("manifest.json"))


def test_a_known_model_does_not_make_the_agent_s_code_known(run: Any, program: str) -> None:
    words = ("model=demo", "sandbox=local", *HOST, *agent(program, SOLVE))
    with pytest.raises(PrerequisiteError, match="gives no isolation"):
        run(*words)


@pytest.mark.bubblewrap
def test_it_reaches_llama_cpp_and_nothing_else(run: Any, program: str) -> None:
    weights = ROOT / "tests/data/random.gguf"
    result = run(
        "model=demo",
        "model.trusted=false",
        "backend=llamacpp",
        f"model.sources.llamacpp.path={weights}",
        "model.reasoning.answer_tokens=16",
        *agent(program, SOLVE),
    )
    (record,) = run.records(result).values()
    assert record.outcome in (Outcome.FAILED, Outcome.BUDGET_EXHAUSTED)
    assert 0 < record.usage.completion_tokens <= 16


def test_ctrl_c_ends_the_agent_and_the_run(tmp_path: Path, program: str) -> None:
    words = ("model=any", f"output_root={tmp_path / 'out'}", *agent(program, "hang"), *OWN)
    command = [sys.executable, "-m", "llmbench", *words]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=tmp_path, env={**os.environ}
    )
    deadline = time.monotonic() + 120
    while not started(process.pid) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive, f"outlived llmbench: {alive}"


def started(pid: int) -> bool:
    """Say whether the agent runs, with the child that it starts."""
    try:
        family = psutil.Process(pid).children(recursive=True)
        return any(child.cmdline()[:1] == ["sleep"] for child in family)
    except psutil.Error:
        return False
