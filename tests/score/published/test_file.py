"""The file of published figures: whole, quickly read, and true to the boards that it was made from."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from llmbench.score.published import Figure, Figures, read_figures
from llmbench.score.published.figures import FILE

TOOL = Path(__file__).parents[3] / "tools/make_published.py"
PLUS = {
    ("humanevalplus", "pass@1 of base tests"): "humaneval",
    ("humanevalplus", "pass@1"): "humaneval+",
    ("mbppplus", "pass@1 of base tests"): "mbpp",
    ("mbppplus", "pass@1"): "mbpp+",
}


def test_every_figure_is_whole() -> None:
    known = read_figures()
    assert len(known.figures) > 600
    for figure in known.figures:
        assert figure.source in known.sources, figure
        assert figure.share is None or 0 <= figure.share <= 1, figure
        assert all(name == name.lower().strip() for name in figure.names), figure
        assert figure.date[:2] == "20", figure
    assert {source.second_hand for source in known.sources.values()} == {True, False}
    assert all(source.commit for source in known.sources.values() if not source.second_hand)


def test_it_holds_no_key_that_is_not_read() -> None:
    data = json.loads(FILE.read_text(encoding="utf-8"))
    kept = {"names", "note", "commit", "second_hand", "settings", "preset", "conditions"}

    def slim(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: slim(item) for key, item in value.items() if key not in kept or item}
        return [slim(item) for item in value] if isinstance(value, list) else value

    back = json.loads(msgspec.json.encode(msgspec.json.decode(FILE.read_bytes(), type=Figures)))
    for figure in back["figures"]:
        figure["conditions"] = {key: item for key, item in figure["conditions"].items() if item is not None}
    assert slim(back) == slim(data)


def test_it_is_read_in_a_moment() -> None:
    def once() -> float:
        started = time.perf_counter()
        msgspec.json.decode(FILE.read_bytes(), type=Figures)
        return time.perf_counter() - started

    assert min(once() for _ in range(5)) < 0.01


def test_it_says_what_the_board_of_evalplus_says(evalplus_data: Path) -> None:
    path = evalplus_data / "boards/evalplus-results.json"
    if not path.is_file():
        pytest.skip(f"no board of EvalPlus: {path}")
    board = json.loads(path.read_text(encoding="utf-8"))
    figures = [figure for figure in read_figures().figures if figure.source == "evalplus"]
    assert {_place(figure): _percent(figure) for figure in figures} == {
        (model, name): percent for model, entry in board.items() for name, percent in entry["pass@1"].items()
    }
    styles = {figure.model: figure.conditions.style for figure in figures}
    assert styles == {name: "asked" if entry["prompted"] else "continued" for name, entry in board.items()}


def _place(figure: Figure) -> tuple[str, str]:
    return figure.model, PLUS[figure.dataset, figure.metric]


def _percent(figure: Figure) -> float | None:
    return None if figure.share is None else pytest.approx(100 * figure.share)


EVALPLUS = """{
  "Tiny-7B-Instruct": {"link": "https://huggingface.co/Maker/Tiny-7B-Instruct", "prompted": true,
    "pass@1": {"humaneval": 50.0, "humaneval+": 30.0, "mbpp": null, "mbpp+": 50.0}},
  "Tiny (May 2023)": {"link": "https://maker.example/tiny", "prompted": false,
    "pass@1": {"humaneval": 50.0, "humaneval+": 40.2, "mbpp": null, "mbpp+": null}}
}"""
POLYGLOT = """
- {dirname: a, model: "tiny-2025-01-02 (32k think)", edit_format: diff, test_cases: 224, pass_rate_1: 1.5,
   pass_rate_2: 20.5, date: 2025-01-03}
- {dirname: b, model: "Tiny R1", edit_format: whole, test_cases: 225, pass_rate_1: 1.0, pass_rate_2: 2.0,
   reasoning_effort: high, date: 2025-01-04}
- {dirname: c, model: "tiny + other", edit_format: architect, test_cases: 225, pass_rate_1: 1.0,
   pass_rate_2: 2.0, date: 2025-01-04}
- {dirname: d, model: chatty-latest, edit_format: diff, test_cases: 225, pass_rate_1: 1.0, pass_rate_2: 2.0,
   date: 2025-01-04}
"""
QWEN3 = """
- {dirname: b, model: "seen before", edit_format: whole, test_cases: 225, pass_rate_1: 1.0, pass_rate_2: 2.0,
   date: 2025-01-04}
- {dirname: q, model: "Qwen3-32B whole with VLLM, bfloat16, /no_think", edit_format: whole, test_cases: 225,
   pass_rate_1: 20.4, pass_rate_2: 45.8, date: 2025-04-30}
"""


@pytest.fixture
def made(tmp_path: Path) -> dict[str, list[Figure]]:
    """The file that the tool makes of three small boards, by model."""
    words = ["--evalplus-state", "abc", "2026-01-02", "--output", "figures.json"]
    for option, text in (("evalplus", EVALPLUS), ("polyglot", POLYGLOT), ("polyglot-qwen3", QWEN3)):
        (tmp_path / option).write_text(text)
        words += [f"--{option}", option]
    subprocess.run([sys.executable, str(TOOL), *words], cwd=tmp_path, check=True)
    figures = msgspec.json.decode((tmp_path / "figures.json").read_bytes(), type=Figures)
    assert figures.sources["evalplus"].commit == "abc"
    found: dict[str, list[Figure]] = {}
    for figure in figures.figures:
        found.setdefault(figure.model, []).append(figure)
    return found


def test_the_tool_reads_the_board_of_evalplus(made: dict[str, list[Figure]]) -> None:
    base, plus, mbpp, mbpp_plus = made["Tiny-7B-Instruct"]
    assert base.names == ("maker/tiny-7b-instruct", "tiny-7b-instruct")
    assert (base.share, base.note, base.conditions.release, base.date) == (0.5, "", "v0.1.10", "2026-01-02")
    assert (plus.share, plus.conditions.release) == (0.3, None)
    assert plus.note == "no whole number of 164 tasks: a mean of several runs, or of another release"
    assert (mbpp.share, mbpp_plus.share) == (None, 0.5)
    assert [figure.names for figure in made["Tiny (May 2023)"]] == [()] * 4


def test_the_tool_reads_the_boards_of_aider(made: dict[str, list[Figure]]) -> None:
    first, second = made["tiny-2025-01-02 (32k think)"]
    assert (first.names, first.metric, second.metric) == (
        ("tiny-2025-01-02",),
        "pass@1",
        "pass within 2 tries",
    )
    assert (first.conditions.reasoning, first.conditions.edit_format) == ("32000 tokens", "diff")
    assert first.note == "224 of 225 exercises were run"
    assert made["Tiny R1"][0].conditions.reasoning == "high"
    for unnamed in ("Tiny R1", "tiny + other", "chatty-latest"):
        assert made[unnamed][0].names == (), "no id, or one that means another model tomorrow"
    assert "seen before" not in made
    qwen = made["Qwen3-32B whole with VLLM, bfloat16, /no_think"][1]
    assert qwen.names == ("qwen/qwen3-32b", "qwen3-32b")
    assert (qwen.share, qwen.conditions.precision, qwen.conditions.reasoning) == (0.458, "BF16", "off")
