"""Runs, samples and comparisons in a real browser: long lists, keys, a phone, long texts, axe."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.records.journal import Journal
from llmbench.records.manifest import write_manifest
from llmbench.records.masking import Mask
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, RunRecipe, write_run

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Visit = Callable[..., Any]
A, B = "catalog/tiny-llamacpp-prompt-1a2b3c4d5e", "catalog/large-llamacpp-prompt-2a2b3c4d5e"
TINY = f"/runs/{A}"
MANY = "/runs/many/run"
NUMBER = 10_000
PHONE = {"width": 400, "height": 800}
_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_QUICK_S = 3.0
"""Of a page that must not freeze, on a busy machine; alone it takes a fifth of that."""


def _write_many(folder: Path) -> None:
    """Write a run of very many samples without their folders, which would take a minute."""
    made = [
        MadeSample(
            task=f"python/task_{number:05}",
            outcome=Outcome.FAILED if number % 3 == 0 else Outcome.PASSED,
            reason="AssertionError: 1 != 2" if number % 3 == 0 else "",
        )
        for number in range(NUMBER)
    ]
    recipe = RunRecipe(made=made, dataset="many", run_id="9a2b3c4d5e")
    folder.mkdir(parents=True)
    write_manifest(folder, recipe.manifest(), Mask({}))
    with Journal(folder / "journal.jsonl", Mask({})) as journal:
        for one in made:
            journal.append(one.record())


@pytest.fixture
def many(root: Path) -> None:
    _write_many(root / "many" / "run")


def _seen(page: Any) -> list[str]:
    """Return the tasks that stand in the sight of the list, from the top."""
    found: list[str] = page.evaluate(
        """() => {
          const box = document.querySelector(".rows").getBoundingClientRect();
          return [...document.querySelectorAll(".rows .row")]
            .filter(row => row.getBoundingClientRect().bottom > box.top + 1)
            .filter(row => row.getBoundingClientRect().top < box.bottom - 1)
            .map(row => row.querySelector("b").textContent);
        }"""
    )
    return found


def _scroll(page: Any, place: int) -> None:
    page.evaluate(
        "place => { const box = document.querySelector('.rows');"
        " box.scrollTop = place * box.querySelector('.row').getBoundingClientRect().height; }",
        place,
    )
    page.wait_for_function(
        "name => [...document.querySelectorAll('.rows b')].some(b => b.textContent === name)",
        arg=f"python/task_{place:05}",
    )


@pytest.mark.usefixtures("many")
def test_ten_thousand_samples_scroll_and_only_those_in_sight_are_in_the_page(visit: Visit) -> None:
    page = visit(MANY)
    assert _seen(page)[:2] == ["python/task_00000", "python/task_00001"]
    height = page.evaluate("document.querySelector('.rows').scrollHeight")
    for place in (9_000, 150, 4_567, NUMBER - 12):
        _scroll(page, place)
        seen = _seen(page)
        first = int(seen[0].rpartition("_")[2])
        assert seen == [f"python/task_{first + step:05}" for step in range(len(seen))]
        assert abs(first - place) <= 1 or place > NUMBER - 20
        assert page.locator(".rows .row").count() < 60
    assert page.evaluate("document.querySelector('.rows').scrollHeight") == height
    heights = page.evaluate(
        "[...document.querySelectorAll('.rows .row')].map(row => row.getBoundingClientRect().height)"
    )
    assert len(set(heights)) == 1


@pytest.mark.usefixtures("many")
def test_lines_from_the_script_are_those_of_the_server(visit: Visit) -> None:
    given = visit(f"{MANY}?page=2", java_script_enabled=False)
    line = given.locator(".rows .row", has_text="python/task_00300")
    page = visit(MANY)
    _scroll(page, 300)
    made = page.locator(".rows .row", has_text="python/task_00300")
    assert made.locator("a").get_attribute("href") == line.locator("a").get_attribute("href")
    assert made.locator("a").inner_html() == line.locator("a").inner_html()


@pytest.mark.usefixtures("many")
def test_the_list_stays_where_it_was_when_a_sample_is_opened(visit: Visit) -> None:
    page = visit(f"{MANY}?outcome=unsolved")
    page.evaluate("document.querySelector('.rows').scrollTop = 2000 * 60")
    page.wait_for_function("() => !document.querySelector('.rows [aria-busy]')")
    wanted = _seen(page)[3]
    page.locator(".rows .row", has_text=wanted).click()
    page.wait_for_url("**/samples/**")
    assert f"/samples/{wanted}?outcome=unsolved" in page.url
    assert page.locator(".rows [aria-current]").is_visible()
    assert wanted in _seen(page)
    page.go_back()
    page.wait_for_function("() => document.querySelector('.rows').scrollTop > 100000")


def test_keys_go_through_the_list_and_open_a_sample(visit: Visit) -> None:
    page = visit(TINY)
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert "python/brackets" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("k")
    assert "python/leap" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("o")
    page.wait_for_url("**/samples/python/leap*")
    page.locator("body").press("j")
    page.wait_for_url("**/samples/python/brackets*")
    page.keyboard.press("?")
    assert page.get_by_text("next, previous sample").is_visible()
    page.keyboard.press("Escape")
    page.locator("body").press("k")
    page.wait_for_url("**/samples/python/leap*")


def test_keys_are_text_where_one_writes(visit: Visit) -> None:
    page = visit(f"{TINY}/samples/python/brackets")
    page.get_by_text("filter").click()
    page.locator("input[name=q]").press_sequentially("jok")
    assert page.locator("input[name=q]").input_value() == "jok"
    assert page.url.endswith("/python/brackets")


@pytest.mark.parametrize("scripts", [True, False])
def test_tabs_are_addresses_and_the_next_sample_opens_at_the_same(visit: Visit, scripts: bool) -> None:
    page = visit(f"{TINY}/samples/python/brackets#test-log", java_script_enabled=scripts)
    assert page.locator("#test-log").is_visible()
    assert not page.locator("#answer").is_visible()
    page.get_by_role("link", name="Diff").click()
    assert page.url.endswith("#diff")
    assert page.locator("#diff del").is_visible()
    assert page.locator(".pane:visible").count() == 1
    if scripts:
        assert page.locator(".tabs [aria-current]").inner_text() == "Diff"
        page.get_by_role("link", name="Next →").click()
        page.wait_for_url("**/python/caesar?sample=0#diff")
        assert page.locator("#diff").is_visible()


def test_on_a_phone_list_and_sample_are_two_pages(visit: Visit) -> None:
    page = visit(TINY, viewport=PHONE)
    page.locator(".rows .row", has_text="python/brackets").click()
    page.wait_for_url("**/samples/python/brackets*")
    assert not page.locator(".rows").is_visible()
    assert page.locator("#answer").is_visible()
    page.get_by_role("link", name="All samples").click()
    assert page.locator(".rows").is_visible()


def test_a_conversation_of_five_megabytes_opens_at_once(visit: Visit, root: Path) -> None:
    said = "a word and another\n" * 260_000
    write_run(root / "long" / "run", RunRecipe(made=[MadeSample(task="go/a", answer=said)], dataset="long"))
    page = visit("/runs/long/run")
    started = time.monotonic()
    page.goto("/runs/long/run/samples/go/a#transcript")
    page.get_by_role("link", name="Show all").locator("visible=true").first.wait_for()
    assert time.monotonic() - started < _QUICK_S
    page.get_by_role("link", name="Answer").click()
    assert page.locator("#answer").is_visible()
    assert time.monotonic() - started < _QUICK_S


def test_from_the_list_to_both_answers(visit: Visit) -> None:
    page = visit("/runs?dataset=catalog&sort=accuracy")
    for box in page.get_by_role("checkbox", name="Choose").all():
        box.check()
    page.get_by_role("button", name="Compare two").click()
    page.wait_for_url("**/compare?a=*")
    page.get_by_role("link", name="only A passed").first.click()
    page.wait_for_url("**show=only_a**")
    rows = page.locator("table.tasks tbody tr")
    assert rows.count() == 1
    rows.locator("th a").click()
    page.wait_for_url("**/compare/task?**")
    assert page.locator("#answer pre").locator("visible=true").count() >= 2
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open it by itself").first.click(modifiers=["ControlOrMeta"])
    opened.value.wait_for_load_state()
    assert "/samples/" in opened.value.url


_PATHS = {
    "runs": "/runs",
    "not understood": "/runs?where=x",
    "run": TINY,
    "sample": f"{TINY}/samples/python/brackets?outcome=unsolved#transcript",
    "compare": f"/compare?a={A}&b={B}&show=only_a&every=1",
    "no compare": f"/compare?a={A}&b=other/tiny-llamacpp-prompt-3a2b3c4d5e",
    "task": f"/compare/task?a={A}&b={B}&task=python/leap#diff",
    "hostile": "/runs/evil/run",
    "hostile sample": "/runs/evil/run/samples/go/a",
}


_ON_A_PHONE = ("runs", "run", "sample", "compare", "task", "hostile", "hostile sample")


@pytest.mark.parametrize(("scheme", "viewport"), [("dark", None), ("light", PHONE)], ids=["desk", "phone"])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    visit: Visit, root: Path, axe: Callable[[Any], list[str]], scheme: str, viewport: dict[str, int] | None
) -> None:
    evil = "<script>alert(1)</script>\x1b[31m\u202e" + "x" * 500
    made = [MadeSample(task="go/a", outcome=Outcome.FAILED, reason=evil, answer=evil, prompt=evil)]
    write_run(root / "evil" / "run", RunRecipe(made=made, model=evil, notice=evil))
    write_run(root / "catalog" / "open", replace(ORDINARY_RUN, ended=""))
    options = {"viewport": viewport} if viewport else {}
    page = visit("/runs/catalog/open", color_scheme=scheme, **options)
    found = {"open": axe(page)}
    for name in _ON_A_PHONE if viewport else _PATHS:
        page.goto(_PATHS[name])
        page.evaluate("document.querySelectorAll('main details').forEach(fold => { fold.open = true; })")
        found[name] = axe(page)
        assert page.evaluate(_TOO_WIDE) == 0, name
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
