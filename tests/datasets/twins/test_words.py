"""New names keep the style of the old ones, and differ from twin to twin."""

import re
from itertools import islice

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llmbench_plugins.datasets.shared.twins.known import WORDS
from llmbench_plugins.datasets.shared.twins.words import MOST, candidates, is_distinctive, pool

LANGUAGE = st.sampled_from(tuple(WORDS))
WORD = st.one_of(
    st.sampled_from(["find", "is", "count", "err", "new", "sorted", "x1"]),
    st.from_regex(r"[a-z]{1,9}", fullmatch=True),
)
STYLES = {
    "snake": (r"_?[a-z][a-z0-9]*(_[a-z0-9]+)*", lambda words: "_".join(words)),
    "upper": (r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", lambda words: "_".join(words).upper()),
    "title": (r"([A-Z][a-z0-9]*)+", lambda words: "".join(word.capitalize() for word in words)),
    "camel": (
        r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)*",
        lambda words: words[0] + "".join(w.capitalize() for w in words[1:]),
    ),
}


@given(words=st.lists(WORD, min_size=2, max_size=4), style=st.sampled_from(list(STYLES)), language=LANGUAGE)
def test_the_style_stays(words: list[str], style: str, language: str) -> None:
    pattern, join = STYLES[style]
    name = join(words)
    assume(style == "upper" or name != name.upper())  # X1A is a name of both styles
    for new in islice(candidates(name, language), 12):
        assert re.fullmatch(pattern, new), (name, new)


@given(
    name=st.from_regex(r"[a-zA-Z][a-zA-Z0-9_]{0,12}", fullmatch=True),
    language=LANGUAGE,
    taken=st.sets(st.text()),
)
def test_a_pool_is_as_large_as_there_are_twins_and_takes_nothing(
    name: str, language: str, taken: set[str]
) -> None:
    first = pool(name, language, taken)
    again = pool(name, language, {*taken, *first})
    assert first == pool(name, language, taken)
    assert len({name, *first, *again}) == 1 + 2 * MOST
    assert not taken.intersection(first)


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("is_leap", "python", "check_leap"),
        ("find_zero", "python", "locate_zero"),
        ("LRUCache", "python", "PlainLRUCache"),
        ("MAX_SIZE", "rust", "LARGEST_SIZE"),
        ("roll", "python", "plain_roll"),
        ("roll", "javascript", "plainRoll"),
        ("ErrCell", "go", "ErrPlainCell"),
        ("DeleteRows", "go", "RemoveRows"),
        ("sets", "python", "plain_sets"),
    ],
)
def test_new_names_are_natural(name: str, language: str, expected: str) -> None:
    assert next(candidates(name, language)) == expected


def test_a_distinctive_name_is_no_english_word() -> None:
    assert all(map(is_distinctive, ("max_len", "LRUCache", "setLimit", "EventStore")))
    assert not any(map(is_distinctive, ("leap", "Pool", "LIMIT", "_x")))
