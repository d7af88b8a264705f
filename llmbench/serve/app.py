"""The application: the guard before everything, pages, the API, and one line for whatever is wrong."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.resources import files

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from llmbench.config.secrets import find_secrets
from llmbench.errors import LlmbenchError, UsageError
from llmbench.records.masking import Mask
from llmbench.report.words import one_line
from llmbench.serve.answers import answer
from llmbench.serve.faults import FAULTS, Conflict, Fault, NotFound, Refused
from llmbench.serve.guard import Guard
from llmbench.serve.launching.launcher import Launcher
from llmbench.serve.machine import Machine
from llmbench.serve.metrics import Metrics
from llmbench.serve.pages.page import page
from llmbench.serve.runs import Runs
from llmbench.serve.settings import Settings
from llmbench.serve.tasks import Tasks
from llmbench.serve.watch import Watches

API = (
    "artifacts",
    "compare",
    "control",
    "events",
    "health",
    "launch",
    "leaderboard",
    "metrics",
    "models",
    "plugins",
    "queue",
    "run",
    "runs",
    "sample",
    "samples",
)
"""Modules of ``llmbench.serve.api``, each with a ``router``."""
PAGES = (
    "compare",
    "home",
    "launch",
    "leaderboard",
    "live",
    "machine",
    "matrix",
    "pareto",
    "run",
    "runs",
    "sample",
    "styleguide",
    "tasks",
    "theme",
)
"""Modules of ``llmbench.serve.pages``, likewise."""
_STATUS: dict[type[LlmbenchError], int] = {NotFound: 404, Refused: 403, Conflict: 409, UsageError: 400}
_WORDS = {404: "Not found", 403: "Refused", 409: "Not now", 400: "Can't be done", 405: "Not that way"}
API_VERSION = "1"
_DESCRIPTION = """What `llmbench serve` answers programs. Where the dashboard needs a token, send it as
`Authorization: Bearer TOKEN`. What is wrong with a request is said in one line: `{"error": "…"}`."""
_LONGEST = 1000
"""Characters of a message."""
_LOG = logging.getLogger("llmbench.serve")


def create_app(settings: Settings, warn: Callable[[str], None] = _LOG.warning) -> FastAPI:
    """Return the dashboard over a folder of runs.

    Args:
        settings: what ``llmbench serve`` was told.
        warn: is told what is wrong with the history.

    Raises:
        UsageError: the URL of the history is wrong.
        PrerequisiteError: what speaks to its server is not installed.
    """
    app = FastAPI(
        title="llmbench",
        version=API_VERSION,
        description=_DESCRIPTION,
        generate_unique_id_function=lambda route: route.name,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_launching,
    )
    app.state.settings = settings
    app.state.runs = Runs(settings, warn)
    app.state.mask = Mask(find_secrets())
    app.state.watches = Watches(settings.root, app.state.mask)
    app.state.metrics = Metrics(app.state.runs, app.state.watches)
    app.add_middleware(Guard, settings=settings, note=app.state.metrics.note)
    app.state.launcher = Launcher(settings)
    app.state.metrics.waiting = app.state.launcher.waiting
    app.state.machine = Machine(settings.root, app.state.runs.history.place)
    app.state.tasks = Tasks()
    for name in API:
        app.include_router(import_module(f"llmbench.serve.api.{name}").router, responses=FAULTS)
    for name in PAGES:
        app.include_router(import_module(f"llmbench.serve.pages.{name}").router)
    static = StaticFiles(
        directory=str(files("llmbench.serve").joinpath("static")), packages=[("llmbench.report", "static")]
    )
    app.mount("/static", static)
    app.add_exception_handler(LlmbenchError, _ours)
    app.add_exception_handler(HTTPException, _https)
    app.add_exception_handler(RequestValidationError, _invalid)
    return app


@asynccontextmanager
async def _launching(app: FastAPI) -> AsyncIterator[None]:
    """Go on with the queue that an earlier dashboard has left, and leave it to the next one at the end."""
    launcher: Launcher = app.state.launcher
    launcher.wake()
    yield
    launcher.close()


def _ours(request: Request, error: Exception) -> Response:
    kind = next((kind for kind in _STATUS if isinstance(error, kind)), None)
    return _told(request, _STATUS[kind] if kind else 500, str(error))


def _https(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _told(
        request, status, f"{request.method} {request.url.path}: nothing is there" if status == 404 else ""
    )


def _invalid(request: Request, error: Exception) -> Response:
    [first, *_] = error.errors() if isinstance(error, RequestValidationError) else [{"loc": (), "msg": ""}]
    return _told(request, 422, f"{'.'.join(map(str, first['loc'][1:]))}: {first['msg']}")


def _told(request: Request, status: int, message: str) -> Response:
    """Tell what is wrong: to a script as JSON, to a person as a page."""
    title = _WORDS.get(status, "Something went wrong")
    if request.url.path.removeprefix(request.scope.get("root_path", "")).startswith(
        ("/api/", "/artifacts/", "/health", "/metrics")
    ):
        return answer(request, Fault(one_line(message, _LONGEST) or title), status)
    return page(request, "fault.html.j2", status=status, title=title, message=message)
