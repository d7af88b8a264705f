"""``llmbench diff``: what differed between two runs."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Rendered
from llmbench.records.manifest import read_manifest, write_manifest
from llmbench.records.masking import Mask
from llmbench.records.rendered import kept
from llmbench.testing.runs import MadeSample, RunRecipe, write_run

Run = Callable[..., Any]
CONFIG: dict[str, Any] = {
    "seed": 3,
    "output_root": "outputs",
    "model": {"name": "tiny", "sampling": {"temperature": 0.0}},
    "agent": {"name": "prompt", "system": "You are an expert programmer. Answer with working code."},
}
SERVER: dict[str, Any] = {
    "server": "llama.cpp",
    "build": "b9700",
    "quantization": "Q4_K_M",
    "weights_sha256": "1" * 64,
    "url": "http://127.0.0.1:1111",
    "argv": ["llama-server", "--ctx-size", "4096", "--port 1111", "--jinja"],
}


@pytest.fixture
def write(here: Path) -> Callable[..., None]:
    """Write a run with this configuration and description of its server."""

    def write(letter: str, config: Any = None, server: Any = None, **changes: Any) -> None:
        made = [MadeSample(task=task) for task in changes.pop("tasks", ("t0", "t1"))]
        recipe = RunRecipe(made=made, run_id=letter * 10, config=CONFIG | (config or {}), **changes)
        folder = write_run(here / "outputs" / "catalog" / f"tiny-{letter * 10}", recipe)
        manifest = read_manifest(folder)
        session = replace(manifest.sessions[-1], server=SERVER | (server or {}))
        write_manifest(folder, replace(manifest, sessions=(session,)), Mask({}))

    return write


def found(run: Run) -> list[tuple[str, str]]:
    """Return cause and key of each difference."""
    answer = json.loads(run("diff", "aaaa", "bbbb", "--json").stdout)
    return [(one["cause"], one["key"]) for one in answer["differences"]]


def test_equal_runs_differ_in_nothing_that_matters(write: Callable[..., None], run: Run) -> None:
    write("a")
    write(
        "b",
        {"output_root": "elsewhere", "strict": True, "stop_when_suspicious": False},
        {"url": "http://127.0.0.1:2222"},
    )
    assert found(run) == []
    assert "Nothing that is recorded differs" in run("diff", "aaaa", "bbbb").stdout


def test_the_likeliest_cause_comes_first(write: Callable[..., None], run: Run) -> None:
    write("a")
    write(
        "b",
        {"seed": 4, "model": {"name": "tiny", "sampling": {"temperature": 0.8}}, "agent": {"name": "prompt"}},
        {"build": "b9800", "quantization": "Q8_0", "weights_sha256": "2" * 64},
    )
    assert found(run) == [
        ("weights", "server.weights_sha256"),
        ("quantization", "server.quantization"),
        ("agent and prompts", "config.agent.system"),
        ("sampler", "config.model.sampling.temperature"),
        ("sampler", "config.seed"),
        ("server", "server.build"),
    ]


def test_of_a_servers_words_only_those_that_differ_are_shown(write: Callable[..., None], run: Run) -> None:
    write("a")
    write("b", server={"argv": ["llama-server", "--ctx-size", "8192", "--port 2222", "--jinja"]})
    said = run("diff", "aaaa", "bbbb").stdout
    assert 'A  ["4096"]' in said
    assert 'B  ["8192"]' in said
    assert "2222" not in said


def test_of_long_texts_the_part_that_differs_is_shown(write: Callable[..., None], run: Run) -> None:
    long = "You are an expert. " * 30
    write("a", {"agent": {"name": "prompt", "system": f"{long}Answer in Python."}})
    write("b", {"agent": {"name": "prompt", "system": f"{long}Answer in Go."}})
    said = run("diff", "aaaa", "bbbb").stdout
    assert "Answer in Python." in said
    assert "Answer in Go." in said


def test_options_of_another_agent_are_no_differences_of_their_own(
    write: Callable[..., None], run: Run, here: Path
) -> None:
    write("a")
    write("b", {"agent": {"name": "tools", "system": CONFIG["agent"]["system"], "max_iterations": 30}})
    folder = here / "outputs" / "catalog" / "tiny-bbbbbbbbbb"
    manifest = read_manifest(folder)
    write_manifest(folder, replace(manifest, names=manifest.names | {"agent": "tools"}), Mask({}))
    assert found(run) == [("agent and prompts", "names.agent")]


def test_tasks_that_are_not_the_same_are_named(write: Callable[..., None], run: Run) -> None:
    write("a", tasks=("t0", "t1", "t2"))
    write("b", tasks=("t0", "t1", "t3"), changed=("t1",))
    said = run("diff", "aaaa", "bbbb").stdout
    assert "1 task of another version: t1" in said
    assert "1 task asked by A only: t2" in said
    assert "1 task asked by B only: t3" in said


def test_one_run_twice_is_refused(write: Callable[..., None], run: Run) -> None:
    write("a")
    done = run("diff", "aaaa", "aaaaaaaaaa")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "both words name tiny-aaaaaaaaaa; expected two runs" in done.stderr


def test_a_space_at_the_end_of_a_prompt_is_shown(write: Callable[..., None], run: Run, here: Path) -> None:
    """Same weights, two servers: the template comes first, and what keeps the prompts apart can be seen."""
    write("a")
    write("b", {"seed": 4})
    for letter, text in (("a", "<s>[INST] Be brief. [/INST]"), ("b", "<s>[INST] Be brief.[/INST]")):
        folder = here / "outputs" / "catalog" / f"tiny-{letter * 10}"
        manifest = read_manifest(folder)
        session = replace(manifest.sessions[-1], rendered=kept(Rendered(text=text), "asked"))
        write_manifest(folder, replace(manifest, sessions=(session,)), Mask({}))
    assert found(run) == [("chat template", "rendered.text"), ("sampler", "config.seed")]
    said = run("diff", "aaaa", "bbbb").stdout
    assert "A  '…[INST] Be brief. [/INST]'" in said
    assert "B  '…[INST] Be brief.[/INST]'" in said
    assert "prompts: part at character 19: A " in said
    assert json.loads(run("diff", "aaaa", "bbbb", "--json").stdout)["prompts"]["at"] == 19
