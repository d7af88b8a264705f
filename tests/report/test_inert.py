"""Nothing that a model wrote acts on a terminal, breaks out of Markdown or becomes HTML."""

import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from llmbench.api import Outcome, Verdict
from llmbench.console import Console
from llmbench.records.masking import Mask
from llmbench.records.samples import TryFolder, sample_folder
from llmbench.records.transcript import SubmissionEvent, Transcript
from llmbench.report import close_run
from llmbench.report.blocks import fence, plain, table
from llmbench.report.web import render
from llmbench.report.words import inert, one_line
from llmbench.testing.runs import MadeSample, RunRecipe

NASTY = [
    "</pre></code><script>alert(1)</script><img src=x onerror=alert(1)>",
    "```\n# Score\n| pass@1 | 100 % |\n|---|---|\n```",
    "~~~~\n````\n``````\n</details>\n<details open>",
    "\x1b[2J\x1b[31mred\x1b[0m\x1b]8;;http://evil\x07link\x1b]8;;\x07\x00\x08\x9b31m\r\x7f",
    "\u202egnp.exe\u2066 \u200b\ufeff",
    "[bold red]markup[/] [link=http://evil]x[/link] [/] \\[x]",
    "a | b || c\n| d |\n\n- e\n\n1. f\n> g\n***h*** `i` ``j`` ~~k~~ &lt; &#60; \\",
    "[x](javascript:alert(1)) ![y](http://evil/y.png) <http://evil> http://evil\n\n[z]: http://evil",
    "<!-- --> <![CDATA[ ]]> <?php ?> &amp; \ud800",
]
_STRUCTURE = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "section",
    "div",
    "details",
    "summary",
    "header",
    "nav",
    "dialog",
    "script",
}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_PICTURES = {"figure", "figcaption", "svg", "desc", "g", "rect", "circle", "line", "path", "text"}
_DRAWN = {
    *("xmlns", "viewbox", "width", "height", "aria-labelledby", "id", "x", "y", "x1", "y1", "x2", "y2"),
    *("cx", "cy", "r", "rx", "d", "text-anchor", "transform"),
}
"""Attributes of pictures: none that could run or fetch anything."""
_TEXT = {"p", "h1", "h2", "h3", "i", "b", "br", "span", "code", "pre", "strong", "small", "ins", "del", "a"}
_LISTS = {"ul", "li", "dl", "dt", "dd", "kbd"}
_FILTERS = {"fieldset", "legend", "label", "input", "button"}
_ATTRIBUTES = {
    *("lang", "charset", "name", "content", "http-equiv", "class", "style", "role", "open", "id", "href"),
    *("aria-label", "aria-labelledby", "aria-hidden", "aria-haspopup", "tabindex", "scope", "data-pages"),
    *("type", "value", "checked", "autocomplete", "spellcheck", "placeholder", "hidden", "data-script"),
}


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in ("meta", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture
def nasty_run(make_run: Callable[..., Path]) -> Path:
    made = [
        MadeSample(
            task="python/leap", answer=text, prompt=text, reason=text, outcome=Outcome.FAILED, sample=n
        )
        for n, text in enumerate(NASTY[:3])
    ]
    made += [
        MadeSample(task="python/leap", answer="x", reason=text, outcome=Outcome.FAILED, sample=n)
        for n, text in enumerate(NASTY[3:-1], start=3)
    ]
    notice = " ".join(NASTY[:-1])
    folder = make_run(RunRecipe(made=made, samples=len(made), notice=notice, warnings=tuple(NASTY[:-1])))
    for sample, text in zip(made, NASTY, strict=False):
        _submit(sample_folder(folder, sample.task, sample.sample), text)
    return folder


def _submit(sample: Path, text: str) -> None:
    """Let a sample hand in, change and print what is nasty."""
    files = {f"{text}.py": f"x = '{text}'\n".encode()}
    transcript = Transcript(sample / "transcript.jsonl", Mask({}))
    transcript.append(SubmissionEvent.of(1, files, (text,), {"chosen": {text: text}}))
    transcript.close()
    texts = TryFolder(sample, 1, Mask({}))
    texts.patch({f"{text}.py": b"<del>\n"}, files)
    texts.verdict(Verdict(outcome=Outcome.FAILED, reason=text, stdout=text, stderr=text))


def test_the_page_holds_only_our_own_tags(nasty_run: Path) -> None:
    close_run(nasty_run, Console(file=io.StringIO()))
    page = (nasty_run / "report.html").read_text(encoding="utf-8")
    found = _Tags()
    found.feed(page)
    assert set(found.tags) <= _STRUCTURE | _TABLES | _TEXT | _LISTS | _FILTERS | _PICTURES
    assert found.tags.count("script") == 1
    assert not found.open
    assert found.attributes <= _ATTRIBUTES | _DRAWN
    assert all(re.fullmatch(r"#[a-z-]+", link) for link in found.links)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", page)
    assert "<script>alert(1)</script>" in "".join(found.text)


def test_names_of_tasks_and_groups_are_text(make_run: Callable[..., Path]) -> None:
    outcomes = (Outcome.FAILED, Outcome.PASSED)
    made = [MadeSample(task=f'"><img>{n}/"><img>', outcome=o) for n, o in enumerate(outcomes)]
    folder = make_run(RunRecipe(made=made, model="</title><img>", tasks=(*(m.task for m in made), "<img>/x")))
    close_run(folder, Console(file=io.StringIO()))
    page = (folder / "report.html").read_text(encoding="utf-8")
    found = _Tags()
    found.feed(page)
    assert "img" not in found.tags
    assert page.count("&lt;img&gt;0") >= 2


def test_the_markdown_keeps_its_shape(nasty_run: Path) -> None:
    close_run(nasty_run, Console(file=io.StringIO()))
    text = (nasty_run / "REPORT.md").read_text(encoding="utf-8")
    headings = [line for line in _headings(text) if not line.startswith("python/leap")]
    assert headings == [
        "Can this number be believed?",
        "Score",
        "What to try next",
        "Samples",
        "What was really asked and answered",
        "Provenance",
        "Sessions",
    ]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_the_terminal_gets_no_escape_sequence_but_ours(nasty_run: Path) -> None:
    screen = io.StringIO()
    close_run(nasty_run, Console(file=screen, width=120, force_terminal=True, color_system="standard"))
    left = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue())
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", left)
    assert "[bold red]markup[/]" in re.sub(r"\s+", " ", left)


@pytest.mark.parametrize("text", NASTY)
def test_a_fence_holds_any_text(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"before\n\n{fence(text)}\n\nafter")
    assert [token.type for token in tokens if token.level == 0] == [
        "paragraph_open",
        "paragraph_close",
        "fence",
        "paragraph_open",
        "paragraph_close",
    ]


@given(st.text())
def test_a_fence_holds_all_texts(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(fence(text))
    assert [token.type for token in tokens] == ["fence"]


@given(st.text())
def test_a_cell_stays_one_cell(text: str) -> None:
    rendered = render(table(["a", "b"], [[plain(text), "end"]]))
    found = _Tags()
    found.feed(rendered)
    assert found.tags == ["div", "table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]
    assert not found.open


@given(st.text())
def test_plain_text_reads_as_it_was(text: str) -> None:
    line = one_line(text)
    found = _Tags()
    found.feed(render(f"x{plain(text)}x"))
    assert "".join(found.text).strip() == f"x{line}x"


@given(st.text())
def test_inert_text_changes_nothing_that_can_be_seen(text: str) -> None:
    assert inert(inert(text)) == inert(text)
    assert inert("schöne grüße 你好 👩\u200d💻\tx\n") == "schöne grüße 你好 👩\u200d💻\tx\n"


def _headings(text: str) -> list[str]:
    tokens = MarkdownIt("commonmark").parse(text)
    return [
        tokens[place + 1].content
        for place, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag != "h1"
    ]
