"""Published figures in the reports of runs: on the terminal, in both files, and in the summary."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path

import jsonschema
import pytest

from llmbench.api import Outcome
from llmbench.console import Console
from llmbench.records.record import UsageTotal
from llmbench.records.schemas import read_schema
from llmbench.report import close_run
from llmbench.report.blocks import plain
from llmbench.testing.runs import MadeSample, RunRecipe

MakeRun = Callable[..., Path]
OURS = {"pass_at_1": 0.5, "source": "our lab", "date": "2026-05", "precision": "BF16", "temperature": 0}
REFERENCE = {"humanevalplus": OURS}


def recipe(model: dict[str, object], *, completions: int = 1) -> RunRecipe:
    usage = UsageTotal(completions=completions)
    made = [
        MadeSample(task=f"HumanEval/{n}", outcome=Outcome.PASSED if n else Outcome.FAILED, usage=usage)
        for n in range(5)
    ]
    config = {"model": model, "sampling": {"temperature": 0.0}}
    return RunRecipe(made=made, dataset="humanevalplus", config=config)


def said(folder: Path) -> str:
    """Return the report on the terminal; both files say the same."""
    screen = io.StringIO()
    close_run(folder, Console(file=screen, width=400))
    text = screen.getvalue()
    found = next((line for line in text.splitlines() if line.strip().startswith("published")), "")
    said = " ".join(found.split())
    value = said.removeprefix("published ")
    assert plain(value, 400) in (folder / "REPORT.md").read_text()
    assert escape(value) in (folder / "report.html").read_text()
    return said


def test_a_comparable_figure_is_shown_with_the_difference(make_run: MakeRun) -> None:
    folder = make_run(recipe({"reference": REFERENCE}))
    assert said(folder) == (
        "published 50.0 % at BF16 (our lab, 2026-05); here at Q4_K_M +30.0 points to the full precision, "
        "95 % interval -12.4 to +46.4, the published figure inside; not told there: way of asking"
    )
    summary = json.loads((folder / "summary.json").read_text())
    jsonschema.validate(summary, read_schema("summary"))
    assert summary["published"] == {"pass_at_1": 0.5, "source": "our lab", "date": "2026-05"}
    [beside] = summary["published_figures"]
    assert beside["difference"] == pytest.approx(0.3)
    assert (beside["differs"], beside["quantization"]) == ([], "Q4_K_M")


def test_another_is_shown_with_what_differs(make_run: MakeRun) -> None:
    folder = make_run(recipe({"published": ["meta-llama/Meta-Llama-3-8B"]}))
    assert said(folder) == (
        "published 29.3 % (EvalPlus leaderboard, 2024-12-26); not comparable: 164 tasks there, 5 here, "
        "release v0.1.10 there, an unknown one here, a text to go on with there, a chat here "
        "(preset=evalplus-compat comes nearest)"
    )
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["published"] is None
    assert {beside["difference"] for beside in summary["published_figures"]} == {None}


def test_nothing_is_shown_where_nobody_was_asked_or_nothing_is_known(make_run: MakeRun) -> None:
    assert said(make_run(recipe({"reference": REFERENCE}, completions=0), "reference")) == ""
    assert said(make_run(recipe({"reference": REFERENCE, "trusted": True}), "trusted")) == ""
    assert said(make_run(recipe({}), "unknown")) == ""
    hostile = {"pass_at_1": 0.5, "source": "\x1b[2Jred", "date": ""}
    text = said(make_run(recipe({"reference": {"humanevalplus": hostile}}), "hostile"))
    assert "\x1b" not in text
    assert "␛[2Jred, undated" in text


def test_a_twin_has_no_published_figure(make_run: MakeRun) -> None:
    twin = replace(recipe({"reference": REFERENCE}), dataset="humanevalplus, twin 1")
    assert said(make_run(twin, "twin")) == ""
