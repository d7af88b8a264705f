"""Every tool that ships passes the conformance suite."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Context, Task, Tool
from llmbench.registry import installed, load
from llmbench.testing.tool import ToolConformance

GOOD: dict[str, dict[str, Any]] = {
    "apply_patch": {"patch": "--- a/main.py\n+++ b/main.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"},
    "ask_agent": {"question": "What is x?"},
    "ask_questions": {"questions": ["What is x?"]},
    "batch_read": {"paths": ["main.py", "src/util.py"]},
    "edit": {"path": "main.py", "old_string": "1", "new_string": "2"},
    "finish": {"summary": "x is 2 now"},
    "glob": {"pattern": "*.py"},
    "grep": {"pattern": "x = [0-9]", "path": "."},
    "ls": {"path": "."},
    "plan_solution": {"steps": ["read", "write"]},
    "read": {"path": "main.py", "start_line": 1},
    "run_tests": {},
    "run_type_check": {},
    "search": {"query": "return", "path": "src"},
    "shell": {"command": "ls", "timeout_s": 5.0},
    "think": {"thought": "x should be 2"},
    "write": {"path": "main.py", "content": "x = 2\n"},
}


@pytest.mark.parametrize("name", GOOD)
class TestEveryTool(ToolConformance):
    @pytest.fixture(autouse=True)
    def _chosen(self, name: str) -> None:
        self.name = name
        self.good_arguments = GOOD[name]

    def make_tool(self, tmp_path: Path) -> Tool:
        kind: type[Tool] = load("tool", self.name)
        return kind(kind.Options(), Context(work_dir=tmp_path, cache_dir=tmp_path))


class TestEveryToolWithLittleRoom(TestEveryTool):
    def make_tool(self, tmp_path: Path) -> Tool:
        kind: type[Tool] = load("tool", self.name)
        room = {"max_chars": 400} if "max_chars" in kind.Options.__dataclass_fields__ else {}
        return kind(kind.Options(**room), Context(work_dir=tmp_path, cache_dir=tmp_path))

    def make_task(self) -> Task:
        """Return the suite's task with far more than there is room for."""
        task = super().make_task()
        flood = {f"src/{'x' * 60}{number}.py": b"x = 1 return\n" * 50 for number in range(40)}
        return replace(task, starter={**task.starter, **flood}, digest="")


def test_all_tools_are_tried() -> None:
    ours = [plugin.name for plugin in installed("tool") if plugin.distribution == "llmbench"]
    assert sorted(GOOD) == ours


def test_models_know_them_by_the_names_of_other_agents() -> None:
    known = {alias: name for name in GOOD for alias in load("tool", name).aliases}
    assert known == {
        "find_files": "glob",
        "get_plan": "plan_solution",
        "list_dir": "ls",
        "patch_files": "apply_patch",
        "read_file": "read",
        "read_files": "batch_read",
        "read_multiple": "batch_read",
        "reasoning": "think",
        "replace_in_file": "edit",
        "search_text": "search",
        "write_file": "write",
    }
