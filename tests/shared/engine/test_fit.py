"""What is said where no engine can be used, and what to do then."""

import asyncio
import json
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from llmbench_plugins.shared.engine import EngineError, connect_fit
from llmbench_plugins.shared.engine.endpoint import Endpoint
from llmbench_plugins.shared.engine.fit import why_no_answer

FIT = {"OSType": "linux", "MemoryLimit": True, "PidsLimit": True}


@contextmanager
def _engine(place: Path, info: Mapping[str, object]) -> Iterator[None]:
    """A socket at which something says of itself what an engine would."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        listening.listen()
        thread = threading.Thread(target=_serve, args=(listening, info), daemon=True)
        thread.start()
        yield
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(listening: socket.socket, info: Mapping[str, object]) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            while asked := connection.recv(1 << 16):
                told = {"ApiVersion": "1.41"} if b"/version" in asked.split(b"\r\n")[0] else info
                content = json.dumps(told).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}"
                connection.sendall(head.encode() + b"\r\n\r\n" + content)
                break


def _why(tmp_path: Path, *sockets: Path, limits: bool = True, **environment: str) -> str:
    async def connect() -> None:
        settings = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], **environment}
        engine = await connect_fit(limits=limits, environment=settings, sockets=sockets)
        engine.close()

    with pytest.raises(EngineError) as raised:
        asyncio.run(connect())
    return str(raised.value)


def test_a_machine_without_docker_is_told_to_install_it(tmp_path: Path) -> None:
    said = _why(tmp_path, tmp_path / "none", PATH=str(tmp_path))
    assert said == "docker is not installed; see https://docs.docker.com/get-started/get-docker/"


def test_a_machine_with_its_command_alone_is_told_to_start_it(tmp_path: Path) -> None:
    command = tmp_path / "docker"
    command.touch(mode=0o755)
    said = _why(tmp_path, tmp_path / "none", PATH=str(tmp_path))
    assert said == (
        f"no Docker engine answers (no socket at {tmp_path}/none); "
        "start it: sudo systemctl start docker, or open Docker Desktop"
    )


def test_an_engine_that_has_gone_is_to_be_started(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(tmp_path / "gone"))
    said = _why(tmp_path, tmp_path / "gone")
    assert said.startswith(f"no Docker engine answers ({tmp_path}/gone: Connection refused); start it: ")


def test_a_user_who_may_not_is_told_of_the_group() -> None:
    place = "/var/run/docker.sock"
    said = why_no_answer(Endpoint(url=f"unix://{place}", named_by=place), f"{place}: Permission denied")
    assert said == (
        f"the Docker engine refuses this user ({place}: Permission denied); "
        "add the user to its group: sudo usermod -aG docker $USER, then log in again"
    )
    # The group of another machine is none of ours, and it is a key that is missing there.
    there = Endpoint(url="ssh://there", named_by="DOCKER_HOST=ssh://there")
    assert "usermod" not in why_no_answer(there, "Permission denied (publickey).")


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("tcp://127.0.0.1:1", "(DOCKER_HOST=tcp://127.0.0.1:1: Connection refused)"),
        ("smoke://signals", "(DOCKER_HOST=smoke://signals: Invalid bind address protocol: smoke://signals)"),
        ("ssh://-oProxyCommand=x", "is no address; expected ssh://[user@]host[:port]"),
        ("ssh://a:b:c", "is no address"),
    ],
)
def test_an_address_that_leads_nowhere_is_named(tmp_path: Path, host: str, said: str) -> None:
    assert said in _why(tmp_path, DOCKER_HOST=host)


def test_keys_that_are_not_there_are_told(tmp_path: Path) -> None:
    said = _why(
        tmp_path, DOCKER_HOST="tcp://127.0.0.1:1", DOCKER_TLS_VERIFY="1", DOCKER_CERT_PATH=str(tmp_path)
    )
    assert "Path to a certificate and key files must be provided" in said


def test_a_context_that_nobody_knows_is_named(tmp_path: Path) -> None:
    said = _why(tmp_path, DOCKER_CONTEXT="llmbench-none")
    assert "(DOCKER_CONTEXT=llmbench-none: no such context beside docker's config.json; " in said


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ({**FIT, "OSType": "windows"}, "runs windows containers; switch it to Linux containers"),
        ({**FIT, "BuildahVersion": "1.28.2"}, "the engine is Podman, which can't limit"),
        ({**FIT, "MemoryLimit": False}, "can't limit memory and processes"),
        ({**FIT, "PidsLimit": False}, "use sandbox=bubblewrap"),
    ],
)
def test_an_engine_that_can_not_do_it_is_told_apart(
    tmp_path: Path, info: Mapping[str, object], said: str
) -> None:
    with _engine(tmp_path / "engine", info):
        assert said in _why(tmp_path, tmp_path / "engine")


def test_limits_may_not_matter(tmp_path: Path) -> None:
    async def connect() -> None:
        engine = await connect_fit(
            limits=False, environment={"HOME": str(tmp_path)}, sockets=[tmp_path / "engine"]
        )
        engine.close()

    with _engine(tmp_path / "engine", {"OSType": "linux"}):
        asyncio.run(connect())
