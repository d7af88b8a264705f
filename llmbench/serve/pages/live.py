"""The Live pages: what runs, waits and has just ended, and one run as it goes on."""

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from llmbench.records.journal import FILE as JOURNAL
from llmbench.records.status import read_status
from llmbench.serve.faults import NotFound
from llmbench.serve.launching.steering import pause, resume, stop
from llmbench.serve.live import live_of, run_of
from llmbench.serve.live_words import readings, words_of
from llmbench.serve.newest import newest_of
from llmbench.serve.pages.page import page
from llmbench.serve.parts import LauncherPart, RunsPart
from llmbench.serve.runs import RunName

router = APIRouter(include_in_schema=False)

_SHOWN = 50
"""Samples in the list of the newest; a run's own page has all of them."""
_DOES = {"stop": stop, "pause": pause, "resume": resume}
Part = Annotated[str, Path(max_length=255)]
Id = Annotated[str, Form(pattern="^[0-9a-f]{16}$")]


@router.get("/live")
def live(request: Request, runs: RunsPart, launcher: LauncherPart) -> HTMLResponse:
    """Show what runs, what waits, and what has just ended."""
    found = live_of(runs.root, launcher)
    return page(
        request, "live.html.j2", here="live", title="Live", live=found, words_of=words_of, readings=readings
    )


@router.post("/live/queue")
def change(
    request: Request,
    launcher: LauncherPart,
    action: Annotated[Literal["up", "down", "remove", "clear", "beside", "stop"], Form()],
    id: Id = "0" * 16,  # noqa: A002 - the name in the form
) -> RedirectResponse:
    """Change what waits, or stop a launch, and show the page again."""
    if action in ("up", "down"):
        launcher.shift(id, -1 if action == "up" else 1)
    elif action == "clear":
        launcher.clear()
    else:
        {"remove": launcher.remove, "beside": launcher.go, "stop": launcher.stop}[action](id)
    return _back(request, "/live")


@router.get("/live/{dataset}/{name}")
def live_run(
    request: Request, runs: RunsPart, launcher: LauncherPart, dataset: Part, name: Part
) -> HTMLResponse:
    """Show one run as it goes on."""
    named = RunName(dataset, name)
    folder = runs.folder(named)
    status = read_status(folder)
    if status is None:
        raise NotFound(f"run '{named}' was made before llmbench noted what a run is doing; see its own page")
    return page(
        request,
        "live_run.html.j2",
        here="live",
        title=f"Live: {name}",
        run=run_of(runs.root, folder, status, launcher),
        words=words_of(status),
        readings=list(readings(status)),
        newest=newest_of(folder / JOURNAL, _SHOWN),
        shown=_SHOWN,
    )


@router.post("/live/{dataset}/{name}/{action}")
def steer(
    request: Request, runs: RunsPart, dataset: Part, name: Part, action: Literal["stop", "pause", "resume"]
) -> RedirectResponse:
    """Ask a run to stop, to pause or to go on, and show it again."""
    named = RunName(dataset, name)
    _DOES[action](runs.folder(named))
    return _back(request, f"/live/{quote(dataset, safe='')}/{quote(name, safe='')}")


def _back(request: Request, path: str) -> RedirectResponse:
    return RedirectResponse(f"{request.scope.get('root_path', '')}{path}", 303)
