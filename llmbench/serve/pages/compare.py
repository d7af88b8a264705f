"""The page that holds two runs against each other, and that of one task in both of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from llmbench.errors import LlmbenchError, UsageError
from llmbench.history.rows import RunRow
from llmbench.report.facts import against
from llmbench.report.read import Run
from llmbench.report.web import TONES
from llmbench.report.words import LEVELS, inert, one_line
from llmbench.score.trust import Level, worst
from llmbench.serve.faults import NotFound
from llmbench.serve.pages.page import page as filled
from llmbench.serve.pages.run import PageNumber
from llmbench.serve.pages.sample import SampleNumber, find_row
from llmbench.serve.parts import RunsPart
from llmbench.serve.runs import RunName, Runs
from llmbench.serve.sample_view import View, sample_address, view
from llmbench.serve.versus import (
    SHOWN,
    SIZE,
    Asked,
    Line,
    Versus,
    cautions,
    options,
    problem,
    settings,
    versus,
)

router = APIRouter(include_in_schema=False)
_RunWord = Annotated[str, Query(max_length=520)]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs."""

    letter: str
    name: RunName
    run: Run
    row: RunRow

    @property
    def title(self) -> str:
        """Model, backend, agent."""
        names = self.run.manifest.names
        return one_line(" · ".join(names[axis] for axis in ("model", "backend", "agent") if axis in names))

    @property
    def doubt(self) -> tuple[str, str] | None:
        """A tone and what speaks against its number; None where nothing does."""
        level = worst(self.run.summary.trust)
        return None if level is Level.GREEN else (TONES[LEVELS[level]], against(self.run.summary.trust))


def _asked(
    a: _RunWord = "",
    b: _RunWord = "",
    tries: Annotated[int, Query(ge=1, le=1000)] = 1,
    show: Annotated[str, Query(max_length=20)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    every: bool = False,
) -> Asked:
    return Asked(a=a, b=b, tries=tries, show=show if show in SHOWN else "", q=q.strip(), every=every)


AskedPart = Annotated[Asked, Depends(_asked)]


@router.get("/compare")
def compare(
    request: Request,
    runs: RunsPart,
    asked: AskedPart,
    run: Annotated[list[_RunWord], Query(max_length=200)] = [],  # noqa: B006 - FastAPI copies it
    left_out: Annotated[int, Query(ge=0, le=1000)] = 0,
    page: PageNumber = 1,
) -> Response:
    """Show two runs beside each other, or let two be chosen; ``run`` twice is what the list of runs sends."""
    if run:
        chosen = Asked(a=run[0], b=run[1] if len(run) > 1 else "")
        query = chosen.query(left_out=len(run) - 2 if len(run) > 2 else "")
        return RedirectResponse(f"{request.scope.get('root_path', '')}/compare{query}", 303)
    rows, place = runs.rows(), runs.history.place.name
    sides = _sides(runs, asked)
    return filled(
        request,
        "compare.html.j2",
        here="compare",
        title="Compare",
        asked=asked,
        choices={"a": options(rows, place), "b": options(rows, place, asked.a)},
        runs=len(rows),
        left_out=left_out,
        sides=sides,
        **(_held(sides, asked, page) if len(sides) == 2 else {"found": None, "problem": ""}),
    )


def _sides(runs: Runs, asked: Asked) -> list[Side]:
    return [_side(runs, letter, word) for letter, word in (("A", asked.a), ("B", asked.b)) if word]


def _side(runs: Runs, letter: str, word: str) -> Side:
    dataset, _, folder = word.partition("/")
    name = RunName(dataset, folder)
    return Side(letter, name, runs.opened(name).run, runs.row(name))


def _held(sides: Sequence[Side], asked: Asked, page: int) -> dict[str, Any]:
    a, b = (side.run for side in sides)
    found, why = _versus(a, b, asked)
    lines = found.lines if found else ()
    pages = max(1, -(-len(lines) // SIZE))
    page = min(page, pages)
    return {
        "found": found,
        "problem": why or ("A and B are the same run." if asked.a == asked.b else ""),
        "cautions": list(cautions(a, b, {"a": sides[0].row, "b": sides[1].row})),
        "settings": settings(a, b, every=asked.every),
        "lines": lines[(page - 1) * SIZE : page * SIZE],
        "page_number": page,
        "pages": pages,
    }


def _versus(a: Run, b: Run, asked: Asked) -> tuple[Versus | None, str]:
    try:
        return versus(a, b, asked), ""
    except UsageError as error:
        return None, problem(error)


@router.get("/compare/task")
def task(
    request: Request,
    runs: RunsPart,
    asked: AskedPart,
    task: Annotated[str, Query(max_length=4000)],
    sample: SampleNumber = 0,
) -> HTMLResponse:
    """Show both answers to a task beside each other."""
    sides = _sides(runs, asked)
    if len(sides) < 2:
        raise NotFound("two runs are needed: ?a=DATASET/RUN&b=DATASET/RUN")
    found, _ = _versus(sides[0].run, sides[1].run, asked)
    lines = found.lines if found else ()
    place = next((at for at, line in enumerate(lines) if (line.task, line.sample) == (task, sample)), None)
    return filled(
        request,
        "compare_task.html.j2",
        here="compare",
        title=f"{one_line(task)} in both",
        asked=asked,
        task=inert(task),
        sample=sample,
        sides=[(side, *_seen(runs, side, task, sample)) for side in sides],
        place=place,
        total=len(lines),
        before=_beside(asked, lines, place, -1),
        after=_beside(asked, lines, place, 1),
    )


def _seen(runs: Runs, side: Side, task: str, sample: int) -> tuple[View | None, str, str]:
    """Return a side's sample, its address, and why it can't be shown."""
    href = f"{sample_address(side.name, task)}?sample={sample}"
    try:
        opened = runs.opened(side.name)
        return view(opened.run, side.name, find_row(opened.rows, task, sample), None), href, ""
    except LlmbenchError as error:
        return None, "", inert(str(error))


def _beside(asked: Asked, lines: Sequence[Line], place: int | None, step: int) -> str:
    if place is None or not 0 <= place + step < len(lines):
        return ""
    line = lines[place + step]
    return f"/compare/task{asked.query(task=line.task, sample=line.sample)}"
