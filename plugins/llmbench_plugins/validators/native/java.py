"""Java: compiled in one box, and run by our own launcher of JUnit in another that holds no source."""

import re
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from llmbench.api import Boxes, Files, Limits
from llmbench.errors import SandboxError
from llmbench_plugins.validators.native.attested import Once, not_built, run_attested, said, support
from llmbench_plugins.validators.native.doors.classes import parted, reaching
from llmbench_plugins.validators.native.runner import TestRun
from llmbench_plugins.validators.native.suite import Job

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

    def __init__(self) -> None:
        self._grader = Once[Files]()

    def toolchains(self) -> tuple[str, ...]:
        """Return Java's."""
        return ("java",)

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Compile the answer with its tests, and run these."""
        suite = job.suite
        limits = _limits(suite.limits)
        grader = await self._grader.get(boxes, "grader", lambda: _compiled_grader(boxes, limits))
        started = time.monotonic()
        classes = await _build(job, boxes, limits)
        if isinstance(classes, TestRun):
            return classes
        left_s = max(1.0, suite.timeout_s - (time.monotonic() - started))
        tests, answers = parted(classes, suite.hidden)
        answers, tampered = reaching(answers, job.answer, tests, suite.reference.values())
        if tampered:
            return TestRun(cases={}, problem=tampered, tampered=tampered)
        async with boxes.open("java", limits) as box:
            data = {**_data(job.files), **_data(suite.support)}
            placed = {f"{_CLASSES}/{name}.class": content for name, content in answers.items()}
            await box.put({**data, **placed, **grader})
            found = [folder for folder in _RESOURCES if any(path.startswith(f"{folder}/") for path in data)]
            where = ":".join([_OURS, *found])
            start = f'{_DATED} && exec java "$@" -cp "{where}" llmbench.Grader "{_CLASSES}"'
            flags = (*_JAVA, f"-XX:SharedArchiveFile={_ARCHIVE}", f"-Xmx{limits.memory_mb // 2}m")
            command = ["sh", "-c", start, "sh", *flags]
            names = [_class_name(path, text) for path, text in suite.tests.items()]
            return await run_attested(box, command, timeout_s=left_s, ask=_asked(names, tests))


def _asked(names: Sequence[str], tests: Files) -> str:
    """Return what the grader is told: which classes hold tests, and all of the tests' classes as they are.

    They are in no file, so that nothing but the loader has read what is expected.
    """
    coded = [f"{name.replace('/', '.')} {b64encode(content).decode()}" for name, content in tests.items()]
    return "\n".join([*names, "", *coded, ""])


async def _build(job: Job, boxes: Boxes, limits: Limits) -> dict[str, bytes] | TestRun:
    """Return the classes by their names, or what came instead. No code of the answer runs here."""
    files = {**job.files, **job.suite.hidden}
    sources = sorted(_as_file(path) for path in files if path.endswith(".java"))
    async with boxes.open("java", limits) as box:
        await box.put({**files, _ARGUMENTS: "\n".join(map(_quoted, sources)).encode()})
        ran = await box.run(
            [
                *("javac", *(f"-J{flag}" for flag in _JAVAC), "-proc:none", "-encoding", "UTF-8", "-nowarn"),
                *("-cp", _LIBRARIES, "-d", _CLASSES, f"@{_ARGUMENTS}"),
            ],
            timeout_s=job.suite.timeout_s,
        )
        if ran.exit_code != 0 or ran.stopped:
            return not_built(ran)
        built = await box.get()
    classes = {
        path.removeprefix(f"{_CLASSES}/").removesuffix(".class"): content
        for path, content in built.items()
        if path.startswith(f"{_CLASSES}/") and path.endswith(".class")
    }
    for name in classes:
        if _TAKEN.match(name):
            what = f"the answer puts a class into a package of the tests' machinery: {name}"
            return TestRun(cases={}, problem=what, tampered=what)
    return classes


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
