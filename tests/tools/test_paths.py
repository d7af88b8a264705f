"""No path leads out of the workspace, and only what the task names can be changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api import ToolError, ToolRefused, clean_path
from llmbench.api.scope import FILE_BYTES

FILES = {"main.py": "x = 1\n", "src/a.py": "a", "tests/test_a.py": "t", "conftest.py": "c"}
RULES = {"editable": ("main.py", "src/*"), "protected": ("conftest.py", "*.cfg")}

OUTSIDE = [
    "../main.py",
    "src/../../main.py",
    "/etc/passwd",
    "/main.py",
    "/boxes/main.py",
    "/box/../etc/passwd",
    "~/../x/..",
    "",
    " ",
    ".",
    "nul\0byte",
    "back\\slash",
    "C:\\main.py",
    "line\nbreak",
    "x" * 256,
    "é" * 128,
    "d/" * 40 + "f",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_that_leads_out_is_an_error(scope_of, use, path) -> None:
    scope = scope_of(FILES, editable=("*",))
    for name, more in (
        ("read", {}),
        ("write", {"content": "x"}),
        ("edit", {"old_string": "x", "new_string": "y"}),
    ):
        with pytest.raises(ToolError):
            use(name, scope, path=path, **more)
    diff = f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n"
    if "\n" not in path and path.strip():
        with pytest.raises(ToolError):
            use("apply_patch", scope, patch=diff)
    assert scope.workspace.changed() == {}


@given(st.text(alphabet="./\\ab~\0\n ", max_size=20))
def test_whatever_is_accepted_is_inside(path: str) -> None:
    from llmbench.api import Task
    from llmbench.testing.tool import ScriptedScope

    scope = ScriptedScope(Task(id="t", instructions="", starter={}, editable=("*",)))
    try:
        written = scope.write(path, b"x")
    except ToolError:
        assert scope.workspace.files == {}
    else:
        assert list(scope.workspace) == [written] == [clean_path(written)]
        assert ".." not in written.split("/")


@pytest.mark.parametrize("path", ["main.py", "./main.py", "/box/main.py", " main.py ", "src/../main.py"])
def test_ways_to_write_a_path(scope_of, use, path) -> None:
    scope = scope_of(FILES)
    if ".." in path:
        with pytest.raises(ToolError, match=r"without '\.\.'"):
            use("read", scope, path=path)
    else:
        assert "x = 1" in use("read", scope, path=path).text


def test_files_that_are_not_the_answer_are_refused_at_once(scope_of, use) -> None:
    scope = scope_of(FILES, **RULES)
    with pytest.raises(ToolRefused, match=r"tests/test_a.py may not be changed: .* main.py, src/\*"):
        use("write", scope, path="tests/test_a.py", content="")
    with pytest.raises(ToolRefused, match=r"new.py may not be changed"):
        use("write", scope, path="new.py", content="")
    with pytest.raises(ToolRefused, match="belongs to the grading"):
        use("edit", scope, path="conftest.py", old_string="c", new_string="d")
    with pytest.raises(ToolRefused, match="belongs to the grading"):
        use("write", scope, path="src/setup.cfg", content="")
    with pytest.raises(ToolRefused):
        use("apply_patch", scope, patch="--- a/tests/test_a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-t\n")
    assert scope.workspace.changed() == {}
    assert scope.workspace.deleted() == ()
    assert "t" in use("read", scope, path="tests/test_a.py").text
    assert "created src/new.py" in use("write", scope, path="src/new.py", content="n").text


def test_a_file_never_takes_the_place_of_a_folder(scope_of, use) -> None:
    scope = scope_of(FILES)
    with pytest.raises(ToolError, match=r"main.py is a file and not a folder"):
        use("write", scope, path="main.py/inner.py", content="")
    with pytest.raises(ToolError, match="src can't be written: it is a folder"):
        use("write", scope, path="src", content="")
    with pytest.raises(ToolError, match=r"src is a folder; .*files: conftest.py, main.py"):
        use("read", scope, path="src")


def test_a_missing_file_is_answered_with_those_that_are_there(scope_of, use) -> None:
    with pytest.raises(
        ToolError, match=r"there is no file mian.py; did you mean main.py\? files: conftest.py"
    ):
        use("read", scope_of(FILES), path="mian.py")


def test_a_workspace_can_not_grow_without_end(scope_of, use) -> None:
    scope = scope_of({"a.txt": "a" * 1000})
    for _ in range(5):
        use("edit", scope, path="a.txt", old_string="a", new_string="aaaa", replace_all=True)
    with pytest.raises(ToolError, match="would grow beyond"):
        use("edit", scope, path="a.txt", old_string="a", new_string="aaaa", replace_all=True)
    assert len(scope.workspace.read("a.txt")) <= FILE_BYTES
    with pytest.raises(ToolError, match="would hold"):
        use("write", scope, path="b.txt", content="b" * (FILE_BYTES + 1))
    for number in range(7):
        use("write", scope, path=f"{number}.txt", content="c" * FILE_BYTES)
    with pytest.raises(ToolError, match="the workspace would hold"):
        use("write", scope, path="8.txt", content="c" * FILE_BYTES)
    use("write", scope, path="0.txt", content="less")
