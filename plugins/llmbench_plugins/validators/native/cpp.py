"""C++: the answer and its tests compiled apart, linked with our main program, and run where no source is."""

import re
import time
from dataclasses import replace

from llmbench.api import Box, Boxes, Files, Limits
from llmbench.errors import SandboxError
from llmbench_plugins.validators.native.attested import Once, not_built, run_attested, said, support
from llmbench_plugins.validators.native.runner import Job, Rules, TestRun

# As the exercises' CMakeLists.txt has it. Debugging information changes nothing but the time it takes.
_FLAGS = ("-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-DEXERCISM_RUN_ALL_TESTS", "-I.")
_MAIN = "llmbench_main.o"
_PROGRAM = "tests.bin"
_PROCESSES = 2048
_MEMORY_MB = 4608
_HEADERS = (".h", ".hpp", ".hh", ".hxx")
_SOURCES = (".cpp", ".cc", ".cxx")
# The names of macros that files below the work folder define or undefine, and not those of the system.
_DEFINED = """g++ -std=c++17 -I. -E -dD -x c++ - 2>/dev/null | awk '
/^# [0-9]+ "/ { own = ($3 !~ "^.[/<]") }
/^#(define|undef) / && own { print $2 }'"""
_JUDGES = re.compile(
    r"(?:INTERNAL_)?CATCH_\w+|TWOBLUECUBES_\w+|EXERCISM_\w+|(?:REQUIRE|CHECK)\w*|TEST_CASE\w*|SECTION|DYNAMIC_SECTION"
    r"|FAIL|SUCCEED|if|else|while|for|return|throw|try|catch|true|false|bool|operator|private|protected|public|class"
    r"|struct|const|do|int|template|virtual|static"
)


class Cpp:
    """The tests of C++ exercises, which are all of Catch2, version 2."""

    version = 1

    def __init__(self) -> None:
        self._main = Once[bytes]()

    def toolchains(self) -> tuple[str, ...]:
        """Return C++'s."""
        return ("cpp",)

    def unskipped(self, path: str, content: bytes, rules: Rules) -> bytes:
        """Return a file as it is: all its tests are woken by ``EXERCISM_RUN_ALL_TESTS``, as Aider does."""
        return content

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Compile and link in one box, and run in another."""
        catch = {path: content for path, content in job.tree.items() if path.startswith("test/")}
        main = await self._main.get(boxes, "main", lambda: _compiled_main(catch, boxes, job.limits))
        started = time.monotonic()
        built = await _build(job, catch, main, boxes)
        if isinstance(built, TestRun):
            return built
        left_s = max(1.0, job.timeout_s - (time.monotonic() - started))
        # One exercise starts a thousand threads, each with 8 MB set aside for its stack.
        limits = replace(
            job.limits,
            processes=max(job.limits.processes, _PROCESSES),
            memory_mb=max(job.limits.memory_mb, _MEMORY_MB),
        )
        async with boxes.open("cpp", limits) as box:
            await box.put({_PROGRAM: built})
            command = ["sh", "-c", f"chmod +x {_PROGRAM} && exec ./{_PROGRAM}"]
            return await run_attested(box, command, timeout_s=left_s)


async def _compiled_main(catch: Files, boxes: Boxes, limits: Limits) -> bytes:
    """Return our main program with Catch2 in it, the same for all exercises, which takes a compiler long."""
    async with boxes.open("cpp", limits) as box:
        await box.put({**catch, "main.cpp": support("main.cpp")})
        ran = await box.run(
            ["g++", "-std=c++17", "-I.", "-c", "main.cpp", "-o", _MAIN], timeout_s=max(limits.wall_s, 180)
        )
        files = await box.get()
    if _MAIN not in files:
        raise SandboxError(f"the main program of C++ tests does not compile here: {said(ran)[-2000:]}")
    return files[_MAIN]


async def _build(job: Job, catch: Files, main: bytes, boxes: Boxes) -> bytes | TestRun:
    """Return the program, or what came instead.

    The source of the tests is in no file, only on the compiler's standard input: what the answer includes or
    embeds can't be that.
    """
    hidden = (*catch, *job.tests)
    shown = {path: content for path, content in job.files.items() if path not in hidden}
    async with boxes.open("cpp", job.limits) as box:
        await box.put(shown)
        until = time.monotonic() + job.timeout_s
        if found := await _macros(job, [path for path in shown if path.endswith(_HEADERS)], box, until):
            return found
        sources = [path for path in shown if path.endswith(_SOURCES)]
        if sources:
            ran = await box.run(["g++", *_FLAGS, "-c", *sources], timeout_s=_left(until))
            if ran.exit_code != 0 or ran.stopped:
                return not_built(ran)
        await box.put({**catch, _MAIN: main}, read_only=True)
        objects = [path.rpartition("/")[2].rpartition(".")[0] + ".o" for path in sources]
        for number, path in enumerate(job.tests):
            # A line directive, so that messages name the file.
            text = f'#line 1 "{path}"\n'.encode() + job.tree[path]
            objects.append(f"llmbench_test{number}.o")
            ran = await box.run(
                ["g++", *_FLAGS, "-x", "c++", "-c", "-", "-o", objects[-1]],
                stdin=text,
                timeout_s=_left(until),
            )
            if ran.exit_code != 0 or ran.stopped:
                return not_built(ran)
        # Ours comes first: its first function has to run before all others.
        link = ["g++", "-s", _MAIN, *objects, "-pthread", "-o", _PROGRAM]
        remove = ["sh", "-c", '"$@" && { rm -f *.o 2>/dev/null; true; }', "sh", *link]
        ran = await box.run(remove, timeout_s=_left(until))
        if ran.exit_code != 0 or ran.stopped:
            return not_built(ran)
        return (await box.get())[_PROGRAM]


def _left(until: float) -> float:
    return max(1.0, until - time.monotonic())


async def _macros(job: Job, headers: list[str], box: Box, until: float) -> TestRun | None:
    """Return what to say of an answer whose headers define macros that would rewrite the tests' source."""
    if not headers:
        return None
    text = "".join(f'#include "{path}"\n' for path in sorted(headers)).encode()
    ran = await box.run(["sh", "-c", _DEFINED], stdin=text, timeout_s=_left(until))
    names = {word.partition("(")[0] for word in ran.stdout.decode(errors="replace").split()}
    if judged := sorted(name for name in names if _JUDGES.fullmatch(name)):
        what = f"a header of the answer redefines {judged[0]}, by which tests are judged"
        return TestRun(cases={}, problem=what, tampered=what)
    words = {
        word for path in job.tests for word in re.findall(r"\w+", job.tree[path].decode(errors="replace"))
    }
    if used := sorted(names & words):
        return TestRun(
            cases={}, problem=f"a header of the answer defines the macro {used[0]}, a word of the tests"
        )
    return None


RUNNER = Cpp()
