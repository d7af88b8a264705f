"""Fixtures for all tests: boxes that work on this machine, and a clean environment."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from llmbench.api import Context, Sandbox
from llmbench.registry import load
from llmbench.testing.validator import OpenBoxes
from llmbench_plugins.toolchains.python import PYTHON

# How long an example takes says how busy the machine is.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

ALLOWED_SKIPS = ("no network, says", *(("only on macOS",) if sys.platform == "linux" else ()))
"""Reasons for which a test may be skipped where nothing should be (LLMBENCH_NO_SKIPS=1)."""


ON_REQUEST = {"polyglot": "LLMBENCH_POLYGLOT"}
"""Markers of tests that somebody has to ask for, by the variable that says where their data is."""


def _unasked() -> dict[str, str]:
    return {marker: name for marker, name in ON_REQUEST.items() if not os.environ.get(name)}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what nobody asked for; unlike a skip, that is no gap in a gate."""
    left_out = [item for item in items if any(item.get_closest_marker(marker) for marker in _unasked())]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_report_header() -> list[str]:
    """Say what is left out."""
    return [f"tests marked '{marker}' are left out: {name} is not set" for marker, name in _unasked().items()]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With LLMBENCH_NO_SKIPS=1 turn a skip into a failure: a gate must not pass by leaving things out."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("LLMBENCH_NO_SKIPS") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(allowed in reason for allowed in ALLOWED_SKIPS):
            report.outcome = "failed"
            report.longrepr = f"unexpected skip: {reason}"
    return report


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own keys and settings out of the tests."""
    for name in list(os.environ):
        if (name.startswith("LLMBENCH_") and name != "LLMBENCH_NO_SKIPS") or name.endswith("_API_KEY"):
            monkeypatch.delenv(name)
    for name in ("DEFAULT_MODEL", "DEFAULT_TEMPERATURE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def no_bubblewrap(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Why there are no boxes of bubblewrap here; an empty string where there are."""
    folder = tmp_path_factory.mktemp("bubblewrap")
    kind: type[Sandbox] = load("sandbox", "bubblewrap")
    return asyncio.run(kind(kind.Options(), Context(work_dir=folder, cache_dir=folder)).missing(PYTHON))


@pytest.fixture(autouse=True)
def _skip_without_bubblewrap(request: pytest.FixtureRequest) -> None:
    marked = request.node.get_closest_marker("bubblewrap")
    if marked and (reason := request.getfixturevalue("no_bubblewrap")):
        pytest.skip(reason)


@pytest.fixture
def program(tmp_path: Path) -> str:
    """A program that stands for an outside agent; its first argument says what it does."""
    path = tmp_path / "agents/bin/outside"
    path.parent.mkdir(parents=True)
    text = (Path(__file__).parent / "agents/outside_agent.py").read_text(encoding="utf-8")
    path.write_text(f"#!/usr/bin/env python3\n{text}", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


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


@pytest.fixture(scope="session")
def evalplus_data() -> Path:
    """The folder with HumanEvalPlus.jsonl.gz and MbppPlus.jsonl.gz, which are no part of the project."""
    given = os.environ.get("LLMBENCH_EVALPLUS_DATA")
    folder = Path(given) if given else Path(__file__).parents[2] / "shared" / "data"
    if not (folder / "HumanEvalPlus.jsonl.gz").is_file():
        pytest.skip(f"no release files of EvalPlus in {folder}; name their folder in LLMBENCH_EVALPLUS_DATA")
    return folder


_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all: to start it costs more than what is done in it.

    It is not the session's, for Playwright keeps an event loop running, and other tests want theirs.
    """
    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if program is None:
        pytest.skip(f"no browser on PATH: {', '.join(_BROWSERS)}")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program)
        yield browser
        browser.close()


@pytest.fixture
def axe() -> Callable[[Any], list[str]]:
    """What axe finds wrong with a page, a line each."""
    module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

    def find(page: Any) -> list[str]:
        found = module.Axe().run(page, options=_RULES).response["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]

    return find
