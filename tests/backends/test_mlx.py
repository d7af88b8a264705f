"""The ``mlx`` backend against mlx-lm's real server, on whatever processor this machine has."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from llmbench.api import (
    Backend,
    Context,
    Finish,
    Message,
    ModelProfile,
    Reasoning,
    Request,
    Sampling,
    ToolSpec,
)
from llmbench.errors import (
    BackendError,
    ContextOverflowError,
    ImpossibleError,
    PrerequisiteError,
    ProtocolError,
    UsageError,
)
from llmbench.testing.backend import BackendConformance
from llmbench_plugins.backends.mlx.backend import Mlx, MlxOptions, Source

pytest.importorskip("mlx_lm", reason="needs llmbench[mlx]")
THINKS = ModelProfile(name="tiny", reasoning=Reasoning(style="separate", enabled=True, think_tokens=64))
ADD = ToolSpec(name="add", description="Adds.", parameters={"type": "object"})
Make = Callable[..., Mlx]


@pytest.fixture(scope="session")
def mlx_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model whose answers are known."""
    folder = tmp_path_factory.mktemp("mlx") / "tiny"
    subprocess.run([sys.executable, Path(__file__).parent / "mlx_weights.py", folder], check=True)
    return folder


@pytest.fixture
def make(context: Context, mlx_model: Path) -> Make:
    def make(*, model: ModelProfile = THINKS, source: Source | None = None, **options: Any) -> Mlx:
        return Mlx(MlxOptions(source=source or Source(path=str(mlx_model)), **options), model, context)

    return make


class TestMlx(BackendConformance):
    @pytest.fixture(autouse=True)
    def _model(self, mlx_model: Path) -> None:
        self.folder = mlx_model

    def make_backend(self, context: Context) -> Backend:
        source = Source(path=str(self.folder), context=2048)
        return Mlx(MlxOptions(source=source, retries=0), ModelProfile(name="tiny"), context)

    def request(self, text: str = "babble", *, max_tokens: int = 8, seed: int = 1) -> Request:
        return Request(
            messages=(Message("user", text),), max_tokens=max_tokens, sampling=Sampling(), seed=seed, task="x"
        )


def test_answers_thoughts_and_calls_are_read_and_lost_calls_are_not_a_failure_of_the_model(
    make: Make, said: list[str], bounded: Callable[..., Any]
) -> None:
    async def ask() -> None:
        async with make(model=THINKS) as backend:
            thinking = await backend.complete(_request("Hi", reasoning=THINKS.reasoning))
            assert (thinking.reasoning, thinking.content) == ("Hm.", "So be it")
            off = Reasoning(style="separate", enabled=False)
            plain = await backend.complete(_request("Hi", reasoning=off))
            assert (plain.reasoning, plain.content, plain.finish) == ("", "Hello world", Finish.STOP)
            assert plain.usage.completion_tokens == 3
            called = await backend.complete(_request("Add", tools=(ADD,)))
            assert called.tool_calls[0].arguments == {"numbers": [1, 2]}
            assert called.finish is Finish.TOOL_CALLS
            mangled = await backend.complete(_request("mangle it", tools=(ADD,)))
            assert (mangled.finish, mangled.tool_calls) == (Finish.TOOL_CALLS, ())
            half = await backend.complete(_request("half of it", tools=(ADD,)))
            assert len(half.tool_calls) == 1

    bounded(ask())
    assert any("left out a tool call" in line for line in said)


def test_it_records_what_is_loaded_and_how(make: Make, mlx_model: Path, bounded: Callable[..., Any]) -> None:
    async def look() -> Any:
        async with make(
            seeded=False, concurrency=3, source=Source(path=str(mlx_model), context=512)
        ) as backend:
            got = await backend.complete(_request("babble", max_tokens=1200 // 3))
            assert got.finish is Finish.LENGTH
            with pytest.raises(ContextOverflowError, match=r"600 tokens.* 512 \(model\.sources\.mlx"):
                await backend.complete(_request("x" * 600))
            return await backend.describe(), backend.capacity

    described, capacity = bounded(look())
    assert capacity == described["slots"] == 3
    assert described["build"].startswith("mlx-lm ")
    assert len(described["weights_sha256"]) == len(described["chat_template_sha256"]) == 64
    assert described["trained_context"] == 32768
    assert json.loads(json.dumps(described)) == described


def test_an_error_of_the_server_is_told_in_its_words(make: Make, bounded: Callable[..., Any]) -> None:
    async def ask() -> None:
        async with make() as backend:
            with pytest.raises(BackendError, match="answered 40") as caught:
                await backend.complete(_request("Hi", sampling=Sampling(temperature=-1.0)))
            assert "temperature must be at least 0" in str(caught.value)
            assert type(caught.value) is not ProtocolError

    bounded(ask())


def test_a_model_that_cannot_be_loaded_is_an_error_with_the_log(
    make: Make, tmp_path: Path, bounded: Callable[..., Any]
) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(BackendError, match=r"server\.log"):
        bounded(_enter(make(source=Source(path=str(tmp_path)))))


def test_what_is_wrong_is_told_with_its_cure(make: Make, tmp_path: Path, bounded: Callable[..., Any]) -> None:
    with pytest.raises(PrerequisiteError, match=r"expected a folder with config\.json"):
        bounded(_enter(make(source=Source(path=str(tmp_path)))))
    with pytest.raises(ImpossibleError, match=r"model\.sources\.mlx\.repo"):
        bounded(_enter(make(source=Source())))
    with pytest.raises(UsageError, match="'--port' is set by llmbench"):
        bounded(_enter(make(extra_args=("--port", 1))))


KILLED = """
import asyncio, sys
from pathlib import Path
from llmbench.api import Context, ModelProfile
from llmbench_plugins.backends.mlx.backend import Mlx
from llmbench_plugins.backends.mlx.backend import MlxOptions
from llmbench_plugins.backends.mlx.backend import Source

async def main():
    folder, model = sys.argv[1:]
    context = Context(work_dir=Path(folder), cache_dir=Path(folder))
    async with Mlx(MlxOptions(source=Source(path=model)), ModelProfile(name="tiny"), context):
        print("up", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def test_killing_llmbench_leaves_no_server(mlx_model: Path, tmp_path: Path) -> None:
    argv = [sys.executable, "-c", KILLED, str(tmp_path), str(mlx_model)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        children = psutil.Process(parent.pid).children(recursive=True)
        assert len(children) == 2, "the guard and the server"
        os.kill(parent.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=8)
    for process in alive:
        process.kill()
    assert not alive


def _request(text: str, **more: Any) -> Request:
    return Request(**{"messages": (Message("user", text),), "max_tokens": 40, **more})


async def _enter(backend: Mlx) -> Any:
    async with backend:
        return await backend.describe()
