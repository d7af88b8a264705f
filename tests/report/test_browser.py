"""report.html in a real browser: filters, keys, the page's address, small screens, no request to anybody."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Finish, Outcome
from llmbench.report.files import write_files
from llmbench.report.read import read_run
from llmbench.testing.runs import MadeSample, RunRecipe

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_PATIENCE_MS = 10_000
_PHONE = {"width": 400, "height": 800}


def _failed(task: str, reason: str, **more: Any) -> MadeSample:
    return MadeSample(task=task, outcome=Outcome.FAILED, reason=reason, tests=(3, 4), **more)


WORK = RunRecipe(
    made=[
        MadeSample(task="python/leap"),
        _failed("python/brackets", "test_nested: AssertionError: False is not true"),
        _failed("go/caesar", "test_shift: AssertionError: 'a' != 'b'"),
        _failed("go/maze", "NameError: name 'Counter' is not defined"),
        MadeSample(
            task="rust/cache",
            outcome=Outcome.BUDGET_EXHAUSTED,
            reason="the answer is empty: it used all 400 tokens it was allowed",
            answer="",
            finish=Finish.LENGTH,
            tests=(0, 4),
        ),
        MadeSample(task="rust/words", outcome=Outcome.INFRA_ERROR, reason="the server went away"),
    ],
    tasks=(
        *("python/leap", "python/brackets", "go/caesar", "go/maze"),
        *("rust/cache", "rust/words", "rust/left"),
    ),
)


@dataclass
class Open:
    """A page, and what it did that it should not."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def samples(self) -> list[str]:
        """Return the tasks of the samples that are listed, by what can be seen."""
        names = self.page.locator(".sample b")
        seen: list[str] = names.evaluate_all(
            "all => all.filter(b => b.checkVisibility()).map(b => b.innerText)"
        )
        return seen

    def unfold(self) -> None:
        """Open all folds."""
        self.page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")

    def choose(self, name: str) -> None:
        self.page.get_by_role("radio", name=name).check()

    def settled(self) -> str:
        """Return the page's address once it was written."""
        self.page.wait_for_timeout(200)
        return str(self.page.url)


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Open]]:
    """Open a page; at the end nothing may have been asked for or complained of."""
    opened: list[Open] = []

    def show(path: Path, fragment: str = "", **options: Any) -> Open:
        page = browser.new_context(**options).new_page()
        page.set_default_timeout(_PATIENCE_MS)
        found = Open(page)
        page.on("request", lambda request: found.requests.append(request.url))
        page.on("console", lambda message: found.complaints.append(message.text))
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page.goto(f"{path.as_uri()}{fragment}")
        opened.append(found)
        return found

    yield show
    for found in opened:
        found.page.context.close()
        assert [url for url in found.requests if not url.startswith("file://")] == []
        assert found.complaints == []


@pytest.fixture
def written(make_run: Callable[..., Path]) -> Callable[..., Path]:
    """Write a run with its reports."""

    def write(recipe: RunRecipe = WORK) -> Path:
        folder = make_run(recipe)
        write_files(read_run(folder))
        return folder

    return write


def test_filters_show_just_what_fits(written: Callable[..., Path], visit: Callable[..., Open]) -> None:
    seen = visit(written() / "report.html")
    assert seen.samples() == ["python/brackets", "go/caesar", "go/maze", "rust/cache", "rust/words"]
    assert seen.page.get_by_role("status").inner_text() == "7 of 7 samples"
    seen.choose("wrong answer 2")
    assert seen.samples() == ["python/brackets", "go/caesar"]
    seen.choose("go 2")
    assert seen.samples() == ["go/caesar"]
    assert seen.page.get_by_role("status").inner_text() == "1 of 7 samples"
    assert not seen.page.locator("#others").is_visible()
    seen.page.keyboard.press("x")
    seen.choose("passed 1")
    assert seen.samples() == []
    assert seen.page.get_by_role("cell", name="python/leap").is_visible()
    assert not seen.page.get_by_role("cell", name="rust/left").is_visible()


def test_they_work_without_a_script(written: Callable[..., Path], visit: Callable[..., Open]) -> None:
    seen = visit(written() / "report.html", java_script_enabled=False)
    assert len(seen.samples()) == 5
    assert not seen.page.locator("#search").is_visible()
    seen.choose("missing name 1")
    assert seen.samples() == ["go/maze"]
    seen.page.locator(".sample summary", has_text="go/maze").click()
    assert seen.page.locator("#s4").get_by_text("Traceback").is_visible()


def test_a_sample_holds_answer_diff_and_test_output(
    written: Callable[..., Path], visit: Callable[..., Open]
) -> None:
    seen = visit(written() / "report.html", "#s2")
    body = seen.page.locator("#s2")
    assert body.locator(".part > summary").all_inner_texts() == [
        "Answer: leap.py",
        "Answer: x.bin",
        "Changes to the starter files",
        "Test output",
        "Test errors",
    ]
    assert body.locator("del").all_inner_texts()[-1].strip() == "-pass"
    assert "llmbench show" in body.locator(".more").inner_text()
    assert body.is_visible()


def test_a_reload_keeps_filters_search_and_fold(
    written: Callable[..., Path], visit: Callable[..., Open]
) -> None:
    seen = visit(written() / "report.html")
    seen.choose("wrong answer 2")
    seen.page.locator("#search").fill("CAESAR")
    seen.page.locator(".sample summary", has_text="go/caesar").click()
    assert seen.settled().endswith("#failure=wrong+answer&search=CAESAR&open=s3")
    seen.page.reload()
    assert seen.samples() == ["go/caesar"]
    assert seen.page.locator("#s3").is_visible()
    assert seen.page.get_by_role("radio", name="wrong answer 2").is_checked()


def test_keys_alone_are_enough(written: Callable[..., Path], visit: Callable[..., Open]) -> None:
    seen = visit(written() / "report.html")
    press, focused = seen.page.keyboard.press, "document.activeElement.querySelector('b').textContent"
    press("j")
    press("j")
    press("j")
    press("k")
    assert seen.page.evaluate(focused) == "go/caesar"
    press("o")
    assert seen.page.locator("#s3").is_visible()
    press("Enter")
    assert not seen.page.locator("#s3").is_visible()
    press("/")
    seen.page.keyboard.type("jkox nobody")
    assert seen.samples() == []
    press("Escape")
    assert len(seen.samples()) == 5
    press("?")
    assert seen.page.get_by_role("dialog").is_visible()
    press("Escape")
    assert not seen.page.get_by_role("dialog").is_visible()


def test_filters_are_reached_by_tab_and_arrows(
    written: Callable[..., Path], visit: Callable[..., Open]
) -> None:
    seen = visit(written() / "report.html")
    for _ in range(30):
        seen.page.keyboard.press("Tab")
        if seen.page.evaluate("document.activeElement.name") == "failure":
            break
    seen.page.keyboard.press("ArrowRight")
    assert seen.samples() == ["python/brackets", "go/caesar"]
    ring = "getComputedStyle(document.activeElement.nextElementSibling).outlineStyle"
    assert seen.page.evaluate(ring) == "solid"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [_PHONE, {"width": 1200, "height": 900}], ids=["phone", "desk"])
def test_axe_finds_nothing(
    written: Callable[..., Path],
    visit: Callable[..., Open],
    scheme: str,
    viewport: dict[str, int],
    axe: Callable[[Any], list[str]],
) -> None:
    seen = visit(written() / "report.html", color_scheme=scheme, viewport=viewport)
    seen.unfold()
    assert axe(seen.page) == []
    dark = seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(8, 11, 21)"
    assert dark == (scheme == "dark")
    seen.page.keyboard.press("?")
    assert axe(seen.page) == []


def test_a_phone_sees_trust_and_score_first_and_scrolls_no_page_sideways(
    written: Callable[..., Path], visit: Callable[..., Open]
) -> None:
    long = _failed("python/" + "long_name_" * 12, "x" * 300, answer="y" * 5000)
    notice = "trained on these very tasks: its score means nothing"
    seen = visit(
        written(replace(WORK, made=[*WORK.made, long], tasks=None, notice=notice)) / "report.html",
        viewport=_PHONE,
    )
    for what in (".trust", ".findings", ".number", ".scale"):
        box = seen.page.locator(what).bounding_box()
        assert box["y"] + box["height"] <= _PHONE["height"], what
    seen.unfold()
    assert seen.page.evaluate("document.documentElement.scrollWidth") == _PHONE["width"]


def test_print_opens_the_folds(written: Callable[..., Path], visit: Callable[..., Open]) -> None:
    seen = visit(written() / "report.html")
    assert not seen.page.locator("#s2 pre").first.is_visible()
    seen.page.emulate_media(media="print")
    assert seen.page.locator("#s2 pre").first.is_visible()
    assert not seen.page.locator(".filters").is_visible()


def test_what_is_too_much_for_one_page_is_worked_through_on_others(
    written: Callable[..., Path], visit: Callable[..., Open], axe: Callable[[Any], list[str]]
) -> None:
    made = [_failed(f"go/t{n:03}", "AssertionError: x", answer="x") for n in range(80)]
    made.append(_failed("rust/last", "NameError: x"))
    folder = written(RunRecipe(made=made))
    _fill(folder)
    seen = visit(folder / "report.html")
    assert len(seen.samples()) == 81
    seen.choose("missing name 1")
    seen.page.locator("a", has_text="rust/last").click()
    assert "/report-samples/000" in seen.settled()
    assert seen.samples() == ["rust/last"]
    assert seen.page.locator("#s81 pre").first.is_visible()
    assert axe(seen.page) == []
    seen.page.get_by_role("link", name="Report").first.click()
    assert seen.samples() == ["rust/last"]
    beside = visit(folder / "report-samples/0001.html", "#s3", java_script_enabled=False, viewport=_PHONE)
    assert beside.page.locator("#s3").is_visible()
    assert beside.page.evaluate("document.documentElement.scrollWidth") == _PHONE["width"]
    beside.page.get_by_role("link", name="Next →").first.click()
    assert beside.page.url.endswith("/report-samples/0002.html")


def _fill(folder: Path) -> None:
    """Let every sample have printed what no page holds whole."""
    for path in folder.glob("samples/**/std*.log"):
        path.write_text('"' * 10_000, encoding="utf-8")
    (folder / "report.html").unlink()
    write_files(read_run(folder))
