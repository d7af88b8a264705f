"""Engines that are reached another way: by a context, under TLS, over ssh. Each is this machine's own."""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmbench.api import Context, Limits, closing
from llmbench_plugins.sandboxes.docker.sandbox import Docker, DockerOptions
from llmbench_plugins.shared.engine import find_endpoint
from llmbench_plugins.toolchains.python import PYTHON

pytestmark = pytest.mark.docker
_LIMITS = Limits(memory_mb=128, disk_mb=16, processes=32)


@pytest.fixture
def place() -> str:
    """The socket of the engine here."""
    endpoint = find_endpoint(os.environ)
    assert endpoint is not None
    if not endpoint.url.startswith("unix://"):
        pytest.skip(f"the engine is at {endpoint.named_by}, and no socket here")
    return endpoint.url.removeprefix("unix://")


@pytest.fixture
def _by_context(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "config.json").write_text('{"currentContext": "here"}', encoding="utf-8")
    folder = tmp_path / "contexts/meta" / hashlib.sha256(b"here").hexdigest()
    folder.mkdir(parents=True)
    told = {"Name": "here", "Metadata": {}, "Endpoints": {"docker": {"Host": f"unix://{place}"}}}
    (folder / "meta.json").write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture
def _under_tls(place: str, certificates: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    program = str(Path(__file__).with_name("tls_engine.py"))
    argv = [sys.executable, program, str(certificates), place]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{serving.stdout.readline().strip()}")
        monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
        monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))
        # What the way to the internet needs is not for an engine here.
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/dev/null")
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
        yield
        serving.kill()


@pytest.fixture
def _over_ssh(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # It is given what the ssh command is given, and runs the words behind the host's name.
    script = (
        'while [ "$1" != -- ]; do shift; done; [ "$2 $3" = "there docker" ] || exit 9; shift 3\n'
        f'DOCKER_HOST=unix://{place} exec {shutil.which("docker")} "$@"'
    )
    _ssh(tmp_path, script, monkeypatch)
    monkeypatch.setenv("DOCKER_HOST", "ssh://somebody@there:2222")


def _ssh(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "ssh").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.mark.parametrize("way", ["_by_context", "_under_tls", "_over_ssh"])
def test_boxes_open_run_and_go_away(way: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    request.getfixturevalue(way)
    context = Context(work_dir=tmp_path, cache_dir=tmp_path, label=f"elsewhere-{tmp_path.name}-{os.getpid()}")
    content = os.urandom(1 << 20)

    async def body() -> None:
        sandbox = Docker(DockerOptions(), context)
        try:
            await sandbox.prepare(PYTHON)
            async with closing(await sandbox.open(PYTHON, _LIMITS)) as box:
                ran = await box.run(["cat"], stdin=content)
                assert ran.stdout == content[: _LIMITS.output_bytes]
                service = await box.serve(["cat"])
                assert await service.ask(b"hello", timeout_s=20) == b"hello"
        finally:
            await sandbox.close()

    asyncio.run(body())
    argv = ["docker", "ps", "--all", "--quiet", "--filter", f"label=llmbench.run={context.label}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")}
    assert subprocess.run(argv, capture_output=True, check=True, env=environment).stdout == b""


def test_what_ssh_complains_of_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _ssh(tmp_path, "echo 'there: Permission denied (publickey).' >&2; exit 255", monkeypatch)
    monkeypatch.setenv("DOCKER_HOST", "ssh://there")
    sandbox = Docker(DockerOptions(), Context(work_dir=tmp_path, cache_dir=tmp_path))
    said = asyncio.run(sandbox.missing(PYTHON))
    assert "(DOCKER_HOST=ssh://there: there: Permission denied (publickey).); start it: " in said
