"""What agents say of tests that the dataset shows, in full or where they lie; nothing where it shows none."""

import re

from llmbench.api import Task, as_text

_LONGEST_BYTES = 40_000
"""Of a file that is shown in full: longer ones are data, or a library's."""


def tests_in_full(task: Task) -> str:
    """Return the tests with what is in them, for a model that can't look at them."""
    if not task.shown_tests:
        return ""
    files = "\n\n".join(_shown(path, content) for path, content in sorted(task.shown_tests.items()))
    return (
        "## Tests\n\nThe answer is graded by these tests. They may not be changed: leave them out of the "
        f"answer.\n\n{files}"
    )


def tests_by_name(task: Task) -> str:
    """Return where the tests are, for a model that can look at them."""
    if not task.shown_tests:
        return ""
    names = ", ".join(sorted(task.shown_tests))
    return f"The answer is graded by the tests in these files, which may not be changed: {names}"


def joined(*parts: str) -> str:
    """Return the parts that say something, as paragraphs."""
    return "\n\n".join(filter(None, parts))


def _shown(path: str, content: bytes) -> str:
    text = as_text(content)
    if text is None or len(content) > _LONGEST_BYTES:
        return f"`{path}` ({len(content)} bytes, not shown)"
    longest = max((len(found) for found in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    end = "" if text.endswith("\n") else "\n"
    return f"`{path}`\n{fence}\n{text}{end}{fence}"
