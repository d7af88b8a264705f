"""What handlers are given: ``def runs(request: Request, runs: RunsPart)``."""

from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from llmbench.serve.launching.launcher import Launcher
from llmbench.serve.runs import Runs
from llmbench.serve.settings import Settings


def _settings(connection: HTTPConnection) -> Settings:
    settings: Settings = connection.app.state.settings
    return settings


def _runs(connection: HTTPConnection) -> Runs:
    runs: Runs = connection.app.state.runs
    return runs


SettingsPart = Annotated[Settings, Depends(_settings)]
def _launcher(connection: HTTPConnection) -> Launcher:
    launcher: Launcher = connection.app.state.launcher
    return launcher


LauncherPart = Annotated[Launcher, Depends(_launcher)]
RunsPart = Annotated[Runs, Depends(_runs)]
