"""The `evalplus` validator: EvalPlus's verdicts on honest answers, and no pass for those that cheat."""

import asyncio
import json
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Boxes, Context, Outcome, Task, Validator, Verdict
from llmbench.testing.validator import OpenBoxes, ValidatorConformance
from llmbench_plugins.validators.evalplus.validator import EvalPlus, Options

REFERENCE = """
def spread(numbers, factor):
    return [number * factor for number in sorted(numbers)]
"""
BASE = [[[3, 1, 2], 2], [[], 1]]
PLUS = [[[5, 4], 0.1], [[1, 1], 3], [[7], -1], [[2, 9, 4], 7]]


def make_task(
    reference: str = REFERENCE,
    entry: str = "spread",
    base: Any = BASE,
    plus: Any = PLUS,
    *,
    suite: str = "humaneval",
    atol: float = 0.0,
    forms: tuple[str, ...] = (),
) -> Task:
    grading = {"suite": suite, "entry_point": entry, "atol": atol, "base": len(base), "forms": list(forms)}
    return Task(
        id="HumanEval/0",
        instructions=f"Write {entry}.",
        starter={"solution.py": f"def {entry}(*args):\n    pass\n".encode()},
        editable=("solution.py",),
        grading=grading,
        tests={"inputs.json": json.dumps([*base, *plus]).encode()},
        reference={"solution.py": reference.encode()},
    )


def returning(*values: str, suite: str = "humaneval", entry: str = "give", atol: float = 0.0) -> Task:
    """Return a task whose reference returns these values (as source), one a case; the first is the base."""
    source = f"def {entry}(case):\n    return [{', '.join(values)}][case]\n"
    cases = [[case] for case in range(len(values))]
    return make_task(source, entry, cases[:1], cases[1:], suite=suite, atol=atol)


class TestConformance(ValidatorConformance):
    @pytest.fixture(autouse=True)
    def _boxes(self, boxes: OpenBoxes) -> None:
        self._open = boxes

    def make_validator(self, tmp_path: Path) -> Validator:
        return EvalPlus(Options(), Context(work_dir=tmp_path, cache_dir=tmp_path))

    def make_boxes(self, tmp_path: Path) -> Boxes:
        return self._open

    def make_task(self) -> Task:
        return make_task()


@pytest.fixture
def grade(boxes: OpenBoxes, context: Context) -> Any:
    """Grade a source against a task."""

    def graded(task: Task, source: str, **options: float) -> Verdict:
        files = {"solution.py": textwrap.dedent(source).encode(errors="surrogatepass")}
        return asyncio.run(EvalPlus(Options(**options), context).grade(task, files, boxes))

    return graded


def test_base_and_plus_are_told_apart(grade: Any) -> None:
    right = grade(make_task(), REFERENCE)
    assert (right.outcome, right.details["parts"]["base"], right.details["parts"]["plus"]) == (
        "passed",
        "pass",
        "pass",
    )
    assert (right.tests_run, right.tests_expected) == (6, 6)
    whole = grade(make_task(), "def spread(n, f): return [int(x * f) for x in sorted(n)]")
    assert (whole.outcome, whole.details["parts"]["base"], whole.details["parts"]["plus"]) == (
        "failed",
        "pass",
        "fail",
    )
    assert whole.reason == "spread: plus case 0: wrong value"
    unsorted = grade(make_task(), "def spread(n, f): return [x * f for x in n]")
    assert (unsorted.details["parts"]["base"], unsorted.details["parts"]["plus"]) == ("fail", "not run")
    assert unsorted.reason == "spread: base case 0: wrong value"


def test_an_exception_is_the_reason(grade: Any) -> None:
    verdict = grade(make_task(), "def spread(n, f): return [x / len(n[1:]) for x in n]")
    assert verdict.outcome is Outcome.FAILED
    assert verdict.reason == "spread: base case 0: wrong value"
    verdict = grade(make_task(), "def spread(n, f): return 1 // 0")
    assert verdict.reason == "spread: base case 0: ZeroDivisionError: integer division or modulo by zero"


ATTACKS = {
    "leaves early": "import os; os._exit(0)",
    "leaves when called": "def spread(n, f):\n    import os\n    os._exit(0)",
    "raises SystemExit": "def spread(n, f):\n    raise SystemExit(0)",
    "raises KeyboardInterrupt": "def spread(n, f):\n    raise KeyboardInterrupt",
    "equals everything": """
        class Yes:
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __bool__(self): return True
            def __hash__(self): return 1
            def __len__(self): return 3
            def __iter__(self): return iter([self])
            def __abs__(self): return self
            def __sub__(self, other): return self
            __rsub__ = __sub__
            def __le__(self, other): return True
            __lt__ = __ge__ = __gt__ = __le__
        def spread(n, f): return Yes()
        """,
    "a list that equals everything": """
        class Yes(list):
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __len__(self): return 3
            def __iter__(self): raise RuntimeError
        def spread(n, f): return Yes([0])
        """,
    "a float that is always close": """
        class Near(float):
            def __eq__(self, other): return True
            def __sub__(self, other): return 0.0
            __rsub__ = __sub__
            def __abs__(self): return 0.0
            def __add__(self, other): return self
            def is_integer(self): return False
            def hex(self): return '0x0p+0'
        def spread(n, f): return [Near(99)] * len(n)
        """,
    "an int whose methods lie": """
        class Any(int):
            def __eq__(self, other): return True
            def __index__(self): return 1
            def __int__(self): return 1
            def __sub__(self, other): return 0
            __hash__ = int.__hash__
        def spread(n, f): return [Any(5)] * len(n)
        """,
    "lies about its class": """
        class Yes:
            __class__ = property(lambda self: list)
            def __eq__(self, other): return True
        def spread(n, f): return Yes()
        """,
    "a metaclass that lies": """
        class Meta(type):
            __mro__ = property(lambda cls: (list, object))
            def mro(cls): return [cls, object]
            def __instancecheck__(cls, other): return True
            def __subclasscheck__(cls, other): return True
            def __eq__(cls, other): return True
            __hash__ = type.__hash__
        class Yes(metaclass=Meta):
            def __eq__(self, other): return True
        def spread(n, f): return Yes()
        """,
    "poses as numpy": """
        class Scalar:
            __module__ = 'numpy'
            def item(self): return self
            def __eq__(self, other): return True
        def spread(n, f): return Scalar()
        """,
    "poses as a fraction": """
        class Fraction:
            __module__ = 'fractions'
            def as_integer_ratio(self): return (self, 1)
            def __eq__(self, other): return True
        def spread(n, f): return Fraction()
        """,
    "patches what compares": """
        import builtins, marshal, math, operator, sys
        builtins.all = builtins.any = builtins.isinstance = lambda *a: True
        builtins.abs = lambda x: 0
        builtins.len = lambda x: 3
        operator.eq = math.isclose = lambda *a, **k: True
        marshal.dumps = lambda *a: b''
        def spread(n, f): return 'x'
        """,
    "patches the worker": """
        import sys
        worker = sys.modules['evalplus_worker']
        worker.is_large = lambda value: False
        worker.plain = worker.equal_form = lambda value: None
        worker.digest_of = lambda value, packed=None: '0' * 32
        fake = type('H', (), {'hexdigest': lambda self: '0' * 32})()
        sys.modules['evalplus_values'].blake2b = lambda *a, **k: fake
        def spread(n, f): return 'x'
        """,
    "rewrites the order": """
        import gc
        for thing in gc.get_objects():
            if type(thing).__name__ == 'Job':
                thing.inputs = thing.inputs[:1]
                thing.base = 1
                thing.done = len(thing.inputs)
        def spread(n, f): return [2, 4, 6]
        """,
    "kills its group": """
        import os
        os.killpg(0, 15)
        os.kill(0, 9)
        """,
    "talks to what makes boxes": """
        import os, socket, sys
        for fd in range(3, 200):
            try:
                socket.socket(fileno=os.dup(fd)).send(b'{"ended": 1, "code": 0, "error": ""}')
            except OSError:
                pass
        for module in list(sys.modules.values()):
            for value in list(vars(module).values()):
                if hasattr(value, 'confine'):
                    value.confine({})
        def spread(n, f): return 'x'
        """,
    "answers for the worker": """
        import os
        for line in (b'loaded', b'ran 2 ' + b'0' * 64, b'ran 6 ' + b'0' * 192, b'value 1 1', b'ran 6'):
            for fd in range(0, 40):
                try:
                    os.write(fd, (line + b'\\n') * 50)
                except OSError:
                    pass
        def spread(n, f): return 'x'
        """,
    "answers with nonsense": """
        import os
        for fd in range(0, 40):
            try:
                os.write(fd, b'ran 999999999999999999999 ' + b'f' * 3000 + b'\\nran -1 \\nloaded\\n')
                os.write(fd, b'\\xff\\xfe\\n' * 20)
            except OSError:
                pass
        os._exit(0)
        """,
    "reads frames and collector": """
        import gc, sys
        def spread(n, f):
            frame = sys._getframe()
            while frame:
                for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
                    if isinstance(value, dict) and ('expected' in value or 'digests' in value):
                        return value
                frame = frame.f_back
            for thing in gc.get_objects():
                if isinstance(thing, dict) and ('expected' in thing or 'reference' in thing):
                    return thing
            return 'nothing'
        """,
    "looks for the data": """
        import glob, os
        found = []
        for pattern in ('/**/*Plus*.jsonl*', '/**/evalplus/**', '/*/.cache/**', '/home/**', '/tmp/**',
                        '/proc/*/cwd/*', '/proc/*/roo?/tmp/*', '/proc/*/fd/*', '/dev/shm/*'):
            for path in glob.iglob(pattern, recursive=True):
                try:
                    with open(path, 'rb') as file:
                        text = file.read(1 << 20)
                    if b'sorted(numbers)' in text or b'"digests"' in text:
                        found.append(path)
                except OSError:
                    pass
        def spread(n, f): return sorted(x * f for x in n) if found else 'nothing'
        """,
    "reads memory of others": """
        import os, re
        def spread(n, f):
            for pid in filter(str.isdigit, os.listdir('/proc')):
                if int(pid) == os.getpid():
                    continue
                try:
                    with open(f'/proc/{pid}/mem', 'rb') as memory, open(f'/proc/{pid}/maps') as maps:
                        for line in maps:
                            start = int(line.split('-')[0], 16)
                            memory.seek(start)
                            if b'digests' in memory.read(1 << 16):
                                return sorted(x * f for x in n)
                except (OSError, ValueError, OverflowError):
                    pass
            return 'nothing'
        """,
    "never returns": "def spread(n, f):\n    while True: pass",
    "never loads": "while True: pass",
    "never returns and catches all": """
        def spread(n, f):
            while True:
                try:
                    while True: pass
                except BaseException:
                    pass
        """,
    "switches the alarm off": """
        import signal
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        def spread(n, f):
            signal.setitimer(signal.ITIMER_REAL, 0)
            while True: pass
        """,
    "returns an endless iterator": "def spread(n, f):\n    import itertools\n    return itertools.count()",
    "returns a generator": "def spread(n, f):\n    return (x * f for x in sorted(n))",
    "an endless list": """
        class Endless(list):
            def __iter__(self):
                while True: yield 1
        def spread(n, f): return Endless()
        """,
    "takes all memory": "def spread(n, f):\n    return [bytearray(1 << 26) for _ in range(4096)]",
    "fills the disk": """
        def spread(n, f):
            for name in ('/box/x', '/tmp/x', '/dev/shm/x'):
                try:
                    with open(name, 'wb') as file:
                        for _ in range(600): file.write(bytes(1 << 20))
                except OSError:
                    pass
            return 'x'
        """,
    "forks for ever": """
        import os
        def spread(n, f):
            try:
                while True: os.fork()
            except OSError:
                return 'x'
        """,
    "forks and answers twice": """
        import os
        def spread(n, f):
            os.fork()
            return 'x'
        """,
    "leaves threads and children": """
        import subprocess, threading, time
        threading.Thread(target=time.sleep, args=(3600,)).start()
        subprocess.Popen(['sleep', '3600'], start_new_session=True)
        def spread(n, f): return 'x'
        """,
    "returns too much": "def spread(n, f):\n    return ['x' * 1000] * 2_000_000",
    "returns a very large number": "def spread(n, f):\n    return 1 << 400_000_000",
    "returns itself": "def spread(n, f):\n    x = []\n    x.append(x)\n    return x",
    "nests deeply": """
        def spread(n, f):
            x = []
            for _ in range(100_000): x = [x]
            return x
        """,
    "returns an odd text": "def spread(n, f):\n    return '\\ud800\\x00\\nran 6 \\n'",
    "raises an odd text": "def spread(n, f):\n    raise ValueError('\\ud800\\nran 6 ' + '0' * 100_000)",
    "raises what can't be shown": """
        class Odd(BaseException):
            def __str__(self): raise RuntimeError
            __repr__ = __str__
        def spread(n, f): raise Odd
        """,
    "returns nan": "def spread(n, f):\n    return [float('nan')] * len(n)",
    "kills its neighbours": """
        import os, signal
        for pid in range(1, 400):
            if pid != os.getpid():
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
        def spread(n, f): return 'x'
        """,
    "knows base from plus": """
        seen = [0]
        def spread(n, f):
            return [x * f for x in sorted(n)] if (n, f) in (([3, 1, 2], 2), ([], 1)) else None
        """,
    "wrong only in type": "def spread(n, f):\n    return tuple(x * f for x in sorted(n))",
    "no such function": "def other(): pass",
    "not a function": "spread = 5",
    "no Python": "this is no Python",
    "nul": "spread = 1\x00",
    "nothing": "",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_attack_passes(name: str, grade: Any) -> None:
    started = time.monotonic()
    verdict = grade(make_task(), ATTACKS[name], min_case_s=0.3)
    assert verdict.outcome in (Outcome.FAILED, Outcome.TIMEOUT), verdict
    assert verdict.reason
    assert verdict.score < 1
    assert time.monotonic() - started < 40


def test_attacks_leave_their_neighbours_alone(boxes: OpenBoxes, context: Context) -> None:
    names = ("kills its neighbours", "forks for ever", "takes all memory", "answers for the worker")
    sources = [*(textwrap.dedent(ATTACKS[name]) for name in names), REFERENCE]

    async def side_by_side() -> list[Verdict]:
        validator = EvalPlus(Options(), context)
        grades = (validator.grade(make_task(), {"solution.py": each.encode()}, boxes) for each in sources)
        return list(await asyncio.gather(*grades))

    *cheats, honest = asyncio.run(side_by_side())
    assert honest.outcome is Outcome.PASSED
    assert all(verdict.outcome is not Outcome.PASSED for verdict in cheats)


def test_endless_answers_cost_little(grade: Any) -> None:
    grade(make_task(), REFERENCE)
    verdict = grade(make_task(), ATTACKS["never returns"], min_case_s=0.5)
    assert verdict.outcome is Outcome.TIMEOUT
    assert verdict.details["parts"]["base"] == "timeout"
    assert verdict.duration_s < 10
    assert verdict.reason == "spread: base case 0: no value in time"


def test_sleeping_below_the_limit_ends_with_the_total(grade: Any) -> None:
    source = "import time\ndef spread(n, f):\n    time.sleep(0.4)\n    return [x * f for x in sorted(n)]\n"
    many = make_task(plus=[[[number], 2] for number in range(60)])
    verdict = grade(many, source, total_s=1.0)
    assert (verdict.outcome, verdict.details["parts"]["base"]) == (Outcome.TIMEOUT, "pass")
    assert verdict.reason.endswith("no time left for it")
    assert verdict.duration_s < 10


def test_no_case_changes_another(grade: Any) -> None:
    mutating = "def spread(n, f):\n    n.sort()\n    for i in range(len(n)): n[i] *= f\n    return n\n"
    assert grade(make_task(), mutating).outcome is Outcome.PASSED
    keeping = "kept = []\ndef spread(n, f):\n    kept[:] = [x * f for x in sorted(n)]\n    return kept\n"
    assert grade(make_task(), keeping).outcome is Outcome.PASSED


def test_what_base_cases_leave_behind_is_gone_in_plus_cases(grade: Any) -> None:
    task = make_task(
        "def count(seen=[]):\n    seen.append(1)\n    return len(seen)", "count", [[], []], [[], []]
    )
    counting = "calls = 0\ndef count():\n    global calls\n    calls += 1\n    return calls"
    assert grade(task, counting).outcome is Outcome.PASSED
    other = "def count(seen=[0]):\n    seen.append(1)\n    return len(seen) - 1"
    assert grade(task, other).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("expected", "returned", "passes"),
    [
        ("True", "1", True),
        ("1", "True", True),
        ("1", "1.0", True),
        ("[1, 2]", "[1.0, True + 1]", True),
        ("0", "-0.0", True),
        ("2 ** 70", "float(2 ** 70)", True),
        ("(1, 2)", "[1, 2]", False),
        ("'a'", "b'a'", False),
        ("{'a': 1, 'b': 2}", "{'b': 2.0, 'a': True}", True),
        ("{1, 2}", "frozenset([2, 1])", True),
        ("{'a': 1}", "__import__('collections').Counter('a')", True),
        ("{'a': [1]}", "__import__('collections').OrderedDict(a=[1])", True),
        ("(1, 2)", "__import__('collections').namedtuple('P', 'x y')(1, 2)", True),
        ("'x'", "type('S', (str,), {})('x')", True),
        ("3", "type('I', (int,), {})(3)", True),
        ("3", "__import__('decimal').Decimal('3.0')", True),
        ("0.5", "__import__('fractions').Fraction(1, 2)", True),
        ("0.5", "__import__('decimal').Decimal('0.50000001')", False),
        ("[1]", "__import__('collections').deque([1])", False),
        ("[1]", "range(1, 2)", False),
        ("None", "None", True),
        ("None", "0", False),
        ("1.0", "1.0000001", True),
        ("1.0", "1.001", False),
        ("[1.0, 2.5]", "[1, 2.5000001]", True),
        ("[1.0, 2.5]", "(1.0, 2.5000001)", False),
        ("[[1.0], 2]", "[[1.0000001], 2]", False),
        ("1", "1.0000001", False),
        ("1.5", "float('nan')", False),
        ("float('inf')", "float('inf')", True),
        ("1 + 0j", "1", True),
        ("[None, 'x', 1]", "[None, 'x', 1]", True),
        ("[[1, 2], (3,)]", "[[1, 2], (3.0,)]", True),
        ("list(range(100000))", "list(map(float, range(100000)))", True),
        ("list(range(100000))", "tuple(range(100000))", False),
        ("[0] * 2000", "[-0.0] * 2000", True),
        ("[2 ** 60] * 2000", "[2.0 ** 60] * 2000", True),
        ("[2 ** 60 + 1] * 2000", "[2.0 ** 60] * 2000", False),
        ("[10 ** 400, True] * 1000", "[10 ** 400, 1.0] * 1000", True),
        ("[list(range(2000))]", "[list(map(float, range(2000)))]", True),
        ("[x + 0.5 for x in range(100000)]", "[x + 0.5000001 for x in range(100000)]", True),
        ("[x + 0.5 for x in range(100000)]", "[x + 0.6 for x in range(100000)]", False),
        ("['é', '\\ud800']", "['é', '\\ud800']", True),
    ],
)
def test_values_count_as_in_evalplus(expected: str, returned: str, passes: bool, grade: Any) -> None:
    task = returning("0", expected)
    verdict = grade(task, f"def give(case):\n    return [0, {returned}][case] if case else 0\n")
    assert (verdict.outcome is Outcome.PASSED) is passes, verdict


def test_nothing_equals_nan(grade: Any) -> None:
    source = "def give(case):\n    return float('nan') if case else 0"
    assert grade(returning("0", "float('nan')"), source).details["parts"]["plus"] == "fail"


def test_a_float_makes_what_follows_lenient(grade: Any) -> None:
    task = returning("0", "1.5", "[]", "[[1.0]]")
    source = "def give(case):\n    return [0, 1.5, [], [[1.0 + 1e-9]]][case]"
    assert grade(task, source).outcome is Outcome.PASSED


def test_sets_and_presence(grade: Any) -> None:
    task = returning("[1]", "[1, 2, 2]", suite="mbpp", entry="Diff")
    assert grade(task, "def Diff(case):\n    return iter((2, 1, 1)) if case else {1: 2}").outcome == "passed"
    assert grade(task, "def Diff(case):\n    return [1]").outcome is Outcome.FAILED
    assert grade(task, "def Diff(case):\n    return [[1]]").outcome is Outcome.FAILED
    task = returning("object()", "None", suite="mbpp", entry="check_str")
    assert grade(task, "def check_str(case):\n    return object() if not case else None").outcome == "passed"
    assert grade(task, "def check_str(case):\n    return not case").outcome is Outcome.PASSED
    assert grade(task, "def check_str(case):\n    return object()").outcome is Outcome.FAILED


def test_any_root_of_find_zero_passes(grade: Any) -> None:
    reference = "def find_zero(xs):\n    return -xs[0] / xs[1] if len(xs) == 2 else 1.0\n"
    task = make_task(reference, "find_zero", [[[1, 2]]], [[[2, -3, 1]]], atol=1e-4)
    assert grade(task, reference).outcome is Outcome.PASSED
    source = (
        "def find_zero(xs):\n    r = -xs[0] / xs[1] if len(xs) == 2 else 2.0\n    xs.clear()\n    return r"
    )
    assert grade(task, source).outcome is Outcome.PASSED
    assert grade(task, "def find_zero(xs):\n    return -0.5").outcome is Outcome.FAILED


def test_an_answer_may_print_read_and_be_slow_to_load(grade: Any) -> None:
    source = """
        import sys, time
        time.sleep(0.5)
        print('x' * 100_000, file=sys.stderr)
        if __name__ == '__main__':
            raise RuntimeError
        def spread(n, f):
            print('x' * 100_000)
            sys.stdout.write('ran 6 ')
            assert sys.stdin.read() == ''
            return [x * f for x in sorted(n)]
        """
    assert grade(make_task(), source).outcome is Outcome.PASSED


def test_time_that_others_took_is_not_the_answers(grade: Any) -> None:
    source = """
        import os, signal, time
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        def spread(n, f):
            busy = []
            for _ in range(3):
                busy.append(os.fork())
                while not busy[-1]: pass
            began = time.process_time()
            while time.process_time() < began + 0.6: pass
            for pid in busy: os.kill(pid, signal.SIGKILL)
            return [x * f for x in sorted(n)]
        """
    task = make_task(base=BASE[:1], plus=[])
    assert grade(task, source).outcome is Outcome.PASSED
    own = "import time\ndef spread(n, f):\n    time.sleep(1.6)\n    return [x * f for x in sorted(n)]"
    assert grade(task, own).outcome is Outcome.TIMEOUT


def test_dataclasses_and_own_modules_work(grade: Any) -> None:
    source = """
        from __future__ import annotations
        from dataclasses import dataclass
        import solution
        @dataclass
        class Pair:
            number: int
        def spread(n, f):
            return [solution.Pair(x).number * f for x in sorted(n)]
        """
    assert grade(make_task(), source).outcome is Outcome.PASSED


def test_expected_outputs_are_kept_and_a_torn_file_is_made_anew(grade: Any, context: Context) -> None:
    assert grade(make_task(), REFERENCE).outcome is Outcome.PASSED
    (file,) = (context.cache_dir / "evalplus").rglob("*.json")
    whole = file.read_bytes()
    assert grade(make_task(), REFERENCE).outcome is Outcome.PASSED
    assert file.read_bytes() == whole
    file.write_bytes(whole[:40])
    assert grade(make_task(), REFERENCE).outcome is Outcome.PASSED
    assert json.loads(file.read_bytes())["digests"] == json.loads(whole)["digests"]


def test_equal_answers_are_run_once(boxes: OpenBoxes, context: Context) -> None:
    source = b"import time\ntime.sleep(0.5)\n" + REFERENCE.encode()

    async def several() -> list[Verdict]:
        validator = EvalPlus(Options(), context)
        graded = (validator.grade(make_task(), {"solution.py": source}, boxes) for _ in range(20))
        return list(await asyncio.gather(*graded))

    first, *others = asyncio.run(several())
    assert first.outcome is Outcome.PASSED
    assert all(other is first for other in others)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["humanevalplus", "mbppplus"])
def test_the_first_references_pass_and_empty_answers_fail(
    name: str, evalplus_data: Path, boxes: OpenBoxes, context: Context
) -> None:
    from llmbench.registry import load

    kind = load("dataset", name)
    file = {"humanevalplus": "HumanEvalPlus", "mbppplus": "MbppPlus"}[name]
    dataset = kind(kind.Options(path=str(evalplus_data / f"{file}.jsonl.gz")), context)
    tasks = [task for task in dataset.tasks() if task.id.rpartition("/")[2] in ("2", "3", "4", "32", "164")]
    validator = EvalPlus(Options(), context)
    for task in tasks:
        assert asyncio.run(validator.grade(task, task.reference, boxes)).outcome is Outcome.PASSED
        assert asyncio.run(validator.grade(task, {}, boxes)).outcome is Outcome.FAILED
