"""What handlers are given: ``def runs(request: Request, runs: RunsPart)``."""

from typing import Annotated, Any

from fastapi import Depends, Query
from fastapi.requests import HTTPConnection

from llmbench.records.masking import Mask
from llmbench.serve.launching.launcher import Launcher
from llmbench.serve.machine import Machine
from llmbench.serve.metrics import Metrics
from llmbench.serve.runs import Runs
from llmbench.serve.samples import Wanted
from llmbench.serve.settings import Settings
from llmbench.serve.tasks import Tasks
from llmbench.serve.watch import Watches


def _of_app(name: str) -> Any:
    """Depend on what ``create_app`` has put into the state of the application under that name."""

    def found(connection: HTTPConnection) -> Any:
        return getattr(connection.app.state, name)

    return Depends(found)


_Word = Annotated[str, Query(max_length=200)]


def _wanted(outcome: _Word = "", failure: _Word = "", group: _Word = "", q: _Word = "") -> Wanted:
    return Wanted(outcome=outcome, failure=failure, group=group, q=q.strip())


SettingsPart = Annotated[Settings, _of_app("settings")]
LauncherPart = Annotated[Launcher, _of_app("launcher")]
RunsPart = Annotated[Runs, _of_app("runs")]
MaskPart = Annotated[Mask, _of_app("mask")]
MetricsPart = Annotated[Metrics, _of_app("metrics")]
WatchesPart = Annotated[Watches, _of_app("watches")]
MachinePart = Annotated[Machine, _of_app("machine")]
TasksPart = Annotated[Tasks, _of_app("tasks")]
WantedPart = Annotated[Wanted, Depends(_wanted)]
"""Which samples: ``?outcome=failed&failure=time&group=go&q=words``."""
