from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest

from llmbench.api import option
from llmbench.config.arguments import parse
from llmbench.config.build import build_spec
from llmbench.config.compose import compose
from llmbench.config.identity import identity, safe_name
from llmbench.resources import resource_dir
from llmbench_plugins.datasets.catalog import Options

RunId = Callable[..., str]


@pytest.fixture
def run_id(here: Path, stub: tuple[str, ...]) -> RunId:
    def run_id(*overrides: str) -> str:
        return build_spec(compose(parse([*stub, *overrides]))).run_id

    return run_id


@pytest.mark.parametrize(
    "override",
    [
        "samples=2",
        "tries=2",
        "seed=1",
        "limits.wall_s=5",
        "limits.tokens=5",
        "box.memory_mb=64",
        "sampling=greedy",
        "sampling.top_k=3",
        "validator=other",
        "backend.flavour=hot",
        "model.sources.stub.context=2048",
        "model.name=other",
        "model.reasoning.answer_tokens=7",
        "dataset.path=elsewhere",
    ],
)
def test_what_can_change_a_score_changes_the_hash(run_id: RunId, override: str) -> None:
    assert run_id(override) != run_id()


@dataclass(frozen=True)
class Grown:
    """Options of a plugin that got some later."""

    path: str | None = None
    added: Annotated[bool, option(identity="unless default")] = False
    number: Annotated[int, option(ge=1, identity="unless default")] | None = None
    port: Annotated[int, option(identity=False)] = 1


def test_an_option_that_is_added_later_leaves_earlier_runs_their_hash() -> None:
    assert identity(Grown()) == identity(Grown(port=2)) == {"path": None}
    assert identity(Grown(added=True)) == {"path": None, "added": True}
    assert identity(Grown(number=1)) == {"path": None, "number": 1}


def test_that_tests_are_shown_is_such_an_option() -> None:
    assert identity(Options()) == {"path": None}
    assert identity(Options(show_tests=True)) == {"path": None, "show_tests": True}


@pytest.mark.parametrize(
    "override",
    [
        "limit=2",
        "tasks=leap",
        "filter=x",
        "preset=quick",
        "budget.tokens=5",
        "graders=7",
        "in_flight=3",
        "quiet_hours=22:00-06:00",
        "monitors=[]",
        "monitor_interval_ms=200",
        "monitor_options.nvidia.devices=[1]",
        "dry_run=true",
        "output_root=elsewhere",
        "sandbox=stubdocker",
        "backend.port=80",
        "model.sources.stub.slots=4",
        "model.description=other",
        "+model.notice=other",
        "+model.sources.unused={path: x}",
        "+model.reference.stub.pass_at_1=0.5",
        "+model.published=[maker/stub]",
        # the same value, given elsewhere
        "sampling.temperature=0.7",
    ],
)
def test_how_a_run_is_executed_leaves_the_hash_alone(run_id: RunId, override: str) -> None:
    assert run_id(override) == run_id()


def test_a_relative_path_counts_as_the_folder_that_it_names(
    run_id: RunId, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run_id("dataset.path=tasks")
    assert first == run_id(f"dataset.path={here / 'tasks'}")
    monkeypatch.chdir(here.parent)
    assert first != run_id("dataset.path=tasks")


def test_where_llmbench_is_installed_does_not_count() -> None:
    assert identity({"weights": f"{resource_dir('models')}/demo.gguf"}) == {
        "weights": "resource:models/demo.gguf"
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [("org/model:q4", "org-model-q4"), ("../x", "x"), ("a b", "a-b"), ("...", "unnamed"), ("ü", "unnamed")],
)
def test_names_become_one_folder(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_an_option_that_came_later_counts_only_when_it_is_set() -> None:
    @dataclass(frozen=True)
    class Options:
        old: int = 0
        added: Annotated[int, option(identity="unless default")] = 0

    assert identity(Options()) == {"old": 0}
    assert identity(Options(added=2)) == {"old": 0, "added": 2}


def test_a_twin_is_another_run(run_id: RunId) -> None:
    plain, original, twin, other = (
        run_id("dataset=quickstart", *more)
        for more in ((), ("dataset.twin=0",), ("dataset.twin=1",), ("dataset.twin=2",))
    )
    assert plain == original
    assert len({plain, twin, other}) == 3
