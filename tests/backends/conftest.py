"""Fixtures of the backend tests."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from llmbench.api import Completion, Context, Message, ModelProfile, Request
from llmbench_plugins.backends.openai import OpenAI, OpenAIOptions

KEY = "sk-test-4711"


@pytest.fixture
def said() -> list[str]:
    """Lines that a backend showed through ``context.progress`` and ``context.warn``."""
    return []


@pytest.fixture
def context(tmp_path: Path, said: list[str]) -> Context:
    work, cache = tmp_path / "work", tmp_path / "cache"
    work.mkdir()
    cache.mkdir()
    return Context(
        work_dir=work,
        cache_dir=cache,
        label="test",
        secrets={"OPENAI_API_KEY": KEY},
        warn=said.append,
        progress=said.append,
    )


@pytest.fixture
def ask(context: Context) -> Callable[..., Completion]:
    """Enter ``openai`` at a URL, ask one question, leave, and return the answer."""

    def ask(url: str, request: Request | None = None, *, model: str = "stub", **options: Any) -> Completion:
        async def once() -> Completion:
            chosen = OpenAIOptions(url=url, **{"retries": 0, **options})
            async with OpenAI(chosen, ModelProfile(name=model), context) as backend:
                return await backend.complete(
                    request or Request(messages=(Message("user", "Hi"),), max_tokens=100)
                )

        return bounded(once())

    return ask


@pytest.fixture(name="bounded")
def bounded_fixture() -> Callable[[Awaitable[Any]], Any]:
    """Run a coroutine, for a minute at most: machines can be busy."""
    return bounded


def bounded(work: Awaitable[Any]) -> Any:
    async def limited() -> Any:
        return await asyncio.wait_for(work, 60)

    return asyncio.run(limited())


@pytest.fixture(scope="session")
def weights() -> Path:
    """A tiny model with random weights."""
    return Path(__file__).parents[1] / "data" / "random.gguf"


@pytest.fixture(scope="session")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An executable with the command line of ``llama-server``."""
    program = tmp_path_factory.mktemp("bin") / "llama-server"
    text = (Path(__file__).parent / "llama_server.py").read_text(encoding="utf-8")
    program.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
    program.chmod(0o755)
    return program
