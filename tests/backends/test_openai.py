"""The ``openai`` backend against a stub: answers, faults, waits, secrets."""

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
    Reasoning,
    Request,
    Sampling,
    ToolCall,
    ToolSpec,
)
from llmbench.errors import BackendError, ContextOverflowError, ProtocolError, UsageError
from llmbench.testing.backend import BackendConformance
from llmbench.testing.servers import Answer, StubServer
from llmbench_plugins.backends.openai import OpenAI, OpenAIOptions, Source, hint_for

Ask = Callable[..., Completion]
KEY = "sk-test-4711"
FRIENDLY = Answer(content="ok")
LS = ToolSpec(name="ls", description="List files.", parameters={"type": "object"})


class TestConformance(BackendConformance):
    @pytest.fixture(autouse=True)
    def stub(self) -> Any:
        with StubServer(Answer(content="one two three", piece_delay_s=0.005), context=1000) as self.server:
            yield

    def make_backend(self, context: Context) -> Backend:
        return OpenAI(OpenAIOptions(url=self.server.url), ModelProfile(name="stub"), context)


def test_it_sends_what_was_asked_and_nothing_else(ask: Ask) -> None:
    request = Request(
        messages=(
            Message("system", "Be brief."),
            Message("user", "List."),
            Message("assistant", "", tool_calls=(ToolCall(id="c1", name="ls", arguments={"path": "."}),)),
            Message("tool", "a.py", tool_call_id="c1"),
        ),
        max_tokens=64,
        sampling=Sampling(temperature=0.5, top_k=20, repeat_penalty=1.1, stop=("END",)),
        seed=3,
        tools=(ToolSpec(name="ls", description="List files.", parameters={"type": "object"}),),
        task="python/leap",
    )
    with StubServer() as stub:
        ask(stub.url, request, extra_body={"top_k": 7, "user": "me"}, source=Source(model="real-name"))
    sent = stub.requests[-1]
    assert sent == {
        "model": "real-name",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "List."},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "ls", "arguments": '{"path":"."}'}}
                ],
            },
            {"role": "tool", "content": "a.py", "tool_call_id": "c1"},
        ],
        "max_tokens": 64,
        "temperature": 0.5,
        "top_k": 7,
        "repetition_penalty": 1.1,
        "stop": ["END"],
        "seed": 3,
        "tools": [
            {
                "type": "function",
                "function": {"name": "ls", "description": "List files.", "parameters": {"type": "object"}},
            }
        ],
        "tool_choice": "auto",
        "stream": True,
        "stream_options": {"include_usage": True},
        "user": "me",
    }


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_the_url_may_end_as_people_write_it(ask: Ask, ending: str) -> None:
    with StubServer("fine") as stub:
        assert ask(stub.url.removesuffix("/v1") + ending).content == "fine"


@pytest.mark.parametrize("url", [None, "127.0.0.1:8080", "ftp://host/v1"])
def test_a_missing_or_odd_url_names_the_key(ask: Ask, url: str | None) -> None:
    with pytest.raises(UsageError, match=r"backend\.url"):
        ask(url)


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("stream", [False, True])
def test_streams_and_plain_answers_say_the_same(ask: Ask, stream: bool, plain: bool) -> None:
    answer = Answer(
        content="def f(): pass",
        reasoning="Let me think",
        plain=plain,
        comments=True,
        piece_delay_s=0.01,
        usage={
            "prompt_tokens_details": {"cached_tokens": 2},
            "completion_tokens_details": {"reasoning_tokens": 3},
            "cost": 0.5,
        },
        extra={"timings": {"prompt_n": 4, "prompt_ms": 8.0, "predicted_n": 3, "predicted_ms": 6.0}},
    )
    with StubServer([FRIENDLY, answer]) as stub:
        got = ask(stub.url, stream=stream)
    assert (got.content, got.reasoning, got.finish) == ("def f(): pass", "Let me think", Finish.STOP)
    assert (got.usage.completion_tokens, got.usage.reasoning_tokens) == (3, 3)
    assert (got.usage.cached_tokens, got.usage.cost_usd) == (2, 0.5)
    assert (got.timing.prefill_tokens_per_s, got.timing.decode_tokens_per_s) == (500.0, 500.0)
    assert got.model == "stub"
    assert got.raw["choices"][0]["message"]["content"] == "def f(): pass"
    if stream and not plain:
        assert got.timing.ttft_s is not None
        assert got.timing.first_answer_s is not None
        assert 0 < got.timing.ttft_s < got.timing.first_answer_s < got.timing.wall_s
    else:
        assert got.timing.ttft_s is None


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning", "thinking"])
def test_reasoning_is_found_in_every_field(ask: Ask, key: str) -> None:
    with StubServer(Answer(content="x", reasoning="because", reasoning_key=key)) as stub:
        assert ask(stub.url).reasoning == "because"


@pytest.mark.parametrize(
    ("content", "reasoning", "answer"),
    [
        ("<think>why</think> x = 1", "why", "x = 1"),
        ("<think>why and never an answer", "why and never an answer", ""),
        ("why</think>\nx = 1", "why", "x = 1"),
        ('x = "</think>" # a tag in code', "", 'x = "</think>" # a tag in code'),
    ],
)
def test_inline_thinking_is_split_off(ask: Ask, content: str, reasoning: str, answer: str) -> None:
    with StubServer(Answer(content=content, piece_delay_s=0.005)) as stub:
        got = ask(stub.url)
    assert (got.reasoning, got.content) == (reasoning, answer)
    if not answer:
        assert got.timing.first_answer_s is None
    elif reasoning:
        assert got.timing.first_answer_s is not None
        assert got.timing.ttft_s is not None
        assert got.timing.first_answer_s >= got.timing.ttft_s


def test_a_closing_tag_anywhere_counts_where_the_model_thinks(ask: Ask) -> None:
    request = Request(
        messages=(Message("user", "Hi"),), max_tokens=50, reasoning=Reasoning(style="inline", enabled=True)
    )
    with StubServer("why</think>x = 1") as stub:
        assert ask(stub.url, request).content == "x = 1"


def test_content_may_come_in_parts(ask: Ask) -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "why"}]},
        {"type": "text", "text": "x"},
    ]
    body = {"choices": [{"message": {"content": parts}, "finish_reason": "stop"}]}
    with StubServer([FRIENDLY, Answer(body=json.dumps(body).encode())]) as stub:
        got = ask(stub.url)
    assert (got.reasoning, got.content) == ("why", "x")


def test_no_answer_within_the_limit_is_an_empty_answer_of_finish_length(ask: Ask) -> None:
    with StubServer(Answer(content="", finish="length", usage=None)) as stub:
        got = ask(stub.url)
    assert (got.content, got.finish, got.usage.completion_tokens) == ("", Finish.LENGTH, None)


def _piece(**piece: Any) -> dict[str, Any]:
    function = {key: piece.pop(key) for key in ("name", "arguments") if key in piece}
    return {**piece, "function": function}


CALLS = [("a", "ls", {"path": "."}), ("b", "read", {"path": "x"})]


@pytest.mark.parametrize(
    "pieces",
    [
        [
            _piece(index=0, id="a", name="ls", arguments=""),
            _piece(index=0, arguments='{"path":'),
            _piece(index=1, id="b", name="read", arguments='{"path":"x"}'),
            _piece(index=0, arguments='"."}'),
        ],
        [
            _piece(index=0, id="a", name="ls", arguments='{"path":"."}'),
            _piece(index=0, id="b", name="read", arguments='{"path":"x"}'),
        ],
        [
            _piece(id="a", name="ls", arguments='{"path":"."'),
            _piece(arguments="}"),
            _piece(id="b", name="read", arguments={"path": "x"}),
        ],
    ],
    ids=["interleaved", "all numbered 0", "not numbered, object"],
)
def test_tool_calls_are_put_together(ask: Ask, pieces: list[dict[str, Any]]) -> None:
    with StubServer([FRIENDLY, Answer(content="", tool_deltas=pieces, finish="tool_calls")]) as stub:
        got = ask(stub.url)
    assert [(call.id, call.name, call.arguments) for call in got.tool_calls] == CALLS
    assert got.finish is Finish.TOOL_CALLS


@pytest.mark.parametrize("plain", [False, True])
def test_tool_calls_win_over_the_finish_reason_stop(ask: Ask, plain: bool) -> None:
    call = {"id": "a", "type": "function", "function": {"name": "ls", "arguments": ""}}
    with StubServer([FRIENDLY, Answer(content="", tool_calls=[call], finish="stop", plain=plain)]) as stub:
        got = ask(stub.url)
    assert (got.finish, got.tool_calls[0].arguments) == (Finish.TOOL_CALLS, {})


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        ({"name": "ls", "arguments": '{"path": '}, "the arguments are no JSON: Input data was truncated"),
        ({"name": "ls", "arguments": "[1]"}, "the arguments are no JSON object"),
        ({"name": "", "arguments": "{}"}, "the call has no name"),
        (None, "the call has no name"),
    ],
)
def test_a_call_that_the_model_got_wrong_is_kept_with_its_problem(
    ask: Ask, function: dict[str, str] | None, problem: str
) -> None:
    with StubServer([FRIENDLY, Answer(tool_calls=[{"id": "a", "function": function}], plain=True)]) as stub:
        (call,) = ask(stub.url).tool_calls
    assert (call.problem, call.arguments) == (problem, {})
    assert call.raw == (function or {}).get("arguments", "{}")


def test_calls_that_the_server_dropped_are_no_error(ask: Ask) -> None:
    with StubServer([FRIENDLY, Answer(finish="tool_calls", content="half a call")]) as stub:
        got = ask(stub.url)
    assert (got.finish, got.tool_calls, got.content) == (Finish.TOOL_CALLS, (), "half a call")


UNREADABLE = {
    "broken": Answer(content="one two three", break_after=2),
    "broken before its finish": Answer(content="one two three", break_after=4),
    "cut JSON": Answer(body=b'{"choices": [{"mess'),
    "server could not parse": Answer(
        status=500, error={"code": 500, "message": "Failed to parse input at pos 4"}
    ),
    "no tools (Ollama)": Answer(status=400, error={"message": "stub does not support tools"}),
    "no tools (llama.cpp)": Answer(status=500, error={"message": "tools param requires --jinja flag"}),
    "no tools (vLLM)": Answer(
        status=400, error={"message": '"auto" tool choice requires --enable-auto-tool-choice to be set'}
    ),
}


@pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_a_protocol_error_with_what_came(ask: Ask, answer: Answer) -> None:
    request = Request(messages=(Message("user", "Hi"),), max_tokens=100, tools=(LS,))
    with StubServer([FRIENDLY, answer]) as stub, pytest.raises(ProtocolError) as caught:
        ask(stub.url, request)
    assert caught.value.raw


def test_a_broken_stream_keeps_its_pieces(ask: Ask) -> None:
    with StubServer([FRIENDLY, Answer(content="one two three", break_after=3)]) as stub:
        with pytest.raises(ProtocolError, match="broke off after 2 pieces") as caught:
            ask(stub.url, retries=3)
        assert len(stub.requests) == 2, "a broken stream is not asked again"
    assert "one two" in caught.value.raw


def test_a_stream_without_done_is_whole_when_it_said_why_it_ended(ask: Ask) -> None:
    with StubServer(Answer(content="whole", done=False)) as stub:
        assert ask(stub.url).content == "whole"


OVERFLOWS = [
    Answer(status=400, error={"type": "exceed_context_size_error", "message": "too long", "n_ctx": 512}),
    Answer(status=400, error={"code": "context_length_exceeded", "message": "…"}),
    Answer(status=400, error="This model's maximum context length is 4096 tokens."),
    Answer(error={"code": 400, "metadata": {"error_type": "context_length_exceeded"}, "message": "…"}),
    Answer(error={"type": "exceed_context_size_error", "message": "…"}, error_after=1),
]


@pytest.mark.parametrize("answer", OVERFLOWS)
def test_overflow_is_told_from_other_refusals(ask: Ask, answer: Answer) -> None:
    with StubServer([FRIENDLY, answer]) as stub, pytest.raises(ContextOverflowError):
        ask(stub.url)


FAULTS = [
    (Answer(status=404, error="model not loaded"), "model not loaded"),
    (Answer(status=500, error={"message": "out of memory"}), "out of memory"),
    (Answer(status=500, body=b"Internal Server Error", content_type="text/plain"), "Internal Server Error"),
    (Answer(status=400, body=b'{"detail": "no such field"}'), "no such field"),
    (Answer(error={"code": 402, "message": "no credit"}), "no credit"),
    (Answer(content="a b", error={"message": "GPU fell off"}, error_after=2), "GPU fell off"),
    (Answer(content="a b", error={"code": 429, "message": "slow down"}, error_after=2), "slow down"),
    (Answer(finish="error"), "finish reason 'error'"),
    (Answer(body=b"<html>hello</html>", content_type="text/html"), "web page"),
]


@pytest.mark.parametrize(("answer", "text"), FAULTS, ids=[text for _, text in FAULTS])
def test_other_errors_say_what_the_server_said(ask: Ask, answer: Answer, text: str) -> None:
    plain = replace(answer, plain=answer.finish == "error")
    with StubServer([FRIENDLY, plain]) as stub, pytest.raises(BackendError, match=text) as caught:
        ask(stub.url)
    assert not isinstance(caught.value, ProtocolError | ContextOverflowError)


BUSY = [
    Answer(status=429, headers={"Retry-After": "0"}, error={"message": "later"}),
    Answer(status=503, error={"message": "Loading model"}),
    Answer(error={"code": 503, "message": "provider overloaded"}),
    Answer(error={"code": 429, "message": "later"}, error_after=0),
]


@pytest.mark.parametrize("busy", BUSY)
def test_a_busy_server_is_asked_again(ask: Ask, said: list[str], busy: Answer) -> None:
    with StubServer([FRIENDLY, busy, Answer(content="at last")]) as stub:
        assert ask(stub.url, retries=1).content == "at last"
    assert any("the server asked for it (" in line for line in said)


def test_retry_after_is_honoured_and_shown(ask: Ask, said: list[str]) -> None:
    busy = Answer(status=429, headers={"Retry-After": "1"}, error="later")
    with StubServer([FRIENDLY, busy, Answer(content="at last")]) as stub:
        assert ask(stub.url, retries=1).content == "at last"
    assert "waiting 1 s: the server asked for it (429)" in said


def test_retries_are_bounded(ask: Ask) -> None:
    busy = Answer(status=429, headers={"Retry-After": "0"}, error="later")
    with StubServer([FRIENDLY, busy]) as stub:
        with pytest.raises(BackendError, match="gave up after 3 tries"):
            ask(stub.url, retries=2)
        assert len(stub.requests) == 1 + 3


def test_a_wait_beyond_reason_is_not_waited(ask: Ask) -> None:
    busy = Answer(status=429, headers={"Retry-After": "86400"}, error="tomorrow")
    with StubServer([FRIENDLY, busy]) as stub, pytest.raises(BackendError, match="asks to wait 86400 s"):
        ask(stub.url, retries=5)


def test_a_refused_connection_is_an_error_after_bounded_tries(ask: Ask, said: list[str]) -> None:
    with StubServer() as stub:
        url = stub.url
    with pytest.raises(BackendError, match=r"can't be reached: Connection refused; gave up after 2 tries"):
        ask(url, retries=1)
    assert any("the server can't be reached" in line for line in said)


def test_a_connection_reset_before_the_answer_is_tried_again(ask: Ask) -> None:
    reset = Answer(plain=True, break_after=0)
    with StubServer([FRIENDLY, reset, Answer(content="back")]) as stub:
        assert ask(stub.url, retries=1).content == "back"


def test_silence_ends_a_request_and_slowness_does_not(ask: Ask) -> None:
    slow = Answer(content="one two three four", piece_delay_s=0.15)
    with StubServer([FRIENDLY, slow]) as stub:
        assert ask(stub.url, idle_timeout_s=0.4).content == "one two three four"
    with (
        StubServer([FRIENDLY, Answer(delay_s=5)]) as stub,
        pytest.raises(BackendError, match="sent nothing for"),
    ):
        ask(stub.url, idle_timeout_s=0.2)


def test_the_key_is_shown_nowhere(context: Context, bounded: Callable[..., Any]) -> None:
    async def use(secret: str) -> str:
        given = replace(context, secrets={"OPENAI_API_KEY": secret})
        options = OpenAIOptions(url=stub.url, headers={"X-Extra": "env:OPENAI_API_KEY"})
        async with OpenAI(options, ModelProfile(name="stub"), given) as backend:
            return json.dumps(dict(await backend.describe())) + repr(backend) + repr(backend.options)

    with StubServer(api_key=KEY) as stub:
        assert KEY not in bounded(use(KEY))
        with pytest.raises(BackendError, match=r"environment or \.env as OPENAI_API_KEY") as caught:
            bounded(use("sk-wrong"))
    assert "sk-wrong" not in f"{caught.value} {caught.value.raw} {caught.value!r}"
    assert "***" in caught.value.raw


@pytest.mark.parametrize("url", ["http://me:hunter2@localhost/v1", "http://localhost/v1?key=hunter2"])
def test_a_secret_in_the_url_is_refused_and_not_repeated(ask: Ask, url: str) -> None:
    with pytest.raises(UsageError, match=r"backend\.url") as caught:
        ask(url)
    assert "hunter2" not in str(caught.value)


def test_a_key_opens_the_door(ask: Ask) -> None:
    with StubServer("come in", api_key=KEY) as stub:
        assert ask(stub.url).content == "come in"


def test_an_unset_variable_of_a_header_is_named(ask: Ask) -> None:
    with StubServer() as stub, pytest.raises(UsageError, match=r"backend\.headers\.X-Key.*'NOT_SET'"):
        ask(stub.url, headers={"X-Key": "env:NOT_SET"})


def test_a_wrong_model_is_answered_with_what_there_is(ask: Ask) -> None:
    missing = Answer(status=404, error="no such model")
    told = pytest.raises(BackendError, match=r"asked for the model 'gpt'.*glm, qwen")
    with StubServer(missing, models=["glm", "qwen"]) as stub, told:
        ask(stub.url, model="gpt")


def test_a_server_that_refuses_one_token_is_ready_with_any_answer(ask: Ask) -> None:
    def picky(body: Any) -> Answer:
        return Answer(status=400, error="max_tokens too small") if body.get("max_tokens") == 1 else FRIENDLY

    with StubServer(picky) as stub:
        assert ask(stub.url).content == "ok"
    assert "max_tokens" not in stub.requests[1]


def test_no_more_than_asked_are_in_flight(context: Context, bounded: Callable[..., Any]) -> None:
    async def flood(url: str) -> None:
        options = OpenAIOptions(url=url, concurrency=16)
        async with OpenAI(options, ModelProfile(name="stub"), context) as backend:
            request = Request(messages=(Message("user", "Hi"),), max_tokens=5)
            await asyncio.gather(*(backend.complete(request) for _ in range(backend.capacity)))

    with StubServer(Answer(delay_s=0.3)) as stub:
        bounded(flood(stub.url))
        assert stub.most_in_flight == 16


def test_who_asks_ollama_in_another_protocol_is_told_what_that_costs() -> None:
    assert "backend=ollama" in hint_for("http://127.0.0.1:11434/v1")
    assert hint_for("http://127.0.0.1:8000/v1") == ""
    assert hint_for("https://api.example/v1") == ""
