"""JavaScript: jest's runner and matchers in one box, the answer in another, plain data between them."""

from llmbench.api import Boxes
from llmbench_plugins.validators.native.apart import report
from llmbench_plugins.validators.native.conversation import Side, converse, node_command, programs
from llmbench_plugins.validators.native.runner import TestRun
from llmbench_plugins.validators.native.suite import Job

_SOURCES = (".js", ".mjs", ".cjs")


class JavaScript:
    """Tests of jest, or of Node's own runner."""

    version = 2

    def toolchains(self) -> tuple[str, ...]:
        """Return Node's."""
        return ("node",)

    async def run(self, job: Job, boxes: Boxes) -> TestRun:
        """Run the tests with stand-ins for the answer's modules."""
        suite, shown, ours = job.suite, job.files, programs("javascript")
        answered = {path for path in {*shown, *suite.reference} if path.endswith(_SOURCES)} - {*suite.hidden}
        tests = Side(
            toolchain="node",
            files={**{p: c for p, c in suite.tree.items() if p not in answered}, **suite.hidden},
            support=ours,
            argv=node_command("tests.js", suite.limits),
        )
        answer = Side(
            toolchain="node", files=shown, support=ours, argv=node_command("answer.js", suite.limits)
        )
        order = {"modules": sorted(answered), "tests": list(suite.tests), "timeout_s": suite.timeout_s}
        told = await converse(boxes, tests, answer, order, limits=suite.limits, timeout_s=suite.timeout_s)
        return report(told)


RUNNER = JavaScript()
