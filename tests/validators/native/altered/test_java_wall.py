"""Java: forgeries that pass the tests do not get past altered ones, and honest answers do."""

import asyncio
from collections.abc import Callable

import pytest

from llmbench.api import Outcome
from llmbench_plugins.validators.native.altered import Rank

from .conftest import Wall
from .java_answers import FORGERIES, HONEST, STOPPED

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", FORGERIES)
def test_what_passes_whatever_the_tests_expect_is_tampered(wall: Callable[[str], Wall], name: str) -> None:
    held = wall("java").over(FORGERIES[name])
    if name in STOPPED:
        assert held.real is Outcome.FAILED, "it has become a forgery again: it has to be held against sets"
        return
    assert held.real is Outcome.PASSED, held.said
    assert held.doubt is not None
    assert held.doubt.outcome is Outcome.TAMPERED, held.doubt


@pytest.mark.parametrize("files", HONEST.values(), ids=list(HONEST))
def test_honest_answers_stay_right(wall: Callable[[str], Wall], files: dict[str, str]) -> None:
    held = wall("java").over(files)
    assert (held.real, held.doubt) == (Outcome.PASSED, None), held.said


def test_a_set_alters_what_each_test_compares(wall: Callable[[str], Wall]) -> None:
    held = wall("java")
    expected = asyncio.run(held.expected())
    ranks = asyncio.run(held.altered.ranks("key", held.suite, expected, held.boxes))
    assert ranks.keys() == expected.passed
    assert max(ranks.values()) <= Rank.NAMED
