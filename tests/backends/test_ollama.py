"""The ``ollama`` backend against a stub of its protocol: context, loading, faults, and a server of ours."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from llmbench.api import (
    Backend,
    Completion,
    Context,
    Finish,
    Message,
    ModelProfile,
    Reasoning,
    Request,
    Sampling,
    ToolCall,
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
from llmbench.testing.ollama_stub import OllamaStub, StubModel
from llmbench.testing.stub_answers import Answer
from llmbench_plugins.backends.ollama import Ollama
from llmbench_plugins.backends.ollama.options import OllamaOptions, Source
from llmbench_plugins.backends.ollama.server import address

HI = Request(messages=(Message("user", "Hi"),), max_tokens=50)
TOOL = ToolSpec(name="ls", description="List files.", parameters={"type": "object"})
THINKER = StubModel(capabilities=("completion", "tools", "thinking"))
FRIENDLY = Answer(content="ok")
Make = Callable[..., Ollama]
Ask = Callable[..., Completion]


@pytest.fixture
def make(context: Context) -> Make:
    def make(
        stub: OllamaStub | None,
        *,
        source: Source | None = None,
        reasoning: Reasoning | None = None,
        **options: Any,
    ) -> Ollama:
        chosen = {"retries": 0, **({"url": stub.root, "server": "attach"} if stub else {}), **options}
        profile = ModelProfile(name="stub", reasoning=reasoning or Reasoning())
        return Ollama(
            OllamaOptions(source=source or Source(tag="stub", context=1000), **chosen), profile, context
        )

    return make


@pytest.fixture
def ask(make: Make, bounded: Callable[..., Any]) -> Ask:
    """Enter, ask, leave."""

    def ask(stub: OllamaStub, request: Request = HI, **more: Any) -> Completion:
        async def once() -> Completion:
            async with make(stub, **more) as backend:
                return await backend.complete(request)

        return bounded(once())

    return ask


class TestConformance(BackendConformance):
    renders = True

    @pytest.fixture(autouse=True)
    def stub(self) -> Any:
        answer = Answer(content="one two three", piece_delay_s=0.005)
        with OllamaStub(answer) as self.server:
            yield

    def make_backend(self, context: Context) -> Backend:
        options = OllamaOptions(source=Source(tag="stub", context=1000), url=self.server.root, slots=2)
        return Ollama(options, ModelProfile(name="stub"), context)


def test_it_asks_in_ollamas_own_words(ask: Ask) -> None:
    request = Request(
        messages=(
            Message("user", "List."),
            Message(
                "assistant",
                "",
                reasoning="I look",
                tool_calls=(ToolCall(id="c1", name="ls", arguments={"path": "."}),),
            ),
            Message("tool", "a.py", tool_call_id="c1"),
        ),
        max_tokens=64,
        sampling=Sampling(temperature=0.5, top_k=20, min_p=0.1, repeat_penalty=1.1, stop=("END",)),
        reasoning=Reasoning(style="separate", enabled=True, keep=True),
        seed=3,
        tools=(TOOL,),
    )
    with OllamaStub(models={"stub:latest": THINKER}) as stub:
        ask(stub, request, source=Source(tag="stub", context=2000, options={"num_gpu": 5}))
    assert stub.requests[-1] == {
        "model": "stub",
        "truncate": False,
        "shift": False,
        "keep_alive": "30m",
        "stream": True,
        "messages": [
            {"role": "user", "content": "List."},
            {
                "role": "assistant",
                "content": "",
                "thinking": "I look",
                "tool_calls": [
                    {"id": "c1", "function": {"index": 0, "name": "ls", "arguments": {"path": "."}}}
                ],
            },
            {"role": "tool", "content": "a.py", "tool_call_id": "c1", "tool_name": "ls"},
        ],
        "options": {
            "temperature": 0.5,
            "top_k": 20,
            "min_p": 0.1,
            "repeat_penalty": 1.1,
            "stop": ["END"],
            "seed": 3,
            "num_predict": 64,
            "num_gpu": 5,
            "num_ctx": 2000,
        },
        "tools": [
            {
                "type": "function",
                "function": {"name": "ls", "description": "List files.", "parameters": {"type": "object"}},
            }
        ],
        "think": True,
    }


def test_one_context_for_all_requests_loads_the_model_once(make: Make, bounded: Callable[..., Any]) -> None:
    async def several(stub: OllamaStub) -> None:
        async with make(stub) as backend:
            for length in (5, 50, 500):
                await backend.complete(replace(HI, max_tokens=length))

    with OllamaStub() as stub:
        bounded(several(stub))
    assert stub.loads == 1
    assert {body["options"]["num_ctx"] for body in stub.requests} == {1000}


def test_durations_are_nanoseconds_and_thinking_is_told_from_the_answer(ask: Ask) -> None:
    with OllamaStub(Answer(content="x = 1 # done", reasoning="because", piece_delay_s=0.01)) as stub:
        got = ask(stub)
    assert (got.content, got.reasoning, got.finish) == ("x = 1 # done", "because", Finish.STOP)
    assert (got.usage.prompt_tokens, got.usage.completion_tokens) == (1, 5)
    assert got.usage.cost_usd is None
    assert got.timing.decode_tokens_per_s == 500.0
    assert got.timing.prefill_tokens_per_s is None, "its count holds cached tokens, its duration does not"
    assert got.timing.ttft_s is not None
    assert got.timing.first_answer_s is not None
    assert 0 < got.timing.ttft_s < got.timing.first_answer_s < got.timing.wall_s
    assert got.raw["eval_count"] == 5


def test_counts_that_are_left_out_are_unknown(ask: Ask) -> None:
    with OllamaStub(Answer(usage=None)) as stub:
        got = ask(stub)
    assert (got.usage.prompt_tokens, got.usage.completion_tokens) == (None, None)


def test_tool_calls_come_as_objects(ask: Ask) -> None:
    calls = [
        {"id": "a", "function": {"index": 0, "name": "ls", "arguments": {"path": "."}}},
        {"function": {"index": 1, "name": "read", "arguments": {"path": "x"}}},
    ]
    with OllamaStub([FRIENDLY, Answer(content="", tool_calls=calls)]) as stub:
        got = ask(stub, replace(HI, tools=(TOOL,)))
    assert got.finish is Finish.TOOL_CALLS
    assert [(call.name, call.arguments) for call in got.tool_calls] == [
        ("ls", {"path": "."}),
        ("read", {"path": "x"}),
    ]


def test_a_context_that_was_cut_is_refused_with_both_numbers(ask: Ask) -> None:
    small = {"stub:latest": StubModel(trained_context=2048)}
    told = pytest.raises(BackendError, match=r"2048 tokens of context, and 8192 .*trained for 2048")
    with OllamaStub(models=small) as stub, told:
        ask(stub, source=Source(tag="stub"))
    assert not stub.loaded, "what was loaded is unloaded, also after a refusal"


def test_a_server_that_does_not_tell_its_context_is_warned_of(ask: Ask, said: list[str]) -> None:
    with OllamaStub(tells_context=False) as stub:
        ask(stub)
    assert any("does not say how much context" in line for line in said)


def test_an_oversize_prompt_is_an_overflow(ask: Ask) -> None:
    long = replace(HI, messages=(Message("user", "word " * 3000),))
    with OllamaStub() as stub, pytest.raises(ContextOverflowError, match="3000 tokens"):
        ask(stub, long)


def test_a_prompt_that_was_cut_in_silence_is_an_overflow(ask: Ask) -> None:
    long = replace(HI, messages=(Message("user", "function " * 3000),))
    with (
        OllamaStub(cuts=True) as stub,
        pytest.raises(ContextOverflowError, match="read 500 tokens") as caught,
    ):
        ask(stub, long)
    assert caught.value.raw


def test_weights_on_the_cpu_are_warned_of(make: Make, said: list[str], bounded: Callable[..., Any]) -> None:
    async def look(stub: OllamaStub) -> Any:
        async with make(stub) as backend:
            return await backend.describe()

    with OllamaStub(models={"stub:latest": StubModel(gpu_share=0.75)}) as stub:
        assert bounded(look(stub))["gpu_share"] == 0.75
    assert any("75% of 'stub' lies in the GPU's memory" in line for line in said)


def test_it_unloads_what_it_loaded_and_nothing_else(make: Make, bounded: Callable[..., Any]) -> None:
    async def use(stub: OllamaStub) -> set[str]:
        async with make(stub):
            return set(stub.loaded)

    with OllamaStub(loaded={"other:latest": 4096}) as stub:
        assert bounded(use(stub)) == {"stub:latest", "other:latest"}
        assert set(stub.loaded) == {"other:latest"}
    with OllamaStub(loaded={"stub:latest": 4096}) as stub:
        bounded(use(stub))
        assert set(stub.loaded) == {"stub:latest"}, "it was there before us"


def test_a_missing_model_names_the_cure(ask: Ask) -> None:
    told = pytest.raises(
        PrerequisiteError, match=r"it has stub:latest.*`ollama pull qwen`.*backend\.pull=true"
    )
    with OllamaStub(registry=["qwen"]) as stub, told:
        ask(stub, source=Source(tag="qwen", context=1000))


def test_a_missing_model_is_pulled_when_asked_to(ask: Ask, said: list[str]) -> None:
    with OllamaStub(registry=["qwen"]) as stub:
        assert ask(stub, source=Source(tag="qwen", context=1000), pull=True).content == "ok"
    assert "pulling qwen: pulling manifest" in said


@pytest.mark.parametrize("how", ["cut", "end", "half"])
def test_a_download_that_breaks_off_goes_on(ask: Ask, how: str) -> None:
    with OllamaStub(registry=["qwen"], pull_breaks=[how]) as stub:
        assert ask(stub, source=Source(tag="qwen", context=1000), pull=True, retries=1).content == "ok"
        assert stub.pulls == 2
    with OllamaStub(registry=["qwen"], pull_breaks=[how] * 9) as stub:
        with pytest.raises(BackendError):
            ask(stub, source=Source(tag="qwen", context=1000), pull=True)
        assert stub.pulls <= 3, "bounded"


@pytest.mark.parametrize(
    ("registry", "error", "text"),
    [(["qwen"], "no space left on device", "no space left"), ([], "", "file does not exist")],
)
def test_a_pull_that_fails_says_why(ask: Ask, registry: list[str], error: str, text: str) -> None:
    with OllamaStub(registry=registry, pull_error=error) as stub, pytest.raises(BackendError, match=text):
        ask(stub, source=Source(tag="qwen", context=1000), pull=True)


def test_a_model_of_the_cloud_is_flagged(make: Make, said: list[str], bounded: Callable[..., Any]) -> None:
    async def look(stub: OllamaStub) -> Any:
        async with make(stub) as backend:
            return await backend.describe()

    with OllamaStub(models={"stub:latest": StubModel(remote_host="https://ollama.com")}) as stub:
        assert bounded(look(stub))["remote_host"] == "https://ollama.com"
    assert any("answered by https://ollama.com" in line for line in said)


FAULTS = [
    (
        Answer(content="a b", error="an error was encountered while running the model", error_after=1),
        BackendError,
    ),
    (Answer(status=500, error="error parsing tool call: raw='{\"a', err=unexpected end"), ProtocolError),
    (Answer(content="a", error="XML syntax error on line 3", error_after=1), ProtocolError),
    (Answer(content="one two", break_after=1), ProtocolError),
    (Answer(content="one two", done=False), ProtocolError),
    (Answer(body=b'{"message": {"content": "on', content_type="application/x-ndjson"), ProtocolError),
    (Answer(body=b"[1]\n", content_type="application/x-ndjson"), BackendError),
    (Answer(status=500, error="llama runner process has terminated"), BackendError),
    (Answer(status=404, error="model 'stub' not found"), BackendError),
    (Answer(status=503, error="server busy, please try again"), BackendError),
]


@pytest.mark.parametrize(("answer", "kind"), FAULTS)
def test_faults_have_their_types(ask: Ask, answer: Answer, kind: type[BackendError]) -> None:
    with OllamaStub([FRIENDLY, answer]) as stub, pytest.raises(BackendError) as caught:
        ask(stub, replace(HI, tools=(TOOL,)))
    assert isinstance(caught.value, ProtocolError) is (kind is ProtocolError)
    assert not isinstance(caught.value, ContextOverflowError)


def test_a_busy_server_is_asked_again(ask: Ask, said: list[str]) -> None:
    busy = Answer(status=503, error="server busy", headers={"Retry-After": "0"})
    with OllamaStub([FRIENDLY, busy, Answer(content="at last")]) as stub:
        assert ask(stub, retries=1).content == "at last"
    assert any("the server asked for it (503)" in line for line in said)


@pytest.mark.parametrize(
    ("reasoning", "think"),
    [
        (Reasoning(), False),
        (Reasoning(style="separate", enabled=False), False),
        (Reasoning(style="separate", enabled=True), True),
        (Reasoning(style="separate", enabled=True, level="high"), "high"),
    ],
)
def test_thinking_is_switched_for_models_that_can(ask: Ask, reasoning: Reasoning, think: Any) -> None:
    request = replace(HI, reasoning=reasoning)
    with OllamaStub(models={"stub:latest": THINKER}) as stub:
        ask(stub, request, reasoning=reasoning)
    assert stub.requests[-1]["think"] == think
    with OllamaStub() as stub:
        ask(stub, request, reasoning=reasoning)
    assert "think" not in stub.requests[-1]


def test_thinking_that_came_unasked_or_not_at_all_is_said_once(
    make: Make, said: list[str], bounded: Callable[..., Any]
) -> None:
    async def several(stub: OllamaStub, reasoning: Reasoning) -> Any:
        async with make(stub, reasoning=reasoning) as backend:
            for _ in range(4):
                await backend.complete(replace(HI, reasoning=reasoning))
            return (await backend.describe())["reasoning"]

    with OllamaStub(Answer(reasoning="hm"), models={"stub:latest": THINKER}) as stub:
        off = bounded(several(stub, Reasoning(style="separate")))
    assert off == {"asked": "off", "answers": 4, "with_reasoning": 4}
    assert sum("the model thought, although" in line for line in said) == 1
    with OllamaStub(models={"stub:latest": THINKER}) as stub:
        on = bounded(several(stub, Reasoning(style="separate", enabled=True)))
    assert on == {"asked": "on", "answers": 4, "with_reasoning": 0}
    assert sum("hold no reasoning, although" in line for line in said) == 1


def test_it_says_what_it_runs(make: Make, bounded: Callable[..., Any]) -> None:
    async def look(stub: OllamaStub) -> Any:
        async with make(stub) as backend:
            return await backend.describe()

    with OllamaStub() as stub:
        described = bounded(look(stub))
    assert (described["server"], described["build"], described["weights"]) == ("ollama", "0.99.1", "stub")
    assert (described["context"], described["quantization"], described["slots"]) == (1000, "Q4_K_M", 1)
    assert len(described["weights_sha256"]) == len(described["digest"]) == 64
    assert len(described["chat_template_sha256"]) == 64
    assert described["parameters"] == ["temperature 0.7", "top_k 20"]
    assert described["gpu_share"] == 1.0
    assert json.loads(json.dumps(described)) == described


def test_a_profile_without_a_tag_is_impossible(make: Make, bounded: Callable[..., Any]) -> None:
    async def enter(source: Source) -> None:
        async with make(None, source=source):
            pass

    with pytest.raises(ImpossibleError, match=r"sources\.ollama\.tag: missing .*zai-org/GLM"):
        bounded(enter(Source(repo="zai-org/GLM")))
    with pytest.raises(UsageError, match=r"options\.num_ctx"):
        bounded(enter(Source(tag="x", options={"num_ctx": 9})))


@pytest.mark.parametrize(
    ("url", "host", "found"),
    [
        (None, None, "http://127.0.0.1:11434"),
        (None, "0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104 - a value to be read, bound by nobody
        (None, "box:9000", "http://box:9000"),
        (None, "https://box", "https://box:443"),
        (None, "[::1]:80", "http://[::1]:80"),
        ("http://a:1/", "b:2", "http://a:1"),
    ],
)
def test_where_ollama_is_looked_for(
    url: str | None, host: str | None, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    assert address(url, {"OLLAMA_HOST": host} if host else {}) == found


def test_the_shells_address_wins_over_that_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "box:9000")
    assert address(None, {"OLLAMA_HOST": "other:1"}) == "http://box:9000"
    assert address("http://a:1", {}) == "http://a:1"


def test_no_server_and_no_program_names_both_cures(make: Make, bounded: Callable[..., Any]) -> None:
    async def enter(**options: Any) -> None:
        async with make(None, url="http://127.0.0.1:9", **options):
            pass

    with pytest.raises(PrerequisiteError, match=r"`ollama serve`.*backend\.server=start"):
        bounded(enter(server="attach"))
    with pytest.raises(PrerequisiteError, match=r"no program 'no-such-ollama' on PATH.*ollama\.com/download"):
        bounded(enter(binary="no-such-ollama"))


PROGRAM = """#!{python}
import os, sys, threading
from urllib.parse import urlsplit
from llmbench.testing.ollama_stub import OllamaStub
assert sys.argv[1:] == ["serve"]
print("parallel", os.environ["OLLAMA_NUM_PARALLEL"], flush=True)
with OllamaStub(port=int(os.environ["OLLAMA_HOST"].rpartition(":")[2])):
    threading.Event().wait()
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """An executable with the command line and the environment of ``ollama``."""
    path = tmp_path / "ollama"
    path.write_text(PROGRAM.format(python=sys.executable), encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("server", ["auto", "start"])
def test_a_server_of_ours_is_started_and_stopped(
    make: Make, program: Path, context: Context, server: str, bounded: Callable[..., Any]
) -> None:
    async def use() -> tuple[Any, str]:
        async with make(
            None, url="http://127.0.0.1:9", server=server, binary=str(program), slots=3
        ) as backend:
            assert backend.capacity == 3
            return await backend.describe(), (await backend.complete(HI)).content

    described, content = bounded(use())
    assert content == "ok"
    assert described["argv"][-2:] == [str(program), "serve"]
    assert "parallel 3" in (context.work_dir / "ollama.log").read_text(encoding="utf-8")
    assert not _serving(program)


def test_a_server_that_dies_says_so(make: Make, tmp_path: Path, bounded: Callable[..., Any]) -> None:
    broken = tmp_path / "ollama"
    broken.write_text("#!/bin/sh\necho no GPU for you >&2\nexit 3\n", encoding="utf-8")
    broken.chmod(0o755)

    async def enter() -> None:
        async with make(None, server="start", binary=str(broken)):
            pass

    with pytest.raises(BackendError, match=r"(?s)ended with exit code 3.*no GPU for you"):
        bounded(enter())


KILLED = """
import asyncio, sys
from pathlib import Path
from llmbench.api import Context, ModelProfile
from llmbench_plugins.backends.ollama.options import OllamaOptions
from llmbench_plugins.backends.ollama.options import Source
from llmbench_plugins.backends.ollama import Ollama

async def main():
    options = OllamaOptions(source=Source(tag="stub", context=1000), server="start", binary=sys.argv[1])
    work = Path(sys.argv[2])
    async with Ollama(options, ModelProfile(name="stub"), Context(work_dir=work, cache_dir=work)):
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def test_kill_9_leaves_no_server(program: Path, tmp_path: Path) -> None:
    argv = [sys.executable, "-c", KILLED, str(program), str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        assert _serving(program)
        os.kill(run.pid, signal.SIGKILL)
    ends = time.monotonic() + 10
    while _serving(program) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not _serving(program)


def _serving(program: Path) -> list[int]:
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        words = process.info["cmdline"] or []
        if process.info["status"] != psutil.STATUS_ZOMBIE and str(program) in words and words[-1] == "serve":
            found.append(process.info["pid"])
    return found


def test_silence_ends_a_request(ask: Ask) -> None:
    with (
        OllamaStub([FRIENDLY, Answer(delay_s=5)]) as stub,
        pytest.raises(BackendError, match="sent nothing for"),
    ):
        ask(stub, idle_timeout_s=0.2)


def test_thirty_percent_of_faults_lose_nothing_and_type_everything(
    make: Make, bounded: Callable[..., Any]
) -> None:
    """Ten questions in flight, three of ten answers faulty: each ends as an answer or a typed error."""
    faults = [answer for answer, _ in FAULTS]
    chosen = [faults[n // 10 % len(faults)] if n % 10 < 3 else FRIENDLY for n in range(200)]

    async def flood(stub: OllamaStub) -> list[Any]:
        async with make(stub, slots=10) as backend:
            asked = [backend.complete(replace(HI, tools=(TOOL,))) for _ in range(200)]
            return await asyncio.gather(*asked, return_exceptions=True)

    with OllamaStub([FRIENDLY, *chosen]) as stub:
        got = bounded(flood(stub))
    assert len(got) == 200
    assert sum(isinstance(one, Completion) and one.content == "ok" for one in got) == 140
    assert sum(isinstance(one, BackendError) for one in got) == 60
