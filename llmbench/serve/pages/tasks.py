"""The pages of the tasks: the catalog and other datasets that lie here, and one task."""

from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from llmbench.history.rows import RunRow, TaskRow
from llmbench.report.words import inert
from llmbench.serve.faults import NotFound
from llmbench.serve.filters import run_path
from llmbench.serve.pages.figures import FIGURES
from llmbench.serve.pages.markdown import instructions
from llmbench.serve.pages.page import page
from llmbench.serve.parts import RunsPart, TasksPart
from llmbench.serve.runs import Runs
from llmbench.serve.tasks import Shown

router = APIRouter(include_in_schema=False)

_Word = Annotated[str, Query(max_length=100)]
_LEVELS = {"easy": 0, "medium": 1, "hard": 2}
MOST = 200
"""Tasks of a page."""


@router.get("/tasks")
def tasks(
    request: Request,
    runs: RunsPart,
    tasks: TasksPart,
    dataset: Annotated[str, Query(max_length=200)] = "catalog",
    language: _Word = "",
    difficulty: _Word = "",
    kind: _Word = "",
    find: _Word = "",
    after: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> HTMLResponse:
    """Show the tasks of a dataset."""
    known = tasks.datasets()
    if dataset not in [one.name for one in known]:
        raise NotFound(f"no dataset '{dataset}'; known: {', '.join(one.name for one in known)}")
    listing = tasks.listing(dataset)
    everything = list(listing.tasks.values()) if listing else []
    asked = {"language": language, "difficulty": difficulty, "kind": kind}
    found = [task for task in everything if _fits(task, asked, find)]
    return page(
        request,
        "tasks.html.j2",
        here="tasks",
        title="Tasks",
        dataset=dataset,
        datasets=known,
        about=next(one.about for one in known if one.name == dataset),
        is_reading=listing is None,
        problem=listing.problem if listing else "",
        all=len(everything),
        tasks=found[after : after + MOST],
        found=len(found),
        after=after,
        most=MOST,
        asked=asked,
        find=find,
        choices={name: _choices(everything, name) for name in asked},
        query=urlencode({"dataset": dataset, **{k: v for k, v in {**asked, "find": find}.items() if v}}),
        solved=_solved(runs, dataset) if found else {},
        **FIGURES,
    )


@router.get("/tasks/{task:path}")
def one_task(
    request: Request,
    runs: RunsPart,
    tasks: TasksPart,
    task: str,
    dataset: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """Show one task, and how runs did on it."""
    shown = tasks.task(task, dataset)
    if shown is None:
        where = f" of dataset '{dataset}'" if dataset else ""
        raise NotFound(f"no task '{task}'{where} lies on this machine; llmbench list tasks dataset=NAME")
    return page(
        request,
        "task.html.j2",
        here="tasks",
        title=inert(shown.title or shown.id),
        task=shown,
        instructions=instructions(shown.instructions),
        launch=urlencode({"dataset": shown.dataset, "tasks": shown.id}),
        tries=list(_tries(runs, shown)),
        **FIGURES,
    )


def _fits(task: Shown, asked: dict[str, str], find: str) -> bool:
    words = f"{task.id} {task.title} {' '.join(task.tags)}".casefold()
    return all(getattr(task, name) == value for name, value in asked.items() if value) and all(
        word in words for word in find.casefold().split()
    )


def _choices(tasks: Iterable[Shown], name: str) -> list[str]:
    found = {str(getattr(task, name)) for task in tasks} - {""}
    return sorted(found, key=lambda word: (_LEVELS.get(word, 9), word))


def _solved(runs: Runs, dataset: str) -> dict[str, TaskRow]:
    runs.rows()  # brings the history up to date
    return runs.history.solved(dataset)


def _tries(runs: Runs, task: Shown) -> Iterable[tuple[RunRow, TaskRow, str]]:
    """Yield the runs of the dataset that kept how this task went, the newest first."""
    rows = [row for row in runs.rows() if row.dataset == task.dataset]
    kept = runs.history.task(task.id, rows)
    for row in rows:
        if row.id in kept:
            yield row, kept[row.id], run_path(runs, row)
