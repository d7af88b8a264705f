"""The page of a sample: the list at the left, what was asked, answered and judged at the right."""

import sys
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from llmbench.report.sample_rows import Row
from llmbench.report.transcript_views import as_markdown
from llmbench.report.words import one_line
from llmbench.serve.faults import NotFound
from llmbench.serve.opened import Opened
from llmbench.serve.pages.page import page
from llmbench.serve.pages.run import listing
from llmbench.serve.parts import RunsPart, WantedPart
from llmbench.serve.runs import RunName
from llmbench.serve.sample_view import conversation, sample_address, view
from llmbench.serve.samples import SIZE, Wanted, fitting, place_of

router = APIRouter(include_in_schema=False)

SampleNumber = Annotated[int, Query(ge=0, le=1_000_000)]
TryNumber = Annotated[int | None, Query(alias="try", ge=1, le=1_000_000)]
TaskName = Annotated[str, Path(max_length=4000)]


@router.get("/runs/{dataset}/{name}/samples/{task:path}")
def sample(
    request: Request,
    runs: RunsPart,
    wanted: WantedPart,
    dataset: str,
    name: str,
    task: TaskName,
    number: Annotated[int, Query(alias="sample", ge=0, le=1_000_000)] = 0,
    tried: TryNumber = None,
    form: Annotated[Literal["page", "text"], Query(alias="as")] = "page",
) -> Response:
    """Show a sample, or its conversation as plain text."""
    run = RunName(dataset, name)
    opened = runs.opened(run)
    row = find_row(opened.rows, task, number)
    if form == "text":
        entries = conversation(opened.run.folder, task, number)
        return PlainTextResponse(as_markdown(task, entries, sys.maxsize))
    return _page(request, opened, wanted, run, row, tried)


def _page(
    request: Request, opened: Opened, wanted: Wanted, name: RunName, row: Row, tried: int | None
) -> HTMLResponse:
    found = fitting(opened.rows, wanted)
    place = place_of(found, row.key)
    return page(
        request,
        "sample.html.j2",
        here="runs",
        title=f"{row.task} · {row.outcome}",
        run=name,
        model=one_line(opened.run.manifest.names.get("model", "")),
        view=view(opened.run, name, row, tried),
        place=place,
        before=_address(name, found, place, -1, wanted),
        after=_address(name, found, place, 1, wanted),
        own=sample_address(name, row.key[0]),
        **listing(opened, wanted, 1 if place is None else place // SIZE + 1, row),
    )


def find_row(rows: Sequence[Row], task: str, number: int) -> Row:
    """Return the row of a sample.

    Raises:
        NotFound: the run has no such sample.
    """
    for row in rows:
        if row.key == (task, number):
            return row
    raise NotFound(f"the run has no sample {number} of a task '{one_line(task)}'")


def _address(
    name: RunName, found: Sequence[Row], place: int | None, step: Literal[-1, 1], wanted: Wanted
) -> str:
    """Return the address of the sample beside this one; an empty string where there is none."""
    if place is None or not 0 <= place + step < len(found):
        return ""
    task, number = found[place + step].key
    return sample_address(name, task) + wanted.query(sample=number)
