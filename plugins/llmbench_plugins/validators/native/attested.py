"""Reports that vouch for themselves, of tests that run in one process with the answer.

A harness of ours in the tests' process takes a key from its standard input before any code of the answer
runs, keeps the standard output for itself, and begins each line of its report with the key. Lines without
it are not ours. The report counts only if it is complete: it names a test of ours that has to fail, and it
has an end.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from llmbench.api import Box, Boxes, Ran
from llmbench_plugins.validators.native.runner import Case, Status, TestRun
from llmbench_plugins.validators.shared.words import last_words

CANARY = "llmbench_canary"
"""How the names of tests begin that have to fail."""
# What the failing of our own tests writes, between lines of the harness; and lines that name them.
_OURS = re.compile(rf"(?ms)^[^\n]*{CANARY} begins.*?{CANARY} ends[^\n]*\n?|^[^\n]*llmbench[^\n]*\n?")
_ERROR = re.compile(r"\berror\b|^vet: |\.go:\d+:\d+: ")
"""What the line of a compiler holds that says what is wrong."""
_T = TypeVar("_T")
_SUPPORT = Path(__file__).with_name("support")
_STATUSES: dict[str, Status] = {"passed": "passed", "failed": "failed", "skipped": "skipped"}


def support(name: str) -> bytes:
    """Return the source of a harness."""
    return (_SUPPORT / name).read_bytes()


def new_key() -> str:
    """Return what a report has to know: another one for every grading."""
    return secrets.token_hex(24)


async def run_attested(
    box: Box, argv: list[str], *, timeout_s: float, ask: str = "", env: Mapping[str, str] | None = None
) -> TestRun:
    """Run a program that holds tests and one of our harnesses, and return what the harness reports.

    Args:
        ask: what the harness is told after the key, on lines of its own.
    """
    key = new_key()
    ran = await box.run(argv, stdin=f"{key}\n{ask}".encode(), env=env, timeout_s=timeout_s)
    return reported(ran, key)


def reported(ran: Ran, key: str) -> TestRun:
    """Return what a harness that was given ``key`` has reported."""
    cases, problem = read_report(ran.stdout, key)
    # A process that ends early, whatever its exit code says, has left its report without an end.
    if not problem and ran.exit_code != 0:
        problem = f"the tests' process ended with exit code {ran.exit_code}"
    if problem and ran.stopped:
        problem = f"the tests were stopped: {ran.stopped}"
    output = said(ran, hide=key)
    if problem and not ran.stopped and (last := last_words(output)):
        problem += f"; its last words: {last}"
    return TestRun(cases=cases, output=output, problem=problem, stopped=ran.stopped)


def marked(ran: Ran, key: str, word: str) -> bool:
    """Say whether a program that was given ``key`` has said ``word``."""
    return f"{key} {word}".encode() in ran.stdout.split(b"\n")


def read_report(stdout: bytes, key: str) -> tuple[Mapping[str, Case], str]:
    """Return the tests that a report names, and why it can't be believed, if so."""
    cases: dict[str, Case] = {}
    ended, twice, canaries = False, False, []
    for line in stdout.split(b"\n"):
        mark, _, rest = line.partition(b" ")
        if mark != key.encode():
            continue
        word, *fields = rest.split(b" ")
        if word == b"end":
            ended = True
        elif word == b"case" and len(fields) in (3, 4):
            name, status, message = _text(fields[0]), fields[1].decode(errors="replace"), _text(fields[2])
            asserted = int(fields[3]) if len(fields) == 4 and fields[3].isdigit() else None
            if name.startswith(CANARY):
                canaries.append(status)
                continue
            twice = twice or name in cases
            cases[name] = Case(status=_STATUSES.get(status, "failed"), message=message, assertions=asserted)
    if not ended:
        return cases, "the tests' process ended before all tests had run"
    if twice:
        return cases, "a test reported twice"
    if not canaries or set(canaries) != {"failed"}:
        return cases, "a test that has to fail did not: the answer has changed how tests are judged"
    return cases, ""


def _text(field: bytes) -> str:
    try:
        return bytes.fromhex(field.decode("ascii")).decode(errors="replace")
    except ValueError:
        return ""


def said(*runs: Ran, hide: str = "") -> str:
    """Return what programs wrote, for people; lines of the report are not for them."""
    parts = []
    for ran in runs:
        text = (ran.stdout + b"\n" + ran.stderr).decode(errors="replace")
        lines = [line for line in text.splitlines() if not (hide and hide in line)]
        parts.append(_OURS.sub("", "\n".join(lines)).strip())
    return "\n".join(part for part in parts if part)


def not_built(ran: Ran) -> TestRun:
    """Return the run of an answer that does not compile."""
    output = said(ran)
    problem = f"it does not compile: {compilers_word(ran)}".removesuffix(": ")
    if ran.stopped:
        problem = f"building was stopped: {ran.stopped}"
    return TestRun(cases={}, output=output, problem=problem, stopped=ran.stopped)


def compilers_word(ran: Ran) -> str:
    """Return the line in which a compiler says what is wrong."""
    return next((line.strip() for line in said(ran).splitlines() if _ERROR.search(line)), "")


def combined(runs: list[TestRun]) -> TestRun:
    """Return several runs as one; a problem of any is a problem of all."""
    return TestRun(
        cases={name: case for run in runs for name, case in run.cases.items()},
        parts={name: case for run in runs for name, case in run.parts.items()},
        output="\n".join(run.output for run in runs if run.output),
        problem=next((run.problem for run in runs if run.problem), ""),
        stopped=next((run.stopped for run in runs if run.stopped), None),
        tampered=next((run.tampered for run in runs if run.tampered), ""),
    )


class Once(Generic[_T]):
    """Things that are made once for each sandbox, such as a compiled harness, and by nobody's answer."""

    def __init__(self) -> None:
        self._made: WeakKeyDictionary[Boxes, dict[str, asyncio.Future[_T]]] = WeakKeyDictionary()

    async def get(self, boxes: Boxes, name: str, make: Callable[[], Awaitable[_T]]) -> _T:
        """Return the thing, making it where nobody has; an error is not kept."""
        made = self._made.setdefault(boxes, {})
        while (future := made.get(name)) is not None:
            try:
                return await asyncio.shield(future)
            except asyncio.CancelledError:
                if not future.cancelled():
                    raise
        future = made[name] = asyncio.get_running_loop().create_future()
        try:
            content = await make()
        except BaseException:
            del made[name]
            future.cancel()
            raise
        future.set_result(content)
        return content
