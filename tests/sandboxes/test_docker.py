"""The sandbox ``docker``: the conformance suite."""

import os
from pathlib import Path

import pytest
from llmbench_plugins.sandboxes.docker import Docker, DockerOptions
from llmbench_plugins.toolchains.python import PYTHON

from llmbench.api import Context
from llmbench.testing.sandbox import SandboxConformance

pytestmark = pytest.mark.docker


class TestDocker(SandboxConformance):
    """All of it."""

    toolchain = PYTHON

    def make_sandbox(self, tmp_path: Path) -> Docker:
        """Return a sandbox with a label of its own, as others may run on this machine."""
        context = Context(
            work_dir=tmp_path, cache_dir=tmp_path, label=f"test-docker-{tmp_path.name}-{os.getpid()}"
        )
        return Docker(DockerOptions(build_network="host"), context)
