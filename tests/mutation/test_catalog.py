"""What the catalog's tasks explain, without grading it: that would take hours."""

from pathlib import Path

import pytest
from mutation.mutants import EXPLAINED, mutants_of, outdated, read_explained

from llmbench_plugins.datasets.catalog.task import read_task

CATALOG = Path(__file__).parents[2] / "tasks/catalog"
TASKS = sorted(path.parent.relative_to(CATALOG).as_posix() for path in CATALOG.glob(f"*/*/{EXPLAINED}"))


@pytest.mark.parametrize("name", TASKS)
def test_what_is_explained_is_still_a_mutant(name: str) -> None:
    mutants = mutants_of(read_task(CATALOG / name, name).reference, seed=0)
    explained = read_explained(CATALOG / name)
    assert explained
    assert outdated(explained, mutants) == []
