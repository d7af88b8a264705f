"""Rust: forgeries that pass the tests do not get past altered ones, and honest answers do."""

from collections.abc import Callable

import pytest

from llmbench.api import Outcome

from .conftest import Wall
from .rust_answers import FORGERIES, HONEST, STOPPED

pytestmark = pytest.mark.slow
SOLUTION = "src/lib.rs"


@pytest.mark.parametrize("name", FORGERIES)
def test_what_passes_whatever_the_tests_expect_is_tampered(wall: Callable[[str], Wall], name: str) -> None:
    held = wall("rust")(SOLUTION, FORGERIES[name])
    if name in STOPPED:
        assert held.real is Outcome.FAILED, "it has become a forgery again: it has to be held against sets"
        return
    assert held.real is Outcome.PASSED, held.said
    assert held.doubt is not None
    assert held.doubt.outcome is Outcome.TAMPERED, held.doubt


@pytest.mark.parametrize("text", HONEST.values(), ids=list(HONEST))
def test_honest_answers_stay_right(wall: Callable[[str], Wall], text: str) -> None:
    held = wall("rust")(SOLUTION, text)
    assert (held.real, held.doubt) == (Outcome.PASSED, None), held.said
