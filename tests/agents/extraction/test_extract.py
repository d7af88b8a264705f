"""What is taken out of an answer, and what is said of how."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import Task
from llmbench_plugins.agents.shared.extraction import extract, extract_longest


def make_task(*editable: str, starter: tuple[str, ...] = ("leap.py",)) -> Task:
    return Task(
        id="t",
        instructions="…",
        starter=dict.fromkeys(starter, b""),
        editable=editable or ("leap.py",),
    )


CODE = "def f():\n    return 1\n"
FORMS = {
    "path in backticks before": f"`leap.py`\n```python\n{CODE}```",
    "path in bold before": f"Here it is.\n\n**leap.py**:\n\n```python\n{CODE}```\nDone.",
    "path in a heading": f"### `leap.py`\n```python\n{CODE}```",
    "path with a label": f"File: leap.py\n```\n{CODE}```",
    "numbered": f"1. **leap.py**\n```python\n{CODE}```",
    "path after the language": f"```python leap.py\n{CODE}```",
    "path after a colon": f"```python:leap.py\n{CODE}```",
    "path as a title": f'```python title="leap.py"\n{CODE}```',
    "with a dot before": f"`./leap.py`\n```python\n{CODE}```",
    "tildes": f"`leap.py`\n~~~python\n{CODE}~~~",
    "four backticks": f"`leap.py`\n````python\n{CODE}````",
    "indented": "- `leap.py`\n  ```python\n  def f():\n      return 1\n  ```",
    "windows line ends": f"`leap.py`\r\n```python\r\n{CODE}```".replace("\r\n", "\n"),
}


@pytest.mark.parametrize("name", FORMS)
def test_named_fences(name: str) -> None:
    found = extract(FORMS[name], make_task())
    assert found.how == "named"
    assert found.files == {"leap.py": CODE}


def test_the_last_of_several_versions_counts() -> None:
    answer = f"`leap.py`\n```python\nold\n```\nBetter:\n`leap.py`\n```python\n{CODE}```"
    assert extract(answer, make_task()).files == {"leap.py": CODE}


def test_several_files() -> None:
    answer = f"`leap.py`\n```python\n{CODE}```\n\n`util.py`\n```python\nx = 1\n```"
    assert extract(answer, make_task("*.py")).files == {"leap.py": CODE, "util.py": "x = 1\n"}


def test_an_unnamed_fence_is_the_main_file() -> None:
    answer = f"First:\n```\nan example\n```\nThen use this.\n```python\n{CODE}```"
    found = extract(answer, make_task())
    assert (found.how, found.files, found.fences) == ("fence", {"leap.py": CODE}, 2)


def test_a_name_nobody_asked_for_does_not_hide_the_answer() -> None:
    answer = f"`solution.py`\n```python\n{CODE}```"
    found = extract(answer, asking_for("f"))
    assert (found.how, found.files) == ("fence", {"leap.py": CODE})
    assert "named solution.py" in found.chosen["leap.py"]
    assert extract(answer, make_task()).files == {}, "nothing says that it is leap.py"


def test_a_cut_off_fence_gives_what_is_there() -> None:
    assert extract("`leap.py`\n```python\ndef f():\n    ret", make_task()).files == {
        "leap.py": "def f():\n    ret"
    }


def test_a_whole_answer_that_is_python() -> None:
    found = extract(CODE, make_task())
    assert (found.how, found.files) == ("whole", {"leap.py": CODE})


@pytest.mark.parametrize("answer", ["", "   \n", "I can't do that.", "def f(:", "`leap.py`"])
def test_nothing_to_be_found(answer: str) -> None:
    found = extract(answer, make_task())
    assert (found.how, found.files) == ("none", {})


@pytest.mark.parametrize(
    "answer",
    [
        "```python\n  1 | def f():\n  2 |     return 1\n```",
        "```python\n1 def f():\n2     return 1\n```",
        "```\n>>> def f():\n...     return 1\n>>> f()\n1\n```",
        "```python\ndef f() -&gt; int:\n    return 1\n```",
    ],
)
def test_what_is_before_or_in_each_line_goes_if_it_is_code_without_it(answer: str) -> None:
    found = extract(answer, asking_for("f"))
    assert ":\n    return 1\n" in found.files["leap.py"]
    assert "without" in found.chosen["leap.py"]
    compile(found.files["leap.py"], "leap.py", "exec")


def test_parts_that_need_each_other_are_joined() -> None:
    answer = "```python\nimport math\n```\n```python\ndef g():\n    return 2\n```\n"
    answer += "```python\ndef f():\n    return math.floor(g())\n```\n```python\ndef h(): pass\n```\n"
    found = extract(answer, asking_for("f"))
    assert (found.how, found.files["leap.py"]) == (
        "joined",
        "import math\n\ndef g():\n    return 2\n\ndef f():\n    return math.floor(g())\n",
    )


def test_a_file_that_steers_is_handed_on_and_tests_are_not() -> None:
    task = replace(make_task(), protected=("conftest.py", "test_*.py"))
    answer = f"`leap.py`\n```python\n{CODE}```\n"
    answer += "`conftest.py`\n```python\nx = 1\n```\n`test_leap.py`\n```python\ny = 1\n```\n"
    assert extract(answer, task).files == {"conftest.py": "x = 1\n", "leap.py": CODE}


def test_a_pattern_has_no_main_file() -> None:
    assert extract(f"```python\n{CODE}```", make_task("src/*.py")).how == "none"


@pytest.mark.parametrize("path", ["/etc/passwd.txt", "../up.py", "a/../../b.py"])
def test_no_path_leads_out(path: str) -> None:
    assert set(extract(f"`{path}`\n```python\n{CODE}```", make_task()).files) == {"leap.py"}


@given(st.text(alphabet="`~ab.py/\n \t*#:", max_size=200))
def test_any_text_is_taken(answer: str) -> None:
    found = extract(answer, make_task())
    assert found.how in ("named", "fence", "run", "whole", "joined", "none")
    assert all(path and ".." not in path.split("/") for path in found.files)


def asking_for(name: str) -> Task:
    return Task(
        id="t",
        instructions="…",
        starter={"leap.py": b""},
        editable=("leap.py",),
        grading={"entry_point": name},
    )


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        (f"```python\n{CODE}```\nUse it so:\n```python\nprint(f())\n```", "fence"),
        (f"```\ndef g(): pass\n```\n`other.py`\n```python\n{CODE}```\n", "fence"),
        (f"`leap.py`\n```python\nx = 1\n```\n```python\n{CODE}```\n```sh\nls\n```", "fence"),
        ("  ```python\n  def f():\n      return 1\n  ```", "fence"),
        (CODE, "whole"),
    ],
)
def test_the_function_that_is_asked_for_decides(answer: str, how: str) -> None:
    found = extract(answer, asking_for("f"))
    assert (found.how, found.files, found.unused_code) == (how, {"leap.py": CODE}, False)


def test_without_the_function_the_order_is_as_ever() -> None:
    assert extract("```python\nx = 1\n```", asking_for("f")).how == "fence"
    assert extract("I can't.", asking_for("f")).how == "none"


@pytest.mark.parametrize(
    ("answer", "unused"),
    [
        (f"`test_leap.py`\n```python\n{CODE}```", True),
        (f"`leap.py`\n```python\ndef f(:\n```\n`test_leap.py`\n```python\n{CODE}```", True),
        (f"```python\n{CODE}```\n```python\ndef f(:\n```", False),
        ("```python\ndef f(:\n```", False),
        ("nothing at all", False),
    ],
)
def test_code_that_would_do_and_was_not_taken_is_noted(answer: str, unused: bool) -> None:
    assert extract(answer, asking_for("f")).unused_code is unused


@pytest.mark.parametrize(
    "answer",
    [
        f"Sure, here it is:\n\n{CODE}\nThat's it, my friend!",
        f"```python\n{CODE}print(f())\n```",
        f"Let me think: it is 1.\n```python\nimport math\n@math.log\n{CODE}```",
    ],
)
def test_the_longest_run_that_parses(answer: str) -> None:
    found = extract_longest(answer, asking_for("f"))
    assert found.how == "longest"
    assert found.files["leap.py"].endswith(CODE)
    assert "print" not in found.files["leap.py"]


def test_no_run_parses() -> None:
    assert extract_longest("I can't, sorry!", asking_for("f")).how == "none"
    assert extract_longest("x y\n" * 5000, asking_for("f")).how == "none"
