"""The ``anthropic`` backend against a stub of its protocol: thinking, tools, prices, faults, secrets."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
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
    ToolSpec,
    Wish,
)
from llmbench.errors import (
    BackendError,
    BudgetError,
    ContextOverflowError,
    PrerequisiteError,
    ProtocolError,
    UsageError,
)
from llmbench.testing.anthropic_stub import AnthropicStub, StubClaude
from llmbench.testing.backend import BackendConformance
from llmbench.testing.stub_answers import Answer
from llmbench_plugins.backends.anthropic import Anthropic
from llmbench_plugins.backends.anthropic.options import AnthropicOptions, Source
from llmbench_plugins.backends.anthropic.prices import cost_of, price_of

KEY = "sk-ant-test"
HI = Request(messages=(Message("system", "Be brief."), Message("user", "Hi")), max_tokens=50)
LS = ToolSpec(name="ls", description="List.", parameters={"type": "object", "properties": {}})
FRIENDLY = Answer(content="ok")
OLD = StubClaude()
NEW = StubClaude(
    id="claude-opus-4-8", budgets=False, adaptive=True, efforts=("low", "medium", "high"), samples=False
)
OFF = Reasoning(style="separate")
BUDGET = Reasoning(style="separate", enabled=True, think_tokens=2048)
LEVEL = Reasoning(style="separate", enabled=True, level="low", think_tokens=2048)
Make = Callable[..., Anthropic]
Ask = Callable[..., Completion]


@pytest.fixture
def make(context: Context) -> Make:
    def make(
        stub: AnthropicStub,
        *,
        model: str | None = None,
        name: str = "model",
        reasoning: Reasoning | None = None,
        probe: Request | None = None,
        key: str = KEY,
        **options: Any,
    ) -> Anthropic:
        source = Source(model=model or (stub.claude.id if name == "model" else None))
        chosen = AnthropicOptions(source=source, **{"url": stub.url, "retries": 0, **options})
        profile = ModelProfile(name=name, reasoning=reasoning or Reasoning())
        asked = replace(probe or context.probe, reasoning=reasoning or Reasoning())
        secrets = {"ANTHROPIC_API_KEY": key} if key else {}
        return Anthropic(chosen, profile, replace(context, secrets=secrets, probe=asked))

    return make


@pytest.fixture
def ask(make: Make, bounded: Callable[..., Any]) -> Ask:
    """Enter, ask, leave."""

    def ask(stub: AnthropicStub, request: Request = HI, **more: Any) -> Completion:
        async def once() -> Completion:
            async with make(stub, **more) as backend:
                asked = replace(request, reasoning=more.get("reasoning") or request.reasoning)
                return await backend.complete(asked)

        return bounded(once())

    return ask


class TestConformance(BackendConformance):
    @pytest.fixture(autouse=True)
    def stub(self) -> Any:
        answer = Answer(content="one two three", piece_delay_s=0.005)
        with AnthropicStub(answer) as self.server:
            yield

    def make_backend(self, context: Context) -> Backend:
        options = AnthropicOptions(source=Source(model=self.server.claude.id), url=self.server.url, retries=0)
        keyed = replace(context, secrets={**context.secrets, "ANTHROPIC_API_KEY": KEY})
        return Anthropic(options, ModelProfile(name="model"), keyed)


@pytest.mark.parametrize("stream", [True, False])
def test_a_stream_and_a_plain_answer_read_alike(ask: Ask, stream: bool) -> None:
    call = {"id": "toolu_1", "function": {"name": "ls", "arguments": '{"path": "a b"}'}}
    answer = Answer(content="I look.", reasoning="hm, a folder", tool_calls=[call])
    with AnthropicStub([FRIENDLY, answer]) as stub:
        got = ask(stub, replace(HI, tools=(LS,)), stream=stream)
    assert stub.requests[-1].get("stream", False) is stream
    assert (got.content, got.reasoning, got.finish) == ("I look.", "hm, a folder", Finish.TOOL_CALLS)
    assert [(one.id, one.name, one.arguments) for one in got.tool_calls] == [
        ("toolu_1", "ls", {"path": "a b"})
    ]
    assert (got.usage.prompt_tokens, got.usage.completion_tokens) == (3, 5)
    assert (got.timing.ttft_s is not None) is stream
    assert got.model == "claude-haiku-4-5-20990101"
    assert [block["type"] for block in got.raw["content"]] == ["thinking", "text", "tool_use"]


def test_a_request_is_written_as_the_api_wants_it(ask: Ask) -> None:
    asked = replace(
        HI,
        messages=(*HI.messages, Message("assistant", " "), Message("user", "Well?")),
        sampling=Sampling(temperature=0.0, top_p=1.0, top_k=5, stop=("END",)),
        tools=(LS,),
        tool_choice="required",
        seed=7,
    )
    with AnthropicStub() as stub:
        ask(stub, asked)
    sent = stub.requests[-1]
    assert sent["system"] == "Be brief."
    assert sent["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "Well?"}]}
    ]
    assert (sent["temperature"], sent["top_k"], sent["stop_sequences"]) == (0.0, 5, ["END"])
    assert not {"top_p", "seed", "thinking"} & sent.keys()
    assert sent["tools"] == [{"name": "ls", "description": "List.", "input_schema": dict(LS.parameters)}]
    assert (sent["tool_choice"], sent["cache_control"]) == ({"type": "any"}, {"type": "ephemeral"})
    assert stub.headers[-1]["anthropic-version"] == "2023-06-01"


def test_nothing_is_cached_where_the_run_says_so(ask: Ask) -> None:
    with AnthropicStub() as stub:
        ask(stub, replace(HI, tools=(LS,), prompt_cache=False))
        ask(stub, replace(HI, tools=(LS,)), cache_prompt=False)
        ask(stub)
    assert not [body for body in stub.requests if "cache_control" in body]


@pytest.mark.parametrize(
    ("claude", "reasoning", "thinking", "effort"),
    [
        (OLD, Reasoning(), None, None),
        (OLD, OFF, None, None),
        (OLD, BUDGET, {"type": "enabled", "budget_tokens": 2048}, None),
        (NEW, OFF, {"type": "disabled"}, None),
        (NEW, BUDGET, {"type": "adaptive", "display": "summarized"}, None),
        (NEW, LEVEL, {"type": "adaptive", "display": "summarized"}, "low"),
        (replace(NEW, budgets=True), BUDGET, {"type": "enabled", "budget_tokens": 2048}, None),
        (replace(NEW, budgets=True), LEVEL, {"type": "adaptive", "display": "summarized"}, "low"),
        (replace(OLD, tells=False), BUDGET, {"type": "enabled", "budget_tokens": 2048}, None),
        (replace(NEW, tells=False), BUDGET, {"type": "adaptive", "display": "summarized"}, None),
    ],
)
def test_thinking_is_asked_for_in_the_words_that_the_model_takes(
    ask: Ask, claude: StubClaude, reasoning: Reasoning, thinking: Any, effort: str | None
) -> None:
    with AnthropicStub(claude=claude) as stub:
        ask(stub, replace(HI, max_tokens=reasoning.max_tokens), reasoning=reasoning)
    first, sent = stub.requests
    assert sent.get("thinking") == first.get("thinking") == thinking
    assert sent.get("output_config", {}).get("effort") == effort
    assert sent["max_tokens"] == reasoning.max_tokens


def test_limits_that_the_model_does_not_have_are_refused_before_it_is_asked(ask: Ask) -> None:
    with AnthropicStub() as stub:
        with pytest.raises(UsageError, match=r"think_tokens: .* 1024 tokens or more, got 900"):
            ask(stub, reasoning=replace(BUDGET, think_tokens=900))
        with pytest.raises(UsageError, match=r"at most 64000 tokens, thinking included, got 70000"):
            ask(stub, reasoning=Reasoning(answer_tokens=70_000))
    assert stub.requests == []


def test_thinking_goes_back_signed_with_the_results_of_tools(make: Make, bounded: Callable[..., Any]) -> None:
    """The stub refuses a call of a model that thinks without its signed thinking, as the API does."""
    calls = [{"id": f"toolu_{n}", "function": {"name": "ls", "arguments": "{}"}} for n in (1, 2)]
    script = [
        FRIENDLY,
        Answer(content="", reasoning="I look twice", tool_calls=calls),
        Answer(content="Once more.", tool_calls=[{**calls[0], "id": "toolu_3"}]),
        Answer(content="done", reasoning="enough"),
    ]

    async def loop(stub: AnthropicStub) -> Completion:
        async with make(stub, reasoning=BUDGET) as backend:
            asked = replace(HI, max_tokens=4096, reasoning=BUDGET, tools=(LS,))
            while True:
                got = await backend.complete(asked)
                if not got.tool_calls:
                    return got
                turn = Message("assistant", got.content, tool_calls=got.tool_calls)
                results = [Message("tool", "a.py", tool_call_id=call.id) for call in got.tool_calls]
                asked = replace(asked, messages=(*asked.messages, turn, *results))

    with AnthropicStub(script) as stub:
        assert bounded(loop(stub)).content == "done"
    turns = stub.requests[-1]["messages"]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user", "assistant", "user"]
    assert [block["type"] for block in turns[1]["content"]] == ["thinking", "tool_use", "tool_use"]
    assert [block["tool_use_id"] for block in turns[2]["content"]] == ["toolu_1", "toolu_2"]
    assert [block["type"] for block in turns[3]["content"]] == ["text", "tool_use"]
    assert all(body["thinking"] == {"type": "enabled", "budget_tokens": 2048} for body in stub.requests)


@pytest.mark.parametrize(("keep", "kinds"), [(True, ["thinking", "text"]), (False, ["text"])])
def test_thinking_of_earlier_turns_goes_back_where_the_profile_keeps_it(
    make: Make, bounded: Callable[..., Any], keep: bool, kinds: list[str]
) -> None:
    keeping = replace(BUDGET, keep=keep)

    async def twice(stub: AnthropicStub) -> None:
        async with make(stub, reasoning=keeping) as backend:
            asked = replace(HI, max_tokens=4096, reasoning=keeping)
            got = await backend.complete(asked)
            again = (Message("assistant", got.content), Message("user", "Again."))
            await backend.complete(replace(asked, messages=(*asked.messages, *again)))

    with AnthropicStub(Answer(content="ok", reasoning="hm")) as stub:
        bounded(twice(stub))
    assert [block["type"] for block in stub.requests[-1]["messages"][1]["content"]] == kinds


def test_what_can_not_be_honoured_is_said_beforehand(make: Make, bounded: Callable[..., Any]) -> None:
    forced = Wish(tools=True, tool_choice="required", reasoning=BUDGET)

    async def told(stub: AnthropicStub) -> list[str]:
        backend = make(stub, reasoning=BUDGET)
        before = list(backend.ignores(forced))
        async with backend:
            return [*before, *backend.ignores(Wish(reasoning=LEVEL))]

    with AnthropicStub() as stub:
        choice, level = bounded(told(stub))
    assert "agent.tool_choice=required" in choice
    assert "'claude-haiku-4-5' takes no level of effort" in level


@pytest.mark.parametrize("name", ["min_p", "repeat_penalty", "presence_penalty", "frequency_penalty"])
def test_settings_without_a_word_in_the_api_are_refused(ask: Ask, name: str) -> None:
    probe = replace(HI, sampling=Sampling(**{name: 0.5}))
    with AnthropicStub() as stub, pytest.raises(UsageError, match=rf"sampling\.{name}: .*=null"):
        ask(stub, probe=probe)
    assert stub.requests == []


def test_a_sampler_that_the_model_refuses_names_the_option(ask: Ask) -> None:
    probe = replace(HI, sampling=Sampling(temperature=0.0))
    with AnthropicStub(claude=NEW) as stub, pytest.raises(UsageError, match=r"sampling\.temperature=null"):
        ask(stub, probe=probe)


def test_a_seed_is_said_to_have_no_effect(ask: Ask, said: list[str]) -> None:
    with AnthropicStub() as stub:
        ask(stub, probe=replace(HI, seed=3))
    assert sum("takes no seed" in line for line in said) == 1


def test_cost_comes_from_the_table_and_an_unknown_price_is_no_price(ask: Ask, said: list[str]) -> None:
    usage = {
        "input_tokens": 1000,
        "cache_read_input_tokens": 10_000,
        "cache_creation_input_tokens": 2000,
        "output_tokens": 100,
        "output_tokens_details": {"thinking_tokens": 60},
    }
    with AnthropicStub(Answer(usage=usage)) as stub:
        used = ask(stub).usage
    assert (used.prompt_tokens, used.cached_tokens, used.reasoning_tokens) == (13_000, 10_000, 60)
    assert used.cost_usd == pytest.approx((1000 + 1.25 * 2000 + 0.1 * 10_000 + 5 * 100) / 1e6)
    assert not [line for line in said if "no price" in line]
    with AnthropicStub(Answer(usage=usage), claude=StubClaude(id="claude-tomorrow-9")) as stub:
        assert ask(stub).usage.cost_usd is None
    assert any("no price is known for 'claude-tomorrow-9'" in line for line in said)


def test_snapshots_cost_what_their_model_costs_and_long_prompts_may_cost_more() -> None:
    assert price_of("claude-haiku-4-5-20251001") == price_of("claude-haiku-4-5")
    assert price_of("claude-opus-4") is None, "no price is better than a wrong one"
    usage = replace(Completion(content="", finish=Finish.STOP).usage, completion_tokens=0)
    short, long = (replace(usage, prompt_tokens=tokens) for tokens in (100_000, 200_000))
    assert cost_of("claude-haiku-5-5", short, written=0) == pytest.approx(0.01)
    assert cost_of("claude-haiku-5-5", long, written=0) == pytest.approx(0.1)


def test_prices_are_known_without_a_key_and_without_asking(make: Make, bounded: Callable[..., Any]) -> None:
    with AnthropicStub() as stub:
        backend = make(stub, key="")
        assert isinstance(backend, Priced)
        prices = bounded(backend.prices())
        assert (prices.prompt_usd, prices.completion_usd, stub.requests) == (1e-6, 5e-6, [])


def test_no_key_and_a_wrong_key_name_the_cure(ask: Ask) -> None:
    with AnthropicStub() as stub:
        with pytest.raises(PrerequisiteError, match=r"ANTHROPIC_API_KEY is not set.*settings/keys"):
            ask(stub, key="", url="https://api.anthropic.com")
        with pytest.raises(PrerequisiteError, match="is ANTHROPIC_API_KEY a valid key") as caught:
            ask(stub, key="sk-ant-wrong-1")
    assert "sk-ant-wrong-1" not in str(caught.value)


def test_an_unknown_model_is_told_with_those_that_there_are(ask: Ask) -> None:
    with AnthropicStub() as stub:
        with pytest.raises(UsageError, match=r"sources\.anthropic\.model to one of: claude-haiku-4-5"):
            ask(stub, model="claude-haiku-4.5")
        with pytest.raises(UsageError, match=r"sources\.anthropic\.model: missing"):
            ask(stub, name="any")
        assert ask(stub, name="claude-haiku-4-5").content == "ok", "the profile's own name will do"


def _error(kind: str, message: str, **more: Any) -> Answer:
    return Answer(error={"type": kind, "message": message}, **more)


OVERLOADED = ("overloaded_error", "Overloaded")
INTERNAL = ("api_error", "Internal server error")


@pytest.mark.parametrize(
    "busy",
    [
        _error("rate_limit_error", "slow down", status=429, headers={"Retry-After": "0"}),
        _error(*OVERLOADED, status=529),
        _error(*INTERNAL, status=500),
        _error(*OVERLOADED, error_after=0),
        Answer(break_after=0),
    ],
)
def test_what_may_succeed_later_is_asked_again(ask: Ask, said: list[str], busy: Answer) -> None:
    with AnthropicStub([FRIENDLY, busy, Answer(content="at last")]) as stub:
        assert ask(stub, retries=1).content == "at last"
    assert any(line.startswith("waiting") and " s: the server" in line for line in said)


FAULTS = [
    (Answer(content="a b", break_after=4), ProtocolError, "broke off"),
    (_error(*OVERLOADED, content="a b", error_after=4), BackendError, "Overloaded"),
    (_error(*INTERNAL, content="a b", error_after=4), BackendError, "Internal server error"),
    (_error("request_too_large", "Request exceeds the maximum size", status=413), BackendError, "413"),
    (
        _error("invalid_request_error", "prompt is too long: 9 tokens > 8 maximum", status=400),
        ContextOverflowError,
        "too long",
    ),
    (
        _error("invalid_request_error", "input length and `max_tokens` exceed context limit", status=400),
        ContextOverflowError,
        "context limit",
    ),
]


@pytest.mark.parametrize(("answer", "kind", "text"), FAULTS)
def test_faults_have_their_types(ask: Ask, answer: Answer, kind: type[BackendError], text: str) -> None:
    with AnthropicStub([FRIENDLY, answer]) as stub, pytest.raises(BackendError, match=text) as caught:
        ask(stub)
    assert isinstance(caught.value, ProtocolError) is (kind is ProtocolError)
    assert isinstance(caught.value, ContextOverflowError) is (kind is ContextOverflowError)


@pytest.mark.parametrize(
    "broke",
    [
        _error("invalid_request_error", "Your credit balance is too low to access the API", status=400),
        Answer(
            status=429,
            error={
                "type": "rate_limit_error",
                "message": "spend cap",
                "details": {"error_code": "enforced_spend_limit_reached"},
            },
        ),
    ],
)
def test_credit_that_runs_out_ends_the_budget(ask: Ask, broke: Answer) -> None:
    with AnthropicStub([FRIENDLY, broke]) as stub, pytest.raises(BudgetError, match="settings/billing"):
        ask(stub)
    with AnthropicStub([broke]) as stub, pytest.raises(PrerequisiteError, match="settings/billing"):
        ask(stub)


def test_an_answer_about_credit_is_no_bill(ask: Ask) -> None:
    """A task may well be about a bank account: what broke off in it says nothing of ours."""
    said = "The credit balance and the spend limit are"
    for torn in (Answer(content=said, break_after=8), _error(*INTERNAL, content=said, error_after=8)):
        with AnthropicStub([FRIENDLY, torn]) as stub, pytest.raises(BackendError):
            ask(stub)


@pytest.mark.parametrize(
    ("word", "finish"),
    [
        ("stop_sequence", Finish.STOP),
        ("max_tokens", Finish.LENGTH),
        ("model_context_window_exceeded", Finish.LENGTH),
        ("refusal", Finish.CONTENT_FILTER),
    ],
)
def test_each_reason_to_stop_has_its_meaning(ask: Ask, word: str, finish: Finish) -> None:
    with AnthropicStub([FRIENDLY, Answer(content="", finish=word)]) as stub:
        got = ask(stub)
    assert (got.finish, got.finish_word, got.content) == (finish, "", "")


def test_an_unknown_reason_to_stop_is_kept(ask: Ask) -> None:
    with AnthropicStub([FRIENDLY, Answer(content="so far", finish="pause_turn")]) as stub:
        got = ask(stub)
    assert (got.content, got.finish_word) == ("so far", "pause_turn")


def test_arguments_that_are_no_json_are_the_models_mistake_and_go_on(
    make: Make, bounded: Callable[..., Any]
) -> None:
    torn = {"id": "toolu_1", "function": {"name": "ls", "arguments": '{"path": "a'}}

    async def loop(stub: AnthropicStub) -> Completion:
        async with make(stub, reasoning=BUDGET) as backend:
            asked = replace(HI, max_tokens=4096, reasoning=BUDGET, tools=(LS,))
            got = await backend.complete(asked)
            turn = Message("assistant", got.content, tool_calls=got.tool_calls)
            result = Message("tool", got.tool_calls[0].problem, tool_call_id="toolu_1")
            await backend.complete(replace(asked, messages=(*asked.messages, turn, result)))
            return got

    script = [FRIENDLY, Answer(content="", reasoning="hm", tool_calls=[torn]), FRIENDLY]
    with AnthropicStub(script) as stub:
        got = bounded(loop(stub))
    assert "no JSON" in got.tool_calls[0].problem
    assert stub.requests[-1]["messages"][1]["content"][1]["input"] == {}


def test_hidden_thinking_goes_back_as_it_came(make: Make, bounded: Callable[..., Any]) -> None:
    events = [
        {"type": "message_start", "message": {"id": "m", "model": "claude", "usage": {"input_tokens": 3}}},
        {"type": "ping"},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "redacted_thinking", "data": "xyz"},
        },
        {"type": "content_block_stop", "index": 0},
        {
            "type": "content_block_start",
            "index": 1,
            "content_block": {"type": "tool_use", "id": "toolu_1", "name": "ls", "input": {}},
        },
        {"type": "content_block_stop", "index": 1},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 9}},
        {"type": "message_stop"},
    ]
    body = b"".join(f"event: {told['type']}\ndata: {json.dumps(told)}\n\n".encode() for told in events)

    async def loop(stub: AnthropicStub) -> Completion:
        async with make(stub, reasoning=BUDGET) as backend:
            asked = replace(HI, max_tokens=4096, reasoning=BUDGET, tools=(LS,))
            got = await backend.complete(asked)
            turn = Message("assistant", "", tool_calls=got.tool_calls)
            result = Message("tool", "", tool_call_id="toolu_1")
            await backend.complete(replace(asked, messages=(*asked.messages, turn, result)))
            return got

    with AnthropicStub([FRIENDLY, Answer(body=body, content_type="text/event-stream"), FRIENDLY]) as stub:
        got = bounded(loop(stub))
    assert (got.reasoning, got.tool_calls[0].arguments) == ("", {})
    assert stub.requests[-1]["messages"][1]["content"][0] == {"type": "redacted_thinking", "data": "xyz"}


def test_a_conversation_of_an_earlier_command_goes_on_without_thinking(
    make: Make, bounded: Callable[..., Any], said: list[str]
) -> None:
    """Its signed thinking is gone, and with a budget the API takes no call that does not begin with it."""
    stored = ToolCall(id="toolu_0", name="ls", arguments={})
    earlier = (Message("assistant", "", tool_calls=(stored,)), Message("tool", "a", tool_call_id="toolu_0"))

    async def resume(stub: AnthropicStub) -> None:
        async with make(stub, reasoning=BUDGET) as backend:
            asked = replace(HI, max_tokens=4096, reasoning=BUDGET, tools=(LS,))
            for _ in range(2):
                await backend.complete(replace(asked, messages=(*asked.messages, *earlier)))
            await backend.complete(asked)

    with AnthropicStub() as stub:
        bounded(resume(stub))
    assert ["thinking" in body for body in stub.requests] == [True, False, False, True]
    assert sum("go on without thinking" in line for line in said) == 1


def test_pings_are_no_answer(ask: Ask) -> None:
    with AnthropicStub(Answer(content="a b c", comments=True)) as stub:
        assert ask(stub).content == "a b c"


def test_betas_and_fields_of_ones_own_are_sent(ask: Ask) -> None:
    with AnthropicStub() as stub:
        ask(stub, betas=("one-1", "two-2"), extra_body={"service_tier": "standard_only", "system": None})
    assert stub.headers[-1]["anthropic-beta"] == "one-1,two-2"
    assert stub.requests[-1]["service_tier"] == "standard_only"
    assert "system" not in stub.requests[-1]


def test_it_says_who_answers_how_and_at_which_price(make: Make, bounded: Callable[..., Any]) -> None:
    async def describe(stub: AnthropicStub) -> Any:
        async with make(stub, reasoning=BUDGET) as backend:
            return await backend.describe()

    with AnthropicStub() as stub:
        described = bounded(describe(stub))
    assert (described["server"], described["weights"]) == ("anthropic", "claude-haiku-4-5-20990101")
    assert (described["context"], described["max_tokens"]) == (1000, 64_000)
    assert described["usd_per_million_tokens"] == {"prompt": 1.0, "completion": 5.0, "cached": 0.1}
    assert described["thinking"] == {"thinking": {"type": "enabled", "budget_tokens": 2048}}
    assert json.loads(json.dumps(described)) == described
    assert KEY not in json.dumps(described)


def test_the_key_is_shown_nowhere(make: Make, context: Context, bounded: Callable[..., Any]) -> None:
    async def use(stub: AnthropicStub) -> str:
        async with make(stub) as backend:
            return repr(backend) + repr(backend.options) + json.dumps(dict(await backend.describe()))

    leaky = _error("permission_error", f"bad key {KEY}", status=400)
    with AnthropicStub() as stub:
        assert KEY not in bounded(use(stub))
    with AnthropicStub(leaky) as stub, pytest.raises(BackendError) as caught:
        bounded(use(stub))
    assert KEY not in f"{caught.value} {caught.value.raw}"
    assert not [path for path in context.work_dir.rglob("*") if KEY.encode() in path.read_bytes()]


def test_faults_under_load_lose_nothing(make: Make, bounded: Callable[..., Any]) -> None:
    faults = [answer for answer, _, _ in FAULTS]
    chosen = [faults[n // 10 % len(faults)] if n % 10 < 3 else FRIENDLY for n in range(200)]

    async def flood(stub: AnthropicStub) -> list[Any]:
        async with make(stub, concurrency=8) as backend:
            asked = [backend.complete(HI) for _ in range(200)]
            return await asyncio.gather(*asked, return_exceptions=True)

    with AnthropicStub([FRIENDLY, *chosen]) as stub:
        got = bounded(flood(stub))
    assert sum(isinstance(one, Completion) for one in got) == 140
    assert sum(isinstance(one, BackendError) for one in got) == 60
