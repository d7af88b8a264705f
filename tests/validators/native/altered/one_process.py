"""Python and JavaScript without their two boxes: tests and answer in one process, whose word is taken."""

import re

from llmbench.api import Boxes
from llmbench_plugins.validators.native.runner import Case, TestRun
from llmbench_plugins.validators.native.suite import Job

_HARNESS = b"""
import importlib, sys, unittest

class Result(unittest.TestResult):
    def addSuccess(self, test):
        print("ok", test.id(), flush=True)

result = Result()
for path in sys.argv[1:]:
    unittest.defaultTestLoader.loadTestsFromName(path.removesuffix(".py")).run(result)
for test, _ in result.failures + result.errors:
    print("not ok", getattr(test, "test_case", test).id(), flush=True)
"""
_COMMANDS = {
    "python": ["python3", "-B", "harness.py"],
    "javascript": ["node", "--no-warnings", "--test-reporter=tap"],
}
_LINE = re.compile(r"(?m)^(ok|not ok) (?:\d+ - )?(.+?)$")


class OneProcess:
    """Runs tests of unittest, or of ``node:test`` in one file, and believes what their process prints."""

    version = 1

    def __init__(self, language: str) -> None:
        self._language = language

    def toolchains(self) -> tuple[str, ...]:
        return ("node",) if self._language == "javascript" else ("python",)

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        async with boxes.open(self.toolchains()[0], job.suite.limits) as box:
            await box.put({**job.files, **job.suite.hidden, "harness.py": _HARNESS})
            ran = await box.run([*_COMMANDS[self._language], *job.suite.tests])
        said = ran.stdout.decode(errors="replace")
        cases = {
            name: Case(status="passed" if word == "ok" else "failed") for word, name in _LINE.findall(said)
        }
        output = said + ran.stderr.decode(errors="replace")
        return TestRun(cases=cases, output=output, problem="" if cases else "no test ran")
