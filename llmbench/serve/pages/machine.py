"""The page of this machine."""

import platform
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from llmbench import __version__, registry
from llmbench.records.kept_servers import read_kept
from llmbench.serve.filters import run_address
from llmbench.serve.pages.figures import FIGURES
from llmbench.serve.pages.page import page
from llmbench.serve.parts import MachinePart
from llmbench.serve.runs import RunName

router = APIRouter(include_in_schema=False)

_WAIT_S = 0.5
"""How long the page waits for what is measured; most of it is there by then."""
_FRESH_S, _FRESH_DISK_S = 2.0, 60.0
_LIBRARIES = ("fastapi", "uvicorn", "jinja2", "hydra-core", "msgspec", "sqlalchemy", "docker")


@router.get("/machine")
def machine(request: Request, machine: MachinePart) -> HTMLResponse:
    """Show what is missing here, what runs, and what llmbench takes."""
    return page(
        request,
        "machine.html.j2",
        here="machine",
        title="Machine",
        doctor=machine.doctor.look(),
        readings=machine.readings.look(fresh_s=_FRESH_S, wait_s=_WAIT_S).done,
        disk=machine.disk.look(fresh_s=_FRESH_DISK_S, wait_s=_WAIT_S),
        servers=[kept for kept in read_kept() if kept.alive],
        root=machine.root.absolute(),
        history=machine.place.shown,
        versions=_versions(),
        plugins=_plugins(),
        at=_at,
        path_of=lambda folder: run_address(RunName.of(folder)),
        **FIGURES,
    )


def _at(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M")


@router.post("/machine/check")
def check(
    request: Request, machine: MachinePart, what: Annotated[str, Form(pattern="doctor|disk")] = "doctor"
) -> RedirectResponse:
    """Look again: ask doctor, or measure the disk."""
    (machine.doctor if what == "doctor" else machine.disk).begin()
    base = request.scope.get("root_path", "")
    return RedirectResponse(f"{base}/machine#{what}", 303)


def _versions() -> list[tuple[str, str]]:
    found = [("llmbench", __version__), ("Python", platform.python_version())]
    for name in _LIBRARIES:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return found


def _plugins() -> list[tuple[str, str]]:
    """Return who brings plugins besides llmbench, with the axes and names of theirs."""
    others: dict[str, list[str]] = {}
    for axis in registry.AXES:
        for plugin in registry.installed(axis):
            if plugin.distribution != "llmbench":
                others.setdefault(str(plugin), []).append(f"{axis} {plugin.name}")
    return [(name, ", ".join(brought)) for name, brought in sorted(others.items())]
