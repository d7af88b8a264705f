"""The verbs and whole runs on Vue tasks."""

import json
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Sandbox

pytestmark = pytest.mark.xdist_group("vue")


@pytest.fixture
def sandbox(isolating_sandbox: Sandbox) -> str:
    """The override that chooses this machine's sandbox."""
    return f"sandbox={type(isolating_sandbox).__name__.lower()}"


def test_the_tasks_are_listed(run: Any) -> None:
    ran = run("list", "tasks", "dataset=vue", "--json")
    assert ran.exit_code == 0, ran.stderr
    rows = {row["task"]: row for row in json.loads(ran.stdout)}
    assert len(rows) >= 10
    assert rows["vue/composable"] == {
        "task": "vue/composable",
        "language": "vue",
        "toolchain": "vue",
        "files": "src/components/ProductTable.vue, src/composables/*.ts",
    }
    assert run("list", "tasks", "one", "two").exit_code == 2


@pytest.mark.slow
def test_a_new_task_works_as_it_is(run: Any, here: Path, sandbox: str) -> None:
    ran = run("new", "task", "--kind", "vue", "price-tag")
    assert ran.exit_code == 0, ran.stderr
    assert (here / "tasks/price-tag/project/src/components/PriceTag.vue").is_file()
    checked = run("check", "tasks", "tasks/price-tag", "dataset=vue", sandbox, "--json")
    assert checked.exit_code == 0, checked.stdout + checked.stderr
    (found,) = json.loads(checked.stdout)
    assert (found["task"], found["reference"], found["starter"]) == ("vue/price-tag", "passed", "failed")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["plugin", "x", "--language", "vue"], "new plugin: --language is for new task"),
        (["task", "Price", "--kind", "vue"], "expected a name of small letters, digits and -"),
        (["task", "x", "--kind", "react"], "invalid choice: 'react'"),
    ],
)
def test_a_wrong_request_writes_nothing(run: Any, here: Path, words: list[str], complaint: str) -> None:
    ran = run("new", *words)
    assert ran.exit_code == 2
    assert complaint in ran.stderr
    assert list(here.iterdir()) == []


@pytest.mark.slow
def test_a_whole_run_shows_the_parts(run: Any, here: Path, sandbox: str) -> None:
    ran = run("dataset=vue", "agent=oracle", "tasks=[simple-component]", sandbox)
    assert ran.exit_code == 0, ran.stdout + ran.stderr
    (journal,) = here.glob("outputs/vue/*/journal.jsonl")
    record = json.loads(journal.read_text(encoding="utf-8"))
    assert (record["task"], record["outcome"], record["score"]) == ("vue/simple-component", "passed", 1.0)
    assert record["tries"][0]["details"]["composite"] == 10
    assert "compiles 100.0 %, patterns 100.0 %, behaviour 100.0 %" in ran.stdout
    assert "9 of 9" in run("show", "last", "simple-component").stdout
