"""What becomes of figures: means and peaks, energy of counters and of power, several GPUs, windows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmbench.runner.idle import ENOUGH, complaints
from llmbench.runner.readings import Reader, Tally, Windows, total_power_w

figures = st.dictionaries(
    st.sampled_from(["gpu0.power_w", "process.memory_mb", "gpu0.utilization_percent"]),
    st.floats(min_value=0, max_value=1e6),
)


@settings(deadline=None)  # a loaded machine is no fault
@given(st.lists(figures, max_size=20))
def test_a_mean_lies_below_the_peak_and_missing_figures_do_not_count(
    readings: list[dict[str, float]],
) -> None:
    tally = Tally()
    for reading in readings:
        tally.add(reading)
    assert tally.readings == len(readings)
    assert set(tally.mean) == {name for reading in readings for name in reading}
    for name, mean in tally.mean.items():
        values = [reading[name] for reading in readings if name in reading]
        assert min(values) * 0.9999 <= mean <= tally.peaks[name] * 1.0001
        assert mean == pytest.approx(sum(values) / len(values), rel=1e-3, abs=1e-3)


def test_energy_is_what_a_counter_has_risen() -> None:
    reader = Reader()
    first = reader.reading({"gpu0.energy_j": 5e6}, at=10.0)
    assert (first.took_s, first.energy_j) == (0.0, None)
    second = reader.reading({"gpu0.energy_j": 5e6 + 60}, at=10.5)
    assert (second.took_s, second.energy_j) == (0.5, 60)
    assert second.figures == {"gpu0.power_w": 120}


def test_energy_of_a_gpu_without_a_counter_is_power_over_time() -> None:
    reader = Reader()
    reader.reading({"gpu0.power_w": 100}, at=1.0)
    assert reader.reading({"gpu0.power_w": 200}, at=3.0).energy_j == 300


def test_energy_is_unknown_where_a_gpu_does_not_tell_it_any_more() -> None:
    reader = Reader()
    both = {"gpu0.energy_j": 1.0, "gpu1.energy_j": 1.0}
    reader.reading(both, at=1.0)
    assert reader.reading({"gpu0.energy_j": 5.0, "gpu1.energy_j": 2.0}, at=2.0).energy_j == 5
    assert reader.reading({"gpu0.energy_j": 9.0}, at=3.0).energy_j is None
    assert reader.reading({"gpu0.energy_j": 9.5}, at=4.0).energy_j is None


def test_a_counter_that_starts_again_is_no_negative_energy() -> None:
    reader = Reader()
    reader.reading({"gpu0.energy_j": 1000.0}, at=1.0)
    assert reader.reading({"gpu0.energy_j": 3.0}, at=2.0).energy_j is None
    assert reader.reading({"gpu0.energy_j": 5.0}, at=3.0).energy_j == 2


def test_without_a_gpu_there_is_no_energy() -> None:
    reader = Reader()
    reader.reading({"process.memory_mb": 5}, at=1.0)
    assert reader.reading({"process.memory_mb": 5}, at=2.0).energy_j is None


def test_gpus_are_added_up_and_layers_on_two_of_them_are_one_whole() -> None:
    reader = Reader()
    raw = {
        "gpu0.utilization_percent": 60,
        "gpu1.utilization_percent": 35,
        "gpu0.power_w": 100,
        "gpu1.power_w": 200,
        "gpu0.memory_mb": 1,
    }
    found = reader.reading(raw, at=1.0).figures
    assert found["gpu.utilization_percent"] == 95
    assert found["gpu.power_w"] == 300
    assert "gpu.memory_mb" not in found  # the other's is not known
    raw["gpu1.utilization_percent"] = 70
    assert reader.reading(raw, at=2.0).figures["gpu.utilization_percent"] == 100
    assert total_power_w(found) == 300
    assert total_power_w({"gpu0.power_w": 7}) == 7
    assert total_power_w({"process.memory_mb": 7}) is None


def test_what_is_no_number_is_left_out() -> None:
    raw = {"a.b_w": float("nan"), "a.c_w": float("inf"), "a.d_w": 1}
    assert Reader().reading(raw, at=1.0).figures == {"a.d_w": 1}


def test_a_window_sees_what_is_read_while_its_sample_is_answered() -> None:
    windows, reader = Windows(), Reader()
    one, other = windows.new(), windows.new()

    def read(power: float) -> None:
        windows.add(reader.reading({"gpu0.power_w": power}, at=power))

    read(1)
    with one.answering():
        read(10)
        with other.answering(), one.answering():
            assert windows.any_open
            read(20)
        read(30)
    assert not windows.any_open
    read(40)
    assert (one.measured().readings, one.measured().mean) == (3, {"gpu0.power_w": 20})
    assert one.measured().peak == {"gpu0.power_w": 30}
    assert (other.measured().readings, other.measured().mean) == (1, {"gpu0.power_w": 20})
    assert one.measured().energy_j == pytest.approx(20 * one.measured().seconds, abs=0.02)


def test_a_sample_too_short_for_a_reading_has_no_figures() -> None:
    window = Windows().new()
    with window.answering():
        pass
    found = window.measured()
    assert (found.readings, found.mean, found.peak, found.energy_j) == (0, {}, {}, None)


def answering(readings: int = ENOUGH, **figures: float) -> Tally:
    tally = Tally()
    for _ in range(readings):
        tally.add({name.replace("__", "."): value for name, value in figures.items()})
    return tally


def said(tally: Tally, *, is_local: bool = True) -> list[str]:
    return list(complaints(tally, is_local=is_local))


def test_a_gpu_that_idles_while_the_model_answers_is_warned_of() -> None:
    [text] = said(answering(gpu0__utilization_percent=42))
    assert text.startswith("the GPU was busy only 42 % of the time while the model answered")
    assert said(answering(gpu0__utilization_percent=80)) == []
    assert said(answering(ENOUGH - 1, gpu0__utilization_percent=0)) == []
    assert said(answering(gpu0__utilization_percent=0), is_local=False) == []
    assert said(answering(process__memory_mb=5)) == []


def test_two_gpus_are_judged_together() -> None:
    both = {"gpu0__utilization_percent": 50.0, "gpu1__utilization_percent": 45.0}
    assert said(answering(**both, gpu__utilization_percent=95)) == []
    [text] = said(answering(**both, gpu__utilization_percent=60))
    assert text.startswith("the 2 GPUs together were busy only 60 %")


def test_heat_that_slows_a_gpu_down_is_warned_of() -> None:
    assert said(answering(gpu0__throttled_heat_percent=30)) == [
        "gpu0 was slowed down by heat 30 % of the time while the model answered"
    ]
    assert said(answering(gpu0__throttled_heat_percent=5, gpu0__throttled_power_percent=100)) == []
