"""Java: compiled in one box, and run by our own launcher of JUnit in another that holds no source."""

import re
import time
from dataclasses import replace

from llmbench.api import Boxes, Files, Limits
from llmbench.errors import SandboxError
from llmbench_plugins.validators.native.attested import Once, not_built, run_attested, said, support
from llmbench_plugins.validators.native.runner import Job, Rules, TestRun

_LIBRARIES = "/opt/llmbench/java/*"
_SOURCES = ("src/main/java/", "src/test/java/")
_DISABLED = re.compile(
    rb"@(?:org\.junit\.jupiter\.api\.)?Disabled\b(?:[ \t]*\((?:[^()\"]|\"(?:[^\"\\\n]|\\.)*\")*\))?"
)
_AIDER_DISABLED = re.compile(rb"@Disabled\([^)]*\)\s*\n")
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
_PROCESSES = 512
_MEMORY_MB = 2048


class Java:
    """The tests of Java's exercises, which are all of JUnit 5 and AssertJ."""

    version = 1

    def __init__(self) -> None:
        self._grader = Once[Files]()

    def toolchains(self) -> tuple[str, ...]:
        """Return Java's."""
        return ("java",)

    def unskipped(self, path: str, content: bytes, rules: Rules) -> bytes:
        """Return a file without ``@Disabled``; Aider leaves those without a reason."""
        return (_AIDER_DISABLED if rules == "aider" else _DISABLED).sub(b"", content)

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Compile the answer with its tests, and run these."""
        limits = _limits(job.limits)
        grader = await self._grader.get(boxes, "grader", lambda: _compiled_grader(boxes, limits))
        started = time.monotonic()
        classes = await _build(job, boxes, limits)
        if isinstance(classes, TestRun):
            return classes
        left_s = max(1.0, job.timeout_s - (time.monotonic() - started))
        async with boxes.open("java", limits) as box:
            await box.put({**classes, **grader})
            start = f'{_DATED} && exec java "$@" -cp "{_OURS}:classes" llmbench.Grader'
            flags = (*_JAVA, f"-XX:SharedArchiveFile={_ARCHIVE}", f"-Xmx{limits.memory_mb // 2}m")
            command = ["sh", "-c", start, "sh", *flags]
            names = [_class_name(path) for path in job.tests]
            return await run_attested(box, command, timeout_s=left_s, ask="\n".join(names) + "\n")


async def _build(job: Job, boxes: Boxes, limits: Limits) -> dict[str, bytes] | TestRun:
    """Return the classes, or what came instead. No code of the answer runs while it is compiled."""
    sources = [path for path in job.files if path.startswith(_SOURCES) and path.endswith(".java")]
    async with boxes.open("java", limits) as box:
        await box.put(job.files)
        ran = await box.run(
            [
                *("javac", *(f"-J{flag}" for flag in _JAVAC), "-proc:none", "-encoding", "UTF-8", "-nowarn"),
                *("-cp", _LIBRARIES, "-d", "classes", *sorted(sources)),
            ],
            timeout_s=job.timeout_s,
        )
        if ran.exit_code != 0 or ran.stopped:
            return not_built(ran)
        files = await box.get()
    classes = {path: content for path, content in files.items() if path.startswith("classes/")}
    for path in classes:
        if _TAKEN.match(path.removeprefix("classes/")):
            what = f"the answer puts a class into a package of the tests' machinery: {path}"
            return TestRun(cases={}, problem=what, tampered=what)
    return classes


async def _compiled_grader(boxes: Boxes, limits: Limits) -> dict[str, bytes]:
    """Return our launcher as a jar, and the archive of its classes if the JVM could make one."""
    async with boxes.open("java", limits) as box:
        await box.put({name: support(name) for name in ("Grader.java", "Canary.java")})
        ran = await box.run(["sh", "-c", _MAKE], timeout_s=max(limits.wall_s, 120))
        files = await box.get()
    if _GRADER not in files:
        raise SandboxError(f"the launcher of Java's tests does not compile here: {said(ran)[-2000:]}")
    return {name: files[name] for name in (_GRADER, _ARCHIVE) if name in files}


def _class_name(path: str) -> str:
    return path.removeprefix("src/test/java/").removesuffix(".java").replace("/", ".")


def _limits(limits: Limits) -> Limits:
    """Return limits under which a JVM, which starts threads for itself, can work."""
    return replace(
        limits, processes=max(limits.processes, _PROCESSES), memory_mb=max(limits.memory_mb, _MEMORY_MB)
    )


RUNNER = Java()
