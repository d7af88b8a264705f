"""Correctness against what it took, for runs that were asked the same tasks under the same rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llmbench.history.leaders import Conditions, LeaderTable, conditions_of
from llmbench.history.rows import RunRow
from llmbench.report.leaderboard import title
from llmbench.report.pictures.labels import BETWEEN
from llmbench.report.pictures.picture import Picture
from llmbench.report.pictures.quantities import Quantity
from llmbench.report.pictures.scatter import Candidate, scatter_picture
from llmbench.report.pictures.units import DOLLARS, SECONDS, SPEED, TOKENS
from llmbench.score.pareto import Point, pareto_front
from llmbench.score.passk import Interval
from llmbench.serve.filters import run_path
from llmbench.serve.runs import Runs

MOST = 60
"""Points of one picture: what the front holds, and then the best."""
_NAMED = ("agent", "quantization", "backend", "preset", "samples", "machine", "run_id")


def _each(row: RunRow, amount: float | None) -> float | None:
    """Share an amount among the samples that were graded, so that runs of more samples don't look worse."""
    return amount / row.graded if amount is not None and row.graded else None


QUANTITIES: Mapping[str, Quantity[RunRow]] = {
    "cost": Quantity("cost of a sample", DOLLARS, lambda row: _each(row, row.cost_usd), better="as cheap"),
    "time": Quantity(
        "time of a sample", SECONDS, lambda row: _each(row, row.wall_s or None), better="as quick"
    ),
    "tokens": Quantity("tokens of a sample", TOKENS, lambda row: _each(row, row.tokens), better="as sparing"),
    "speed": Quantity(
        "decode speed", SPEED, lambda row: row.decode_tokens_per_s, more_is_better=True, better="as fast"
    ),
}


@dataclass(frozen=True, slots=True)
class Dot:
    """A run of a front's picture, in the order of the numbers there."""

    row: RunRow
    name: str
    path: str
    amount: float | None
    on_front: bool


@dataclass(frozen=True, slots=True)
class Front:
    """Runs that share a front."""

    title: str
    picture: Picture | None
    dots: tuple[Dot, ...]
    left_out: int


def usual_quantity(rows: Sequence[RunRow]) -> str:
    """Return what correctness is held against where nobody says: the cost, if most runs were paid for."""
    scored = [row for row in rows if row.pass_at_1 is not None]
    paid = sum(bool(row.cost_usd) for row in scored)
    return "cost" if scored and 2 * paid >= len(scored) else "time"


def fronts(runs: Runs, rows: Sequence[RunRow], quantity: Quantity[RunRow]) -> list[Front]:
    """Return a front for each set of conditions, those with most runs first."""
    groups: dict[Conditions, list[RunRow]] = {}
    for row in rows:
        if row.pass_at_1 is not None:
            groups.setdefault(conditions_of(row), []).append(row)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [_front(runs, conditions, group, quantity) for conditions, group in ordered]


def _front(runs: Runs, conditions: Conditions, group: Sequence[RunRow], quantity: Quantity[RunRow]) -> Front:
    best = _front_of(group, quantity)
    ranked = sorted(group, key=lambda row: (row.id not in best, -(row.pass_at_1 or 0.0), row.folder))
    shown = sorted(ranked[:MOST], key=lambda row: (-(row.pass_at_1 or 0.0), row.folder))
    names = told_apart(shown)
    candidates = [
        Candidate(
            name=name,
            share=row.pass_at_1 or 0.0,
            interval=None if row.low is None or row.high is None else Interval(row.low, row.high),
            amount=quantity.amount(row),
            doubted=row.trust == "red",
        )
        for row, name in zip(shown, names, strict=True)
    ]
    said = title(LeaderTable(conditions, group[0].tasks, group[0].whole, ()))
    return Front(
        title=said,
        picture=scatter_picture(candidates, quantity, f"pass@1 against {quantity.name}"),
        dots=tuple(
            Dot(row, name, run_path(runs, row), quantity.amount(row), row.id in best)
            for row, name in zip(shown, names, strict=True)
        ),
        left_out=len(group) - len(shown),
    )


def _front_of(group: Sequence[RunRow], quantity: Quantity[RunRow]) -> set[int]:
    sign = -1 if quantity.more_is_better else 1
    known = [(row, amount) for row in group if (amount := quantity.amount(row)) is not None]
    places = pareto_front([Point(row.pass_at_1 or 0.0, sign * amount) for row, amount in known])
    return {known[place][0].id for place in places}


def told_apart(rows: Sequence[RunRow]) -> list[str]:
    """Return a name for each run: its model, and as little besides as tells it from the others."""
    parts = [(row.model or row.folder,) for row in rows]
    values = {key: [str(getattr(row, key)) for row in rows] for key in _NAMED}
    varied = [key for key in _NAMED if len(set(values[key])) > 1]
    keys = [[], *([key] for key in varied), *(varied[:number] for number in range(2, len(varied) + 1))]
    for chosen in keys:
        names = [
            (*part, *(values[key][place] for key in chosen if values[key][place]))
            for place, part in enumerate(parts)
        ]
        if len(set(names)) == len(names):
            break
    return [BETWEEN.join(name) for name in names]
