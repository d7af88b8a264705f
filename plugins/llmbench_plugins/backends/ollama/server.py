"""Ollama's server: the one that answers, or one of ours, which ends with us."""

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from llmbench.api import Context
from llmbench.errors import BackendError, PrerequisiteError
from llmbench_plugins.backends.ollama.options import OllamaOptions
from llmbench_plugins.backends.shared.http import base_url
from llmbench_plugins.backends.shared.process import ServerProcess, free_port
from llmbench_plugins.shared.http import look

_PORT = 11434
_LOOK_S = 5.0
_PORT_TRIES = 3
_PORT_TAKEN = "address already in use"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    url: str
    version: str
    argv: tuple[str, ...] = ()
    process: ServerProcess | None = None
    """Set where it is ours."""


@asynccontextmanager
async def serving(options: OllamaOptions, context: Context) -> AsyncIterator[Running]:
    """Attach to the server or start one, as ``backend.server`` says.

    Raises:
        PrerequisiteError: none answers, or there is no program to start.
        BackendError: the server did not start.
    """
    url = address(options.url, context.secrets)
    version = None if options.server == "start" else await probe(url)
    if version is not None:
        yield Running(url, version)
        return
    program = shutil.which(str(Path(options.binary).expanduser()))
    if options.server == "attach":
        raise PrerequisiteError(
            f"no Ollama answers at {url}; start it with `ollama serve`, name another with backend.url, "
            "or let llmbench start one with backend.server=start"
        )
    if program is None:
        raise PrerequisiteError(
            f"no Ollama answers at {url}, and there is no program '{options.binary}' on PATH to start one; "
            "install it from https://ollama.com/download, or name a running server with backend.url"
        )
    async with _started(program, options, context) as running:
        yield running


def address(url: str | None, environment: Mapping[str, str]) -> str:
    """Return the base URL that ``backend.url`` names, else ``OLLAMA_HOST``, else Ollama's own default.

    Raises:
        UsageError: it is no URL, or holds credentials.
    """
    if url:
        return base_url(url, key="backend.url").removesuffix("/v1")
    # It is no secret, so that of the environment what llmbench hands on does not hold it; the shell wins.
    host = (os.environ.get("OLLAMA_HOST") or environment.get("OLLAMA_HOST", "")).strip()
    parts = urlsplit(host if "//" in host else f"http://{host}")
    name = parts.hostname or "127.0.0.1"
    # 0.0.0.0 says where a server listens, not where to reach it.
    name = "127.0.0.1" if name in ("0.0.0.0", "::") else name  # noqa: S104 - compared, not bound
    port = parts.port or (_PORT if parts.scheme == "http" else 443)
    return f"{parts.scheme}://{f'[{name}]' if ':' in name else name}:{port}"


async def probe(url: str) -> str | None:
    """Return the version of the Ollama at ``url``, or None where none answers."""
    response = await look(f"{url}/api/version", limit_s=_LOOK_S)
    if response is None or response.status_code != 200:
        return None
    try:
        told = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return None
    return str(told["version"]) if isinstance(told, dict) and told.get("version") else None


@asynccontextmanager
async def _started(program: str, options: OllamaOptions, context: Context) -> AsyncIterator[Running]:
    for tries_left in reversed(range(_PORT_TRIES)):
        port = options.port or free_port()
        url = f"http://127.0.0.1:{port}"
        argv = (
            "env",
            f"OLLAMA_HOST=127.0.0.1:{port}",
            f"OLLAMA_NUM_PARALLEL={options.slots}",
            "OLLAMA_MAX_LOADED_MODELS=1",
            program,
            "serve",
        )
        async with ServerProcess(argv, log=context.work_dir / "ollama.log", name="ollama serve") as process:
            try:
                version = await _ready(process, url, options, context)
            except BackendError:
                if tries_left and not options.port and _PORT_TAKEN in process.log_text():
                    continue
                raise
            yield Running(url, version, argv, process)
            return


async def _ready(process: ServerProcess, url: str, options: OllamaOptions, context: Context) -> str:
    context.progress("starting ollama serve")

    async def answers() -> bool:
        return await probe(url) is not None

    await process.wait_for(answers, timeout_s=options.startup_timeout_s, progress=context.progress)
    # Whoever else may answer there: our own must be the one that is alive.
    process.raise_if_ended()
    return await probe(url) or ""
