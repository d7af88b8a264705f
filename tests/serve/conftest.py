"""A dashboard over a few runs: asked directly, or served for real and opened in a browser."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Outcome
from llmbench.testing.runs import ORDINARY_RUN, MadeSample, RunRecipe, write_run

pytest.importorskip("fastapi", reason="the extra [serve] is not installed")

import uvicorn
from starlette.testclient import TestClient

from llmbench.serve.app import create_app
from llmbench.serve.settings import Allowed, Settings

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 400, "height": 800}
_PATIENCE_MS = 10_000
_PATIENCE_S = 10.0
_BETTER = RunRecipe(
    made=[
        *(MadeSample(task=f"python/{task}") for task in ("leap", "brackets", "caesar", "fizzbuzz")),
        MadeSample(task="python/lru_cache", outcome=Outcome.TIMEOUT, reason="took more than 10 s"),
    ],
    model="large",
    run_id="2a2b3c4d5e",
    ended="2026-03-02T20:01:05.000+00:00",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of two runs of the same tasks; a module that needs others has a fixture of this name."""
    folder = tmp_path / "outputs"
    write_run(folder / "catalog" / "tiny-llamacpp-prompt-1a2b3c4d5e", ORDINARY_RUN)
    write_run(folder / "catalog" / "large-llamacpp-prompt-2a2b3c4d5e", _BETTER)
    return folder


@pytest.fixture
def allowed() -> Allowed:
    """What launches may do; a module that needs more has a fixture of this name."""
    return Allowed()


@pytest.fixture
def client(root: Path, allowed: Allowed) -> TestClient:
    """Asks the dashboard without a network; follows no redirect."""
    app = create_app(Settings(root=root, allowed=allowed))
    return TestClient(app, base_url="http://127.0.0.1:7860", follow_redirects=False)


@pytest.fixture
def server(root: Path, allowed: Allowed) -> Iterator[str]:
    """A dashboard that listens on a free port of this machine: its address."""
    with serving(root, allowed) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def serving(root: Path, allowed: Allowed, port: int = 0) -> Iterator[int]:
    """Have a dashboard that listens on a port of this machine, a free one unless told otherwise."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        port = listening.getsockname()[1]
        app = create_app(Settings(root=root, port=port, allowed=allowed))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield port
        finally:
            server.should_exit = True
            thread.join(_PATIENCE_S)
        assert not thread.is_alive()


@pytest.fixture
def visit(browser: Any, server: str) -> Iterator[Callable[..., Any]]:
    """Open a page of the dashboard; at the end nothing may have been complained of, or asked elsewhere."""
    opened: list[Any] = []
    wrong: list[str] = []

    def show(path: str = "/", *, cookies: str = "", **options: Any) -> Any:
        context = browser.new_context(
            **{"viewport": DESK, "color_scheme": "dark", **options}, base_url=server
        )
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        page.on("console", lambda message: _complained(message, page, wrong))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: _asked(request.url, server, wrong))
        page.goto(path)
        return page

    yield show
    for context in opened:
        context.close()
    assert wrong == []


@pytest.fixture
def page(visit: Callable[..., Any]) -> Any:
    """The home page, in the dark, on a desk; ``page.goto("/runs")`` leads elsewhere."""
    return visit("/")


def _complained(message: Any, page: Any, wrong: list[str]) -> None:
    """Note what the console says, but not that the page itself has another status than 200."""
    is_status = "Failed to load resource" in message.text and message.location["url"] == page.url
    if message.type in ("error", "warning") and not is_status:
        wrong.append(f"{page.url}: {message.text}")


def _asked(url: str, server: str, wrong: list[str]) -> None:
    if not url.startswith((f"{server}/", "data:", "blob:")):
        wrong.append(f"asked elsewhere: {url}")
