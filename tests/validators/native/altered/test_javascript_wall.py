"""JavaScript: forgeries that pass the tests in one process do not pass altered ones; honest answers do."""

from collections.abc import Callable

import pytest

from llmbench.api import Outcome

from .conftest import Wall
from .javascript_answers import FORGERIES, HONEST, SUITE

SOLUTION = next(iter(SUITE.reference))


@pytest.mark.parametrize("text", FORGERIES.values(), ids=list(FORGERIES))
def test_what_passes_whatever_the_tests_expect_is_tampered(
    small_wall: Callable[[str], Wall], text: str
) -> None:
    held = small_wall("javascript")(SOLUTION, text)
    assert held.real is Outcome.PASSED, held.said
    assert held.doubt is not None
    assert held.doubt.outcome is Outcome.TAMPERED, held.doubt
    assert "passes even where it expects what is wrong" in held.doubt.reason


@pytest.mark.parametrize("text", HONEST.values(), ids=list(HONEST))
def test_honest_answers_stay_right(small_wall: Callable[[str], Wall], text: str) -> None:
    held = small_wall("javascript")(SOLUTION, text)
    assert (held.real, held.doubt) == (Outcome.PASSED, None), held.said
