"""llmbench's conformance suites, run on this plugin's backend, validator, tool and monitor."""

from pathlib import Path

from llmbench_foo.backend import Foo, Rule
from llmbench_foo.backend import FooOptions as BackendOptions
from llmbench_foo.monitor import Load
from llmbench_foo.tool import CountOptions, CountWords
from llmbench_foo.validator import FooOptions, FooValidator

from llmbench.api import Backend, Boxes, Context, ModelProfile, Monitor, NoOptions, Task, Tool, Validator
from llmbench.registry import load
from llmbench.testing.backend import BackendConformance
from llmbench.testing.monitor import MonitorConformance
from llmbench.testing.tool import ScriptedScope, ToolConformance, call
from llmbench.testing.validator import OpenBoxes, ValidatorConformance


class TestBackend(BackendConformance):
    def make_backend(self, context: Context) -> Backend:
        options = BackendOptions(rules=(Rule("function", "Here it is."),), context=1000)
        return Foo(options, ModelProfile(name="foo"), context)


class TestValidator(ValidatorConformance):
    def make_validator(self, tmp_path: Path) -> Validator:
        return FooValidator(FooOptions(), _context(tmp_path))

    def make_boxes(self, tmp_path: Path) -> Boxes:
        # The suite's answers are known beforehand and harmless: no isolation is needed.
        local = load("sandbox", "local")
        return OpenBoxes(local(local.Options(), _context(tmp_path)), [load("toolchain", "python")])

    def make_task(self) -> Task:
        return Task(
            id="greet",
            instructions="Greet.",
            starter={"greet.py": b"# to do\n"},
            editable=("greet.py",),
            grading={"program": "greet.py"},
            tests={"stdin.txt": b"Ada\n", "stdout.txt": b"Hello, Ada!\n"},
            reference={"greet.py": b"print(f'Hello, {input()}!')\n"},
        )


class TestTool(ToolConformance):
    good_arguments = {"path": "main.py"}  # noqa: RUF012 - nobody changes it

    def make_tool(self, tmp_path: Path) -> Tool:
        return CountWords(CountOptions(longest=1), _context(tmp_path))

    def test_it_counts(self, tmp_path: Path) -> None:
        scope = ScriptedScope(self.make_task())
        scope.write("new.txt", b"one three two")
        said = call(self.make_tool(tmp_path), scope, {"file_path": "new.txt"})
        assert said.text == "3 words; longest: three"


class TestMonitor(MonitorConformance):
    def make_monitor(self, context: Context) -> Monitor:
        return Load(NoOptions(), context)


def _context(folder: Path) -> Context:
    return Context(work_dir=folder, cache_dir=folder)
