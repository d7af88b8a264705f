"""The API that plugins are written against."""

from dataclasses import dataclass
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

import llmbench.api as api
from llmbench.api import NoOptions, Outcome, PathError, Task, Workspace, clean_path, option
from llmbench.api.options import execution_only, from_mapping, schema_of
from llmbench.errors import UsageError


@dataclass(frozen=True, slots=True)
class Source:
    path: str | None = None
    context: Annotated[int, option(ge=512, help="tokens")] = 1024


@dataclass(frozen=True, slots=True)
class Options:
    source: Source = Source()
    port: Annotated[int, option(ge=1, identity=False)] | None = None
    several: tuple[Source, ...] = ()
    speed: Annotated[float, option(gt=0, le=10)] = 1.0


def test_public_names_are_what_all_says() -> None:
    assert len(set(api.__all__)) == len(api.__all__)
    assert all(hasattr(api, name) for name in api.__all__)


def test_options_come_from_plain_data() -> None:
    data = {"source": {"context": 600}, "several": [{"path": "x"}], "speed": 2}
    assert from_mapping(Options, data, "backend") == Options(
        source=Source(context=600), several=(Source(path="x"),), speed=2.0
    )
    assert from_mapping(NoOptions, {}, "agent") == NoOptions()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            {"source": {"context": "many"}},
            "backend.source.context: expected an integer ≥ 512, got 'many'",
        ),
        ({"source": {"context": 5}}, "backend.source.context: expected an integer ≥ 512, got 5 (f.yaml)"),
        ({"prot": 1}, "backend.prot: unknown option; did you mean 'port'?"),
        ({"source": {"zzz": 1}}, "backend.source.zzz: unknown option; known: context, path"),
        ({"several": [{}, {"pat": 1}]}, "backend.several.1.pat: unknown option; did you mean 'path'?"),
        ({"port": 0}, "backend.port: expected an integer ≥ 1, got 0"),
        ({"speed": 11}, "backend.speed: expected a number > 0 and ≤ 10, got 11"),
        ({"speed": True}, "backend.speed: expected a number"),
        ({"several": 3}, "backend.several: expected a list, got 3"),
    ],
)
def test_wrong_options_are_named(data: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_mapping(Options, data, "backend", source="f.yaml")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_identity_is_declared_beside_the_option() -> None:
    assert execution_only(Options) == {"port"}
    assert schema_of(Options)["$defs"]["Options"]["additionalProperties"] is False


def task(**changes: object) -> Task:
    starter = {"x.py": b"1", "d/y.txt": b"2"}
    values = {"id": "a", "instructions": "b", "starter": starter, "editable": ("*.py",)}
    return Task(**{**values, **changes})  # type: ignore[arg-type]


def test_a_workspace_knows_what_changed() -> None:
    workspace = Workspace(task())
    workspace.write("./x.py", b"new")
    workspace.write("z.py", b"")
    workspace.delete("d/y.txt")
    assert workspace.changed() == {"x.py": b"new", "z.py": b""}
    assert workspace.deleted() == ("d/y.txt",)
    workspace.write("x.py", b"1")
    assert workspace.changed() == {"z.py": b""}
    workspace.update({"x.py": b"1", "d/y.txt": b"2"})
    assert (workspace.changed(), workspace.deleted()) == ({}, ())
    assert "x.py" in workspace
    assert list(workspace) == ["d/y.txt", "x.py"]


@pytest.mark.parametrize("path", ["", "/x", "..", "a/../b", "a\\b", "a\0b", "."])
def test_no_path_leads_out_of_the_workspace(path: str) -> None:
    with pytest.raises(PathError):
        Workspace(task()).write(path, b"")


@given(st.text())
def test_a_clean_path_is_relative_and_stays_clean(path: str) -> None:
    try:
        clean = clean_path(path)
    except PathError:
        return
    assert clean == clean_path(clean)
    assert not clean.startswith("/")
    assert ".." not in clean.split("/")


def test_what_may_change_and_what_steers_the_grader() -> None:
    guarded = task(protected=("conftest.py", "tests/*"))
    assert guarded.may_change("x.py")
    assert not guarded.may_change("x.txt")
    assert guarded.is_protected("tests/a/b.py")
    assert not guarded.is_protected("x.py")


def test_outcomes_and_the_denominator() -> None:
    assert {outcome for outcome in Outcome if not outcome.graded} == {Outcome.INFRA_ERROR, Outcome.SKIPPED}
    assert {outcome for outcome in Outcome if outcome.censored} == {
        Outcome.BUDGET_EXHAUSTED,
        Outcome.CONTEXT_OVERFLOW,
        Outcome.TIMEOUT,
        Outcome.PROTOCOL_ERROR,
    }
