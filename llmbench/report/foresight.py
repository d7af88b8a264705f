"""What a run will take, in words: from earlier runs of the same model on the same machine."""

from collections.abc import Callable
from functools import cached_property

from llmbench.history.earlier import Earlier
from llmbench.report.words import count, energy, money, plural, seconds
from llmbench.score.forecast import Forecast, Range, fitting, forecast
from llmbench.score.passk import Count, interval_95


class Foreseen:
    """Looks at earlier runs when it is first asked."""

    def __init__(self, look: Callable[[], Earlier | None]) -> None:
        self._look = look

    @cached_property
    def earlier(self) -> Earlier | None:
        """What is known; None where there is no such run."""
        return self._look()

    def forecast(self, samples: int) -> Forecast | None:
        """Return what so many samples will take; None where nothing is known."""
        earlier = self.earlier
        return None if earlier is None else forecast(earlier.observed, samples, earlier.between)

    def told(self, samples: int) -> str:
        """Say what so many samples will take, and on what that rests; empty where nothing is known."""
        found = self.forecast(samples)
        if found is None or self.earlier is None:
            return ""
        told = [
            f"{name} {_ranged(span, shown)}"
            for name, span, shown in _quantities(found)
            if span and span.likely
        ]
        return f"{plural(samples, 'sample')}: {', '.join(told)}; from {self.earlier.basis}"

    def fitting(self, hours: float, samples: int) -> int | None:
        """Return how many of so many samples will be made within some hours; None where nothing is known."""
        earlier = self.earlier
        return None if earlier is None else fitting(earlier.observed, hours, samples, earlier.between)

    def look_again(self) -> None:
        """Forget what was known, for there is more to be seen by now."""
        self.__dict__.pop("earlier", None)

    def error_bar(self, tasks: int) -> str:
        """Say how well a score will be known after so many tasks: at worst, where half of them pass."""
        passed = tasks // 2
        counts = [Count(1, 1)] * passed + [Count(1, 0)] * (tasks - passed)
        found = interval_95(counts)
        width = 100.0 if found is None else 50 * (found.high - found.low)
        return f"±{width:.1f} points at most, 95 % interval"


def _quantities(found: Forecast) -> list[tuple[str, Range | None, Callable[[float], str]]]:
    return [
        ("time", found.time_s, seconds),
        ("prompt tokens", found.prompt_tokens, _tokens),
        ("completion tokens", found.completion_tokens, _tokens),
        ("price", found.cost_usd, money),
        ("energy", found.energy_j, energy),
    ]


def _ranged(span: Range, shown: Callable[[float], str]) -> str:
    return f"{shown(span.likely)} ({shown(span.low)} to {shown(span.high)})"


def _tokens(value: float) -> str:
    """Return two digits and zeros: an estimate knows no more."""
    return count(float(f"{value:.2g}"))
