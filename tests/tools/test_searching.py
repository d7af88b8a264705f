"""Tools that find files and lines."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import ToolError
from llmbench_plugins.tools.shared import linear

TREE = {
    "main.py": "import os\nVALUE = 1\n",
    "src/util.py": "def helper(value):\n    return value\n",
    "src/deep/util.js": "function helper() { return VALUE }\n",
    "docs/a[1].md": "helper docs\n",
    "logo.png": b"\0value",
}


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.py", ["main.py", "src/util.py"]),
        ("src/*", ["src/util.py"]),
        ("src/**", ["src/deep/util.js", "src/util.py"]),
        ("**/*.js", ["src/deep/util.js"]),
        ("**/util.*", ["src/deep/util.js", "src/util.py"]),
        ("./main.??", ["main.py"]),
        ("*.{js,md}", ["docs/a[1].md", "src/deep/util.js"]),
        ("[m-n]ain.py", ["main.py"]),
        ("[!m]*.png", ["logo.png"]),
        ("docs/a[[]1].md", ["docs/a[1].md"]),
    ],
)
def test_glob(scope_of, use, pattern, found) -> None:
    assert use("glob", scope_of(TREE), pattern=pattern).text.splitlines() == found


def test_glob_in_a_folder(scope_of, use) -> None:
    scope = scope_of(TREE)
    assert use("glob", scope, pattern="*.py", path="src").text == "src/util.py"
    assert use("glob", scope, pattern="src/*.py", path="src").text == "src/util.py"
    assert use("glob", scope, pattern="*.rs").text == "no file matches '*.rs'"


@given(
    st.text(alphabet="*?[]{}!,a./\\-^$()|+é", max_size=15),
    st.text(alphabet="ab./é[]", min_size=1, max_size=12),
)
def test_any_glob_is_a_pattern_or_an_error(pattern: str, path: str) -> None:
    with contextlib.suppress(ToolError):
        assert linear.glob(pattern)(path) in (True, False)


@given(st.text(alphabet="ab/é.\\+^$(|)", min_size=1, max_size=12))
def test_a_glob_without_wildcards_matches_itself_alone(name: str) -> None:
    matches = linear.glob(f"src/{name}")
    assert matches(f"src/{name}")
    assert not matches(f"src/{name}x")
    assert not matches(f"x/src/{name}")


def test_grep_shows_file_line_and_text(scope_of, use) -> None:
    scope = scope_of(TREE)
    assert use("grep", scope, pattern=r"\bhelper\b").text.splitlines() == [
        "docs/a[1].md:1:helper docs",
        "src/deep/util.js:1:function helper() { return VALUE }",
        "src/util.py:1:def helper(value):",
    ]
    assert use("grep", scope, pattern="value", ignore_case=True, glob="*.py").text.splitlines() == [
        "main.py:2:VALUE = 1",
        "src/util.py:1:def helper(value):",
        "src/util.py:2:    return value",
    ]
    assert use("grep", scope, pattern="return", path="src/util.py", context=1).text.splitlines() == [
        "src/util.py-1-def helper(value):",
        "src/util.py:2:    return value",
    ]
    assert "no line matches 'nowhere' in 4 text files" in use("grep", scope, pattern="nowhere").text
    with pytest.raises(ToolError, match="there is no folder 'nope'"):
        use("grep", scope, pattern="x", path="nope")


def test_grep_shows_lines_around_once(scope_of, use) -> None:
    scope = scope_of({"a.txt": "1\nhit\n3\nhit\nhit\n6\n7\n8\n9\nhit\n", "b.txt": "1\n2\n3\nhit\n"})
    assert use("grep", scope, pattern="hit", context=1).text.splitlines() == [
        "a.txt-1-1",
        "a.txt:2:hit",
        "a.txt-3-3",
        "a.txt:4:hit",
        "a.txt:5:hit",
        "a.txt-6-6",
        "--",
        "a.txt-9-9",
        "a.txt:10:hit",
        "b.txt-3-3",
        "b.txt:4:hit",
    ]


def test_a_file_full_of_hits_is_not_kept_whole(scope_of, use) -> None:
    scope = scope_of({"a.txt": "hit\n" * 300_000})
    assert use("grep", scope, pattern="hit").text.endswith(
        " more of 5000; give a narrower pattern, path or glob]"
    )
    found = use("search", scope, query="hit", options={"max_results": 2}).text
    assert found == "a.txt:1:hit\na.txt:2:hit\n[299998 more lines match less well]"


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*b$", "(a*)*(a*)*(a*)*c"])
def test_no_pattern_takes_for_ever(scope_of, use, pattern) -> None:
    # With an engine that backtracks, each of these would outlive the machine.
    scope = scope_of({"a.txt": "a" * 50_000 + "!\n"})
    assert "no line matches" in use("grep", scope, pattern=pattern).text


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1", "a{5000}", "*a"])
def test_a_pattern_that_can_not_be_is_explained(scope_of, use, pattern) -> None:
    with pytest.raises(ToolError, match=r"the pattern can't be used: .*; expected RE2 syntax"):
        use("grep", scope_of(TREE), pattern=pattern)


def test_grep_is_cut(scope_of, use) -> None:
    scope = scope_of({f"{number}.txt": "hit\n" * 1000 + "x" * 5000 + " hit\n" for number in range(20)})
    text = use("grep", scope, pattern="hit", options={"max_chars": 2000}).text
    assert len(text) <= 2000
    assert "give a narrower pattern" in text
    assert "[4704 characters more]" in use("grep", scope, pattern="x hit$", path="0.txt").text


def test_search_puts_the_best_first(scope_of, use) -> None:
    scope = scope_of(
        {
            "a.txt": "the user logs in\nLogin of the User\nuser login\nUSER LOGIN failed\nnothing\nlogin\n",
            "b.txt": "login user\n",
        }
    )
    assert use("search", scope, query="user login").text.splitlines() == [
        "a.txt:3:user login",
        "a.txt:4:USER LOGIN failed",
        "a.txt:2:Login of the User",
        "b.txt:1:login user",
    ]
    assert use("search", scope, query="(.*").text.startswith("nothing like '(.*'")
    few = use("search", scope, query="login", options={"max_results": 2}).text.splitlines()
    assert few[0] == "a.txt:3:user login"
    assert few[-1] == "[3 more lines match less well]"
