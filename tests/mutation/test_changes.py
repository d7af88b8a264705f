"""What is changed in sources of each language, and what is left alone."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutation.edits import Edit
from mutation.python import edits_of_python
from mutation.tokened import edits_of
from mutation.tokens import tokens_of

CATALOG = Path(__file__).parents[2] / "tasks/catalog"
PYTHON = sorted(CATALOG.glob("python/*/solution/*.py"))


def changes(source: str, edits: Iterable[Edit]) -> set[tuple[str, str]]:
    return {(edit.line(source), edit.change(source)) for edit in edits}


def of(source: str, language: str) -> set[str]:
    return {change for _, change in changes(source, edits_of(source, language))}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x = a < b", {"pass", "x = a <= b", "x = a >= b"}),
        ("x = a and b", {"pass", "x = a or b"}),
        (
            "x = not (a or b) and c",
            {"pass", "x = not (a or b) or c", "x = (a or b) and c", "x = not (a and b) and c"},
        ),
        (
            "x = 'ä' in f(1, b)",
            {f"x = 'ä' {called}" for called in ("not in f(1, b)", "in f(2, b)", "in f(0, b)", "in f(b, 1)")}
            | {"pass"},
        ),
        ("x = min(a)", {"pass", "x = max(a)"}),
        ("x += 0", {"pass", "x -= 0", "x += 1"}),
        ("x: int = f'{1 + 2}'", set()),
        ("'a text: 1 < 2'", set()),
    ],
)  # fmt: skip
def test_python(line: str, expected: set[str]) -> None:
    assert changes(line, edits_of_python(line)) == {(line, change) for change in expected}


def test_an_if_is_turned_round_without_its_body() -> None:
    source = "if ready(a):\n    b()\n"
    assert ("if ready(a):", "if not ready(a):") in changes(source, edits_of_python(source))


def test_what_only_looks_like_an_end_of_a_line_moves_nothing() -> None:
    source = "'\x0c \u2028'\nx = 1 < y\n"
    assert ("x = 1 < y", "x = 1 <= y") in changes(source, edits_of_python(source))


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.parent.parent.name)
def test_what_was_changed_in_python_is_python_and_something_else(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    before = ast.dump(ast.parse(source))
    edits = list(edits_of_python(source))
    assert edits
    for edit in edits:
        assert ast.dump(ast.parse(edit.applied(source))) != before, edit


def test_go() -> None:
    source = (
        "func (c *Cache) Put(a int, b int) {\n"
        "\tif a <= 1 && !done { // 2 < 3\n"
        "\t\treturn\n"
        "\t}\n"
        "\tc.n = a*b\n"
        "\tc.set(a, \"x < y\")\n"
        "\td := <-c.ready\n"
        "\tfor i := 0; i < d; i++ {\n"
        "\t}\n"
        "}\n"
    )  # fmt: skip
    assert of(source, "go") == {
        "if a < 1 && !done { // 2 < 3", "if a > 1 && !done { // 2 < 3", "if a <= 2 && !done { // 2 < 3",
        "if a <= 0 && !done { // 2 < 3", "if a <= 1 || !done { // 2 < 3", "if a <= 1 && done { // 2 < 3",
        "", "c.n = a/b", 'c.set("x < y", a)', "for i := 1; i < d; i++ {", "for i := 0; i <= d; i++ {",
        "for i := 0; i >= d; i++ {", "for i := 0; i < d; i-- {",
    }  # fmt: skip
    dropped = {line for line, change in changes(source, edits_of(source, "go")) if not change}
    assert dropped == {"return", "c.n = a*b", 'c.set(a, "x < y")'}


def test_javascript() -> None:
    source = (
        "const found = /a+b\\/[/]/.test(`x ${f(`1 < 2`)} y`);\n"
        "if (a === 0) {\n"
        "  items.forEach((each) => {\n"
        "    run(each, -a);\n"
        "  });\n"
        "}\n"
    )  # fmt: skip
    assert of(source, "javascript") == {
        "if (a !== 0) {", "if (a === 1) {", "run(-a, each);", "",
    }  # fmt: skip
    dropped = {line for line, change in changes(source, edits_of(source, "javascript")) if not change}
    assert dropped == {"items.forEach((each) => { run(each, -a); });", "run(each, -a);"}


def test_rust() -> None:
    source = (
        "#[derive(Clone)]\n"
        "fn longest<'a>(x: &'a str, m: Map<u8, Vec<u8>>) -> bool {\n"
        "    assert!(x != \"\\\"<\");\n"
        "    let c = 'x' as u64 + 1_000u64 - m.0;\n"
        "    if c < 0x0f { return true; }\n"
        "    c == f(c, 'y')\n"
        "}\n"
    )  # fmt: skip
    found = changes(source, edits_of(source, "rust"))
    assert {change for line, change in found if line.startswith("let")} == {
        "let c = 'x' as u64 + 1001u64 - m.0;", "let c = 'x' as u64 + 999u64 - m.0;",
        "let c = 'x' as u64 - 1_000u64 - m.0;", "let c = 'x' as u64 + 1_000u64 + m.0;",
    }  # fmt: skip
    assert {change for line, change in found if line.startswith("if")} == {
        "if c <= 0x0f { return true; }", "if c >= 0x0f { return true; }", "if c < 16 { return true; }",
        "if c < 14 { return true; }", "if c < 0x0f { }", "if c < 0x0f { return false; }",
    }  # fmt: skip
    assert {change for line, change in found if line.startswith("c ")} == {"c != f(c, 'y')", "c == f('y', c)"}
    assert {change for line, change in found if line.startswith("assert")} == {"", 'assert!(x == "\\"<");'}
    assert not [line for line, _ in found if line.startswith(("#", "fn"))]


def test_cpp() -> None:
    source = (
        "#include <map>\n"
        "std::map<int, int> m; // a < b\n"
        "bool Pool::stop(int a, int* b) {\n"
        '  if (a > 1\'000 || text == R"x(a " < )" b)x") return false;\n'
        "  ready.notify_all();\n"
        "  return a % 2 >= *b;\n"
        "}\n"
    )  # fmt: skip
    found = changes(source, edits_of(source, "cpp"))
    assert {line for line, change in found if not change} == {"ready.notify_all();", "return a % 2 >= *b;"}
    changed = {change for line, change in found if line.startswith("return")}
    assert changed == {
        "", "return a * 2 >= *b;", "return a % 3 >= *b;", "return a % 1 >= *b;", "return a % 2 > *b;",
        "return a % 2 < *b;",
    }  # fmt: skip
    assert len([line for line, _ in found if line.startswith("if")]) == 7
    assert not [line for line, _ in found if line.startswith(("#", "std"))]


@pytest.mark.parametrize("language", ["go", "javascript", "rust", "cpp"])
@given(
    texts=st.lists(
        st.sampled_from(["a", "+", "(", ")", "1", '"x"', "// y\n", "/* z */", "\n", "{", "}", ";", "<="])
    )
)
def test_tokens_cover_all_but_blanks_and_comments(language: str, texts: list[str]) -> None:
    source = " ".join(texts)
    found = [token.text for token in tokens_of(source, language)]
    assert found == [text for text in texts if text.strip() and not text.startswith("/")]
    for edit in edits_of(source, language):
        assert edit.applied(source) != source
