"""Whatever an answer does when it is loaded, the verdict is `failed`, with the reason."""

import json
from dataclasses import replace

import pytest

from llmbench.api import Outcome, Verdict
from llmbench_plugins.validators.native import feedback

from .tasks import CPP, GO, JAVA, JAVASCRIPT, PYTHON, RUST, Grade


def failed_for(verdict: Verdict, reason: str) -> None:
    """Check a verdict, and that it can be shown, kept and fed back."""
    assert verdict.outcome is Outcome.FAILED, verdict
    assert reason in verdict.reason
    assert verdict.tests_passed < (verdict.tests_expected or 0)
    said = feedback(verdict)
    assert reason in said
    for text in (verdict.reason, said):
        text.encode()
        assert not any((ord(each) < 32 and each not in "\n\t") or 127 <= ord(each) < 160 for each in text)
    assert len(verdict.reason) <= 300
    assert "\n" not in verdict.reason
    assert len(said) < 200_000


PYTHON_ENDS = {
    "a syntax error": ("def minutes(text:\n    return 0\n", "SyntaxError: '(' was never closed"),
    "a name that is none": ("x = undefined_name\n", "NameError: name 'undefined_name' is not defined"),
    "a module that is none": ("import no_such\n", "ModuleNotFoundError: No module named 'no_such'"),
    "sys.exit": ("import sys; sys.exit(0)\n", "SystemExit: 0"),
    "exit with a text": ("raise SystemExit('bye')\n", "SystemExit: bye"),
    "an interrupt": ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    "a base exception": ("class Odd(BaseException): pass\nraise Odd('no')\n", "Odd: no"),
    "too deep": ("def f(): f()\nf()\n", "RecursionError: maximum recursion depth exceeded"),
    "os._exit": ("import os; os._exit(0)\n", "the answer ended its process"),
    "a signal": ("import os; os.kill(os.getpid(), 9)\n", "the answer ended its process"),
    "last words": ("import os, sys\nprint('I give up', flush=True)\nos._exit(3)\n", "last words: I give up"),
    "no text at all": (
        "raise ValueError(b'\\xff\\xfe'.decode('utf-8', 'surrogateescape'))\n",
        "ValueError: \\udcff",
    ),
    "half a character": ("raise ValueError('\\ud83d')\n", "ValueError: \\ud83d"),
    "controls": ("raise ValueError('\\x1b[31mred\\x1b[0m \\x00 \\x9b')\n", "ValueError: red \\x00 \\x9b"),
    "megabytes": ("raise ValueError('x' * 5_000_000)\n", "ValueError: xxx"),
    "a name of megabytes": ("raise type('X' * 3_000_000, (Exception,), {})\n", "XXX"),
    "an odd name": ("raise type('\\x1b\\n odd', (Exception,), {})('no')\n", "odd: no"),
    "a __str__ that raises": (
        "class Odd(Exception):\n    def __str__(self): raise RuntimeError\nraise Odd('no')\n",
        "Odd",
    ),
    "a __str__ that exits": (
        "class Odd(Exception):\n    def __str__(self): raise SystemExit\nraise Odd(1)\n",
        "Odd",
    ),
    "a class that lies": (
        (
            "class Meta(type):\n    @property\n    def __name__(self): raise OSError\n    __mro__ = 1\n"
            "class Odd(Exception, metaclass=Meta):\n    args = property(lambda self: 1 / 0)\nraise Odd(1)\n"
        ),
        "Odd",
    ),
    "a group": ("raise ExceptionGroup('both', [ValueError(1), TypeError(2)])\n", "ExceptionGroup: both"),
    "two lines": ("raise ValueError('one\\ntwo')\n", "ValueError: one"),
    "what JSON can't hold": ("raise ValueError(float('nan'), {1: 2}, object(), 10**5000)\n", "ValueError"),
    "deep arguments": ("a = []\nfor n in range(90000): a = [a]\nraise ValueError(a)\n", "ValueError"),
    "a report of its own": (
        (
            "import os\nfor fd in range(1, 32):\n    try: os.write(fd, b'{\"done\": {}}\\n[]\\n')\n"
            "    except OSError: pass\nos._exit(0)\n"
        ),
        "",
    ),
    "nothing that was asked for": ("", "AttributeError: module 'plan.clock' has no attribute 'minutes'"),
}


@pytest.mark.parametrize("name", PYTHON_ENDS)
def test_python(name: str, grade: Grade) -> None:
    source, reason = PYTHON_ENDS[name]
    answer = {**PYTHON.suite.reference, "plan/clock.py": source.encode()}
    failed_for(grade(PYTHON.suite, answer), reason)


def test_an_endless_loop_at_import_is_a_timeout(grade: Grade) -> None:
    suite = replace(PYTHON.suite, timeout_s=2.0)
    verdict = grade(suite, {**suite.reference, "plan/clock.py": b"while True: pass\n"})
    assert verdict.outcome is Outcome.TIMEOUT
    assert verdict.reason == "the tests did not end within 2 s"
    assert verdict.duration_s > 2


def test_memory_that_a_box_has_not_is_no_timeout(grade: Grade) -> None:
    suite = replace(PYTHON.suite, limits=replace(PYTHON.suite.limits, memory_mb=256))
    greedy = b"kept = [bytes([n % 255 + 1]) * 10**7 for n in range(200)]\n"
    verdict = grade(suite, {**suite.reference, "plan/clock.py": greedy})
    assert verdict.outcome is Outcome.FAILED, verdict


def test_long_numbers_pass(grade: Grade) -> None:
    tests = {"test_long.py": b"from plan.clock import long\ndef test_long():\n    assert long() == 7**9999\n"}
    reference = {"plan/clock.py": b"def long():\n    return 7**9999\n"}
    verdict = grade(replace(PYTHON.suite, tests=tests, reference=reference), reference)
    assert verdict.outcome is Outcome.PASSED, verdict


JAVASCRIPT_ENDS = {
    "a syntax error": ("export const LIMIT = ;\n", "SyntaxError: Unexpected token ';'"),
    "a name that is none": ("export const LIMIT = nothing;\n", "ReferenceError: nothing is not defined"),
    "a module that is none": ("import './nothing.mjs';\n", "nothing.mjs"),
    "an error": ("throw new RangeError('no');\n", "RangeError: no"),
    "a text": ("throw 'no';\n", "no"),
    "nothing": ("throw undefined;\n", "undefined"),
    "what can't be shown": (
        "throw { get stack() { throw 1; }, toString() { throw 2; } };\n",
        "",
    ),
    "an error that lies": (
        "throw Object.defineProperty(new Error('x'), 'name', { get() { throw 'y'; } });\n",
        "y",
    ),
    "controls": (
        "throw new Error('\\x1b[31mred\\x00 \\ud83d');\n",
        "red\\x00 \\ud83d",
    ),
    "megabytes": ("throw new Error('x'.repeat(5e6));\n", "xxx"),
    "an exit": ("process.exit(0);\n", "the answer ended its process"),
    "an exit with words": (
        "console.log('I give up');\nprocess.exit(1);\n",
        "last words: I give up",
    ),
    "an error nobody catches": (
        (
            "setTimeout(() => { throw new TypeError('late'); });\n"
            "await new Promise((resolve) => setTimeout(resolve, 500));\n"
        ),
        "TypeError: late",
    ),
    "waiting for nothing": (
        "await new Promise(() => {});\n",
        "the answer ended its process",
    ),
    "too deep": ("const f = () => f();\nf();\n", "RangeError: Maximum call stack"),
    "a reply of its own": (
        (
            "import fs from 'fs';\n"
            "for (const fd of [1, 3]) try { fs.writeSync(fd, 'null\\n{\\n'); } catch {}\nprocess.exit(0);\n"
        ),
        "",
    ),
}


@pytest.mark.parametrize("name", JAVASCRIPT_ENDS)
def test_javascript(name: str, grade: Grade) -> None:
    source, reason = JAVASCRIPT_ENDS[name]
    beside = "export const atMost = (n) => [...Array(n).keys()];\n"
    if "LIMIT" not in source:
        beside += "export const LIMIT = 4;\n"
    source = beside + source
    answer = {**JAVASCRIPT.suite.reference, "src/limits.mjs": source.encode()}
    failed_for(grade(JAVASCRIPT.suite, answer), reason)


def test_a_rejection_that_nobody_handles_is_no_failure(grade: Grade) -> None:
    # It is none under jest either.
    name = "src/limits.mjs"
    answer = {**JAVASCRIPT.suite.reference}
    answer[name] += b"Promise.reject(new Error('nobody listens'));\n"
    assert grade(JAVASCRIPT.suite, answer).outcome is Outcome.PASSED


GO_ENDS = {
    "a panic": ('func init() { panic("boom \\x1b[31m") }', "panic: boom"),
    "an exit": ('import "os"\nfunc init() { os.Exit(0) }', "ended before all tests had run"),
    "a nil map": (
        'var kept map[string]int\nfunc init() { kept["a"] = 1 }',
        "panic: assignment to entry in nil map",
    ),
    "no memory": ("var kept = func() []byte { return make([]byte, 1<<45) }()", "out of memory"),
    "words that are no text": ('func init() { panic("\\xff\\xfe") }', "panic: "),
    "no Go": ("func init( {", "it does not compile"),
}


@pytest.mark.parametrize("name", GO_ENDS)
def test_go(name: str, grade: Grade) -> None:
    code, reason = GO_ENDS[name]
    source = f"package bucket\n\n{code}\n\nfunc Take(n int) bool {{ return n <= 3 }}\n"
    failed_for(grade(GO.suite, {**GO.suite.reference, "bucket.go": source.encode()}), reason)


CPP_ENDS = {
    "an exception": (
        '#include <stdexcept>\nint const early = []() -> int { throw std::logic_error("boom \\x1b"); }();\n',
        "boom",
    ),
    "an exit": (
        "#include <cstdlib>\nstatic int const early = (std::exit(0), 1);\n",
        "ended before all tests",
    ),
    "a signal": (
        "#include <csignal>\nstatic int const early = std::raise(SIGSEGV);\n",
        "ended before all tests",
    ),
    "no C++": ("int early(\n", "it does not compile"),
}


@pytest.mark.parametrize("name", CPP_ENDS)
def test_cpp(name: str, grade: Grade) -> None:
    code, reason = CPP_ENDS[name]
    suite = replace(CPP.suite, flags=("-std=c++17", "-Iinclude"))
    source = code.encode() + suite.reference["src/pool.cpp"]
    failed_for(grade(suite, {**suite.reference, "src/pool.cpp": source}), reason)


JAVA_ENDS = {
    "an exception": (
        'static int early() { throw new IllegalStateException("boom \\u001b[31m"); }',
        "ExceptionInInitializer",
    ),
    "one that can't be shown": (
        (
            "static class Odd extends RuntimeException { public String toString() { throw this; } }\n"
            "static int early() { throw new Odd(); }"
        ),
        "Initializer",
    ),
    "an exit": ("static int early() { System.exit(0); return 1; }", "ended before all tests"),
    "megabytes": (
        'static int early() { throw new IllegalStateException("x".repeat(5_000_000)); }',
        "Initializer",
    ),
}


@pytest.mark.parametrize("name", JAVA_ENDS)
def test_java(name: str, grade: Grade) -> None:
    code, reason = JAVA_ENDS[name]
    reference = JAVA.suite.reference["code/Lru.java"].decode()
    field = f"class Lru {{\n    {code}\n    static final int EARLY = early();\n"
    source = reference.replace("class Lru {", field)
    failed_for(grade(JAVA.suite, {**JAVA.suite.reference, "code/Lru.java": source.encode()}), reason)


RUST_ENDS = {
    "a panic": ('panic!("boom \\x1b[31m")', "in_pairs"),
    "an exit": ("std::process::exit(0)", "ended before all tests"),
    "an abort": ("std::process::abort()", "ended before all tests"),
    "megabytes": ('panic!("{}", "x".repeat(5_000_000))', "in_pairs"),
}


@pytest.mark.parametrize("name", RUST_ENDS)
def test_rust(name: str, grade: Grade) -> None:
    code, reason = RUST_ENDS[name]
    source = f"pub mod sum;\npub fn chunks(_: &[u8]) -> Vec<Vec<u8>> {{ {code} }}\n"
    failed_for(grade(RUST.suite, {**RUST.suite.reference, "src/lib.rs": source.encode()}), reason)


DEEP = "[features]\na = " + "[" * 20_000 + "]" * 20_000
MANIFESTS = {
    "deep": DEEP,
    "deep keys": "[features]\n" + ".".join(["a"] * 3000) + " = []\n",
    "long": "#" * 10_000_000,
    "no TOML": "[package",
    "no text": "\udcff",
    "a long number": f"[features]\na = {'9' * 5000}\n",
    "a date": "[features]\nsome = 1979-05-27\n",
    "no table": "package = 3\n",
    "an odd feature": '[features]\n"\\u0001\\U0001F600" = []\n',
    "a crate that is not there": '[dependencies]\nno-such-crate = "1"\n',
    "an odd crate": '[dependencies]\n"" = "1"\n',
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_an_odd_manifest_is_a_wrong_answer(name: str, grade: Grade) -> None:
    manifest = MANIFESTS[name].encode(errors="surrogateescape")
    verdict = grade(RUST.suite, {**RUST.suite.reference, "Cargo.toml": manifest})
    assert verdict.outcome is Outcome.FAILED, verdict
    assert verdict.reason
    json.dumps(verdict.reason).encode()


NAMES = {
    "long": "A" * 300,
    "long in bytes": "ä" * 200,
    "deep": "/".join("a" * 150),
    "no text": "a\udcff",
    "a NUL": "a\0b",
    "up": "../a",
    "a folder": "plan",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_no_file_system_takes_is_a_wrong_answer(name: str, grade: Grade) -> None:
    verdict = grade(PYTHON.suite, {**PYTHON.suite.reference, NAMES[name]: b"x = 1\n"})
    assert verdict.outcome is Outcome.FAILED, verdict
    assert verdict.reason.startswith("the answer has a file")
    verdict.reason.encode()


def test_files_that_no_box_holds_are_a_wrong_answer(grade: Grade) -> None:
    suite = replace(PYTHON.suite, limits=replace(PYTHON.suite.limits, disk_mb=1))
    verdict = grade(suite, {**suite.reference, "data.bin": bytes(2 * 2**20)})
    assert verdict.outcome is Outcome.FAILED
    assert "more than a box may" in verdict.reason


def test_replacing_a_file_of_the_tests_is_tampering(grade: Grade) -> None:
    for path in ("tests/test_clock.py", "tests/helpers.py"):
        verdict = grade(PYTHON.suite, {**PYTHON.suite.reference, path: b""})
        assert verdict.outcome is Outcome.TAMPERED
        assert path in verdict.reason


ODD = (
    "a b.{}",
    "-o.{}",
    "@x.{}",
    'q"x.{}',
    "new\nline.{}",
    "$(x).{}",
    "ünï.{}",
    "tests.bin/x.{}",
    "main.cpp/x.{}",
)


@pytest.mark.parametrize(
    "example", [PYTHON, JAVASCRIPT, GO, RUST, CPP, JAVA], ids=lambda each: each.suite.language
)
def test_files_of_odd_names_are_judged(example: object, grade: Grade) -> None:
    suite = example.suite  # type: ignore[attr-defined]
    kind = {"python": "py", "javascript": "mjs", "rust": "rs"}.get(suite.language, suite.language)
    for ending in (kind, "txt"):
        more = {name.format(ending): b"\n" for name in ODD}
        verdict = grade(suite, {**suite.reference, **more})
        assert verdict.outcome in (Outcome.PASSED, Outcome.FAILED), verdict
        if ending == "txt":
            assert verdict.outcome is Outcome.PASSED, verdict
