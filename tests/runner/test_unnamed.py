"""``model=any``: the report bears the name that the server has for its model, or a caution."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from llmbench.errors import UsageError
from llmbench.records.manifest import read_manifest
from llmbench.report.read import read_run
from llmbench.testing.servers import Answer, StubServer

Answering = Callable[[Mapping[str, Any]], Answer | str]
TASK = "tasks=[leap]"


def words(stub: StubServer) -> tuple[str, ...]:
    return ("backend=openai", f"backend.url={stub.url}", "sandbox=local", "model.trusted=true")


def test_the_report_bears_the_name_that_the_server_lists(run: Any, solver: Answering) -> None:
    with StubServer(solver, models=["qwen2.5-coder:7b"]) as stub:
        result = run(*words(stub), TASK)
        assert {body["model"] for body in stub.requests} == {"qwen2.5-coder:7b"}
        again = run(*words(stub), TASK)
    assert again.made == 0
    assert read_run(result.folder).summary.names["model"] == "qwen2.5-coder:7b"


def test_a_name_of_ones_own_is_sent_and_shown(run: Any, solver: Answering) -> None:
    with StubServer(solver, models=["qwen"]) as stub:
        result = run(*words(stub), TASK, "model.name=mine")
        assert {body["model"] for body in stub.requests} == {"mine"}
    assert read_manifest(result.folder).names["model"] == "mine"


def test_one_of_several_models_has_to_be_named(run: Any, solver: Answering) -> None:
    with StubServer(solver, models=["b", "a"]) as stub:
        with pytest.raises(UsageError, match=r"has 2 models, and model=any names none; .* one of a, b"):
            run(*words(stub), TASK)
        assert not stub.requests


def test_where_no_server_and_no_answer_tells_the_trust_report_says_so(run: Any, solver: Answering) -> None:
    with StubServer(solver, models=[]) as stub:
        summary = read_run(run(*words(stub), TASK).folder).summary
    assert summary.names["model"] == "any"
    (caution,) = [finding for finding in summary.trust if finding.rule == "which model"]
    assert caution.level == "amber"
    assert caution.text.startswith("nobody named it, and the server does not tell which one it has")


def test_another_model_at_the_same_address_does_not_go_on_with_the_run(run: Any, solver: Answering) -> None:
    with StubServer(solver, models=["first"]) as stub:
        result = run(*words(stub), TASK)
        stub.models = ["second"]
        with pytest.raises(UsageError, match=r"are those of 'first', and the server has 'second' now"):
            run(*words(stub), "tasks=[caesar]")
    assert read_manifest(result.folder).names["model"] == "first"
    assert len(run.records(result)) == 1
