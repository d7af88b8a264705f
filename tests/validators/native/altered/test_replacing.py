"""What stands for a literal is another value of its type, on the same line."""

import ast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llmbench_plugins.validators.native.altered.replacing import (
    is_plain,
    other_booleans,
    other_characters,
    other_floats,
    other_integers,
    other_strings,
)


@given(st.integers(min_value=0, max_value=2**64))
def test_integers_are_others_of_the_same_length(number: int) -> None:
    others = [int(text) for text in other_integers(str(number))]
    assert others
    assert number not in others
    assert len(set(others)) == len(others)
    assert all(len(str(other)) == len(str(number)) for other in others)


@given(st.integers(min_value=0, max_value=2**64))
def test_integers_fit_where_the_largest_of_a_type_stands(number: int) -> None:
    assume(number % 10)
    assert all(int(text) < number for text in other_integers(str(number)))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("0xFF", b"0xFe"),
        ("0b1", b"0b0"),
        ("0o17", b"0o16"),
        ("017", b"016"),
        ("255u8", b"254u8"),
        ("1_000", b"1_001"),
        ("8273_1232_usize", b"8273_1231_usize"),
        ("7n", b"6n"),
    ],
)
def test_bases_and_suffixes_stay(text: str, other: bytes) -> None:
    assert other in other_integers(text)


@given(st.floats(min_value=0.001, max_value=1e6))
def test_floats_differ_by_more_than_a_tolerance(number: float) -> None:
    others = [float(text) for text in other_floats(repr(number))]
    assert others
    assert all(abs(other - number) > abs(number) / 20 for other in others)


@pytest.mark.parametrize(("text", "other"), [("0.0", b"1.0"), ("1e10", b"9e10"), ("0.0f32", b"1.0f32")])
def test_floats_of_all_forms(text: str, other: bytes) -> None:
    assert other in other_floats(text)


@given(st.text(alphabet=st.characters(exclude_characters='"\\\n\r', codec="utf-8"), max_size=40))
def test_strings_are_others_on_one_line(text: str) -> None:
    others = [other.decode() for other in other_strings(text)]
    assert text not in others
    assert all("\n" not in other and '"' not in other and "\\" not in other for other in others)


@given(st.text(max_size=20))
def test_escapes_stay_whole(text: str) -> None:
    quoted = repr(text)[1:-1]
    assume("'" not in quoted)
    for other in other_strings(quoted):
        assert ast.literal_eval(f"'{other.decode()}'") != text


def test_booleans_and_characters() -> None:
    assert other_booleans("true") == (b"false",)
    assert other_booleans("nil") == ()
    assert b"a" not in other_characters("a")
    assert other_characters("é")
    assert other_characters(r"\n") == ()


@pytest.mark.parametrize(
    ("pattern", "plain"),
    [
        ("a debt", True),
        (r"no debt\.", True),
        (".+", False),
        ("^[A-Z]{2}$", False),
        (r"\d\d\d\d", False),
        ("a", False),
    ],
)
def test_only_patterns_that_look_for_a_text_are_altered(pattern: str, plain: bool) -> None:
    assert is_plain(pattern) is plain
