"""What README and tutorial tell a newcomer to type works in an empty folder, and prints what they show.

A page is a sequence of marked blocks: ``<!-- run -->`` before commands, ``<!-- file: PATH -->`` before what
the reader is to write there, ``<!-- output: COMMAND -->`` before what that command printed. The README's
``pip install`` fetches its build backend, so this needs a package index.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from llmbench.api import Sandbox

ROOT = Path(__file__).parents[2]
LIMIT_S = 240
"""For one block."""

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Block:
    """A marked block of a page."""

    kind: str
    argument: str
    text: str


def blocks(page: Path) -> list[Block]:
    marked = re.compile(r"<!-- (run|file|output)(?:: (.*?))? -->\n```\w*\n(.*?)```\n", re.DOTALL)
    return [Block(*match.groups(default="")) for match in marked.finditer(page.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment on top of this one, so that the pages' ``pip install`` touches nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=300)
    python = folder / "bin/python"
    own = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    outer = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    Path(own.stdout.strip(), "outer.pth").write_text(outer)
    for name in ("llmbench", "pip", "pytest"):
        script = folder / "bin" / name
        script.write_text(f'#!/bin/sh\nexec "{python}" -m {name} "$@"\n')
        script.chmod(0o755)
    return folder / "bin"


@pytest.fixture
def environment(bin_folder: Path, isolating_sandbox: Sandbox) -> dict[str, str]:
    """The newcomer's: 80 columns, and the sandbox that this machine has."""
    path = f"{bin_folder}:{os.environ['PATH']}"
    chosen = {"PATH": path, "COLUMNS": "80", "PYTEST_ADDOPTS": "", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if isolating_sandbox.context.label == "tests" and type(isolating_sandbox).__name__ == "Bubblewrap":
        chosen["DOCKER_HOST"] = "unix:///nonexistent"  # building an image would take minutes
    return os.environ | chosen


def run(script: str, folder: Path, environment: dict[str, str]) -> str:
    """Run a block as it stands; whatever it leaves running ends with it."""
    process = subprocess.Popen(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        pytest.fail(f"did not end within {LIMIT_S} s:\n{script}\n{output}")
    assert process.returncode == 0, f"{script}\n{output}"
    return output


def comparable(text: str) -> Iterator[str]:
    """Yield the lines that every machine prints alike, with any run's id and any speed before it."""
    for line in text.splitlines():
        if not re.search(r"speed|time|sweeps/|  GPU  |server's (memory|cores)", line) and line.strip():
            plain = re.sub(r"(?<= of 10)\s+([\d.]+\s+)?(?=[0-9a-f]{10}\b)", "  ", line)
            yield re.sub(r"\b[0-9a-f]{10}\b", "0123456789", plain).rstrip()


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial/first-run.md"])
def test_a_page_does_as_it_says(page: str, tmp_path: Path, environment: dict[str, str]) -> None:
    # Weights that the README takes for the reader's own.
    shutil.copy(ROOT / "models/demo.gguf", tmp_path / "mine.gguf")
    printed: dict[str, str] = {}
    kinds = []
    for block in blocks(ROOT / page):
        kinds.append(block.kind)
        if block.kind == "file":
            assert (tmp_path / block.argument).parent.is_dir() or block.argument.startswith("conf/")
            (tmp_path / block.argument).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.argument).write_text(block.text, encoding="utf-8")
        elif block.kind == "run":
            printed[block.text.strip()] = run(block.text, tmp_path, environment)
        else:
            actual = list(comparable(printed[block.argument]))
            missing = [line for line in comparable(block.text) if line not in actual]
            assert missing == [], "\n".join(actual)
    assert {"run", "file", "output"} <= set(kinds)
    assert kinds.count("run") >= 8
