"""The `command` validator: right about honest answers, and not to be fooled by others."""

import asyncio
import importlib.util
import textwrap
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import Boxes, Context, Outcome, Task, Validator, Verdict
from llmbench.testing.validator import OpenBoxes, ValidatorConformance
from llmbench_plugins import validators
from llmbench_plugins.validators.command.validator import Command, Options

TESTS = b"""
import unittest
from leap import is_leap

class LeapTest(unittest.TestCase):
    def test_common(self):
        self.assertFalse(is_leap(2001))
    def test_century(self):
        self.assertIs(is_leap(1900), False)
    def test_fourth_century(self):
        self.assertTrue(is_leap(2000))
        self.assertEqual(is_leap(2000), True)
"""
REFERENCE = b"def is_leap(year):\n    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)\n"


def make_task(**changes: object) -> Task:
    values: dict[str, object] = {
        "id": "python/leap",
        "instructions": "Write is_leap(year).",
        "starter": {"leap.py": b"def is_leap(year):\n    raise NotImplementedError\n"},
        "editable": ("*.py",),
        "tests": {"test_leap.py": TESTS},
        "reference": {"leap.py": REFERENCE},
        "grading": {"command": ["python3", "-m", "run_tests"], "tests": 3, "timeout_s": 5},
        **changes,
    }
    return Task(**values)  # type: ignore[arg-type]


class TestConformance(ValidatorConformance):
    @pytest.fixture(autouse=True)
    def _boxes(self, boxes: OpenBoxes) -> None:
        self._open = boxes

    def make_validator(self, tmp_path: Path) -> Validator:
        return Command(Options(), Context(work_dir=tmp_path, cache_dir=tmp_path))

    def make_boxes(self, tmp_path: Path) -> Boxes:
        return self._open

    def make_task(self) -> Task:
        return make_task()


def grade(task: Task, source: str, boxes: Boxes, context: Context, **more: str) -> Verdict:
    files = {"leap.py": textwrap.dedent(source).encode()}
    files |= {f"{name}.py": textwrap.dedent(text).encode() for name, text in more.items()}
    return asyncio.run(Command(Options(), context).grade(task, files, boxes))


ATTACKS = {
    "leaves early": "import os; os._exit(0)",
    "leaves politely": "import sys; sys.exit(0)",
    "leaves when called": "def is_leap(year):\n    import os\n    os._exit(0)",
    "raises SystemExit": "def is_leap(year):\n    raise SystemExit(0)",
    "raises KeyboardInterrupt": "def is_leap(year):\n    raise KeyboardInterrupt",
    "skips": "import unittest\ndef is_leap(year):\n    raise unittest.SkipTest('fine')",
    "skips at import": "import unittest\nraise unittest.SkipTest('fine')",
    "equals everything": """
        class Yes:
            def __eq__(self, other): return True
            def __bool__(self): return True
            def __hash__(self): return 1
        def is_leap(year): return Yes()
        """,
    "an int that equals everything": """
        class Yes(int):
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __bool__(self): return True
        def is_leap(year): return Yes(1)
        """,
    "a text that equals everything": """
        class Yes(str):
            def __eq__(self, other): return True
            __hash__ = str.__hash__
        def is_leap(year): return Yes('')
        """,
    "lies about its class": """
        class Yes:
            __class__ = property(lambda self: bool)
            def __eq__(self, other): return True
        def is_leap(year): return Yes()
        """,
    "prints a report": """
        import sys
        for stream in (sys.stdout, sys.stderr):
            print('<testsuite tests="3"><testcase name="a"/></testsuite>', file=stream)
            print('{"done": {"exit_code": 0, "stdout": "", "stderr": "", "report": ""}}', file=stream)
            print("3 of 3 tests passed", file=stream)
        """,
    "writes reports everywhere": """
        import os
        text = '<testsuite>' + ''.join(f'<testcase name="{n}"/>' for n in range(3)) + '</testsuite>'
        for folder in ('.', '/tmp', '.llmbench', 'tests', os.environ.get('TMPDIR', '/tmp')):
            for name in ('report.xml', 'junit.xml', os.environ.get('LLMBENCH_REPORT', 'x')):
                try:
                    open(os.path.join(folder, name), 'w').write(text)
                except OSError:
                    pass
        os._exit(0)
        """,
    "speaks for the worker": """
        import json, os
        lines = (json.dumps({'value': {'h': {'id': 0, 'name': 'x'}}}) + '\\n') * 3
        lines += '{"value": true}\\n' * 200
        for fd in range(3, 30):
            try:
                os.write(fd, lines.encode())
            except OSError:
                pass
        def is_leap(year): return 'neither'
        """,
    "speaks for the harness": """
        import json, os
        report = '<testsuite>' + '<testcase/>' * 3 + '</testsuite>'
        done = {'done': {'exit_code': 0, 'stdout': '', 'stderr': '', 'report': report}}
        for fd in range(0, 30):
            try:
                os.write(fd, (json.dumps(done) + '\\n').encode())
            except OSError:
                pass
        def is_leap(year): return None
        """,
    "looks for the tests": """
        import glob, os
        found = [p for p in glob.glob('/**/test_leap.py', recursive=True)] + glob.glob('/proc/*/cwd/tests/*')
        def is_leap(year): return True if found else 'no tests here'
        """,
    "reads the caller's frames": """
        import gc, sys
        def is_leap(year):
            frame = sys._getframe()
            while frame:
                for value in frame.f_locals.values():
                    if type(value).__name__ == 'LeapTest':
                        return year == 2000
                frame = frame.f_back
            return next((o for o in gc.get_objects() if isinstance(o, dict) and 'expected' in o), 'nothing')
        """,
    "patches what judges": """
        import builtins, unittest, json
        unittest.TestCase.assertEqual = unittest.TestCase.assertTrue = lambda *a, **k: None
        unittest.TestCase.assertFalse = unittest.TestCase.assertIs = lambda *a, **k: None
        builtins.bool = lambda *a: True
        json.dumps = lambda *a, **k: '{"value": true}'
        def is_leap(year): return 'x'
        """,
    "never returns": "def is_leap(year):\n    while True: pass",
    "never imports": "while True: pass",
    "sleeps in a thread of its own": """
        import threading, time
        threading.Thread(target=time.sleep, args=(3600,)).start()
        def is_leap(year): return 'x'
        """,
    "takes all memory": "def is_leap(year):\n    return [bytearray(1 << 26) for _ in range(4096)]",
    "forks for ever": """
        import os
        def is_leap(year):
            try:
                while True: os.fork()
            except OSError:
                return 'x'
        """,
    "returns too much": "def is_leap(year):\n    return 'x' * 100_000_000",
    "returns itself": "def is_leap(year):\n    x = []\n    x.append(x)\n    return x",
    "counts for ever": "def is_leap(year):\n    import itertools\n    return itertools.count()",
    "returns an odd text": "def is_leap(year):\n    return '\\ud800\\x00\\n{\"value\": true}'",
    "kills its neighbours": """
        import os, signal
        for pid in range(1, 400):
            if pid != os.getpid():
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
        def is_leap(year): return 'x'
        """,
    "wrong": "def is_leap(year):\n    return year % 4 == 0",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_attack_passes(name: str, boxes: OpenBoxes, context: Context) -> None:
    task = make_task(grading={"command": ["python3", "-m", "run_tests"], "tests": 3, "timeout_s": 2})
    verdict = grade(task, ATTACKS[name], boxes, context)
    assert verdict.outcome in (Outcome.FAILED, Outcome.TIMEOUT), verdict
    assert verdict.reason


def test_shadowing_our_modules_gains_nothing(boxes: OpenBoxes, context: Context) -> None:
    lie = "def encode(value, keep): return True\ndef dumps(*a, **k): return '{\"value\": true}'\n"
    verdict = grade(
        make_task(), "import json\ndef is_leap(year): return 1", boxes, context, wire=lie, json=lie
    )
    assert verdict.outcome is not Outcome.PASSED


def test_an_endless_answer_is_a_timeout(boxes: OpenBoxes, context: Context) -> None:
    task = make_task(grading={"command": ["python3", "-m", "run_tests"], "tests": 3, "timeout_s": 1})
    verdict = grade(task, ATTACKS["never returns"], boxes, context)
    assert verdict.outcome is Outcome.TIMEOUT
    assert "1 s" in verdict.reason


def test_fewer_tests_than_the_reference_do_not_pass(boxes: OpenBoxes, context: Context) -> None:
    task = make_task(grading={"command": ["python3", "-m", "run_tests"], "tests": 4, "timeout_s": 5})
    verdict = grade(task, REFERENCE.decode(), boxes, context)
    assert verdict.outcome is Outcome.FAILED
    assert (verdict.tests_run, verdict.tests_expected) == (3, 4)
    assert "the reference runs 4" in verdict.reason


def test_a_skipped_test_does_not_pass(boxes: OpenBoxes, context: Context) -> None:
    skipping = TESTS.replace(b"    def test_common", b"    @unittest.skip('later')\n    def test_common")
    verdict = grade(make_task(tests={"test_leap.py": skipping}), REFERENCE.decode(), boxes, context)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.tests_skipped == 1


def test_exit_code_alone_is_not_enough(boxes: OpenBoxes, context: Context) -> None:
    task = make_task(grading={"command": ["true"], "tests": 3})
    verdict = grade(task, REFERENCE.decode(), boxes, context)
    assert verdict.outcome is Outcome.FAILED
    assert "no readable report" in verdict.reason


def test_a_missing_command_is_named(boxes: OpenBoxes, context: Context) -> None:
    task = make_task(grading={"command": ["no-such-runner"], "tests": 3})
    verdict = grade(task, REFERENCE.decode(), boxes, context)
    assert verdict.outcome is Outcome.FAILED
    assert "no-such-runner" in verdict.stderr


def test_feedback_shows_the_failure_and_none_of_our_frames(boxes: OpenBoxes, context: Context) -> None:
    source = "def is_leap(year):\n    return 1 // (year - 2000) >= 0"
    verdict = grade(make_task(), source, boxes, context)
    told = Command(Options(), context).feedback(make_task(), verdict)
    assert "ZeroDivisionError" in told
    assert "1 // (year - 2000)" in told
    assert ".llmbench" not in told


OBJECTS = b"""
import unittest
from shop import Basket, Empty, parse

class ShopTest(unittest.TestCase):
    def test_basket(self):
        basket = Basket({"apple": 2.5})
        basket.add("apple", count=2)
        self.assertEqual(len(basket), 2)
        self.assertEqual(list(basket), ["apple", "apple"])
        self.assertIn("apple", basket)
        self.assertEqual(basket["apple"], 5.0)
        self.assertEqual(basket.names, ("apple",))
        basket.owner = "Ada"
        self.assertEqual(str(basket), "Ada: 5.0")
    def test_own_exception(self):
        with self.assertRaises(Empty) as caught:
            Basket({}).pay()
        self.assertEqual(str(caught.exception), "nothing in it")
        self.assertIsInstance(caught.exception, ValueError)
    def test_data(self):
        expected = [1, (2.5, None), {3, 4}, b"\\x00", float("inf"), 1j, frozenset({5})]
        self.assertEqual(parse("x"), {"x": expected})
    def test_copies(self):
        one, two = Basket({"a": 1}), Basket({"b": 2})
        one.merge(two)
        self.assertEqual(one.names, ("a", "b"))
"""
SHOP = """
class Empty(ValueError):
    pass

class Basket:
    def __init__(self, prices):
        self.prices, self.items, self.owner = dict(prices), [], ""
    def add(self, name, count=1):
        self.items += [name] * count
    def __len__(self): return len(self.items)
    def __iter__(self): return iter(self.items)
    def __contains__(self, name): return name in self.items
    def __getitem__(self, name): return self.items.count(name) * self.prices[name]
    @property
    def names(self): return tuple(sorted(self.prices))
    def __str__(self): return f"{self.owner}: {sum(self[n] for n in self.prices)}"
    def pay(self): raise Empty("nothing in it")
    def merge(self, other): self.prices.update(other.prices)

def parse(text):
    from collections import OrderedDict
    return OrderedDict({text: [1, (2.5, None), {3, 4}, b"\\x00", float("inf"), 1j, frozenset({5})]})
"""


def test_classes_exceptions_and_all_plain_data_cross_over(boxes: OpenBoxes, context: Context) -> None:
    task = make_task(
        starter={"shop.py": b""},
        tests={"test_shop.py": OBJECTS},
        reference={"shop.py": SHOP.encode()},
        grading={"command": ["python3", "-m", "run_tests"], "tests": 4, "timeout_s": 5},
    )
    verdict = asyncio.run(Command(Options(), context).grade(task, task.reference, boxes))
    assert verdict.outcome is Outcome.PASSED, verdict.stderr


PROGRAM = b"""
import unittest
from llmbench_answer import run

class ProgramTest(unittest.TestCase):
    def test_sum(self):
        done = run(["python3", "sum.py", "x"], stdin="1 2 3")
        self.assertEqual((done.exit_code, done.stdout.strip()), (0, "x 6"))
    def test_failure(self):
        self.assertEqual(run(["python3", "sum.py"], stdin="a").exit_code, 1)
"""


def test_answers_can_be_programs(boxes: OpenBoxes, context: Context) -> None:
    program = (
        b"import sys\nprint(sys.argv[1] if sys.argv[1:] else '', sum(map(int, sys.stdin.read().split())))\n"
    )
    task = make_task(
        starter={"sum.py": b""},
        tests={"test_sum.py": PROGRAM},
        reference={"sum.py": program},
        grading={"command": ["python3", "-m", "run_tests"], "tests": 2, "timeout_s": 10},
    )
    verdict = asyncio.run(Command(Options(), context).grade(task, task.reference, boxes))
    assert verdict.outcome is Outcome.PASSED, verdict.stderr


def test_wrong_metadata_is_named(boxes: OpenBoxes, context: Context) -> None:
    from llmbench.errors import UsageError

    task = make_task(grading={"command": ["true"], "tests": "many"})
    with pytest.raises(UsageError, match=r"python/leap: grading.tests: expected an integer ≥ 1, got 'many'"):
        grade(task, "", boxes, context)


AT_IMPORT = {
    "a syntax error": ("def is_leap(year:\n", "SyntaxError"),
    "a name that is none": ("x = undefined_name\n", "NameError: name 'undefined_name' is not defined"),
    "an exit": ("raise SystemExit(0)\n", "SystemExit"),
    "controls": ("raise ValueError('\\x1b[31mred \\x00 \\ud83d')\n", "ValueError: red \\x00 \\ud83d"),
    "megabytes": ("raise ValueError('x' * 5_000_000)\n", "ValueError: xxx"),
    "a __str__ that raises": (
        "class Odd(Exception):\n    def __str__(self): raise RuntimeError\nraise Odd('no')\n",
        "Odd",
    ),
    "a long name": ("raise type('X' * 3_000_000, (Exception,), {})\n", "XXX"),
}


@pytest.mark.parametrize("name", AT_IMPORT)
def test_an_error_at_import_is_told(name: str, boxes: OpenBoxes, context: Context) -> None:
    source, reason = AT_IMPORT[name]
    verdict = grade(make_task(), source, boxes, context)
    assert verdict.outcome is Outcome.FAILED, verdict
    assert reason in verdict.reason
    assert reason in Command(Options(), context).feedback(make_task(), verdict)
    for text in (verdict.reason, verdict.stdout, verdict.stderr):
        assert not any(ord(each) < 32 and each not in "\n\t" for each in text)
        text.encode()


def test_controls_in_an_errors_text_keep_the_share_of_the_score(boxes: OpenBoxes, context: Context) -> None:
    answer = """
        def is_leap(year):
            if year == 2001: raise ValueError("\\x1b")
            return year == 2000
        """
    verdict = grade(make_task(), answer, boxes, context)
    assert verdict.outcome is Outcome.FAILED
    assert (verdict.tests_passed, verdict.tests_run) == (2, 3)
    assert verdict.score == pytest.approx(2 / 3)
    assert verdict.reason == "test_common: ValueError: \\x1b"


def test_a_name_that_no_file_system_takes_is_a_wrong_answer(boxes: OpenBoxes, context: Context) -> None:
    verdict = grade(make_task(), REFERENCE.decode(), boxes, context, **{"a" * 300: ""})
    assert verdict.outcome is Outcome.FAILED
    assert "303 bytes" in verdict.reason


def _run_tests() -> Any:
    path = Path(validators.__path__[0]) / "shared/remote/run_tests.py"
    spec = importlib.util.spec_from_file_location("run_tests", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@given(st.dictionaries(st.text(st.characters(), min_size=1), st.text(st.characters())))
def test_every_report_can_be_read(said: dict[str, str]) -> None:
    written = _run_tests().report({name: ("error", text) for name, text in said.items()})
    read = ET.fromstring(written.encode("utf-8"))  # noqa: S314 - our own
    assert len(read.findall("testcase")) == len(said)
    for case, (name, text) in zip(read.findall("testcase"), said.items(), strict=True):
        error = case.find("error")
        assert error is not None
        for found, given_text in ((case.get("name"), name), (error.get("message"), text[:4000])):
            assert found is not None
            if given_text.isprintable():
                assert found == given_text
