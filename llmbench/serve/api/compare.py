"""``GET /api/compare``: two runs held against each other, sample by sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response

from llmbench.report.read import Run
from llmbench.score.comparison import compare as compared
from llmbench.score.differences import Difference, changed_tasks, differences
from llmbench.score.paired import Pairs
from llmbench.score.pairing import Arm
from llmbench.score.quadrants import Quadrant
from llmbench.serve.answers import answer
from llmbench.serve.api.asked import PageNumber, TriesCounted, one_page, pages
from llmbench.serve.pairs import PairLine, pair_lines
from llmbench.serve.parts import RunsPart
from llmbench.serve.runs import RunName
from llmbench.serve.shown import clipped, shown

router = APIRouter(tags=["runs"])

RunOf = Annotated[
    str, Query(min_length=3, max_length=511, pattern="^[^/]+/[^/]+$", description="dataset and name of a run")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is not the same in both runs; null where a run does not have it."""

    cause: str
    """The kind of difference; those that most often change a score come first."""
    key: str
    a: Any
    b: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Tasks that both runs passed, or passed more often, as `llmbench compare` counts them."""

    both: int
    only_a: int
    only_b: int
    neither: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two runs tell of each other. Differences are those of A less B, from -1 to 1."""

    counts: Counts
    comparison: dict[str, Any]
    """As `llmbench compare --json` has it (`llmbench.comparison/1`), without the single samples."""
    total: int
    page: int
    pages: int
    pairs: Sequence[PairLine]
    """The samples that both graded and that are asked for, 200 a page."""
    settings: Sequence[Setting]
    tasks: dict[str, int]
    """How many tasks are of another version (`changed`), or were asked by one alone."""


@router.get("/api/compare", response_model=Comparison)
def compare(
    request: Request,
    runs: RunsPart,
    a: RunOf,
    b: RunOf,
    tries: TriesCounted = 1,
    quadrant: Annotated[Quadrant | Literal[""], Query(description="only these pairs")] = "",
    page: PageNumber = 1,
) -> Response:
    """Return the four counts, the samples behind them, and the settings that differ."""
    one, other = (runs.opened(RunName(*word.split("/", 1))).run for word in (a, b))
    arms = _arm(one), _arm(other)
    lines = pair_lines(*arms, tries)
    asked = [line for line in lines if quadrant in ("", line.quadrant)]
    result = compared(*arms, tries=tries)
    found = msgspec.to_builtins(result)
    answered = Comparison(
        counts=_counts(result.counts),
        comparison=shown({key: value for key, value in found.items() if key != "flips"}),
        total=len(asked),
        page=page,
        pages=pages(len(asked)),
        pairs=one_page(asked, page),
        settings=[_setting(found) for found in differences(one.manifest, other.manifest)],
        tasks={key: len(tasks) for key, tasks in changed_tasks(one.manifest, other.manifest).items()},
    )
    return answer(request, answered)


def _counts(found: Pairs) -> Counts:
    return Counts(both=found.both, only_a=found.only_a, only_b=found.only_b, neither=found.neither)


def _arm(run: Run) -> Arm:
    return Arm(run.manifest, run.planned)


def _setting(found: Difference) -> Setting:
    name = found.key.rpartition(".")[2]
    hidden = ".headers." in found.key or ".env." in found.key
    return Setting(
        cause=found.cause,
        key=clipped(found.key),
        a=shown(found.a, name, hidden=hidden),
        b=shown(found.b, name, hidden=hidden),
    )
