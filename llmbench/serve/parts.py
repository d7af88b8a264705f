"""What handlers are given: ``def runs(request: Request, runs: RunsPart)``."""

from typing import Annotated

from fastapi import Depends, Query
from fastapi.requests import HTTPConnection

from llmbench.serve.launching.launcher import Launcher
from llmbench.serve.runs import Runs
from llmbench.serve.samples import Wanted
from llmbench.serve.settings import Settings


def _settings(connection: HTTPConnection) -> Settings:
    settings: Settings = connection.app.state.settings
    return settings


def _runs(connection: HTTPConnection) -> Runs:
    runs: Runs = connection.app.state.runs
    return runs


_Word = Annotated[str, Query(max_length=200)]


def _wanted(outcome: _Word = "", failure: _Word = "", group: _Word = "", q: _Word = "") -> Wanted:
    return Wanted(outcome=outcome, failure=failure, group=group, q=q.strip())


SettingsPart = Annotated[Settings, Depends(_settings)]


def _launcher(connection: HTTPConnection) -> Launcher:
    launcher: Launcher = connection.app.state.launcher
    return launcher


LauncherPart = Annotated[Launcher, Depends(_launcher)]
RunsPart = Annotated[Runs, Depends(_runs)]
WantedPart = Annotated[Wanted, Depends(_wanted)]
"""Which samples: ``?outcome=failed&failure=time&group=go&q=words``."""
