"""What correctness is held against: one figure of a run each, None where it is not known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from llmbench.report.pictures.units import DOLLARS, JOULES, MEGABYTES, SPEED, Units
from llmbench.report.read import Run
from llmbench.score.machine import figure, gpu

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Quantity(Generic[Told]):
    """A figure of runs, of whatever tells of them: a run that was read, or a row of the history."""

    name: str
    units: Units
    amount: Callable[[Told], float | None]
    more_is_better: bool = False
    better: str = ""
    """What the better run is."""


def _cost_a_sample(run: Run) -> float | None:
    asked = sum(record.usage.completions > 0 for record in run.planned)
    cost = run.summary.cost_usd
    return cost / asked if asked and cost is not None else None


def _energy(run: Run) -> float | None:
    return run.summary.machine.energy_per_solved_j if run.summary.machine else None


SPEED_OF_ANSWERS: Quantity[Run] = Quantity(
    "decode speed",
    SPEED,
    lambda run: run.summary.speed.decode_tokens_per_s,
    more_is_better=True,
    better="as fast",
)
GPU_MEMORY: Quantity[Run] = Quantity(
    "peak memory of the GPU",
    MEGABYTES,
    lambda run: gpu(run.summary.machine, "memory_mb").peak,
    better="as small",
)
SERVER_MEMORY: Quantity[Run] = Quantity(
    "peak memory of the server",
    MEGABYTES,
    lambda run: figure(run.summary.machine, "process.memory_mb").peak,
    better="as small",
)
ENERGY: Quantity[Run] = Quantity("energy of a solved task", JOULES, _energy, better="as sparing")
COST: Quantity[Run] = Quantity("cost of a sample", DOLLARS, _cost_a_sample, better="as cheap")
QUANTITIES = (SPEED_OF_ANSWERS, GPU_MEMORY, SERVER_MEMORY, ENERGY, COST)
