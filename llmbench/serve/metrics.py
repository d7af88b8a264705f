"""What Prometheus is told: runs by what they do, samples of those at work, requests, open sockets."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from llmbench.records.status import ENDED, Status, read_statuses
from llmbench.serve.runs import Runs
from llmbench.serve.states import state_in_history
from llmbench.serve.watch import Watches

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics(Collector):
    """Counts requests, and looks at the runs when it is asked; in a registry of its own."""

    def __init__(self, runs: Runs, watches: Watches) -> None:
        """Begin to count."""
        self._runs = runs
        self._watches = watches
        self.waiting: Callable[[], int] = lambda: 0
        """Tells how many launches wait for the GPU."""
        self._requests: Counter[tuple[str, int]] = Counter()
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def note(self, method: str, status: int) -> None:
        """Count a request and how it was answered."""
        self._requests[method, status] += 1

    def text(self) -> bytes:
        """Return everything as Prometheus reads it."""
        return generate_latest(self._registry)

    def describe(self) -> Iterator[Metric]:
        """Say nothing before it is asked for."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Yield what is so now."""
        statuses = read_statuses(self._runs.root)
        working = {folder: status for folder, status in statuses.items() if status.state not in ENDED}
        yield _gauge("llmbench_runs", "Runs by what they do.", "state", self._states(statuses))
        yield _gauge(
            *("llmbench_live_samples", "Finished samples of the runs at work, by outcome.", "outcome"),
            _outcomes(working),
        )
        yield _gauge(
            *("llmbench_live_samples_left", "Samples that the runs at work have still to make.", "run"),
            {_name(folder): max(one.total - one.done, 0) for folder, one in working.items()},
        )
        yield _gauge(
            *("llmbench_decode_tokens_per_second", "Speed of one answer, of each run at work.", "run"),
            {_name(folder): one.decode_tokens_per_s or 0.0 for folder, one in working.items()},
        )
        yield _gauge("llmbench_queue_length", "Launches that wait.", "", {"": self.waiting()})
        yield _gauge("llmbench_open_sockets", "WebSockets that watch runs.", "", {"": self._watches.clients})
        yield self._counted()

    def _states(self, statuses: Mapping[Path, Status]) -> Counter[str]:
        ours = self._runs.history.place.name
        rows = {self._runs.root / row.folder: row for row in self._runs.rows() if row.place == ours}
        found: Counter[str] = Counter()
        found.update(status.state for status in statuses.values())
        found.update(state_in_history(row) for folder, row in rows.items() if folder not in statuses)
        return Counter({state or "unknown": count for state, count in found.items()})

    def _counted(self) -> Metric:
        found = CounterMetricFamily(
            "llmbench_requests", "Requests by method and status.", labels=("method", "status")
        )
        for (method, status), count in sorted(self._requests.items()):
            found.add_metric((method, str(status)), count)
        return found


def _gauge(name: str, said: str, label: str, values: Mapping[str, float]) -> Metric:
    found = GaugeMetricFamily(name, said, labels=(label,) if label else ())
    for value, number in sorted(values.items()):
        found.add_metric((value,) if label else (), number)
    return found


def _outcomes(working: Mapping[Path, Status]) -> Counter[str]:
    found: Counter[str] = Counter()
    for status in working.values():
        found.update(status.outcomes)
    return found


def _name(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"
