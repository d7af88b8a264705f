"""Pages that would rather decide for themselves what tests see: none passes, none hangs."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from llmbench.api import Files, Outcome, Sandbox, Verdict
from llmbench.registry import load
from llmbench.testing.validator import OpenBoxes
from llmbench_plugins.validators.native import Judge, Suite, feedback

from .tasks import HTML

Grade = Callable[[Suite, Files], Verdict]
_SCRIPT = "scripts/orders.js"
_OUTSIDE = "const outside = window.constructor.constructor('return process')();\n"
"""What leads from a page to the process that its DOM lives in."""

_SELECTOR = r"""
document.head.append(document.createElement('style'));
document.querySelector('style').textContent = '[a="\\");throw 1;(\\""],p:not("){display:none}';
"""
_HANDLERS = """
document.body.innerHTML = '<img src=x onerror="throw 1"><iframe srcdoc="<script>1</script>"></iframe>'
  + '<svg><script>process.exit(0)</script></svg><a "=1 @click=2 id=x>';
"""


@pytest.fixture(scope="module")
def grade(tmp_path_factory: pytest.TempPathFactory, opened_once: Callable[[str], Sandbox]) -> Grade:
    judge = Judge(tmp_path_factory.mktemp("references"))
    boxes: list[OpenBoxes] = []

    def graded(suite: Suite, answer: Files) -> Verdict:
        if not boxes:
            boxes.append(OpenBoxes(opened_once("node"), [load("toolchain", "node")]))
        return asyncio.run(judge.grade(suite, {**suite.reference, **answer}, boxes[0]))

    return graded


def scripted(source: str, *, before: bool = True) -> dict[str, bytes]:
    """Return the wrong answer with a script before or after its own."""
    own = HTML.wrong[_SCRIPT].decode()
    return {_SCRIPT: (source + own if before else own + source).encode()}


ATTACKS = {
    "patched prototypes": (
        (
            "for (const kind of [Array, Object, String, Element, Node, HTMLElement, EventTarget])\n"
            "  for (const key of Object.getOwnPropertyNames(kind.prototype))\n"
            "    try { kind.prototype[key] = () => true; } catch {}\n"
        ),
        "",
    ),
    "attributes that are always there": (
        "Element.prototype.getAttribute = () => 'true'; Element.prototype.matches = () => true;\n",
        "found 0",
    ),
    "the end of the process": (f"{_OUTSIDE}outside.exit(0);\n", "the answer ended its process"),
    "the end of the process later": (
        f"{_OUTSIDE}document.addEventListener('click', () => outside.exit(0));\n",
        "the answer ended its process",
    ),
    "a signal": (f"{_OUTSIDE}outside.kill(outside.pid, 9);\n", "the answer ended its process"),
    "a report of its own": (
        (
            f"{_OUTSIDE}const {{ writeSync }} = outside.mainModule.require('fs');\n"
            'const report = \'{"done":{"cases":{},"errors":[],"problem":""}}\\n\';\n'
            "for (let fd = 1; fd < 32; fd += 1) try { writeSync(fd, report.repeat(99)); } catch {}\n"
        ),
        "",
    ),
    "no JSON": (
        (
            f"{_OUTSIDE}const {{ writeSync }} = outside.mainModule.require('fs');\n"
            "writeSync(3, 'all tests passed\\n'.repeat(99));\n"
        ),
        "",
    ),
    "pictures of its own": (
        (
            f"{_OUTSIDE}const {{ Picture }} = outside.mainModule.require('./picture.js');\n"
            "const tree = { n: 1, name: 'html', attrs: 7, kids: 'x' };\n"
            "Picture.prototype.taken = () => ({ tree, focus: {} });\n"
        ),
        "",
    ),
    "other modules of the driver": (
        (
            f"{_OUTSIDE}const outer = outside.mainModule.require;\n"
            "outer('./user.js').User.prototype.does = async () => {};\n"
            "outer('assert').equal = outer('assert').deepEqual = () => {};\n"
        ),
        "",
    ),
    "an error that can not be shown": (
        "setTimeout(() => { throw { get message() { throw 1; }, toString() { throw 2; } }; });\n",
        "the page's script failed: it threw what can not be shown",
    ),
    "a rejection": ("Promise.reject(new TypeError('no'));\n", "the page's script failed: TypeError: no"),
    "a syntax error": ("const = 1;\n", "the page's script failed: SyntaxError"),
    "an error later": (
        "setTimeout(() => { throw new Error('at last'); }, 5);\n",
        "the page's script failed: Error: at last",
    ),
    "a deep page": (
        (
            "let at = document.body;\n"
            "for (let n = 0; n < 3000; n += 1) at = at.appendChild(document.createElement('p'));\n"
        ),
        "",
    ),
    "another page": ("document.documentElement.remove();\n", ""),
    "a closed window": ("window.close();\n", ""),
    "code in a selector": (_SELECTOR, ""),
    "handlers in attributes": (_HANDLERS, ""),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_page_writes_its_own_verdict(name: str, grade: Grade) -> None:
    source, reason = ATTACKS[name]
    suite = replace(HTML.suite, timeout_s=20.0)
    verdict = grade(suite, scripted(source))
    assert verdict.outcome in (Outcome.FAILED, Outcome.TIMEOUT), verdict
    assert reason in verdict.reason + verdict.stdout
    assert verdict.tests_passed < HTML.passed
    assert feedback(verdict)


def test_an_endless_loop_is_a_timeout(grade: Grade) -> None:
    suite = replace(HTML.suite, timeout_s=3.0)
    for source in ("for (;;);\n", "document.addEventListener('click', () => { for (;;); });\n"):
        verdict = grade(suite, scripted(source))
        assert verdict.outcome is Outcome.TIMEOUT, verdict


def test_timers_without_end_do_not_hold_the_clock(grade: Grade) -> None:
    ticking = b"const again = () => { setTimeout(again); requestAnimationFrame(again); };\nagain();\n"
    verdict = grade(HTML.suite, {_SCRIPT: ticking + HTML.suite.reference[_SCRIPT]})
    assert verdict.outcome in (Outcome.FAILED, Outcome.TIMEOUT)


def test_memory_that_a_box_has_not_is_no_pass(grade: Grade) -> None:
    suite = replace(HTML.suite, limits=replace(HTML.suite.limits, memory_mb=512))
    greedy = "const kept = []; for (;;) kept.push(new Uint8Array(1e7).fill(1));\n"
    assert grade(suite, scripted(greedy)).outcome in (Outcome.FAILED, Outcome.TIMEOUT)


def test_a_page_too_large_to_be_looked_at_says_so(grade: Grade) -> None:
    verdict = grade(HTML.suite, scripted("document.body.append('x'.repeat(3e6));\n"))
    assert verdict.outcome is Outcome.FAILED
    assert "what stands on the page takes 30" in verdict.reason


def test_an_answer_brings_no_tests(grade: Grade) -> None:
    verdict = grade(HTML.suite, {"orders.test.js": b""})
    assert verdict.outcome is Outcome.TAMPERED


def test_patches_that_change_nothing_a_reader_sees_still_pass(grade: Grade) -> None:
    patch = b"Array.prototype.last = function () { return this.at(-1); };\n"
    verdict = grade(HTML.suite, {_SCRIPT: HTML.suite.reference[_SCRIPT] + patch})
    assert verdict.outcome is Outcome.PASSED, verdict
