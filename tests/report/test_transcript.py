"""Conversations made readable: each thing once, in order, inert, and nothing silently left out."""

import io
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from llmbench.api import Completion, Finish, Message, Outcome, Step, Timing, ToolCall, Usage, Verdict
from llmbench.console import Console
from llmbench.records.masking import Mask
from llmbench.records.transcript import (
    CompletionEvent,
    ErrorEvent,
    Event,
    SubmissionEvent,
    ToolEvent,
    Transcript,
    VerdictEvent,
)
from llmbench.report.transcript import Entry, raw_answers, read_entries
from llmbench.report.transcript_views import as_json, as_markdown, show_entries

SYSTEM, ASKED = Message("system", "You write Python."), Message("user", "Write leap.py.")
CALL = ToolCall(id="1", name="write", arguments={"path": "leap.py", "content": "a\nb\n"}, raw='{"path": …}')
CALLS = Completion(
    content="I write it.",
    reasoning="What is asked?",
    finish=Finish.TOOL_CALLS,
    tool_calls=(CALL,),
    usage=Usage(prompt_tokens=1200, completion_tokens=34, reasoning_tokens=20),
    timing=Timing(wall_s=2.5),
    raw={"id": "as it came"},
)
DONE = Completion(content="Done.", finish=Finish.STOP)
RESULT = Message("tool", "wrote leap.py", tool_call_id="1")
STEP = Step(name="write", arguments=CALL.arguments, text="wrote leap.py", before="x", after="y")
SAID = Message("assistant", "I write it.", tool_calls=(CALL,))
NASTY = "\x1b[31m[bold red]x[/] </details><script>alert(1)</script>\n```\n# Heading\u202e"


def completion(call: int, messages: Sequence[Message], answer: Completion, number: int = 1) -> Event:
    return CompletionEvent(
        number=number, call=call, digest=str(call), messages=tuple(messages), completion=answer
    )


def verdict(number: int, outcome: Outcome, feedback: str = "") -> Event:
    judged = Verdict(outcome=outcome, reason="why", tests_run=4, tests_passed=3, tests_expected=5)
    return VerdictEvent(number=number, verdict=judged, feedback=feedback)


DIALOGUE = [
    completion(0, [SYSTEM, ASKED], CALLS),
    ToolEvent(number=1, call=1, index=0, step=STEP),
    completion(1, [SAID, RESULT], DONE),
    SubmissionEvent.of(1, {"leap.py": b"a\nb\n"}, ("conftest.py",), {}),
    verdict(1, Outcome.FAILED, "1 test failed"),
    completion(2, [Message("assistant", "Done."), Message("user", "1 test failed")], DONE, number=2),
    verdict(2, Outcome.PASSED),
]


def written(folder: Path, events: Sequence[Event], *lines: str) -> list[Entry]:
    transcript = Transcript(folder / "transcript.jsonl", Mask({}))
    for event in events:
        transcript.append(event)
    transcript.close()
    with (folder / "transcript.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    return read_entries(folder)


def kinds(entries: Sequence[Entry]) -> list[str]:
    return [entry.kind for entry in entries]


def test_each_thing_is_there_once_in_its_order(tmp_path: Path) -> None:
    entries = written(tmp_path, DIALOGUE)
    first = [
        "system",
        "user",
        "reasoning",
        "answer",
        "call",
        "result",
        "answer",
        "files",
        "verdict",
        "feedback",
    ]
    assert kinds(entries) == [*first, "user", "answer", "verdict"]
    assert [entry.number for entry in entries] == [1] * 10 + [2] * 3


def test_tokens_and_seconds_stand_where_they_are_known(tmp_path: Path) -> None:
    entries = written(tmp_path, DIALOGUE)
    answers = [entry.facts for entry in entries if entry.kind == "answer"]
    assert answers[0] == "1\u202f200 tokens read, 34 written, 20 of them thinking, 2.5 s"
    assert answers[1] == ""
    assert entries[8].facts == "3 of 5 tests passed"


def test_code_in_arguments_is_read_as_code(tmp_path: Path) -> None:
    call = next(entry for entry in written(tmp_path, DIALOGUE) if entry.kind == "call")
    assert call.text == "path: leap.py\ncontent:\na\nb\n"


def test_refused_files_and_problems_are_named(tmp_path: Path) -> None:
    step = Step(
        name="shel", arguments={}, text="no such tool", problem="unknown_tool", before="", after="", depth=1
    )
    entries = written(tmp_path, [*DIALOGUE[:4], ToolEvent(number=1, call=1, index=1, step=step)])
    assert "conftest.py (refused" in entries[7].text
    assert entries[8].title == "shel (an agent that was asked, depth 1): unknown_tool"


def test_a_history_that_the_agent_shortened_is_not_told_again(tmp_path: Path) -> None:
    shortened = Message("tool", "[left out]", tool_call_id="1")
    more = [SYSTEM, ASKED, SAID, shortened, Message("user", "Go on.")]
    entries = written(tmp_path, [*DIALOGUE[:3], completion(2, more, DONE)])
    assert kinds(entries)[7:] == ["tool", "user", "answer"]
    assert entries[7].text == "[left out]"


def test_an_interruption_is_said(tmp_path: Path) -> None:
    entries = written(tmp_path, [*DIALOGUE[:3], completion(1, [SAID, RESULT], DONE)])
    note = next(entry for entry in entries if entry.kind == "note")
    assert "from call 1 on it was asked anew" in note.text


def test_errors_are_told_with_what_came(tmp_path: Path) -> None:
    event = ErrorEvent(number=1, call=0, kind="ProtocolError", message="no JSON", raw="<tool")
    assert written(tmp_path, [event])[0].text == "no JSON\n<tool"


def test_kinds_of_a_later_version_are_counted_and_not_fatal(tmp_path: Path) -> None:
    entries = written(tmp_path, DIALOGUE[:1], '{"event":"telepathy","x":1}', '{"event":"telepathy"}')
    assert entries[-1].text == "2 events of a kind that this version does not know: telepathy"


def test_what_an_outside_agent_printed_belongs_to_its_try(tmp_path: Path) -> None:
    (tmp_path / "try-1").mkdir()
    (tmp_path / "try-1/agent.stdout.log").write_text("I am done")
    entries = written(tmp_path, [SubmissionEvent.of(1, {}, (), {})])
    assert [(entry.kind, entry.text) for entry in entries] == [
        ("program", "I am done"),
        ("files", "no file"),
    ]


def test_raw_answers_are_as_they_came(tmp_path: Path) -> None:
    error = ErrorEvent(number=1, call=1, kind="ProtocolError", message="no JSON", raw="<tool")
    written(tmp_path, [DIALOGUE[0], error])
    assert list(raw_answers(tmp_path)) == [
        {"try": 1, "call": 0, "raw": {"id": "as it came"}},
        {"try": 1, "call": 1, "error": "no JSON", "raw": "<tool"},
    ]


def nasty(folder: Path) -> list[Entry]:
    call = ToolCall(id="1", name=NASTY, arguments={NASTY: NASTY})
    answer = Completion(content=NASTY, reasoning=NASTY, finish=Finish.STOP, tool_calls=(call,))
    step = Step(name=NASTY, arguments={}, text=NASTY, problem=NASTY, before="", after="")
    events = [
        completion(0, [Message("user", NASTY)], answer),
        ToolEvent(number=1, call=1, index=0, step=step),
        ErrorEvent(number=1, call=1, kind=NASTY, message=NASTY, raw=NASTY),
        SubmissionEvent.of(1, {NASTY: b""}, (NASTY,), {}),
        VerdictEvent(number=1, verdict=Verdict(outcome=Outcome.FAILED, reason=NASTY), feedback=NASTY),
    ]
    return written(folder, events)


@pytest.mark.parametrize("is_terminal", [True, False])
def test_nothing_acts_on_a_terminal(tmp_path: Path, is_terminal: bool) -> None:
    screen = io.StringIO()
    colours = "standard" if is_terminal else None
    console = Console(file=screen, width=200, force_terminal=is_terminal, color_system=colours)
    show_entries(nasty(tmp_path), console)
    left = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()) if is_terminal else screen.getvalue()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", left)
    assert "[bold red]x[/]" in left


def test_nothing_breaks_out_of_markdown(tmp_path: Path) -> None:
    text = as_markdown(f"python/leap: {NASTY}", nasty(tmp_path))
    tokens = [token for token in MarkdownIt("commonmark").parse(text) if token.level == 0]
    assert {token.type for token in tokens} <= {"heading_open", "heading_close", "inline", "fence"}
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_json_is_ascii_and_holds_texts_as_they_were(tmp_path: Path) -> None:
    text = as_json({"task": "python/leap"}, nasty(tmp_path))
    assert text.isascii()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    entries = json.loads(text)["entries"]
    assert entries[0] == {
        "try": 1,
        "kind": "user",
        "title": "user",
        "text": NASTY,
        "language": "markdown",
        "data": {},
    }


def test_a_very_long_text_is_cut_on_a_terminal_alone(tmp_path: Path) -> None:
    entries = written(tmp_path, [completion(0, [Message("user", "x" * 50_000)], DONE)])
    screen = io.StringIO()
    show_entries(entries, Console(file=screen, width=100))
    assert "30000 characters more" in screen.getvalue()
    assert "x" * 50_000 in as_json({}, entries)
