"""``backend.server=docker``: a real container, with a stand-in for the server in it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from llmbench.api import Context, Message, ModelProfile, Reasoning, Request
from llmbench.errors import BackendError, PrerequisiteError
from llmbench_plugins.backends.llamacpp import LlamaCpp
from llmbench_plugins.backends.llamacpp.options import LlamaCppOptions, Source

# One worker for all: each looks that no container of the others is left.
pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("llamacpp-docker")]
# An image of this process's own: whoever else tests on this machine takes theirs away.
IMAGE = f"llmbench-test-llama-server-{os.getpid()}"
HI = Request(messages=(Message("user", "Hi"),), max_tokens=6)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if subprocess.run(["docker", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker engine answers")
    folder = tmp_path_factory.mktemp("image")
    shutil.copy(Path(__file__).parent / "llama_server.pl", folder / "llama-server")
    (folder / "Dockerfile").write_text(
        'FROM debian:bookworm-slim\nCOPY llama-server /llama-server\nENTRYPOINT ["perl", "/llama-server"]\n'
    )
    subprocess.run(["docker", "build", "-q", "-t", IMAGE, folder], check=True, capture_output=True)
    yield IMAGE
    subprocess.run(["docker", "rmi", "--force", IMAGE], check=False, capture_output=True)


@pytest.fixture(scope="module")
def network() -> str:
    """How the port is reached: an engine may have been started without a bridge."""
    found = subprocess.run(["docker", "network", "inspect", "bridge"], capture_output=True, check=False)
    return "publish" if found.returncode == 0 else "host"


def _options(image: str, network: str, weights: Path, **more: Any) -> LlamaCppOptions:
    source = Source(path=str(weights), context=512)
    return LlamaCppOptions(source=source, server="docker", image=image, network=network, **more)  # type: ignore[arg-type]


def test_it_answers_from_a_container_and_leaves_none(
    image: str, network: str, weights: Path, context: Context, bounded: Callable[..., Any]
) -> None:
    model = ModelProfile(
        name="m", reasoning=Reasoning(style="separate", enabled=True, think_tokens=99, answer_tokens=10)
    )

    async def ask() -> Any:
        async with LlamaCpp(_options(image, network, weights), model, context) as backend:
            assert _containers()
            return await backend.complete(HI), await backend.describe()

    completion, described = bounded(ask())
    assert completion.content == "from a container"
    assert (described["slots"], described["context"], described["build"]) == (2, 512, "b0-perl")
    assert "--reasoning-budget 99" in " ".join(described["argv"])
    assert not _left()
    log = (context.work_dir / "server.log").read_text()
    assert "arguments: -m /models/random.gguf" in log


def test_a_server_that_does_not_start_is_an_error_with_its_log(
    image: str, network: str, weights: Path, context: Context, bounded: Callable[..., Any]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        options = _options(image, network, weights, port=taken.getsockname()[1])
        with pytest.raises(BackendError, match=r"(?s)ended with exit code.*(couldn't bind|already)"):
            bounded(_enter(LlamaCpp(options, ModelProfile(name="m"), context)))
    assert not _left()


def test_what_the_engine_refuses_is_told_in_its_words(
    image: str, network: str, weights: Path, context: Context, bounded: Callable[..., Any]
) -> None:
    options = _options(image, network, weights, docker_args=("--device=/dev/llmbench-none",))
    with pytest.raises(PrerequisiteError, match=r"backend\.docker_args: .*/dev/llmbench-none"):
        bounded(_enter(LlamaCpp(options, ModelProfile(name="m"), context)))
    assert not _left()


def test_arguments_and_variables_reach_the_container(
    image: str,
    network: str,
    weights: Path,
    context: Context,
    bounded: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LLAMA_SECRET", "hidden")

    words = ("-e", "LLAMA_SECRET", "--env=SHOWN=1", "--shm-size", "8m")

    async def look() -> str:
        options = _options(image, network, weights, docker_args=words)
        async with LlamaCpp(options, ModelProfile(name="m"), context):
            return _inspected()

    seen = bounded(look())
    assert "LLAMA_SECRET=hidden SHOWN=1" in seen
    assert seen.split()[-1] == str(8 << 20)


def test_an_image_that_holds_no_server_is_told(
    image: str, network: str, weights: Path, context: Context, bounded: Callable[..., Any]
) -> None:
    with pytest.raises(PrerequisiteError, match=r"backend\.image: .*is no llama-server"):
        bounded(
            _enter(
                LlamaCpp(_options("debian:bookworm-slim", network, weights), ModelProfile(name="m"), context)
            )
        )


KILLED = """
import asyncio, json, sys
from pathlib import Path
from llmbench.api import Context, ModelProfile
from llmbench_plugins.backends.llamacpp.options import LlamaCppOptions
from llmbench_plugins.backends.llamacpp.options import Source
from llmbench_plugins.backends.llamacpp import LlamaCpp

async def main():
    folder, weights, image, network = sys.argv[1:]
    source = Source(path=weights, context=512)
    options = LlamaCppOptions(source=source, server="docker", image=image, network=network)
    context = Context(work_dir=Path(folder), cache_dir=Path(folder), label="test")
    async with LlamaCpp(options, ModelProfile(name="m"), context):
        print("up", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def test_killing_llmbench_leaves_no_container(
    image: str, network: str, weights: Path, tmp_path: Path
) -> None:
    argv = [sys.executable, "-c", KILLED, str(tmp_path), str(weights), image, network]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        assert len(_containers()) == 1
        children = psutil.Process(parent.pid).children(recursive=True)
        os.kill(parent.pid, signal.SIGKILL)
    assert not _left()
    assert not psutil.wait_procs(children, timeout=10)[1]


def _inspected() -> str:
    """Return variables and shared memory of the container, of whose secrets no command line tells."""
    commands = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    assert not any("hidden" in word for command in commands for word in command)
    form = "{{.Config.Env}} {{.HostConfig.ShmSize}}"
    argv = ["docker", "inspect", "--format", form, *_containers()]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def _left() -> list[str]:
    """Return the containers that are still there when the engine has had time to remove them."""
    deadline = time.monotonic() + 20
    while (found := _containers()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def _containers() -> list[str]:
    """Return the containers of this test, running or not."""
    listed = subprocess.run(
        [
            *("docker", "ps", "--all", "--filter", f"ancestor={IMAGE}", "--filter", "name=llmbench-"),
            *("--format", "{{.Names}}"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return listed.stdout.split()


async def _enter(backend: LlamaCpp) -> Any:
    async with backend:
        return json.dumps(dict(await backend.describe()))
