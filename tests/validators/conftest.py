"""Fixtures for validators: the release files of EvalPlus, which are not part of the project."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def evalplus_data() -> Path:
    """The folder with HumanEvalPlus.jsonl.gz and MbppPlus.jsonl.gz; skips where there is none."""
    given = os.environ.get("LLMBENCH_EVALPLUS_DATA")
    folder = Path(given) if given else Path(__file__).parents[3] / "shared" / "data"
    if not (folder / "HumanEvalPlus.jsonl.gz").is_file():
        pytest.skip(f"no release files of EvalPlus in {folder}; name their folder in LLMBENCH_EVALPLUS_DATA")
    return folder
