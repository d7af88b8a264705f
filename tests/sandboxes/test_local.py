"""The sandbox ``local``: what every sandbox must do."""

import os
from pathlib import Path

from llmbench.api import Context, NoOptions
from llmbench.testing.sandbox import SandboxBehaviour
from llmbench_plugins.sandboxes.local import Local
from llmbench_plugins.toolchains.python import PYTHON


class TestLocal(SandboxBehaviour):
    """All of it."""

    toolchain = PYTHON

    def make_sandbox(self, tmp_path: Path) -> Local:
        """Return a sandbox with a label of its own, as others may run on this machine."""
        context = Context(
            work_dir=tmp_path, cache_dir=tmp_path, label=f"test-local-{tmp_path.name}-{os.getpid()}"
        )
        return Local(NoOptions(), context)
