"""Patches: what a diff tool writes is applied exactly; what a model gets wrong is forgiven or refused."""

import contextlib
import difflib
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmbench.api import Task, ToolError, ToolRefused
from llmbench.registry import load
from llmbench.testing.tool import ScriptedScope, call

LINES = st.lists(
    st.sampled_from(
        ["a", "b", "", " ", "x = 1", "-- a", "++ b", "@@ -1 +1 @@", "--- a/f", "+++ b/f", "\\ No", "é\x0c"]
    ),
    max_size=14,
)
TEXTS = st.tuples(LINES, st.booleans()).map(
    lambda made: "\n".join(made[0]) + ("\n" if made[1] and made[0] else "")
)


def diff(old: str, new: str, name: str = "f", context: int = 3) -> str:
    """Return what ``diff -u`` writes, with its remark on a missing newline."""
    lines = difflib.unified_diff(kept(old), kept(new), f"a/{name}", f"b/{name}", n=context)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def kept(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def patched(files: dict[str, str], patch: str, **changes: object) -> dict[str, str]:
    tool = load("tool", "apply_patch")
    starter = {path: text.encode() for path, text in files.items()}
    task = Task(id="t", instructions="", starter=starter, **({"editable": ("*",)} | changes))
    scope = ScriptedScope(task)
    try:
        call(tool(tool.Options(), None), scope, {"patch": patch})
    except ToolError:
        assert scope.workspace.files == starter, "a patch that is refused must change nothing"
        raise
    return {path: content.decode() for path, content in scope.workspace.files.items()}


@settings(max_examples=400, deadline=None)
@given(TEXTS, TEXTS, st.integers(0, 4))
def test_a_real_diff_is_applied_exactly(old: str, new: str, context: int) -> None:
    if old != new:
        assert patched({"f": old}, diff(old, new, context=context)) == {"f": new}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_a_diff_over_several_files(pairs: list[tuple[str, str]]) -> None:
    old = {f"d/f{number}": text for number, (text, _) in enumerate(pairs)}
    new = {f"d/f{number}": text for number, (_, text) in enumerate(pairs)}
    patch = "".join(diff(old[name], new[name], name) for name in old)
    if patch:
        assert patched(old, patch) == new


UNIQUE = st.lists(st.integers(0, 10_000), unique=True, min_size=6, max_size=40).map(
    lambda n: [f"line {i}" for i in n]
)


@settings(max_examples=200, deadline=None)
@given(UNIQUE, st.randoms(use_true_random=False), st.integers(-30, 60), st.data())
def test_line_numbers_may_drift_and_counts_be_wrong(
    lines: list[str], luck: random.Random, drift: int, data: st.DataObject
) -> None:
    at = luck.randrange(2, len(lines) - 2)
    new = [*lines[:at], "changed", *lines[at + luck.randrange(0, 2) :]]
    patch = diff("\n".join(lines) + "\n", "\n".join(new) + "\n", context=2)

    def moved(found: re.Match[str]) -> str:
        start = max(int(found[1]) + drift, 0)
        counts = data.draw(st.tuples(st.integers(0, 9), st.integers(0, 9)))
        return f"@@ -{start},{counts[0]} +{start},{counts[1]} @@"

    patch = re.sub(r"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@", moved, patch)
    assert patched({"f": "\n".join(lines) + "\n"}, patch) == {"f": "\n".join(new) + "\n"}


@given(st.text("ab-+ @\\\n*/", max_size=120), st.text("ab-+ @\\\n", max_size=40))
def test_any_text_is_a_patch_or_an_error(patch: str, content: str) -> None:
    for text in (patch, f"--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n{patch}", f"*** Update File: f\n{patch}"):
        with contextlib.suppress(ToolError):
            patched({"f": content}, text)


OLD = "def f():\n    a = 1\n    b = 2\n    return a + b\n"
NEW = "def f():\n    a = 1\n    b = 3\n    return a + b\n"
BODY = "     a = 1\n-    b = 2\n+    b = 3\n     return a + b\n"


@pytest.mark.parametrize(
    "patch",
    [
        f"--- a/f\n+++ b/f\n@@ -2,3 +2,3 @@\n{BODY}",
        f"--- f\n+++ f\n@@ -2,3 +2,3 @@ def f():\n{BODY}",
        f"```diff\n--- a/f\n+++ b/f\n@@ -2,3 +2,3 @@\n{BODY}```\n",
        f"diff --git a/f b/f\nindex 123..456 100644\n--- a/f\n+++ b/f\n@@ -2,3 +2,3 @@\n{BODY}",
        f"--- a/f\t2024-01-01 00:00:00\n+++ b/f\t2024-01-01 00:00:01\n@@ -2,3 +2,3 @@\n{BODY}",
        f"Here it is:\n\n--- a/f\n+++ b/f\n@@ ... @@\n{BODY}\nThat is all.\n",
        f"--- a/f\n+++ b/f\n@@\n{BODY}",
        f"--- a/f\n+++ b/f\n@@ -200,9 +1,1 @@\n{BODY}",
        f"--- f.orig\n+++ f\n@@ -2,3 +2,3 @@\n{BODY}",
        "--- a/f\n+++ b/f\n@@ -2,3 +2,3 @@\n    a = 1\n-    b = 2\n+    b = 3\n     return a + b\n",
        f"--- a/f\n+++ b/f\n@@ -2,3 +2,3 @@\n{BODY}-- \n2.39.2\n",
        f"--- a/f\n+++ b/f\n@@ -2,3 +2,3 @@\n{BODY}".replace("\n", "\r\n"),
        f"--- a/f\n+++ b/f\n@@ -2,3 +2,3 @@\n{BODY}".replace("a = 1\n", "a = 1  \n"),
        f"*** Begin Patch\n*** Update File: f\n@@ def f():\n{BODY}*** End Patch\n",
        f"*** Begin Patch\n*** Update File: f\n{BODY}*** End of File\n*** End Patch",
    ],
)
def test_the_ways_in_which_models_write_a_patch(patch: str) -> None:
    assert patched({"f": OLD}, patch) == {"f": NEW}


def test_the_nearest_of_several_places_is_meant() -> None:
    block = "start\nvalue = 1\nend\n"
    patch = "--- a/f\n+++ b/f\n@@ -{0},3 +{0},3 @@\n start\n-value = 1\n+value = 2\n end\n"
    for number in range(3):
        expected = [block] * 3
        expected[number] = block.replace("1", "2")
        assert patched({"f": block * 3}, patch.format(1 + 3 * number)) == {"f": "".join(expected)}
    with pytest.raises(
        ToolError, match="fits at lines 1, 4, 7: give its line number, or more lines around it"
    ):
        patched({"f": block * 3}, patch.replace("-{0},3 +{0},3 ", ""))


def test_new_deleted_and_moved_files() -> None:
    files = {"old.py": "a\nb\n", "gone.py": "x\n", "same.py": "s\n"}
    patch = (
        "--- /dev/null\n+++ b/new/made.py\n@@ -0,0 +1,2 @@\n+one\n+two\n"
        "--- a/gone.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
        "diff --git a/old.py b/moved.py\nsimilarity index 50%\nrename from old.py\nrename to moved.py\n"
        "--- a/old.py\n+++ b/moved.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
        "diff --git a/empty.py b/empty.py\nnew file mode 100644\nindex 0000000..e69de29\n"
    )
    assert patched(files, patch) == {
        "new/made.py": "one\ntwo\n",
        "moved.py": "a\nc\n",
        "same.py": "s\n",
        "empty.py": "",
    }
    envelope = (
        "*** Begin Patch\n*** Add File: new.py\n+one\n+\n+two\n*** Delete File: gone.py\n"
        "*** Update File: old.py\n*** Move to: moved.py\n@@\n a\n-b\n+c\n*** End Patch\n"
    )
    assert patched(files, envelope) == {"new.py": "one\n\ntwo\n", "moved.py": "a\nc\n", "same.py": "s\n"}


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (
            "--- a/b\n+++ b/b\n@@ -1 +1 @@\n-not there\n+x\n",
            "hunk 1 of b .* fits nowhere, so nothing was changed",
        ),
        ("--- a/no/such\n+++ b/no/such\n@@ -1 +1 @@\n-x\n+y\n", "there is no file no/such"),
        ("--- /dev/null\n+++ b/b\n@@ -0,0 +1 @@\n+x\n", "b is there already"),
        ("--- a/b\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n", "deletes b but leaves 1 line of it"),
        ("--- a/../b\n+++ b/../b\n@@ -1 +1 @@\n-one\n+x\n", "is no path in the workspace"),
        ("--- /dev/null\n+++ b/a/inner\n@@ -0,0 +1 @@\n+x\n", "a is a file and not a folder"),
        ("--- a/a\n+++ b/b\n@@ -1 +1 @@\n-two\n+x\n", "a can't become b, which is there already"),
        ("--- /dev/null\n+++ /dev/null\n@@ -0,0 +1 @@\n+x\n", "leads from /dev/null to /dev/null"),
    ],
)
def test_all_of_a_patch_is_applied_or_nothing(second: str, said: str) -> None:
    first = "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-one\n+two\n"
    with pytest.raises(ToolError, match=said):
        patched({"a": "one\n", "b": "one\ntwo\n"}, first + second)


def test_what_may_not_be_changed_refuses_the_whole_patch() -> None:
    patch = "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-one\n+two\n--- a/b\n+++ b/b\n@@ -1 +1 @@\n-one\n+two\n"
    with pytest.raises(ToolRefused, match="b may not be changed"):
        patched({"a": "one\n", "b": "one\n"}, patch, editable=("a",))


def test_a_patch_that_does_not_fit_is_answered_with_what_is_there() -> None:
    with pytest.raises(ToolError) as caught:
        patched({"f": OLD}, "--- a/f\n+++ b/f\n@@ -2,2 +2,2 @@\n-    b = 22\n+    b = 3\n     return a + b\n")
    assert "hunk 1 of f (@@ -2,2 +2,2 @@) fits nowhere" in str(caught.value)
    assert "the nearest lines:\n    1\tdef f():\n    2\t    a = 1\n    3\t    b = 2" in str(caught.value)
    with pytest.raises(ToolError, match="white space"):
        patched({"f": OLD}, "--- a/f\n+++ b/f\n@@ -2,1 +2,1 @@\n-  b = 2\n+  b = 3\n")


@pytest.mark.parametrize("patch", ["", "x = 2", "@@ -1 +1 @@\n-a\n+b\n", "--- a/f\n+++ b/f\n"])
def test_what_is_no_patch_is_told_how_one_looks(patch: str) -> None:
    with pytest.raises(ToolError, match="expected"):
        patched({"f": OLD}, patch)


def test_a_patch_never_takes_minutes() -> None:
    hunk = "@@ -9,1 +9,1 @@\n-a\n+b\n"
    with pytest.raises(ToolError, match="100 hunks are too many for f of 60000 lines; send them in parts"):
        patched({"f": "a\n" * 60_000}, f"--- a/f\n+++ b/f\n{hunk * 100}")
    assert patched({"f": "a\n" * 200}, f"--- a/f\n+++ b/f\n{hunk * 100}")["f"].count("b") == 100


def test_line_ends_stay() -> None:
    crlf = OLD.replace("\n", "\r\n")
    patch = f"--- a/f\n+++ b/f\n@@ -2,3 +2,3 @@\n{BODY}"
    assert patched({"f": crlf}, patch) == {"f": NEW.replace("\n", "\r\n")}
    assert patched({"f": OLD.rstrip("\n")}, patch) == {"f": NEW.rstrip("\n")}
