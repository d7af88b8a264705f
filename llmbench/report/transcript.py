"""A sample's transcript as a conversation to be read: what was said, called, changed and judged, in order.

The events on disk are the one truth: this makes entries of them on demand, whatever wrote them, and says what
it can't read.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from llmbench.api import Completion, Message, ToolCall, Verdict
from llmbench.records.lines import shown_numbers
from llmbench.records.transcript import (
    CompletionEvent,
    ErrorEvent,
    Event,
    SubmissionEvent,
    ToolEvent,
    VerdictEvent,
    read_transcript,
    scan_transcript,
)
from llmbench.report.words import count, plural, seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was said or happened."""

    number: int
    """The try, from 1."""
    kind: str
    """``system user assistant tool`` for messages, ``reasoning answer call result``, ``error files verdict
    feedback program note``."""
    title: str
    text: str = ""
    language: str = "text"
    facts: str = ""
    """Tokens and seconds, where they are known."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What a machine may want to know besides."""


def read_entries(sample: Path) -> list[Entry]:
    """Return a sample's conversation from its folder."""
    content = scan_transcript(sample / "transcript.jsonl")
    found = [*_Reading(sample).entries(content.events)]
    left_out = [
        f"{plural(number, 'event')} of a kind that this version does not know: {kind}"
        for kind, number in content.unknown.items()
    ]
    if content.damaged:
        lines = shown_numbers(content.damaged)
        left_out.append(f"{plural(len(content.damaged), 'line')} of transcript.jsonl can't be read: {lines}")
    return [*found, *(Entry(number=0, kind="note", title="left out", text=text) for text in left_out)]


def raw_answers(sample: Path) -> Iterator[dict[str, Any]]:
    """Yield what the server sent for each call, and what came instead of an answer."""
    for event in read_transcript(sample / "transcript.jsonl"):
        if isinstance(event, CompletionEvent):
            yield {"try": event.number, "call": event.call, "raw": event.completion.raw}
        elif isinstance(event, ErrorEvent):
            yield {"try": event.number, "call": event.call, "error": event.message, "raw": event.raw}


class _Reading:
    """Goes through the events once, and knows what was shown before."""

    def __init__(self, sample: Path) -> None:
        self._sample = sample
        self._history: list[Message] = []
        self._told: list[str] = []
        """What tools answered, until the message with which the model is told."""
        self._last: Completion | None = None
        self._calls = -1

    def entries(self, events: Sequence[Event]) -> Iterator[Entry]:
        """Yield the entries of all events."""
        for event in events:
            if isinstance(event, CompletionEvent):
                yield from self._completion(event)
            elif isinstance(event, ToolEvent):
                yield self._result(event)
            elif isinstance(event, ErrorEvent):
                yield self._error(event)
            elif isinstance(event, SubmissionEvent):
                yield from self._programs(event.number)
                yield _files(event)
            else:
                yield from _verdict(event)

    def _completion(self, event: CompletionEvent) -> Iterator[Entry]:
        yield from self._gap(event)
        for message in self._new(event.messages):
            yield _message(event.number, message)
        if self._begins_anew(event.messages):
            self._history = []
        self._history += event.messages
        self._told.clear()
        self._last = event.completion
        yield from _answer(event.number, event.completion)

    def _gap(self, event: CompletionEvent) -> Iterator[Entry]:
        """Say where a process ended and another went on from an earlier call."""
        if event.call <= self._calls:
            text = f"an earlier process was interrupted; from call {event.call} on it was asked anew"
            yield Entry(number=event.number, kind="note", title="resumed", text=text)
        self._calls = event.call

    def _new(self, messages: Sequence[Message]) -> Iterator[Message]:
        """Yield what has not been shown: not what the model said or what was shown as a tool's result."""
        anew = self._begins_anew(messages)
        for message in messages:
            known = anew and message in self._history
            result = message.role == "tool" and message.content in self._told
            if not (known or result or self._is_last_answer(message)):
                yield message

    def _begins_anew(self, messages: Sequence[Message]) -> bool:
        """Say whether an agent that changed earlier messages sent all of them again."""
        return bool(self._history) and list(messages[:1]) == self._history[:1]

    def _is_last_answer(self, message: Message) -> bool:
        return (
            message.role == "assistant"
            and self._last is not None
            and message.content == self._last.content
            and [call.name for call in message.tool_calls] == [call.name for call in self._last.tool_calls]
        )

    def _result(self, event: ToolEvent) -> Entry:
        step = event.step
        self._told.append(step.text)
        depth = f" (an agent that was asked, depth {step.depth})" if step.depth else ""
        return Entry(
            number=event.number,
            kind="result",
            title=f"{step.name}{depth}{f': {step.problem}' if step.problem else ''}",
            text=step.text,
            facts=seconds(step.duration_s) if step.duration_s else "",
            data={
                "name": step.name,
                "problem": step.problem,
                "depth": step.depth,
                "arguments": dict(step.arguments),
                "details": dict(step.details),
            },
        )

    def _error(self, event: ErrorEvent) -> Entry:
        text = "\n".join(part for part in (event.message, event.raw) if part)
        return Entry(number=event.number, kind="error", title=event.kind, text=text)

    def _programs(self, number: int) -> Iterator[Entry]:
        """Yield what an outside agent printed."""
        for path in sorted((self._sample / f"try-{number}").glob("agent.*.log")):
            text = path.read_text(encoding="utf-8", errors="replace")
            yield Entry(number=number, kind="program", title=path.name, text=text)


def _message(number: int, message: Message) -> Entry:
    calls = "\n".join(_call_line(call) for call in message.tool_calls)
    text = "\n\n".join(part for part in (message.content, calls) if part)
    title = "assistant, as the agent sent it back" if message.role == "assistant" else message.role
    return Entry(number=number, kind=message.role, title=title, text=text, language="markdown")


def _answer(number: int, answer: Completion) -> Iterator[Entry]:
    if answer.reasoning:
        yield Entry(number=number, kind="reasoning", title="reasoning", text=answer.reasoning)
    yield Entry(
        number=number,
        kind="answer",
        title=f"answer ({answer.finish})",
        text=answer.content,
        language="markdown",
        facts=_spent(answer),
        data={
            "finish": str(answer.finish),
            "usage": msgspec.to_builtins(answer.usage),
            "timing": msgspec.to_builtins(answer.timing),
            "model": answer.model,
        },
    )
    for call in answer.tool_calls:
        yield Entry(
            number=number,
            kind="call",
            title=f"calls {call.name}",
            text=_readable(call.arguments) if call.arguments else call.raw,
            data={"name": call.name, "arguments": dict(call.arguments), "raw": call.raw},
        )


def _spent(answer: Completion) -> str:
    """Return tokens and seconds as far as the server told them."""
    usage, timing = answer.usage, answer.timing
    known = [
        *([f"{count(usage.prompt_tokens)} tokens read"] if usage.prompt_tokens is not None else []),
        *([f"{count(usage.completion_tokens)} written"] if usage.completion_tokens is not None else []),
        *([f"{count(usage.reasoning_tokens)} of them thinking"] if usage.reasoning_tokens else []),
        *([seconds(timing.wall_s)] if timing.wall_s else []),
    ]
    return ", ".join(known)


def _readable(arguments: Mapping[str, Any]) -> str:
    """Return a call's arguments one below the other, so that code in them is read as code."""
    lines = []
    for name, value in arguments.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        lines.append(f"{name}:\n{text}" if "\n" in text else f"{name}: {text}")
    return "\n".join(lines)


def _call_line(call: ToolCall) -> str:
    return f"calls {call.name} {call.raw or json.dumps(dict(call.arguments), ensure_ascii=False)}"


def _files(event: SubmissionEvent) -> Entry:
    lines = [f"{path} ({count(len(content))} bytes)" for path, content in event.files.items()]
    lines += [f"{path} (refused: it may not be changed)" for path in event.refused]
    return Entry(
        number=event.number,
        kind="files",
        title="submitted",
        text="\n".join(lines) or "no file",
        data={"files": list(event.files), "refused": list(event.refused), "notes": event.notes},
    )


def _verdict(event: VerdictEvent) -> Iterator[Entry]:
    verdict = event.verdict
    again = ", graded again" if event.regraded else ""
    yield Entry(
        number=event.number,
        kind="verdict",
        title=f"{verdict.outcome}{again}",
        text=verdict.reason,
        facts=_tests(verdict),
        data={"outcome": str(verdict.outcome), "score": verdict.score, "regraded": event.regraded},
    )
    if event.feedback:
        yield Entry(number=event.number, kind="feedback", title="feedback", text=event.feedback)


def _tests(verdict: Verdict) -> str:
    if not verdict.tests_run and verdict.tests_expected is None:
        return ""
    expected = verdict.tests_run if verdict.tests_expected is None else verdict.tests_expected
    return f"{verdict.tests_passed} of {plural(expected, 'test')} passed"
