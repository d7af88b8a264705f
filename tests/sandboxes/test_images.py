"""Images of toolchains: tags, proxies, private authorities, failed builds."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from llmbench.api import Context, Limits, Program, Toolchain
from llmbench.errors import PrerequisiteError, SandboxError, UsageError
from llmbench_plugins.sandboxes.docker.images import CA_PATH, image_tag, read_ca_bundle
from llmbench_plugins.sandboxes.docker.sandbox import Docker, DockerOptions
from llmbench_plugins.toolchains.python import PYTHON

# One worker for all: each takes away the images of its tests.
pytestmark = pytest.mark.xdist_group("images")
_DOCKERFILE = """\
FROM debian:bookworm-slim
COPY ca/ /usr/local/share/ca-certificates/
ARG SSL_CERT_FILE
ARG PIP_CERT
RUN echo "$http_proxy $HTTPS_PROXY $no_proxy $SSL_CERT_FILE $PIP_CERT" > /seen
"""
_CA_PEM = """\
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUZdcFv5JuIJjLXOGzNCO4UpwtA7IwCgYIKoZIzj0EAwIw
IjEgMB4GA1UEAwwXbGxtYmVuY2ggdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIwMjM0
ODAyWhgPMjEyNjEwMjcyMzQ4MDJaMCIxIDAeBgNVBAMMF2xsbWJlbmNoIHRlc3Qg
YXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEUQgDfGVUEJuf5aNb
e8V+lF5WaS1vmBuVy8frZi+QWVbOTRnKk3Dn+H9NjEaDz7a2zg22DdcI0IDwr593
91c9oqNTMFEwHQYDVR0OBBYEFGgaf0tyRKL07jYQfQLBeorO6ozcMB8GA1UdIwQY
MBaAFGgaf0tyRKL07jYQfQLBeorO6ozcMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZI
zj0EAwIDSAAwRQIgFTnkuRl5jm5UNPS47sHosgf5XpIHL+NtRtNs070DniwCIQDg
c93/yltqOk/worTCn7YQvpvY44FPKQQOhuFQ6OfB+A==
-----END CERTIFICATE-----
"""


def _toolchain(folder: Path, dockerfile: str = _DOCKERFILE) -> Toolchain:
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text(dockerfile, encoding="utf-8")
    return Toolchain(name="test", folder=folder, programs=(Program(name="sh"),))


def _sandbox(tmp_path: Path, options: DockerOptions, **secrets: str) -> Docker:
    return Docker(options, Context(work_dir=tmp_path, cache_dir=tmp_path, secrets=secrets))


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def _no_test_images_left() -> Iterator[None]:
    yield
    listed = subprocess.run(
        ["docker", "images", "-q", "llmbench-test"], capture_output=True, text=True, check=True
    )
    if images := sorted(set(listed.stdout.split())):
        subprocess.run(["docker", "rmi", "--force", *images], capture_output=True, check=True)


def test_a_tag_is_the_hash_of_what_goes_into_the_image(tmp_path: Path) -> None:
    toolchain = _toolchain(tmp_path / "a")
    tag = image_tag(toolchain, b"")
    assert tag.startswith("llmbench-test:")
    assert len(tag.split(":")[1]) == 12
    assert image_tag(_toolchain(tmp_path / "b"), b"") == tag, "the place does not matter"
    (tmp_path / "a" / "__pycache__").mkdir()
    (tmp_path / "a" / "__pycache__" / "x.pyc").write_bytes(b"x")
    (tmp_path / "a" / "__init__.py").write_bytes(b"x")
    assert image_tag(toolchain, b"") == tag, "nor does Python's own"
    others = {tag, image_tag(toolchain, b"authority")}
    (tmp_path / "a" / "more").write_bytes(b"x")
    others.add(image_tag(toolchain, b""))
    (tmp_path / "a" / "more").write_bytes(b"y")
    others.add(image_tag(toolchain, b""))
    (tmp_path / "a" / "more").rename(tmp_path / "a" / "less")
    others.add(image_tag(toolchain, b""))
    assert len(others) == 5


def test_a_wrong_ca_bundle_is_named(tmp_path: Path) -> None:
    assert read_ca_bundle(None) == b""
    with pytest.raises(UsageError, match=r"sandbox\.ca_bundle.*missing\.pem"):
        read_ca_bundle(str(tmp_path / "missing.pem"))
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("-----BEGIN CERTIFICATE-----\nnot\n-----END CERTIFICATE-----\n", encoding="utf-8")
    with pytest.raises(UsageError, match="PEM"):
        read_ca_bundle(str(wrong))


@pytest.mark.docker
@pytest.mark.usefixtures("_no_test_images_left")
def test_proxies_and_the_authority_reach_the_build(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text(_CA_PEM, encoding="utf-8")
    options = DockerOptions(ca_bundle=str(bundle))
    proxies = {
        "http_proxy": "http://u:p@proxy.test:1",
        "HTTPS_PROXY": "http://proxy.test:2",
        "no_proxy": "here.test",
    }
    toolchain = _toolchain(tmp_path / "toolchain")
    asyncio.run(_sandbox(tmp_path, options, **proxies).prepare(toolchain))
    tag = image_tag(toolchain, _CA_PEM.encode())
    seen = _docker("run", "--rm", "--network", "none", tag, "cat", "/seen", CA_PATH)
    assert (
        seen == f"{proxies['http_proxy']} {proxies['HTTPS_PROXY']} here.test {CA_PATH} {CA_PATH}\n{_CA_PEM}"
    )
    history = _docker("history", "--no-trunc", tag)
    assert "u:p@" not in history


@pytest.mark.docker
@pytest.mark.usefixtures("_no_test_images_left")
def test_without_them_the_build_sees_none_and_is_done_once(tmp_path: Path) -> None:
    toolchain = _toolchain(tmp_path / "toolchain")
    said: list[str] = []
    context = Context(work_dir=tmp_path, cache_dir=tmp_path, secrets={"PATH": "x"}, progress=said.append)

    async def prepare_thrice() -> None:
        sandboxes = [Docker(DockerOptions(), context) for _ in range(3)]
        await asyncio.gather(*(sandbox.prepare(toolchain) for sandbox in sandboxes))

    asyncio.run(prepare_thrice())
    assert sum(line.startswith("building ") and "Successfully built" in line for line in said) <= 1
    assert sum(line == f"building {image_tag(toolchain, b'')}" for line in said) == 1
    seen = _docker("run", "--rm", "--network", "none", image_tag(toolchain, b""), "cat", "/seen")
    assert seen.strip() == ""


@pytest.mark.docker
def test_a_failed_build_shows_the_end_of_its_log(tmp_path: Path) -> None:
    toolchain = _toolchain(tmp_path / "toolchain", "FROM debian:bookworm-slim\nRUN echo so it goes; exit 3\n")
    with pytest.raises(PrerequisiteError, match=r"(?s)llmbench-test.*so it goes.*sandbox\.ca_bundle"):
        asyncio.run(_sandbox(tmp_path, DockerOptions()).prepare(toolchain))


_PREPARING = """
import asyncio, sys
from pathlib import Path
from llmbench.api import Context, Program, Toolchain
from llmbench_plugins.sandboxes.docker import Docker
folder = Path(sys.argv[1])
context = Context(work_dir=folder, cache_dir=folder, progress=lambda text: print(text, flush=True))
toolchain = Toolchain(name="test", folder=folder / "toolchain", programs=(Program(name="sh"),))
asyncio.run(Docker(Docker.Options(), context).prepare(toolchain))
"""


@pytest.mark.docker
def test_an_interrupted_build_ends_here_and_in_the_engine(tmp_path: Path) -> None:
    command = f"sleep 61.{os.getpid()}"
    _toolchain(tmp_path / "toolchain", f"FROM debian:bookworm-slim\nRUN {command}\n")
    argv = [sys.executable, "-c", _PREPARING, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as preparing:
        assert preparing.stdout is not None
        assert any("Running in" in line for line in iter(preparing.stdout.readline, ""))
        preparing.send_signal(signal.SIGINT)
        preparing.communicate(timeout=20)
    deadline = time.monotonic() + 20
    while command in (running := _docker("ps", "--no-trunc", "--format", "{{.Command}}")):
        assert time.monotonic() < deadline, running
        time.sleep(0.2)


@pytest.mark.docker
def test_a_missing_image_is_no_reason_to_build_unasked(tmp_path: Path) -> None:
    toolchain = _toolchain(tmp_path / "toolchain", "FROM debian:bookworm-slim\nRUN true # never built\n")
    with pytest.raises(SandboxError, match="llmbench prepare"):
        asyncio.run(_sandbox(tmp_path, DockerOptions()).open(toolchain, Limits()))


@pytest.mark.docker
def test_a_toolchain_without_a_dockerfile_is_missing(tmp_path: Path) -> None:
    toolchain = replace(PYTHON, folder=tmp_path)
    assert "no Dockerfile" in asyncio.run(_sandbox(tmp_path, DockerOptions()).missing(toolchain))
