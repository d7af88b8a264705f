"""Whether an engine answers that can do what we need of it, and if not, why, with the cure."""

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from llmbench_plugins.shared.engine.client import Engine
from llmbench_plugins.shared.engine.endpoint import (
    UNIX,
    Endpoint,
    EngineError,
    find_endpoint,
    usual_sockets,
)

_ENGINE_S = 15
_QUESTION_S = 90
_START = "start it: sudo systemctl start docker, or open Docker Desktop"


async def connect_fit(
    *,
    limits: bool = True,
    environment: Mapping[str, str] = os.environ,
    sockets: Sequence[Path] | None = None,
) -> Engine:
    """Return the engine that this user means.

    Args:
        limits: it must hold containers to limits on memory and processes.
        environment: where the user names an engine.
        sockets: where engines usually listen; None for the places of this system.

    Raises:
        EngineError: there is none; the text says why, and what to do.
    """
    endpoint = find_endpoint(environment, sockets)
    if endpoint is None:
        raise EngineError(_why_none(environment, sockets))
    try:
        engine, info = await asyncio.to_thread(_connected, endpoint, environment)
    except EngineError as error:
        raise EngineError(why_no_answer(endpoint, str(error))) from error
    if reason := why_unfit(info, limits=limits):
        engine.close()
        raise EngineError(reason)
    return engine


def why_unfit(info: Mapping[str, Any], *, limits: bool) -> str:
    """Return what an engine lacks that describes itself so, or an empty string."""
    if info.get("OSType") != "linux":
        return f"the Docker engine runs {info.get('OSType')} containers; switch it to Linux containers"
    if limits and info.get("BuildahVersion"):
        return "the engine is Podman, which can't limit the number of a box's files; use sandbox=bubblewrap"
    if limits and not (info.get("MemoryLimit") and info.get("PidsLimit")):
        # It would start containers all the same, with a warning and without the limits.
        return (
            "the Docker engine can't limit memory and processes (a rootless one needs delegated control "
            "groups: https://rootlesscontaine.rs/getting-started/common/cgroup2/); use sandbox=bubblewrap"
        )
    return ""


def _connected(endpoint: Endpoint, environment: Mapping[str, str]) -> tuple[Engine, Mapping[str, Any]]:
    engine = Engine.connect(endpoint, timeout_s=_ENGINE_S, environment=environment)
    try:
        info = engine.tell(lambda client: client.info())
    except BaseException:
        engine.close()
        raise
    engine.client.timeout = _QUESTION_S
    return engine, info


def _why_none(environment: Mapping[str, str], sockets: Sequence[Path] | None) -> str:
    if shutil.which("docker", path=environment.get("PATH")) is None:
        return "docker is not installed; see https://docs.docker.com/get-started/get-docker/"
    places = ", ".join(map(str, usual_sockets(environment) if sockets is None else sockets))
    return f"no Docker engine answers (no socket at {places}); {_START}"


def why_no_answer(endpoint: Endpoint, said: str) -> str:
    """Return the message for an engine that is not reached, with the cure."""
    if endpoint.named_by not in said:
        said = f"{endpoint.named_by}: {said}"
    if "permission denied" in said.lower() and endpoint.url.startswith(UNIX):
        return (
            f"the Docker engine refuses this user ({said}); "
            "add the user to its group: sudo usermod -aG docker $USER, then log in again"
        )
    return f"no Docker engine answers ({said}); {_START}"
