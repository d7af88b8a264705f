"""However an answer is made, reading it is work in proportion to its length, and raises nothing."""

import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import Task
from llmbench_plugins.agents.shared.extraction import extract
from llmbench_plugins.agents.shared.extraction.reader import Allowance, Parsed, Reader

STARTER = {
    "python": b"def f():\n    pass\n",
    "go": b"package a\n\nfunc F() {}\n",
    "js": b"export const f = 1;\n",
}
SUFFIX = {"python": "py", "go": "go", "js": "js"}


def make_task(language: str = "python") -> Task:
    path = f"main.{SUFFIX[language]}"
    return Task(id="t", instructions="…", starter={path: STARTER[language]}, editable=(path,))


FLOODS: dict[str, Callable[[int], str]] = {
    "backticks": lambda size: "`" * size,
    "marks in a line": lambda size: "``` " * (size // 4),
    "marks on lines": lambda size: "```\n" * (size // 4),
    "openers": lambda size: "```python\n" * (size // 10),
    "openers with code": lambda size: "```python\nx = (\n" * (size // 16),
    "two kinds of marks": lambda size: "```a\n~~~\n````\n" * (size // 14),
    "brackets": lambda size: f"```python\n{'(' * size}\n```",
    "signs": lambda size: f"```python\nx = {'-' * size}1\n```",
    "attributes": lambda size: f"```python\nx = a{'.a' * (size // 2)}\n```",
    "blanks": lambda size: " " * size + "x",
    "blank lines": lambda size: "    \n" * (size // 5),
    "headings": lambda size: "# a\n\nb c\n" * (size // 9),
    "definitions": lambda size: "def f(:\n" * (size // 8),
    "definitions without an end": lambda size: "def f(\n" * (size // 7),
    "quotes": lambda size: '"""\n' * (size // 4),
    "tags": lambda size: "<code>\n" * (size // 7),
    "file tags": lambda size: '<file path="a.py">\n</file>\n' * (size // 27),
    "comments": lambda size: "<!--" * (size // 4),
    "here-documents": lambda size: "cat > a.py <<EOF\n" * (size // 17),
    "ends of thinking": lambda size: "</think>\n```\n" * (size // 13),
    "tokens": lambda size: "<|im_end|>" * (size // 10),
    "one path": lambda size: f"{'a/' * (size // 2)}b.py\n```\nx = 1\n```",
    "numbers": lambda size: "".join(f"{number} | x\n" for number in range(size // 8)),
    "prompts": lambda size: ">>> x\n" * (size // 6),
}


class Counted:
    """Counts the characters that readers are given."""

    def __init__(self) -> None:
        self.chars = 0

    def __call__(self, text: str) -> Parsed:
        self.chars += len(text)
        return Parsed(problem=1)


def test_a_reader_stops_at_its_allowance_and_reads_nothing_twice() -> None:
    counted = Counted()
    read = Reader("python", counted, Allowance(1000))
    for number in range(100):
        read("x" * 90 + str(number % 50))
    assert counted.chars < 1500
    assert read("y").problem is not None


def calls_for(answer: str, task: Task) -> int:
    """Return how many functions are called to read an answer."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        extract(answer, task)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("language", STARTER)
@pytest.mark.parametrize("flood", FLOODS)
def test_twice_the_answer_is_twice_the_work(flood: str, language: str) -> None:
    once, twice = (calls_for(FLOODS[flood](size), make_task(language)) for size in (15_000, 30_000))
    assert twice < 2.6 * once + 50_000
    assert twice < 4_000_000


PIECES = [
    *("```", "~~~", "````", "\n", "\r\n", "python", " ", "    ", "def f():", "return 1", "`main.py`", "# "),
    *(
        "</think>",
        "<|im_end|>",
        "<code>",
        "</code>",
        "> ",
        "- ",
        "x = 1",
        "'",
        "(",
        "Done.",
        "\x00",
        "\ud83e",
    ),
    *('"""', "\ufeff"),
]


@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=40,
    ).map("".join)
)
def test_any_text_is_read(answer: str) -> None:
    for language in STARTER:
        found = extract(answer, make_task(language))
        assert set(found.files) <= {f"main.{SUFFIX[language]}"}
        assert (found.how == "none") == (not found.files)
