"""Answers read from pieces of bytes: shapes, errors in the middle, ends, and keep-alives."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmbench.api import Completion, Finish, Usage
from llmbench.errors import BackendError, ProtocolError
from llmbench_plugins.backends.shared.answer import completion_of
from llmbench_plugins.backends.shared.faults import BrokenOffError, BusyError, LostError, UnreadableError
from llmbench_plugins.backends.shared.stream import read_answer

USAGE = {"prompt_tokens": 11, "completion_tokens": 3}


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def sse(*chunks: Any) -> bytes:
    return b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in chunks)


def plain(content: object, **more: Any) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    return json.dumps({"choices": [choice], **more}).encode()


async def _pieces(pieces: Sequence[bytes | Exception | float]) -> AsyncIterator[bytes]:
    for piece in pieces:
        if isinstance(piece, Exception):
            raise piece
        if isinstance(piece, float):
            await asyncio.sleep(piece)
        else:
            yield piece


def read(*pieces: bytes | Exception | float, idle_s: float | None = None) -> Completion:
    async def once() -> Completion:
        merged = await read_answer(_pieces(pieces), 0.0, "http://stub", idle_s=idle_s)
        return completion_of(merged, thinks=False)

    return asyncio.run(once())


END = sse(chunk("stop"), {"choices": [], "usage": USAGE}) + b"data: [DONE]\n\n"


@pytest.mark.parametrize(
    "body",
    [
        sse(chunk(content="one "), chunk(content="two")) + END,
        sse(chunk(role="assistant", content=""), chunk(content="one two")) + END,
        plain("one two", usage=USAGE),
        b"\n   \n" + plain("one two", usage=USAGE) + b"\n\ndata: [DONE]\n\n",
        json.dumps(json.loads(plain("one two", usage=USAGE)), indent=2).encode(),
        b"[" + plain("one two", usage=USAGE) + b"]",
        plain([{"type": "text", "text": "one "}, "two", {"type": "image"}], usage=USAGE),
        plain({"type": "text", "text": {"value": "one two"}}, usage=USAGE),
        sse({"choices": [{"delta": "one "}]}, {"choices": {"delta": {"content": "two"}}}) + END,
        sse({"choices": [{"text": "one two", "index": 0}]}) + END,
        sse(chunk(content="one two"), {"choices": [{"index": 1, "delta": {"content": "no"}}]}) + END,
        sse({"choices": None}, {"choices": [{"delta": None}]}, chunk(content="one two")) + END,
        sse(
            chunk(content="one "),
            chunk(content="two"),
            {"choices": [{"message": {"content": "one two"}, "finish_reason": "stop"}], "usage": USAGE},
        ),
        sse(chunk(content="one two"), {"choices": [{"finish_reason": "stop", "usage": USAGE}]}),
        sse(chunk(content="one two"), {**chunk("stop"), "x_groq": {"usage": USAGE}}),
        b'event: ping\ndata: {"type": "ping"}\n\ndata: ping\n\n' + sse(chunk(content="one two")) + END,
    ],
)
def test_an_answer_is_understood_in_every_shape(body: bytes) -> None:
    got = read(body)
    assert (got.content, got.finish, got.usage.prompt_tokens) == ("one two", Finish.STOP, 11)


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning", "thinking", "reasoning_text"])
@pytest.mark.parametrize("value", ["hm", {"text": "hm"}, [{"type": "text", "text": "hm"}], {"content": "hm"}])
def test_thinking_is_understood_in_every_shape(key: str, value: object) -> None:
    got = read(sse(chunk(**{key: value}), chunk(content="x")) + END)
    assert (got.reasoning, got.content) == ("hm", "x")


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 11.0, "completion_tokens": "3"}, Usage(prompt_tokens=11, completion_tokens=3)),
        ([USAGE], Usage(prompt_tokens=11, completion_tokens=3)),
        ({"prompt_tokens": -1, "completion_tokens": True}, Usage()),
        ({"input_tokens": 1, "output_tokens": 2}, Usage(prompt_tokens=1, completion_tokens=2)),
        ({"cost": "0.001", "prompt_cache_hit_tokens": 4}, Usage(cost_usd=0.001, cached_tokens=4)),
        ({"cost": {"total_cost": 0.5}, "reasoning_tokens": 7}, Usage(cost_usd=0.5, reasoning_tokens=7)),
        (
            {"completion_tokens_details": [{"reasoning_tokens": 3}], "prompt_tokens_details": []},
            Usage(reasoning_tokens=3),
        ),
        ("many", Usage()),
    ],
)
def test_numbers_are_converted_at_the_edge(usage: object, expected: Usage) -> None:
    assert read(plain("x", usage=usage)).usage == expected


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "delta",
                    "message",
                    "content",
                    "text",
                    "usage",
                    "finish_reason",
                    "tool_calls",
                    "index",
                    "reasoning_details",
                    "type",
                    "function",
                    "model",
                    "provider",
                    "timings",
                    "prompt_tokens",
                    "cost",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["choices", "usage", "error", "detail", "model"]), ODD)))
def test_nothing_is_too_odd_to_be_read_or_refused(chunks: list[dict[str, Any]]) -> None:
    try:
        got = read(sse(*chunks, chunk("stop", content="x")))
    except BackendError:
        return
    assert isinstance(got.content, str)
    json.dumps(dict(got.raw))


def test_halves_of_a_character_are_joined_across_pieces() -> None:
    got = read(
        b'data: {"choices": [{"delta": {"content": "a\\ud83e"}}]}\n\n'
        b'data: {"choices": [{"delta": {"content": "\\udd84b"}}]}\n\n' + END
    )
    assert got.content == "a🦄b"
    assert got.mended == {"nearly JSON": 1}
    json.dumps(dict(got.raw)).encode()


def test_text_so_far_is_no_new_text_and_is_counted_as_mended() -> None:
    text = "def leap(year):\n    return year % 4 == 0\n"
    got = read(sse(*(chunk(content=text[:at]) for at in range(5, len(text) + 5, 5))) + END)
    assert (got.content, got.mended) == (text, {"text so far": 1})


def test_text_that_repeats_itself_stays() -> None:
    got = read(sse(*(chunk(content=piece) for piece in ("ab", "ab", "abab", "ab" * 20))) + END)
    assert (got.content, got.mended) == ("ab" * 24, {})


@pytest.mark.parametrize(
    ("event", "words", "kind"),
    [
        (b'event: error\ndata: {"message": "CUDA out of memory", "code": 500}\n\n', "CUDA out", BackendError),
        (b"event: error\ndata: the engine died\n\n", "the engine died", BackendError),
        (b"data: Internal Server Error\n\n", "Internal Server Error", BackendError),
        (b'error: {"code": 500, "message": "Failed to parse input"}\n\n', "Failed to parse", UnreadableError),
        (b'{"error": {"message": "slow down", "code": 429}}\n', "slow down", BackendError),
        (sse({"choices": [{"delta": {}, "error": {"message": "gone"}}]}), "gone", BackendError),
        (sse(chunk("abort")), "finish reason 'abort'", BackendError),
    ],
)
def test_an_error_in_a_stream_keeps_the_servers_words_and_the_text_so_far(
    event: bytes, words: str, kind: type[BackendError]
) -> None:
    with pytest.raises(kind, match=words) as caught:
        read(sse(chunk(content="half an answer")), event)
    assert "half an answer" in caught.value.raw
    assert not isinstance(caught.value, BusyError), "asking again would draw another sample unseen"
    assert kind is UnreadableError or not isinstance(caught.value, ProtocolError)


def test_an_unknown_finish_reason_is_a_stop_with_its_word_where_there_is_an_answer() -> None:
    got = read(sse(chunk(content="x"), chunk("finito")))
    assert (got.finish, got.finish_word) == (Finish.STOP, "finito")
    with pytest.raises(BackendError, match="an empty answer with finish reason 'finito'"):
        read(sse(chunk("finito")))


@pytest.mark.parametrize(
    ("pieces", "kind"),
    [
        ((b"",), LostError),
        ((b": ping\n\n",), LostError),
        ((LostError("reset"),), LostError),
        ((sse(chunk(role="assistant")), LostError("reset")), LostError),
        ((sse(chunk(content="x")), LostError("reset")), BrokenOffError),
        ((plain("half")[:30], LostError("reset")), BrokenOffError),
        ((sse(chunk(content="x")),), BrokenOffError),
        ((plain("half")[:30],), ProtocolError),
        ((b"upstream connect error",), BackendError),
        ((b"<html>login</html>",), BackendError),
    ],
)
def test_an_answer_that_does_not_end_is_lost_or_broken(pieces: Sequence[Any], kind: type) -> None:
    with pytest.raises(BackendError) as caught:
        read(*pieces)
    assert type(caught.value) is kind


def test_after_its_finish_reason_an_answer_is_whole_whatever_follows() -> None:
    assert read(sse(chunk(content="x"), chunk("stop")), LostError("reset")).content == "x"
    assert read(sse(chunk(content="x"), chunk("stop")), 5.0, idle_s=0.1).content == "x"


@pytest.mark.parametrize("ping", [b": ping\n\n", sse(chunk(content="")), b"\n", b"data: ping\n\n"])
def test_keep_alives_are_no_answer(ping: bytes) -> None:
    with pytest.raises(BackendError, match=r"nothing of an answer for 0\.3 s.*idle_timeout_s"):
        read(*[ping, 0.05] * 40, idle_s=0.3)


@pytest.mark.parametrize(
    "step",
    [
        lambda at: sse(chunk(content="x")),
        lambda at: sse(chunk(reasoning_content="x")),
        lambda at: b": keepalive %d/20\n\n" % at,
        lambda at: sse({"choices": [], "prompt_progress": {"total": 20, "processed": at}}),
    ],
    ids=["content", "reasoning", "prompt read (mlx-lm)", "prompt read (llama.cpp)"],
)
def test_work_on_the_prompt_and_pieces_of_the_answer_are_no_idleness(step: Any) -> None:
    pieces = [piece for at in range(1, 13) for piece in (step(at), 0.05)]
    assert read(*pieces, sse(chunk("stop", content="end")), idle_s=0.3).content.endswith("end")
