"""Asking ``POST /messages``: payload, sending, answer and its cost in one place."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx
import msgspec

from llmbench.api import Completion, Message, Request, Usage
from llmbench.errors import BackendError, BudgetError, LlmbenchError, ProtocolError, UsageError
from llmbench_plugins.backends.anthropic.claude import Claude
from llmbench_plugins.backends.anthropic.events import Events
from llmbench_plugins.backends.anthropic.memory import Blocks, Memory
from llmbench_plugins.backends.anthropic.payload import payload_of
from llmbench_plugins.backends.anthropic.prices import cost_of
from llmbench_plugins.backends.anthropic.thinking import has_budget, room_for, thinking_of
from llmbench_plugins.backends.shared.answer import completion_of
from llmbench_plugins.backends.shared.faults import RefusedError
from llmbench_plugins.backends.shared.foreign import count, section
from llmbench_plugins.backends.shared.http import Endpoint, pieces_of
from llmbench_plugins.backends.shared.merged import Merged
from llmbench_plugins.backends.shared.refusals import refused_fields
from llmbench_plugins.backends.shared.stream import read_answer

PATH = "/messages"
_SPENT = re.compile(r"credit balance|usage limits?\b|spend(?:ing)? limit", re.IGNORECASE)
_SPENT_CODE = "enforced_spend_limit_reached"
_CURES = {
    "temperature": "leave it out with sampling.temperature=null",
    "top_p": "leave it out with sampling.top_p=null",
    "top_k": "leave it out with sampling.top_k=null",
    "stop_sequences": "leave them out with sampling.stop=null",
    "thinking": "set model.reasoning.enabled to what this model can do (style=none leaves it to the model)",
    "output_config": "set model.reasoning.level=null",
    "tool_choice": "set agent.tool_choice=auto",
    "cache_control": "set backend.cache_prompt=false",
}


class ClaudeChat:
    """Messages at one endpoint, with one model."""

    def __init__(
        self,
        endpoint: Endpoint,
        claude: Claude,
        *,
        model: str,
        stream: bool,
        cache: bool,
        extra: Mapping[str, Any],
        warn: Callable[[str], None],
    ) -> None:
        """Prepare to ask ``model``; ``extra`` lies over every body, and null in it leaves a field out."""
        self.endpoint = endpoint
        self.claude = claude
        self.model = model
        self._stream = stream
        self._cache = cache
        self._extra = extra
        self._warn = warn
        self._warned = False
        self._memory = Memory()

    async def complete(self, request: Request) -> Completion:
        """Answer one request.

        Raises:
            BudgetError: the account has no credit left, or has reached its limit.
            ContextOverflowError: prompt and answer do not fit.
            RefusedError: a setting of the request is refused; the message says which option it is.
            BackendError: anything else, after bounded retries.
        """
        payload = self.payload(request)

        async def read(response: httpx.Response, started: float) -> Completion:
            url, idle_s = self.endpoint.shown_url + PATH, self.endpoint.idle_timeout_s
            merged = await read_answer(
                pieces_of(response),
                started,
                url,
                idle_s=idle_s,
                translate=Events(),
                arrived=self.endpoint.arrived,
            )
            return self._completion(merged, request)

        try:
            completion = await self.endpoint.post(PATH, msgspec.json.encode(payload), read)
        except BackendError as error:
            raise _judged(error, payload) from None
        self._memory.remember(completion)
        return completion

    async def first_token(self, request: Request) -> Completion:
        """Have the model answer with a token or a few, with the settings of what will be asked.

        Raises:
            UsageError: it does not take one of them; the message says which option it is.
        """
        try:
            return await self.complete(replace(request, max_tokens=room_for(request, self.claude)))
        except RefusedError as error:
            if error.cure:
                raise UsageError(str(error)) from None
            raise

    def payload(self, request: Request) -> dict[str, Any]:
        """Return the body of a request."""
        reasoning = request.reasoning
        rests = reasoning.style != "none" and not reasoning.enabled

        def recall(message: Message) -> Blocks:
            return () if rests else self._memory.recall(message, keep=reasoning.keep)

        payload = payload_of(request, model=self.model, stream=self._stream, cache=self._cache, recall=recall)
        thinking = {} if self._has_forgotten(request) else thinking_of(reasoning, self.claude)
        payload |= {**thinking, **self._extra}
        return {key: value for key, value in payload.items() if value is not None}

    def _has_forgotten(self, request: Request) -> bool:
        """Say whether signed thinking is gone that a budget would have to begin with, as after a restart."""
        if not has_budget(request.reasoning, self.claude):
            return False
        called = (message for message in request.messages if message.tool_calls)
        forgotten = any(not self._memory.recall(message, keep=False) for message in called)
        if forgotten and not self._warned:
            self._warned = True
            self._warn(
                "conversations that an earlier command began go on without thinking: what Claude thought "
                "before is signed, and gone"
            )
        return forgotten

    def _completion(self, merged: Merged, request: Request) -> Completion:
        completion = completion_of(merged, thinks=request.reasoning.style != "none")
        told = section(completion.raw, "usage")
        written = count(told.get("cache_creation_input_tokens")) or 0
        usage = _usage(told)
        cost = cost_of(self.model, usage, written=written)
        return replace(completion, usage=replace(usage, cost_usd=cost))


def _usage(told: Mapping[str, Any]) -> Usage:
    """Return the tokens of an answer; what was read from the cache, or written, is a part of the prompt."""
    fresh = count(told.get("input_tokens"))
    cached = count(told.get("cache_read_input_tokens"))
    written = count(told.get("cache_creation_input_tokens"))
    return Usage(
        prompt_tokens=None if fresh is None else fresh + (cached or 0) + (written or 0),
        completion_tokens=count(told.get("output_tokens")),
        reasoning_tokens=count(section(told, "output_tokens_details").get("thinking_tokens")),
        cached_tokens=cached,
    )


def _judged(error: BackendError, payload: Mapping[str, Any]) -> LlmbenchError:
    """Return what an error means: no money left, a setting to change, or itself."""
    if isinstance(error, ProtocolError):
        return error
    # A part of the answer may stand in what was sent: only the code is looked for there.
    if _SPENT.search(str(error)) or _SPENT_CODE in error.raw:
        return BudgetError(f"{error}; look at https://platform.claude.com/settings/billing")
    if isinstance(error, RefusedError) and (cure := "; ".join(_cures(error, payload))):
        return RefusedError(str(error), raw=error.raw, fault=error.fault, cure=cure)
    return error


def _cures(error: RefusedError, payload: Mapping[str, Any]) -> Iterator[str]:
    for name in refused_fields(error.fault, payload):
        if name in _CURES:
            yield _CURES[name]
