"""JavaScript: jest's runner and matchers in one box, the answer in another, plain data between them."""

import re
from fnmatch import fnmatchcase

from llmbench.api import Boxes
from llmbench_plugins.validators.native.apart import report
from llmbench_plugins.validators.native.conversation import SUPPORT, Side, converse
from llmbench_plugins.validators.native.runner import Job, Rules, TestRun

_TESTS = ("*.spec.js", "*.test.js", "*.spec.mjs", "*.test.mjs", "__tests__/*", "__mocks__/*")
_PREFIXED = re.compile(r"\bx(test|it|describe)(?=\s*(?:\(|\.each\b))")
_SKIPPED = re.compile(r"\b(test|it|describe)\.skip(?=\s*(?:\(|\.each\b))")
_ON_PURPOSE = re.compile(r"time[sd]?[- ]?out", re.IGNORECASE)


class JavaScript:
    """The tests of JavaScript's exercises, which are all of jest."""

    version = 1

    def toolchains(self) -> tuple[str, ...]:
        """Return Node's."""
        return ("node",)

    def unskipped(self, path: str, content: bytes, rules: Rules) -> bytes:
        """Wake ``xtest``, ``xit``, ``test.skip`` and the like; Aider wakes ``xtest`` alone."""
        text = content.decode(errors="surrogateescape")
        if rules == "aider":
            text = re.sub(r"\bxtest\(", "test(", text)
        else:
            text = _SKIPPED.sub(_woken, _PREFIXED.sub(r"\1", text))
        return text.encode(errors="surrogateescape")

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Run the tests with stand-ins for the answer's modules."""
        hidden = {path: content for path, content in job.tree.items() if _is_test(path, job)}
        shown = {path: content for path, content in job.files.items() if path not in hidden}
        answered = [path for path in {*job.solution, *job.answer} if path.endswith((".js", ".mjs"))]
        tests = Side(
            toolchain="node",
            files={**{p: c for p, c in job.tree.items() if p not in answered}, **hidden},
            support=("exercism_tests.js", "exercism_wire.js"),
            argv=_node("exercism_tests.js"),
        )
        answer = Side(
            toolchain="node",
            files=shown,
            support=("exercism_answer.js", "exercism_wire.js"),
            argv=_node("exercism_answer.js"),
        )
        order = {
            "modules": sorted(answered),
            "tests": [path for path in job.tests if path in hidden],
            "timeout_s": job.timeout_s,
        }
        return report(await converse(boxes, tests, answer, order, limits=job.limits, timeout_s=job.timeout_s))


def _node(program: str) -> tuple[str, ...]:
    """Return a command whose descriptor 3 is the line to the host, whatever is printed."""
    command = f"exec node --experimental-vm-modules --no-warnings {SUPPORT}/{program} 3>&1 1>&2"
    return ("sh", "-c", command)


def _woken(found: re.Match[str]) -> str:
    """Wake a test unless the comment right above it says that it takes too long."""
    above = []
    for line in reversed(found.string[: found.start()].splitlines()[:-1]):
        if not line.strip().startswith("//"):
            break
        above.append(line)
    return found[0] if _ON_PURPOSE.search(" ".join(reversed(above))) else found[1]


def _is_test(path: str, job: Job) -> bool:
    return path in job.tests or any(fnmatchcase(path, pattern) for pattern in _TESTS)


RUNNER = JavaScript()
