"""What is asked for of runs, whoever asks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmbench.errors import UsageError
from llmbench.history.choice import Choice, named


def test_nothing_asked_for_is_everything() -> None:
    assert not Choice(sort="cost").is_filtered
    assert Choice(dataset="").is_filtered
    assert Choice().of([], dict) == []


@pytest.mark.parametrize(
    ("choice", "models"),
    [
        (Choice(where=("model=small,large",)), {"small", "large"}),
        (Choice(where=("model=*l*", "model!=small")), {"large"}),
        (Choice(dataset="other"), set()),
        (Choice(where=("seed=3",), sort="model"), {"tiny", "small", "large"}),
        (Choice(since="2026-03-02"), set()),
    ],
)
def test_what_is_asked_for(root: Path, opened: Callable[..., Any], choice: Choice, models: set[str]) -> None:
    history = opened(root).history
    assert {row.model for row in choice.of(history.runs(), history.configs)} == models


def test_a_word_that_is_not_understood_is_told(root: Path, opened: Callable[..., Any]) -> None:
    history = opened(root).history
    with pytest.raises(UsageError, match="--sort colour: expected one of"):
        Choice(sort="colour").of(history.runs(), history.configs)


def test_runs_are_found_by_a_part_of_their_name(root: Path, opened: Callable[..., Any]) -> None:
    assert [row.model for row in named(opened(root).history.runs(), "SMALL-")] == ["small"]
