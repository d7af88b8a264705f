"""Runs in the tests' box: unittest over tests/, and a JUnit report of what ran at $LLMBENCH_REPORT."""

import importlib
import os
import re
import sys
import traceback
import unittest
from xml.sax.saxutils import quoteattr

OURS = (
    *(os.path.dirname(os.path.abspath(__file__)), os.path.dirname(unittest.__file__)),
    *(os.path.dirname(importlib.__file__), "<frozen importlib"),
)
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
NOT_IN_XML = re.compile("[^\t\n\r -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""And what only steers terminals."""


def formatted(err):
    """Return a traceback without our frames, unittest's and importlib's: only those of test and answer."""
    shown = traceback.TracebackException(*err)
    frames = [frame for frame in shown.stack if not frame.filename.startswith(OURS)]
    shown.stack = traceback.StackSummary.from_list(frames)
    return "".join(shown.format()).replace('File "/box/', 'File "')


class Result(unittest.TestResult):
    """Collects (test, kind, text) for every test that was started."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def _exc_info_to_string(self, err, test):
        return formatted(err)

    def addSuccess(self, test):  # noqa: N802 - unittest's name
        self.seen.append((test, "passed", ""))

    def addSkip(self, test, reason):  # noqa: N802
        self.seen.append((test, "skipped", reason))

    def addFailure(self, test, err):  # noqa: N802
        super().addFailure(test, err)
        self.seen.append((test, "failure", self.failures[-1][1]))

    def addError(self, test, err):  # noqa: N802
        super().addError(test, err)
        self.seen.append((test, "error", self.errors[-1][1]))

    def addExpectedFailure(self, test, err):  # noqa: N802
        self.seen.append((test, "passed", ""))

    def addUnexpectedSuccess(self, test):  # noqa: N802
        self.seen.append((test, "failure", "passed although it was expected to fail"))

    def addSubTest(self, test, subtest, err):  # noqa: N802
        if err is not None:
            super().addSubTest(test, subtest, err)
            self.seen.append((test, "failure", f"{subtest}: {self._exc_info_to_string(err, test)}"))


def worst_by_test(seen):
    """Return one (kind, text) a test: subtests may have added several."""
    tests = {}
    for test, kind, text in seen:
        name = test.id()
        if name not in tests or tests[name][0] == "passed":
            tests[name] = (kind, text)
    return tests


def attribute(text):
    """Return a text as an attribute of XML, with what XML can't hold as Python would write it: \\x1b."""
    return quoteattr(NOT_IN_XML.sub(lambda found: ascii(found[0])[1:-1], COLOUR.sub("", text)))


def report(tests):
    """Return the JUnit XML."""
    cases = []
    for name, (kind, text) in tests.items():
        inside = "" if kind == "passed" else f"<{kind} message={attribute(text[:4000])}/>"
        cases.append(f"<testcase name={attribute(name)}>{inside}</testcase>")
    return '<testsuite name="tests" tests="{}">{}</testsuite>\n'.format(len(tests), "".join(cases))


def main():
    """Run all tests; exit code 0 if all passed."""
    sys.path.insert(0, "tests")
    result = Result()
    unittest.defaultTestLoader.discover("tests").run(result)
    tests = worst_by_test(result.seen)
    for name, (kind, text) in tests.items():
        if kind != "passed":
            print(f"{kind.upper()}: {name}\n{text.rstrip()}\n", file=sys.stderr)
    passed = sum(kind == "passed" for kind, _ in tests.values())
    print(f"{passed} of {len(tests)} tests passed", file=sys.stderr)
    with open(os.environ["LLMBENCH_REPORT"], "w", encoding="utf-8") as file:
        file.write(report(tests))
    return 0 if tests and passed == len(tests) else 1


if __name__ == "__main__":
    sys.exit(main())
