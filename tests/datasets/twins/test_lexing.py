"""Source text is cut into pieces that are the text again, and names are told from strings and comments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench_plugins.datasets.shared.twins.lexing import LANGUAGES, lex, literal

FRAGMENTS = st.sampled_from(
    [
        "'",
        '"',
        "`",
        "${",
        "{",
        "}",
        "/",
        "//",
        "/*",
        "*/",
        "\\",
        "\n",
        "#",
        'r#"',
        '"#',
        "f'",
        '"""',
        "name",
        " ",
        "0x1",
        "é",
    ]
)


def names(text: str, language: str) -> list[str]:
    return [piece.text for piece in lex(text, language) if piece.kind == "name"]


@given(text=st.one_of(st.text(), st.lists(FRAGMENTS).map("".join)), language=st.sampled_from(LANGUAGES))
def test_pieces_are_the_text_again(text: str, language: str) -> None:
    assert "".join(piece.text for piece in lex(text, language)) == text


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", "a = 'b' + \"c\"  # d\ne = '''f\ng''' + r'\\h'", ["a", "e"]),
        ("python", "f'{a!r:>{b}} {{c}} d' + rf\"{e['f']}\" + g", ["a", "r", "b", "e", "g"]),
        ("javascript", "a /* b */ + 'c' + `d ${e + `f ${g}`} h` // i", ["a", "e", "g"]),
        (
            "javascript",
            "x = a / b / c; y = /d['\"]e/g.test(f); return /[/]h/",
            [*"xabcy", "test", "f", "return"],
        ),
        ("javascript", "a = `{` + {b: {c}}", ["a", "b", "c"]),
        ("go", 'a := "b\\"c" + `d"` + \'e\' // f', ["a"]),
        ("rust", "a('b', '\\n', '\\u{1F600}') + r#\"c\"d\"# /* e */", ["a"]),
        ("rust", "fn f<'a>(x: &'a str) -> &'static str", ["fn", "f", "a", "x", "a", "str", "static", "str"]),
        ("cpp", '#include <a>\nb = R"x(c)")x" + 1\'000 + u8"d" + \'e\';', ["b"]),
    ],
)
def test_strings_and_comments_hold_no_names(language: str, text: str, expected: list[str]) -> None:
    assert names(text, language) == expected


@pytest.mark.parametrize("text", ["'a'", '"a"', '"""a"""', "rb'a'", 'r#"a"#', "`a`", 'f"a"'])
def test_what_a_string_holds(text: str) -> None:
    assert literal(text) == "a"
