"""Stretches: nothing is lost by gathering readings, and the file stays small."""

from pathlib import Path

import pytest

from llmbench.records.masking import Mask
from llmbench.records.monitors import FILE, MonitorFile, MonitorSession, Stretch, read_monitors
from llmbench.runner.readings import Reading
from llmbench.runner.stretches import Stretches

HEAD = MonitorSession(started="2026-11-27T12:00:00+00:00", interval_s=0.5, is_local=True, monitors={})


def written(folder: Path, readings: list[tuple[Reading, bool]]) -> list[Stretch]:
    with MonitorFile(folder / FILE, Mask({})) as file:
        file.append(HEAD)
        stretches = Stretches(file)
        for reading, answering in readings:
            stretches.add(reading, answering=answering)
        stretches.flush()
        stretches.flush()
    [session] = read_monitors(folder)
    return list(session.stretches)


def reading(power: float, joules: float | None = 50.0, took_s: float = 0.5) -> Reading:
    return Reading({"gpu0.power_w": power}, took_s, joules)


def test_a_day_is_some_thousand_lines_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    found = written(tmp_path, [(reading(power=float(n % 7)), n % 2 == 0) for n in range(172_800)])
    assert sum(stretch.readings for stretch in found) == 172_800
    assert sum(stretch.answering for stretch in found) == 86_400
    assert sum(stretch.seconds for stretch in found) == pytest.approx(86_400)
    assert sum(stretch.energy_j or 0 for stretch in found) == pytest.approx(172_800 * 50, rel=1e-4)
    assert max(stretch.peak["gpu0.power_w"] for stretch in found) == 6
    assert len(found) < 7000
    assert (tmp_path / FILE).stat().st_size < 3_000_000


def test_the_last_few_readings_are_written_too(tmp_path: Path) -> None:
    found = written(tmp_path, [(reading(100), False)] * 6)
    assert [stretch.readings for stretch in found] == [4, 2]


def test_means_while_the_model_answered_stand_beside_those_of_all_the_time(tmp_path: Path) -> None:
    [some] = written(tmp_path, [(reading(100), True), (reading(300), True), (reading(0), False)])
    assert some.mean == {"gpu0.power_w": 133.33}
    assert some.answering_mean == {"gpu0.power_w": 200}
    (tmp_path / FILE).unlink()
    [all_of_it] = written(tmp_path, [(reading(100), True)])
    assert (all_of_it.answering, all_of_it.answering_mean) == (1, {})


def test_energy_is_unknown_where_a_part_of_it_is(tmp_path: Path) -> None:
    found = written(
        tmp_path, [(reading(1, None, 0.0), True), *[(reading(1), True)] * 3, (reading(1, None), True)]
    )
    # The very first reading begins the time and has no energy of its own.
    assert [stretch.energy_j for stretch in found] == [150, None]


def test_lines_that_can_not_be_read_are_passed_over(tmp_path: Path) -> None:
    written(tmp_path, [(reading(1), True)])
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(b'{"event":"later"}\n' + whole + b"nonsense\n" + whole[:20])
    [session] = read_monitors(tmp_path)
    assert len(session.stretches) == 1
    assert not read_monitors(tmp_path / "nowhere")
