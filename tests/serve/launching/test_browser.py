"""Launching and watching in a real browser: the demo to its end, and what may go wrong on the way."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from llmbench.records.process import this_process
from llmbench.records.status import Asking, Left, Status, Used
from llmbench.serve.launching.ledger import Ledger
from llmbench.serve.launching.processes import forget_ended, interrupt
from llmbench.serve.live_words import readings, words_of
from llmbench.serve.settings import Allowed
from tests.serve.conftest import DESK, PHONE, serving

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Visit = Callable[..., Any]
_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_LONG_MS = 60_000


@pytest.fixture
def allowed() -> Allowed:
    return Allowed(local=True)


@pytest.fixture
def root(root: Path) -> Iterator[Path]:
    """The folder of runs; whatever was launched into it is ended."""
    yield root
    processes = [entry.process for entry in Ledger(root).read() if entry.process and entry.process.runs]
    for process in processes:
        interrupt(process)
    deadline = time.monotonic() + 30
    while any(process.runs for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    forget_ended()


def _open(visit: Visit, path: str, **options: Any) -> Any:
    """Open a page with more patience than others need: the first form imports all plugins."""
    page = visit("/live", **options)
    page.set_default_timeout(_LONG_MS)
    page.goto(path)
    return page


def _launched(visit: Visit, **fields: str) -> Any:
    """Launch from the form, with a local sandbox, and open the run's page."""
    page = _open(visit, "/launch")
    page.get_by_label("Sandbox", exact=True).select_option("local")
    for label, value in fields.items():
        page.locator(f"[name='{label}']").fill(value)
    line = " ".join(f"{name}={value}" for name, value in fields.items())
    page.locator("#side .copy code", has_text=line).wait_for()
    page.get_by_role("button", name="Launch").click()
    page.wait_for_url("**/live#launch-*")
    page.locator(".working a[href*='/live/']").click(timeout=_LONG_MS)
    page.wait_for_url("**/live/quickstart/*")
    return page


def test_the_demo_is_launched_watched_to_its_end_and_read(
    visit: Visit, axe: Callable[[Any], list[str]]
) -> None:
    page = _launched(visit, limit="3", samples="3")
    page.locator("#coming li").first.wait_for(timeout=_LONG_MS)
    page.locator("#state", has_text="finished").wait_for(timeout=_LONG_MS)
    assert page.locator("#coming li").count() == 9
    assert page.locator("[data-now=progress]").inner_text() == "9 of 9 samples"
    assert page.get_by_role("button", name="Stop").count() == 0
    assert axe(page) == []
    page.locator("#coming a").first.click()
    page.wait_for_url("**/samples/python/*")


def test_a_run_is_stopped_after_a_question_and_a_page_opened_in_the_middle_knows_all(visit: Visit) -> None:
    page = _launched(visit, samples="400")
    page.locator("#coming li").nth(1).wait_for(timeout=_LONG_MS)
    page.reload()
    page.locator("#coming li").nth(2).wait_for(timeout=_LONG_MS)
    samples = page.locator("#coming a").evaluate_all("all => all.map(a => a.href)")
    assert len(set(samples)) == len(samples)
    page.get_by_role("button", name="Stop").first.click()
    dialog = page.get_by_role("dialog", name="Stop this run?")
    dialog.get_by_role("button", name="Leave it").click()
    assert not dialog.is_visible()
    page.get_by_role("button", name="Stop").first.click()
    dialog.get_by_role("button", name="Stop").click()
    page.locator("#state", has_text="stopped").wait_for(timeout=_LONG_MS)
    assert "interrupted" in page.locator("#reason").inner_text()


def test_a_dashboard_that_is_gone_for_a_while_is_said_and_found_again(
    browser: Any, root: Path, allowed: Allowed
) -> None:
    with serving(root, allowed) as port:
        pass
    context = browser.new_context(viewport=DESK, base_url=f"http://127.0.0.1:{port}")
    try:
        with serving(root, allowed, port):
            page = _launched(lambda path: _opened(context, path), samples="400")
            page.locator("#coming li").nth(1).wait_for(timeout=_LONG_MS)
        page.get_by_text("Connection lost").wait_for(timeout=_LONG_MS)
        before = page.locator("#coming li").count()
        with serving(root, allowed, port):
            page.get_by_text("Connection lost").wait_for(state="hidden", timeout=_LONG_MS)
            page.locator("#coming li").nth(before).wait_for(timeout=_LONG_MS)
            samples = page.locator("#coming a").evaluate_all("all => all.map(a => a.href)")
            assert len(set(samples)) == len(samples)
    finally:
        context.close()


_NO_SOCKETS = """
window.WebSocket = class extends EventTarget {
  constructor() {
    super();
    setTimeout(() => this.dispatchEvent(new CloseEvent("close", { code: 1006 })), 10);
  }
};
"""


def test_where_no_socket_can_be_had_the_page_asks_again_and_again(visit: Visit) -> None:
    page = _launched(visit, samples="400")
    page.locator("#coming li").first.wait_for(timeout=_LONG_MS)
    page.add_init_script(_NO_SOCKETS)
    page.reload()
    before = page.locator("#coming li").count()
    page.locator("#coming li").nth(before + 2).wait_for(timeout=_LONG_MS)
    assert page.locator("#connection").inner_text() == ""
    samples = page.locator("#coming a").evaluate_all("all => all.map(a => a.href)")
    assert len(set(samples)) == len(samples)


def _opened(context: Any, path: str) -> Any:
    page = context.new_page()
    page.goto(path)
    return page


def test_the_form_follows_what_is_chosen_and_says_what_is_wrong_at_its_field(visit: Visit) -> None:
    page = _open(visit, "/launch")
    page.get_by_label("Backend", exact=True).select_option("ollama")
    page.locator("[name='backend.pull']").wait_for(state="attached")
    assert page.locator("[name='backend.network']").count() == 0
    page.get_by_label("Samples of each task").fill("x")
    wrong = page.locator("[id='wrong-samples']")
    wrong.get_by_text("samples: expected an integer ≥ 1").wait_for()
    assert page.get_by_label("Samples of each task").get_attribute("aria-invalid") == "true"
    page.get_by_label("Samples of each task").fill("1,2")
    page.get_by_role("heading", name="2 runs").wait_for()
    assert not wrong.is_visible()
    assert "samples=1%2C2" in page.url


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("path", ["/launch?samples=x&agent=tools", "/live"])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    visit: Visit, axe: Callable[[Any], list[str]], path: str, scheme: str, viewport: dict[str, int]
) -> None:
    page = _open(visit, path, color_scheme=scheme, viewport=viewport)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert page.evaluate(_TOO_WIDE) == 0
    assert axe(page) == []


def test_without_scripts_everything_is_there(visit: Visit) -> None:
    page = _open(visit, "/launch", java_script_enabled=False)
    page.get_by_label("Sandbox", exact=True).select_option("local")
    page.get_by_label("Agent", exact=True).select_option("nop")
    page.get_by_label("At most so many tasks").fill("1")
    page.get_by_role("button", name="Check").click()
    assert page.locator("#side .copy code").inner_text().startswith("llmbench agent=nop")
    page.get_by_role("button", name="Launch").click()
    assert re.search(r"/live#launch-[0-9a-f]{16}$", page.url)
    deadline = time.monotonic() + _LONG_MS / 1000
    while page.get_by_role("link", name=re.compile("^demo-llamacpp-nop")).count() == 0:
        assert time.monotonic() < deadline
        page.get_by_role("link", name="Reload").click()


_STATUS = Status(
    run_id="1a2b3c4d5e",
    state="sampling",
    message="asking",
    updated="2026-03-02T20:01:05.000+00:00",
    session="2026-03-02T20:01:05.000+00:00",
    process=this_process(),
    planned=12_345,
    made_before=1,
    total=1640,
    done=37,
    asking=Asking(requests=2, eldest_s=75.25, tokens=1234),
    decode_tokens_per_s=41.27,
    elapsed_s=3725.6,
    left=Left(likely_s=59.96, low_s=0.25, high_s=36_000),
    used=Used(prompt_tokens=1_234_567, completion_tokens=0, cost_usd=0.01234),
    machine={
        "gpu0.utilization_percent": 97.4,
        "gpu0.memory_mb": 23_456.0,
        "gpu.power_w": 312.6,
        "gpu1.temperature_c": 61.0,
        "process.cpu_percent": 163.0,
        "process.others_percent": 4.0,
        "process.unheard_of": 1.0,
    },
)


def test_scripts_and_the_server_say_figures_alike(visit: Visit) -> None:
    page = visit("/live")
    path = "/static/figures.js"
    said = page.evaluate(
        f"async status => (await import('{path}')).words(status)", msgspec.to_builtins(_STATUS)
    )
    words = words_of(_STATUS)
    assert said == {"message": _STATUS.message} | {
        name: getattr(words, name) for name in said if name != "message"
    }
    machine = page.evaluate(f"async given => (await import('{path}')).readings(given)", _STATUS.machine)
    assert [tuple(one) for one in machine] == list(readings(_STATUS))
    tones = page.evaluate(f"async () => (await import('{path}')).stateWords('failed')")
    assert tones == ["failed", "bad"]
