"""What the monitors saw, in every form of report."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from llmbench.console import Console
from llmbench.records.monitors import MonitorSession, Stretch
from llmbench.report import close_run
from llmbench.report.compare import compare_markdown, show_runs
from llmbench.report.machine import as_csv, as_json
from llmbench.report.read import read_run
from llmbench.report.words import energy, megabytes
from llmbench.testing.runs import ORDINARY_RUN

SESSION = MonitorSession(
    started="2026-03-01T20:00:00.000+00:00",
    interval_s=0.5,
    is_local=True,
    monitors={"nvidia": {"not_measured": {"gpu0.energy_j": "Not Supported"}}, "process": {}},
    not_measured={"apple": "only on macOS"},
)
WORKING = Stretch(
    ended="2026-03-01T20:00:20.000+00:00",
    seconds=20,
    readings=40,
    answering=30,
    mean={"gpu0.utilization_percent": 75.0, "gpu0.power_w": 250.0, "process.memory_mb": 4000.0},
    answering_mean={"gpu0.utilization_percent": 98.0, "gpu0.power_w": 310.0, "process.memory_mb": 4096.0},
    peak={"gpu0.utilization_percent": 100.0, "gpu0.power_w": 350.0, "process.memory_mb": 5120.0},
    energy_j=5000.0,
)
IDLE = replace(WORKING, answering=0, answering_mean={}, readings=20, seconds=10, energy_j=1000.0)
MEASURED = replace(ORDINARY_RUN, monitors=(SESSION, WORKING, IDLE))

Make = Callable[..., Path]


def screen(folder: Path, width: int = 120) -> str:
    text = io.StringIO()
    close_run(folder, Console(file=text, width=width))
    return text.getvalue()


def rows(text: str) -> dict[str, str]:
    """The rows of the score on the screen, by label."""
    parts = (line.strip().partition("  ") for line in text.splitlines())
    return {label: value.strip() for label, _, value in parts}


def test_speeds_of_a_busy_machine_carry_a_notice(make_run: Make) -> None:
    others = {"process.others_percent": 35.0}
    beside = replace(WORKING, mean=others, answering_mean={}, peak=others)
    busy, few = (replace(ORDINARY_RUN, monitors=(SESSION, replace(beside, readings=n))) for n in (40, 19))
    folder = make_run(busy)
    text = screen(folder)
    assert "Notice: speeds of a busy machine: other programs used 35 % of the processors" in text
    assert rows(text)["other programs"] == "35 % of the processors"
    assert "busy machine" not in screen(make_run(few, "few-a-b-1")), "ten seconds say too little"
    run = read_run(folder)
    assert f"{run.summary.run_id}: speeds of a busy machine" in compare_markdown([run, run])
    working = replace(beside, mean=WORKING.answering_mean | others, peak=WORKING.peak | others)
    on_gpu = screen(make_run(replace(ORDINARY_RUN, monitors=(SESSION, working)), "gpu-a-b-2"))
    assert "other programs" in on_gpu
    assert "busy machine" not in on_gpu, "the GPU does the work"


def test_means_are_of_the_time_in_which_the_model_answered(make_run: Make) -> None:
    found = rows(screen(make_run(MEASURED)))
    assert found["GPU utilisation"] == "98 % (peak 100 %)"
    assert found["GPU power"] == "310 W (peak 350 W)"
    assert found["GPU memory"] == "not measured"
    assert found["server's memory"] == "4.0 GB (peak 5.0 GB)"
    assert found["server's cores"] == "not measured"


def test_energy_is_shared_out_among_the_solved(make_run: Make) -> None:
    assert rows(screen(make_run(MEASURED)))["energy"] == "6.0 kJ (1.67 Wh), 2.0 kJ (0.556 Wh) per solved task"


def test_nothing_measured_is_one_calm_row(make_run: Make) -> None:
    without = screen(make_run())
    assert rows(without)["machine"] == "not measured"
    assert "GPU" not in without
    only_told = replace(ORDINARY_RUN, monitors=(SESSION,))
    assert rows(screen(make_run(only_told, name="a-b-c-0000000000")))["machine"] == "not measured"


def test_what_a_person_can_do_about_it_stands_in_the_short_report(make_run: Make) -> None:
    cure = "needs the package nvidia-ml-py: pip install '.[nvidia]' in llmbench's folder"
    session = replace(SESSION, monitors={}, not_measured={"apple": "only on macOS", "nvidia": cure})
    server_only = replace(
        IDLE, mean={"process.memory_mb": 5.0}, peak={"process.memory_mb": 5.0}, energy_j=None
    )
    found = rows(screen(make_run(replace(ORDINARY_RUN, monitors=(session, server_only)))))
    assert found["GPU"] == f"not measured: {cure}"
    assert found["server's memory"] == "5 MB"
    assert "energy" not in found


def test_energy_of_a_run_of_which_a_part_was_not_watched_is_unknown(make_run: Make) -> None:
    elsewhere = replace(SESSION, started="2026-03-01T19:00:00.000+00:00")
    run = read_run(make_run(replace(ORDINARY_RUN, monitors=(elsewhere, WORKING))))
    assert run.summary.machine is not None
    assert (run.summary.machine.energy_j, run.summary.machine.energy_per_solved_j) == (None, None)
    partly = (SESSION, WORKING, replace(IDLE, energy_j=None))
    again = read_run(make_run(replace(ORDINARY_RUN, monitors=partly), name="a-b-c-0000000000"))
    assert again.summary.machine is not None
    assert again.summary.machine.energy_j is None


def test_a_run_that_was_stopped_adds_up_its_sessions(make_run: Make) -> None:
    later = replace(SESSION, started="2026-03-01T21:00:00.000+00:00")
    run = read_run(make_run(replace(ORDINARY_RUN, monitors=(SESSION, WORKING, later, WORKING, IDLE))))
    machine = run.summary.machine
    assert machine is not None
    assert (machine.energy_j, machine.readings, machine.seconds) == (11000, 100, 50)


def test_reasons_are_in_the_long_report(make_run: Make) -> None:
    folder = make_run(MEASURED)
    screen(folder)
    text = (folder / "REPORT.md").read_text(encoding="utf-8")
    assert "## Machine" in text
    assert "| gpu0.power\\_w | 310 | 350 |" in text or "| gpu0.power_w | 310 | 350 |" in text
    assert "| apple | only on macOS |" in text
    assert "Not Supported" in text
    assert "<td>gpu0.power_w</td>" in (folder / "report.html").read_text(encoding="utf-8")


def test_machines_read_it_too(make_run: Make) -> None:
    run = read_run(make_run(MEASURED))
    other = read_run(make_run(name="a-b-c-0000000000"))
    told = json.loads(as_json([run]))["machine"]
    assert told["energy_per_solved_j"] == 2000
    assert told["mean"]["gpu0.power_w"] == 310
    measured, unknown = csv.DictReader(io.StringIO(as_csv([run, other])))
    assert measured["gpu_utilization_percent_mean"] == "98.0"
    assert measured["gpu_power_w_peak"] == "350.0"
    assert measured["server_memory_mb_peak"] == "5120.0"
    assert (unknown["gpu_power_w_peak"], unknown["energy_j"]) == ("", "")


def test_compared_runs_have_columns_for_what_was_measured(make_run: Make) -> None:
    run, other = read_run(make_run(MEASURED)), read_run(make_run(name="a-b-c-0000000000"))
    head = compare_markdown([run, other]).splitlines()[2]
    assert "| GPU | energy/solved | memory |" in head
    text = compare_markdown([run, other])
    assert "| 98 % | 2.0 kJ | 5.0 GB |" in text
    assert "| not measured | not measured | not measured |" in text
    assert "GPU" not in compare_markdown([other, other])


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_a_narrow_terminal_shows_whole_numbers_or_none(make_run: Make, width: int) -> None:
    runs = [read_run(make_run(MEASURED)), read_run(make_run(name="a-b-c-0000000000"))]
    text = io.StringIO()
    show_runs(runs, Console(file=text, width=width))
    shown = text.getvalue()
    assert ("2.0 kJ" in shown) is (width >= 80)
    assert ("5.0 GB" in shown) is (width == 140)
    if width >= 80:
        assert shown.count("1a2b3c4d5e") >= 2
        assert shown.count("60.0 %") == 2


@pytest.mark.parametrize(
    ("joules", "text"),
    [
        (None, "not measured"),
        (0.5, "0.5 J"),
        (840, "840 J"),
        (12300, "12.3 kJ (3.42 Wh)"),
        (4.1e6, "4.1 MJ (1.14 kWh)"),
        (1.5e6, "1.5 MJ (417 Wh)"),
    ],
)
def test_energies_are_readable(joules: float | None, text: str) -> None:
    assert energy(joules) == text


def test_memory_is_readable() -> None:
    assert [megabytes(value) for value in (None, 812.4, 1024, 23654)] == [
        "not measured",
        "812 MB",
        "1.0 GB",
        "23.1 GB",
    ]


def test_samples_have_their_own_figures(make_run: Make, tmp_path: Path) -> None:
    folder = make_run(MEASURED)
    journal = folder / "journal.jsonl"
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    lines[0]["machine"] = {
        "seconds": 2.0,
        "readings": 4,
        "mean": {"gpu0.power_w": 300.0, "gpu1.power_w": 100.0, "gpu.power_w": 400.0},
        "peak": {},
        "energy_j": 800.0,
    }
    del lines[1]["machine"]  # as an older llmbench wrote it
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    first, second, *_ = csv.DictReader(io.StringIO(as_csv([read_run(folder)])))
    assert (first["gpu_power_w_mean"], first["energy_j"], first["gpu_memory_mb_mean"]) == (
        "400.0",
        "800.0",
        "",
    )
    assert (second["gpu_power_w_mean"], second["energy_j"]) == ("", "")
