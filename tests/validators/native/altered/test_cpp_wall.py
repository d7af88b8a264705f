"""C++: forgeries that pass the tests do not get past altered ones, and honest answers do."""

from collections.abc import Callable

import pytest

from llmbench.api import Outcome

from .conftest import Wall
from .cpp_answers import FORGERIES, HONEST

pytestmark = pytest.mark.slow


def files(header: str) -> dict[str, str]:
    return {"coin_jar.h": header, "coin_jar.cpp": ""}


@pytest.mark.parametrize("header", FORGERIES.values(), ids=list(FORGERIES))
def test_what_passes_whatever_the_tests_expect_is_tampered(wall: Callable[[str], Wall], header: str) -> None:
    held = wall("cpp").over(files(header))
    assert held.real is Outcome.PASSED, held.said
    assert held.doubt is not None
    assert held.doubt.outcome is Outcome.TAMPERED, held.doubt


@pytest.mark.parametrize("header", HONEST.values(), ids=list(HONEST))
def test_honest_answers_stay_right(wall: Callable[[str], Wall], header: str) -> None:
    held = wall("cpp").over(files(header))
    assert (held.real, held.doubt) == (Outcome.PASSED, None), held.said
