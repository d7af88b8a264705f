"""Bytes as events: any framing, cut anywhere, gives the same events."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench_plugins.backends.shared.foreign import loads
from llmbench_plugins.backends.shared.framing import Event, Frames

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
OBJECTS = st.dictionaries(TEXTS, TEXTS | st.integers() | st.none() | st.lists(TEXTS, max_size=2), max_size=3)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


def events_of(body: bytes, *cuts: int) -> list[Event]:
    frames, at, found = Frames(), 0, []
    for cut in sorted({*(cut % (len(body) + 1) for cut in cuts), len(body)}):
        found += frames.feed(body[at:cut])
        at = cut
    return [event for event in [*found, *frames.end()] if not event.comment]


def values_of(body: bytes, *cuts: int) -> list[Any]:
    return [loads(event.data) for event in events_of(body, *cuts)]


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[Any], bytes]:
    """Draw values, and a stream of events that holds them by WHATWG's rules."""
    values, body = draw(st.lists(OBJECTS, min_size=1, max_size=4)), b""
    end = draw(ENDS)
    for value in values:
        for noise in draw(st.lists(st.sampled_from([b": ping", b":", b"id: 7", b"retry: 10"]), max_size=2)):
            body += noise + end
        if draw(st.booleans()):
            body += b"event: message" + end
        written = json.dumps(value, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1])))
        space = draw(st.sampled_from([b" ", b""]))
        # Python's JSON keeps U+2028 and the like, which are no line ends here.
        body += b"".join(b"data:" + space + line.encode() + end for line in written.split("\n")) + end
    if draw(st.booleans()):
        body = body[: -len(end)]
    return values, draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + body


@given(streams(), st.lists(st.integers(min_value=0), max_size=8))
def test_a_stream_of_events_is_the_same_wherever_it_is_cut(
    stream: tuple[list[Any], bytes], cuts: list[int]
) -> None:
    values, body = stream
    assert values_of(body) == values
    assert events_of(body, *cuts) == events_of(body)
    assert events_of(body, *range(len(body))) == events_of(body)


@given(
    st.lists(OBJECTS, min_size=1, max_size=4),
    st.sampled_from([None, 2]),
    ENDS,
    st.lists(st.integers(min_value=0), max_size=8),
)
def test_json_one_behind_the_other_is_the_same_wherever_it_is_cut(
    values: list[Any], indent: int | None, end: bytes, cuts: list[int]
) -> None:
    body = end.join(json.dumps(value, indent=indent).replace("\n", end.decode()).encode() for value in values)
    assert values_of(body, *cuts) == values


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b'{"a": 1}\n\ndata: [DONE]\n\n', [b'{"a": 1}', b"[DONE]"]),
        (b'{"a": 1}\n[DONE]\n', [b'{"a": 1}', b"[DONE]"]),
        (b'data: {"a": 1}\ndata: {"b": 2}\ndata: [DONE]\n', [b'{"a": 1}', b'{"b": 2}', b"[DONE]"]),
        (b'data: data: {"a": 1}\n\n', [b'{"a": 1}']),
        (b'Data: {"a": 1}\n\n', [b'{"a": 1}']),
        (b'\n   \n\n{"a": 1}', [b'{"a": 1}']),
        (b'{"a": 1}{"b": 2}', [b'{"a": 1}', b'{"b": 2}']),
        (b'[INFO] model loaded\ndata: {"a": 1}\n\n', [b'{"a": 1}']),
        (b'data: {"a": 1}\n\n{"error": "x"}\n', [b'{"a": 1}', b'{"error": "x"}']),
        (b'{"a": "x', [b'{"a": "x']),
    ],
)
def test_what_servers_make_of_the_rules_is_understood(body: bytes, values: list[bytes]) -> None:
    assert [event.data for event in events_of(body)] == values


def test_an_event_keeps_its_name_and_a_line_of_errors_gets_one() -> None:
    body = b'event: error\ndata: {"message": "x"}\n\nerror: {"code": 500}\n\ndata: {}\n\n'
    assert [event.name for event in events_of(body)] == ["error", "error", ""]


def test_a_web_page_is_no_event() -> None:
    frames = Frames()
    page = b'<html>\n<script>\n{"a": 1}\n</script></html>'
    assert [*frames.feed(page), *frames.end()] == []
    assert frames.stray.startswith(b"<html>")


def test_only_what_may_be_an_answer_is_held() -> None:
    frames = Frames()
    held = []
    for piece in (b": keep", b"alive\n", b"   ", b'\ndata: {"a', b'": 1}', b"\n"):
        list(frames.feed(piece))
        held.append(frames.held > 0)
    assert held == [False, False, False, True, True, True]
