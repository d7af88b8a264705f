"""Rust: the answer compiled before the tests are there, and run with our runner where no source is."""

import json
import random
import re
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from llmbench.api import Box, Boxes, Files, Limits, Ran
from llmbench.errors import DatasetError, SandboxError
from llmbench_plugins.validators.native import cargo
from llmbench_plugins.validators.native.attested import (
    CANARY,
    Once,
    combined,
    not_built,
    run_attested,
    said,
    support,
)
from llmbench_plugins.validators.native.doors.crates import reaching
from llmbench_plugins.validators.native.doors.objects import replaced_by_rust
from llmbench_plugins.validators.native.runner import RunTests, TestRun
from llmbench_plugins.validators.native.suite import Job, Suite

_RUNNER = "libllmbench_runner.rlib"
_ENV = {
    "CARGO_TARGET_DIR": "/tmp/target",  # noqa: S108 - the box's own
    "CARGO_INCREMENTAL": "0",
    "CARGO_PROFILE_DEV_DEBUG": "0",
    "CARGO_PROFILE_TEST_DEBUG": "0",
    "RUSTC_WORKSPACE_WRAPPER": "/opt/llmbench/rust/compile.sh",
}
# What cargo knows of the compiler, and, for an answer that names any, crates come with the toolchain, as far
# as it could compile them ahead. Files that cargo writes again, where it has to compile one anew, are copied;
# the rest are links: nobody here can change the toolchain's own.
_BUILD = """
made=/opt/llmbench/rust/target
small='-type f -size -33k'
if [ -d $made ]; then
    mkdir -p /tmp/target && cp -p $made/.rustc_info.json /tmp/target/
    if [ "$1" = crates ]; then
        cp -rs $made/debug /tmp/target/ && cd $made &&
        find debug $small -exec cp -p --parents --remove-destination -t /tmp/target {} + && cd /box
    fi
fi
exec cargo build --quiet --lib"""
_TEST_FLAGS = (
    "-Zcrate-attr=feature(custom_test_frameworks)",
    "-Zcrate-attr=test_runner(llmbench_runner::run)",
    "--extern",
    f"llmbench_runner=/box/{_RUNNER}",
    "-Cstrip=symbols",
)
_PROGRAM = "tests.bin"
_PROCESSES = 512
_DISK_MB = 1024


class Rust:
    """Integration tests of a package's library."""

    version = 1

    def __init__(self, *, doors: bool = True) -> None:
        """Take whether answers that reach for the tests are refused, or left to altered tests."""
        self._doors = doors
        self._runner = Once[bytes]()

    def toolchains(self) -> tuple[str, ...]:
        """Return Rust's."""
        return ("rust",)

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Compile in one box, and run in another that holds no source."""
        async with self.over(job, boxes) as run:
            return await run(job.suite)

    @asynccontextmanager
    async def over(self, job: Job, boxes: Boxes) -> AsyncIterator[RunTests]:
        """Keep the box in which the answer was compiled for other tests: none of its code runs there."""
        manifest, tampered, unreadable = cargo.manifest_of(job)
        refused = TestRun(cases={}, problem=f"Cargo.toml can't be read: {unreadable}") if unreadable else None
        if tampered := tampered or (reaching(job.answer) if self._doors else ""):
            refused = TestRun(cases={}, problem=tampered, tampered=tampered)
        if refused is not None:
            yield partial(_refused, refused)
            return
        limits = _limits(job.suite.limits)
        runner = await self._runner.get(boxes, "runner", lambda: _compiled_runner(boxes, limits))
        async with boxes.open("rust", limits) as box:
            yield _Answer(job, manifest, runner, box, boxes, doors=self._doors).run


async def _refused(run: TestRun, _: Suite) -> TestRun:
    return run


class _Answer:
    """An answer in the box where it is compiled, once, and then tests over it."""

    def __init__(
        self, job: Job, manifest: bytes, runner: bytes, box: Box, boxes: Boxes, *, doors: bool
    ) -> None:
        self._doors = doors
        self._job = job
        self._manifest = manifest
        self._runner = runner
        self._box = box
        self._boxes = boxes
        self._compiled = False

    async def run(self, suite: Suite) -> TestRun:
        """Compile the tests of a suite, and run them in a box that holds no source."""
        until = time.monotonic() + suite.timeout_s
        if not self._compiled:
            # It is compiled while no test is there: what it includes can't be one.
            failed = await _build(
                self._job, self._manifest, self._runner, self._box, until, doors=self._doors
            )
            if failed is not None:
                return failed
            self._compiled = True
        programs = await _build_tests(suite, self._box, until)
        if isinstance(programs, TestRun):
            return programs
        job = replace(self._job, suite=suite)
        beside = {**_beside(job), "Cargo.toml": self._manifest}
        env = {"RUST_BACKTRACE": "0", **({"LLMBENCH_IGNORED": "1"} if suite.ignored_too else {})}
        return combined(
            [
                await _run(name, {**beside, _PROGRAM: program}, env, self._boxes, job, until)
                for name, program in programs.items()
            ]
        )


def _beside(job: Job) -> dict[str, bytes]:
    """Return what test programs find where they run: no source of tests, but what these read or compile."""
    hidden = job.suite.hidden
    modules = {_folder(path) for path in hidden if path.endswith(("/mod.rs", "/main.rs"))} | {"tests"}
    data = {
        path: content
        for path, content in job.suite.support.items()
        if not (path.endswith(".rs") and _folder(path) in modules)
    }
    return {**job.files, **data}


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _name(path: str) -> str:
    """Return the name by which cargo knows a file of tests.

    Raises:
        DatasetError: it knows none.
    """
    if found := re.fullmatch(r"tests/([^/]+?)(?:/main)?\.rs", path):
        return found[1]
    raise DatasetError(f"{path}: expected tests of Rust in tests/NAME.rs or tests/NAME/main.rs")


async def _run(
    name: str, files: Files, env: Mapping[str, str], boxes: Boxes, job: Job, until: float
) -> TestRun:
    async with boxes.open("rust", _limits(job.suite.limits)) as box:
        await box.put(files)
        command = ["sh", "-c", f"chmod +x {_PROGRAM} && exec ./{_PROGRAM}"]
        run = await run_attested(box, command, env=env, timeout_s=_left(until))
    cases = {f"{name}::{test}": case for test, case in run.cases.items()}
    return replace(run, cases=cases)


async def _compiled_runner(boxes: Boxes, limits: Limits) -> bytes:
    """Return our runner as the compiler there makes it."""
    async with boxes.open("rust", limits) as box:
        await box.put({"runner.rs": support("runner.rs")})
        ran = await box.run(
            [
                *("rustc", "--edition=2021", "--crate-type=rlib", "--crate-name=llmbench_runner"),
                *("-Ccodegen-units=1", "-Awarnings", "runner.rs"),
            ],
            env={"RUSTC_BOOTSTRAP": "1"},
            timeout_s=max(limits.wall_s, 120),
        )
        files = await box.get()
    if _RUNNER not in files:
        raise SandboxError(f"the runner of Rust's tests does not compile here: {said(ran)[-2000:]}")
    return files[_RUNNER]


async def _build(
    job: Job, manifest: bytes, runner: bytes, box: Box, until: float, *, doors: bool
) -> TestRun | None:
    """Compile the answer, and return what came instead if it can't be."""
    await box.put({**job.files, "Cargo.toml": manifest, _RUNNER: runner})
    wanted = "crates" if cargo.has_dependencies(manifest) else ""
    # Without network; what else cargo should know is in its configuration, out of the answer's reach.
    built = await box.run(["sh", "-c", _BUILD, "sh", wanted], env=_ENV, timeout_s=_left(until))
    if built.exit_code != 0 or built.stopped:
        return not_built(built)
    if doors and (what := await replaced_by_rust(box, _left(until))):
        return TestRun(cases={}, problem=what, tampered=what) if isinstance(what, str) else not_built(what)
    return None


async def _build_tests(suite: Suite, box: Box, until: float) -> dict[str, bytes] | TestRun:
    """Return the test programs by the names of their files, or what came instead."""
    out = f"llmbench-{secrets.token_hex(8)}"
    await box.put({**suite.support, **{path: _with_canary(text) for path, text in suite.tests.items()}})
    programs = {}
    for name in map(_name, suite.tests):
        ran = await _build_test(name, box, until)
        program = _executable(ran)
        if ran.exit_code != 0 or ran.stopped or not program:
            return not_built(replace(ran, stdout=b""))
        programs[name] = program
    copy = f'mkdir {out} && n=0; for f; do cp "$f" "{out}/$n" || exit 1; n=$((n+1)); done'
    copied = await box.run(["sh", "-c", copy, "sh", *programs.values()])
    files = await box.get()
    if copied.exit_code != 0:
        raise SandboxError(f"can't copy the test programs: {said(copied)[-500:]}")
    return {name: files[f"{out}/{number}"] for number, name in enumerate(programs)}


async def _build_test(name: str, box: Box, until: float) -> Ran:
    command = ["cargo", "rustc", "--quiet", "--test", name, "--message-format=json-render-diagnostics"]
    return await box.run([*command, "--", *_TEST_FLAGS], env=_ENV, timeout_s=_left(until))


def _executable(ran: Ran) -> str:
    """Return where cargo says that it has put the program."""
    found = ""
    for line in ran.stdout.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict) and message.get("reason") == "compiler-artifact":
            found = str(message.get("executable") or found)
    return found


def _with_canary(content: bytes) -> bytes:
    """Return a file of tests with some more, which have to fail by the same macros as the others."""
    one, other = random.sample(range(1000, 1_000_000), 2)
    ways = ("assert_eq!({0}, {1})", "assert_ne!({0}, {0})", "assert!({0} == {1})", 'panic!("{0}")')
    tests = [
        f"#[test]\nfn {CANARY}_{number}() {{ {way.format(one, other)}; }}\n"
        for number, way in enumerate(ways)
    ]
    return content + ("\n" + "".join(tests)).encode()


def _left(until: float) -> float:
    return max(1.0, until - time.monotonic())


def _limits(limits: Limits) -> Limits:
    return replace(limits, processes=max(limits.processes, _PROCESSES), disk_mb=max(limits.disk_mb, _DISK_MB))


RUNNER = Rust()
