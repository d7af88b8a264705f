"""Tools that read and write files."""

import pytest

from llmbench.api import ToolError


def test_ls_shows_folders_sizes_and_what_may_not_be_changed(scope_of, use) -> None:
    files = {"b.py": "12345", "src/deep/x.py": "", "src/a.py": "1", "README.md": "é"}
    scope = scope_of(files, editable=("*.py",))
    assert use("ls", scope).text == "src/  2 files\nREADME.md  2 bytes, read-only\nb.py  5 bytes"
    assert use("ls", scope, path="/box/src/").text == "deep/  1 file\na.py  1 byte"
    assert use("ls", scope, path="src", recursive=True).text == "a.py  1 byte\ndeep/x.py  0 bytes"
    with pytest.raises(ToolError, match="there is no folder 'nope'"):
        use("ls", scope, path="nope")
    assert use("ls", scope_of({})).text == "the workspace is empty"


def test_ls_is_cut_at_a_line_and_says_so(scope_of, use) -> None:
    scope = scope_of({f"file{number:04}.py": "" for number in range(2000)})
    text = use("ls", scope, options={"max_chars": 500}).text
    assert len(text) <= 500
    *shown, last = text.splitlines()
    assert shown == [f"file{number:04}.py  0 bytes" for number in range(len(shown))]
    assert last == f"[{2000 - len(shown)} more of 2000; list a folder below, or use glob]"


def test_read_shows_numbers_and_ranges(scope_of, use) -> None:
    scope = scope_of({"a.txt": "".join(f"line {number}\n" for number in range(1, 31))})
    assert use("read", scope, path="a.txt").text.startswith("    1\tline 1\n    2\tline 2\n")
    assert use("read", scope, path="a.txt", start_line=29).text == "   29\tline 29\n   30\tline 30"
    text = use("read", scope, path="a.txt", start_line=3, end_line=4).text
    assert text == "    3\tline 3\n    4\tline 4\n[lines 5 to 30 follow: start_line=5]"
    assert use("read", scope, path="a.txt", offset=3, limit=2).text == text
    assert use("read", scope, path="a.txt", end_line=99).text.endswith("   30\tline 30")
    with pytest.raises(ToolError, match="has 30 lines; start_line=31 is behind its end"):
        use("read", scope, path="a.txt", start_line=31)
    with pytest.raises(ToolError, match="end_line=3 is before start_line=5"):
        use("read", scope, path="a.txt", start_line=5, end_line=3)


def test_read_is_cut_at_a_line_and_says_where_to_go_on(scope_of, use) -> None:
    scope = scope_of({"a.txt": "".join(f"line {number}\n" for number in range(1, 5001))})
    text = use("read", scope, path="a.txt", options={"max_chars": 1000}).text
    assert len(text) <= 1000
    *shown, last = text.splitlines()
    assert last == f"[lines {len(shown) + 1} to 5000 follow: start_line={len(shown) + 1}]"
    assert len(shown) > 40
    one = use("read", scope_of({"a.txt": "x" * 100_000}), path="a.txt", options={"max_chars": 1000}).text
    assert len(one) <= 1000


def test_binary_and_empty_files_are_named(scope_of, use) -> None:
    scope = scope_of(
        {"a.png": b"\x89PNG\0\xff", "b.txt": "", "c.txt": b"caf\xe9", "form.txt": "a\x0cb\u2028c\r\nd"}
    )
    assert use("read", scope, path="a.png").text == "a.png is binary (6 bytes); its content is not shown"
    assert "binary" in use("read", scope, path="c.txt").text
    assert use("read", scope, path="b.txt").text == "b.txt is empty"
    assert use("read", scope, path="form.txt").text == "    1\ta\x0cb\u2028c\n    2\td"
    with pytest.raises(ToolError, match=r"a.png is binary \(6 bytes\); only text can be changed"):
        use("edit", scope, path="a.png", old_string="P", new_string="Q")
    assert "a.png" not in use("grep", scope, pattern="PNG").text


def test_batch_read_shows_what_it_can(scope_of, use) -> None:
    scope = scope_of({"a.txt": "1\n", "b.txt": "2\n"})
    text = use("batch_read", scope, paths=["a.txt", "zzz", "b.txt", "a.txt"]).text
    parts = text.split("\n\n")
    assert parts[0] == "==> a.txt <==\n    1\t1"
    assert parts[1].startswith("==> zzz <==\nerror: there is no file zzz; ")
    assert parts[2] == "==> b.txt <==\n    1\t2"
    with pytest.raises(ToolError, match="none of the files"):
        use("batch_read", scope, paths=["zzz"])
    big = scope_of({f"{number}.txt": "x\n" * 9000 for number in range(30)})
    assert len(use("batch_read", big, paths=list(big.workspace), options={"max_chars": 4000}).text) <= 4000


def test_write_creates_and_replaces(scope_of, use) -> None:
    scope = scope_of({"a.txt": "1"})
    assert use("write", scope, path="a.txt", content="é\nb\n").text == "replaced a.txt: 2 lines, 5 bytes"
    assert use("write", scope, path="new/b.txt", content="").text == "created new/b.txt: 0 lines, 0 bytes"
    assert scope.workspace.changed() == {"a.txt": b"\xc3\xa9\nb\n", "new/b.txt": b""}


def test_edit_replaces_one_place(scope_of, use) -> None:
    scope = scope_of({"a.py": "def f():\n    return 1\n\n\ndef g():\n    return 2\n"})
    text = use("edit", scope, path="a.py", old_string="return 2", new_string="return 3").text
    assert text.startswith("edited a.py: 1 place\n    4\t\n    5\tdef g():\n    6\t    return 3")
    assert scope.workspace.read("a.py").endswith(b"return 3\n")


def test_edit_wants_a_place_that_is_unique(scope_of, use) -> None:
    scope = scope_of({"a.py": "x = 1\ny = 1\nz = 1\n"})
    with pytest.raises(ToolError, match=r"stands 3 times in a.py \(lines 1, 2, 3\): add lines around it"):
        use("edit", scope, path="a.py", old_string="= 1", new_string="= 2")
    assert (
        "3 places"
        in use("edit", scope, path="a.py", old_string="= 1", new_string="= 2", replace_all=True).text
    )
    assert scope.workspace.read("a.py") == b"x = 2\ny = 2\nz = 2\n"


@pytest.mark.parametrize(
    ("old", "said"),
    [
        ("\treturn total\n", "lines that differ only in white space:\n    3\t    return total"),
        ("return totals", "the nearest lines:\n    1\tdef add(a, b):\n    2\t    total = a + b"),
        ("    3\t    return total", "leave out the line numbers"),
        ("qqqqqqqq", "nothing there looks like it"),
    ],
)
def test_edit_says_what_was_probably_meant(scope_of, use, old, said) -> None:
    scope = scope_of({"a.py": "def add(a, b):\n    total = a + b\n    return total\n"})
    with pytest.raises(ToolError) as caught:
        use("edit", scope, path="a.py", old_string=old, new_string="")
    assert said in str(caught.value)
    assert scope.workspace.changed() == {}


def test_edit_refuses_what_changes_nothing(scope_of, use) -> None:
    scope = scope_of({"a.py": "x"})
    with pytest.raises(ToolError, match="are the same"):
        use("edit", scope, path="a.py", old_string="x", new_string="x")
    with pytest.raises(ToolError, match="old_string is empty"):
        use("edit", scope, path="a.py", old_string="", new_string="x")


def test_edit_keeps_the_line_ends_of_a_file(scope_of, use) -> None:
    scope = scope_of({"a.txt": "a\r\nb\r\nc\r\n"})
    use("edit", scope, path="a.txt", old_string="a\nb", new_string="a\nx\nb")
    assert scope.workspace.read("a.txt") == b"a\r\nx\r\nb\r\nc\r\n"
