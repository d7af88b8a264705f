"""Runs of a model on a whole dataset, in the conditions of a board, and what is changed in them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.records.manifest import Manifest, Session
from llmbench.records.record import Record, TryRecord, UsageTotal
from llmbench.score.published import Beside, published

QWEN = {
    "name": "qwen2.5-coder-32b",
    "reasoning": {"enabled": False},
    "sampling": {"temperature": 0.7},
    "sources": {"default": {"repo": "Qwen/Qwen2.5-Coder-32B-Instruct"}},
}


@pytest.fixture
def run(make: Any) -> Callable[..., tuple[Manifest, list[Record]]]:
    """Make a run of HumanEval+ as EvalPlus's board asks; ``passed`` of its 164 tasks pass."""

    def run(
        passed: int = 140,
        *,
        model: dict[str, Any] = QWEN,
        dataset: str = "humanevalplus",
        tasks: int = 164,
        graded: int | None = None,
        tries: int = 1,
        completions: int = 1,
        server: dict[str, Any] | None = None,
        sampling: dict[str, Any] | None = None,
        facts: dict[str, Any] | None = None,
        config: dict[str, Any] | None = None,
        **names: str,
    ) -> tuple[Manifest, list[Record]]:
        count = tasks if graded is None else graded
        records = [record(make, number, number < passed, completions) for number in range(count)]
        made = make.manifest(
            tasks=tasks,
            tries=tries,
            dataset=facts or {"version": "v0.1.10"},
            sessions=(Session(started="2026-03-01T20:00:00.000+00:00", server=server or {}),),
        )
        given = {"model": model, "sampling": {"temperature": 0.0} if sampling is None else sampling}
        named = {"model": model["name"], "agent": "prompt", "dataset": dataset, **names}
        return replace(made, config=given | (config or {}), names=named), records

    return run


def record(make: Any, number: int, passed: bool, completions: int) -> Record:
    """Return a sample that passes the plus tests, or only the base tests where its number is even."""
    outcome = Outcome.PASSED if passed else Outcome.FAILED
    base = "pass" if passed or number % 2 == 0 else "fail"
    done = TryRecord(
        number=1, outcome=outcome, details={"parts": {"base": base, "plus": "pass" if passed else "fail"}}
    )
    usage = UsageTotal(completions=completions)
    made: Record = make.record(f"t{number}", outcome, usage=usage)
    return replace(made, tries=(done,))


@pytest.fixture
def found(run: Callable[..., tuple[Manifest, list[Record]]]) -> Callable[..., list[Beside]]:
    """Return what stands beside such a run."""
    return lambda *args, **kwargs: list(published(*run(*args, **kwargs)))
