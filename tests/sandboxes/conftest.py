"""Skips what this machine can't run, with the reason."""

import asyncio
from pathlib import Path

import pytest

from llmbench.api import Context, NoOptions
from llmbench_plugins.sandboxes.bubblewrap import Bubblewrap
from llmbench_plugins.sandboxes.docker.sandbox import Docker, DockerOptions
from llmbench_plugins.toolchains.python import PYTHON

from .certificates import make_certificates


@pytest.fixture(scope="session")
def no_docker(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Why there is no Docker here."""
    folder = tmp_path_factory.mktemp("docker")
    sandbox = Docker(DockerOptions(), Context(work_dir=folder, cache_dir=folder))
    return asyncio.run(sandbox.missing(PYTHON))


@pytest.fixture(scope="session")
def no_bubblewrap(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Why there is no bubblewrap here."""
    folder: Path = tmp_path_factory.mktemp("bubblewrap")
    sandbox = Bubblewrap(NoOptions(), Context(work_dir=folder, cache_dir=folder))
    return asyncio.run(sandbox.missing(PYTHON))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ca.pem, and for each end a certificate and a key."""
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture(autouse=True)
def _skip_what_is_missing(request: pytest.FixtureRequest) -> None:
    for name in ("docker", "bubblewrap"):
        if request.node.get_closest_marker(name) and (reason := request.getfixturevalue(f"no_{name}")):
            pytest.skip(reason)
