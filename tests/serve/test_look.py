"""What every page looks like: in both themes, on a phone, by keys alone, without scripts."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import llmbench.serve
from llmbench.records.manifest import now
from llmbench.records.masking import Mask
from llmbench.records.process import this_process
from llmbench.records.status import Status, write_status
from llmbench.serve.pages.page import PLACES

from .conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Visit = Callable[..., Any]
_SIZES = pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
_SCHEMES = pytest.mark.parametrize("scheme", ["dark", "light"])
_PAPER = {"dark": "rgb(8, 11, 21)", "light": "rgb(245, 247, 252)"}
_PAPER_NOW = "getComputedStyle(document.body).backgroundColor"
_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_HIDDEN_BY_THE_BAR = """() => {
  const at = document.activeElement.getBoundingClientRect();
  const bar = document.querySelector(".bar").getBoundingClientRect();
  return !document.activeElement.closest(".bar, .skip") && at.height > 0 && at.bottom <= bar.bottom;
}"""

_JUMPS = """() => new Promise(resolve => {
  new PerformanceObserver(list => resolve(list.getEntries().map(jump => jump.value)))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => resolve([]), 300);
})"""
_FOCUSED = "[...document.querySelectorAll('*')].indexOf(document.activeElement)"
_REACHABLE = """() => [
  ...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")
]
  .filter(part => part.checkVisibility() && !part.disabled && part.type !== "hidden")
  .filter(part => part.type !== "radio" || part.checked).length"""


@_SIZES
@_SCHEMES
@pytest.mark.parametrize("path", ["/styleguide", "/"])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    visit: Visit, axe: Callable[[Any], list[str]], path: str, scheme: str, viewport: dict[str, int]
) -> None:
    seen = visit(path, color_scheme=scheme, viewport=viewport)
    seen.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert seen.evaluate(_PAPER_NOW) == _PAPER[scheme]
    assert seen.evaluate(_TOO_WIDE) == 0
    assert axe(seen) == []


def test_every_place_in_the_bar_fits_a_phone(visit: Visit, axe: Callable[[Any], list[str]]) -> None:
    seen = visit("/", viewport=PHONE)
    for place, word in PLACES:
        seen.goto(f"/{place}")
        assert seen.locator(".bar nav [aria-current]").all_inner_texts() in ([word], []), place
        assert seen.evaluate(_TOO_WIDE) == 0, place
        assert axe(seen) == [], place


def test_a_page_that_is_not_there_says_so_in_the_same_clothes(
    visit: Visit, axe: Callable[[Any], list[str]]
) -> None:
    seen = visit("/<b>nothing</b>", viewport=PHONE)
    assert seen.get_by_role("heading", name="Not found").is_visible()
    assert "<b>nothing</b>: nothing is there" in seen.get_by_role("alert").inner_text()
    assert seen.evaluate(_TOO_WIDE) == 0
    assert axe(seen) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_theme_is_chosen_by_a_form_and_kept(visit: Visit, scripts: bool) -> None:
    from playwright.sync_api import expect  # not where it is missing, and all of this is skipped

    seen = visit("/styleguide?a=1", java_script_enabled=scripts)
    for theme, sign in (("light", "light"), ("dark", "dark"), ("auto", "dark")):
        seen.get_by_role("button", name=theme, exact=True).click()
        assert seen.url.endswith("/styleguide?a=1")
        assert seen.locator("html").get_attribute("data-theme") == theme
        expect(seen.locator("body")).to_have_css("background-color", _PAPER[sign])
        assert seen.locator(".theme [aria-pressed=true]").get_attribute("value") == theme


@_SIZES
def test_keys_reach_everything_and_what_has_the_focus_is_seen(visit: Visit, viewport: dict[str, int]) -> None:
    seen = visit("/styleguide", viewport=viewport)
    wanted = seen.evaluate(_REACHABLE)
    assert wanted > 30
    reached = set()
    for _ in range(wanted + 10):
        seen.keyboard.press("Tab")
        reached.add(seen.evaluate(_FOCUSED))
        assert not seen.evaluate(_HIDDEN_BY_THE_BAR)
    assert len(reached - {-1}) >= wanted


def test_the_first_key_leads_past_the_bar(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_question_mark_tells_the_keys_but_not_while_one_writes(visit: Visit) -> None:
    seen = visit("/styleguide")
    seen.locator("#f-search").press("?")
    assert not seen.get_by_role("dialog").is_visible()
    seen.locator("h1").click()
    seen.keyboard.press("?")
    assert seen.get_by_role("dialog").is_visible()
    seen.keyboard.press("Escape")
    assert not seen.get_by_role("dialog").is_visible()
    seen.get_by_role("button", name="Keys").click()
    assert seen.get_by_role("dialog").is_visible()


def test_a_command_is_copied(visit: Visit) -> None:
    seen = visit("/styleguide", permissions=["clipboard-read", "clipboard-write"])
    line = seen.locator(".copy").first
    line.get_by_role("button").click()
    seen.get_by_role("button", name="Copied").wait_for()
    assert seen.evaluate("navigator.clipboard.readText()") == line.locator("code").inner_text()


def test_nothing_moves_for_those_who_do_not_want_it(visit: Visit) -> None:
    moving = "document.getAnimations().length"
    assert visit("/styleguide").evaluate(moving) > 0
    assert visit("/styleguide", reduced_motion="reduce").evaluate(moving) == 0


def test_the_place_in_the_bar_is_in_sight_on_a_phone(visit: Visit) -> None:
    seen = visit("/runs", viewport=PHONE)
    box = seen.locator(".bar nav [aria-current]").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]


def test_no_page_has_a_style_or_a_script_in_its_text(client: TestClient) -> None:
    for path in ("/", "/styleguide", "/nothing-here", *(f"/{place}" for place, _ in PLACES)):
        text = client.get(path).text
        assert " style=" not in text, path
        assert "<style" not in text, path
        assert " on" + "click=" not in text
        assert text.count("<script") == text.count('<script type="module" src=')


def test_colours_of_static_files_are_tokens() -> None:
    """A colour that is written elsewhere is in one theme only."""
    for sheet in (Path(llmbench.serve.__file__).parent / "static").glob("*.css"):
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", sheet.read_text(encoding="utf-8")) == [], (
            sheet.name
        )


def test_a_run_that_begins_shows_up_at_home_by_itself(page: Any, root: Path) -> None:
    assert page.get_by_role("heading", name="At work now").count() == 0
    status = Status(
        run_id="1a2b3c4d5e",
        state="sampling",
        updated=now(),
        session=now(),
        process=this_process(),
        planned=5,
        total=5,
        done=2,
        outcomes={"passed": 1, "failed": 1},
    )
    write_status(root / "catalog" / "tiny-llamacpp-prompt-1a2b3c4d5e", status, Mask({}))
    page.get_by_role("heading", name="At work now").wait_for()
    assert page.get_by_text("2 of 5 samples").is_visible()
    assert page.locator(".figure.live").inner_text().split() == ["passed", "so", "far", "50.0%"]


@pytest.mark.parametrize("path", ["/", "/styleguide"])
def test_nothing_jumps_while_a_page_comes(visit: Visit, path: str) -> None:
    seen = visit(path, viewport=PHONE)
    seen.wait_for_timeout(300)
    assert seen.evaluate(_JUMPS) == []
