"""Text that people hand in: it simply works, or one line names the file and the cure."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench.api.text import decoded_text, read_text
from llmbench.errors import UsageError


def test_a_mark_and_other_line_ends_are_none_of_the_text() -> None:
    assert decoded_text(b"\xef\xbb\xbfone\r\ntwo\rthree\n", "x") == "one\ntwo\nthree\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("key: é".encode("utf-16"), "x: expected UTF-8, got UTF-16"),
        ("key: é".encode("utf-32"), "x: expected UTF-8, got UTF-32"),
        ("a\nkey: é".encode("latin-1"), "x, line 2: expected UTF-8, got the byte 0xe9"),
        ("a\nb".encode("utf-16-le"), "x, line 1: expected text, got a NUL byte"),
    ],
)
def test_what_is_no_utf_8_is_named_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(UsageError, match="save the file as UTF-8") as raised:
        decoded_text(data, "x")
    assert str(raised.value).startswith(said)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_text_or_one_line(data: bytes) -> None:
    said = ""
    try:
        said = decoded_text(data, "x").replace("\n", "")
    except UsageError as error:
        said = str(error)
    assert "\r" not in said
    assert "\n" not in said


def test_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read: Is a directory"):
        read_text(tmp_path)
