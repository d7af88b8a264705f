"""The ``llamacpp`` backend against llama.cpp's real server: embedded, as a program, attached."""

import asyncio
import hashlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import pytest

from llmbench.api import Backend, Context, Message, ModelProfile, Reasoning, Request, Sampling
from llmbench.errors import BackendError, ImpossibleError, PrerequisiteError, UsageError
from llmbench.testing.backend import BackendConformance
from llmbench.testing.hub import COMMIT, LoopbackHub
from llmbench.testing.servers import StubServer
from llmbench_plugins.backends.llamacpp import LlamaCpp
from llmbench_plugins.backends.llamacpp.args import flags_in, server_arguments
from llmbench_plugins.backends.llamacpp.options import LlamaCppOptions, Source
from llmbench_plugins.backends.llamacpp.weights import Wanted, Weights
from llmbench_plugins.backends.openai import OpenAI, OpenAIOptions

pytest.importorskip("xllamacpp", reason="needs llmbench[embedded]")
MODEL = ModelProfile(name="random")
HI = Request(messages=(Message("user", "Hi"),), max_tokens=6, sampling=Sampling(temperature=1.0), seed=1)
Make = Callable[..., LlamaCpp]


@pytest.fixture
def make(context: Context, weights: Path) -> Make:
    def make(*, model: ModelProfile = MODEL, source: Source | None = None, **options: Any) -> LlamaCpp:
        source = source or Source(path=str(weights), context=512)
        return LlamaCpp(LlamaCppOptions(source=source, **options), model, context)

    return make


class TestEmbedded(BackendConformance):
    renders = True

    @pytest.fixture(autouse=True)
    def _weights(self, weights: Path) -> None:
        self.weights = weights

    def make_backend(self, context: Context) -> Backend:
        return LlamaCpp(
            LlamaCppOptions(source=Source(path=str(self.weights), context=1024), retries=0), MODEL, context
        )


class TestBinary(BackendConformance):
    renders = True

    @pytest.fixture(autouse=True)
    def _parts(self, weights: Path, llama_server: Path) -> None:
        self.weights, self.program = weights, llama_server

    def make_backend(self, context: Context) -> Backend:
        source = Source(path=str(self.weights), context=1024)
        options = LlamaCppOptions(source=source, server="binary", binary=str(self.program), retries=0)
        return LlamaCpp(options, MODEL, context)


@pytest.fixture
def servers(llama_server: Path) -> dict[str, dict[str, Any]]:
    """Options of each server of ours."""
    return {"embedded": {}, "binary": {"server": "binary", "binary": str(llama_server)}}


@pytest.mark.parametrize("server", ["embedded", "binary"])
def test_it_records_what_is_really_loaded(
    make: Make, weights: Path, servers: Any, server: str, bounded: Callable[..., Any], said: list[str]
) -> None:
    async def look() -> tuple[Any, int]:
        async with make(**servers[server], slots=3) as backend:
            return await backend.describe(), backend.capacity

    described, capacity = bounded(look())
    assert capacity == described["slots"] == 3
    assert described["context"] == 512
    assert described["weights_sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert len(described["chat_template_sha256"]) == 64
    assert described["sampler"]["top_k"] == 40
    assert described["quantization"]
    if server == "embedded":
        package = version("xllamacpp")
        assert described["build"] == f"xllamacpp {package}, llama.cpp b{package.split('.')[2]}"
    assert any("1536" in word for word in described["argv"])
    assert json.loads(json.dumps(described)) == described
    assert f"loading {weights.name}" in said


def test_timings_are_the_servers_own(make: Make, bounded: Callable[..., Any]) -> None:
    async def ask() -> Any:
        async with make() as backend:
            return await backend.complete(HI)

    got = bounded(ask())
    assert got.usage.completion_tokens == 6
    assert got.timing.decode_tokens_per_s > 0
    assert got.timing.prefill_tokens_per_s > 0
    assert 0 < got.timing.ttft_s <= got.timing.wall_s
    assert got.raw["timings"]["predicted_n"] == 6


def test_the_prompt_cache_is_left_alone_where_that_is_wished(make: Make, bounded: Callable[..., Any]) -> None:
    async def ask(cached: bool) -> Any:
        async with make(slots=1) as backend:
            words = Message("user", "the same words again and again " * 4)
            request = Request(messages=(words,), max_tokens=2, prompt_cache=cached)
            await backend.complete(request)
            return (await backend.complete(request)).raw["timings"]["cache_n"]

    assert bounded(ask(True)) > 0
    assert bounded(ask(False)) == 0


def test_llama_cpp_is_asked_in_its_own_words(context: Context, bounded: Callable[..., Any]) -> None:
    async def ask(url: str) -> None:
        options = LlamaCppOptions(server="attach", url=url, cache_prompt=False)
        async with LlamaCpp(options, MODEL, context) as backend:
            thinking = Reasoning(style="separate", enabled=True, level="low")
            sampling = Sampling(repeat_penalty=1.1, min_p=0.05)
            await backend.complete(
                Request(messages=HI.messages, max_tokens=4, sampling=sampling, reasoning=thinking)
            )

    with StubServer() as stub:
        bounded(ask(stub.url))
    sent = stub.requests[-1]
    assert sent["cache_prompt"] is False
    assert sent["chat_template_kwargs"] == {"enable_thinking": True, "reasoning_effort": "low"}
    assert (sent["repeat_penalty"], sent["min_p"], sent["reasoning_format"]) == (1.1, 0.05, "auto")
    assert "chat_template_kwargs" not in stub.requests[0]


def test_attaching_takes_the_server_as_it_is_and_leaves_it(
    make: Make, said: list[str], bounded: Callable[..., Any]
) -> None:
    async def attach() -> None:
        async with make(slots=3) as ours:
            url = (await ours.describe())["url"]
            async with make(server="attach", url=url, source=Source(context=4096)) as theirs:
                assert theirs.capacity == 3
                await theirs.complete(HI)
                assert "weights_sha256" not in await theirs.describe()
            assert (await ours.complete(HI)).usage.completion_tokens == 6

    bounded(attach())
    assert any("512 tokens of context a slot; the model profile asks for 4096" in line for line in said)


def test_attaching_to_a_server_without_props_is_possible_and_said(
    make: Make, said: list[str], bounded: Callable[..., Any]
) -> None:
    async def attach(url: str) -> int:
        async with make(server="attach", url=url, slots=5) as backend:
            return backend.capacity

    with StubServer() as stub:
        assert bounded(attach(stub.url)) == 5
    assert any("backend.slots" in line for line in said)


def test_streams_one_after_the_other_lose_no_connection(
    make: Make, context: Context, bounded: Callable[..., Any]
) -> None:
    """llama.cpp hangs up after each stream without saying so; nothing may be sent into that."""

    async def ask() -> None:
        async with make(retries=0) as backend:
            url = (await backend.describe())["url"]
            async with OpenAI(OpenAIOptions(url=url, retries=0), MODEL, context) as same:
                for _ in range(20):
                    await backend.complete(HI)
                    await same.complete(HI)

    bounded(ask())


def test_two_servers_run_at_once(make: Make, bounded: Callable[..., Any]) -> None:
    async def both() -> None:
        async with make() as one, make() as other:
            assert (await one.describe())["url"] != (await other.describe())["url"]
            first, second = await asyncio.gather(one.complete(HI), other.complete(HI))
            assert first.usage.completion_tokens == second.usage.completion_tokens == 6

    bounded(both())


def test_less_context_than_asked_is_an_error_with_both_numbers(
    make: Make, weights: Path, bounded: Callable[..., Any]
) -> None:
    with pytest.raises(BackendError, match="has 4096 tokens of context a slot, and 9999 were asked for"):
        bounded(_enter(make(source=Source(path=str(weights), context=9999))))


@pytest.mark.parametrize("server", ["embedded", "binary"])
def test_a_server_that_dies_is_an_error_with_the_end_of_its_log(
    make: Make, servers: Any, server: str, bounded: Callable[..., Any]
) -> None:
    async def die() -> None:
        async with make(**servers[server]) as backend:
            victim = _server_process()
            victim.suspend()
            asked = asyncio.ensure_future(backend.complete(HI))
            await asyncio.sleep(0.2)
            victim.kill()
            with pytest.raises(
                BackendError, match=r"exit code 137; the end of .*server\.log:(.|\n)*listening"
            ) as caught:
                await asked
            assert type(caught.value) is BackendError, "the model is not to blame"
            with pytest.raises(BackendError, match="exit code 137"):
                await backend.complete(HI)

    bounded(die())


@pytest.mark.parametrize("server", ["embedded", "binary"])
def test_broken_weights_are_an_error_with_the_end_of_the_log(
    make: Make, servers: Any, server: str, tmp_path: Path, bounded: Callable[..., Any]
) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF, but not really")
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(BackendError, match=r"exit code 1; the end of(.|\n)*broken\.gguf"):
        bounded(_enter(make(**servers[server], source=Source(path=str(broken), context=512))))
    assert set(psutil.Process().children(recursive=True)) <= before


@pytest.mark.parametrize("server", ["embedded", "binary"])
def test_a_port_that_was_asked_for_and_is_taken_is_an_error(
    make: Make, servers: Any, server: str, bounded: Callable[..., Any]
) -> None:
    lost = pytest.raises(BackendError, match="couldn't bind")
    with socket.create_server(("127.0.0.1", 0)) as taken, lost:
        bounded(_enter(make(**servers[server], port=taken.getsockname()[1])))


def test_a_port_lost_to_somebody_else_is_replaced(
    make: Make, servers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bounded: Callable[..., Any]
) -> None:
    losses = tmp_path / "losses"
    losses.write_text("2")
    monkeypatch.setenv("LOSSES_FILE", str(losses))
    bounded(_enter(make(**servers["binary"])))
    losses.write_text("3")
    with pytest.raises(BackendError, match="couldn't bind"):
        bounded(_enter(make(**servers["binary"])))


@pytest.mark.parametrize(("on_gpu", "warnings"), [(48, 0), (12, 1), (0, 1)])
def test_weights_that_do_not_fit_the_gpu_are_warned_of(
    make: Make,
    servers: Any,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
    bounded: Callable[..., Any],
    on_gpu: int,
    warnings: int,
) -> None:
    line = f"0.01 I load_tensors: offloaded {on_gpu}/48 layers to GPU\n"
    monkeypatch.setenv("SAID_WHILE_LOADING", line)
    assert bounded(_enter(make(**servers["binary"])))["gpu_layers"] == f"{on_gpu} of 48"
    told = [text for text in said if "layers lie in the GPU's memory" in text]
    assert len(told) == warnings
    assert all(text.startswith(f"{on_gpu} of 48 layers") for text in told)


def test_the_log_of_the_embedded_server_can_be_made_to_tell_more(
    make: Make, context: Context, bounded: Callable[..., Any]
) -> None:
    told = bounded(_enter(make(extra_args=("-lv", 4))))
    assert "gpu_layers" not in told  # this build knows no GPU
    assert "load_tensors" in (context.work_dir / "server.log").read_text(encoding="utf-8", errors="replace")


def test_a_slow_start_is_bounded(make: Make, tmp_path: Path, bounded: Callable[..., Any]) -> None:
    program = tmp_path / "sleeper"
    program.write_text("#!/bin/sh\n[ \"$1\" = --help ] && echo '--port N' || exec sleep 60\n")
    program.chmod(0o755)
    with pytest.raises(BackendError, match=r"not ready within 0\.3 s \(backend\.startup_timeout_s\)"):
        bounded(_enter(make(server="binary", binary=str(program), startup_timeout_s=0.3)))
    assert not [child for child in psutil.Process().children(recursive=True) if "sleep" in child.name()]


KILLED = """
import asyncio, sys
from importlib.metadata import version
from pathlib import Path
from llmbench.api import Context, ModelProfile
from llmbench_plugins.backends.llamacpp.options import LlamaCppOptions
from llmbench_plugins.backends.llamacpp.options import Source
from llmbench_plugins.backends.llamacpp import LlamaCpp

async def main():
    folder, weights, server, program = sys.argv[1:]
    options = LlamaCppOptions(source=Source(path=weights, context=512), server=server, binary=program)
    context = Context(work_dir=Path(folder), cache_dir=Path(folder))
    async with LlamaCpp(options, ModelProfile(name="random"), context):
        print("up", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("server", ["embedded", "binary"])
def test_killing_llmbench_leaves_no_server(
    server: str, weights: Path, llama_server: Path, tmp_path: Path
) -> None:
    argv = [sys.executable, "-c", KILLED, str(tmp_path), str(weights), server, str(llama_server)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        children = psutil.Process(parent.pid).children(recursive=True)
        assert len(children) == 2, "the guard and the server"
        os.kill(parent.pid, signal.SIGKILL)
    gone, alive = psutil.wait_procs(children, timeout=5)
    for process in alive:
        process.kill()
    assert not alive
    assert len(gone) == 2


def test_a_cancelled_start_leaves_no_server(make: Make, servers: Any, bounded: Callable[..., Any]) -> None:
    async def cancel() -> None:
        entering = asyncio.ensure_future(_enter(make(**servers["binary"])))
        while not psutil.Process().children(recursive=True):  # noqa: ASYNC110 - a process sets no Event
            await asyncio.sleep(0.005)
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering

    bounded(cancel())
    deadline = time.monotonic() + 5
    while psutil.Process().children(recursive=True) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not psutil.Process().children(recursive=True)


def test_extra_arguments_reach_the_embedded_server(
    make: Make, weights: Path, bounded: Callable[..., Any]
) -> None:
    source = Source(path=str(weights), context=512, extra_args=("--threads", 1, "-ctk", "bf16"))
    described = bounded(_enter(make(source=source, extra_args=("-fa", "on", "-b", 64))))
    assert {"cpuparams.n_threads=1", "cache_type_k=bf16", "flash_attn_type=enabled", "n_batch=64"} <= set(
        described["argv"]
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--port", "1"), r"'--port' is set by llmbench; use backend\.port"),
        (("-c=4096",), r"sources\.llamacpp\.context"),
        (("--lora", "x"), r"does not take '--lora'.*backend\.server=binary"),
        (("--threads", "many"), "'--threads' expects a number, got 'many'"),
    ],
)
def test_arguments_that_cannot_be_are_told(
    make: Make, arguments: tuple[str, ...], told: str, bounded: Callable[..., Any]
) -> None:
    with pytest.raises(UsageError, match=told):
        bounded(_enter(make(extra_args=arguments)))


def test_missing_things_are_told_with_their_cure(
    make: Make, tmp_path: Path, bounded: Callable[..., Any]
) -> None:
    with pytest.raises(PrerequisiteError, match=r"install llama\.cpp"):
        bounded(_enter(make(server="binary", binary="no-such-llama-server")))
    with pytest.raises(PrerequisiteError, match="is no llama-server"):
        bounded(_enter(make(server="binary", binary="true")))
    with pytest.raises(PrerequisiteError, match=r"model\.sources\.llamacpp\.path"):
        bounded(_enter(make(source=Source(path=str(tmp_path / "none.gguf")))))
    with pytest.raises(ImpossibleError, match="neither path nor repo and file"):
        bounded(_enter(make(source=Source())))
    with pytest.raises(UsageError, match="which GGUF file of me/it-GGUF"):
        bounded(_enter(make(source=Source(repo="me/it-GGUF"))))


@pytest.mark.parametrize("server", ["embedded", "binary"])
def test_weights_are_fetched_from_the_hub_once(
    make: Make,
    weights: Path,
    servers: Any,
    server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bounded: Callable[..., Any],
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    with LoopbackHub({"me/it-GGUF": {"Q4/it.gguf": weights.read_bytes()}}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        source = Source(repo="me/it-GGUF", file="Q4/it.gguf", context=512)
        described = bounded(_enter(make(**servers[server], source=source)))
        asked = len(hub.requests)
        assert bounded(_enter(make(**servers[server], source=source)))["revision"] == COMMIT
        assert len(hub.requests) == asked
    assert described["weights_sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert described["repo"] == "me/it-GGUF"


def test_a_binary_fetches_weights_itself_where_it_must() -> None:
    found = Weights("it.gguf", None, "me/it-GGUF", "it.gguf")
    assert found.arguments == ("-hf", "me/it-GGUF", "-hff", "it.gguf")
    with pytest.raises(PrerequisiteError, match=r"pip install '\.\[embedded\]'"):
        _ = found.here


@pytest.mark.parametrize(
    ("reasoning", "help_text", "expected"),
    [
        ({"enabled": True, "think_tokens": 99}, "--reasoning-budget N --reasoning-budget-message S", ["99"]),
        ({"enabled": True, "think_tokens": 99}, "--reasoning-budget N", []),
        ({"enabled": False}, "--reasoning-budget N", ["0"]),
        ({"enabled": False}, "", []),
        ({"enabled": True, "think_tokens": 0}, "--reasoning-budget N --reasoning-budget-message S", []),
    ],
)
def test_the_budget_for_thinking_is_what_the_build_can_do(
    reasoning: dict[str, Any], help_text: str, expected: list[str]
) -> None:
    wanted = Wanted(
        weights=Weights("it.gguf", Path("it.gguf")),
        context=512,
        slots=1,
        port=None,
        extra_args=(),
        startup_timeout_s=1,
        reasoning=Reasoning(style="separate", **reasoning),
    )
    argv = server_arguments(("-m", "x"), host="h", port=1, wanted=wanted, known=flags_in(help_text))
    given = [value for flag, value in itertools.pairwise(argv) if flag == "--reasoning-budget"]
    assert given == expected


def test_the_embedded_server_takes_a_budget_for_thinking(make: Make, bounded: Callable[..., Any]) -> None:
    thinks = Reasoning(style="separate", enabled=True, think_tokens=33)
    described = bounded(_enter(make(model=ModelProfile(name="random", reasoning=thinks))))
    assert "sampling.reasoning_budget_tokens=33" in described["argv"]


async def _enter(backend: LlamaCpp) -> Any:
    async with backend:
        return await backend.describe()


def _server_process() -> psutil.Process:
    """Return the server itself: not its guard, and nothing that other tests keep running."""
    started = [
        child
        for child in psutil.Process().children(recursive=True)
        if any("embedded_server.py" in word or "llama-server" in word for word in child.cmdline())
    ]
    (server,) = (process for process in started if not process.children())
    return server
