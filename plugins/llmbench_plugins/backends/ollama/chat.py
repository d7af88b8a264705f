"""Asking Ollama in its native words, ``POST /api/chat``: its ``/v1`` knows no context size."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx
import msgspec

from llmbench.api import Completion, Message, Request, ToolSpec, Usage
from llmbench.errors import BackendError, ContextOverflowError, ProtocolError
from llmbench_plugins.backends.shared.answer import completion_of
from llmbench_plugins.backends.shared.cut_prompt import refuse_cut_prompt
from llmbench_plugins.backends.shared.faults import (
    BrokenOffError,
    BusyError,
    RefusedError,
    error_of,
    fault_in,
)
from llmbench_plugins.backends.shared.http import Endpoint
from llmbench_plugins.backends.shared.stream import Merged

PATH = "/api/chat"
_FIRST_TOKEN = Request(messages=(Message("user", "Say OK."),), max_tokens=1)
_UNREADABLE = re.compile(
    r"XML syntax error|invalid character|unexpected end of JSON|unmarshal|invalid format"
)
"""How Ollama's parsers of tool calls complain, each in the words of its library."""
_SECOND_NS = 1e9


class OllamaChat:
    """Chat with one model at one endpoint, always with the same context."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        tag: str,
        context: int,
        keep_alive: str,
        options: Mapping[str, Any],
        switches_thinking: bool,
        takes_tools: bool = True,
    ) -> None:
        """Prepare to ask; ``switches_thinking`` says that the model knows the word ``think``."""
        self.endpoint = endpoint
        self.tag = tag
        self.context = context
        # Another num_ctx or shift makes Ollama load the model anew: they are the same in all requests.
        self._common = {"model": tag, "truncate": False, "shift": False, "keep_alive": keep_alive}
        self._options = {**options, "num_ctx": context}
        self._switches_thinking = switches_thinking
        self.takes_tools = takes_tools

    async def complete(self, request: Request) -> Completion:
        """Answer one request.

        Raises:
            ContextOverflowError: prompt and answer do not fit, or Ollama cut the prompt unasked.
            ProtocolError: the answer can't be read, or Ollama could not read the model's tool call.
            BackendError: anything else, after bounded retries.
        """

        async def read(response: httpx.Response, started: float) -> Completion:
            merged = await read_lines(response, started, self.endpoint.shown_url + PATH)
            return _completion(merged, thinks=request.reasoning.style != "none")

        try:
            completion = await self.endpoint.post(PATH, msgspec.json.encode(self.payload(request)), read)
        except (BusyError, RefusedError, ContextOverflowError, ProtocolError):
            raise
        except BackendError as error:
            if request.tools and _UNREADABLE.search(str(error)):
                raise ProtocolError(str(error), raw=error.raw) from None
            raise
        cure = "raise model.sources.ollama.context, and update Ollama"
        refuse_cut_prompt(request, completion, context=self.context, server="Ollama", cure=cure)
        return completion

    async def first_token(self) -> None:
        """Make Ollama load the model and produce one token."""
        await self.complete(_FIRST_TOKEN)

    async def unload(self) -> None:
        """Make Ollama drop the model from memory."""

        async def read(response: httpx.Response, started: float) -> None:
            await response.aread()

        body = {"model": self.tag, "messages": [], "keep_alive": 0}
        await self.endpoint.post(PATH, msgspec.json.encode(body), read)

    def payload(self, request: Request) -> dict[str, Any]:
        """Return the body of a request."""
        payload: dict[str, Any] = {
            **self._common,
            "stream": True,
            "messages": list(_messages(request)),
            "options": {**dict(_sampler(request)), **self._options},
        }
        if request.tools and request.tool_choice != "none":
            payload["tools"] = [_tool(tool) for tool in request.tools]
        if self._switches_thinking:
            reasoning = request.reasoning
            payload["think"] = (reasoning.level or True) if reasoning.enabled else False
        return payload


async def read_lines(response: httpx.Response, started: float, url: str) -> Merged:
    """Read a stream of JSON lines to its end, merged into the shape of an OpenAI answer.

    Raises:
        BrokenOffError: it ended before ``done``, or a line is no JSON.
        BackendError: a line reports an error.
    """
    merged = Merged(started=started)
    rest = b""
    try:
        async for piece in response.aiter_raw():
            *lines, rest = (rest + piece).split(b"\n")
            _take(lines, merged, url)
        _take([rest], merged, url)
    except httpx.ReadTimeout:
        raise
    except httpx.TransportError as error:
        if not merged.done:
            raise _broken(merged, str(error) or type(error).__name__) from None
    if not merged.done:
        raise _broken(merged, "it ended before Ollama said that it is done")
    return merged


def _take(lines: Iterable[bytes], merged: Merged, url: str) -> None:
    for line in lines:
        if not line.strip():
            continue
        try:
            told = msgspec.json.decode(line)
        except msgspec.DecodeError as error:
            raise _broken(merged, f"a line is no JSON ({error}): {line[:200]!r}") from None
        if not isinstance(told, dict):
            raise _broken(merged, f"a line is no object: {line[:200]!r}")
        if fault := fault_in(told):
            raise error_of(fault, url=url)
        merged.done = bool(told.pop("done", False))
        choice = {"delta": told.pop("message", {}), "finish_reason": told.pop("done_reason", None)}
        merged.add({**told, "choices": [choice]})


def _completion(merged: Merged, *, thinks: bool) -> Completion:
    body = merged.body()
    timing = merged.timing(thinks=thinks)
    tokens, took_ns = body.get("eval_count"), body.get("eval_duration")
    if tokens and took_ns and tokens > 1:
        timing = replace(timing, decode_tokens_per_s=_SECOND_NS * tokens / took_ns)
    completion = completion_of(body, timing, thinks=thinks)
    # Zero fields are left out. The prompt's count includes cached tokens while its duration does not, so
    # that no prefill speed can be had from them.
    usage = Usage(prompt_tokens=body.get("prompt_eval_count"), completion_tokens=tokens)
    return replace(completion, usage=usage)


def _messages(request: Request) -> Iterator[Mapping[str, Any]]:
    names: dict[str, str] = {}
    for message in request.messages:
        told: dict[str, Any] = {"role": message.role, "content": message.content}
        if message.reasoning and request.reasoning.keep:
            told["thinking"] = message.reasoning
        if message.tool_calls:
            names |= {call.id: call.name for call in message.tool_calls}
            told["tool_calls"] = [
                {"id": call.id, "function": {"index": number, "name": call.name, "arguments": call.arguments}}
                for number, call in enumerate(message.tool_calls)
            ]
        if message.tool_call_id:
            told["tool_call_id"] = message.tool_call_id
            told["tool_name"] = names.get(message.tool_call_id, "")
        yield told


def _sampler(request: Request) -> Iterator[tuple[str, Any]]:
    sampling = request.sampling
    names = (
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "repeat_penalty",
        "presence_penalty",
        "frequency_penalty",
    )
    for name in names:
        value = getattr(sampling, name)
        if value is not None:
            yield name, value
    if sampling.stop:
        yield "stop", sampling.stop
    if request.seed is not None:
        yield "seed", request.seed
    yield "num_predict", request.max_tokens


def _tool(tool: ToolSpec) -> Mapping[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _broken(merged: Merged, why: str) -> BrokenOffError:
    pieces = len(merged.content) + len(merged.reasoning)
    raw = msgspec.json.encode(merged.body()).decode()
    return BrokenOffError(f"the stream broke off after {pieces} pieces: {why}", raw=raw)
