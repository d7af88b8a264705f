"""Somebody who never saw the command line: one command, then the browser, and nothing but keys."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serve.conftest import DESK

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_LONG_MS = 120_000
_MOST_TABS = 300


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where ``llmbench serve`` says that it listens, in an empty folder."""
    command = [sys.executable, "-P", "-m", "llmbench", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        try:
            yield served.stdout.readline().split()[1]
        finally:
            served.terminate()
            assert served.wait(20) == 0


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The first page, without a mouse at hand."""
    context = browser.new_context(viewport=DESK)
    opened = context.new_page()
    opened.set_default_timeout(_LONG_MS)
    opened.goto(address)
    yield opened
    context.close()


def _reach(page: Any, wanted: Any) -> None:
    """Press Tab until the focus is there."""
    wanted.wait_for()
    for _ in range(_MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no number of tabs leads to {wanted}")


def _press(page: Any, wanted: Any, key: str = "Enter") -> None:
    _reach(page, wanted)
    page.keyboard.press(key)


def _launched(page: Any) -> None:
    """Launch what the form says, and watch it to its end."""
    _press(page, page.get_by_role("button", name="Launch"))
    page.wait_for_url("**/live#launch-*")
    _press(page, page.locator(".working a[href*='/live/']").first)
    page.wait_for_url("**/live/quickstart/*")
    page.locator("#state", has_text="finished").wait_for()
    assert page.locator("[data-now=progress]").inner_text() == "10 of 10 samples"


def _bar(page: Any, word: str) -> Any:
    return page.get_by_role("navigation", name="Pages").get_by_role("link", name=word, exact=True)


def test_the_demo_is_launched_watched_read_compared_and_found_again(page: Any) -> None:
    _press(page, page.get_by_role("link", name="Launch the demo"))
    page.wait_for_url("**/launch*")
    _launched(page)

    _press(page, page.locator("#coming li", has_text="failed").locator("a").first)
    page.wait_for_url("**/samples/python/*")
    assert "AssertionError" in page.locator("main").inner_text()

    _press(page, _bar(page, "Launch"))
    page.wait_for_url("**/launch*")
    _reach(page, page.get_by_label("Agent", exact=True))
    page.keyboard.type("tools")
    page.locator("#side .copy code", has_text="agent=tools").wait_for()
    _launched(page)

    _press(page, _bar(page, "Runs"))
    ticks = page.get_by_role("checkbox", name="Choose quickstart")
    for place in range(2):
        _press(page, ticks.nth(place), "Space")
    _press(page, page.get_by_role("button", name="Compare two"))
    page.wait_for_url("**/compare?*")
    assert "These can't be told apart" in page.locator("main").inner_text()

    _press(page, _bar(page, "Leaderboard"))
    page.wait_for_url("**/leaderboard*")
    assert "best of 2 runs" in page.locator("main").inner_text()
