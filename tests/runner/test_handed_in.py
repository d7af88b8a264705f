"""What a plugin hands in wrong is named, with the field."""

from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Attempt, Completion, Finish, Outcome, Usage, Verdict
from llmbench.errors import RecordError
from llmbench.runner.handed_in import attempt_from, completion_from, facts_from, verdict_from

ANSWER: dict[str, Any] = {"content": "x", "finish": Finish.STOP}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, r"backend 'x': complete\(\): expected Completion, got NoneType"),
        (
            Completion(**ANSWER, usage=Usage(prompt_tokens=11.0)),  # type: ignore[arg-type]
            "backend 'x': completion.usage.prompt_tokens: expected int or null, got float",
        ),
        (Completion(**ANSWER, usage={}), "backend 'x': completion.usage: expected Usage, got dict"),  # type: ignore[arg-type]
        (Completion(content="x", finish="end"), "completion.finish: expected one of stop, length, .*'end'"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_completion_is_named(value: object, said: str) -> None:
    with pytest.raises(RecordError, match=said):
        completion_from(value, "backend 'x'")


def test_words_in_place_of_members_are_understood() -> None:
    made = completion_from(Completion(content="x", finish="length"), "backend 'x'")  # type: ignore[arg-type]
    assert made.finish is Finish.LENGTH
    assert verdict_from(Verdict(outcome="passed"), "validator 'x'").outcome is Outcome.PASSED  # type: ignore[arg-type]
    assert attempt_from(Attempt(cut_short="timeout"), "agent 'x'").cut_short is Outcome.TIMEOUT  # type: ignore[arg-type]


def test_a_wrong_attempt_and_verdict_are_named() -> None:
    with pytest.raises(RecordError, match=r"agent 'x': attempt.notes: expected dict, got NoneType"):
        attempt_from(Attempt(notes=None), "agent 'x'")  # type: ignore[arg-type]
    with pytest.raises(RecordError, match=r"validator 'x': verdict.outcome: .*, got 'fine'"):
        verdict_from(Verdict(outcome="fine"), "validator 'x'")  # type: ignore[arg-type]


def test_facts_that_can_not_be_kept_are_left_out_and_named() -> None:
    warned: list[str] = []
    facts = {"build": "b1", "path": Path("/x"), "name": "half \ud83d"}
    assert facts_from(facts, "backend 'x'", warned.append) == {"build": "b1"}
    assert [text.partition(" can't")[0] for text in warned] == [
        "backend 'x': describe(): 'path'",
        "backend 'x': describe(): 'name'",
    ]
