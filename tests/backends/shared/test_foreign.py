"""Foreign values as ours: nearly JSON, numbers, shapes."""

import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench_plugins.backends.shared import foreign
from llmbench_plugins.backends.shared.foreign import NotJson, count, loads, number, storable, whole_text

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(ANYTHING)
def test_whatever_python_writes_is_read_and_can_be_stored(value: Any) -> None:
    read = storable(loads(json.dumps(value)))
    assert msgspec.json.decode(msgspec.json.encode(read)) == read


@given(ANYTHING)
def test_no_value_is_too_odd_to_be_converted(value: Any) -> None:
    found = count(value)
    assert found is None or (type(found) is int and found >= 0)
    size = number(value)
    assert size is None or math.isfinite(size)
    assert isinstance(foreign.word(value), str)
    assert all(isinstance(entry, dict) for entry in [*foreign.entries(value), foreign.mapping(value)])
    assert isinstance(foreign.section(value, "a", "b"), dict)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 40))
def test_halves_of_characters_are_joined_wherever_they_were_parted(text: str, at: int) -> None:
    units = text.encode("utf-16-le")
    cut = 2 * min(at, len(units) // 2)
    halves = [part.decode("utf-16-le", "surrogatepass") for part in (units[:cut], units[cut:])]
    assert whole_text("".join(halves)) == text
    octets = text.encode()
    parts = [part.decode(errors="surrogateescape") for part in (octets[:at], octets[at:])]
    assert whole_text("".join(parts)) == text


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}),
        (b'"a\nb\x01"', "a\nb\x01"),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'"\\ud83e"', "\ufffd"),
        (b'"caf\xe9"', "caf\ufffd"),
        (b'"\xed\xa0\xbe\xed\xb6\x84"', "🦄"),
        (b'{"a": 1e999}', {"a": None}),
    ],
)
def test_what_is_nearly_json_is_read(written: bytes, value: Any) -> None:
    assert storable(loads(written)) == value


@pytest.mark.parametrize("written", [b"", b"{", b"hello", b"{'a': 1}", b"[" * 100_000])
def test_what_is_not_even_nearly_json_is_refused(written: bytes) -> None:
    with pytest.raises(NotJson):
        loads(written)


@pytest.mark.parametrize(
    ("told", "tokens"),
    [
        (11, 11),
        (11.0, 11),
        ("11", 11),
        ("11.0", 11),
        (0, 0),
        (-1, None),
        (1.5, None),
        (True, None),
        (None, None),
        ([11], None),
        (2**70, None),
        (float("nan"), None),
    ],
)
def test_tokens_are_whole_and_not_negative(told: object, tokens: int | None) -> None:
    assert count(told) == tokens
    assert tokens is None or type(count(told)) is int
