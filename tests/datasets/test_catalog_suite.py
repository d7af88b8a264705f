"""The catalog itself: how many tasks of which kind it has, and what each says of itself."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Context, Task
from llmbench_plugins.datasets.catalog import Catalog, Options

ROOT = Path(__file__).parents[2] / "tasks/catalog"
LANGUAGES = {"python": 9, "javascript": 6, "go": 6, "rust": 6, "cpp": 2, "html": 2}
NAMED = {
    "python": ("workflow_scheduler", "interpolator", "weather_cli"),
    "javascript": ("promise_pool", "markdown_toc", "todo_cli"),
    "go": ("token_bucket", "lru_cache", "word_count"),
    "rust": ("lru_cache", "time_bucketer", "rate_limiter", "chunk_iterator"),
    "cpp": ("thread_pool", "sparse_matrix"),
    "html": ("form_validator", "heatmap_renderer"),
}
"""Tasks that the catalog has always promised."""


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    context = Context(work_dir=ROOT, cache_dir=ROOT)
    return list(Catalog(Options(), context).tasks())


def metadata() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(ROOT.glob("*/*/metadata.json")):
        yield path.parent.relative_to(ROOT).as_posix(), json.loads(path.read_text(encoding="utf-8"))


def test_there_are_31_tasks_in_six_languages(tasks: list[Task]) -> None:
    assert Counter(task.id.partition("/")[0] for task in tasks) == LANGUAGES
    assert Counter(task.language for task in tasks) == LANGUAGES
    there = {task.id for task in tasks}
    assert {f"{language}/{name}" for language, names in NAMED.items() for name in names} <= there


def test_each_says_what_it_is(tasks: list[Task]) -> None:
    wanted = {"title", "kind", "difficulty", "minutes", "tags", "origin", "licence"}
    assert {task.id: wanted - set(task.about) for task in tasks if wanted - set(task.about)} == {}
    assert {task.about["licence"] for task in tasks} == {"MIT"}


def test_kinds_and_difficulties_are_spread(tasks: list[Task]) -> None:
    kinds = Counter(task.about["kind"] for task in tasks)
    levels = Counter(task.about["difficulty"] for task in tasks)
    assert set(kinds) == {"implement", "repair", "extend", "tool"}
    assert min(kinds.values()) >= 3
    assert min(levels[level] for level in ("easy", "medium", "hard")) >= 3


def test_each_has_five_wrong_solutions_or_more_that_name_their_tests(tasks: list[Task]) -> None:
    assert {task.id: len(task.wrong) for task in tasks if len(task.wrong) < 5} == {}
    assert [
        f"{task.id}: {name}" for task in tasks for name, wrong in task.wrong.items() if not wrong.fails
    ] == []


def test_all_but_the_quickstart_are_graded_in_their_own_language() -> None:
    assert [name for name, meta in metadata() if "command" in meta["grading"]] == []
