"""Tools that change no file: thoughts, plans, questions, the end."""

import pytest

from llmbench.api import ToolError
from llmbench.testing.tool import ScriptedScope


def test_a_plan_is_kept_for_the_try(scope_of, use) -> None:
    scope = scope_of({})
    assert "no plan yet" in use("plan_solution", scope).text
    assert use("plan_solution", scope, steps=["read", "write"]).text == "[ ] read\n[ ] write"
    assert use("plan_solution", scope, done=1).text == "[x] read\n[ ] write"
    assert use("plan_solution", scope).text == "[x] read\n[ ] write"
    assert use("plan_solution", scope, steps=["anew"], done=5).text == "[x] anew"
    with pytest.raises(ToolError, match="at most 50"):
        use("plan_solution", scope, steps=["x"] * 51)


def test_a_thought_changes_nothing(scope_of, use) -> None:
    scope = scope_of({"a": "1"})
    assert use("think", scope, thought="hm").text == "noted"
    assert (scope.state, scope.workspace.changed()) == ({}, {})


def test_questions_get_the_facts_and_nothing_hidden(scope_of, use) -> None:
    scope = scope_of(
        {"main.go": ""},
        editable=("main.go",),
        language="go",
        tests={"t": b"secret"},
        commands={"run_tests": ("go",)},
    )
    text = use("ask_questions", scope, questions=["May I use a library?"]).text
    assert text.startswith("Nobody can be asked here.")
    for fact in ("language: go", "no network", "you may change main.go", "run_tests", "simplest reading"):
        assert fact in text
    assert text == use("ask_questions", scope, questions=["What are the tests?"]).text


def test_a_second_agent_is_asked_through_the_scope(make_task, use) -> None:
    scope = ScriptedScope(make_task({}), answer="x" * 1000)
    assert len(use("ask_agent", scope, prompt="do it", options={"max_chars": 300}).text) <= 300
    assert scope.questions == ["do it"]
    assert (
        use("ask_agent", ScriptedScope(make_task({}), answer=""), question="?").text == "it answered nothing"
    )
    with pytest.raises(ToolError, match="question is empty"):
        use("ask_agent", scope, question=" ")


def test_finish_ends_the_try(scope_of, use) -> None:
    assert use("finish", scope_of({}), summary="done").ends
    assert not use("think", scope_of({}), thought="done").ends
