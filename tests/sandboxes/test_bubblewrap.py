"""The sandbox ``bubblewrap``: the conformance suite, and what it needs of the host."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

import llmbench
import llmbench_plugins
from llmbench.api import Context, Limits, NoOptions, Program, Ran, closing
from llmbench.errors import PrerequisiteError
from llmbench.testing.sandbox import SandboxConformance
from llmbench_plugins.sandboxes.bubblewrap import Bubblewrap
from llmbench_plugins.sandboxes.shared.seccomp import refused_calls
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


def _sandbox(tmp_path: Path) -> Bubblewrap:
    return TestBubblewrap().make_sandbox(tmp_path)


def test_a_program_that_the_host_lacks_is_explained(tmp_path: Path) -> None:
    cure = Program(name="llmbench-no-such-compiler", cure="sudo apt-get install it")
    toolchain = replace(PYTHON, name="lacking", programs=(*PYTHON.programs, cure))
    reason = asyncio.run(_sandbox(tmp_path).missing(toolchain))
    assert "llmbench-no-such-compiler does not run in a box" in reason
    assert "sudo apt-get install it" in reason
    with pytest.raises(PrerequisiteError, match="sandbox=bubblewrap"):
        asyncio.run(_sandbox(tmp_path).prepare(toolchain))


def test_a_program_outside_the_system_is_shown_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not below tmp_path, to which only its owner has access.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        prefix = Path(folder)
        prefix.chmod(0o755)
        (prefix / "bin").mkdir()
        (prefix / "secret").write_text("shown, as it belongs to the program", encoding="utf-8")
        tool = prefix / "bin" / "llmbench-tool"
        tool.write_text(
            "#!/bin/sh\ncat $(dirname $0)/../secret; touch $(dirname $0)/x || true\n", encoding="utf-8"
        )
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", f"{prefix / 'bin'}:{os.environ['PATH']}")
        toolchain = replace(PYTHON, name="tool", programs=(Program(name="llmbench-tool"),))

        async def body() -> Ran:
            sandbox = _sandbox(tmp_path)
            assert await sandbox.missing(toolchain) == ""
            async with closing(await sandbox.open(toolchain, Limits())) as box:
                return await box.run(["llmbench-tool"])

        ran = asyncio.run(body())
        assert ran.stdout.startswith(b"shown")
        assert b"Read-only" in ran.stderr
        assert not (prefix / "bin" / "x").exists()


def test_missing_tools_are_named_with_their_packages(tmp_path: Path) -> None:
    program = (
        "import asyncio, pathlib\n"
        "from llmbench.api import Context, NoOptions\n"
        "from llmbench_plugins.sandboxes.bubblewrap import Bubblewrap\n"
        "from llmbench_plugins.toolchains.python import PYTHON\n"
        "context = Context(work_dir=pathlib.Path(), cache_dir=pathlib.Path())\n"
        "print(asyncio.run(Bubblewrap(NoOptions(), context).missing(PYTHON)))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "bwrap, nsenter, prlimit, setpriv not found" in said.stdout
    assert "apt-get install bubblewrap util-linux" in said.stdout


def test_calls_that_hide_memory_or_pry_at_the_kernel_are_refused(tmp_path: Path) -> None:
    code = (
        "import ctypes, errno\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        f"for number in {sorted(refused_calls())}:\n"
        "    assert libc.syscall(number, 0, 0, 0, 0, 0) == -1\n"
        "    assert ctypes.get_errno() == errno.ENOSYS, number\n"
        "import os; print(os.getpid() > 0)\n"
    )

    async def body() -> Ran:
        async with closing(await _sandbox(tmp_path).open(PYTHON, Limits())) as box:
            return await box.run(["python3", "-c", code])

    ran = asyncio.run(body())
    assert ran.stdout == b"True\n", ran
    assert refused_calls(), "the filter must know this machine's architecture"


def test_llmbench_itself_is_hidden_where_its_folder_is_shown() -> None:
    """Installed into the very prefix that a box needs, tasks and reference solutions would be readable."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        prefix = Path(folder)
        prefix.chmod(0o755)
        packages = prefix / "lib" / "site-packages"
        for module in (llmbench, llmbench_plugins):
            (source,) = module.__path__
            shutil.copytree(
                source, packages / Path(source).name, ignore=shutil.ignore_patterns("__pycache__")
            )
        (prefix / "cache").mkdir()
        (prefix / "cache" / "answers").write_text("secret", encoding="utf-8")
        (prefix / "bin").mkdir()
        tool = prefix / "bin" / "llmbench-tool"
        tool.write_text(f"#!/bin/sh\nfind {prefix} -type f; touch {packages}/x\n", encoding="utf-8")
        tool.chmod(0o755)
        said = subprocess.run(
            [sys.executable, "-c", _INSTALLED.format(prefix=str(prefix))],
            env={
                **os.environ,
                "PYTHONPATH": f"{packages}:{os.environ.get('PYTHONPATH', '')}",
                "PATH": f"{prefix}/bin:{os.environ['PATH']}",
            },
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout == f"{tool}\n"


_INSTALLED = """
import asyncio
from pathlib import Path
from llmbench.api import Context, Limits, NoOptions, Program, Toolchain, closing
from llmbench_plugins.sandboxes.bubblewrap import sandbox
prefix = Path({prefix!r})
assert sandbox.__file__.startswith(str(prefix))
async def main():
    context = Context(work_dir=prefix / "cache", cache_dir=prefix / "cache")
    boxes = sandbox.Bubblewrap(NoOptions(), context)
    toolchain = Toolchain(name="tool", folder=prefix, programs=(Program(name="llmbench-tool"),))
    async with closing(await boxes.open(toolchain, Limits())) as box:
        print((await box.run(["llmbench-tool"])).stdout.decode(), end="")
asyncio.run(main())
"""
