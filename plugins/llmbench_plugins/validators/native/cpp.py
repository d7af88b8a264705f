"""C++: the answer and its tests compiled apart, linked with our main program, and run where no source is."""

import re
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from llmbench.api import Box, Boxes, Files, Limits, Ran
from llmbench_plugins.validators.native.attested import Once, not_built, run_attested
from llmbench_plugins.validators.native.catch_main import MAIN, Catch, compiled_main
from llmbench_plugins.validators.native.doors import macros
from llmbench_plugins.validators.native.doors.objects import replaced
from llmbench_plugins.validators.native.runner import RunTests, TestRun
from llmbench_plugins.validators.native.suite import Job, Suite

_FLAGS = ("-std=c++17",)
_PROGRAM = "tests.bin"
_OWN_MAIN = re.compile(rb"(?m)^[ \t]*#[ \t]*define[ \t]+CATCH_CONFIG_(?:MAIN|RUNNER)\b[^\n]*")
# Each on its own, as files in two folders may have one name.
_COMPILE = """
work=$1; shift; mkdir "$work" || exit 1
flags=; while [ "$1" != -- ]; do flags="$flags $1"; shift; done; shift
n=0; for source; do g++ $flags -c "$source" -o "$work/$n.o" || exit 1; n=$((n+1)); done"""
# Ours comes first: its first function has to run before all others. Then the tests, so that of what they and
# the answer both have (templates, inline functions), theirs is taken.
_LINK = f"""
cd "$1" && mkdir -p "../$2" &&
g++ -s {MAIN} $(ls | grep '^test') $(ls | grep '^[0-9]*\\.o$') -pthread -o "../$2/$3" """
_PROCESSES = 2048
_MEMORY_MB = 4608
_HEADERS = (".h", ".hpp", ".hh", ".hxx")
_SOURCES = (".cpp", ".cc", ".cxx")
# The names of macros that files below the work folder define or undefine, and not those of the system.
_DEFINED = """g++ "$@" -E -dD -x c++ - 2>/dev/null | awk '
/^# [0-9]+ "/ { own = ($3 !~ "^.[/<]") }
/^#(define|undef) / && own { print $2 }'"""
_JUDGES = re.compile(
    r"(?:INTERNAL_)?CATCH_\w+|TWOBLUECUBES_\w+|(?:REQUIRE|CHECK)\w*|TEST_CASE\w*|SECTION|DYNAMIC_SECTION"
    r"|FAIL|SUCCEED|if|else|while|for|return|throw|try|catch|true|false|bool|operator|private|protected|public|class"
    r"|struct|const|do|int|template|virtual|static"
)


class Cpp:
    """Tests of Catch2, version 2."""

    version = 2

    def __init__(self, *, doors: bool = True) -> None:
        """Take whether answers that reach for the tests are refused, or left to altered tests."""
        self._doors = doors
        self._main = Once[bytes]()
        self._tables = Once[macros.Tables]()

    def toolchains(self) -> tuple[str, ...]:
        """Return C++'s."""
        return ("cpp",)

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Compile and link in one box, and run in another."""
        async with self.over(job, boxes) as run:
            return await run(job.suite)

    @asynccontextmanager
    async def over(self, job: Job, boxes: Boxes) -> AsyncIterator[RunTests]:
        """Keep the box in which the answer was compiled for other tests: none of its code runs there."""
        suite = job.suite
        catch = Catch.of(suite)
        main = await self._main.get(
            boxes, catch.digest, lambda: compiled_main(catch, boxes, suite.limits, job.cache)
        )
        tables = None
        if self._doors:
            tables = await self._tables.get(
                boxes, macros.digest(suite, catch), lambda: macros.tables(suite, catch, boxes)
            )
        async with boxes.open("cpp", suite.limits) as box:
            yield _Answer(job, main, tables, box, boxes).run


class _Answer:
    """An answer in the box where it is compiled, once, and then tests over it."""

    def __init__(self, job: Job, main: bytes, tables: macros.Tables | None, box: Box, boxes: Boxes) -> None:
        """Take what macros are to be, or nothing where answers may reach for the tests."""
        self._job = job
        self._main = main
        self._tables = tables
        self._box = box
        self._boxes = boxes
        self._work = f"llmbench-{secrets.token_hex(8)}"
        self._compiled = False

    async def run(self, suite: Suite) -> TestRun:
        """Compile the tests of a suite, link them with the answer, and run them where no source is."""
        until = time.monotonic() + suite.timeout_s
        if not self._compiled:
            if failed := await self._compile(until):
                return failed
            self._compiled = True
        built = await self._linked(suite, until)
        if isinstance(built, TestRun):
            return built
        async with self._boxes.open("cpp", _limits(suite)) as box:
            await box.put({**_data(self._job.files), **_data(suite.support), _PROGRAM: built})
            command = ["sh", "-c", f"chmod +x {_PROGRAM} && exec ./{_PROGRAM}"]
            return await run_attested(box, command, timeout_s=_left(until))

    async def _compile(self, until: float) -> TestRun | None:
        """Compile the answer's sources, and return what came instead if they can't be."""
        shown = self._job.files
        await self._box.put(shown)
        headers = [path for path in shown if path.endswith(_HEADERS)]
        if self._tables and (found := await _macros(self._job, headers, self._box, until)):
            return found
        sources = [_as_file(path) for path in shown if path.endswith(_SOURCES)]
        command = ["sh", "-c", _COMPILE, "sh", self._work, *_flags(self._job.suite), "--", *sources]
        ran = await self._box.run(command, timeout_s=_left(until))
        if ran.exit_code != 0 or ran.stopped:
            return not_built(ran)
        await self._box.put({f"{self._work}/{MAIN}": self._main}, read_only=True)
        return None

    async def _linked(self, suite: Suite, until: float) -> bytes | TestRun:
        """Return the program, or what came instead.

        The source of the tests is in no file, only on the compiler's standard input: what the answer includes
        or embeds can't be that.
        """
        box, work = self._box, self._work
        await box.put(suite.support, read_only=True)
        for number, path in enumerate(_tests(suite)):
            if self._tables and (name := await _rewritten(path, suite, self._tables, box, until)):
                return _tampered(f"the answer redefines {name}, by which tests are judged")
            ran = await _compiled_test(
                path, suite, f"{work}/test{number}.o", box, until, doors=bool(self._tables)
            )
            if ran.exit_code != 0 or ran.stopped:
                return not_built(ran)
        if self._tables and (what := await replaced(work, MAIN, box, _left(until))):
            return _tampered(what) if isinstance(what, str) else not_built(what)
        ran = await box.run(["sh", "-c", _LINK, "sh", work, f"{work}-out", _PROGRAM], timeout_s=_left(until))
        program = (await box.get(skip=[work])).get(f"{work}-out/{_PROGRAM}")
        return program if program and ran.exit_code == 0 and not ran.stopped else not_built(ran)


def _limits(suite: Suite) -> Limits:
    """Return limits for tests that may start a thousand threads, each with 8 MB set aside for its stack."""
    limits = suite.limits
    return replace(
        limits, processes=max(limits.processes, _PROCESSES), memory_mb=max(limits.memory_mb, _MEMORY_MB)
    )


def _data(files: Files) -> dict[str, bytes]:
    """Return what no compiler reads, and a running program may."""
    return {path: content for path, content in files.items() if not path.endswith((*_HEADERS, *_SOURCES))}


def _as_file(path: str) -> str:
    """Return a path that no compiler takes for an option."""
    return f"./{path}" if path.startswith(("-", "@")) else path


def _tests(suite: Suite) -> list[str]:
    """Return what is compiled as tests: their files, and sources beside them."""
    return [*suite.tests, *(path for path in suite.support if path.endswith(_SOURCES))]


def _tampered(what: str) -> TestRun:
    return TestRun(cases={}, problem=what, tampered=what)


def _flags_of(path: str, suite: Suite) -> tuple[str, ...]:
    """Return what the compiler is told for a file of tests, which it reads from its input."""
    return (*_flags(suite), "-iquote", path.rpartition("/")[0] or ".")


async def _rewritten(path: str, suite: Suite, tables: macros.Tables, box: Box, until: float) -> str:
    text, framework = _OWN_MAIN.sub(b"", suite.hidden[path]), Catch.of(suite).files
    found = await macros.table(text, _flags_of(path, suite), box, _left(until))
    helpers = [content for name, content in suite.support.items() if name not in framework]
    return macros.rewritten(found, tables, [text, *helpers]) if found else ""


async def _compiled_test(path: str, suite: Suite, to: str, box: Box, until: float, *, doors: bool) -> Ran:
    # The main program is ours; a line directive, so that messages name the file.
    own = _OWN_MAIN.sub(b"", suite.hidden[path])
    own = macros.guarded(path, own, suite.support) if doors else own
    text = f'#line 1 "{path}"\n'.encode() + own
    command = ["g++", *_flags_of(path, suite), "-x", "c++", "-c", "-", "-o", to]
    return await box.run(command, stdin=text, timeout_s=_left(until))


def _flags(suite: Suite) -> tuple[str, ...]:
    return (*(suite.flags or _FLAGS), "-I.")


def _left(until: float) -> float:
    return max(1.0, until - time.monotonic())


async def _macros(job: Job, headers: list[str], box: Box, until: float) -> TestRun | None:
    """Return what to say of an answer whose headers define macros that would rewrite the tests' source."""
    if not headers:
        return None
    text = "".join(f'#include "{path}"\n' for path in sorted(headers)).encode()
    command = ["sh", "-c", _DEFINED, "sh", *_flags(job.suite)]
    ran = await box.run(command, stdin=text, timeout_s=_left(until))
    names = {word.partition("(")[0] for word in ran.stdout.decode(errors="replace").split()}
    given = {flag[2:].partition("=")[0] for flag in job.suite.flags if flag.startswith("-D")}
    if judged := sorted(name for name in names if _JUDGES.fullmatch(name) or name in given):
        what = f"a header of the answer redefines {judged[0]}, by which tests are judged"
        return TestRun(cases={}, problem=what, tampered=what)
    texts = [job.suite.hidden[path].decode(errors="replace") for path in _tests(job.suite)]
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    if used := sorted(names & words):
        return TestRun(
            cases={}, problem=f"a header of the answer defines the macro {used[0]}, a word of the tests"
        )
    return None


RUNNER = Cpp()
