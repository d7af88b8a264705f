"""report.html: REPORT.md as one page that needs nothing else: no script, no request, no HTML from outside."""

from functools import cache
from html import escape
from importlib.resources import files

from markdown_it import MarkdownIt

from llmbench.report.blocks import Block, Fold
from llmbench.report.facts import belief, bounds_text, heading, no_score
from llmbench.report.markdown import blocks
from llmbench.report.pictures import figures, run_pictures
from llmbench.report.read import Run
from llmbench.report.words import LEVELS, inert, percent, span
from llmbench.score.summary import Summary
from llmbench.score.trust import worst

_WORDS = {
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


def html(run: Run) -> str:
    """Return the page of one run."""
    title = inert(heading(run))
    # Trust and score stand first, in words.
    trust, score, *rest = map(_html, blocks(run))
    parts = [_hero(run.summary), trust, score, figures(run_pictures(run)), *rest]
    return page(title, f"<h1>{escape(title)}</h1>\n" + "\n".join(parts))


def page(title: str, body: str) -> str:
    """Return a whole page around ``body``, which is safe HTML."""
    style = files("llmbench.report").joinpath("style.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"{body}\n</main>\n</body>\n</html>\n"
    )


def render(markdown: str) -> str:
    """Return Markdown as HTML; HTML inside it comes out as text, links and images are not made."""
    rendered: str = _parser().render(markdown)
    return rendered.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False})
    parser.enable("table").disable(["link", "image", "autolink", "reference", "html_block", "html_inline"])
    parser.add_render_rule("code_inline", _code)
    return parser


def _code(self: object, tokens: list, index: int, options: object, env: object) -> str:  # type: ignore[type-arg]
    word = tokens[index].content
    kind = _WORDS.get(word)
    return f'<span class="word {kind}">{escape(word)}</span>' if kind else f"<code>{escape(word)}</code>"


def _html(block: Block) -> str:
    if isinstance(block, Fold):
        opened = " open" if block.is_open else ""
        title = escape(block.title)
        return f"<details{opened}><summary>{title}</summary>\n{render(block.markdown)}</details>"
    return render(block.markdown)


def _hero(summary: Summary) -> str:
    level = _WORDS[LEVELS[worst(summary.trust)]]
    answer = escape(belief(summary.trust).capitalize())
    trust = f'<p class="trust {level}">Can this number be believed? {answer}</p>'
    notice = f'<p class="notice">{escape(inert(summary.notice))}</p>' if summary.notice else ""
    return f'<section class="hero">\n{trust}\n{_number(summary)}\n{notice}\n</section>'


def _number(summary: Summary) -> str:
    score = summary.score
    if score.pass_at_1 is None or score.interval_95 is None:
        return f'<p class="none">{escape(inert(no_score(summary)))}</p>'
    low, high = 100 * score.interval_95.low, 100 * score.interval_95.high
    bounds = f"<br>{escape(bounds_text(score))}" if score.censored else ""
    return (
        f'<p class="number">{percent(score.pass_at_1)}</p>\n'
        f'<p class="said">pass@1 · 95 % interval {span(score.interval_95)} · '
        f"{summary.graded} of {summary.planned} samples graded{bounds}</p>\n"
        f'<div class="scale" role="img" aria-label="{percent(score.pass_at_1)} of 100 %">'
        f'<i style="left:{low:.1f}%;width:{high - low:.1f}%"></i>'
        f'<b style="left:{100 * score.pass_at_1:.1f}%"></b></div>\n'
        '<p class="ends"><span>0</span><span>50</span><span>100 %</span></p>'
    )
