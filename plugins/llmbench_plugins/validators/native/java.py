"""Java: compiled in one box, and run by our own launcher of JUnit in another that holds no source."""

import re
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import PurePosixPath

from llmbench.api import Box, Boxes, Files, Limits, Ran
from llmbench.errors import SandboxError
from llmbench_plugins.validators.native.attested import Once, not_built, run_attested, said, support
from llmbench_plugins.validators.native.doors.classes import parted, reaching
from llmbench_plugins.validators.native.runner import RunTests, TestRun
from llmbench_plugins.validators.native.suite import Job, Suite

_LIBRARIES = "/opt/llmbench/java/*"
_CLASSES = "llmbench-classes"
_RESOURCES = ("src/main/resources", "src/test/resources")
_ARGUMENTS = "llmbench-sources"
_PACKAGE = re.compile(rb"(?m)^\s*package\s+([\w.]+)\s*;")
_COMMENT = re.compile(rb"(?s)/\*.*?\*/|//[^\n]*")
_TAKEN = re.compile(r"(?:org/(?:junit|assertj|opentest4j)|java|javax|jdk|llmbench)/")
_JVM = ("-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xshare:auto", "-Xlog:cds*=off")
# Short programs: the second compiler costs javac more than it brings, and tests until they have run a while.
# A heap that begins with a few megabytes is collected sixteen times for an exercise, a tenth of javac's time.
_JAVAC = (
    *(*_JVM, "-XX:TieredStopAtLevel=1", "-XX:SharedArchiveFile=/opt/llmbench/java/javac.jsa"),
    *("-Xms192m", "-Xmn160m"),
)
_JAVA = (
    *(*_JVM, "-XX:Tier4InvocationThreshold=50000", "-XX:Tier4MinInvocationThreshold=6000"),
    *("-XX:Tier4CompileThreshold=150000", "-XX:Tier4BackEdgeThreshold=400000", "-Xms128m", "-Xmn96m"),
    "-XX:+DisableAttachMechanism",
)
_GRADER = "grader.jar"
_ARCHIVE = "grader.jsa"
"""Of classes that the grader loads, its own and JUnit's, as the JVM has them in memory."""
# What is ours comes first, so that no class of the answer takes its place.
_OURS = f"{_GRADER}:{_LIBRARIES}"
# The archive is used only where the jar is of the same date.
_DATED = f"touch -d @1000000000 {_GRADER}"
_MAKE = f"""javac -cp "{_LIBRARIES}" -d grader Grader.java Canary.java &&
jar --create --file {_GRADER} -C grader . && {_DATED}
echo | java {" ".join(_JVM)} -XX:ArchiveClassesAtExit={_ARCHIVE} -cp "{_OURS}" llmbench.Grader > log 2>&1
true"""
_PROCESSES = 2048
"""One exercise starts a thousand threads, which on a busy machine all live at once."""
_MEMORY_MB = 2048


class Java:
    """Tests of JUnit 5 and AssertJ."""

    version = 1

    def __init__(self, *, doors: bool = True) -> None:
        """Take whether answers that reach for the tests are refused, or left to altered tests."""
        self._doors = doors
        self._grader = Once[Files]()

    def toolchains(self) -> tuple[str, ...]:
        """Return Java's."""
        return ("java",)

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Compile the answer with its tests, and run these."""
        async with self.over(job, boxes) as run:
            return await run(job.suite)

    @asynccontextmanager
    async def over(self, job: Job, boxes: Boxes) -> AsyncIterator[RunTests]:
        """Keep the box in which the answer was compiled for other tests: none of its code runs there."""
        limits = _limits(job.suite.limits)
        grader = await self._grader.get(boxes, "grader", lambda: _compiled_grader(boxes, limits))
        async with boxes.open("java", limits) as box:
            yield _Answer(job, grader, box, boxes, doors=self._doors).run


class _Answer:
    """An answer in the box where it is compiled, once, with the first tests, and then others over it."""

    def __init__(self, job: Job, grader: Files, box: Box, boxes: Boxes, *, doors: bool) -> None:
        self._doors = doors
        self._job = job
        self._grader = grader
        self._box = box
        self._boxes = boxes
        self._classes: dict[str, bytes] = {}
        self._builds = 0

    async def run(self, suite: Suite) -> TestRun:
        """Compile the tests of a suite, and run them in a box that holds no source."""
        until = time.monotonic() + suite.timeout_s
        classes = await self._built(suite)
        if isinstance(classes, TestRun):
            return classes
        tests, answers = parted(classes, suite.hidden)
        if self._doors:
            answers, tampered = reaching(answers, self._job.answer, tests, suite.reference.values())
            if tampered:
                return TestRun(cases={}, problem=tampered, tampered=tampered)
        limits = _limits(suite.limits)
        async with self._boxes.open("java", limits) as box:
            data = {**_data(self._job.files), **_data(suite.support)}
            placed = {f"{_CLASSES}/{name}.class": content for name, content in answers.items()}
            await box.put({**data, **placed, **self._grader})
            found = [folder for folder in _RESOURCES if any(path.startswith(f"{folder}/") for path in data)]
            where = ":".join([_OURS, *found])
            start = f'{_DATED} && exec java "$@" -cp "{where}" llmbench.Grader "{_CLASSES}"'
            flags = (*_JAVA, f"-XX:SharedArchiveFile={_ARCHIVE}", f"-Xmx{limits.memory_mb // 2}m")
            command = ["sh", "-c", start, "sh", *flags]
            names = [_class_name(path, text) for path, text in suite.tests.items()]
            left_s = max(1.0, until - time.monotonic())
            return await run_attested(box, command, timeout_s=left_s, ask=_asked(names, tests))

    async def _built(self, suite: Suite) -> dict[str, bytes] | TestRun:
        """Return the classes by their names, or what came instead. No code of the answer runs here."""
        first = not self._classes
        sources = {**self._job.files, **suite.hidden} if first else suite.hidden
        self._builds += 1
        folder = _CLASSES if first else f"{_CLASSES}-{self._builds}"
        ran = await _compile(
            sources, folder, _LIBRARIES if first else f"{_LIBRARIES}:{_CLASSES}", suite, self._box
        )
        if ran.exit_code != 0 or ran.stopped:
            return not_built(ran)
        classes = _read(folder, await self._box.get())
        if self._doors and (taken := next((name for name in classes if _TAKEN.match(name)), "")):
            what = f"the answer puts a class into a package of the tests' machinery: {taken}"
            return TestRun(cases={}, problem=what, tampered=what)
        if first:
            self._classes = classes
        return {**self._classes, **classes}


def _asked(names: Sequence[str], tests: Files) -> str:
    """Return what the grader is told: which classes hold tests, and all of the tests' classes as they are.

    They are in no file, so that nothing but the loader has read what is expected.
    """
    coded = [f"{name.replace('/', '.')} {b64encode(content).decode()}" for name, content in tests.items()]
    return "\n".join([*names, "", *coded, ""])


async def _compile(files: Files, folder: str, libraries: str, suite: Suite, box: Box) -> Ran:
    sources = sorted(_as_file(path) for path in files if path.endswith(".java"))
    await box.put({**files, _ARGUMENTS: "\n".join(map(_quoted, sources)).encode()})
    return await box.run(
        [
            *("javac", *(f"-J{flag}" for flag in _JAVAC), "-proc:none", "-encoding", "UTF-8", "-nowarn"),
            *("-cp", libraries, "-d", folder, f"@{_ARGUMENTS}"),
        ],
        timeout_s=suite.timeout_s,
    )


def _read(folder: str, built: Files) -> dict[str, bytes]:
    """Return the classes in a folder, by their names."""
    return {
        path.removeprefix(f"{folder}/").removesuffix(".class"): content
        for path, content in built.items()
        if path.startswith(f"{folder}/") and path.endswith(".class")
    }


def _data(files: Files) -> dict[str, bytes]:
    """Return what a running program may read: no sources, and no classes that were not compiled here."""
    return {
        path: content for path, content in files.items() if not path.endswith((".java", ".class", ".jar"))
    }


def _as_file(path: str) -> str:
    """Return a path that javac does not take for an option."""
    return f"./{path}" if path.startswith(("-", "@")) else path


def _quoted(path: str) -> str:
    """Return a path as javac reads it from a file of arguments."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


async def _compiled_grader(boxes: Boxes, limits: Limits) -> dict[str, bytes]:
    """Return our launcher as a jar, and the archive of its classes if the JVM could make one."""
    async with boxes.open("java", limits) as box:
        await box.put({name: support(name) for name in ("Grader.java", "Canary.java")})
        ran = await box.run(["sh", "-c", _MAKE], timeout_s=max(limits.wall_s, 120))
        files = await box.get()
    if _GRADER not in files:
        raise SandboxError(f"the launcher of Java's tests does not compile here: {said(ran)[-2000:]}")
    return {name: files[name] for name in (_GRADER, _ARCHIVE) if name in files}


def _class_name(path: str, source: bytes) -> str:
    """Return the name of the class that a file holds, as its package statement and its name have it."""
    package = _PACKAGE.search(_COMMENT.sub(b"", source))
    name = PurePosixPath(path).stem
    return f"{package[1].decode()}.{name}" if package else name


def _limits(limits: Limits) -> Limits:
    """Return limits under which a JVM, which starts threads for itself, can work."""
    return replace(
        limits, processes=max(limits.processes, _PROCESSES), memory_mb=max(limits.memory_mb, _MEMORY_MB)
    )


RUNNER = Java()
