"""Pages that need nothing else: no request, no script but ours, and no HTML from outside."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from llmbench.report.blocks import Block, Fold
from llmbench.report.templates import render as fill

TONES = {
    "ok": "good",
    "passed": "good",
    "caution": "care",
    "problem": "bad",
    "failed": "bad",
    "tampered": "bad",
    "infra_error": "other",
    "skipped": "other",
    "not run": "other",
    "budget_exhausted": "care",
    "context_overflow": "care",
    "timeout": "care",
    "protocol_error": "care",
}
"""The colour of every word that we write as code."""
_HEADING = re.compile(r"<h2>([^<]*)</h2>")
_TABLE = re.compile(r"<table>\s*<thead>.*?</thead>", re.DOTALL)
_NO_HEADING = re.compile(r"<th[^>]*></th>")
_NARROW = 3
"""Columns for which there is room on a phone."""
_FOCUS = ' tabindex="0" role="group" aria-label="A table that may be wider than the page"'


def page(title: str, body: str) -> str:
    """Return a whole page around ``body``, which is safe HTML."""
    return fill("page.html.j2", title=title, body=Markup(body), style=style())  # noqa: S704 - said above


def style(*more: str) -> Markup:
    """Return the style of a page of a report, which refers to no other file."""
    return Markup("").join(map(text_of, ("tokens.css", "parts.css", "style.css", *more)))


def script() -> dict[str, Markup]:
    """Return our one script, and the hash by which a page's policy allows it alone."""
    text = text_of("workplace.js")
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return {"script": text, "script_hash": Markup(f"sha256-{digest}")}  # noqa: S704 - base64


@cache
def text_of(name: str) -> Markup:
    """Return a style sheet or script of ours."""
    return Markup(files("llmbench.report").joinpath("static", name).read_text(encoding="utf-8"))  # noqa: S704 - of ours


def render(markdown: str) -> Markup:
    """Return Markdown as HTML; HTML inside it comes out as text, links and images are not made."""
    rendered: str = _parser().render(markdown)
    rendered = _TABLE.sub(_table, rendered).replace("</table>", "</table></div>")
    return Markup(_HEADING.sub(_with_id, rendered))  # noqa: S704 - the parser has escaped what it was given


def render_block(block: Block) -> Markup:
    """Return a part of a report as HTML."""
    if isinstance(block, Fold):
        frame = Markup("<details{}><summary>{}</summary>\n{}</details>\n")
        return frame.format(Markup(" open") if block.is_open else "", block.title, render(block.markdown))
    return render(block.markdown)


def _table(found: re.Match[str]) -> str:
    """Let a table of many columns scroll by itself, by keys too; a heading without words is none."""
    wide = found[0].count("<th>") + found[0].count("<th ") > _NARROW
    head = _NO_HEADING.sub("<td></td>", found[0])
    head = head if "</th>" in head else "<table>"
    return f'<div class="wide"{_FOCUS if wide else ""}>{head}'


def _with_id(found: re.Match[str]) -> str:
    return f'<h2 id="{"-".join(re.findall("[a-z]+", found[1].lower()))}">{found[1]}</h2>'


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False})
    parser.enable("table").disable(["link", "image", "autolink", "reference", "html_block", "html_inline"])
    parser.add_render_rule("code_inline", _code)
    for kind in ("th_open", "td_open"):
        parser.add_render_rule(kind, _cell)
    return parser


def _cell(self: RendererHTML, tokens: list[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """Say by a class that a cell is a number: pages of the dashboard allow no style in tags."""
    if tokens[index].attrs.pop("style", ""):
        tokens[index].attrSet("class", "right")
    return self.renderToken(tokens, index, options, env)


def _code(self: object, tokens: list, index: int, options: object, env: object) -> str:  # type: ignore[type-arg]
    word = tokens[index].content
    kind = TONES.get(word)
    return f'<span class="word {kind}">{escape(word)}</span>' if kind else f"<code>{escape(word)}</code>"
