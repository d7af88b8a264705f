"""Conformance of a monitor: run it in a plugin's own tests by subclassing."""

import math
import re
from abc import ABC, abstractmethod
from pathlib import Path

import msgspec

from llmbench.api import Context, Monitor, Watched

NAME = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+_(percent|mb|gb|w|j|c|mhz|rpm|count|mb_per_s|gb_per_s)")
"""What the name of a figure looks like: device, quantity, unit."""


class MonitorConformance(ABC):
    """What every monitor promises, on a machine where it works and on one where it does not."""

    works_here = True
    """Whether this machine has what the monitor measures."""

    @abstractmethod
    def make_monitor(self, context: Context) -> Monitor:
        """Return a monitor that was not opened."""

    def make_server(self) -> Watched:
        """Return a server that the monitor can watch."""
        return Watched(facts={"url": "http://127.0.0.1:1"})

    def _monitor(self, tmp_path: Path) -> Monitor:
        return self.make_monitor(Context(work_dir=tmp_path, cache_dir=tmp_path / "cache", label="tests"))

    def test_says_in_a_line_whether_it_works_here(self, tmp_path: Path) -> None:
        """An empty string, or the reason: never an exception."""
        monitor = self._monitor(tmp_path)
        reason = monitor.unavailable()
        monitor.close()
        assert "\n" not in reason
        assert bool(reason) is not self.works_here, reason

    def test_says_in_a_line_that_there_is_nothing_to_measure(self, tmp_path: Path) -> None:
        """A server elsewhere is no error either; a monitor of the whole machine may watch all the same."""
        monitor = self._monitor(tmp_path)
        if not monitor.unavailable():
            assert "\n" not in monitor.open(Watched(facts={"url": "https://example.org/v1"}))
        monitor.close()

    def test_figures_have_a_device_and_a_unit(self, tmp_path: Path) -> None:
        """Names are kept in files and compared over years; values are numbers that JSON knows."""
        if (monitor := self._opened(tmp_path)) is None:
            return
        readings = [dict(monitor.sample()) for _ in range(3)]
        monitor.close()
        assert any(readings), "nothing was read"
        for name, value in (item for reading in readings for item in reading.items()):
            assert NAME.fullmatch(name), name
            assert math.isfinite(value), name
            assert value >= 0, name

    def test_describes_itself_as_json(self, tmp_path: Path) -> None:
        """The description goes into the run's folder."""
        if (monitor := self._opened(tmp_path)) is None:
            return
        described = dict(monitor.describe())
        monitor.close()
        assert msgspec.json.decode(msgspec.json.encode(described)) == described
        assert all(isinstance(reason, str) for reason in described.get("not_measured", {}).values())

    def test_closes_twice_and_unopened(self, tmp_path: Path) -> None:
        """A run may end before anything began."""
        monitor = self._monitor(tmp_path)
        monitor.close()
        monitor.close()
        if (opened := self._opened(tmp_path)) is not None:
            opened.close()
            opened.close()

    def _opened(self, tmp_path: Path) -> Monitor | None:
        """Return a monitor that watches; None on a machine where it can't, once it has said so."""
        monitor = self._monitor(tmp_path)
        if not self.works_here:
            assert monitor.unavailable()
            return None
        assert monitor.unavailable() == ""
        assert monitor.open(self.make_server()) == ""
        return monitor
