"""Where an engine is looked for, and in which order; nothing here needs one."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from llmbench_plugins.shared.engine.endpoint import Endpoint, find_endpoint, usual_sockets, why_closed


@pytest.fixture
def sockets(tmp_path: Path) -> Iterator[list[Path]]:
    """Three sockets: one that nobody listens at any more, two that are alive."""
    places = [tmp_path / name for name in ("dead", "alive", "other")]
    with ExitStack() as stack:
        for place in places:
            listening = stack.enter_context(socket.socket(socket.AF_UNIX))
            listening.bind(str(place))
            if place.name != "dead":
                listening.listen()
        yield places


def _config(folder: Path, **settings: object) -> dict[str, str]:
    (folder / ".docker").mkdir(exist_ok=True)
    (folder / ".docker/config.json").write_text(json.dumps(settings), encoding="utf-8")
    return {"HOME": str(folder)}


def test_the_order_is_the_docker_commands(tmp_path: Path, sockets: list[Path]) -> None:
    environment = _config(tmp_path, currentContext="colima")
    by_config = Endpoint(context="colima", named_by="docker's current context, colima")
    assert find_endpoint(environment, sockets) == by_config
    environment["DOCKER_CONTEXT"] = "desktop-linux"
    by_variable = Endpoint(context="desktop-linux", named_by="DOCKER_CONTEXT=desktop-linux")
    assert find_endpoint(environment, sockets) == by_variable
    environment["DOCKER_HOST"] = "tcp://there:2376"
    assert find_endpoint(environment, sockets) == Endpoint(
        url="tcp://there:2376", named_by="DOCKER_HOST=tcp://there:2376"
    )


def test_without_a_word_it_is_the_first_socket_that_answers(tmp_path: Path, sockets: list[Path]) -> None:
    for environment in ({"HOME": str(tmp_path)}, {"HOME": str(tmp_path), "DOCKER_CONTEXT": "default"}):
        found = find_endpoint(environment, [tmp_path / "none", *sockets])
        assert found == Endpoint(url=f"unix://{tmp_path}/alive", named_by=f"{tmp_path}/alive")


def test_a_socket_that_does_not_answer_is_better_than_none(tmp_path: Path, sockets: list[Path]) -> None:
    found = find_endpoint({"HOME": str(tmp_path)}, sockets[:1])
    assert found is not None
    assert found.url == f"unix://{tmp_path}/dead"
    assert why_closed(sockets[0]) == f"{tmp_path}/dead: Connection refused"
    assert why_closed(sockets[1]) == ""
    assert find_endpoint({"HOME": str(tmp_path)}, [tmp_path / "none"]) is None


@pytest.mark.parametrize("content", ["", "[]", '{"currentContext": 7}', '{"currentContext": ""}', "\xff"])
def test_a_config_that_says_nothing_is_none(tmp_path: Path, content: str, sockets: list[Path]) -> None:
    (tmp_path / "config.json").write_text(content, encoding="latin-1")
    found = find_endpoint({"DOCKER_CONFIG": str(tmp_path)}, sockets)
    assert found is not None
    assert found.context == ""


def test_engines_of_this_user_are_looked_for_as_well() -> None:
    assert list(map(str, usual_sockets({"HOME": "/home/a", "XDG_RUNTIME_DIR": "/run/user/7"}))) == [
        "/var/run/docker.sock",
        "/run/user/7/docker.sock",
        "/home/a/.docker/run/docker.sock",
        "/home/a/.docker/desktop/docker.sock",
    ]
