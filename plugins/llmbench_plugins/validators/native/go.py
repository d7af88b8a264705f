"""Go: the tests with our reporter, built by a program of ours that removes all source and becomes them."""

import random
import re
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from llmbench.api import Boxes, Files, Limits, Ran
from llmbench_plugins.toolchains.go import GO
from llmbench_plugins.validators.native.attested import (
    CANARY,
    combined,
    compilers_word,
    marked,
    new_key,
    not_built,
    reported,
    said,
)
from llmbench_plugins.validators.native.doors.packages import may_lean, reaching
from llmbench_plugins.validators.native.runner import Case, RunTests, Status, TestRun
from llmbench_plugins.validators.native.suite import Job, Suite

_TEST = re.compile(rb"(?m)^func (Test\w*)(?=\(\w+ \*testing\.T\))")
_PACKAGE = re.compile(rb"(?m)^package\s+(\w+)")
_MODULE = re.compile(rb"(?m)^module\s+(\S+)")
_CONSTRAINT = re.compile(rb"(?m)^//(?:go:build| \+build) ")
_PART = re.compile(rb"--- (PASS|FAIL|SKIP): (Test[^\s/]*/\S+) \(")
_PART_STATUS: Mapping[bytes, Status] = {b"PASS": "passed", b"FAIL": "failed", b"SKIP": "skipped"}
_NAME = "zz_llmbench"
_REPORTER = GO.folder / "reporter" / "reporter.go"
_PROCESSES = 512
_DISK_MB = 512


class Go:
    """Tests of Go's package ``testing``."""

    version = 1

    def __init__(self, *, doors: bool = True) -> None:
        """Take whether answers that reach for the tests are refused, or left to altered tests."""
        self._doors = doors

    def toolchains(self) -> tuple[str, ...]:
        """Return Go's."""
        return ("go",)

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Build the tests with the answer, which runs none of its code, and run them where no source is."""
        async with self.over(job, boxes) as run:
            return await run(job.suite)

    @asynccontextmanager
    async def over(self, job: Job, boxes: Boxes) -> AsyncIterator[RunTests]:
        """Ask what the answer's source alone decides only once."""
        tampered = reaching(job.answer, job.suite.hidden) if self._doors else ""
        yield partial(_refused, tampered) if tampered else _Answer(job, boxes, doors=self._doors).run


async def _refused(tampered: str, _: Suite) -> TestRun:
    return TestRun(cases={}, problem=tampered, tampered=tampered)


class _Answer:
    """An answer, and tests over it, one suite after the other."""

    def __init__(self, job: Job, boxes: Boxes, *, doors: bool) -> None:
        self._flags = () if doors else ("-lean",)
        self._job = job
        self._boxes = boxes
        self._limits = _limits(job.suite.limits)
        self._left_out: dict[str, list[str]] = {}
        self._built: set[str] = set()

    async def run(self, suite: Suite) -> TestRun:
        """Build the tests of a suite with the answer, and run them, each package's in a box of its own."""
        until = time.monotonic() + suite.timeout_s
        job = replace(self._job, suite=suite)
        folders = sorted({_folder(path) for path in suite.tests})
        return combined([await self._run_package(folder, job, until) for folder in folders])

    async def _run_package(self, folder: str, job: Job, until: float) -> TestRun:
        """Run the tests of a folder's package; their names begin with it, but for those of the module's."""
        if folder not in self._left_out:
            self._left_out[folder] = await _left_out(folder, job, self._boxes, self._limits)
        reporter, files = _woven(folder, job, self._left_out[folder])
        build = partial(_built_and_run, folder, reporter, files, self._boxes, self._limits, until)
        # That vet has nothing to say, and that the package compiles without its tests, is known then.
        ran, key = await build(*(("-again",) if folder in self._built else self._flags))
        if marked(ran, key, "leaning") and may_lean(said(ran, hide=key), job.suite.reference.values()):
            ran, key = await build("-lean")
        if marked(ran, key, "built"):
            self._built.add(folder)
        return _read(folder, job, ran, key)


def _read(folder: str, job: Job, ran: Ran, key: str) -> TestRun:
    """Return what became of the tests of a folder's package."""
    if marked(ran, key, "nothing"):
        return TestRun(cases={}, problem="there are no tests")
    if marked(ran, key, "leaning"):
        what = f"the answer's package names what is the tests': {compilers_word(ran)}"
        return TestRun(cases={}, output=said(ran, hide=key), problem=what, tampered=what)
    if not marked(ran, key, "built"):
        return not_built(ran)
    run = replace(reported(ran, key), parts=_parts(ran))
    if not run.cases and not run.problem and not _has_tests(folder, job):
        # Its tests are what the answer consists of (counter): that it builds is all there is to judge.
        return replace(run, cases={"(builds)": Case(status="passed")})
    if folder == ".":
        return run
    cases, parts = (
        {f"{folder}/{name}": case for name, case in named.items()} for named in (run.cases, run.parts)
    )
    return replace(run, cases=cases, parts=parts)


def _parts(ran: Ran) -> dict[str, Case]:
    """Return what ``testing`` says of subtests; nothing where some of it is lost."""
    if ran.truncated:
        return {}
    # What an answer has printed to that effect harms itself alone: a failure counts more than all else.
    found = sorted(_PART.findall(ran.stdout + b"\n" + ran.stderr), key=lambda each: each[0] == b"FAIL")
    return {name.decode(errors="replace"): Case(status=_PART_STATUS[status]) for status, name in found}


async def _built_and_run(
    folder: str, reporter: str, files: Files, boxes: Boxes, limits: Limits, until: float, *more: str
) -> tuple[Ran, str]:
    """Return what was said, and the key that says what of it is ours."""
    key, program = new_key(), f"{secrets.token_hex(8)}.bin"
    async with boxes.open("go", limits) as box:
        await box.put(files)
        where = [] if folder == "." else ["-in", folder]
        command = ["/opt/llmbench/go/testbuild", "-reporter", reporter, *where, *more, program, "-test.v"]
        timeout_s = max(1.0, until - time.monotonic())
        ran = await box.run(command, stdin=f"{key}\n".encode(), env=_env(limits), timeout_s=timeout_s)
    return ran, key


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "."


def _env(limits: Limits) -> dict[str, str]:
    """Return an environment in which programs collect garbage seldom, as long as there is memory.

    Programs that live a second spend up to a third of it collecting what they will never need.
    """
    return {"GOGC": "400", "GOMEMLIMIT": f"{limits.memory_mb * 3 // 4}MiB"}


def _limits(limits: Limits) -> Limits:
    """Return limits under which Go's compiler and its runtime, which start many threads, can work."""
    return replace(limits, processes=max(limits.processes, _PROCESSES), disk_mb=max(limits.disk_mb, _DISK_MB))


def _has_tests(folder: str, job: Job) -> bool:
    return any(_TEST.search(text) for path, text in job.suite.tests.items() if _folder(path) == folder)


async def _left_out(folder: str, job: Job, boxes: Boxes, limits: Limits) -> list[str]:
    """Return the test files that a constraint leaves out of the usual build, as a bonus (two-bucket)."""
    given = {**job.suite.tree, **job.suite.hidden}
    bound = {path: content for path, content in given.items() if _CONSTRAINT.search(content)}
    tests = [path for path in bound if path.endswith("_test.go") and _folder(path) == folder]
    if not tests:
        return []
    form = '{{join .IgnoredGoFiles "\\n"}}'
    async with boxes.open("go", limits) as box:
        await box.put({**bound, "go.mod": given.get("go.mod", b"module exercise\n")})
        ran = await box.run(["go", "list", "-e", "-f", form, f"./{folder}"])
    names = ran.stdout.decode(errors="replace").split()
    return [path for path in tests if path.rpartition("/")[2] in names]


def _woven(folder: str, job: Job, left_out: Sequence[str]) -> tuple[str, dict[str, bytes]]:
    """Return the reporter's import path, and the files: each test is called by one of ours."""
    suite = job.suite
    # An answer's own tests are not what it is judged by, and may have the names of others.
    files = {
        p: c for p, c in job.files.items() if p in suite.tree or not p.endswith("_test.go")
    } | suite.hidden
    module = _MODULE.search(files.get("go.mod", b"")) or re.match(rb"()", b"")
    name = (module[1] if module else b"").decode(errors="replace") or "exercise"
    reporter = f"llmbench{secrets.token_hex(12)}"
    packages: dict[str, list[str]] = {}
    for path in [path for path in files if path.endswith("_test.go") and _folder(path) == folder]:
        if path in left_out:
            continue
        package = _PACKAGE.search(files[path])
        found = packages.setdefault(package[1].decode() if package else "main", [])
        found += [test.decode() for test in _TEST.findall(files[path])]
        files[path] = _TEST.sub(rb"func llmbench\1", files[path])
    for number, (package_name, tests) in enumerate(sorted(packages.items())):
        source = _calls(package_name, tests, f"{name}/{reporter}", with_main=number == 0)
        files[f"{folder}/{_NAME}{number}_test.go".removeprefix("./")] = source.encode()
    for path, package_name in _answers_packages(files, {(folder, known) for known in packages}).items():
        # Packages are initialised in the order of their paths, unless one imports the other.
        files[path] = f'package {package_name}\n\nimport _ "{name}/{reporter}"\n'.encode()
    files.setdefault("go.mod", f"module {name}\n\ngo 1.18\n".encode())
    return f"{name}/{reporter}", {**files, f"{reporter}/reporter.go": _REPORTER.read_bytes()}


def _answers_packages(files: Files, tested: Set[tuple[str, str]]) -> dict[str, str]:
    """Return the packages that no test of ours is in, each by the path of a file that may join it."""
    found: dict[str, str] = {}
    # The name that counts is that of files which no constraint may leave out, where there are any.
    for path in sorted(files, key=lambda path: bool(_CONSTRAINT.search(files[path]))):
        if not path.endswith(".go") or path.endswith("_test.go"):
            continue
        package, folder = _PACKAGE.search(files[path]), _folder(path)
        if package and (folder, package[1].decode()) not in tested:
            found.setdefault(f"{folder}/{_NAME}_first.go".removeprefix("./"), package[1].decode())
    return found


def _calls(package: str, tests: list[str], reporter: str, *, with_main: bool) -> str:
    one, other = random.sample(range(1000, 1_000_000), 2)
    lines = [f"package {package}", "", "import (", '\t"testing"', f'\treporter "{reporter}"', ")", ""]
    lines += [f'func {test}(t *testing.T) {{ reporter.Case(t, "{test}", llmbench{test}) }}' for test in tests]
    canary = f'if got, want := {one}, {other}; got != want {{ t.Errorf("got %d, want %d", got, want) }}'
    lines += [
        f"func Test_llmbench_{package}(t *testing.T) {{",
        f'\treporter.Case(t, "{CANARY}_{package}", func(t *testing.T) {{ {canary} }})',
        "}",
    ]
    if with_main:
        lines.append("func TestMain(m *testing.M) { m.Run(); reporter.End() }")
    return "\n".join(lines) + "\n"


RUNNER = Go()
