"""The ``lmstudio`` backend against a stub of its protocol: loading, instances, faults, and ``lms``."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

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
)
from llmbench.errors import (
    BackendError,
    ContextOverflowError,
    ImpossibleError,
    PrerequisiteError,
    ProtocolError,
)
from llmbench.testing.backend import BackendConformance
from llmbench.testing.lmstudio_stub import LmStudioStub
from llmbench.testing.stub_answers import Answer
from llmbench_plugins.backends.lmstudio import LmStudio
from llmbench_plugins.backends.lmstudio.options import LmStudioOptions, Source

HI = Request(messages=(Message("user", "Hi"),), max_tokens=50)
LONG = replace(HI, messages=(Message("user", "function " * 3000),))
FRIENDLY = Answer(content="ok")
TOKEN = "lm-token-77"  # noqa: S105 - made up
Make = Callable[..., LmStudio]
Ask = Callable[..., Completion]


@pytest.fixture
def make(context: Context) -> Make:
    def make(
        stub: LmStudioStub | str,
        *,
        source: Source | None = None,
        reasoning: Reasoning | None = None,
        token: str = "",
        **options: Any,
    ) -> LmStudio:
        chosen = LmStudioOptions(
            source=source or Source(key="maker/model", context=1000),
            url=stub if isinstance(stub, str) else stub.root,
            **{"retries": 0, **options},
        )
        profile = ModelProfile(name="model", reasoning=reasoning or Reasoning())
        return LmStudio(chosen, profile, replace(context, secrets={"LM_API_TOKEN": token} if token else {}))

    return make


@pytest.fixture
def ask(make: Make, bounded: Callable[..., Any]) -> Ask:
    """Enter, ask, leave."""

    def ask(stub: LmStudioStub | str, request: Request = HI, **more: Any) -> Completion:
        async def once() -> Completion:
            async with make(stub, **more) as backend:
                return await backend.complete(request)

        return bounded(once())

    return ask


class TestConformance(BackendConformance):
    @pytest.fixture(autouse=True)
    def stub(self) -> Any:
        answer = Answer(content="one two three", piece_delay_s=0.005)
        with LmStudioStub(answer) as self.server:
            yield

    def make_backend(self, context: Context) -> Backend:
        source = Source(key="maker/model", context=1000)
        options = LmStudioOptions(source=source, url=self.server.root, slots=3)
        return LmStudio(options, ModelProfile(name="model"), context)


class TestConformanceWithLms(TestConformance):
    @pytest.fixture(autouse=True)
    def stub(self, tmp_path: Path) -> Any:
        with LmStudioStub(Answer(content="one two three", piece_delay_s=0.005), rest=False) as self.server:
            self.lms = str(self.server.write_lms(tmp_path / "lms"))
            yield

    def make_backend(self, context: Context) -> Backend:
        source = Source(key="maker/model", context=1000)
        options = LmStudioOptions(source=source, url=self.server.root, lms=self.lms)
        return LmStudio(options, ModelProfile(name="model"), context)


def test_it_loads_with_its_own_settings_asks_the_instance_and_unloads_it(
    make: Make, bounded: Callable[..., Any]
) -> None:
    request = replace(HI, sampling=Sampling(repeat_penalty=1.1, top_k=20), seed=3)

    async def use(stub: LmStudioStub) -> dict[str, Any]:
        source = Source(key="maker/model", context=1000, load={"flash_attention": True})
        async with make(stub, source=source) as backend:
            await backend.complete(request)
            return dict(stub.loaded)

    with LmStudioStub() as stub:
        assert bounded(use(stub)) == {"maker/model": ("maker/model", 1000)}
        assert stub.loaded == {}
    assert stub.loads == [
        {
            "model": "maker/model",
            "context_length": 1000,
            "echo_load_config": True,
            "flash_attention": True,
        }
    ]
    sent = stub.requests[-1]
    assert (sent["model"], sent["repeat_penalty"], sent["top_k"], sent["seed"]) == ("maker/model", 1.1, 20, 3)


def test_a_variant_can_be_named(ask: Ask) -> None:
    with LmStudioStub() as stub:
        ask(stub, source=Source(key="maker/model@q4_k_m", context=1000))
    assert stub.loads[0]["model"] == "maker/model@q4_k_m"


def test_an_instance_of_the_same_context_is_used_and_left(ask: Ask) -> None:
    with LmStudioStub(loaded={"mine": ("maker/model", 1000)}) as stub:
        assert ask(stub).model == "mine"
        assert stub.loads == []
        assert set(stub.loaded) == {"mine"}


def test_an_instance_of_another_context_is_left_and_said(ask: Ask, said: list[str]) -> None:
    with LmStudioStub(loaded={"maker/model": ("maker/model", 4096)}) as stub:
        assert ask(stub).model == "maker/model:2"
        assert set(stub.loaded) == {"maker/model"}
    assert any("'maker/model' loaded with 4096 tokens" in line for line in said)


@pytest.mark.parametrize("echoes", [True, False])
def test_a_context_that_was_cut_is_refused_with_both_numbers(ask: Ask, echoes: bool) -> None:
    told = pytest.raises(BackendError, match=r"512 tokens of context, and 1000 were asked for")
    with LmStudioStub(loads_at_most=512, echoes=echoes) as stub:
        with told:
            ask(stub)
        assert stub.loaded == {}, "what was loaded is unloaded, also after a refusal"


def test_the_context_that_the_model_was_trained_for_is_named(ask: Ask) -> None:
    with (
        LmStudioStub(models={"maker/model": 2048}) as stub,
        pytest.raises(BackendError, match=r"2048 tokens .* 8192 .*trained for 2048"),
    ):
        ask(stub, source=Source(key="maker/model"))


def test_an_answer_of_another_model_is_refused(ask: Ask) -> None:
    with LmStudioStub(answers_as="other/model") as stub:
        with pytest.raises(BackendError, match=r"answered with 'other/model' instead of 'maker/model'"):
            ask(stub)
        assert stub.loaded == {}
    swapped = Answer(content="x", extra={"model": "other/model"})
    with LmStudioStub([FRIENDLY, swapped]) as stub, pytest.raises(BackendError, match="instead of") as caught:
        ask(stub)
    assert caught.value.raw


@pytest.mark.parametrize(
    ("overflow", "text"),
    [
        ("error", "keep the first 3000 tokens"),
        ("empty", "an empty answer to a prompt of"),
        ("cut", "read 500 tokens"),
    ],
)
def test_an_oversize_prompt_is_an_overflow_however_it_shows(ask: Ask, overflow: str, text: str) -> None:
    with LmStudioStub(overflow=overflow) as stub, pytest.raises(ContextOverflowError, match=text):
        ask(stub, LONG)


def test_an_empty_answer_without_counts_to_an_oversize_prompt_is_an_overflow(ask: Ask) -> None:
    silent = Answer(usage=None)
    with LmStudioStub([FRIENDLY, silent], overflow="empty") as stub, pytest.raises(ContextOverflowError):
        ask(stub, LONG)


def test_an_empty_answer_within_the_limit_stays_one(ask: Ask) -> None:
    with LmStudioStub([FRIENDLY, Answer(content="", finish="length")]) as stub:
        got = ask(stub)
    assert (got.content, got.finish) == ("", Finish.LENGTH)


def test_capacity_is_no_more_than_the_instance_takes(make: Make, bounded: Callable[..., Any]) -> None:
    async def look(stub: LmStudioStub, slots: int) -> int:
        async with make(stub, slots=slots) as backend:
            return backend.capacity

    with LmStudioStub(parallel=4) as stub:
        assert [bounded(look(stub, slots)) for slots in (1, 3, 8)] == [1, 3, 4]


def test_a_missing_model_and_a_missing_server_name_the_cure(ask: Ask) -> None:
    with LmStudioStub() as stub:
        with pytest.raises(PrerequisiteError, match=r"no model 'qwen'; it has maker/model; .*`lms get qwen`"):
            ask(stub, source=Source(key="qwen"))
        with pytest.raises(ImpossibleError, match=r"sources\.lmstudio\.key: missing"):
            ask(stub, source=Source())
    with pytest.raises(PrerequisiteError, match=r"no LM Studio answers at .*`lms server start`"):
        ask("http://127.0.0.1:9")


def test_the_token_opens_the_door_and_is_shown_nowhere(
    make: Make, ask: Ask, bounded: Callable[..., Any]
) -> None:
    async def look(stub: LmStudioStub) -> str:
        async with make(stub, token=TOKEN) as backend:
            return json.dumps(dict(await backend.describe())) + repr(backend.options)

    with LmStudioStub(token=TOKEN) as stub:
        assert TOKEN not in bounded(look(stub))
        with pytest.raises(PrerequisiteError, match="set LM_API_TOKEN if it wants a token"):
            ask(stub)
    leaky = Answer(status=400, error={"message": f"bad {TOKEN}"})
    with LmStudioStub([FRIENDLY, leaky]) as stub, pytest.raises(BackendError) as caught:
        ask(stub, token=TOKEN)
    assert TOKEN not in f"{caught.value} {caught.value.raw}"


def test_an_old_server_is_loaded_with_lms(
    make: Make, tmp_path: Path, context: Context, bounded: Callable[..., Any]
) -> None:
    async def use(stub: LmStudioStub, lms: Path) -> tuple[Any, dict[str, Any]]:
        async with make(stub, lms=str(lms)) as backend:
            await backend.complete(HI)
            return await backend.describe(), dict(stub.loaded)

    with LmStudioStub(rest=False) as stub:
        described, during = bounded(use(stub, stub.write_lms(tmp_path / "lms")))
        assert during == {"llmbench-test": ("maker/model", 1000)}
        assert stub.loaded == {}
    assert stub.requests[-1]["model"] == "llmbench-test"
    assert (described["context"], described["instance"]) == (1000, "llmbench-test")


def test_what_lms_says_is_in_the_error(ask: Ask, tmp_path: Path) -> None:
    with LmStudioStub(rest=False) as stub:
        lms = str(stub.write_lms(tmp_path / "lms"))
        with pytest.raises(BackendError, match=r"`lms load qwen .*exit code 1: Model not found: qwen"):
            ask(stub, lms=lms, source=Source(key="qwen"))
        with pytest.raises(PrerequisiteError, match=r"no /api/v1/models .*no program 'no-such-lms' on PATH"):
            ask(stub, lms="no-such-lms")


FAULTS = [
    (Answer(status=500, error={"message": "The model has crashed"}), BackendError),
    (Answer(content="a b", error={"message": "generation failed"}, error_after=2), BackendError),
    (Answer(content="a b", break_after=2), ProtocolError),
    (Answer(status=404, error="no model loaded"), BackendError),
]


@pytest.mark.parametrize(("answer", "kind"), FAULTS)
def test_faults_have_their_types(ask: Ask, answer: Answer, kind: type[BackendError]) -> None:
    with LmStudioStub([FRIENDLY, answer]) as stub, pytest.raises(BackendError) as caught:
        ask(stub)
    assert isinstance(caught.value, ProtocolError) is (kind is ProtocolError)
    assert not isinstance(caught.value, ContextOverflowError)


@pytest.mark.parametrize("key", ["reasoning", "reasoning_content"])
def test_reasoning_is_found_and_a_level_is_asked_for(ask: Ask, said: list[str], key: str) -> None:
    thinking = Reasoning(style="separate", enabled=True, level="low")
    with LmStudioStub(Answer(reasoning="because", reasoning_key=key)) as stub:
        got = ask(stub, replace(HI, reasoning=thinking), reasoning=thinking)
        assert (got.reasoning, stub.requests[-1]["reasoning_effort"]) == ("because", "low")
        ask(stub)
    assert sum("the model thought, although" in line for line in said) == 1


def test_it_says_what_it_runs(make: Make, bounded: Callable[..., Any]) -> None:
    async def look(stub: LmStudioStub) -> Any:
        async with make(stub) as backend:
            return await backend.describe()

    with LmStudioStub() as stub:
        described = bounded(look(stub))
    assert (described["server"], described["weights"]) == ("lmstudio", "maker/model@q4_k_m")
    assert (described["context"], described["quantization"], described["slots"]) == (1000, "Q4_K_M", 1)
    assert described["load_config"] == {"context_length": 1000, "flash_attention": True}
    assert described["loaded_by_us"] is True
    assert json.loads(json.dumps(described)) == described


@pytest.mark.parametrize(
    ("there", "kept"),
    [({"maker/model": ("maker/model", 1000)}, ["maker/model"]), ({"old": ("maker/model", 500)}, [])],
)
def test_what_else_is_in_memory_is_unloaded_where_that_is_wished(
    ask: Ask, there: dict[str, tuple[str, int]], kept: list[str]
) -> None:
    models = {"maker/model": 32_768, "maker/other": 32_768}
    loaded = {**there, "another": ("maker/other", 4096)}
    with LmStudioStub(FRIENDLY, models=models, loaded=loaded) as stub:
        ask(stub)
        assert "another" in stub.loaded
        ask(stub, unload_others=True)
        assert list(stub.loaded) == kept
