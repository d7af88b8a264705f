"""The sandbox ``bubblewrap``: the conformance suite."""

import os
from pathlib import Path

import pytest

from llmbench.api import Context, NoOptions
from llmbench.testing.sandbox import SandboxConformance
from llmbench_plugins.sandboxes.bubblewrap import Bubblewrap
from llmbench_plugins.toolchains.python import PYTHON

pytestmark = pytest.mark.bubblewrap


class TestBubblewrap(SandboxConformance):
    """All of it."""

    toolchain = PYTHON

    def make_sandbox(self, tmp_path: Path) -> Bubblewrap:
        """Return a sandbox with a label of its own, as others may run on this machine."""
        context = Context(
            work_dir=tmp_path, cache_dir=tmp_path, label=f"test-bubblewrap-{tmp_path.name}-{os.getpid()}"
        )
        return Bubblewrap(NoOptions(), context)
