"""What handlers are given: ``def runs(request: Request, runs: RunsPart)``."""

from typing import Annotated

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


def _settings(connection: HTTPConnection) -> Settings:
    settings: Settings = connection.app.state.settings
    return settings


def _runs(connection: HTTPConnection) -> Runs:
    runs: Runs = connection.app.state.runs
    return runs


def _mask(connection: HTTPConnection) -> Mask:
    mask: Mask = connection.app.state.mask
    return mask


def _metrics(connection: HTTPConnection) -> Metrics:
    metrics: Metrics = connection.app.state.metrics
    return metrics


def _watches(connection: HTTPConnection) -> Watches:
    watches: Watches = connection.app.state.watches
    return watches


def _machine(connection: HTTPConnection) -> Machine:
    machine: Machine = connection.app.state.machine
    return machine


def _tasks(connection: HTTPConnection) -> Tasks:
    tasks: Tasks = connection.app.state.tasks
    return tasks


_Word = Annotated[str, Query(max_length=200)]


def _wanted(outcome: _Word = "", failure: _Word = "", group: _Word = "", q: _Word = "") -> Wanted:
    return Wanted(outcome=outcome, failure=failure, group=group, q=q.strip())


def _launcher(connection: HTTPConnection) -> Launcher:
    launcher: Launcher = connection.app.state.launcher
    return launcher


SettingsPart = Annotated[Settings, Depends(_settings)]
LauncherPart = Annotated[Launcher, Depends(_launcher)]
RunsPart = Annotated[Runs, Depends(_runs)]
MaskPart = Annotated[Mask, Depends(_mask)]
MetricsPart = Annotated[Metrics, Depends(_metrics)]
WatchesPart = Annotated[Watches, Depends(_watches)]
MachinePart = Annotated[Machine, Depends(_machine)]
TasksPart = Annotated[Tasks, Depends(_tasks)]
WantedPart = Annotated[Wanted, Depends(_wanted)]
"""Which samples: ``?outcome=failed&failure=time&group=go&q=words``."""
