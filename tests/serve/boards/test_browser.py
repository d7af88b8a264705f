"""Leaderboard, Matrix, Pareto, Machine and Tasks in a real browser: both themes, a phone, keys, axe."""

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_MS = 20_000
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_PHONE = {"width": 400, "height": 800}
LONG = "a-model-with-a-name-that-somebody-chose-to-be-very-long-UD-Q4_K_XL"
PAGES = (
    "/leaderboard",
    "/leaderboard?where=colour=blue",
    "/leaderboard?dataset=none",
    "/matrix",
    "/matrix?rows=agent&columns=model",
    "/pareto",
    "/machine",
    "/tasks",
    "/tasks?dataset=exercism",
    "/tasks/python/event_store?dataset=catalog",
    "/tasks/vue/composable?dataset=vue",
)


@dataclass
class Open:
    """A page, and what it complained of."""

    page: Any
    base: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The machine's Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright")
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def address(place: Any) -> Iterator[str]:
    """A dashboard over a few runs, on a free port of loopback."""
    uvicorn = pytest.importorskip("uvicorn")
    from llmbench.serve.app import create_app
    from llmbench.serve.settings import Settings

    place.add("glm", 3, cost=0.4)
    place.add(LONG, 2, cost=0.1, notice="a demo")
    place.add("glm", 4, dataset="quickstart", cost=0.1)
    place.add("qwen", 1, tries=2)
    port = _free_port()
    app = create_app(Settings(root=place.root, port=port))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until = time.monotonic() + _PATIENCE_MS / 1000
        while not server.started and time.monotonic() < until:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _opened(browser: Any, base: str, **more: Any) -> Open:
    context = browser.new_context(**more)
    context.set_default_timeout(_PATIENCE_MS)
    found = Open(context.new_page(), base)
    found.page.on(
        "console", lambda told: found.complaints.append(told.text) if "Policy" in told.text else None
    )
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    return found


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_has_nothing_to_say_and_nothing_is_wider_than_a_phone(
    browser: Any, address: str, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    wide = _opened(browser, address, color_scheme=scheme, reduced_motion="reduce")
    phone = _opened(browser, address, color_scheme=scheme, reduced_motion="reduce", viewport=_PHONE)
    for opened in (wide, phone):
        for path in PAGES:
            opened.go(path)
            found = axe.run(opened.page, options=_RULES).response["violations"]
            told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
            assert not told, path
            over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert opened.page.evaluate(over) <= 0, path
        assert opened.complaints == []
        opened.page.context.close()


def test_keys_alone_lead_from_a_filter_to_a_run(browser: Any, address: str) -> None:
    opened = _opened(browser, address)
    opened.go("/leaderboard")
    opened.page.get_by_label("Only where").focus()
    opened.page.keyboard.type("model=g*")
    opened.page.keyboard.press("Enter")
    opened.page.wait_for_url("**where=model%3Dg**")
    assert opened.page.locator("tbody th").first.inner_text().startswith("glm")
    opened.page.get_by_role("link", name="glm").first.focus()
    opened.page.keyboard.press("Enter")
    opened.page.wait_for_url("**/runs/catalog/run-0000000001")
    opened.page.context.close()


def test_a_table_that_is_too_wide_scrolls_by_keys_while_its_first_column_stays(
    browser: Any, address: str
) -> None:
    opened = _opened(browser, address, viewport=_PHONE)
    opened.go("/leaderboard")
    region = opened.page.get_by_role("region").first
    region.focus()
    name = opened.page.locator("tbody th").first
    before = name.bounding_box()["x"]
    for _ in range(8):
        opened.page.keyboard.press("ArrowRight")
    opened.page.wait_for_function("document.querySelector('.wide').scrollLeft > 100")
    assert abs(name.bounding_box()["x"] - before) < 20
    opened.page.context.close()


def test_findings_come_without_another_click(browser: Any, address: str) -> None:
    opened = _opened(browser, address)
    opened.go("/machine")
    opened.page.get_by_role("button", name="Check again").wait_for()
    opened.page.get_by_text("quickstart: 10 tasks").wait_for()
    opened.page.get_by_role("button", name="Check again").click()
    opened.page.wait_for_url("**/machine#doctor")
    opened.page.locator("#doctor:not([data-waits])").wait_for()
    assert opened.complaints == []
    opened.page.context.close()


def test_without_scripts_everything_is_there(browser: Any, address: str) -> None:
    opened = _opened(browser, address, java_script_enabled=False)
    opened.go("/pareto?x=tokens")
    opened.page.get_by_label("Against").select_option("cost")
    opened.page.get_by_role("button", name="Show").click()
    opened.page.wait_for_url("**x=cost**")
    assert opened.page.locator("svg.picture").count() == 1
    opened.page.context.close()
