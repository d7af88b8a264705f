"""Run folders to report on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from llmbench.testing.runs import ORDINARY_RUN, RunRecipe, write_run

_NAME = "tiny-llamacpp-prompt-1a2b3c4d5e"


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    """Write a run folder below outputs/ and return it."""

    def make(recipe: RunRecipe = ORDINARY_RUN, name: str = _NAME) -> Path:
        return write_run(tmp_path / "outputs" / "catalog" / name, recipe)

    return make
