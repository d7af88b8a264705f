"""The ``openrouter`` backend against a stub of its protocol: pinning, prices, limits, faults, secrets."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest

from llmbench.api import (
    Backend,
    Completion,
    Context,
    Finish,
    Message,
    ModelProfile,
    Priced,
    Reasoning,
    Request,
    Sampling,
    ToolCall,
)
from llmbench.errors import (
    BackendError,
    BudgetError,
    ContextOverflowError,
    ImpossibleError,
    PrerequisiteError,
    ProtocolError,
)
from llmbench.testing.backend import BackendConformance
from llmbench.testing.openrouter_stub import ALL_PARAMETERS, OFFERS, OpenRouterStub, StubOffer
from llmbench.testing.stub_answers import Answer
from llmbench_plugins.backends.openrouter import OpenRouter
from llmbench_plugins.backends.openrouter.limits import Pace
from llmbench_plugins.backends.openrouter.options import OpenRouterOptions, Provider, Source

KEY = "sk-or-test"
HI = Request(messages=(Message("user", "Hi"),), max_tokens=50)
FRIENDLY = Answer(content="ok")
DEAR = StubOffer(tag="gamma/bf16", provider="Gamma", quantization="bf16", prompt="0.00001")
Make = Callable[..., OpenRouter]
Ask = Callable[..., Completion]


@pytest.fixture
def make(context: Context) -> Make:
    def make(
        stub: OpenRouterStub,
        *,
        provider: Provider | None = None,
        slug: str | None = "maker/model",
        reasoning: Reasoning | None = None,
        sampling: Sampling | None = None,
        key: str = KEY,
        **options: Any,
    ) -> OpenRouter:
        chosen = OpenRouterOptions(
            source=Source(slug=slug, provider=provider or Provider()),
            url=stub.url,
            **{"retries": 0, **options},
        )
        profile = ModelProfile(
            name="model", reasoning=reasoning or Reasoning(), sampling=sampling or Sampling()
        )
        return OpenRouter(
            chosen, profile, replace(context, secrets={"OPENROUTER_API_KEY": key} if key else {})
        )

    return make


@pytest.fixture
def ask(make: Make, bounded: Callable[..., Any]) -> Ask:
    """Enter, ask, leave."""

    def ask(stub: OpenRouterStub, request: Request = HI, **more: Any) -> Completion:
        async def once() -> Completion:
            async with make(stub, **more) as backend:
                return await backend.complete(request)

        return bounded(once())

    return ask


@pytest.fixture
def describe(make: Make, bounded: Callable[..., Any]) -> Callable[..., Any]:
    """Enter, describe, leave."""

    def describe(stub: OpenRouterStub, **more: Any) -> Any:
        async def once() -> Any:
            async with make(stub, **more) as backend:
                return await backend.describe()

        return bounded(once())

    return describe


class TestConformance(BackendConformance):
    @pytest.fixture(autouse=True)
    def stub(self) -> Any:
        answer = Answer(content="one two three", piece_delay_s=0.005)
        with OpenRouterStub(answer) as self.server:
            yield

    def make_backend(self, context: Context) -> Backend:
        options = OpenRouterOptions(source=Source(slug="maker/model"), url=self.server.url, retries=0)
        keyed = replace(context, secrets={**context.secrets, "OPENROUTER_API_KEY": KEY})
        return OpenRouter(options, ModelProfile(name="model"), keyed)


def test_a_run_is_pinned_to_the_cheapest_endpoint_and_says_so(ask: Ask, said: list[str]) -> None:
    with OpenRouterStub() as stub:
        got = ask(stub)
    assert stub.requests[-1]["provider"] == {
        "only": ["alpha/fp8"],
        "quantizations": ["fp8"],
        "allow_fallbacks": False,
        "require_parameters": True,
    }
    assert got.provider == "Alpha"
    assert "'maker/model' is pinned to alpha/fp8 (fp8, $1 in, $2 out a million tokens)" in said


POOR = StubOffer(tag="poor", provider="Poor", prompt="0", supported_parameters=("max_tokens", "tools"))


@pytest.mark.parametrize(
    ("offers", "needs", "chosen"),
    [
        ([POOR, DEAR], {}, "poor"),
        ([POOR, DEAR], {"sampling": Sampling(top_k=20)}, "gamma/bf16"),
        ([POOR, DEAR], {"reasoning": Reasoning(style="separate")}, "gamma/bf16"),
        ([replace(POOR, status=-2), DEAR], {}, "gamma/bf16"),
        ([DEAR, *OFFERS], {"provider": Provider(only=("gamma",))}, "gamma/bf16"),
        ([DEAR, *OFFERS], {"provider": Provider(quantizations=("bf16",))}, "beta"),
    ],
)
def test_what_the_profile_needs_comes_before_the_price(
    describe: Callable[..., Any], offers: list[StubOffer], needs: Any, chosen: str
) -> None:
    with OpenRouterStub(offers=offers) as stub:
        assert describe(stub, **needs)["endpoint"] == chosen


def test_a_pin_is_kept_only_once_it_has_answered(ask: Ask) -> None:
    down = Answer(status=500, error={"code": 500, "message": "Internal"})
    with OpenRouterStub([down, FRIENDLY]) as stub:
        with pytest.raises(BackendError, match="Internal"):
            ask(stub)
        stub.offers = OFFERS[1:]
        assert ask(stub).provider == "Beta"


def test_a_pin_that_fits_nothing_lists_what_there_is(ask: Ask) -> None:
    with OpenRouterStub() as stub, pytest.raises(ImpossibleError, match=r"'omega'.*alpha/fp8 \(fp8, \$1 in"):
        ask(stub, provider=Provider(only=("omega",)))


def test_an_open_choice_can_be_refused(ask: Ask) -> None:
    with OpenRouterStub() as stub:
        with pytest.raises(ImpossibleError, match=r"no single endpoint.*alpha/fp8.*beta"):
            ask(stub, unpinned="refuse")
        assert ask(stub, unpinned="refuse", provider=Provider(only=("beta",))).provider == "Beta"


def test_a_resumed_run_keeps_its_provider(ask: Ask) -> None:
    with OpenRouterStub() as stub:
        assert ask(stub).provider == "Alpha"
        cheaper = StubOffer(tag="zeta", provider="Zeta", prompt="0", completion="0")
        stub.offers = [*stub.offers, cheaper]
        assert ask(stub).provider == "Alpha"
        stub.offers = [cheaper]
        with pytest.raises(PrerequisiteError, match=r"answered by 'alpha/fp8', which no longer offers.*zeta"):
            ask(stub)


def test_fallbacks_are_possible_and_warned_of(ask: Ask, said: list[str]) -> None:
    with OpenRouterStub() as stub:
        ask(stub, provider=Provider(allow_fallbacks=True, quantizations=("fp8",)))
    assert stub.requests[-1]["provider"] == {
        "allow_fallbacks": True,
        "require_parameters": True,
        "quantizations": ["fp8"],
    }
    assert any("is not pinned" in line for line in said)


def test_an_answer_of_somebody_else_is_said_and_kept(ask: Ask, said: list[str]) -> None:
    with OpenRouterStub(answered_by="Omega") as stub:
        assert ask(stub).provider == "Omega"
    assert any("'Omega' answered, although the run is pinned to alpha/fp8" in line for line in said)


def test_cost_is_recorded_and_a_missing_one_is_unknown(ask: Ask) -> None:
    with OpenRouterStub([FRIENDLY, Answer(content="one two")]) as stub:
        assert ask(stub).usage.cost_usd == pytest.approx(1e-6 + 2 * 2e-6)
    with OpenRouterStub(Answer(usage=None)) as stub:
        assert ask(stub).usage.cost_usd is None


def test_prices_are_known_without_a_key_and_before_the_run(make: Make, bounded: Callable[..., Any]) -> None:
    with OpenRouterStub() as stub:
        backend = make(stub, key="")
        assert isinstance(backend, Priced)
        prices = bounded(backend.prices())
        assert (prices.prompt_usd, prices.completion_usd, stub.requests) == (1e-6, 2e-6, [])


def test_no_key_and_a_wrong_key_name_the_cure(ask: Ask) -> None:
    with OpenRouterStub() as stub:
        with pytest.raises(PrerequisiteError, match=r"OPENROUTER_API_KEY is not set.*settings/keys"):
            ask(stub, key="")
        with pytest.raises(PrerequisiteError, match="is OPENROUTER_API_KEY a valid key") as caught:
            ask(stub, key="sk-or-wrong-1")
    assert "sk-or-wrong-1" not in str(caught.value)


def test_a_key_with_nothing_left_ends_it_before_it_begins(ask: Ask) -> None:
    empty = {"limit": 10, "limit_remaining": 0, "limit_reset": "monthly"}
    told = pytest.raises(PrerequisiteError, match=r"nothing left of its limit of \$10, which resets monthly")
    with OpenRouterStub(key=empty) as stub, told:
        ask(stub)
    assert stub.requests == []


def test_credit_that_runs_out_ends_the_budget(ask: Ask) -> None:
    broke = Answer(status=402, error={"code": 402, "message": "Insufficient credits"})
    with OpenRouterStub([FRIENDLY, broke]) as stub, pytest.raises(BudgetError, match="settings/credits"):
        ask(stub)
    with OpenRouterStub([broke]) as stub, pytest.raises(PrerequisiteError, match="Insufficient credits"):
        ask(stub)


def test_free_models_are_warned_of_and_a_spent_day_ends_the_budget(ask: Ask, said: list[str]) -> None:
    spent = Answer(status=429, error={"code": 429, "message": "Rate limit exceeded: free-models-per-day"})
    free = {"slug": "maker/model:free", "key": {"is_free_tier": True, "limit_remaining": 0}}
    with OpenRouterStub([FRIENDLY, spent], **free) as stub, pytest.raises(BudgetError, match="of the day"):
        ask(stub, slug="maker/model:free")
    assert any("20 requests a minute and about 50 a day" in line for line in said)


def test_the_pace_of_free_models_is_kept_and_shown(said: list[str], bounded: Callable[..., Any]) -> None:
    async def several() -> list[float]:
        pace = Pace(requests=2, progress=said.append, window_s=0.2)
        began = monotonic()
        took = []
        for _ in range(5):
            await pace.turn()
            took.append(monotonic() - began)
        return took

    took = bounded(several())
    assert took[1] < 0.1 <= took[2]
    assert took[4] >= 0.4
    assert sum("free models take 2 requests a minute" in line for line in said) >= 2


FAULTS = [
    (Answer(error={"code": 502, "message": "provider is down"}), BackendError),
    (Answer(content="a b", error={"code": 429, "message": "slow down"}, error_after=2), BackendError),
    (Answer(content="a b", error={"code": 500, "message": "Internal"}, error_after=2), BackendError),
    (Answer(finish="error", plain=True), BackendError),
    (Answer(status=403, error={"code": 403, "message": "flagged"}), BackendError),
    (Answer(status=408, error={"code": 408, "message": "timed out"}), BackendError),
    (Answer(content="a b", break_after=2), ProtocolError),
    (
        Answer(error={"code": 400, "message": "…", "metadata": {"error_type": "context_length_exceeded"}}),
        ContextOverflowError,
    ),
]


@pytest.mark.parametrize(("answer", "kind"), FAULTS)
def test_faults_have_their_types(ask: Ask, answer: Answer, kind: type[BackendError]) -> None:
    with OpenRouterStub([FRIENDLY, answer]) as stub, pytest.raises(BackendError) as caught:
        ask(stub)
    assert isinstance(caught.value, ProtocolError) is (kind is ProtocolError)
    assert isinstance(caught.value, ContextOverflowError) is (kind is ContextOverflowError)


@pytest.mark.parametrize(
    "busy",
    [
        Answer(status=429, headers={"Retry-After": "0"}, error={"code": 429, "message": "later"}),
        Answer(error={"code": 503, "message": "provider overloaded"}),
        Answer(error={"code": 502, "message": "provider unavailable"}, error_after=0),
    ],
)
def test_a_busy_provider_is_asked_again(ask: Ask, busy: Answer) -> None:
    with OpenRouterStub([FRIENDLY, busy, Answer(content="at last")]) as stub:
        assert ask(stub, retries=1).content == "at last"


def test_a_limit_reported_as_an_error_is_a_spent_budget_of_tokens(ask: Ask) -> None:
    limit = Answer(error={"code": 400, "message": "…", "metadata": {"error_type": "max_tokens_exceeded"}})
    with OpenRouterStub([FRIENDLY, limit]) as stub:
        got = ask(stub)
    assert (got.content, got.finish) == ("", Finish.LENGTH)


def test_an_empty_answer_is_asked_for_once_more_and_billed_with_the_second(ask: Ask) -> None:
    empty = Answer(content="", usage={"cost": 0.5})
    with OpenRouterStub([FRIENDLY, empty, Answer(content="warm", usage={"cost": 0.25})]) as stub:
        got = ask(stub)
        assert (got.content, got.usage.cost_usd) == ("warm", 0.75)
    with OpenRouterStub([FRIENDLY, empty]) as stub:
        assert ask(stub).content == ""
        assert len(stub.requests) == 1 + 2, "once, and then as it is"


@pytest.mark.parametrize(
    ("reasoning", "sent"),
    [
        (Reasoning(), None),
        (Reasoning(style="separate"), {"effort": "none"}),
        (Reasoning(style="separate", enabled=True), {"enabled": True}),
        (Reasoning(style="separate", enabled=True, think_tokens=900), {"max_tokens": 900}),
        (Reasoning(style="separate", enabled=True, think_tokens=900, level="low"), {"effort": "low"}),
    ],
)
def test_reasoning_has_a_budget_of_its_own_where_it_can(ask: Ask, reasoning: Reasoning, sent: Any) -> None:
    with OpenRouterStub() as stub:
        ask(stub, replace(HI, reasoning=reasoning), reasoning=reasoning)
    assert stub.requests[-1].get("reasoning") == sent
    assert "reasoning" not in stub.requests[0], "the first token needs none"


def test_an_endpoint_that_can_not_switch_thinking_is_said(ask: Ask, said: list[str]) -> None:
    plain = StubOffer(tag="p", provider="P", supported_parameters=("max_tokens", "tools", "seed"))
    thinking = Reasoning(style="separate", enabled=True)
    with OpenRouterStub(offers=[plain]) as stub:
        ask(stub, replace(HI, reasoning=thinking), reasoning=thinking)
    assert "reasoning" not in stub.requests[-1]
    assert any("does not take 'reasoning'" in line for line in said)


def test_a_seed_is_left_out_where_it_is_unknown_and_other_settings_are_not(ask: Ask, said: list[str]) -> None:
    few = StubOffer(tag="few", provider="Few", supported_parameters=("max_tokens", "tools"))
    with OpenRouterStub(offers=[few]) as stub:
        ask(stub, replace(HI, seed=3))
        assert "seed" not in stub.requests[-1]
        told = pytest.raises(BackendError, match=r"requested parameters.*few .*takes: max_tokens, tools")
        with told:
            ask(stub, replace(HI, sampling=Sampling(top_k=5)))
    assert sum("takes no seed" in line for line in said) == 1


def test_blocks_of_reasoning_go_back_unchanged_in_tool_loops(make: Make, bounded: Callable[..., Any]) -> None:
    keeping = Reasoning(style="separate", enabled=True, keep=True)
    call = {"id": "c1", "type": "function", "function": {"name": "ls", "arguments": "{}"}}
    pieces = [
        {"type": "reasoning.text", "text": "I ", "index": 0},
        {"type": "reasoning.text", "text": "look", "index": 0},
        {"type": "reasoning.text", "signature": "s1g", "index": 0},
        {"type": "reasoning.encrypted", "data": "xyz", "index": 1},
    ]

    def events() -> bytes:
        deltas = [{"reasoning_details": [piece]} for piece in pieces] + [
            {"tool_calls": [{"index": 0, **call}]}
        ]
        chunks = [{"choices": [{"delta": delta}]} for delta in deltas]
        chunks.append({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]})
        return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)

    async def loop(stub: OpenRouterStub) -> Completion:
        async with make(stub, reasoning=keeping) as backend:
            first = await backend.complete(replace(HI, reasoning=keeping))
            turn = Message("assistant", "", reasoning=first.reasoning, tool_calls=first.tool_calls)
            forgotten = Message(
                "assistant", "", reasoning="old", tool_calls=(ToolCall(id="c0", name="ls", arguments={}),)
            )
            messages = (*HI.messages, forgotten, turn, Message("tool", "a.py", tool_call_id="c1"))
            await backend.complete(replace(HI, messages=messages, reasoning=keeping))
            return first

    streamed = Answer(body=events(), content_type="text/event-stream")
    with OpenRouterStub([FRIENDLY, streamed, FRIENDLY]) as stub:
        first = bounded(loop(stub))
    assert first.reasoning == "I look"
    _, forgotten, turn, _ = stub.requests[-1]["messages"]
    assert turn["reasoning_details"] == [
        {"type": "reasoning.text", "text": "I look", "index": 0, "signature": "s1g"},
        {"type": "reasoning.encrypted", "data": "xyz", "index": 1},
    ]
    assert "reasoning_content" not in turn
    assert forgotten["reasoning"] == "old"


def test_it_says_who_answers_at_which_price(describe: Callable[..., Any]) -> None:
    with OpenRouterStub() as stub:
        described = describe(stub)
    assert (described["server"], described["weights"]) == ("openrouter", "maker/model")
    assert (described["endpoint"], described["quantization"], described["context"]) == (
        "alpha/fp8",
        "fp8",
        1000,
    )
    assert described["usd_per_million_tokens"] == {"prompt": 1.0, "completion": 2.0}
    assert json.loads(json.dumps(described)) == described
    assert KEY not in json.dumps(described)


def test_the_key_is_shown_nowhere(make: Make, context: Context, bounded: Callable[..., Any]) -> None:
    async def use(stub: OpenRouterStub) -> str:
        async with make(stub) as backend:
            return repr(backend) + repr(backend.options) + json.dumps(dict(await backend.describe()))

    leaky = Answer(status=400, error={"code": 400, "message": f"bad key {KEY}"})
    with OpenRouterStub() as stub:
        assert KEY not in bounded(use(stub))
    with OpenRouterStub(leaky) as stub, pytest.raises(BackendError) as caught:
        bounded(use(stub))
    assert KEY not in f"{caught.value} {caught.value.raw}"
    assert not [path for path in context.work_dir.rglob("*") if KEY.encode() in path.read_bytes()]


def test_a_slug_that_nobody_has_says_where_to_look(ask: Ask) -> None:
    with OpenRouterStub() as stub:
        with pytest.raises(
            ImpossibleError, match=r"nobody at .* offers 'maker/other'.*openrouter\.ai/models"
        ):
            ask(stub, slug="maker/other")
        with pytest.raises(ImpossibleError, match=r"sources\.openrouter\.slug: missing"):
            ask(stub, slug=None)


def test_an_answer_limit_below_the_profile_is_said(ask: Ask, said: list[str]) -> None:
    short = StubOffer(tag="s", provider="S", max_completion_tokens=100, supported_parameters=ALL_PARAMETERS)
    with OpenRouterStub(offers=[short]) as stub:
        ask(stub)
    assert "s answers at most 100 tokens; 4096 are allowed here" in said


def test_faults_under_load_lose_nothing(make: Make, bounded: Callable[..., Any]) -> None:
    faults = [answer for answer, _ in FAULTS]
    chosen = [faults[n // 10 % len(faults)] if n % 10 < 3 else FRIENDLY for n in range(200)]

    async def flood(stub: OpenRouterStub) -> list[Any]:
        async with make(stub) as backend:
            asked = [backend.complete(HI) for _ in range(200)]
            return await asyncio.gather(*asked, return_exceptions=True)

    with OpenRouterStub([FRIENDLY, *chosen]) as stub:
        got = bounded(flood(stub))
    assert sum(isinstance(one, Completion) for one in got) == 140
    assert sum(isinstance(one, BackendError) for one in got) == 60
