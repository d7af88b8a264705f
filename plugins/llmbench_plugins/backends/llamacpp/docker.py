"""llama.cpp's server in a container: reached from this machine alone, and removed however we end."""

import asyncio
import secrets
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from llmbench.api import Context
from llmbench.errors import PrerequisiteError
from llmbench_plugins.backends.llamacpp.args import refuse_ours, server_arguments
from llmbench_plugins.backends.llamacpp.server import Running, known_flags, probe, until_loaded
from llmbench_plugins.backends.llamacpp.weights import Wanted
from llmbench_plugins.backends.shared.process import ServerProcess, free_port
from llmbench_plugins.backends.shared.weights import parts_of
from llmbench_plugins.shared.owner import as_name, owner_mark

_INSIDE = 8080
_ENGINE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """How the container is run."""

    image: str
    gpus: str | None
    network: str
    arguments: tuple[str, ...]
    """Further ones of ``docker run``."""


@asynccontextmanager
async def in_container(container: Container, wanted: Wanted, context: Context) -> AsyncIterator[Running]:
    """Serve with the image's own ``llama-server``.

    Raises:
        PrerequisiteError: there is no engine, or the image holds no llama-server.
        BackendError: the server did not start.
    """
    refuse_ours(wanted.extra_args)
    program = await asyncio.to_thread(_engine)
    context.progress(f"looking at {container.image}; its first download takes a while")
    asking = (program, "run", "--rm", "--network", "none", *_devices(container), container.image)
    known = await asyncio.to_thread(known_flags, asking, wanted.startup_timeout_s, "backend.image")
    name = f"llmbench-{as_name(context.label)}-{secrets.token_hex(6)}"
    port = wanted.port or free_port()
    argv = (
        *(program, "run", "--rm", "--init", "--name", name, "--label", "llmbench=1"),
        *("--label", f"llmbench.run={context.label}", "--label", f"llmbench.owner={owner_mark()}"),
        *_reached_at(container, port),
        *_devices(container),
        *_mounts(wanted.weights.here),
        *container.arguments,
        container.image,
        *server_arguments(
            ("-m", f"/models/{wanted.weights.name}"),
            host="127.0.0.1" if container.network == "host" else "0.0.0.0",  # noqa: S104 - inside it
            port=port if container.network == "host" else _INSIDE,
            wanted=wanted,
            known=known,
        ),
    )
    url = f"http://127.0.0.1:{port}"
    process = ServerProcess(
        argv,
        log=context.work_dir / "server.log",
        name=f"llama-server in {container.image}",
        last=(program, "rm", "--force", name),
    )
    async with process:
        await until_loaded(process, wanted, context, partial(probe, url))
        yield Running(url=url, argv=argv, process=process)


def _engine() -> str:
    program = shutil.which("docker")
    cure = "start or install Docker (https://docs.docker.com/engine/install/), or set backend.server"
    if program is None:
        raise PrerequisiteError(f"backend.server=docker: no program 'docker' on PATH; {cure}")
    try:
        asked = subprocess.run(
            [program, "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            text=True,
            timeout=_ENGINE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PrerequisiteError(f"backend.server=docker: the engine does not answer; {cure}") from None
    if asked.returncode != 0:
        raise PrerequisiteError(f"backend.server=docker: {asked.stderr.strip()}; {cure}")
    return program


def _reached_at(container: Container, port: int) -> tuple[str, ...]:
    if container.network == "host":
        return ("--network", "host")
    return ("--publish", f"127.0.0.1:{port}:{_INSIDE}")


def _devices(container: Container) -> tuple[str, ...]:
    return ("--gpus", container.gpus) if container.gpus else ()


def _mounts(weights: Path) -> list[str]:
    """Mount each part alone, read-only: in the hub's cache they are links to elsewhere."""
    return [
        word
        for part in parts_of(weights)
        for word in ("--mount", f"type=bind,source={part.resolve()},target=/models/{part.name},readonly")
    ]
