"""What a status says, in words. ``static/figures.js`` says the same of what comes later."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from llmbench.records.status import Status
from llmbench.report.words import count, megabytes, money, seconds, speed
from llmbench.wording import plural

STATES: Mapping[str, tuple[str, str]] = {
    "preparing": ("getting ready", "live"),
    "starting": ("loading the model", "live"),
    "sampling": ("asking", "live"),
    "grading": ("grading", "live"),
    "pausing": ("about to pause", "care"),
    "paused": ("paused", "care"),
    "finished": ("finished", "good"),
    "stopped": ("stopped", "care"),
    "failed": ("failed", "bad"),
    "crashed": ("crashed", "bad"),
}
"""State: in words, and its tone."""
_NAMES = {
    "utilization_percent": "busy",
    "memory_mb": "memory",
    "power_w": "power",
    "temperature_c": "temperature",
    "cpu_percent": "cores",
    "others_percent": "other programs",
}


@dataclass(frozen=True, slots=True)
class Words:
    """The figures of a status."""

    state: str
    tone: str
    progress: str
    done: int
    total: int
    speed: str
    left: str
    left_range: str
    elapsed: str
    asking: str
    tokens: str
    cost: str


def words_of(status: Status) -> Words:
    """Return what a status says."""
    state, tone = STATES[status.state]
    done, total = _counted(status)
    left = status.left
    used = status.used
    tokens = None if used.prompt_tokens is None else used.prompt_tokens + (used.completion_tokens or 0)
    return Words(
        state=state,
        tone=tone,
        progress=f"{done} of {plural(total, 'sample')}{' asked once more' if status.again else ''}"
        if total
        else "not begun",
        done=done,
        total=total,
        speed=speed(status.decode_tokens_per_s),
        left=seconds(left.likely_s) if left else "–",
        left_range=f"{seconds(left.low_s)} to {seconds(left.high_s)}" if left else "",
        elapsed=seconds(status.elapsed_s) if status.elapsed_s else "–",
        asking=_asking(status),
        tokens=count(tokens),
        cost=money(used.cost_usd) if used.cost_usd else "–",
    )


def readings(status: Status) -> Iterator[tuple[str, str]]:
    """Yield what the monitors have read last: what it is, and how much."""
    for name, value in status.machine.items():
        part, _, figure = name.partition(".")
        if figure not in _NAMES:
            continue
        yield f"{_place(part, figure)}{_NAMES[figure]}", _amount(figure, value)


def _place(part: str, figure: str) -> str:
    """Return whose figure it is; what other programs use is nobody's here."""
    if figure == "others_percent":
        return ""
    if part == "process":
        return "server's "
    number = part.removeprefix("gpu")
    name = f"GPU {number}".strip() if part.startswith("gpu") else part
    return f"{name}: "


def _counted(status: Status) -> tuple[int, int]:
    """Return how many samples are there and how many there are to be; of a second round, those of it."""
    if status.again:
        return status.done, status.total
    return status.made_before + status.done, status.planned or status.total


def _asking(status: Status) -> str:
    asking = status.asking
    if not asking.requests:
        return ""
    so_far = f"{plural(asking.tokens, 'token')} so far" if asking.tokens else "no token yet"
    return f"{plural(asking.requests, 'request')} under way for {seconds(asking.eldest_s)}, {so_far}"


def _amount(figure: str, value: float) -> str:
    if figure == "cpu_percent":
        return f"{value / 100:.1f}"
    if figure.endswith("_mb"):
        return megabytes(value)
    unit = {"percent": "%", "w": "W", "c": "°C"}[figure.rpartition("_")[2]]
    return f"{value:.0f} {unit}"
