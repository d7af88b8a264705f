"""What becomes of the figures that monitors read: sums in constant memory, energy, and windows of time."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

from llmbench.records.record import Measured

COUNTER = "_j"
"""Figures that end so are counters: they only rise."""
_GPU = re.compile(r"gpu\d+\.")
_ADDED = ("utilization_percent", "memory_mb", "power_w")
"""What is added up over several GPUs, as the device ``gpu``."""


@dataclass(slots=True)
class Tally:
    """Mean and peak of figures, however many readings there are."""

    readings: int = 0
    peak: dict[str, float] = field(default_factory=dict)
    _sums: dict[str, float] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, figures: Mapping[str, float]) -> None:
        """Add one reading; what it lacks does not count."""
        self.readings += 1
        for name, value in figures.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
            self._counts[name] = self._counts.get(name, 0) + 1
            self.peak[name] = max(self.peak.get(name, value), value)

    @property
    def mean(self) -> dict[str, float]:
        """The mean of each figure over the readings that had it."""
        return {name: rounded(total / self._counts[name]) for name, total in self._sums.items()}

    @property
    def peaks(self) -> dict[str, float]:
        """The largest value of each figure."""
        return {name: rounded(value) for name, value in self.peak.items()}


@dataclass(frozen=True, slots=True)
class Reading:
    """The figures of one moment, counters made into what was added since the last one."""

    figures: Mapping[str, float]
    took_s: float
    """Since the last reading; 0 for the first."""
    energy_j: float | None
    """Of all GPUs in that time; None where one of them does not tell, and for the first."""


class Reader:
    """Makes readings of raw figures: power of counters, energy of power, sums over GPUs."""

    def __init__(self) -> None:
        self._before: Mapping[str, float] = {}
        self._at = 0.0
        self._gpus: set[str] = set()

    def reading(self, raw: Mapping[str, float], at: float) -> Reading:
        """Return what was read at a moment."""
        first = not self._at
        took = 0.0 if first else at - self._at
        # Endless and undefined values have no place in JSON, and no meaning.
        known = {name: float(value) for name, value in raw.items() if math.isfinite(value)}
        figures = {name: value for name, value in known.items() if not name.endswith(COUNTER)}
        gpus = {found[0] for name in known if (found := _GPU.match(name))}
        used = {gpu: None if first else self._energy(gpu, known, took) for gpu in gpus | self._gpus}
        for gpu, joules in used.items():
            if joules is not None and took > 0:
                figures.setdefault(f"{gpu}power_w", joules / took)
        if len(gpus) > 1:
            figures |= _together(figures, gpus)
        self._before, self._at, self._gpus = known, at, self._gpus | gpus
        return Reading(figures, took, _sum(used.values()) if used else None)

    def _energy(self, gpu: str, known: Mapping[str, float], took: float) -> float | None:
        counter, power = f"{gpu}energy_j", f"{gpu}power_w"
        if counter in known and counter in self._before:
            added = known[counter] - self._before[counter]
            return added if added >= 0 else None  # the driver was loaded anew
        if counter not in known and power in known:
            return took * (known[power] + self._before.get(power, known[power])) / 2
        return None


def total_power_w(figures: Mapping[str, float]) -> float | None:
    """Return the power of all GPUs in means or peaks; None where it is not measured."""
    single = [value for name, value in figures.items() if _GPU.match(name) and name.endswith(".power_w")]
    return figures.get("gpu.power_w", single[0] if len(single) == 1 else None)


def rounded(value: float) -> float:
    """Return five digits of a figure: no monitor knows more."""
    return float(f"{value:.5g}")


def _together(figures: Mapping[str, float], gpus: set[str]) -> dict[str, float]:
    """Add up over GPUs. Layers on two of them keep each busy half of the time: together they are busy."""
    found = {}
    for name in _ADDED:
        values = [figures[gpu + name] for gpu in gpus if gpu + name in figures]
        if len(values) == len(gpus):
            found[f"gpu.{name}"] = min(sum(values), 100.0) if name.endswith("_percent") else sum(values)
    return found


def _sum(values: Iterable[float | None]) -> float | None:
    listed = list(values)
    known = [value for value in listed if value is not None]
    return sum(known) if len(known) == len(listed) else None


class Windows:
    """The stretches of time in which the model answers, of all samples under way."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: dict[int, Window] = {}

    def new(self) -> "Window":
        """Return a sample's window, shut."""
        return Window(self)

    @property
    def any_open(self) -> bool:
        """Whether the model is answering."""
        return bool(self._open)

    def add(self, reading: Reading) -> None:
        """Give a reading to every sample that is being answered."""
        with self._lock:
            for window in self._open.values():
                window.tally.add(reading.figures)

    def enter(self, window: "Window") -> None:
        """Let readings count for a sample."""
        with self._lock:
            self._open[id(window)] = window

    def leave(self, window: "Window") -> None:
        """Let them count no more."""
        with self._lock:
            self._open.pop(id(window), None)


class Window:
    """What is read while one sample is answered, all its requests together."""

    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._asking = 0
        self._seconds = self._since = 0.0
        self.tally = Tally()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count what is read meanwhile; several requests of a sample may be under way at once."""
        if not self._asking:
            self._since = monotonic()
            self._windows.enter(self)
        self._asking += 1
        try:
            yield
        finally:
            self._asking -= 1
            if not self._asking:
                self._windows.leave(self)
                self._seconds += monotonic() - self._since

    def measured(self) -> Measured:
        """Return what was read."""
        mean = self.tally.mean
        power = total_power_w(mean)
        return Measured(
            seconds=round(self._seconds, 3),
            readings=self.tally.readings,
            mean=mean,
            peak=self.tally.peaks,
            energy_j=None if power is None else rounded(power * self._seconds),
        )
