"""Fixtures for all tests: boxes that work on this machine, and a clean environment."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from llmbench_plugins.toolchains.python import PYTHON

from llmbench.api import Context, Sandbox
from llmbench.registry import load
from llmbench.testing.validator import OpenBoxes


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own keys and settings out of the tests."""
    for name in list(os.environ):
        if name.startswith("LLMBENCH_") or name.endswith("_API_KEY"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def isolating_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The first sandbox of this machine that isolates; skips where there is none."""
    folder = tmp_path_factory.mktemp("sandbox")
    context = Context(work_dir=folder, cache_dir=folder / "cache", label="tests")
    reasons = []
    for name in ("bubblewrap", "docker"):
        kind: type[Sandbox] = load("sandbox", name)
        sandbox = kind(kind.Options(), context)
        reason = asyncio.run(sandbox.missing(PYTHON))
        if not reason:
            asyncio.run(sandbox.prepare(PYTHON))
            yield sandbox
            asyncio.run(sandbox.close())
            return
        reasons.append(reason)
    pytest.skip(f"no isolating sandbox: {'; '.join(reasons)}")


@pytest.fixture
def boxes(isolating_sandbox: Sandbox) -> OpenBoxes:
    """Boxes in which model-written code may run."""
    return OpenBoxes(isolating_sandbox, [PYTHON])


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """Surroundings for a plugin."""
    return Context(work_dir=tmp_path / "run", cache_dir=tmp_path / "cache", label="tests")
