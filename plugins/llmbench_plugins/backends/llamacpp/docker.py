"""llama.cpp's server in a container: reached from this machine alone, and removed however we end."""

import asyncio
import json
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from llmbench.api import Context
from llmbench.errors import PrerequisiteError
from llmbench_plugins.backends.llamacpp import docker_server
from llmbench_plugins.backends.llamacpp.args import refuse_ours, server_arguments
from llmbench_plugins.backends.llamacpp.docker_args import read_docker_args, read_gpus
from llmbench_plugins.backends.llamacpp.server import Running, flags_told, probe, until_loaded
from llmbench_plugins.backends.llamacpp.weights import Wanted
from llmbench_plugins.backends.shared.process import ServerProcess, free_port
from llmbench_plugins.backends.shared.weights import parts_of
from llmbench_plugins.shared.engine import Engine, EngineError, Layers, connect_fit
from llmbench_plugins.shared.owner import as_name, owner_labels

_INSIDE = 8080
_INSIDE_PORT = f"{_INSIDE}/tcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """How the container is run."""

    image: str
    gpus: str | None
    network: str
    arguments: tuple[str, ...]
    """Further ones, as ``docker run`` takes them."""


@asynccontextmanager
async def in_container(container: Container, wanted: Wanted, context: Context) -> AsyncIterator[Running]:
    """Serve with the image's own ``llama-server``.

    Raises:
        UsageError: an argument can't be read.
        PrerequisiteError: there is no engine, or the image holds no llama-server.
        BackendError: the server did not start.
    """
    refuse_ours(wanted.extra_args)
    settings = _settings(container, context.label)
    known = await _known_flags(container, settings, wanted.startup_timeout_s, context)
    port = wanted.port or free_port()
    arguments = server_arguments(
        ("-m", f"/models/{wanted.weights.name}"),
        host="127.0.0.1" if container.network == "host" else "0.0.0.0",  # noqa: S104 - inside it
        port=port if container.network == "host" else _INSIDE,
        wanted=wanted,
        known=known,
    )
    settings["Cmd"] = list(arguments)
    settings["HostConfig"] |= {
        "Init": True,
        "Mounts": _mounts(wanted.weights.here),
        **_reached_at(container, port),
    }
    url = f"http://127.0.0.1:{port}"
    name = f"llmbench-{as_name(context.label)}-{secrets.token_hex(6)}"
    program = (sys.executable, "-P", docker_server.__file__)
    process = ServerProcess(
        (*program, "run", name, json.dumps(settings)),
        log=context.work_dir / "server.log",
        name=f"llama-server in {container.image}",
        last=(*program, "remove", name),
    )
    async with process:
        await until_loaded(process, wanted, context, partial(probe, url))
        yield Running(url=url, argv=(*container.arguments, container.image, *arguments), process=process)


def _settings(container: Container, label: str) -> dict[str, Any]:
    """Return what the containers of the server and of its help have in common."""
    settings = read_docker_args(container.arguments)
    settings |= {
        "Image": container.image,
        "Labels": owner_labels(label),
        "ExposedPorts": {_INSIDE_PORT: {}},
    }
    if container.gpus:
        settings["HostConfig"]["DeviceRequests"] = [read_gpus(container.gpus)]
    return settings


def _reached_at(container: Container, port: int) -> dict[str, Any]:
    if container.network == "host":
        return {"NetworkMode": "host"}
    return {"PortBindings": {_INSIDE_PORT: [{"HostIp": "127.0.0.1", "HostPort": str(port)}]}}


def _mounts(weights: Path) -> list[dict[str, Any]]:
    """Mount each part alone, read-only: in the hub's cache they are links to elsewhere."""
    return [
        {
            "Type": "bind",
            "Source": str(part.resolve()),
            "Target": f"/models/{part.name}",
            "ReadOnly": True,
        }
        for part in parts_of(weights)
    ]


async def _known_flags(
    container: Container, settings: Mapping[str, Any], limit_s: float, context: Context
) -> frozenset[str]:
    try:
        engine = await connect_fit(limits=False)
    except EngineError as error:
        raise PrerequisiteError(f"backend.server=docker: {error}; or set backend.server") from error
    try:
        async with asyncio.timeout(limit_s):
            if not await engine.has_image(container.image):
                await _fetch(engine, container.image, context)
            context.progress(f"looking at {container.image}")
            told = await asyncio.to_thread(_help, engine, settings)
    except TimeoutError:
        raise PrerequisiteError(
            f"backend.image: {container.image} was not here within {limit_s:g} s"
        ) from None
    except EngineError as error:
        raise PrerequisiteError(f"backend.image: {container.image}: {error}") from error
    finally:
        engine.close()
    return flags_told(f"llama-server in {container.image}", told, "backend.image")


async def _fetch(engine: Engine, image: str, context: Context) -> None:
    context.progress(f"fetching {image}")
    layers, failed = Layers(), list[str]()

    def hear(event: Mapping[str, Any]) -> None:
        if "error" in event:
            failed.append(str(event["error"]))
        elif fetched := layers(event):
            context.progress(f"fetching {image}: {fetched}")

    await engine.follow(lambda client: client.pull(image, stream=True, decode=True), hear)
    if failed:
        raise EngineError(failed[-1])


def _help(engine: Engine, settings: Mapping[str, Any]) -> str:
    """Return what the image's program says of itself; blocks."""
    host = {**settings["HostConfig"], "NetworkMode": "none"}
    asking = {**settings, "Cmd": ["--help"], "HostConfig": host}
    name = f"llmbench-help-{secrets.token_hex(6)}"
    engine.tell(lambda client: client.create_container_from_config(asking, name=name))
    try:
        engine.tell(lambda client: client.start(name))
        engine.tell(lambda client: client.wait(name))
        said = engine.tell(lambda client: client.logs(name))
    except EngineError as error:
        raise PrerequisiteError(
            f"backend.image: {settings['Image']} is no llama-server, or can't run here with backend.gpus and "
            f"backend.docker_args: {error}"
        ) from error
    finally:
        with suppress(EngineError):
            engine.remove(name)
    return said.decode("utf-8", errors="replace")
