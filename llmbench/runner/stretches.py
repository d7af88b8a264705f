"""Readings gathered into stretches: a file that stays small however long a run lasts."""

from llmbench.records.manifest import now
from llmbench.records.monitors import MonitorFile, Stretch
from llmbench.runner.readings import Reading, Tally, rounded

_FIRST = 4
"""Readings of a stretch at the beginning of a session: two seconds of them."""
_LINES = 1000
"""After so many lines stretches grow to twice their length: some six thousand for a day."""


class Stretches:
    """The stretch under way; whole ones go to the file."""

    def __init__(self, file: MonitorFile) -> None:
        self._file = file
        self._length = _FIRST
        self._written = 0
        self._energy_j: float | None = 0.0
        self._begin()

    def add(self, reading: Reading, *, answering: bool) -> None:
        """Add a reading, and write the stretch if that is its last."""
        self._all.add(reading.figures)
        if answering:
            self._answering.add(reading.figures)
        self._seconds += reading.took_s
        if reading.took_s:
            known = self._energy_j is not None and reading.energy_j is not None
            self._energy_j = (self._energy_j or 0.0) + (reading.energy_j or 0.0) if known else None
        if self._all.readings >= self._length:
            self.flush()

    def flush(self) -> None:
        """Write what there is."""
        if not self._all.readings:
            return
        some = 0 < self._answering.readings < self._all.readings
        known = self._energy_j is not None and self._seconds
        stretch = Stretch(
            ended=now(),
            seconds=round(self._seconds, 3),
            readings=self._all.readings,
            answering=self._answering.readings,
            mean=self._all.mean,
            answering_mean=self._answering.mean if some else {},
            peak=self._all.peaks,
            energy_j=rounded(self._energy_j or 0.0) if known else None,
        )
        self._file.append(stretch)
        self._written += 1
        if self._written % _LINES == 0:
            self._length *= 2
        self._begin()

    def _begin(self) -> None:
        self._all, self._answering = Tally(), Tally()
        self._seconds = self._energy_j = 0.0
