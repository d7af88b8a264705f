"""Leaderboard, Matrix, Pareto, Machine and Tasks in a real browser: both themes, a phone, keys, no script."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Visit = Callable[..., Any]
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 400, "height": 800}
LONG = "a-model-with-a-name-that-somebody-chose-to-be-very-long-UD-Q4_K_XL"
PAGES = (
    "/leaderboard",
    "/leaderboard?where=colour=blue",
    "/leaderboard?where=model=glm",
    "/matrix",
    "/pareto",
    "/tasks",
    "/tasks?dataset=exercism",
    "/tasks/python/event_store?dataset=catalog",
    "/tasks/vue/composable?dataset=vue",
)
_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def root(place: Any) -> Path:
    """A few runs, some of which can be compared."""
    place.add("glm", 3, cost=0.4)
    place.add(LONG, 2, cost=0.1, notice="a demo")
    place.add("glm", 4, dataset="quickstart", cost=0.1)
    place.add("qwen", 1, tries=2)
    found: Path = place.root
    return found


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    visit: Visit, axe: Callable[[Any], list[str]], scheme: str, viewport: dict[str, int]
) -> None:
    seen = visit(color_scheme=scheme, viewport=viewport, reduced_motion="reduce")
    for path in PAGES:
        seen.goto(path)
        assert axe(seen) == [], path
        assert seen.evaluate(_TOO_WIDE) <= 0, path


def test_keys_alone_lead_from_a_filter_to_a_run(visit: Visit) -> None:
    seen = visit("/leaderboard")
    seen.get_by_label("Only where").focus()
    seen.keyboard.type("model=g*")
    seen.keyboard.press("Enter")
    seen.wait_for_url("**where=model%3Dg**")
    assert seen.locator("tbody th").first.inner_text().startswith("glm")
    seen.locator("tbody th a").first.focus()
    seen.keyboard.press("Enter")
    seen.wait_for_url("**/runs/catalog/run-0000000001")


def test_a_table_that_is_too_wide_scrolls_by_keys_while_its_first_column_stays(visit: Visit) -> None:
    seen = visit("/leaderboard", viewport=PHONE)
    seen.locator("main .wide").first.focus()
    name = seen.locator("tbody th").first
    before = name.bounding_box()["x"]
    for _ in range(10):
        seen.keyboard.press("ArrowRight")
    scrolled = "document.querySelector('main .wide').scrollLeft"
    for _ in range(50):
        if seen.evaluate(scrolled) > 100:
            break
        seen.wait_for_timeout(100)
    assert seen.evaluate(scrolled) > 100
    assert abs(name.bounding_box()["x"] - before) < 20


def test_findings_come_without_another_click(visit: Visit, axe: Callable[[Any], list[str]]) -> None:
    seen = visit("/machine", reduced_motion="reduce")
    seen.set_default_timeout(60_000)
    assert axe(seen) == []  # while it waits
    seen.get_by_text("quickstart: 10 tasks").wait_for()
    for scheme, viewport in (("dark", DESK), ("light", PHONE), ("dark", PHONE), ("light", DESK)):
        seen.emulate_media(color_scheme=scheme)
        seen.set_viewport_size(viewport)
        assert axe(seen) == [], scheme
        assert seen.evaluate(_TOO_WIDE) <= 0, scheme
    seen.get_by_role("button", name="Check again").click()
    seen.wait_for_url("**/machine#doctor")
    seen.locator("#doctor:not([data-waits])").wait_for()


def test_without_scripts_a_form_does_the_same(visit: Visit) -> None:
    seen = visit("/pareto?x=tokens", java_script_enabled=False)
    seen.get_by_label("Against", exact=True).select_option("cost")
    seen.get_by_role("button", name="Show").click()
    seen.wait_for_url("**x=cost**")
    assert seen.locator("svg.picture").count() == 1
