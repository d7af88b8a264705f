"""``POST /api/runs/{dataset}/{name}/stop``, ``/pause``, ``/resume``: of a run under way, whoever began it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Path

from llmbench.serve.faults import CHANGES
from llmbench.serve.launching.steering import pause, resume, stop
from llmbench.serve.parts import RunsPart
from llmbench.serve.runs import RunName

router = APIRouter(tags=["launching"], responses=CHANGES)

Part = Annotated[str, Path(max_length=255)]
_DOES = {"stop": stop, "pause": pause, "resume": resume}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """That a run was asked; its status tells when it has done so."""

    run: str
    asked: Literal["stop", "pause", "resume"]


@router.post("/api/runs/{dataset}/{name}/stop", status_code=202)
def stop_run(runs: RunsPart, dataset: Part, name: Part) -> Asked:
    """Interrupt a run as Ctrl-C does: its servers are stopped, and the same launch again resumes it."""
    return _asked(runs, RunName(dataset, name), "stop")


@router.post("/api/runs/{dataset}/{name}/pause", status_code=202)
def pause_run(runs: RunsPart, dataset: Part, name: Part) -> Asked:
    """Let a run finish the samples under way and then wait."""
    return _asked(runs, RunName(dataset, name), "pause")


@router.post("/api/runs/{dataset}/{name}/resume", status_code=202)
def resume_run(runs: RunsPart, dataset: Part, name: Part) -> Asked:
    """Let a run that waits go on."""
    return _asked(runs, RunName(dataset, name), "resume")


def _asked(runs: RunsPart, name: RunName, what: Literal["stop", "pause", "resume"]) -> Asked:
    _DOES[what](runs.folder(name))
    return Asked(run=str(name), asked=what)
