"""Java: forgeries that pass the tests do not get past altered ones, and honest answers do."""

from collections.abc import Callable

import pytest

from llmbench.api import Outcome

from .conftest import Wall
from .java_answers import FORGERIES, HONEST

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("files", FORGERIES.values(), ids=list(FORGERIES))
def test_what_passes_whatever_the_tests_expect_is_tampered(
    wall: Callable[[str], Wall], files: dict[str, str]
) -> None:
    held = wall("java").over(files)
    assert held.real is Outcome.PASSED, held.said
    assert held.doubt is not None
    assert held.doubt.outcome is Outcome.TAMPERED, held.doubt


@pytest.mark.parametrize("files", HONEST.values(), ids=list(HONEST))
def test_honest_answers_stay_right(wall: Callable[[str], Wall], files: dict[str, str]) -> None:
    held = wall("java").over(files)
    assert (held.real, held.doubt) == (Outcome.PASSED, None), held.said
