"""Tool calls put together: any way of streaming them gives the calls that were meant."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmbench_plugins.backends.shared.calls import Calls

ARGUMENTS = st.dictionaries(
    st.sampled_from(["path", "content", "edits"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.lists(st.integers(), max_size=3),
    min_size=1,
)
Piece = dict[str, Any]
Way = Callable[[int, str, str, list[str]], list[Piece]]


def _piece(name: str | None, arguments: object, **more: Any) -> Piece:
    return {**more, "function": {**({"name": name} if name else {}), "arguments": arguments}}


def _so_far(parts: list[str]) -> list[str]:
    return ["".join(parts[: number + 1]) for number in range(len(parts))]


WAYS: dict[str, Way] = {
    "by the book": lambda n, i, name, parts: [
        _piece(name, "", index=n, id=i),
        *(_piece(None, part, index=n) for part in parts),
    ],
    "numbered from 1": lambda n, i, name, parts: [_piece(name, "".join(parts), index=n + 1, id=i)],
    "numbers as text": lambda n, i, name, parts: [
        _piece(name, "", index=str(n), id=i),
        *(_piece(None, part, index=str(n)) for part in parts),
    ],
    "all numbered 0": lambda n, i, name, parts: [_piece(name, "".join(parts), index=0, id=i)],
    "without numbers": lambda n, i, name, parts: [
        _piece(name, "", id=i),
        *(_piece("", part, id="") for part in parts),
    ],
    "all repeated but the number": lambda n, i, name, parts: [_piece(name, part, id=i) for part in parts],
    "all repeated": lambda n, i, name, parts: [_piece(name, part, id=i, index=n) for part in parts],
    "an id for each piece": lambda n, i, name, parts: [
        _piece(None if at else name, part, id=f"{i}-{at}", index=n) for at, part in enumerate(parts)
    ],
    "without ids": lambda n, i, name, parts: [_piece(name, part, index=n) for part in parts],
    "arguments so far": lambda n, i, name, parts: [
        _piece(name, "", index=n, id=i),
        *(_piece(None, part, index=n) for part in _so_far(parts)),
    ],
    "all once more at the end": lambda n, i, name, parts: [
        _piece(name, "", index=n, id=i),
        *(_piece(None, part, index=n) for part in [*parts, "".join(parts)]),
    ],
    "a placeholder first": lambda n, i, name, parts: [
        _piece(name, "{}", index=n, id=i),
        *(_piece(None, part, index=n) for part in parts),
    ],
    "a placeholder last": lambda n, i, name, parts: [
        _piece(name, "", index=n, id=i),
        *(_piece(None, part, index=n) for part in [*parts, "{}"]),
    ],
    "a name in two pieces": lambda n, i, name, parts: [
        _piece(name[:2], "", index=n, id=i),
        _piece(name[2:], "", index=n),
        *(_piece(None, part, index=n) for part in parts),
    ],
    "an object": lambda n, i, name, parts: [_piece(name, json.loads("".join(parts)), index=n, id=i)],
    "without a function": lambda n, i, name, parts: [
        {"index": n, "id": i, "name": name, "arguments": "".join(parts)}
    ],
    "the name in the id": lambda n, i, name, parts: [
        _piece(None, part, index=n, id=f"functions.{name}:{n}") for part in parts
    ],
    "JSON in JSON": lambda n, i, name, parts: [_piece(name, json.dumps("".join(parts)), index=n, id=i)],
}


@pytest.mark.parametrize("way", WAYS)
@given(calls=st.lists(ARGUMENTS, min_size=1, max_size=3), size=st.integers(1, 9))
def test_calls_are_read_as_they_were_meant(way: str, calls: list[dict[str, Any]], size: int) -> None:
    meant = [("write" if number % 2 else "read", told) for number, told in enumerate(calls)]
    merged = Calls()
    for number, (name, told) in enumerate(meant):
        text = json.dumps(told)
        parts = [text[at : at + size] for at in range(0, len(text), size)]
        for piece in WAYS[way](number, f"id{number}", name, parts):
            merged.add([piece])
    found = merged.finished()
    assert [(call.name, call.arguments, call.problem) for call in found] == [(*call, "") for call in meant]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ([_piece("ls", '{"a": "x\ny"}')], "nearly JSON"),
        ([_piece("ls", '{"a": "\\ud83e"}')], "nearly JSON"),
        ([_piece("ls", '"{\\"a\\": 1}"')], "JSON in JSON"),
        ({"name": "ls", "arguments": "{}"}, "calls that are no list"),
        (_piece("ls", "{}"), "calls that are no list"),
        (json.dumps([_piece("ls", "{}")]), "calls that are no list"),
    ],
)
def test_what_was_mended_is_counted_by_kind(told: object, kind: str) -> None:
    calls = Calls()
    assert calls.add(told)
    (call,) = calls.finished()
    assert (call.name, call.problem) == ("ls", "")
    assert dict(calls.mended) == {kind: 1}


def test_two_whole_calls_in_one_list_are_two_however_they_are_numbered() -> None:
    for more in ({}, {"index": 0}, {"id": "x", "index": 0}):
        calls = Calls()
        calls.add([_piece("read", '{"path": "a"}', **more), _piece("read", '{"path": "b"}', **more)])
        assert [call.arguments for call in calls.finished()] == [{"path": "a"}, {"path": "b"}]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ('{"path": "a", "edits": [{"b": 1}', "the arguments are no JSON"),
        ("[1]", "the arguments are no JSON object"),
        ('{"path": "a"}{"path": "b"}', "the arguments are no JSON"),
    ],
)
def test_the_models_own_mistakes_stay_its_own(raw: str, problem: str) -> None:
    calls = Calls()
    for at in range(0, len(raw), 8):
        calls.add([_piece("read" if not at else None, raw[at : at + 8], index=0)])
    (call,) = calls.finished()
    assert call.problem.startswith(problem)
    assert not +calls.mended


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda i: (
            st.lists(i)
            | st.dictionaries(st.sampled_from(["function", "name", "arguments", "index", "id", "x"]), i)
        ),
        max_leaves=8,
    )
)
def test_nothing_is_too_odd_for_a_call(told: Any) -> None:
    calls = Calls()
    calls.add(told)
    json.dumps([dict(call.arguments) for call in calls.finished()])
