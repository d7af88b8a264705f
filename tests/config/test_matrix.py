"""The matrix of a sweep: scores, speeds, what the machine did, and the table of two sides."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from llmbench.config.cells import Cell
from llmbench.config.matrix import show_matrix, write_matrix
from llmbench.console import Console
from llmbench.testing.runs import MadeSample, RunRecipe, write_run

MACHINE = {
    "seconds": 20.0,
    "readings": 40,
    "mean": {"gpu0.utilization_percent": 97.4, "gpu0.power_w": 310.2},
    "peak": {"gpu0.memory_mb": 20480.0, "process.memory_mb": 900.0},
    "energy_per_solved_j": 2500.0,
}


def cell(model: str, agent: str, score: float | None = 0.5, **more: Any) -> Cell:
    speed = {"ttft_s": 0.12, "prefill_tokens_per_s": 800.4, "decode_tokens_per_s": 42.46}
    summary = {
        "score": {"pass_at_1": score, "interval_95": None, "by_try": [] if score is None else [score]},
        "speed": speed,
        "graded": 5,
        "planned": 5,
        "machine": None,
    }
    overrides = {"model": model, "agent": agent}
    return Cell(number=0, status="done", overrides=overrides, folder="x", summary=summary | more)


def impossible(model: str, agent: str) -> Cell:
    overrides = {"model": model, "agent": agent}
    return Cell(number=0, status="impossible", reason="no source", overrides=overrides)


def written(folder: Path, cells: list[Cell], keys: tuple[str, ...] = ("model", "agent")) -> str:
    write_matrix(cells, folder, keys)
    return (folder / "MATRIX.md").read_text(encoding="utf-8")


def shown(folder: Path, cells: list[Cell], width: int = 80) -> str:
    screen = io.StringIO()
    show_matrix(cells, folder, ("model", "agent"), Console(file=screen, width=width))
    return screen.getvalue()


def test_what_the_machine_did_stands_beside_the_scores(tmp_path: Path) -> None:
    text = written(tmp_path, [cell("glm", "prompt", machine=MACHINE), cell("glm", "tools")])
    head = text.splitlines()[2]
    assert (
        "| graded | tokens/s | prefill tokens/s | first token "
        "| GPU | GPU memory | GPU power | energy/solved | memory | run |" in head
    )
    assert "| 42.5 | 800 | 120 ms | 97 % | 20.0 GB | 310 W | 2.5 kJ | 900 MB |" in text
    assert "| 42.5 | 800 | 120 ms |  |  |  |  |  |" in text


def test_columns_of_which_nobody_knows_anything_are_left_out(tmp_path: Path) -> None:
    silent: Any = {"ttft_s": None, "prefill_tokens_per_s": None, "decode_tokens_per_s": None}
    text = written(tmp_path, [cell("glm", "prompt", speed=silent), impossible("glm", "tools")])
    assert "| graded | run |" in text.splitlines()[2]


def test_models_stand_downwards_and_agents_across(tmp_path: Path) -> None:
    cells = [
        cell("glm", "prompt", 0.5),
        cell("glm", "tools", 0.75),
        cell("qwen", "prompt", None),
        impossible("qwen", "tools"),
    ]
    lines = written(tmp_path, cells).splitlines()
    place = lines.index("## pass@1")
    assert lines[place + 2 :] == [
        "| model \\ agent | prompt | tools |",
        "| --- | --- | --- |",
        "| glm | 50.0 % | 75.0 % |",
        "| qwen | done | impossible |",
    ]
    assert "model \\ agent" in shown(tmp_path, cells)
    assert len(json.loads((tmp_path / "matrix.json").read_text())["cells"]) == 4


def test_a_problem_stands_beside_the_score(tmp_path: Path) -> None:
    bad = [{"rule": "a", "level": "amber", "text": ""}, {"rule": "b", "level": "red", "text": ""}]
    cells = [
        cell("glm", "prompt", 0.4, trust=bad),
        cell("glm", "tools", trust=bad[:1]),
        cell("qwen", "prompt", trust=[]),
        impossible("qwen", "tools"),
    ]
    text = written(tmp_path, cells)
    assert text.splitlines()[2].startswith("| model | agent | status | trust | pass@1 |")
    assert "| glm | prompt | done | problem | 40.0 % |" in text
    assert "| glm | tools | done | caution | 50.0 % |" in text
    assert "| qwen | tools | impossible |  |  |" in text
    assert "| glm | 40.0 % (problem) | 50.0 % |" in text
    screen = shown(tmp_path, cells)
    assert "40.0 % (problem)" in screen
    assert "caution" in screen


def test_where_all_is_done_a_narrow_terminal_need_not_say_so(tmp_path: Path) -> None:
    cells = [cell("glm", "prompt", trust=[]), cell("qwen", "prompt", trust=[])]
    assert "status" in shown(tmp_path, cells, width=120)
    narrow = shown(tmp_path, cells, width=80)
    assert "tokens/s" in narrow
    assert "status" not in narrow
    assert "impossible" in shown(tmp_path, [*cells, impossible("glm", "tools")], width=80)


def test_one_side_alone_needs_no_second_table(tmp_path: Path) -> None:
    assert "## pass@1" not in written(tmp_path, [cell("glm", ""), cell("qwen", "")], ("model",))
    assert "## pass@1" not in written(tmp_path, [cell("", "prompt"), cell("", "tools")], ("agent",))


def test_the_terminal_shows_what_fits(tmp_path: Path) -> None:
    cells = [cell("glm", "prompt", machine=MACHINE)]
    wide, narrow = shown(tmp_path, cells, width=120), shown(tmp_path, cells, width=60)
    assert "97 %" in wide
    assert "2.5 kJ" in wide
    assert "20.0 GB" not in wide
    assert "2.5 kJ" not in narrow
    assert "50.0 %" in narrow
    assert "5 of 5" in narrow


def test_the_page_has_pictures_of_the_runs_that_can_be_read(tmp_path: Path) -> None:
    folders = []
    for name in ("glm", "qwen"):
        recipe = RunRecipe(made=[MadeSample(task="a"), MadeSample(task="b")], model=name, run_id=name * 3)
        folders.append(str(write_run(tmp_path / name, recipe)))
    cells = [
        replace(cell("glm", "prompt"), folder=folders[0]),
        replace(cell("qwen", "prompt"), folder=folders[1]),
        replace(cell("gone", "prompt"), folder=str(tmp_path / "gone")),
        impossible("qwen", "tools"),
    ]
    written(tmp_path, cells)
    page = (tmp_path / "matrix.html").read_text(encoding="utf-8")
    assert "<td>gone</td>" in page
    assert "glm: 100.0 %, 95 % interval 15.8–100.0, 2 samples graded; qwen: 100.0 %" in page
    assert page.count("<svg") == 2


def test_the_page_of_a_single_run_has_no_pictures(tmp_path: Path) -> None:
    written(tmp_path, [cell("glm", "prompt"), impossible("glm", "tools")])
    assert "<svg" not in (tmp_path / "matrix.html").read_text(encoding="utf-8")


def test_notes_stand_below_the_table_once(tmp_path: Path) -> None:
    toys = [cell("glm", agent, notice="a toy") for agent in ("prompt", "tools")]
    cells = [*toys, impossible("q", "x")]
    for text in (written(tmp_path, cells), shown(tmp_path, cells)):
        assert [text.count(part) for part in ("a toy", "no source")] == [1, 1]
    text = written(tmp_path, cells)
    assert text.splitlines()[4].endswith("| (1) |")
    assert "\n\n(1) a toy\n\n(2) no source\n" in text


def test_both_files_are_named(tmp_path: Path) -> None:
    text = shown(tmp_path, [cell("glm", "prompt")])
    assert all(str(tmp_path / name) in text for name in ("MATRIX.md", "matrix.html"))


def test_speeds_of_a_busy_machine_are_said_to_be(tmp_path: Path) -> None:
    busy = {"seconds": 20.0, "readings": 40, "mean": {"process.others_percent": 60.0}, "peak": {}}
    cells = [cell("glm", "prompt", machine=busy), cell("glm", "tools")]
    note = "Speeds of a busy machine, not to be compared with others: x (other programs"
    assert note in written(tmp_path, cells)
    assert note in shown(tmp_path, cells)
    assert "busy machine" not in shown(tmp_path, cells[1:])
