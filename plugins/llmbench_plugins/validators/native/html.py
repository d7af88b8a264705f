"""HTML: tests of Node's own runner in one box, the answer's page in a DOM in another."""

from llmbench.api import Boxes
from llmbench_plugins.validators.native.apart import report
from llmbench_plugins.validators.native.conversation import Side, converse, node_command, programs
from llmbench_plugins.validators.native.runner import TestRun
from llmbench_plugins.validators.native.suite import Job

_HELPERS = {"page": "./page.js"}
"""What tests may import beside their own files, and where it is."""


class Html:
    """Tests of a page by what somebody who uses it does and reads."""

    version = 1

    def toolchains(self) -> tuple[str, ...]:
        """Return Node's, which holds the DOM."""
        return ("node",)

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Run the tests, which open the answer's page over there."""
        suite = job.suite
        ours = programs("javascript") | programs("html")
        tests = Side(
            toolchain="node", files=suite.hidden, support=ours, argv=node_command("tests.js", suite.limits)
        )
        answer = Side(
            toolchain="node", files=job.files, support=ours, argv=node_command("browser.js", suite.limits)
        )
        order = {
            "modules": [],
            "tests": list(suite.tests),
            "helpers": _HELPERS,
            "timeout_s": suite.timeout_s,
        }
        told = await converse(boxes, tests, answer, order, limits=suite.limits, timeout_s=suite.timeout_s)
        return report(told)


RUNNER = Html()
