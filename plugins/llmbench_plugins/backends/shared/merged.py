"""One answer put together from its pieces, be they the chunks of a stream or a single whole body."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from time import perf_counter
from typing import Any

from llmbench.api import Timing
from llmbench_plugins.backends.shared.calls import Calls
from llmbench_plugins.backends.shared.finishes import finish_word
from llmbench_plugins.backends.shared.foreign import count, entries, mapping, section, storable, whole_text
from llmbench_plugins.backends.shared.message import parts_of, reasoning_of
from llmbench_plugins.backends.shared.thinking import split_thinking

_SURELY_TWICE = 32
"""So many characters that come a second time, in one piece, are no chance."""


@dataclass(slots=True)
class Merged:
    """What has come of an answer so far. Nothing that a server may send makes this raise."""

    started: float
    """``perf_counter`` when the request was sent."""
    top: dict[str, Any] = field(default_factory=dict)
    """Fields beside ``choices``: the last chunk that has one wins."""
    content: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    details: list[dict[str, Any]] = field(default_factory=list)
    """Reasoning as OpenRouter wants it back: each block whole, signature included."""
    calls: Calls = field(default_factory=Calls)
    marks: list[tuple[float, int]] = field(default_factory=list)
    """When each piece of content came, and how many characters there were then."""
    characters: int = 0
    first: float | None = None
    first_call: float | None = None
    finish: str = ""
    """The server's own word."""
    done: bool = False
    steps: int = 0
    """How often something of the answer came, or of the work on its prompt."""
    deltas: int = 0
    """How often something of the answer itself came: about once a token, in a stream."""
    nearly: bool = False
    """Something in it was not quite JSON."""
    mended: Counter[str] = field(default_factory=Counter)
    whole: Mapping[str, Any] | None = None
    """The body, where all came in one."""
    _chosen: bool = False
    _index: int | None = None
    _prompt: int = 0

    def add(self, chunk: Mapping[str, Any]) -> None:
        """Take in one chunk, or a whole body."""
        self._add_top(chunk)
        choice = self._choice(chunk.get("choices"))
        if choice is None:
            return
        self.whole = chunk if "message" in choice and not self._chosen else None
        self._chosen = True
        delta, message = choice.get("delta"), choice.get("message")
        word = finish_word(choice.get("finish_reason"))
        if delta:
            self._add_delta(delta if isinstance(delta, dict) else {"content": delta})
        if message and not (word and self._is_repeated(message)):
            self._add_delta(message if isinstance(message, dict) else {"content": message})
        elif not delta and not message and choice.get("text"):
            self._add_delta({"content": choice["text"]})
        if word:
            self.finish = word
            self.steps += 1

    @property
    def text(self) -> str:
        """The content so far."""
        return _joined(self.content)[0]

    @property
    def thought(self) -> str:
        """The reasoning so far, as far as it has a field of its own."""
        return _joined(self.reasoning)[0]

    @property
    def pieces(self) -> int:
        """How many pieces of text have come."""
        return len(self.content) + len(self.reasoning)

    @property
    def changes(self) -> dict[str, int]:
        """What had to be mended so that it could be read, by kind."""
        how = [_joined(pieces)[1] for pieces in (self.content, self.reasoning)]
        nearly = ["nearly JSON"] if self.nearly else []
        return dict(+(self.mended + self.calls.mended + Counter(kind for kind in (*how, *nearly) if kind)))

    def body(self) -> dict[str, Any]:
        """Return all of it as one plain answer, as it can be written."""
        if self.whole is not None:
            return dict(storable(self.whole)) if self.nearly else dict(self.whole)
        message: dict[str, Any] = {"role": "assistant", "content": self.text}
        if self.reasoning:
            message["reasoning_content"] = self.thought
        if self.details:
            message["reasoning_details"] = self.details
        if self.calls.drafts:
            message["tool_calls"] = self.calls.told()
        choice = {"index": 0, "message": message, "finish_reason": self.finish or None}
        body = {**self.top, "choices": [choice]}
        return dict(storable(body)) if self.nearly else body

    def timing(self, *, thinks: bool) -> Timing:
        """Return what was measured; inline thinking is not yet an answer, and a whole body has no pieces."""
        wall_s = perf_counter() - self.started
        if self.whole is not None:
            return Timing(wall_s=wall_s)
        answer_at = 0 if self.reasoning else split_thinking(self.text, thinks=thinks).answer_at
        at = next((when for when, length in self.marks if length > answer_at), None)
        answers = [when for when in (at, self.first_call) if when is not None]
        return Timing(
            wall_s=wall_s,
            ttft_s=None if self.first is None else self.first - self.started,
            first_answer_s=min(answers) - self.started if answers else None,
        )

    def _add_top(self, chunk: Mapping[str, Any]) -> None:
        for key, value in chunk.items():
            if key in ("choices", "usage") or value is None:
                continue
            self.top[key] = value
        if usage := chunk.get("usage"):
            self._add_usage(usage)
        if "x_groq" in chunk:
            self._add_usage(section(chunk, "x_groq").get("usage"))
        if "prompt_progress" in chunk:
            self.reads_prompt(count(section(chunk, "prompt_progress").get("processed")))

    def reads_prompt(self, tokens: int | None) -> None:
        """Note how much of the prompt the server says that it has read; only more than before is a step."""
        if tokens is not None and tokens > self._prompt:
            self._prompt = tokens
            self.steps += 1

    def _add_usage(self, usage: object) -> None:
        if usage and ("usage" not in self.top or any(mapping(usage).values())):
            self.top["usage"] = usage

    def _choice(self, choices: object) -> Mapping[str, Any] | None:
        """Return the choice that is the answer: others than the first that came were not asked for."""
        for choice in entries(choices):
            index = choice.get("index")
            index = index if index == 0 else count(index)
            if self._index is None:
                self._index = index
            if index in (None, self._index):
                if usage := choice.get("usage"):  # Moonshot counts there.
                    self._add_usage(usage)
                return choice
        return None

    def _is_repeated(self, message: object) -> bool:
        """Say whether the message of a last chunk is what had come in pieces before, sent once more."""
        if not self.steps or not isinstance(message, dict):
            return False
        text = parts_of(message.get("content"))[0]
        calls = message.get("tool_calls")
        before = self.text.strip()
        if (before and before not in text) or not (text or calls):
            return False
        if text:
            self.content = [text]
        if calls:
            self.calls = Calls()
            self.calls.add(calls)
        return True

    def _add_delta(self, delta: Mapping[str, Any]) -> None:
        text, thought = parts_of(delta.get("content"))
        thought = reasoning_of(delta) or thought
        if not text and (refusal := delta.get("refusal")):
            text = parts_of(refusal)[0]
        if details := delta.get("reasoning_details"):
            for detail in entries(details):
                self._add_detail(detail)
        called = [told for told in (delta.get("tool_calls"), delta.get("function_call")) if told]
        if not (text or thought or called):
            return
        now = perf_counter()
        if thought:
            self.reasoning.append(thought)
        if text:
            self.content.append(text)
            self.characters += len(text)
            self.marks.append((now, self.characters))
        calls = [told for told in called if self.calls.add(told)]
        if calls and self.first_call is None:
            self.first_call = now
        if text or thought or calls:
            self.first = now if self.first is None else self.first
            self.steps += 1
            self.deltas += 1

    def _add_detail(self, piece: Mapping[str, Any]) -> None:
        """Continue the last block of reasoning, or begin one."""
        last = self.details[-1] if self.details else {}
        if not last or any(last.get(key) != piece.get(key) for key in ("type", "index")):
            self.details.append(dict(piece))
            return
        for key, value in piece.items():
            grows = key in ("text", "summary", "data") and isinstance(value, str)
            last[key] = f"{last.get(key) or ''}{value}" if grows else value or last.get(key)


def _joined(pieces: Sequence[str]) -> tuple[str, str]:
    """Return pieces as one text, and what had to be mended: some servers send all so far in each piece."""
    if len(pieces) > 2 and len(pieces[-1]) >= _SURELY_TWICE:
        pairs = pairwise(pieces)
        if all(len(a) < len(b) and b.startswith(a) for a, b in pairs):
            return whole_text(pieces[-1]), "text so far"
        before = "".join(pieces[:-1])
        if before == pieces[-1]:
            return whole_text(before), "text sent twice"
    return whole_text("".join(pieces)), ""
