"""The validator `exercism` on Python and JavaScript: right about honest answers, not fooled by others."""

import asyncio
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest

from llmbench.api import Boxes, Context, Files, Outcome, Sandbox, Task, Validator, Verdict
from llmbench.errors import PrerequisiteError, SandboxError
from llmbench.testing.validator import OpenBoxes, ValidatorConformance
from llmbench_plugins.datasets.exercism.dataset import Exercism as Exercises
from llmbench_plugins.datasets.exercism.dataset import Options as Chosen
from llmbench_plugins.toolchains.node import NODE
from llmbench_plugins.toolchains.python import PYTHON
from llmbench_plugins.validators.exercism.validator import Exercism, Options

POLYGLOT = Path(__file__).parents[2] / "data" / "polyglot"


@pytest.fixture(scope="session")
def shared(isolating_sandbox: Sandbox) -> Iterator[OpenBoxes]:
    """Boxes of both toolchains; the libraries of node are those of the user's cache, installed if need be."""
    context = replace(isolating_sandbox.context, cache_dir=Path(platformdirs.user_cache_dir("llmbench")))
    sandbox = type(isolating_sandbox)(isolating_sandbox.options, context)
    try:
        if reason := asyncio.run(sandbox.missing(NODE)):
            pytest.skip(reason)
        for toolchain in (PYTHON, NODE):
            asyncio.run(sandbox.prepare(toolchain))
    except PrerequisiteError as error:
        pytest.skip(str(error))
    yield OpenBoxes(sandbox, [PYTHON, NODE])
    asyncio.run(sandbox.close())


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What references pass is found out once for all tests."""
    return tmp_path_factory.mktemp("exercism")


def exercise(name: str, tmp_path: Path) -> Task:
    context = Context(work_dir=tmp_path, cache_dir=tmp_path)
    dataset = Exercises(Chosen(path=str(POLYGLOT), languages=("javascript", "python")), context)
    return next(task for task in dataset.tasks() if task.id == name)


class Grader:
    """Grades answers to our exercises."""

    def __init__(self, boxes: Boxes, cache: Path) -> None:
        self._boxes = boxes
        self._cache = cache

    def __call__(self, name: str, answer: dict[str, str], **options: object) -> Verdict:
        task = exercise(name, self._cache)
        files = {path: textwrap.dedent(text).encode() for path, text in answer.items()}
        return asyncio.run(self.validator(**options).grade(task, files, self._boxes))

    def validator(self, **options: object) -> Exercism:
        return Exercism(
            Options(**options),  # type: ignore[arg-type]
            Context(work_dir=self._cache, cache_dir=self._cache),
        )


@pytest.fixture
def grade(shared: OpenBoxes, cache: Path) -> Grader:
    return Grader(shared, cache)


class _Conformance(ValidatorConformance):
    task = ""

    @pytest.fixture(autouse=True)
    def _boxes(self, shared: OpenBoxes, tmp_path: Path) -> None:
        self._open, self._folder = shared, tmp_path

    def make_validator(self, tmp_path: Path) -> Validator:
        return Exercism(Options(), Context(work_dir=tmp_path, cache_dir=tmp_path))

    def make_boxes(self, tmp_path: Path) -> Boxes:
        return self._open

    def make_task(self) -> Task:
        return exercise(self.task, self._folder)


class TestPython(_Conformance):
    task = "python/coin-jar"


class TestJavaScript(_Conformance):
    task = "javascript/coin-jar"


def test_every_test_of_the_strict_rules_runs_but_the_one_left_out_on_purpose(
    grade: Grader, cache: Path
) -> None:
    for name, run, skipped in (("python/coin-jar", 13, 0), ("javascript/coin-jar", 10, 1)):
        task = exercise(name, cache)
        verdict = grade(name, {path: text.decode() for path, text in task.reference.items()})
        assert verdict.outcome is Outcome.PASSED, verdict
        assert (verdict.tests_run, verdict.tests_skipped, verdict.tests_expected) == (run, 0, run)
        assert verdict.details.get("expected_skips", 0) == skipped


def test_aider_overlooks_what_aider_overlooks(grade: Grader, cache: Path) -> None:
    # Under its rules these never run: xit, test.skip, it.skip, and all of xdescribe.
    verdict = grade("javascript/coin-jar", JAVASCRIPT_EXCEPT_PAY, rules="aider")
    assert verdict.outcome is Outcome.PASSED, verdict.stdout
    assert (verdict.tests_run, verdict.tests_expected) == (3, 3)
    strict = grade("javascript/coin-jar", JAVASCRIPT_EXCEPT_PAY)
    assert strict.outcome is Outcome.FAILED
    assert strict.tests_expected == 10


JAVASCRIPT_EXCEPT_PAY = {
    "coins.js": "export const COINS = [1, 2, 5, 10, 20, 50];",
    "coin-jar.js": """
        export class EmptyJar extends Error {}
        export class Jar {
          #listeners = [];
          constructor(...coins) { this.coins = coins; }
          get total() { return this.coins.reduce((a, b) => a + b, 0); }
          put(coin) { this.coins.push(coin); this.#listeners.forEach((f) => f(this.total)); return this; }
          onCoin(f) { this.#listeners.push(f); }
          [Symbol.iterator]() { return this.coins[Symbol.iterator](); }
        }
        """,
}


def test_an_answer_of_a_second_style_passes_too(grade: Grader) -> None:
    # A list of one's own, a generator, a named tuple, an enumeration: none of it as in the reference.
    verdict = grade(
        "python/coin-jar",
        {
            "coins.py": """
                from enum import IntEnum
                class Coin(IntEnum):
                    ONE = 1; TWO = 2; FIVE = 5; TEN = 10; TWENTY = 20; FIFTY = 50
                COINS = tuple(Coin)
                def value(text):
                    parts = text.removesuffix("c").split(" x ")
                    return int(parts[-1]) * (int(parts[0]) if len(parts) == 2 else 1)
                """,
            "coin_jar.py": """
                import dataclasses, typing
                from coins import COINS
                class EmptyJar(LookupError):
                    def __init__(self, left):
                        super().__init__(f"only {left} left")
                        self.left = left
                class Count(typing.NamedTuple):
                    coin: int
                    times: int
                class Jar(list):
                    def __init__(self, *coins):
                        super().__init__()
                        self.listeners = []
                        for coin in coins: self.put(coin)
                    def put(self, coin):
                        if coin not in COINS: raise ValueError("no such coin")
                        self.append(coin)
                        for listener in list(self.listeners): listener(sum(self))
                    def on_coin(self, listener): self.listeners.append(listener)
                    def off_coin(self, listener): self.listeners.remove(listener)
                    def pay(self, cents):
                        if sum(self) < cents: raise EmptyJar(sum(self))
                        taken = []
                        for coin in sorted(self, reverse=True):
                            if coin <= cents - sum(taken): taken.append(coin)
                        for coin in taken: self.remove(coin)
                        return taken
                    def best(self):
                        best = max(set(self), key=self.count)
                        return Count(best, self.count(best))
                    def pour(self, name):
                        with open(name, "w") as file:
                            print(*[file.write(f"{coin}\\n") for coin in self])
                        return len(self)
                    def __iter__(self):
                        for coin in super().__iter__(): yield coin
                    def __eq__(self, other):
                        return type(other) is Jar and sorted(self) == sorted(other)
                    def __add__(self, other): return Jar(*self, *other)
                """,
        },
    )
    assert verdict.outcome is Outcome.PASSED, verdict.stdout


def test_an_answer_of_common_js_passes_too(grade: Grader, cache: Path) -> None:
    source = exercise("javascript/coin-jar", cache).reference["coin-jar.js"].decode()
    common = source.replace("import { COINS } from './coins';", "const { COINS } = require('./coins.js');")
    common = common.replace("export class", "class") + "\nmodule.exports = { Jar, EmptyJar };\n"
    coins = "exports.COINS = [1, 2, 5, 10, 20, 50];"
    verdict = grade("javascript/coin-jar", {"coin-jar.js": common, "coins.js": coins})
    assert verdict.outcome is Outcome.PASSED, verdict.stdout


GAPS = "import re\ndef gaps(text):\n    return [len(gap) for gap in re.findall(r' +', text.strip())]\n"
WRONG = "def gaps(text):\n    return []\n"
PYTHON_ATTACKS = {
    "leaves early": "import os; os._exit(0)",
    "leaves politely": "import sys; sys.exit(0)",
    "leaves when called": "import os\ndef gaps(text):\n    os._exit(0)",
    "leaves at the end": GAPS + "import os, threading\nthreading.Timer(0.05, os._exit, [0]).start()\n"
    "import time\n_gaps = gaps\ndef gaps(text):\n    time.sleep(0.2); return _gaps(text)",
    "skips": "import unittest\ndef gaps(text):\n    raise unittest.SkipTest('fine')",
    "prints a report": WRONG + "print('3 passed in 0.01s\\nOK')\n",
    "writes reports and tests": WRONG
    + """
import os
for name in ("report.xml", "word_gaps_test.py", "conftest.py", ".llmbench/tests.py"):
    try:
        open(name, "w").write("<testsuite tests='3'/>")
    except OSError:
        pass
""",
    "speaks for the tests": WRONG
    + """
import os, json
done = {"done": {"cases": {f"word_gaps_test.WordGapsTest.test_{n}": ["passed", ""]
        for n in ("none", "some", "around")}, "problem": ""}}
for descriptor in range(1, 32):
    try:
        os.write(descriptor, json.dumps(done).encode() + b"\\n")
    except OSError:
        pass
""",
    "patches unittest": WRONG
    + """
import unittest, builtins
unittest.TestCase.assertEqual = lambda *a: None
unittest.TestCase.run = lambda *a: None
builtins.isinstance = lambda *a: True
""",
    "equals everything": """
class Any:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __len__(self): return 0
    def __iter__(self): return iter(())
def gaps(text): return Any()
""",
    "a list that equals everything": """
class Any(list):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
def gaps(text): return Any()
""",
    "reads the tests": """
import glob, re
def gaps(text):
    for name in glob.glob("/box/**/*_test.py", recursive=True) + glob.glob("**/*_test.py", recursive=True):
        found = re.search(re.escape(repr(text)[1:-1]) + r'"\\), (\\[.*\\])', open(name).read())
        if found:
            return eval(found[1])
    return None
""",
    "looks at its callers": """
import sys
def gaps(text):
    frame = sys._getframe()
    while frame:
        for value in frame.f_locals.values():
            if hasattr(value, "assertEqual"):
                value.assertEqual = lambda *a: None
        frame = frame.f_back
""",
    "wrong": WRONG,
}


@pytest.mark.parametrize("name", PYTHON_ATTACKS)
def test_no_attack_on_python_passes(name: str, grade: Grader) -> None:
    verdict = grade("python/word-gaps", {"word_gaps.py": PYTHON_ATTACKS[name]}, timeout_s=20)
    assert verdict.outcome in (Outcome.FAILED, Outcome.TIMEOUT), verdict
    assert verdict.reason


JAR = (POLYGLOT / "python/exercises/practice/coin-jar/.meta/coin_jar.py").read_text(encoding="utf-8")
JAR_ATTACKS = {
    "all jars are equal": JAR.replace(
        "return sorted(self._coins) == sorted(other._coins)", "return True"
    ).replace("Jar(*self._coins, *other._coins)", "Jar(1)"),
    "a listener leads into the tests": JAR.replace(
        "listener(sum(self._coins))",
        "listener(*[getattr(listener, '__self__').__class__]); listener.__self__.append(6)",
    ),
    "a listener is asked for its globals": JAR.replace(
        "listener(sum(self._coins))",
        "(listener.__globals__['unittest'].TestCase.__dict__, listener(sum(self._coins)))",
    ),
    "a double is told to forget": JAR.replace(
        'file.write(f"{coin}\\n")',
        'file.lines.clear() or file.__class__.write(file, f"{coin}\\n")',
    ),
}


@pytest.mark.parametrize("name", JAR_ATTACKS)
def test_no_attack_through_objects_passes(name: str, grade: Grader) -> None:
    assert JAR_ATTACKS[name] != JAR
    coins = (POLYGLOT / "python/exercises/practice/coin-jar/.meta/coins.py").read_text(encoding="utf-8")
    verdict = grade("python/coin-jar", {"coin_jar.py": JAR_ATTACKS[name], "coins.py": coins}, timeout_s=20)
    assert verdict.outcome is Outcome.FAILED, verdict
    assert verdict.tests_passed > 5, "it should be the attack that fails, not the answer as a whole"


JS = "export const COINS = [1, 2, 5, 10, 20, 50];"
WRONG_JS = """
export class EmptyJar extends Error {}
export class Jar {
  constructor(...coins) { this.coins = []; this.total = 0; }
  put() { return this; } onCoin() {} offCoin() {} pay() { return []; } async later() { return []; }
}
"""
JAVASCRIPT_ATTACKS = {
    "leaves early": "process.exit(0);",
    "leaves when called": WRONG_JS.replace("this.coins = [];", "process.exit(0);"),
    "leaves by a signal": "process.kill(process.pid, 'SIGKILL');",
    "prints a report": WRONG_JS + "console.log(JSON.stringify({ numPassedTests: 10, success: true }));",
    "speaks for the tests": WRONG_JS
    + """
import fs from 'fs';
const done = JSON.stringify({ done: { cases: {}, problem: '' } });
for (let fd = 1; fd < 32; fd += 1) try { fs.writeSync(fd, `${done}\\n`); } catch {}
""",
    "patches what compares": WRONG_JS
    + """
Object.is = () => true;
globalThis.expect = () => new Proxy({}, { get: () => () => {} });
globalThis.test = globalThis.it = (name, f) => {};
Array.prototype.every = () => true;
JSON.stringify = () => '{"value": true}';
""",
    "equals everything": """
export class EmptyJar extends Error {}
export class Jar {
  constructor() { return { asymmetricMatch: () => true, $$typeof: Symbol.for('jest.asymmetricMatcher') }; }
}
""",
    "values that equal everything": WRONG_JS.replace(
        "this.coins = [];", "this.coins = { asymmetricMatch: () => true, toString: () => '5,1' };"
    ).replace("this.total = 0;", "this.total = { asymmetricMatch: () => true };"),
    "reads the tests": """
import fs from 'fs';
import path from 'path';
const found = fs.readdirSync('.', { recursive: true }).filter((name) => String(name).endsWith('.spec.js'));
if (found.length) throw new Error('the tests are here');
export class EmptyJar extends Error {}
export class Jar {}
""",
    "wrong": WRONG_JS,
}


@pytest.mark.parametrize("name", JAVASCRIPT_ATTACKS)
def test_no_attack_on_javascript_passes(name: str, grade: Grader) -> None:
    answer = {"coin-jar.js": JAVASCRIPT_ATTACKS[name], "coins.js": JS}
    verdict = grade("javascript/coin-jar", answer, timeout_s=20)
    assert verdict.outcome in (Outcome.FAILED, Outcome.TIMEOUT), verdict
    assert verdict.reason
    assert verdict.tests_passed < 4
    assert "the tests are here" not in verdict.stdout


JAR_JS = (POLYGLOT / "javascript/exercises/practice/coin-jar/.meta/coin-jar.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "climb",
    [
        "listener.constructor('return process')().exit(0)",
        "listener.call.constructor('return globalThis')().expect = null",
        "listener.__proto__.constructor",
    ],
)
def test_a_function_of_the_tests_leads_nowhere(climb: str, grade: Grader) -> None:
    # It is a function of the answer's own process: the worst it can do there is to end it.
    source = JAR_JS.replace("listener(this.total)", f"({{ x: {climb} }}, listener(-1))")
    verdict = grade("javascript/coin-jar", {"coin-jar.js": source, "coins.js": JS}, timeout_s=20)
    assert verdict.outcome is Outcome.FAILED, verdict
    assert verdict.tests_run in (0, 10)


def test_an_endless_answer_is_a_timeout_and_under_aiders_rules_a_failure(grade: Grader) -> None:
    answer = {"word_gaps.py": "def gaps(text):\n    while True: pass\n"}
    strict = grade("python/word-gaps", answer, timeout_s=1)
    assert strict.outcome is Outcome.TIMEOUT
    assert "1 s" in strict.reason
    assert grade("python/word-gaps", answer, timeout_s=1, rules="aider").outcome is Outcome.FAILED


def test_unchanged_files_do_not_pass_although_they_may_work(grade: Grader, cache: Path) -> None:
    task = exercise("python/word-gaps", cache)
    works = replace(task, starter=task.reference, digest="")
    verdict = asyncio.run(grade.validator().grade(works, task.reference, grade._boxes))
    assert verdict.outcome is Outcome.FAILED
    assert verdict.reason == "the given files are unchanged"


def test_a_reference_that_fails_here_judges_nobody(grade: Grader, cache: Path) -> None:
    task = exercise("python/word-gaps", cache)
    broken = replace(task, reference={"word_gaps.py": WRONG.encode()}, digest="")
    with pytest.raises(SandboxError, match="python/word-gaps: the reference does not pass on this machine"):
        asyncio.run(grade.validator().grade(broken, {"word_gaps.py": GAPS.encode()}, grade._boxes))


def test_the_grader_is_tried_on_the_shortest_exercise(grade: Grader, shared: OpenBoxes, cache: Path) -> None:
    short = exercise("python/word-gaps", cache)
    long = replace(short, id="python/a-long-one", tests={**short.tests, "notes.txt": b"x" * 10_000})
    for tasks in ([long, short], [short, long]):
        tried = asyncio.run(grade.validator().self_test(tasks, shared))
        assert tried.passed, tried
        assert tried.checked == ("python/word-gaps",)


def test_fewer_tests_than_the_reference_are_not_a_pass(grade: Grader, cache: Path) -> None:
    # Tests that are made while they are collected may be made from what the answer says.
    source = b"""
import unittest
from word_gaps import gaps

class WordGapsTest(unittest.TestCase):
    pass

for number in gaps("a b  c"):
    setattr(WordGapsTest, f"test_{number}", lambda self: None)
"""
    task = exercise("python/word-gaps", cache)
    task = replace(task, tests={"word_gaps_test.py": source}, digest="")
    answer = {"word_gaps.py": b"def gaps(text):\n    return [1]\n"}
    verdict = asyncio.run(grade.validator().grade(task, answer, grade._boxes))
    assert verdict.outcome is Outcome.FAILED
    assert (verdict.tests_passed, verdict.tests_expected) == (1, 2)
    assert "1 tests that the reference passes did not run" in verdict.reason


def test_feedback_shows_what_was_wrong_and_no_path_or_time(grade: Grader, cache: Path) -> None:
    answer = {"word_gaps.py": "def gaps(text):\n    print('here I am')\n    return [1 // len(text[:0])]\n"}
    verdict = grade("python/word-gaps", answer)
    told = grade.validator().feedback(exercise("python/word-gaps", cache), verdict)
    assert "ZeroDivisionError" in told
    assert 'File "word_gaps.py", line 3' in told
    assert "here I am" in told
    assert "0 of 3 tests passed" in told
    assert not any(word in told for word in (".llmbench", "/box", "/tmp"))
    again = grade("python/word-gaps", answer)
    assert told == again.stdout


@pytest.mark.parametrize("name", ["python/word-gaps", "javascript/coin-jar"])
def test_tests_that_are_shown_can_be_run_by_an_agent(name: str, shared: OpenBoxes, tmp_path: Path) -> None:
    context = Context(work_dir=tmp_path, cache_dir=tmp_path)
    chosen = Chosen(path=str(POLYGLOT), languages=("javascript", "python"), show_tests=True)
    task = next(task for task in Exercises(chosen, context).tasks() if task.id == name)

    async def exit_code(files: Files) -> int:
        async with shared.open(task.toolchain) as box:
            await box.put({**task.workspace, **files})
            return (await box.run(task.commands["run_tests"], timeout_s=60)).exit_code

    assert asyncio.run(exit_code(task.reference)) == 0
    assert asyncio.run(exit_code({})) != 0
