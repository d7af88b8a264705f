"""Ways to come by a llama.cpp server: embedded in a child process, a binary, or one that is already up.

Each is an async context manager that gives a ``Running`` server whose weights are loaded.
"""

import asyncio
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from llmbench.api import Context
from llmbench.api.extras import installing
from llmbench.errors import BackendError, PrerequisiteError
from llmbench_plugins.backends.llamacpp import embedded_server
from llmbench_plugins.backends.llamacpp.args import (
    embedded_settings,
    flags_in,
    refuse_ours,
    server_arguments,
)
from llmbench_plugins.backends.llamacpp.weights import Wanted
from llmbench_plugins.backends.shared.process import ServerProcess, free_port
from llmbench_plugins.shared.http import look

_HELP_S = 60.0
_LOOK_S = 2.0
_PORT_TRIES = 3
_PORT_TAKEN = "couldn't bind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that is up."""

    url: str
    """Without ``/v1``."""
    argv: tuple[str, ...] = ()
    process: ServerProcess | None = None
    package: str = ""
    """The version of the ``xllamacpp`` that carries it, if any."""


@asynccontextmanager
async def embedded(wanted: Wanted, context: Context) -> AsyncIterator[Running]:
    """Serve with llama.cpp as the ``xllamacpp`` package carries it.

    Raises:
        PrerequisiteError: the package is not installed.
        BackendError: the server did not start.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        raise PrerequisiteError(
            f"backend.server=embedded needs the package xllamacpp: {installing('embedded')} "
            "(or backend.server=binary with a llama-server of your own)"
        )
    refuse_ours(wanted.extra_args)
    settings = embedded_settings(model=str(wanted.weights.here), port=wanted.port or 0, wanted=wanted)
    url_file = context.work_dir / "server.url"
    url_file.unlink(missing_ok=True)
    told: dict[str, Any] = {**settings, "url_file": str(url_file)}
    argv = (sys.executable, "-P", embedded_server.__file__, msgspec.json.encode(told).decode())
    name = "the embedded llama.cpp server"
    async with ServerProcess(argv, log=context.work_dir / "server.log", name=name) as process:
        await until_loaded(process, wanted, context, _existence(url_file))
        package = version("xllamacpp")
        yield Running(
            url=url_file.read_text(encoding="utf-8"),
            argv=(f"xllamacpp=={package}", *_shown(settings)),
            process=process,
            package=package,
        )


@asynccontextmanager
async def binary(program: str, wanted: Wanted, context: Context) -> AsyncIterator[Running]:
    """Serve with a ``llama-server`` program.

    Raises:
        PrerequisiteError: there is no such program, or it does not run here.
        BackendError: the server did not start.
    """
    refuse_ours(wanted.extra_args)
    found = find_binary(program)
    known = await asyncio.to_thread(known_flags, (found,), _HELP_S, "backend.binary")
    if wanted.weights.path is None and not {"-hf", "-hff"} <= known:
        raise PrerequisiteError(f"{found} can't fetch weights (no -hff): {installing('embedded')}")
    for tries_left in reversed(range(_PORT_TRIES)):
        port = wanted.port or free_port()
        weights = wanted.weights.arguments
        argv = (
            found,
            *server_arguments(weights, host="127.0.0.1", port=port, wanted=wanted, known=known),
        )
        url = f"http://127.0.0.1:{port}"
        async with ServerProcess(argv, log=context.work_dir / "server.log", name=Path(found).name) as process:
            try:
                await until_loaded(process, wanted, context, partial(probe, url))
            except BackendError:
                if tries_left and not wanted.port and _PORT_TAKEN in process.log_text():
                    continue
                raise
            yield Running(url=url, argv=argv, process=process)
            return


def find_binary(program: str) -> str:
    """Return the path of a ``llama-server``.

    Raises:
        PrerequisiteError: there is none.
    """
    found = shutil.which(str(Path(program).expanduser()))
    if found is None:
        raise PrerequisiteError(
            f"backend.binary: no program '{program}' on PATH; install llama.cpp "
            "(https://github.com/ggml-org/llama.cpp/releases) or give a path: "
            "backend.binary=/path/to/llama-server"
        )
    return found


async def probe(url: str) -> bool:
    """Say whether a llama.cpp server at ``url`` is healthy."""
    response = await look(f"{url}/health", limit_s=_LOOK_S)
    return response is not None and response.status_code == 200


async def until_loaded(
    process: ServerProcess, wanted: Wanted, context: Context, ready: Callable[[], Awaitable[bool]]
) -> None:
    """Wait until the server has loaded its weights.

    Raises:
        BackendError: it ended, or took too long.
    """
    context.progress(f"loading {wanted.weights.name}")
    await process.wait_for(ready, timeout_s=wanted.startup_timeout_s, progress=context.progress)


def _existence(file: Path) -> Callable[[], Awaitable[bool]]:
    async def exists() -> bool:
        return file.exists()

    return exists


def _shown(settings: dict[str, Any]) -> list[str]:
    return [f"{name}={value}" for name, value in settings.items()]


def known_flags(command: Sequence[str], limit_s: float, key: str) -> frozenset[str]:
    """Return the flags that a ``llama-server`` knows; blocks, so call it in a thread.

    Raises:
        PrerequisiteError: it does not run here, or is something else.
    """
    program = " ".join(command)
    try:
        told = subprocess.run([*command, "--help"], capture_output=True, timeout=limit_s, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PrerequisiteError(f"{key}: '{program} --help' does not run here: {error}") from None
    return flags_told(program, (told.stdout + told.stderr).decode("utf-8", errors="replace"), key)


def flags_told(program: str, text: str, key: str) -> frozenset[str]:
    """Return the flags in what a program says on ``--help``.

    Raises:
        PrerequisiteError: it is no ``llama-server``.
    """
    flags = flags_in(text)
    if "--port" not in flags:
        raise PrerequisiteError(
            f"{key}: '{program}' is no llama-server: its --help speaks of no --port; "
            f"it says: {text.strip()[-300:]}"
        )
    return flags
