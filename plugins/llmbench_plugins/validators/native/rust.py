"""Rust: the answer compiled before the tests are there, and run with our runner where no source is."""

import json
import random
import re
import time
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from llmbench.api import Box, Boxes, Files, Limits, Ran
from llmbench.errors import SandboxError
from llmbench_plugins.validators.native.attested import (
    CANARY,
    Once,
    combined,
    not_built,
    run_attested,
    said,
    support,
)
from llmbench_plugins.validators.native.runner import Case, Job, Rules, TestRun

_RUNNER = "libllmbench_runner.rlib"
_MACROS = re.compile(
    rb"\bmacro_rules!\s*(assert\w*|debug_assert\w*|panic|unreachable|matches|vec|include\w*)\b"
)
_EDITIONS = ("2015", "2018", "2021", "2024")
_DEPENDENCY_KEYS = {"version", "features", "default-features", "optional", "package"}
_OWN_TABLES = {"package", "dependencies", "dev-dependencies", "features", "lints", "profile", "workspace"}
_OWN_KEYS = {"name", "version", "edition", "authors", "description", "license", "rust-version", "publish"}
_ENV = {
    "CARGO_TARGET_DIR": "/tmp/target",  # noqa: S108 - the box's own
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
    """The tests of Rust's exercises."""

    version = 1

    def __init__(self) -> None:
        self._runner = Once[bytes]()

    def toolchains(self) -> tuple[str, ...]:
        """Return Rust's."""
        return ("rust",)

    def unskipped(self, path: str, content: bytes, rules: Rules) -> bytes:
        """Return a file as it is: our runner runs ignored tests, too, as Aider does by a flag."""
        return content

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Compile in one box, and run in another that holds no source."""
        try:
            manifest, tampered = _manifest(job)
        except ValueError as error:
            return TestRun(cases={}, problem="Cargo.toml can't be read", output=f"Cargo.toml: {error}")
        if tampered := tampered or _redefined(job):
            return TestRun(cases={}, problem=tampered, tampered=tampered)
        limits = _limits(job.limits)
        runner = await self._runner.get(boxes, "runner", lambda: _compiled_runner(boxes, limits))
        until = time.monotonic() + job.timeout_s
        async with boxes.open("rust", limits) as box:
            programs = await _build(job, manifest, runner, box, until)
        if isinstance(programs, TestRun):
            return programs
        beside = {**_beside(job), "Cargo.toml": manifest}
        runs = [
            await _run(name, {**beside, _PROGRAM: programs[name]}, boxes, limits, until) for name in programs
        ]
        return combined(runs)


def _beside(job: Job) -> dict[str, bytes]:
    """Return what test programs find where they run: no tests, but what these compile themselves (macros)."""
    return {
        path: content
        for path, content in job.files.items()
        if not path.startswith("tests/") or path.count("/") > 1
    }


async def _run(name: str, files: Files, boxes: Boxes, limits: Limits, until: float) -> TestRun:
    async with boxes.open("rust", limits) as box:
        await box.put(files)
        command = [
            "sh",
            "-c",
            f"chmod +x {_PROGRAM} && LLMBENCH_IGNORED=1 RUST_BACKTRACE=0 exec ./{_PROGRAM}",
        ]
        run = await run_attested(box, command, timeout_s=_left(until))
    cases: Mapping[str, Case] = {f"{name}::{test}": case for test, case in run.cases.items()}
    return TestRun(cases=cases, output=run.output, problem=run.problem, stopped=run.stopped)


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
    job: Job, manifest: bytes, runner: bytes, box: Box, until: float
) -> dict[str, bytes] | TestRun:
    """Return the test programs by the names of their files, or what came instead.

    The answer is compiled while no test is there: what it includes can't be one.
    """
    hidden = [path for path in job.tree if path.startswith("tests/")]
    shown = {path: content for path, content in job.files.items() if path not in hidden}
    await box.put({**shown, "Cargo.toml": manifest, _RUNNER: runner})
    wanted = "crates" if _table(tomllib.loads(manifest.decode()), "dependencies") else ""
    # Without network; what else cargo should know is in its configuration, out of the answer's reach.
    built = await box.run(["sh", "-c", _BUILD, "sh", wanted], env=_ENV, timeout_s=_left(until))
    if built.exit_code != 0 or built.stopped:
        return not_built(built)
    await box.put({path: _with_canary(path, job) for path in hidden})
    programs = {}
    for path in job.tests:
        name = path.removeprefix("tests/").removesuffix(".rs")
        ran = await _build_test(name, box, until)
        program = _executable(ran)
        if ran.exit_code != 0 or ran.stopped or not program:
            return not_built(Ran(**{**_fields(ran), "stdout": b""}))
        programs[name] = program
    copied = await box.run(
        ["sh", "-c", 'n=0; for f; do cp "$f" "test-$n.bin"; n=$((n+1)); done', "sh", *programs.values()]
    )
    files = await box.get()
    if copied.exit_code != 0:
        raise SandboxError(f"can't copy the test programs: {said(copied)[-500:]}")
    return {name: files[f"test-{number}.bin"] for number, name in enumerate(programs)}


async def _build_test(name: str, box: Box, until: float) -> Ran:
    command = ["cargo", "rustc", "--quiet", "--test", name, "--message-format=json-render-diagnostics"]
    return await box.run([*command, "--", *_TEST_FLAGS], env=_ENV, timeout_s=_left(until))


def _fields(ran: Ran) -> dict[str, Any]:
    return {name: getattr(ran, name) for name in Ran.__slots__}


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


def _with_canary(path: str, job: Job) -> bytes:
    """Return a file of tests with one more, which has to fail by the same macros as the others."""
    if path not in job.tests:
        return job.tree[path]
    one, other = random.sample(range(1000, 1_000_000), 2)
    ways = ("assert_eq!({0}, {1})", "assert_ne!({0}, {0})", "assert!({0} == {1})", 'panic!("{0}")')
    tests = [
        f"#[test]\nfn {CANARY}_{number}() {{ {way.format(one, other)}; }}\n"
        for number, way in enumerate(ways)
    ]
    return job.tree[path] + ("\n" + "".join(tests)).encode()


def _redefined(job: Job) -> str:
    """Return which macro of the standard library, by which tests judge, an answer replaces."""
    for path, content in job.answer.items():
        if found := _MACROS.search(content):
            return f"{path} redefines {found[1].decode()}!, by which tests are judged"
    return ""


def _manifest(job: Job) -> tuple[bytes, str]:
    """Return the Cargo.toml to build with, and what of the answer's would steer the tests.

    It is written anew: an answer may choose its dependencies, among the crates that are there, its features
    and its edition, and nothing else that it says has an effect.

    Raises:
        ValueError: the answer's can't be read.
    """
    pristine = tomllib.loads(job.tree.get("Cargo.toml", b"").decode())
    given = tomllib.loads(job.files.get("Cargo.toml", b"").decode())
    package, base = _table(given, "package"), _table(pristine, "package")
    if strange := [key for key in given if key not in _OWN_TABLES and key not in pristine]:
        return b"", f"Cargo.toml: [{strange[0]}] could change how tests are built and run"
    if strange := [key for key in package if key not in _OWN_KEYS and key not in base]:
        return b"", f"Cargo.toml: package.{strange[0]} could change how tests are built and run"
    for name, wanted in _table(given, "dependencies").items():
        if isinstance(wanted, dict) and not set(wanted) <= _DEPENDENCY_KEYS:
            return b"", f"Cargo.toml: dependency {name} is more than a version and features"
    edition = package.get("edition") if package.get("edition") in _EDITIONS else base.get("edition", "2021")
    tables = {
        "package": {"name": base.get("name", "exercise"), "version": "0.1.0", "edition": edition},
        "dependencies": _table(given, "dependencies"),
        "features": {**_table(pristine, "features"), **_table(given, "features")},
    }
    lines = []
    for table, values in tables.items():
        lines.append(f"[{table}]")
        lines += [f"{json.dumps(key)} = {_toml(value)}" for key, value in values.items()]
    return "\n".join([*lines, ""]).encode(), ""


def _table(parsed: dict[str, Any], name: str) -> dict[str, Any]:
    table = parsed.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(f"expected a table [{name}]")
    return table


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if not isinstance(value, str | bool | int):
        raise ValueError(f"expected a text, a list or a table, got {value}")
    return json.dumps(value)


def _left(until: float) -> float:
    return max(1.0, until - time.monotonic())


def _limits(limits: Limits) -> Limits:
    return replace(limits, processes=max(limits.processes, _PROCESSES), disk_mb=max(limits.disk_mb, _DISK_MB))


RUNNER = Rust()
