"""What is asked of a model, and what comes back: plain frozen data, the same for every backend."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal

from llmbench.api.options import option

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call that the model asked for; ``arguments`` is the decoded object, ``raw`` what it wrote."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    raw: str = ""
    problem: str = ""
    """Why what the model wrote is no call: no name, arguments that are no JSON object."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Role
    content: str
    reasoning: str = ""
    """Kept only where the model profile asks for reasoning to stay in the history."""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool as the model sees it; ``parameters`` is a JSON Schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Sampler settings; None leaves a setting to the server's default."""

    temperature: Annotated[float, option(ge=0)] | None = None
    top_p: Annotated[float, option(gt=0, le=1)] | None = None
    top_k: Annotated[int, option(ge=0)] | None = None
    min_p: Annotated[float, option(ge=0, le=1)] | None = None
    repeat_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """How a model thinks, and the budgets for thinking and answering, in tokens."""

    style: Literal["none", "separate", "inline"] = "none"
    """``separate``: the server returns it in a field of its own; ``inline``: in ``<think>`` tags."""
    enabled: bool = False
    level: Literal["low", "medium", "high"] | None = None
    think_tokens: Annotated[int, option(ge=0)] = 0
    answer_tokens: Annotated[int, option(ge=1)] = 4096
    keep: bool = False
    """Whether earlier reasoning stays in the history of later turns."""

    @property
    def max_tokens(self) -> int:
        """Tokens that one completion may use, thinking included."""
        return self.answer_tokens + (self.think_tokens if self.enabled else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to a backend."""

    messages: tuple[Message, ...]
    max_tokens: int
    sampling: Sampling = Sampling()
    reasoning: Reasoning = Reasoning()
    seed: int | None = None
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: Literal["auto", "required", "none"] = "auto"
    prompt_cache: bool = True
    """Whether the server may reuse what it computed for earlier prompts; not all can be told."""
    task: str = ""
    """The task's id and the sample's number: for logs and for `replay`, never sent to a server."""
    sample: int = 0


PROBE = Request(messages=(Message("user", "Say OK."),), max_tokens=1)
"""The smallest question: whoever answers it is ready."""


class Finish(StrEnum):
    """Why a completion ended."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens and cost; None means that the server did not say, which is not the same as 0."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds, and tokens per second as the server measured them (None where it does not say)."""

    wall_s: float = 0.0
    ttft_s: float | None = None
    """From sending to the first piece of reasoning, content or tool call; None without streaming."""
    first_answer_s: float | None = None
    """From sending to the first piece of content or tool call."""
    prefill_tokens_per_s: float | None = None
    decode_tokens_per_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One answer of a backend."""

    content: str
    finish: Finish
    finish_word: str = ""
    """The server's word for ``finish``, where it is none that is known: it was taken as ``stop``."""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage = Usage()
    timing: Timing = Timing()
    model: str = ""
    """The model's name as the server reports it."""
    provider: str = ""
    mended: Mapping[str, int] = field(default_factory=dict)
    """Faults of the server that the client repaired, by kind; the model's own mistakes are none of it."""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The response as received (for a stream: its last chunks merged), kept in the transcript."""
