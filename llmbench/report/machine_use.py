"""What the monitors saw, in the words of reports; calm where nothing was measured."""

from collections.abc import Callable, Iterator

from llmbench.report.words import UNKNOWN, energy, megabytes
from llmbench.score.machine import Figure, MachineUse, busy_percent, figure, gpu


def machine_rows(use: MachineUse | None) -> Iterator[tuple[str, str]]:
    """Yield label and value of every row; a single one where nothing was measured."""
    if use is None or not use.readings:
        yield "machine", UNKNOWN
        return
    busy, memory, power = (gpu(use, name) for name in ("utilization_percent", "memory_mb", "power_w"))
    if busy.mean is None and memory.mean is None and power.mean is None:
        yield "GPU", f"{UNKNOWN}{_cure(use)}"
    else:
        yield "GPU utilisation", mean_and_peak(busy, lambda value: f"{value:.0f} %")
        yield "GPU memory", mean_and_peak(memory, megabytes)
        yield "GPU power", mean_and_peak(power, lambda value: f"{value:.0f} W")
        yield "energy", _energy(use)
    yield "server's memory", mean_and_peak(figure(use, "process.memory_mb"), megabytes)
    yield "server's cores", mean_and_peak(figure(use, "process.cpu_percent"), _cores)
    others = figure(use, "process.others_percent")
    if others.mean is not None:
        yield "other programs", f"{mean_and_peak(others, lambda value: f'{value:.0f} %')} of the processors"


def busy_text(use: MachineUse | None) -> str:
    """Say that speeds are those of a busy machine; an empty string where they are not."""
    others = busy_percent(use)
    if others is None:
        return ""
    return f"speeds of a busy machine: other programs used {others:.0f} % of the processors"


def _cure(use: MachineUse) -> str:
    """Return the reason that a person can do something about, if there is one."""
    return next((f": {reason}" for reason in use.not_measured.values() if "pip install" in reason), "")


def mean_and_peak(found: Figure, shown: Callable[[float], str]) -> str:
    """Return ``310 W (peak 350 W)``."""
    if found.mean is None or found.peak is None:
        return UNKNOWN
    mean, peak = shown(found.mean), shown(found.peak)
    return mean if mean == peak else f"{mean} (peak {peak})"


def _energy(use: MachineUse) -> str:
    if use.energy_j is None:
        return UNKNOWN
    each = use.energy_per_solved_j
    solved = "" if each is None else f", {energy(each)} per solved task"
    return f"{energy(use.energy_j)}{solved}"


def _cores(percent: float) -> str:
    return f"{percent / 100:.1f}"
