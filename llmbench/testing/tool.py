"""Conformance of a tool: run it in a plugin's own tests by subclassing. Needs hypothesis."""

import asyncio
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmbench.api import BoxRun, Ran, Scope, Task, Tool, ToolError, ToolResult, Workspace, clean_path
from llmbench.registry import installed, load

_SETTINGS = settings(
    max_examples=100,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
_ANY_TEXT = 50_000
"""No result of a tool without an option ``max_chars`` is longer."""
_ANY_ERROR = 3000
"""Nor is any error: it is to be read, not searched."""

NASTY = (
    "",
    ".",
    "..",
    "/",
    "../out",
    "a/../../b",
    "/etc/passwd",
    "/box/main.py",
    "main.py",
    "src/util.py",
    "src",
    "data.bin",
    "conftest.py",
    "tests/test_main.py",
    "main.py/inner",
    "new/folder/file.py",
    "nul\0",
    "back\\slash",
    "line\nbreak",
    "half \ud800",
    "é/日本.py",
    "x" * 300,
    "d/" * 100 + "f",
    "(a+)+$",
    "[",
    "{a,b",
    "**/*",
    "a{999}{999}",
    "x = 1\n",
    "--- a/main.py\n+++ b/main.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n",
    "--- a/../up\n+++ b/../up\n@@ -0,0 +1 @@\n+x\n",
    "--- /dev/null\n+++ b/conftest.py\n@@ -0,0 +1 @@\n+x\n",
    "*** Begin Patch\n*** Delete File: tests/test_main.py\n*** End Patch",
)
"""What a model might write for any argument."""


class ScriptedScope(Scope):
    """A scope without a box: ``run`` gives back what it was told, and keeps what it was asked."""

    def __init__(
        self, task: Task, *, run: Callable[[Sequence[str]], BoxRun] | None = None, answer: str = "done"
    ) -> None:
        super().__init__(task, Workspace(task))
        self.argvs: list[tuple[str, ...]] = []
        self.questions: list[str] = []
        self._run = run or (lambda argv: ran(stdout=repr(argv).encode()))
        self._answer = answer

    async def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float | None = None) -> BoxRun:
        """Answer as told."""
        self.argvs.append(tuple(argv))
        return self._run(argv)

    async def delegate(self, question: str) -> str:
        """Answer as told."""
        self.questions.append(question)
        return self._answer


def ran(*, exit_code: int = 0, stdout: bytes = b"", stderr: bytes = b"") -> BoxRun:
    """Return what a program left that changed no file."""
    return BoxRun(ran=Ran(exit_code=exit_code, stdout=stdout, stderr=stderr, duration_s=0.1))


def call(tool: Tool, scope: Scope, given: Mapping[str, Any]) -> ToolResult:
    """Check a call's arguments and do it, as an agent does."""
    return asyncio.run(tool.call(tool.check(given).arguments, scope))


class ToolConformance(ABC):
    """What every tool promises."""

    good_arguments: Mapping[str, Any]
    """A call that succeeds on ``make_task``."""

    @abstractmethod
    def make_tool(self, tmp_path: Path) -> Tool:
        """Return the tool."""

    def make_task(self) -> Task:
        """Return a task for the calls: files that may be changed, may not be, are protected, are binary."""
        return Task(
            id="task",
            instructions="Set x to 2.",
            starter={
                "main.py": b"x = 1\n",
                "src/util.py": "def f():\n    return 'é'\n".encode(),
                "tests/test_main.py": b"from main import x\nassert x == 2\n",
                "conftest.py": b"",
                "data.bin": b"\x00\xff" * 50,
            },
            editable=("main.py", "src/*.py", "new*"),
            protected=("conftest.py", "*.cfg"),
            commands={"run_tests": ("python3", "tests/test_main.py"), "run_type_check": ("mypy", ".")},
            tests={"hidden.py": b"assert hidden_test"},
            reference={"main.py": b"x = 2 # reference"},
        )

    def test_its_names_can_be_called(self, tmp_path: Path) -> None:
        """Servers accept such names, and no other installed tool has them."""
        tool = self.make_tool(tmp_path)
        own = (tool.name, *tool.aliases)
        assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name) for name in own)
        assert len(set(own)) == len(own)
        others = [load("tool", plugin.name) for plugin in installed("tool") if plugin.name != tool.name]
        taken = {name: other.name for other in others for name in (other.name, *other.aliases)}
        assert {name: taken[name] for name in own if name in taken} == {}

    def test_it_is_described(self, tmp_path: Path) -> None:
        """The model has nothing else to go by."""
        spec = self.make_tool(tmp_path).spec
        assert spec.description.strip()
        assert len(spec.description) <= 1000
        for argument, schema in spec.parameters["properties"].items():
            assert schema.get("description"), f"the model is not told what {argument} is"

    def test_its_schema_is_plain_and_strict(self, tmp_path: Path) -> None:
        """Every server can make a grammar of it, and nothing undeclared passes."""
        tool = self.make_tool(tmp_path)
        parameters = json.loads(json.dumps(tool.spec.parameters))
        jsonschema.Draft202012Validator.check_schema(parameters)
        assert parameters["type"] == "object"
        parts = list(_parts(parameters))
        assert not [part for part in parts if {"$ref", "$defs", "allOf"} & part.keys()]
        loose = [p for p in parts if p.get("type") == "object" and p.get("additionalProperties") is not False]
        assert loose == []

    def test_names_from_elsewhere_lead_to_its_own(self, tmp_path: Path) -> None:
        """An alias stands for an argument that there is, and is none itself."""
        tool = self.make_tool(tmp_path)
        own = set(tool.spec.parameters["properties"])
        assert not set(tool.argument_aliases) & own
        for alias, name in tool.argument_aliases.items():
            if name in self.good_arguments:
                given = {key: value for key, value in self.good_arguments.items() if key != name}
                checked = tool.check({**given, alias: self.good_arguments[name]})
                assert checked.repaired == (f"{alias} → {name}",)

    def test_a_good_call_succeeds(self, tmp_path: Path) -> None:
        """The arguments that the tool's author would use."""
        tool, task = self.make_tool(tmp_path), self.make_task()
        assert tool.unavailable(task) == ""
        assert not call(tool, ScriptedScope(task), self.good_arguments).failed

    def test_wrong_arguments_are_errors_that_name_them(self, tmp_path: Path) -> None:
        """A model can mend a call only if it is told what is wrong."""
        tool = self.make_tool(tmp_path)
        with pytest.raises(ToolError, match="no_such_argument"):
            tool.check({**self.good_arguments, "no_such_argument": 1})
        for name, schema in tool.spec.parameters["properties"].items():
            with pytest.raises(ToolError, match=name):
                tool.check({**self.good_arguments, name: {"wrong": True}})
            if name in tool.spec.parameters["required"]:
                rest = {key: value for key, value in self.good_arguments.items() if key != name}
                with pytest.raises(ToolError, match=name):
                    tool.check(rest)
            elif "null" not in str(schema):
                assert tool.check({**self.good_arguments, name: None}).repaired == (f"{name}: null",)

    def test_calls_are_alike_twice(self, tmp_path: Path) -> None:
        """The same call on the same files says the same: that is what makes samples resumable."""
        first, second = (
            call(self.make_tool(tmp_path), ScriptedScope(self.make_task()), self.good_arguments)
            for _ in range(2)
        )
        assert first == second

    def test_no_call_breaks_anything(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever a model writes: an answer or a ToolError, and no file changed that may not be."""
        tool, task = self.make_tool(tmp_path), self.make_task()
        away = tmp_path / "away"
        away.mkdir()
        monkeypatch.chdir(away)

        @settings(_SETTINGS)
        @given(_values(tool.spec.parameters))
        def holds(given: dict[str, Any]) -> None:
            scope = ScriptedScope(task)
            try:
                text, longest = call(tool, scope, given).text, getattr(tool.options, "max_chars", _ANY_TEXT)
            except ToolError as error:
                text, longest = str(error), _ANY_ERROR
            _check_text(text, longest, task)
            _check_files(scope)

        holds()
        assert list(away.iterdir()) == []


def _check_text(text: str, longest: int, task: Task) -> None:
    assert text.strip(), "an empty result tells a model nothing"
    text.encode()
    assert len(text) <= longest
    assert "hidden_test" not in text
    assert "# reference" not in text


def _check_files(scope: ScriptedScope) -> None:
    task, files = scope.task, scope.workspace.files
    assert all(clean_path(path) == path for path in files)
    given = task.workspace
    touched = [path for path in {*files, *given} if files.get(path) != given.get(path)]
    assert [path for path in touched if task.is_protected(path) or not task.may_change(path)] == []
    # A file in the place of a folder would have no place in a box.
    assert not [path for path in files if any(other.startswith(f"{path}/") for other in files)]
    json.dumps(scope.state)


def _parts(schema: Any) -> list[dict[str, Any]]:
    """Return a schema and all schemas in it."""
    if isinstance(schema, list):
        return [part for inner in schema for part in _parts(inner)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(part for inner in schema.values() for part in _parts(inner))]


def _values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Return values that a schema accepts."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([_values(part) for part in schema["anyOf"]])
    kind = schema.get("type")
    if kind == "object":
        properties = {name: _values(part) for name, part in schema.get("properties", {}).items()}
        required = set(schema.get("required", ()))
        return st.fixed_dictionaries(
            {name: values for name, values in properties.items() if name in required},
            optional={name: values for name, values in properties.items() if name not in required},
        )
    if kind == "array":
        return st.lists(_values(schema["items"]), min_size=schema.get("minItems", 0), max_size=4)
    if kind in ("integer", "number"):
        low, high = schema.get("minimum"), schema.get("maximum", 1 << 40)
        numbers = st.integers(low, high)
        return numbers if kind == "integer" else numbers.map(float)
    text = st.sampled_from(NASTY) | st.text(max_size=60) | st.text("ab/.*\n -+@", max_size=40)
    long_enough = text.filter(lambda value: len(value) >= schema.get("minLength", 0))
    return {"string": long_enough, "boolean": st.booleans(), "null": st.none()}[str(kind)]
