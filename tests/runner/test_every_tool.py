"""A whole run in which a model calls every tool, over a task of somebody's own, graded in a box apart."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.records.record import Record
from llmbench.records.transcript import SubmissionEvent, ToolEvent, read_transcript
from llmbench.registry import names
from llmbench.testing.servers import Answer, StubServer

from .conftest import played

STACK = "class Stack:\n    def push(self, item):\n        pass\n"
SHOWN = (
    "import unittest\nfrom stack import Stack\n\nclass Shown(unittest.TestCase):\n    def test_push(self):\n"
)
SHOWN += "        stack = Stack()\n        stack.push(1)\n        self.assertEqual(stack.items, [1])\n"
HIDDEN = SHOWN.replace("Shown", "Hidden").replace("test_push", "test_again")
SOLVED = "class Stack:\n    def __init__(self):\n        self.items = []\n\n    def push(self, item):\n"
SOLVED += "        self.items.append(item)\n"
FILES = {
    "instructions.md": "Make the stack of stack.py keep its items.",
    "workspace/stack.py": STACK,
    "workspace/test_shown.py": SHOWN,
    "workspace/sitecustomize.py": "",
    "tests/test_hidden.py": HIDDEN,
    "solution/stack.py": SOLVED,
}
METADATA = {
    "schema": "llmbench.task/1",
    "title": "Stack",
    "language": "python",
    "toolchain": "python",
    "editable": ["stack.py", "helper_*.py"],
    "protected": ["sitecustomize.py"],
    "commands": {
        "run_tests": ["python3", "-m", "unittest", "test_shown"],
        "run_type_check": ["python3", "-m", "py_compile", "stack.py"],
    },
    "grading": {"command": ["python3", "-m", "run_tests"], "tests": 1, "timeout_s": 20},
}
INIT = "--- a/stack.py\n+++ b/stack.py\n@@ -9,1 +9,4 @@\n class Stack:\n"
INIT += "+    def __init__(self):\n+        self.items = []\n+\n"
SCRIPT: list[list[tuple[str, dict[str, Any]]]] = [
    [("think", {"thought": "first look"}), ("plan_solution", {"steps": ["look", "change", "check"]})],
    [
        ("list_dir", {}),
        ("read_file", {"file_path": "stack.py"}),
        ("read_files", {"paths": ["test_shown.py"]}),
    ],
    [
        ("find_files", {"pattern": "*.py"}),
        ("grep", {"pattern": "def \\w+"}),
        ("search_text", {"query": "push"}),
    ],
    [("ask_questions", {"questions": ["Which Python?"]}), ("ask_agent", {"question": "What is a stack?"})],
    [("run_tests", {}), ("run_type_check", {})],
    [
        ("patch_files", {"patch": INIT}),
        ("edit", {"path": "stack.py", "old_str": "pass", "new_str": "self.items += [item]"}),
    ],
    [
        ("write_file", {"path": "test_shown.py", "content": ""}),
        ("write", {"path": "sitecustomize.py", "content": "x"}),
    ],
    [
        ("write", {"path": "helper_a.py", "content": "A = 1\n"}),
        ("write", {"path": "../out.py", "content": ""}),
    ],
    [("shell", {"cmd": "echo > sitecustomize.py; echo > test_shown.py; echo 1 > notes.txt; ln -s /etc etc"})],
    [("run_tests", {}), ("shell", {"command": "python3 -c 'import stack, helper_a'; ls"})],
    [("finish", {"summary": "it keeps its items"})],
]


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """A folder with one task, which lets an agent run its shown tests."""
    root = tmp_path / "tasks"
    for name, text in {**FILES, "metadata.json": json.dumps(METADATA)}.items():
        path = root / "stack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def answer(body: Mapping[str, Any]) -> Answer | str:
    """Play the script, and the second agent, which is asked in a conversation of its own."""
    if "tools" not in body:
        return "ready"
    if "Another programmer asks you" in str(body["messages"]):
        return "Last in, first out."
    return played(SCRIPT, body)


def test_every_tool_in_one_conversation(run: Any, tasks: Path) -> None:
    every = list(names("tool"))
    with StubServer(answer) as stub:
        result = run(
            "agent=tools",
            f"agent.tools=[{','.join(every)}]",
            "agent.tool_options.shell.timeout_s=20",
            "backend=openai",
            f"backend.url={stub.url}",
            f"dataset.path={tasks}",
        )
    record: Record = run.records(result)["stack", 0]
    assert record.outcome is Outcome.PASSED, record
    events = read_transcript(result.folder / "samples/stack/0/transcript.jsonl")
    steps = {}
    for event in events:
        if isinstance(event, ToolEvent):
            steps.setdefault((event.step.name, event.step.problem), event.step)
    # Every tool was called, and did what it is for.
    assert {name for name, _ in steps} == set(every)
    assert "sitecustomize.py  0 bytes, read-only" in steps["ls", ""].text
    assert "    1\tclass Stack:" in steps["read", ""].text
    assert steps["glob", ""].text == "sitecustomize.py\nstack.py\ntest_shown.py"
    assert "Last in, first out." in steps["ask_agent", ""].text
    assert "AttributeError" in steps["run_tests", "failed"].text
    assert "OK" in steps["run_tests", ""].text
    assert steps["apply_patch", ""].text == "patched stack.py: +3 -0"
    assert steps["read", ""].details["repaired"] == ["read_file → read", "file_path → path"]
    # What may not be changed was refused by the file tools, and undone after the shell.
    assert "may not be changed" in steps["write", "refused"].text
    assert "is no path in the workspace" in steps["write", "error"].text
    shell = steps["shell", ""]
    assert "[not yours to change, as before again: sitecustomize.py, test_shown.py]" in shell.text
    assert shell.details["refused"] == ["sitecustomize.py", "test_shown.py"]
    notes = record.tries[0].notes["tools"]
    assert notes["failures"] == {"failed": 1, "refused": 2, "error": 1}
    assert (notes["malformed"], notes["undone"]) == (0, 2)
    # What was handed in is what may be, and nothing hidden was ever said to the model.
    (submission,) = [event for event in events if isinstance(event, SubmissionEvent)]
    assert set(submission.text) == {"helper_a.py", "stack.py"}
    assert record.tries[0].refused == ("notes.txt",)
    assert "test_again" not in str(stub.requests)
    assert "self.items.append" not in str(stub.requests)
